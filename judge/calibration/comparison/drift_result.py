"""What comparing a judge with its former self gives, and how it is told."""

from __future__ import annotations

from typing import Any

from judge.calibration.telling import Told, p_text
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status
from judge.statistics.multiplicity import holm

__all__ = ["Change", "Drift", "Power", "RateChange"]

SURE = 0.05
"""Error rate of all tests together."""
FEWEST = 6
"""Changed anchors below which the exact test can never come out."""


class Change(Frozen):
    """One thing about the judge that is not what it was, as JSON text."""

    what: str
    before: str
    after: str


class Power(Frozen):
    """The chance of finding a change of a given size with the anchors there are."""

    up: float
    """Share of anchors turned to present."""
    down: float
    chance: float


class RateChange(Frozen):
    """A rate of the old judge and of the new one on the same labelled anchors."""

    before: Estimate
    after: Estimate
    change: Estimate
    """In points, after minus before."""
    p_value: float
    """Two-sided, exact McNemar."""


class Drift(Told):
    """What `drift` found; ``up`` and ``down`` count anchors whose verdict turned."""

    rubric: str
    anchors: int
    """Transcripts both gave a verdict on, present or absent."""
    undecided: int
    """Transcripts in both on which either abstained or failed."""
    unshared: int
    """Transcripts in one of the two only."""
    fingerprint_before: str
    fingerprint_after: str
    changes: tuple[Change, ...]
    up: int
    """Absent before, present after."""
    down: int
    """Present before, absent after."""
    both: int
    """Present in both."""
    neither: int
    p_value: float
    """That verdicts turned to one side more than to the other: exact McNemar."""
    share: Estimate
    """Change of the share present among the anchors, in points."""
    score_change: Estimate
    """Median change of the score, 0-1."""
    scores_moved: int
    """Transcripts whose score is another."""
    score_p_value: float
    """That scores moved to one side: Wilcoxon's signed ranks."""
    sensitivity: RateChange | None = None
    """None without labels."""
    specificity: RateChange | None = None
    labels: str = ""
    """Who made them and how many."""
    power: tuple[Power, ...]
    notes: tuple[str, ...] = ()

    @property
    def voids_calibration(self) -> bool:
        """Whether a calibration of the old judge is void: its fingerprint changed."""
        return self.fingerprint_before != self.fingerprint_after

    @property
    def drifted(self) -> bool:
        """Whether any test found a difference, all of them taken together."""
        tests = [self.p_value, self.score_p_value]
        tests += [r.p_value for r in (self.sensitivity, self.specificity) if r]
        return min(holm(tests)) <= SURE

    @property
    def status(self) -> Status:
        """``refused`` where nothing could be compared, else how far to trust it."""
        if not self.anchors:
            return "refused"
        return "caution" if self.voids_calibration or self.drifted else "good"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        told = self.model_dump(mode="json")
        derived = {
            "voids_calibration": self.voids_calibration,
            "drifted": self.drifted,
            "status": self.status,
        }
        return told | derived

    def lines(self) -> list[str]:
        """Return plain text, the conclusion first."""
        return [
            *_conclusion(self),
            *(f"  {c.what}: {c.before} -> {c.after}" for c in self.changes),
            *_verdict_lines(self),
            *_label_lines(self),
            *_power_lines(self),
            *self.notes,
        ]

    def __repr__(self) -> str:
        void = "calibration void" if self.voids_calibration else "same judge"
        return (
            f"<drift on {self.rubric}: {self.up} up, {self.down} down of "
            f"{self.anchors} anchors, {void}>"
        )


def _conclusion(found: Drift) -> list[str]:
    if not (found.fingerprint_before and found.fingerprint_after):
        shown = "a change of its verdicts" if found.drifted else "no difference"
        return [f"Whether it is the same judge is not said: {shown} was shown."]
    if found.voids_calibration:
        return [
            (
                "The judge changed: a calibration of the old one is void. Calibrate "
                "again before a probability or a corrected rate is used."
            )
        ]
    if found.drifted:
        return ["The same fingerprint, and yet it judges otherwise than before."]
    return ["The same judge; no difference was shown."]


def _verdict_lines(found: Drift) -> list[str]:
    if not found.anchors:
        return [f"Verdicts: no anchor has one in both ({found.undecided} undecided)."]
    turned = found.up + found.down
    told = [
        (
            f"Verdicts: {turned} of {found.anchors:,} turned, {found.up} to present "
            f"and {found.down} to absent ({p_text(found.p_value)}); the share present "
            f"changed by {found.share}."
        ),
        (
            f"Scores: {found.scores_moved:,} moved, median change {found.score_change} "
            f"(n {found.score_change.n:,}, {p_text(found.score_p_value)})."
        ),
    ]
    if found.undecided or found.unshared:
        told.append(
            f"Left out: {found.undecided:,} abstained or unscored in either, "
            f"{found.unshared:,} in one of the two only."
        )
    return told


def _label_lines(found: Drift) -> list[str]:
    if not found.labels:
        return []
    told = [f"Against {found.labels}:"]
    for name, rate in (
        ("sensitivity", found.sensitivity),
        ("specificity", found.specificity),
    ):
        if rate is None:
            told.append(f"  {name}: no labelled anchor to tell it by")
            continue
        doubt = f"; {rate.change.reason}" if rate.change.reason else ""
        told.append(
            f"  {name}: {rate.before} before, {rate.after} after, change "
            f"{rate.change} (n {rate.change.n:,}, {p_text(rate.p_value)}){doubt}"
        )
    return told


def _power_lines(found: Drift) -> list[str]:
    n = found.anchors
    if n < FEWEST:
        return [f"With {n} anchors no change can be shown; use 100 or more."]
    chances = ", ".join(
        f"{100 * p.up:.0f} % one way and {100 * p.down:.0f} % the other: "
        f"{100 * p.chance:.0f} %"
        for p in found.power
    )
    return [f"The chance that {n:,} anchors show a change that turns {chances}."]
