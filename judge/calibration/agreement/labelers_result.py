"""How labelers label, and how that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judge.calibration.telling import Told
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Labeler", "LabelerStrictness"]


class Labeler(Frozen):
    """How one labeler labels."""

    labeler: str
    n: int
    """Labels of present or absent, first answers only."""
    unsure: int
    share: Estimate
    """Of those present."""
    strictness: Estimate
    """Log odds of a higher severity than the mean labeler's, on the same transcript."""
    sensitivity: float | None = None
    """By Dawid and Skene: a diagnostic, not an estimate."""
    specificity: float | None = None


class LabelerStrictness(Told):
    """What `labeler_strictness` found."""

    rubric: str
    source: LabelSource
    described: str
    labelers: tuple[Labeler, ...]
    shared: int
    """Transcripts that all of the labelers labelled."""
    spread: float | None = None
    """Standard deviation of transcripts' severity on the scale of strictness."""
    doubts: tuple[str, ...] = ()
    """Why sensitivity and specificity are missing or to be doubted."""
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        return "good" if self.labelers else "refused"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return self.model_dump(mode="json") | {"status": self.status}

    def to_frame(self) -> pd.DataFrame:
        """One row a labeler; estimates as value, low and high."""
        import pandas as pd

        return pd.DataFrame([_flat(labeler) for labeler in self.labelers])

    def lines(self) -> list[str]:
        """Return plain text, one line a labeler."""
        told = [f"How labelers of {self.rubric} label: {self.described}."]
        for one in self.labelers:
            unsure = f", {one.unsure:,} unsure" if one.unsure else ""
            told.append(
                f"  {one.labeler or '(no name)'}: present {one.share}, n {one.n:,}"
                f"{unsure}{_strictness(one.strictness)}{_diagnosed(one)}"
            )
        reasons = dict.fromkeys(
            str(x.strictness) for x in self.labelers if x.strictness.value is None
        )
        told += [f"Strictness: {reason}." for reason in reasons]
        told += [f"Sensitivity and specificity: {doubt}." for doubt in self.doubts]
        return [*told, *(f"Note: {note}." for note in self.notes)]

    def __repr__(self) -> str:
        return f"<how {len(self.labelers)} labelers label {self.rubric}>"


def _strictness(estimate: Estimate) -> str:
    return "" if estimate.value is None else f"; strictness {estimate}"


def _diagnosed(one: Labeler) -> str:
    if one.sensitivity is None or one.specificity is None:
        return ""
    return (
        f"; sensitivity {100 * one.sensitivity:.0f} %, specificity "
        f"{100 * one.specificity:.0f} %"
    )


def _flat(one: Labeler) -> dict[str, Any]:
    row: dict[str, Any] = one.model_dump(exclude={"share", "strictness"})
    for name in ("share", "strictness"):
        estimate = getattr(one, name)
        row |= {name: estimate.value}
        row |= {f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return row
