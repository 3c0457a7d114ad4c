"""Transcripts that were labeled, and how far those who labeled them are apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from judge.desk.desk import Desk
from judge.desk.gaps import standing_gaps
from judge.labels.ledger.answer import Answer, Entry, Remark
from judge.verdict import Unscored, Verdict

__all__ = ["Apart", "Case", "Said", "agenda", "cases_of", "hidden_from", "open_to"]


@dataclass(frozen=True, slots=True)
class Said:
    """The last answer of one labeler on one occasion."""

    entry: Entry
    answer: Answer
    changed: int
    """How often they changed their mind before."""

    @property
    def again(self) -> bool:
        """Whether they were asked a second time."""
        return self.entry.occasion > 1


class Apart(NamedTuple):
    """How far answers are apart."""

    presence: bool = False
    """One labeler says present, another absent."""
    levels: int = 0
    """Between the highest severity and the lowest."""
    from_judge: bool = False
    """No labeler says what the judge says."""
    judge_levels: int = 0
    """From the judge's level to the nearest labeler's."""
    unsure: bool = False
    again: bool = False
    """A labeler says otherwise when asked again."""

    @property
    def wide(self) -> bool:
        """Whether it is more than a neighbouring level on the same side."""
        rank = self.rank[:-1]
        return any(rank)

    @property
    def rank(self) -> tuple[int, ...]:
        """The greater, the worse: first what labelers dispute, then with the judge."""
        levels = self.levels if self.presence or self.levels > 1 else 0
        far = self.judge_levels if self.from_judge or self.judge_levels > 1 else 0
        with_judge = (self.from_judge, far)
        return (
            self.presence,
            levels,
            *with_judge,
            self.unsure,
            self.again,
            self.levels,
        )

    @property
    def told(self) -> str:
        """What it is about, in a few words, the worst first."""
        return ", ".join(self._reasons()) or "agreed"

    def _reasons(self) -> Iterator[str]:
        if self.presence:
            yield "present or absent"
        if self.levels:
            yield f"{self.levels} {'level' if self.levels == 1 else 'levels'} apart"
        if self.from_judge:
            yield "against the judge"
        elif self.judge_levels > 1:
            yield f"{self.judge_levels} levels from the judge"
        if self.unsure:
            yield "somebody is unsure"
        if self.again:
            yield "otherwise when asked again"


@dataclass(frozen=True, slots=True)
class Case:
    """One transcript, with all that was said of it."""

    transcript: str
    number: int
    """Its place among the items, from 1."""
    said: tuple[Said, ...]
    verdict: Verdict | Unscored | None
    apart: Apart
    settled: Entry | None
    since: int
    """Answers given after it was settled."""
    flags: tuple[Entry, ...]
    """Who wants it discussed, and nobody has yet."""
    gaps: tuple[Entry, ...]

    @property
    def disagreed(self) -> bool:
        """Whether it is to be talked over."""
        return self.apart.wide

    @property
    def mild(self) -> bool:
        """Whether labelers are one level apart, on the same side, and no more."""
        return not self.disagreed and self.apart.levels == 1

    @property
    def open(self) -> bool:
        """Whether somebody is to settle or discuss it still."""
        return self.settled is None and (self.disagreed or bool(self.flags))


def cases_of(desk: Desk, entries: Iterable[Entry] | None = None) -> list[Case]:
    """Return what something was said of, worst first, settled ones last.

    Parameters
    ----------
    entries
        The ledger's, where they were read already.
    """
    said: dict[str, list[Entry]] = defaultdict(list)
    for entry in desk.journal.entries() if entries is None else entries:
        if entry.kind != "skip":
            said[entry.transcript].append(entry)
    found = [
        _case(item.transcript, number, said[item.transcript], desk)
        for number, item in enumerate(desk.ledger.items, start=1)
        if item.transcript in said
    ]
    return sorted(
        found, key=lambda case: (case.settled is None, case.apart.rank), reverse=True
    )


def agenda(
    cases: Iterable[Case], number: int
) -> tuple[list[Case], Case | None, Case | None]:
    """Return what is open, and of it what comes before and after a case.

    After the last comes the first again; None where nothing else is open.
    """
    cases = list(cases)
    still = [case for case in cases if case.open]
    others = [case for case in still if case.number != number]
    place = next((at for at, one in enumerate(still) if one.number == number), 0)
    if not others:
        return still, None, None
    following = others[place % len(others)]
    return still, others[place - 1], following


def hidden_from(desk: Desk, labeler: str) -> set[str]:
    """Return what waits in their own queue.

    Who leads and labels sees what others said of it only after labeling it.
    """
    seats = desk.ledger.seats(labeler)
    return {seat.place.transcript for seat in seats if seat.state != "answer"}


def open_to(desk: Desk, labeler: str) -> list[Case]:
    """Return the cases that somebody who leads may see."""
    hidden = hidden_from(desk, labeler)
    entries = desk.journal.entries()
    return cases_of(desk, (x for x in entries if x.transcript not in hidden))


def _case(name: str, number: int, entries: Sequence[Entry], desk: Desk) -> Case:
    answers: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    settled, since = None, 0
    for entry in entries:
        if entry.kind == "answer":
            answers[entry.labeler, entry.occasion].append(entry)
            since += 1
        elif entry.kind == "settle":
            settled, since = entry, 0
    said = tuple(
        Said(given[-1], given[-1].body, _changes(given))
        for _, given in sorted(answers.items())
        if isinstance(given[-1].body, Answer)
    )
    verdict = desk.verdicts.get(name)
    return Case(
        transcript=name,
        number=number,
        said=said,
        verdict=verdict,
        apart=_apart(said, verdict),
        settled=settled,
        since=since if settled else 0,
        flags=tuple(_flags(entries)),
        gaps=tuple(standing_gaps(entries)),
    )


def _changes(given: Sequence[Entry]) -> int:
    """An answer sent again, as after a lost reply, changes no mind."""
    return sum(one.body != other.body for one, other in pairwise(given))


def _apart(said: Sequence[Said], verdict: Verdict | Unscored | None) -> Apart:
    """Compare first answers, as `judge.agreement` does; then each with its second."""
    first = {one.entry.labeler: one.answer for one in said if not one.again}
    second = [(one.entry.labeler, one.answer) for one in said if one.again]
    words = {answer.label for answer in first.values()}
    levels = [a.severity for a in first.values() if a.severity is not None]
    decided = words - {"unsure"}
    judged = verdict if isinstance(verdict, Verdict) else None
    present = None if judged is None else judged.present
    level = None if judged is None else judged.level
    return Apart(
        presence=len(decided) > 1,
        levels=max(levels) - min(levels) if levels else 0,
        from_judge=present is not None
        and bool(decided)
        and ("present" if present else "absent") not in decided,
        judge_levels=min((abs(one - level) for one in levels), default=0)
        if level is not None
        else 0,
        unsure="unsure" in words,
        again=any(
            who in first and first[who].label != answer.label for who, answer in second
        ),
    )


def _flags(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Flags that are up: to settle it, or to note that it was discussed, ends them."""
    up: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == "flag":
            up[entry.labeler] = entry
        elif entry.kind == "settle" or _discussed(entry):
            up.clear()
        elif entry.kind == "unflag":
            up.pop(entry.labeler, None)
    yield from up.values()


def _discussed(entry: Entry) -> bool:
    body = entry.body
    return entry.kind == "unflag" and isinstance(body, Remark) and bool(body.why)
