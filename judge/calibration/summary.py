"""All that is known of one judge on one rubric, computed once.

Terminal, notebook, page and JSON show this object, so their numbers cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from judge.calibration.agreement.agreement import agreement
from judge.calibration.agreement.result import Agreement
from judge.calibration.agreement.stand_in import stand_in
from judge.calibration.agreement.stand_in_result import StandIn
from judge.calibration.comparison.repeats import Repeats, repeats
from judge.calibration.joined import Joined, join
from judge.calibration.judgements import Judgements
from judge.calibration.planning.plan import plan_labels
from judge.calibration.planning.result import LabelPlan
from judge.calibration.prevalence.prevalence import prevalence
from judge.calibration.prevalence.result import Prevalence
from judge.calibration.probability.calibrate import calibrate, check_calibration
from judge.calibration.probability.report import CalibrationReport
from judge.calibration.telling import Told
from judge.labels.label import LabelSource
from judge.labels.labels import HumanLabels
from judge.provenance import Frozen
from judge.statistics.estimate import Status
from judge.statistics.scores.roc import roc_points
from judge.store.calibration import Calibration
from judge.transcripts.types import Transcript

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Case", "RocCurve", "SeverityCounts", "Summary", "summarise"]

Cell = Literal["false_alarm", "missed", "both", "neither", "no_answer"]
CELLS: Mapping[Cell, str] = {
    "missed": "labelled present, judged absent",
    "false_alarm": "labelled absent, judged present",
    "no_answer": "labelled, and the judge gave no answer",
    "both": "labelled present, judged present",
    "neither": "labelled absent, judged absent",
}
"""In the order they are worth reading."""
NEXT_HALF_WIDTH = 0.03
"""What the labels to come are planned for, where nothing else is asked."""


class Case(Frozen):
    """One labelled transcript, and where it stands in the table."""

    transcript: str
    cell: Cell
    label: float
    """1 present, 0 absent; a share where labels are soft."""
    severity: float | None
    level: int | None
    score: float | None
    probability: float | None


class RocCurve(Frozen):
    """The rates at each threshold, from strict to loose."""

    false_alarms: tuple[float, ...]
    sensitivity: tuple[float, ...]
    at_certified: tuple[float, float] | None = None
    """The two rates at the certified threshold."""


class SeverityCounts(Frozen):
    """How many transcripts each rater gave each level, lowest first."""

    levels: int
    rows: tuple[tuple[str, tuple[int, ...]], ...]


class Summary(Told):
    """What `summarise` found; `judge.write_report` makes a page of it."""

    rubric: str
    judge: str
    """The model asked for, or that the table does not name it."""
    fingerprint: str | None
    source: LabelSource | None
    described: str
    sampling: str
    prevalence: Prevalence
    calibration: CalibrationReport
    held_out: bool
    """Whether the calibration was made on other labels, and these only test it."""
    agreement: Agreement
    stand_in: StandIn | None = None
    """None with fewer than two labelers."""
    next_labels: LabelPlan | None = None
    """None where the judge gave no verdict to draw by."""
    repeats: Repeats | None = None
    """None unless the same was asked several times."""
    cases: tuple[Case, ...]
    """Disagreements first."""
    roc: RocCurve | None = None
    severity: SeverityCounts | None = None
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """That of the rate; never better than caution on labels that are not human."""
        found = self.prevalence.status
        if found == "good" and (self.source != "human" or self._doubted):
            return "caution"
        return found

    @property
    def reason(self) -> str:
        """Why the status is not good, in sentences."""
        told = dict.fromkeys((*self.calibration.warnings, self.prevalence.reason))
        return " ".join(f"{_sentence(text)}." for text in told if text)

    @property
    def _doubted(self) -> bool:
        return self.calibration.status != "good"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; with status, reason and the sentence."""
        head = {
            "sentence": self.prevalence.sentence,
            "status": self.status,
            "reason": self.reason,
        }
        return head | {
            name: value.to_dict() if isinstance(value, Told | Agreement) else plain
            for name, plain in super().to_dict().items()
            for value in [getattr(self, name)]
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a labelled transcript, disagreements first."""
        import pandas as pd

        return pd.DataFrame(
            [case.model_dump() for case in self.cases], columns=list(Case.model_fields)
        )

    def in_cell(self, cell: Cell) -> list[Case]:
        """Return the transcripts of one cell of the table."""
        return [case for case in self.cases if case.cell == cell]

    def lines(self) -> list[str]:
        """Return plain text: the sentence, then each part under its heading."""
        told = [
            f"{self.rubric}, judged by {self.judge}, against {self.described}",
            f"{self.status.upper()}. {self.prevalence.sentence}.",
        ]
        told += [self.reason] * bool(self.reason)
        for heading, part in self._parts():
            told += ["", heading, *(f"  {line}" if line else "" for line in part)]
        return told

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        yield "HOW COMMON", self.prevalence.lines()[1:]
        yield "ERRORS AND PROBABILITIES", self.calibration.lines()
        if wrong := [
            case for case in self.cases if case.cell in ("missed", "false_alarm")
        ]:
            yield "WHERE THEY PART", [_case_line(case) for case in wrong]
        yield "AGREEMENT", self.agreement.lines()
        if self.stand_in is not None:
            yield "THE JUDGE AS A LABELER", self.stand_in.lines()
        if self.repeats is not None:
            yield "ASKED AGAIN", self.repeats.lines()
        if self.next_labels is not None:
            yield "NEXT LABELS", self.next_labels.lines()
        if self.notes:
            yield "NOTES", list(self.notes)

    def __repr__(self) -> str:
        return f"<summary of {self.rubric}: {self.status}, {self.prevalence.estimate}>"


def summarise(  # noqa: PLR0913 # keyword-only past the data
    run: object,
    labels: object,
    *,
    sampling: str = "unknown",
    rubric: str | None = None,
    calibration: Calibration | str | Path | None = None,
    again: Sequence[object] = (),
    transcripts: Iterable[Transcript] = (),
    cluster: str | None = None,
    adjudication: str = "majority",
    half_width: float = NEXT_HALF_WIDTH,
    seed: int = 0,
) -> Summary:
    """Measure a judge against labels in every way there is.

    Parameters
    ----------
    run
        A `Run`, assessments, a table, or a file of results.
    labels
        `HumanLabels`, a table or a file.
    sampling
        How the labelled transcripts were drawn, as in `calibrate`; without it rates
        have no interval.
    rubric
        Which, where there are several.
    calibration
        One made on other labels: these then only test it.
    again
        Further runs of the same judge over the same transcripts.
    transcripts
        The texts, for their lengths, where the run does not know them.
    cluster
        A column whose values keep transcripts together.
    adjudication
        As in `join`.
    half_width
        What the labels to come are planned for.
    seed
        Of all draws.

    Raises
    ------
    UsageError
        For arguments that cannot be used, or labels of other transcripts.
    """
    every = HumanLabels.load(labels)
    made = (
        Calibration.load(calibration)
        if isinstance(calibration, str | Path)
        else calibration
    )
    if rubric is None:
        rubric = made.rubric if made is not None else _only(every)
    judged = Judgements.of(run, rubric)
    if judged.frame["length"].isna().all() and (texts := list(transcripts)):
        judged = judged.with_lengths(texts)
    joined = join(judged, every, adjudication=adjudication)
    drawn: dict[str, Any] = {
        "sampling": sampling,
        "cluster": cluster,
        "adjudication": adjudication,
        "seed": seed,
    }
    # Labels of other transcripts tell nothing of this run; a note says how many.
    known = set(joined.judgements.frame.index)
    about = HumanLabels(x for x in joined.labels if x.transcript in known)
    fitted = (
        calibrate(judged, about, **drawn)
        if made is None
        else check_calibration(made, judged, about, **drawn)
    )
    asked = [judged, *(Judgements.of(one, judged.rubric) for one in again)]
    several = len(about.raters.labelers) > 1
    return Summary(
        rubric=judged.rubric,
        judge=fitted.model or "a judge that the table does not name",
        fingerprint=fitted.fingerprint,
        source=joined.source,
        described=about.described,
        sampling=sampling,
        prevalence=prevalence(judged, about, **drawn),
        calibration=fitted,
        held_out=made is not None,
        agreement=agreement(about, judged, seed=seed),
        stand_in=stand_in(about, judged, seed=seed) if several else None,
        next_labels=plan_labels(judged, about, half_width=half_width, seed=seed)
        if judged.fingerprints
        else None,
        repeats=repeats(asked, seed=seed) if again else None,
        cases=tuple(_cases(joined, fitted.calibration)),
        roc=_roc(joined, fitted),
        severity=_severities(joined),
        notes=tuple(joined.notes),
    )


def _only(labels: HumanLabels) -> str | None:
    return labels.rubrics[0] if len(labels.rubrics) == 1 else None


def _cases(joined: Joined, calibration: Calibration | None) -> Iterator[Case]:
    order = list(CELLS)
    found = [
        _case(str(name), row, calibration) for name, row in joined.frame.iterrows()
    ]
    yield from sorted(
        found,
        key=lambda c: (
            order.index(c.cell),
            -abs((c.score or 0) - c.label),
            c.transcript,
        ),
    )


def _case(name: str, row: Any, calibration: Calibration | None) -> Case:
    score = _number(row["score"])
    level = _number(row["level"])
    known = calibration is not None and score is not None
    return Case(
        transcript=name,
        cell=_cell(row["y"], row["present"]),
        label=float(row["y"]),
        severity=_number(row["severity"]),
        level=None if level is None else int(level),
        score=score,
        probability=calibration.probability(score) if known else None,  # type: ignore[union-attr,arg-type]  # both known
    )


def _cell(y: float, present: Any) -> Cell:
    import pandas as pd

    if pd.isna(present):
        return "no_answer"
    if y > 0.5:
        return "both" if present else "missed"
    return "false_alarm" if present else "neither"


def _number(value: Any) -> float | None:
    import pandas as pd

    return None if pd.isna(value) else float(value)


def _roc(joined: Joined, fitted: CalibrationReport) -> RocCurve | None:
    frame = joined.scored
    frame = frame[frame["y"] != 0.5]
    truth = frame["y"].to_numpy(dtype=float) > 0.5
    scores = frame["score"].to_numpy(dtype=float)
    if truth.all() or not truth.any():
        return None
    curve = roc_points(scores, truth)
    line, at = fitted.threshold.value, None
    if line is not None:
        at = (
            float((scores[~truth] >= line).mean()),
            float((scores[truth] >= line).mean()),
        )
    return RocCurve(
        false_alarms=tuple(curve.false_alarms.tolist()),
        sensitivity=tuple(curve.sensitivity.tolist()),
        at_certified=at,
    )


def _severities(joined: Joined) -> SeverityCounts | None:
    about = joined.labels.raters.frame
    about = about[
        about["severity"].notna() & about["transcript"].isin(joined.frame.index)
    ]
    if about.empty:
        return None
    judged = joined.frame["level"].dropna().to_numpy(dtype=int)
    said = {
        str(name): part["severity"].to_numpy(dtype=int)
        for name, part in about.groupby("labeler")
    } | {"the judge": judged}
    levels = 1 + max(4, *(int(given.max(initial=0)) for given in said.values()))
    return SeverityCounts(
        levels=levels,
        rows=tuple(
            (name, tuple(np.bincount(given, minlength=levels).tolist()))
            for name, given in said.items()
        ),
    )


def _case_line(case: Case) -> str:
    level = "-" if case.level is None else str(case.level)
    severity = "-" if case.severity is None else f"{case.severity:g}"
    score = "-" if case.score is None else f"{case.score:.2f}"
    return (
        f"{case.transcript}: {CELLS[case.cell]}; severity {severity}, judge level "
        f"{level}, score {score}"
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".")
