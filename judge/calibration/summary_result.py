"""What is known of one judge on one rubric, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from judge.calibration.agreement.result import Agreement
from judge.calibration.agreement.stand_in_result import StandIn
from judge.calibration.comparison.drift_result import Drift
from judge.calibration.comparison.repeats import Repeats
from judge.calibration.planning.result import LabelPlan
from judge.calibration.prevalence.result import Prevalence
from judge.calibration.prevalence.severity import Severity
from judge.calibration.probability.report import CalibrationReport
from judge.calibration.telling import Told
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CELLS", "Case", "Cell", "RocCurve", "SeverityCounts", "Summary"]

Cell = Literal["false_alarm", "missed", "both", "neither", "no_answer", "unsettled"]
CELLS: Mapping[Cell, str] = {
    "missed": "labelled present, judged absent",
    "false_alarm": "labelled absent, judged present",
    "no_answer": "labelled, and the judge gave no answer",
    "unsettled": "labelled half present, half absent",
    "both": "labelled present, judged present",
    "neither": "labelled absent, judged absent",
}
"""In the order they are worth reading."""
SHOWN = 30
"""Disagreements that are told line by line; `Summary.cases` has all."""


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
    drift: Drift | None = None
    """None unless an earlier judge's results are given."""
    cases: tuple[Case, ...]
    """Disagreements first."""
    roc: RocCurve | None = None
    severity: SeverityCounts | None = None
    graded: Severity | None = None
    """How severe; None where no label says."""
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
        fitted = self.calibration
        refused = fitted.refusal and f"no probabilities: {fitted.refusal}"
        told = dict.fromkeys((*fitted.warnings, self.prevalence.reason, refused))
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
            told += ["", heading, *(f"  {line}" for line in part if self._new(line))]
        if self.notes:
            told += ["", "NOTES", *(f"  {note}" for note in self.notes)]
        return told

    def _new(self, line: str) -> bool:
        """Whether a line of a part is no note that stands at the end for all."""
        bare = line.strip().removeprefix("note: ").removeprefix("Note: ")
        return bare.rstrip(".") not in {note.rstrip(".") for note in self.notes}

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        yield "HOW COMMON", self.prevalence.lines()[1:]
        yield "ERRORS AND PROBABILITIES", self.calibration.lines()
        if wrong := [
            case for case in self.cases if case.cell in ("missed", "false_alarm")
        ]:
            yield "WHERE THEY PART", list(_case_lines(wrong))
        yield "AGREEMENT", self.agreement.lines()
        if self.stand_in is not None:
            yield "THE JUDGE AS A LABELER", self.stand_in.lines()
        if self.repeats is not None:
            yield "ASKED AGAIN", self.repeats.lines()
        if self.drift is not None:
            yield "SINCE THE JUDGE BEFORE", self.drift.lines()
        if self.graded is not None:
            yield "HOW SEVERE", self.graded.lines()
        if self.next_labels is not None:
            yield "NEXT LABELS", self.next_labels.lines()

    def __repr__(self) -> str:
        return f"<summary of {self.rubric}: {self.status}, {self.prevalence.estimate}>"


def _case_lines(wrong: Sequence[Case]) -> Iterator[str]:
    yield from map(_case_line, wrong[:SHOWN])
    more = len(wrong) - SHOWN
    if more > 0:
        yield f"... and {more:,} more; written as CSV the report has them all"


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
