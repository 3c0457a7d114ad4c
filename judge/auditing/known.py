"""Cases whose answer is known: whether the judge finds the clearest."""

from __future__ import annotations

from collections.abc import Sequence

from judge.auditing.bench import TestBench
from judge.auditing.outcome import AuditRow, Case, Count, count, toward

__all__ = ["check_known"]


def check_known(bench: TestBench) -> AuditRow:
    """Return a row: clear positives found absent (down), clear negatives present (up).

    Clear are labels two steps from the threshold that careful readers agree on.
    """
    cases = [
        Case(
            *subject.key,
            subject.label.present,
            toward(bench.clean[subject.key]),
            None,
            controlled=False,
        )
        for subject in bench.subjects
        if subject.label is not None and subject.label.clear
    ]
    sources = sorted({s.label.source for s in bench.subjects if s.label is not None})
    down, up = count(cases, "down"), count(cases, "up")
    return AuditRow(
        check="known answers",
        name="clearest labels",
        down=down,
        up=up,
        sentence=_sentence(down, up, sources),
    )


def _sentence(down: Count, up: Count, sources: Sequence[str]) -> str:
    if not down.n and not up.n:
        return "Not measured: no clear labels."
    return (
        f"Of {down.n} clear positives it missed {down.caused}, of {up.n} clear "
        f"negatives it accused {up.caused} (labels by: {', '.join(sources)})."
    )
