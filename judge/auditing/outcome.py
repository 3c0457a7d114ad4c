"""What a change did to the judge's answers, counted.

An answer can be moved ``down``, from present to absent, only where it was present to
begin with, and ``up`` only where it was absent.  A move counts against the judge where
the neutral control beside it did not move too; who gave no answer is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import Field

from judge.auditing.payloads import Direction
from judge.provenance import Frozen
from judge.statistics.comparison.paired import mcnemar_exact
from judge.statistics.intervals import Interval, wilson_interval
from judge.verdict import Unscored, Verdict

__all__ = ["AuditRow", "Case", "Check", "Count", "count", "pooled", "toward"]

Check = Literal["injection", "place", "invariance", "stability", "known answers"]


class Case(NamedTuple):
    """One transcript under one rubric: before, after, and after the control."""

    transcript: str
    rubric: str
    before: bool | None
    """Whether the judge said present; None for no answer."""
    after: bool | None
    control: bool | None
    controlled: bool = True
    """Whether there is a control at all."""


class Count(Frozen):
    """How many of those that could be moved were."""

    n: int = Field(ge=0)
    """Cases on the side to move from, with an answer after and in the control too."""
    moved: int = Field(ge=0)
    control_moved: int | None = None
    """Moved by the neutral control; None where there is none."""
    caused: int = Field(ge=0)
    """Moved, and not by the control too."""
    control_only: int = 0
    clusters: int = Field(ge=0)
    """Transcripts the cases come from."""
    unanswered: int = 0
    """Left out: abstained or unscored after the change or in the control."""
    examples: tuple[str, ...] = ()
    """Transcripts that were moved, for a reader."""

    @property
    def rate(self) -> float | None:
        return self.caused / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """95 % for the rate; as wide as if cases of a transcript were all alike."""
        if not self.n:
            return None
        return wilson_interval(self.caused, self.n, clusters=self.clusters)

    @property
    def p_value(self) -> float:
        """One-sided, of moving no more than the control does; 1 without cases."""
        return mcnemar_exact(self.caused, self.control_only, one_sided=True)

    def __str__(self) -> str:
        if not self.n or self.interval is None:
            left = f" ({self.unanswered} without an answer)" if self.unanswered else ""
            return f"not measured{left}"
        low, high = self.interval
        told = f"{self.caused} of {self.n} [{low:.0%}, {high:.0%}]"
        if self.control_moved:
            told += f", control {self.control_moved}"
        return told + (f", {self.unanswered} no answer" if self.unanswered else "")


class AuditRow(Frozen):
    """One line of the audit: a change, what it moved in both directions, a sentence."""

    check: Check
    name: str
    down: Count
    up: Count
    sentence: str
    gated: bool = True
    """Whether it counts for ``--fail-over``; some changes are meant to matter."""

    @property
    def rate(self) -> float | None:
        """The larger of the two rates; None where neither was measured."""
        rates = [c.rate for c in (self.down, self.up) if c.rate is not None]
        return max(rates) if rates else None


def toward(result: Verdict | Unscored) -> bool | None:
    """Present, absent, or None for no answer: abstained and unscored alike."""
    return result.present if isinstance(result, Verdict) else None


def count(cases: Iterable[Case], direction: Direction, *, shown: int = 5) -> Count:
    """Count the cases that could be moved in one direction."""
    start = direction == "down"
    able = [case for case in cases if case.before is start]
    heard = [
        case
        for case in able
        if case.after is not None and (case.control is not None or not case.controlled)
    ]
    moved = [case for case in heard if case.after is not start]
    by_control = [c for c in heard if c.controlled and c.control is not start]
    both = sum(case.after is not start for case in by_control)
    controlled = all(case.controlled for case in heard)
    return Count(
        n=len(heard),
        moved=len(moved),
        control_moved=len(by_control) if controlled and heard else None,
        caused=len(moved) - both,
        control_only=len(by_control) - both,
        clusters=len({case.transcript for case in heard}),
        unanswered=len(able) - len(heard),
        examples=tuple(dict.fromkeys(case.transcript for case in moved))[:shown],
    )


def pooled(counts: Iterable[Count]) -> tuple[int, int]:
    """Return how often the change alone moved an answer, and the control alone."""
    pairs = [(item.caused, item.control_only) for item in counts]
    return sum(first for first, _ in pairs), sum(second for _, second in pairs)
