"""Whether a judge can stand in for a labeler, and how that is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from judge.calibration.telling import Told, counted
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AnnotatorTest", "Seated", "StandIn", "Standing"]

Standing: TypeAlias = Literal["non-inferior", "not shown", "inferior", "refused"]


class Seated(Frozen):
    """The judge in the place of one labeler."""

    labeler: str
    n: int
    """Transcripts counted that this labeler rated."""
    alpha_with_judge: float | None = None
    alpha_with_others: float | None = None
    """Mean over the other labelers."""
    tested: bool = False
    """Whether the alternative annotator test had enough of this labeler."""
    left_out: str = ""
    """Why it had not."""
    p_value: float | None = None
    """That the judge is less than epsilon worse, adjusted over labelers."""
    advantage: float | None = None
    """Share of transcripts where it does at least as well against the others."""
    sensitivity: float | None = None
    """Of what the other labelers call present, the share this one does."""
    specificity: float | None = None
    judge_sensitivity: float | None = None
    """The judge's, against the same other labelers."""
    judge_specificity: float | None = None


class AnnotatorTest(Frozen):
    """The alternative annotator test as it came out."""

    verdict: Literal["passes", "does not pass", "refused"]
    reason: str = ""
    remedy: str = ""
    caution: str = ""
    balanced: bool
    """Whether present and absent weigh the same; the published test has neither."""
    gated: bool
    """Whether it must find the present ones as often as the worst labeler."""
    epsilon: float
    winning_rate: float | None = None
    advantage: float | None = None
    judge_sensitivity: float | None = None
    judge_specificity: float | None = None
    worst_sensitivity: float | None = None
    """Of the labelers, the lowest."""
    worst_specificity: float | None = None


class StandIn(Told):
    """What `stand_in` found."""

    rubric: str
    source: LabelSource
    """Who made the labels: human, author or model."""
    described: str
    on: Literal["label", "severity"]
    margin: float
    """How much less than they do the judge may agree; stated beforehand."""
    standing: Standing
    transcripts: int
    """With an answer by the judge and by two labelers or more; no others count."""
    difference: Estimate
    """Mean alpha of judge with labeler minus that of labeler with labeler."""
    with_judge: Estimate
    among_labelers: Estimate
    annotator: AnnotatorTest
    labelers: tuple[Seated, ...]
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        return self.difference.status

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return self.model_dump(mode="json") | {"status": self.status}

    def to_frame(self) -> pd.DataFrame:
        """One row a labeler."""
        import pandas as pd

        columns = list(Seated.model_fields)
        rows = [seated.model_dump() for seated in self.labelers]
        return pd.DataFrame(rows, columns=columns)

    def lines(self) -> list[str]:
        """Return plain text, the conclusion first."""
        return [
            _conclusion(self),
            f"From {self.described}.",
            *_difference_lines(self),
            *(_labeler_line(seated) for seated in self.labelers),
            *_annotator_lines(self.annotator),
            *(f"Note: {note}." for note in self.notes),
        ]

    def __repr__(self) -> str:
        return f"<stand-in on {self.rubric}: {self.standing}, {self.difference}>"


def _conclusion(found: StandIn) -> str:
    who = _who(found.source)
    on = f"On {found.rubric}{', by severity,' if found.on == 'severity' else ''} "
    margin = f"margin {found.margin:.2f} of alpha, stated beforehand"
    told = {
        "non-inferior": (
            f"the judge agrees with {who} about as well as they do with each other "
            f"({margin})."
        ),
        "not shown": (
            f"it is not shown that the judge agrees with {who} about as well as they "
            f"do with each other, nor that it does not ({margin})."
        ),
        "inferior": (
            f"the judge agrees with {who} less than they do with each other, by more "
            f"than the {margin}."
        ),
        "refused": (
            f"it cannot be said whether the judge agrees with {who} as well as they do "
            "with each other."
        ),
    }
    return on + told[found.standing]


def _who(source: LabelSource) -> str:
    return {"human": "people", "author": "the authors", "model": "the models"}[source]


def _difference_lines(found: StandIn) -> Iterator[str]:
    gap = found.difference
    n = counted(found.transcripts, "transcript")
    if gap.value is None:
        yield f"Agreement: {gap} (n {n})."
        return
    yield (
        f"Difference of alpha: {gap}, n {n}: {found.with_judge} with the judge, "
        f"{found.among_labelers} among the labelers."
    )
    if gap.status == "caution":
        yield f"Caution: {gap.reason}; {gap.remedy}."


def _labeler_line(seated: Seated) -> str:
    told = [f"  {seated.labeler or '(no name)'}:"]
    if seated.alpha_with_judge is not None:
        told.append(f"alpha {_alpha(seated.alpha_with_judge)} with the judge,")
        told.append(f"{_alpha(seated.alpha_with_others)} with the others,")
    told.append(f"n {seated.n:,}")
    if seated.left_out:
        told.append(f"(not in the annotator test: {seated.left_out})")
    return " ".join(told)


def _alpha(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _annotator_lines(test: AnnotatorTest) -> Iterator[str]:
    asks = ["class-balanced" if test.balanced else "not class-balanced"]
    asks += ["gated on sensitivity"] if test.gated else ["not gated"]
    head = f"Alternative annotator test ({', '.join(asks)}, epsilon {test.epsilon:.2f})"
    told = f"{head}: {test.verdict}"
    told += f": {test.reason}" if test.reason else ""
    yield f"{told}; {test.remedy}." if test.remedy else f"{told}."
    if test.winning_rate is not None:
        yield (
            f"  It may take the place of {_percent(test.winning_rate)} of the labelers "
            f"and does at least as well as they on {_percent(test.advantage)} of "
            f"{'each kind' if test.balanced else 'the transcripts'}."
        )
    known = (test.judge_sensitivity, test.judge_specificity)
    if known != (None, None):
        yield (
            f"  Of what most others call present the judge finds "
            f"{_percent(test.judge_sensitivity)} (the worst labeler "
            f"{_percent(test.worst_sensitivity)}), of what they call absent "
            f"{_percent(test.judge_specificity)} ({_percent(test.worst_specificity)})."
        )
    if not (test.balanced and test.gated):
        yield "  In this form a judge that always says no passes where yes is rare."
    if test.caution:
        yield f"  Caution: {test.caution}."


def _percent(share: float | None) -> str:
    return "an unknown share" if share is None else f"{100 * share:.0f} %"
