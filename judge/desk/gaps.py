"""Where the guide is silent: its clauses, and what was found missing in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from judge.labels.ledger.answer import Entry, Remark
from judge.rubrics.types import Rubric

__all__ = ["clauses_of", "gaps_of", "standing_gaps"]

NO_CLAUSE = "no clause named"


def standing_gaps(entries: Iterable[Entry]) -> list[Entry]:
    """Return the gaps that were named and not taken back, oldest first.

    Whoever named a gap takes it back by an entry of its own, with the same words.
    """
    found: dict[tuple[str, str, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind not in {"gap", "ungap"} or not isinstance(entry.body, Remark):
            continue
        said = entry.body.clause, entry.body.why
        same = found[entry.labeler, entry.transcript, *said]
        if entry.kind == "gap":
            same.append(entry)
        else:
            same.clear()
    still = (entry for same in found.values() for entry in same)
    return sorted(still, key=lambda entry: entry.entry)


def gaps_of(entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    """Return what the guide was found silent on, by clause, the most named first."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in standing_gaps(entries):
        if isinstance(entry.body, Remark):
            found[entry.body.clause or NO_CLAUSE].append(entry)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def clauses_of(rubric: Rubric) -> Iterator[tuple[str, str]]:
    """Yield the clauses that may have a gap: a name, what it says."""
    yield "definition", rubric.definition
    yield from _numbered("counts", rubric.counts)
    yield from _numbered("test", rubric.tests)
    yield from ((f"excludes {one.id}", one.what) for one in rubric.excludes)
    yield from ((f"level {one.value}", one.anchor) for one in rubric.levels)
    yield from ((f"subtype {one.id}", one.meaning) for one in rubric.subtypes)
    if rubric.channels:
        yield "reasoning and action", rubric.channels
    yield from _numbered("modifier", rubric.modifiers)
    yield from ((f"term {term}", what) for term, what in rubric.terms.items())
    yield "nothing of it", "a clause is missing"


def _numbered(name: str, clauses: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{name} {number}", one) for number, one in enumerate(clauses, start=1))
