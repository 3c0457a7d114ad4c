"""How grave the behaviour is: the mean level, and the share from each level on."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from judge.calibration.joined import join
from judge.calibration.prevalence.beside import label_warnings
from judge.calibration.prevalence.case import FEWEST
from judge.calibration.prevalence.result import drawn_how, labels_called
from judge.calibration.prevalence.strata import stratify
from judge.calibration.telling import Told
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.prediction_powered import prediction_powered_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CutShare", "Severity", "mean_severity"]


class CutShare(Frozen):
    """The share of transcripts at a level or above."""

    level: int
    share: Estimate


class Severity(Told):
    """What `mean_severity` found."""

    rubric: str
    mean: Estimate
    """In levels, the labels' scale; a mean hides how it comes about."""
    judge_alone: float | None
    """Mean level of the judge."""
    at_least: tuple[CutShare, ...]
    """The better figures: each is a prevalence of its own."""
    sampling: str
    source: LabelSource | None
    judged: int
    labelled: int
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        return self.mean.status

    def to_frame(self) -> pd.DataFrame:
        """Return one row a level."""
        import pandas as pd

        return pd.DataFrame(
            [{"level": cut.level} | cut.share.model_dump() for cut in self.at_least]
        )

    def lines(self) -> list[str]:
        """Return plain text, the mean first."""
        what = self.rubric.replace("_", " ")
        alone = "no level" if self.judge_alone is None else f"{self.judge_alone:.2f}"
        told = [
            f"Mean severity of {what} over {self.judged:,} judged, corrected by PPI++: "
        ]
        told[0] += f"{self.mean}, from {self.labelled:,} {labels_called(self.source)} "
        told[0] += f"{drawn_how(self.sampling)}; the judge alone says {alone}."
        if self.mean.status == "caution":
            told.append(f"caution: {self.mean.reason}; {self.mean.remedy}")
        told += [
            f"  level {cut.level} or above: {cut.share}, n {cut.share.n:,}"
            for cut in self.at_least
        ]
        return [*told, *(f"  note: {warning}" for warning in self.warnings)]


def mean_severity(
    run: object,
    labels: object,
    *,
    sampling: str,
    rubric: str | None = None,
    adjudication: str = "majority",
    confidence: float = 0.95,
) -> Severity:
    """Estimate the mean level, and the share of transcripts from each level on.

    The mean is `prediction_powered_mean` with the judge's level as prediction, within
    each verdict where labels were drawn by verdict.  The shares are post-stratified, as
    a prevalence is; several labelers count by their median.

    Parameters
    ----------
    run, labels, rubric, adjudication
        As for `prevalence`.
    sampling
        ``"random"`` or ``"by_judge"``; with anything else it is refused.

    Raises
    ------
    UsageError
        As `join`.
    """
    joined = join(run, labels, rubric=rubric, adjudication=adjudication)
    judged = joined.judgements.frame
    judged = judged[judged["level"].notna()]
    labelled = joined.frame
    labelled = labelled[labelled["level"].notna() & labelled["severity"].notna()]
    refused = _refusal(len(labelled), sampling)
    mean = refused or _mean(judged, labelled, sampling, confidence)
    cuts = [] if refused else _cuts(judged, labelled, confidence)
    return Severity(
        rubric=joined.rubric,
        mean=mean,
        judge_alone=float(judged["level"].mean()) if len(judged) else None,
        at_least=tuple(cuts),
        sampling=sampling,
        source=joined.source,
        judged=len(judged),
        labelled=len(labelled),
        warnings=tuple(label_warnings(joined)),
    )


def _refusal(n: int, sampling: str) -> Estimate | None:
    if n < FEWEST:
        return Estimate.refused(
            f"{n} transcripts with a severity from labelers and judge are fewer than "
            f"{FEWEST}",
            remedy=f"give {FEWEST - n} more a severity",
            n=n,
        )
    if sampling not in ("random", "by_judge"):
        return Estimate.refused(
            f"it needs labels drawn at random or by verdict, not {sampling!r}",
            remedy="say sampling='random' or 'by_judge' if they were",
            n=n,
        )
    return None


def _mean(
    judged: pd.DataFrame, labelled: pd.DataFrame, sampling: str, confidence: float
) -> Estimate:
    if sampling == "random":
        return _powered(judged, labelled, confidence)
    parts = []
    for verdict in (True, False):
        of_it = judged[(judged["present"] == verdict).fillna(value=False)]
        known = labelled[(labelled["present"] == verdict).fillna(value=False)]
        if len(of_it):
            parts.append((len(of_it), _powered(of_it, known, confidence)))
    if bad := next((part for _, part in parts if part.status == "refused"), None):
        return bad
    every = sum(n for n, _ in parts)
    value = sum(n / every * (part.value or 0.0) for n, part in parts)
    half = sqrt(sum((n / every * (part.width or 0.0) / 2) ** 2 for n, part in parts))
    together = parts[0][1].model_copy(
        update={
            "value": value,
            "low": value - half,
            "high": value + half,
            "n": len(labelled),
            "method": "PPI++ within verdict",
            "status": "good",
            "reason": "",
            "remedy": "",
        }
    )
    doubted = next((part for _, part in parts if part.status == "caution"), None)
    if doubted is None:
        return together
    return together.doubted(doubted.reason, remedy=doubted.remedy)


def _powered(
    judged: pd.DataFrame, labelled: pd.DataFrame, confidence: float
) -> Estimate:
    others = judged.loc[~judged.index.isin(labelled.index), "level"]
    if others.empty:  # all are labelled: their mean is the answer, as if of a sample
        others = judged["level"]
    return prediction_powered_mean(
        labelled["severity"].astype(float).tolist(),
        labelled["level"].astype(float).tolist(),
        others.astype(float).tolist(),
        confidence=confidence,
    )


def _cuts(
    judged: pd.DataFrame, labelled: pd.DataFrame, confidence: float
) -> list[CutShare]:
    top = int(max(labelled["severity"].max(), judged["level"].max()))
    told = []
    for level in range(1, top + 1):
        y = (labelled["severity"] >= level).astype(float).tolist()
        found = stratify(judged, labelled, y=y)
        share = post_stratified(*found.counts, confidence=confidence)
        told.append(CutShare(level=level, share=share))
    return told
