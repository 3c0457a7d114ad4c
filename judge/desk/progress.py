"""How far each labeler is, and how long an answer takes them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Entry

__all__ = ["Progress", "progress_of"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one labeler is."""

    labeler: str
    dealt: int
    answered: int
    skipped: int
    seconds: float | None
    """Median for a first answer; None where nothing was timed."""
    last: str
    """When they answered last; empty where they never did."""


def progress_of(desk: Desk, entries: Sequence[Entry]) -> list[Progress]:
    """Return how far each labeler is, and those who have left."""
    times: dict[tuple[str, str, int], float] = {}
    last: dict[str, str] = {}
    for entry in entries:
        if entry.kind == "answer":
            last[entry.labeler] = entry.time
            if entry.seconds is not None:
                key = (entry.labeler, entry.transcript, entry.occasion)
                times.setdefault(key, entry.seconds)  # not a changed mind's
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for seat in desk.ledger.seats():
        states[seat.place.labeler][seat.state or "open"] += 1
    found = []
    for name in sorted({*states, *last}):
        taken = [seconds for (who, _, _), seconds in times.items() if who == name]
        found.append(
            Progress(
                labeler=name,
                dealt=states[name].total(),
                answered=states[name]["answer"],
                skipped=states[name]["skip"],
                seconds=median(taken) if taken else None,
                last=last.get(name, ""),
            )
        )
    return found
