"""How common a behaviour is: the estimate, what stands beside it, how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from judge.calibration.telling import Told, counted
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Condition", "Prevalence", "StratumShare", "drawn_how", "labels_called"]

Condition = Literal[
    "as_asked",  # nothing stands in the way
    "sampling_unknown",  # nobody said how the labels were drawn
    "few_labels",  # fewer than 20
    "no_positive",  # no label is positive: an upper bound alone
    "bare_stratum",  # a verdict of the judge has no label
    "mixed_fingerprints",  # the run has results of several judges
    "other_judge",  # the labels' judge is not the one that judged here
    "other_target",  # a target model of the run has no label
    "wider_than_labels",  # the correction gains nothing over the labels alone
    "one_verdict",  # the judge says the same of all
    "all_unscored",  # the judge gave no verdict
    "borrowed_errors",  # the judge's errors elsewhere cannot be carried over
]
_DRAWN = {
    "random": "drawn at random",
    "by_judge": "random within verdict",
    "weighted": "drawn with known probabilities",
    "borrowed": "of other transcripts",
}


class StratumShare(Frozen):
    """A stratum: what was judged, labelled and found in it."""

    name: str
    judged: int
    labelled: int
    positives: float
    share: Estimate


class Prevalence(Told):
    """What `prevalence` found; ``estimate`` is the figure to quote."""

    rubric: str
    condition: Condition = "as_asked"
    """What, by name, stood in the way or asks for caution."""
    estimate: Estimate
    corrected: Estimate
    """From labels and judge together; `estimate`, unless the labels alone say more."""
    check: Estimate | None = None
    """The same in closed form (MOVER)."""
    judge_alone: Estimate
    """How often the judge says present: no estimate of the behaviour."""
    humans_only: Estimate
    """From the labels alone, whoever made them: see ``source``."""
    point: float | None = None
    """The corrected share without an interval, for where none can be given."""
    method: str = ""
    sampling: str
    source: LabelSource | None
    judged: int
    """Transcripts with a verdict or an abstention that the estimate is about."""
    labelled: int
    positives: float
    abstained: int = 0
    unscored: int = 0
    left_out: int = 0
    """Abstained transcripts without any label, left out of the estimate."""
    worst_case: tuple[float, float] | None = None
    """Lower and upper limit over all transcripts, were those without a verdict all
    absent, and all present."""
    table: Mapping[str, Mapping[str, float]]
    """Labelled transcripts by the judge's answer, then by label."""
    strata: tuple[StratumShare, ...] = ()
    design_effect: float = 1.0
    """How many times clusters multiply the variance."""
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        return self.estimate.status

    @property
    def reason(self) -> str:
        return self.estimate.reason

    @property
    def remedy(self) -> str:
        """What would lift the reason."""
        return self.estimate.remedy

    @property
    def sentence(self) -> str:
        """The whole of it in one sentence."""
        what = self.rubric.replace("_", " ")
        judge = f"the judge alone says {_plain(self.judge_alone)}"
        if self.status == "refused":
            return f"No rate of {what} can be given: {self.reason}; {judge}"
        labels = f"{self.labelled:,} {labels_called(self.source)}"
        labels = labels.removesuffix("s") if self.labelled == 1 else labels
        told = f"{self.estimate} of {self.judged:,} judged show {what}, from {labels}"
        drawn = drawn_how(self.sampling)
        if self.labelled == self.judged:
            drawn = "that cover them all"
        told = f"{told[0].upper()}{told[1:]} {drawn}"
        if self.sampling == "borrowed":
            told += ", which assumes the judge errs as often here as there"
        return f"{told}; {judge}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; with status, reason, remedy and the sentence."""
        told = {
            "sentence": self.sentence,
            "status": self.status,
            "reason": self.reason,
            "remedy": self.remedy,
        }
        return told | super().to_dict()

    def to_frame(self) -> pd.DataFrame:
        """Return one row an estimate: the corrected, its check, and those beside it."""
        import pandas as pd

        return pd.DataFrame(
            [{"estimate": name} | one.model_dump() for name, one in self.rows()]
        )

    def rows(self) -> list[tuple[str, Estimate]]:
        """Each estimate with the name it is told by, for tables and forest plots."""
        told: list[tuple[str, Estimate]] = []
        if self.corrected.status != "refused" or self.status != "refused":
            told.append(("corrected", self.corrected))
        elif self.point is not None:
            bare = Estimate(value=self.point, n=self.labelled, method="no interval")
            told.append(("corrected", bare))
        if self.check is not None:
            told.append(("corrected, closed form", self.check))
        whose = f" ({self.source})" if self.source != "human" else ""
        alone = "people's labels only" if self.source == "human" else "labels only"
        return [
            *told,
            (f"{alone}{whose}", self.humans_only),
            ("judge alone", self.judge_alone),
        ]

    def lines(self) -> list[str]:
        """Return plain text, the sentence first."""
        told = [f"{self.sentence}."]
        if self.status != "good":
            told.append(f"{self.status}: {self.reason}")
            told += [f"what would lift it: {self.remedy}"] * bool(self.remedy)
        told += [f"  {name}: {_told(one)}" for name, one in self.rows()]
        told += self._aside()
        told.append("  labelled transcripts, by what the judge says:")
        told += [
            f"    {verdict}: {cells['present']:g} present, {cells['absent']:g} absent"
            for verdict, cells in self.table.items()
        ]
        if len(self.strata) > 1:
            told.append("  strata:")
            told += [f"    {_stratum(one)}" for one in self.strata]
        return [*told, *(f"  note: {warning}" for warning in self.warnings)]

    def _aside(self) -> list[str]:
        """Return what has no verdict, and what it could do to the rate."""
        told = []
        if self.abstained:
            told.append(f"  abstained: {self.abstained:,}")
        if self.unscored:
            told.append(f"  unscored: {self.unscored:,}")
        if self.worst_case is not None:
            low, high = (100 * limit for limit in self.worst_case)
            told.append(
                f"  over all, those without a verdict absent or present: {low:.1f} to "
                f"{high:.1f} %"
            )
        return told

    def __repr__(self) -> str:
        return f"<prevalence of {self.rubric}: {self.estimate}, n {self.labelled}>"


def labels_called(source: LabelSource | None) -> str:
    """Return what labels of a source are called; only people's are human."""
    return f"{source} labels" if source else "labels"


def drawn_how(sampling: str) -> str:
    """Return in words how labels were drawn."""
    return _DRAWN.get(sampling, "drawn nobody knows how")


def _plain(estimate: Estimate) -> str:
    return "nothing" if estimate.value is None else f"{100 * estimate.value:.1f} %"


def _told(estimate: Estimate) -> str:
    if estimate.status == "refused":
        return str(estimate)
    method = f" ({estimate.method})" if estimate.method else ""
    return f"{estimate}, n {estimate.n:,}{method}"


def _stratum(one: StratumShare) -> str:
    told = f"{one.name}: {one.judged:,} judged, {counted(one.labelled, 'label')}"
    if not one.labelled:
        return told
    return f"{told}, {one.positives:g} positive: {one.share}"
