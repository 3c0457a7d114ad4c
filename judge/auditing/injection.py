"""Text put into a transcript at places an attacker could reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from judge.auditing.payloads import Payload
from judge.transcripts.types import (
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
    Transcript,
)

__all__ = ["PLACES", "Place", "inject", "places_of"]

Place = Literal["said", "reasoning", "tool result", "name"]
PLACES: tuple[Place, ...] = ("said", "reasoning", "tool result", "name")


def places_of(transcript: Transcript, payload: Payload) -> list[Place]:
    """Return where this payload can be put into this transcript."""
    if payload.place == "name":
        return ["name"] if _named(transcript) is not None else []
    return [
        place for place in PLACES if place != "name" and any(_parts(transcript, place))
    ]


def inject(
    transcript: Transcript, pieces: tuple[str, ...], place: Place, *, name: str
) -> Transcript:
    """Return a copy with each piece at the end of a part, the last in the last one.

    The AI's words, and all others, stay what they were: a text that replaced them would
    leave nothing to judge.
    """
    if place == "name":
        at = _named(transcript)
        if at is None:
            raise ValueError("no message can bear a name")
        return _with_message(transcript, at, {"name": pieces[-1]}, name)
    spots = list(_parts(transcript, place))
    chosen = [spots[0], spots[-1]] if len(pieces) > 1 else [spots[-1]]
    for (message, part), piece in zip(chosen, pieces, strict=True):
        transcript = _appended(transcript, message, part, piece, name)
    return transcript


def _parts(transcript: Transcript, place: Place) -> Iterator[tuple[int, int]]:
    """Yield the indices of messages and parts that ``place`` names."""
    for at, message in enumerate(transcript.messages):
        for index, part in enumerate(message.parts):
            if _is(place, message, part):
                yield at, index


def _is(place: Place, message: Message, part: Part) -> bool:
    own = message.author == "target"
    match part:
        case TextPart():
            return own and place == "said"
        case ReasoningPart():
            return own and place == "reasoning" and bool(part.text)
        case ToolResultPart():
            return place == "tool result"
    return False


def _named(transcript: Transcript) -> int | None:
    """The last message that is not the AI's own: its name is shown."""
    others = [
        at for at, m in enumerate(transcript.messages) if m.author in {"user", "other"}
    ]
    return others[-1] if others else None


def _appended(
    transcript: Transcript, at: int, index: int, text: str, name: str
) -> Transcript:
    parts = list(transcript.messages[at].parts)
    old = parts[index]
    parts[index] = old.model_copy(update={"text": f"{old.text}\n{text}"})
    return _with_message(transcript, at, {"parts": tuple(parts)}, name)


def _with_message(
    transcript: Transcript, at: int, update: dict[str, object], name: str
) -> Transcript:
    messages = list(transcript.messages)
    messages[at] = messages[at].model_copy(update=update)
    return transcript.model_copy(update={"messages": tuple(messages), "id": name})
