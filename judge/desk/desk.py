"""What the desk works on: a label file, the transcripts in it, and one rubric."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from judge.desk.journal import Journal
from judge.desk.shown import Shown
from judge.errors import UsageError
from judge.labels.ledger.dealing import Place, deal
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from judge.reports.page import channel_of, who_of
from judge.rubrics.types import Rubric
from judge.transcripts.types import Transcript
from judge.verdict import Unscored, Verdict

__all__ = ["Desk", "ShownPart", "Turn", "turns_of"]


class ShownPart(NamedTuple):
    """A part of a message on the page."""

    part: int
    kind: str
    channel: str
    text: str


class Turn(NamedTuple):
    """A message on the page."""

    number: int
    author: str
    who: str
    parts: tuple[ShownPart, ...]


@dataclass(frozen=True)
class Desk:
    """A labeling job; ``verdicts`` are the judge's, which no labeler sees."""

    ledger: Ledger
    rubric: Rubric
    transcripts: Mapping[str, Transcript]
    verdicts: Mapping[str, Verdict | Unscored] = field(default_factory=dict)
    queue: tuple[str, ...] = ()
    """What is to be dealt, in order: of what is in the file, what was asked for now."""

    @cached_property
    def journal(self) -> Journal:
        """All that was said."""
        return Journal(self.ledger)

    @classmethod
    def opened(
        cls,
        ledger: Ledger,
        rubric: Rubric,
        transcripts: Iterable[Transcript],
        *,
        items: Iterable[Item] | None = None,
        inclusion: Mapping[str, float] = MappingProxyType({}),
        verdicts: Mapping[str, Verdict | Unscored] | None = None,
    ) -> Desk:
        """Begin or go on with a label file.

        Parameters
        ----------
        items
            What is to be labeled, in order, as a plan drew it; default every
            transcript, in the order given.
        inclusion
            Of transcripts that are in the file already, where a newer plan drew them.

        Raises
        ------
        UsageError
            If an item is no transcript here, a transcript has changed since it was
            begun with, or the label file is about another rubric.
        """
        known = {transcript.id: transcript for transcript in transcripts}
        if not known:
            raise UsageError("there is no transcript to label")
        wanted = list(items) if items is not None else list(map(Item, known))
        missing = [item.transcript for item in wanted if item.transcript not in known]
        if missing:
            raise UsageError(
                f"the queue names {missing[0]!r}, which is not among the transcripts "
                f"({len(missing)} of {len(wanted)} are not)"
            )
        digests = {name: transcript.digest for name, transcript in known.items()}
        whole = [item._replace(digest=digests[item.transcript]) for item in wanted]
        ledger.begin(rubric.id, rubric.digest, whole, inclusion=inclusion)
        for item in ledger.items:
            if digests.get(item.transcript, item.digest) != item.digest:
                raise UsageError(
                    f"the transcript {item.transcript!r} is not the one that "
                    f"{ledger.path} was begun with: its text has changed"
                )
        queue = tuple(item.transcript for item in wanted)
        return cls(ledger, rubric, known, verdicts or {}, queue)

    def deal(
        self, labelers: Sequence[str], *, overlap: int, repeats: float, seed: int
    ) -> None:
        """Give every transcript to its labelers.

        What was begun stays theirs.  Dealt in the same way again, as when the desk is
        started again, every queue stays as it is; what is new comes after it.
        """
        how = json.dumps([sorted(labelers), overlap, repeats, seed])
        kept = list(self._kept(labelers, same=how == self.ledger.dealt))
        places = deal(
            self.queue,
            labelers,
            overlap=overlap,
            repeats=repeats,
            seed=seed,
            kept=kept,
        )
        left = [place for place in kept if place.labeler not in labelers]
        self.ledger.place([*places, *left], dealt=how)

    def _kept(self, labelers: Sequence[str], *, same: bool) -> Iterator[Place]:
        """What stays where it is: of who left, what they answered."""
        wanted, drafted = frozenset(self.queue), self.ledger.drafts.places
        for place, _, state in self.ledger.seats():
            begun = state or place in drafted
            there = place.transcript in self.transcripts
            if state == "answer" or (
                place.labeler in labelers
                and there
                and (begun or (same and place.transcript in wanted))
            ):
                yield place

    def next_open(self, labeler: str, after: int = 0) -> Place | None:
        """Return the next place nothing was said of; then what was skipped; or None."""
        seats = self.ledger.seats(labeler)
        here = [seat for seat in seats if seat.place.transcript in self.transcripts]
        for state in (None, "skip"):
            waiting = [seat.place for seat in here if seat.state == state]
            later = [place for place in waiting if place.place > after]
            if waiting:
                return (later or waiting)[0]
        return None


def turns_of(transcript: Transcript) -> Iterator[Turn]:
    """Lay a transcript out for the page."""
    for number, message in transcript.numbered():
        parts = tuple(
            ShownPart(index, part.kind, channel_of(part), Shown(part.text).page)
            for index, part in enumerate(message.parts)
        )
        yield Turn(number, message.author, who_of(message), parts)
