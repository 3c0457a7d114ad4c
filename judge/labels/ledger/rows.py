"""What the ledger's rows say: transcripts to label, places in queues, entries."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from judge.labels.ledger.answer import Answer, Entry, EntryKind, Remark
from judge.labels.ledger.dealing import Place

__all__ = ["Item", "Seat", "entry_of", "seat_of"]


class Item(NamedTuple):
    """A transcript to be labeled."""

    transcript: str
    digest: str = ""
    """Of the transcript's text, so that a changed one is noticed."""
    inclusion: float | None = None
    scenario: str = ""


class Seat(NamedTuple):
    """A place in a queue, and what came of it."""

    place: Place
    item: int
    """The transcript's own number, which stays when queues are dealt anew."""
    state: EntryKind | None
    """``answer`` or ``skip``; None where nobody has said anything yet."""


def seat_of(*row: Any) -> Seat:
    """Return what a row of the queues says."""
    *place, item, state = row
    if tuple(map(type, place)) != (str, int, str, int):
        raise TypeError("a name or a number is none")
    return Seat(Place(*place), item, state)


def entry_of(*row: Any) -> Entry:
    """Return what a row of the entries says."""
    number, labeler, transcript, occasion, kind, body, seconds, time = row
    made: type[Answer | Remark] = Answer if kind == "answer" else Remark
    try:
        said = made.model_validate_json(body)
    except ValidationError as error:
        raise ValueError(str(error)) from error
    return Entry(
        entry=number,
        labeler=labeler,
        transcript=transcript,
        occasion=occasion,
        kind=kind,
        body=said,
        seconds=seconds,
        time=time,
    )
