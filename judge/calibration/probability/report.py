"""What is known of a judge's scores against labels, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from judge.calibration.probability.discrimination import Counts, Discrimination
from judge.calibration.probability.reliability import Reliability
from judge.calibration.telling import Told, counted
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate
from judge.store.calibration import Calibration, Sampling

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CalibrationReport", "CertifiedThreshold"]

_WORDS: Mapping[str, str] = {
    "random": "drawn at random",
    "by_judge": "drawn at random within the judge's verdicts",
    "weighted": "drawn with known probabilities",
    "borrowed": "of other transcripts than those judged, taken to be like them",
    "unknown": "drawn nobody knows how",
}


class CertifiedThreshold(Frozen):
    """The lowest score from which false alarms are certified to be rare."""

    value: float | None
    """None where nothing can be promised; ``false_alarms`` says why."""
    rate: float
    delta: float
    alarms: int
    benign: int
    false_alarms: Estimate
    sensitivity: Estimate
    """On labels that did not pick it."""
    told: str


class CalibrationReport(Told):
    """A calibration and what it is worth, or why there is none.

    Printed, it says all of it; `to_frame` is the table of its figures.
    """

    rubric: str
    model: str | None = None
    fingerprint: str | None = None
    """Of the judge; None for a table of results, which does not carry it."""
    source: LabelSource
    described: str
    """The labels, in words."""
    sampling: Sampling
    counts: Counts
    discrimination: Discrimination
    calibration: Calibration | None = None
    refusal: str = ""
    """Why there is no calibration, and what would lift it."""
    fitted: str = ""
    """By which map the figures are, kept or not; empty where none was fitted."""
    log_losses: Mapping[str, float] = {}
    """Out of fold, by method; empty where none was chosen from."""
    reliability: Reliability | None = None
    threshold: CertifiedThreshold
    warnings: tuple[str, ...] = ()
    """What makes the figures doubtful."""
    notes: tuple[str, ...] = ()
    """What of labels and run did not match."""

    @property
    def status(self) -> Literal["good", "caution", "refused"]:
        if self.calibration is None:
            return "refused"
        return "caution" if self.warnings else "good"

    def rows(self) -> Iterator[tuple[str, Estimate]]:
        """Yield every figure under the words it is written with."""
        yield from self.discrimination.rows()
        if self.reliability is not None:
            yield from self.reliability.rows()

    def to_frame(self) -> pd.DataFrame:
        """One row a figure: value, low, high, n, status, reason."""
        import pandas as pd

        told = ("value", "low", "high", "n", "method", "status", "reason", "remedy")
        return pd.DataFrame(
            [
                {"figure": name, **{column: getattr(figure, column) for column in told}}
                for name, figure in self.rows()
            ],
            columns=["figure", *told],
        )

    def lines(self) -> list[str]:
        return [
            *self._head(),
            *self._table(),
            "How well it tells them apart:",
            *(
                f"  {name}: {figure}, n {figure.n:,}"
                for name, figure in self.discrimination.rows()
            ),
            *self._reliability(),
            f"Certified threshold: {self.threshold.told}",
            *(f"Warning: {warning}." for warning in self.warnings),
            *(f"Note: {note.rstrip('.')}." for note in self.notes),
        ]

    def _head(self) -> list[str]:
        judge = self.model or "a judge that the table does not name"
        told = [
            (
                f"{self.rubric}, judged by {judge}, against {self.described}, "
                f"{_WORDS[self.sampling]}."
            )
        ]
        made = self.calibration
        if made is None and self.fitted:
            return [
                *told,
                f"No calibration to keep: {self.refusal}.",
                f"Fitted here by {self.fitted} all the same, for the figures below.",
            ]
        if made is None:
            return [*told, f"No calibration: {self.refusal}"]
        on = made.fitted_on
        return [
            *told,
            (
                f"Calibrated by {made.calibrator.method} on {on.n:,} {on.source} "
                f"{'label' if on.n == 1 else 'labels'}, {on.positives:,} present; for "
                f"scores from {on.score_low:g} to {on.score_high:g}."
            ),
        ]

    def _table(self) -> list[str]:
        c = self.counts
        beside = [
            f"{n:,} {what}"
            for n, what in ((c.abstained, "abstained"), (c.unscored, "unscored"))
            if n
        ]
        more = f"; beside them {' and '.join(beside)}" if beside else ""
        return [
            f"Labels against verdicts, {counted(c.n, 'transcript')}{more}:",
            f"  labelled present: judged present {c.tp:,}, absent {c.fn:,}",
            f"  labelled absent: judged present {c.fp:,}, absent {c.tn:,}",
        ]

    def _reliability(self) -> list[str]:
        if self.reliability is None:
            return []
        head = f"What the probabilities are worth, {self.reliability.tested}:"
        return [head, *self.reliability.lines()]

    def __repr__(self) -> str:
        made = self.calibration
        told = "none" if made is None else made.calibrator.method
        return (
            f"<calibration report of {self.rubric}: {told}, {self.counts.n:,} labelled"
            f" and settled, {self.status}>"
        )
