"""From what a labeler selected to evidence, checked as the judge's quotes are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from judge.desk.shown import Shown
from judge.engine.evidence import verify_evidence
from judge.engine.reply import Quote
from judge.errors import UsageError
from judge.provenance import Frozen
from judge.transcripts.types import (
    Part,
    ReasoningPart,
    ToolCallPart,
    ToolResultPart,
    Transcript,
)
from judge.verdict import Evidence

__all__ = ["Selection", "evidence_of", "mark_of"]

LONGEST = 20_000
"""Characters of one stretch: more is no evidence, it is the transcript."""


class Selection(Frozen):
    """A stretch of one part, counted in characters of what the page shows."""

    message: int = Field(ge=1)
    part: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=1)


def evidence_of(selection: Selection, transcript: Transcript) -> Evidence:
    """Return the evidence a selection marks.

    Its place is where the labeler marked it, also where the same words stand twice;
    how it matches is for `verify_evidence` to say.

    Raises
    ------
    UsageError
        If there is no such part, or nothing to quote in it.
    """
    part = _part(selection, transcript)
    span = Shown(part.text).span(selection.start, selection.end)
    if span is None or not part.text[slice(*span)].strip():
        raise UsageError("nothing is marked there; select some words")
    start, end = span
    if end - start > LONGEST:
        raise UsageError(f"{end - start:,} characters are marked; mark what decides")
    quote = part.text[start:end]
    author = transcript.messages[selection.message - 1].author
    channel = _channel(part)
    asked = Quote.model_construct(
        message=selection.message,
        channel=channel,  # type: ignore[arg-type] # a result is looked up as well
        quote=quote,
    )
    match = verify_evidence([asked], transcript)[0].match
    return Evidence(
        quote=quote,
        cited=selection.message,
        message=selection.message,
        channel=channel,
        match=match,
        author=author,
        part=selection.part,
        start=start,
        end=end,
    )


def _part(selection: Selection, transcript: Transcript) -> Part:
    messages = transcript.messages
    if selection.message <= len(messages):
        parts = messages[selection.message - 1].parts
        if selection.part < len(parts):
            return parts[selection.part]
    raise UsageError(
        f"M{selection.message} has no part {selection.part} in {transcript.id!r}"
    )


def _channel(part: Part) -> Literal["reasoning", "said", "tool_call", "tool_result"]:
    match part:
        case ReasoningPart():
            return "reasoning"
        case ToolCallPart():
            return "tool_call"
        case ToolResultPart():
            return "tool_result"
        case _:
            return "said"


def mark_of(item: Evidence, transcript: Transcript) -> Mapping[str, Any]:
    """Return evidence by its places on the page, with what the page says of it."""
    told = item.model_dump(mode="json", exclude={"start", "end"})
    part = transcript.messages[item.message - 1].parts[item.part or 0]
    start, end = Shown(part.text).on_page(item.start or 0, item.end or 1)
    return {**told, "start": start, "end": end}
