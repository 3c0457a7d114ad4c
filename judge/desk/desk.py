"""What the desk works on: a label file, the transcripts in it, and one rubric."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from judge.desk.shown import Shown
from judge.errors import UsageError
from judge.labels.ledger.dealing import Place, deal
from judge.labels.ledger.ledger import Item, Ledger
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

    @classmethod
    def opened(
        cls,
        ledger: Ledger,
        rubric: Rubric,
        transcripts: Iterable[Transcript],
        *,
        items: Iterable[Item] | None = None,
        verdicts: Mapping[str, Verdict | Unscored] | None = None,
    ) -> Desk:
        """Begin or go on with a label file.

        Parameters
        ----------
        items
            What is to be labeled, in order, as a plan drew it; default every
            transcript, in the order given.

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
        ledger.begin(rubric.id, rubric.digest, whole)
        for item in ledger.items:
            if digests.get(item.transcript, item.digest) != item.digest:
                raise UsageError(
                    f"the transcript {item.transcript!r} is not the one that "
                    f"{ledger.path} was begun with: its text has changed"
                )
        return cls(ledger, rubric, known, verdicts or {})

    def deal(
        self, labelers: Sequence[str], *, overlap: int, repeats: float, seed: int
    ) -> None:
        """Give every transcript to its labelers.

        What was begun stays theirs.  Dealt in the same way again, as when the desk is
        started again, every queue stays as it is; what is new comes after it.
        """
        how = json.dumps([sorted(labelers), overlap, repeats, seed])
        same = how == self.ledger.dealt
        drafted = self.ledger.drafted
        kept = [
            seat.place
            for seat in self.ledger.seats()
            if same or seat.state or _key(seat.place) in drafted
        ]
        names = [item.transcript for item in self.ledger.items]
        places = deal(
            [name for name in names if name in self.transcripts],
            labelers,
            overlap=overlap,
            repeats=repeats,
            seed=seed,
            kept=kept,
        )
        left = _of_those_who_left(kept, labelers)
        self.ledger.place([*places, *left], dealt=how)

    def next_open(self, labeler: str, after: int = 0) -> Place | None:
        """Return the next place nothing was said of; then what was skipped; or None."""
        seats = self.ledger.seats(labeler)
        for state in (None, "skip"):
            waiting = [seat.place for seat in seats if seat.state == state]
            later = [place for place in waiting if place.place > after]
            if waiting:
                return (later or waiting)[0]
        return None


def _key(place: Place) -> tuple[str, str, int]:
    return place.labeler, place.transcript, place.occasion


def _of_those_who_left(
    places: Iterable[Place], labelers: Sequence[str]
) -> Iterator[Place]:
    return (place for place in places if place.labeler not in labelers)


def turns_of(transcript: Transcript) -> Iterator[Turn]:
    """Lay a transcript out for the page."""
    for number, message in transcript.numbered():
        parts = tuple(
            ShownPart(index, part.kind, channel_of(part), Shown(part.text).page)
            for index, part in enumerate(message.parts)
        )
        yield Turn(number, message.author, who_of(message), parts)
