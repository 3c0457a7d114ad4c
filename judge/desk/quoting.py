"""Evidence where it stands on the page: who marked which words, overlapping or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from judge.desk.cases import Case
from judge.desk.desk import Turn, turns_of
from judge.desk.shown import Shown
from judge.reports.passages import marked
from judge.transcripts.types import Transcript
from judge.verdict import Evidence, Verdict

__all__ = ["JUDGE", "MarkedPart", "MarkedTurn", "Piece", "Quoted", "Voice", "voices_of"]
__all__ += ["marked_turns", "stands"]

JUDGE = "judge"
"""The badge of the judge; labelers have letters."""


class Quoted(NamedTuple):
    """A quote, and the name of its place on the page."""

    anchor: str
    """Empty where it stands nowhere in this transcript."""
    evidence: Evidence


class Voice(NamedTuple):
    """Somebody who marked, or might have: a badge, a name, their quotes."""

    badge: str
    name: str
    quotes: tuple[Quoted, ...]


class Piece(NamedTuple):
    """A stretch of text that the same voices marked from end to end."""

    text: str
    badges: tuple[str, ...] = ()
    names: str = ""
    ends: str = ""
    """Badges whose quote ends here: they are written behind it."""
    anchors: tuple[str, ...] = ()


class MarkedPart(NamedTuple):
    """As `judge.desk.desk.ShownPart`, its text in pieces."""

    part: int
    kind: str
    channel: str
    pieces: tuple[Piece, ...]


class MarkedTurn(NamedTuple):
    """As `judge.desk.desk.Turn`, with marks."""

    number: int
    author: str
    who: str
    parts: tuple[MarkedPart, ...]


class _Span(NamedTuple):
    start: int
    end: int
    voice: Voice
    anchor: str


def voices_of(case: Case, transcript: Transcript | None) -> list[Voice]:
    """Return who answered, in the case's order, the judge last."""
    found = []
    for place, one in enumerate(case.said):
        again = ", asked again" if one.again else ""
        name = f"{one.entry.labeler}{again}"
        found.append(_voice(_letter(place), name, one.answer.evidence, transcript))
    if isinstance(case.verdict, Verdict):
        found.append(_voice(JUDGE, "the judge", case.verdict.evidence, transcript))
    return found


def marked_turns(
    transcript: Transcript, voices: Sequence[Voice]
) -> Iterator[MarkedTurn]:
    """Lay a transcript out for the page, with all that anybody marked."""
    spans: dict[tuple[int, int], list[_Span]] = defaultdict(list)
    for voice in voices:
        for anchor, item in voice.quotes:
            if anchor:
                spans[item.message, item.part or 0].append(_span(item, anchor, voice))
    for turn in turns_of(transcript):
        yield MarkedTurn(
            turn.number, turn.author, turn.who, _parts(turn, spans, transcript)
        )


def _parts(
    turn: Turn,
    spans: Mapping[tuple[int, int], Sequence[_Span]],
    transcript: Transcript,
) -> tuple[MarkedPart, ...]:
    made = []
    for part in turn.parts:
        mine = spans.get((turn.number, part.part), ())
        pieces: tuple[Piece, ...] = (Piece(part.text),)
        if mine:
            shown = Shown(transcript.messages[turn.number - 1].parts[part.part].text)
            pieces = tuple(_pieces(shown, mine))
        made.append(MarkedPart(part.part, part.kind, part.channel, pieces))
    return tuple(made)


def _pieces(shown: Shown, spans: Sequence[_Span]) -> Iterator[Piece]:
    """Cut where a quote begins or ends; places are counted on the page from here on."""
    placed = [
        span._replace(start=start, end=end)
        for span in spans
        for start, end in [shown.on_page(span.start, span.end)]
    ]
    known = {span.anchor: span for span in placed}
    at = 0
    for segment in marked(shown.page, [(s.start, s.end, s.anchor) for s in placed]):
        over = [known[anchor] for anchor in segment.rubrics]
        end = at + len(segment.text)
        voices = dict.fromkeys(span.voice for span in over)
        yield Piece(
            text=segment.text,
            badges=tuple(voice.badge for voice in voices),
            names=", ".join(voice.name for voice in voices),
            ends=" ".join(
                dict.fromkeys(span.voice.badge for span in over if span.end == end)
            ),
            anchors=tuple(span.anchor for span in over if span.start == at),
        )
        at = end


def _voice(
    badge: str, name: str, evidence: Sequence[Evidence], transcript: Transcript | None
) -> Voice:
    quotes = tuple(
        Quoted(f"q-{badge}-{n}" if stands(item, transcript) else "", item)
        for n, item in enumerate(evidence, start=1)
    )
    return Voice(badge, name, quotes)


def stands(item: Evidence, transcript: Transcript | None) -> bool:
    """Whether its place is one of this text: a run may be of another version of it.

    What a labeler marked stands where they marked it, also where it is too short for a
    judge to be believed.
    """
    if transcript is None or None in (item.part, item.start, item.end):
        return False
    part, start, end = item.part or 0, item.start or 0, item.end or 0
    messages = transcript.messages[max(item.message, 1) - 1 : item.message]
    parts = messages[0].parts if messages else ()
    if not (0 <= part < len(parts) and 0 <= start < end <= len(parts[part].text)):
        return False
    changed = item.match in {"normalised", "fuzzy"}
    return changed or parts[part].text[start:end] == item.quote


def _span(item: Evidence, anchor: str, voice: Voice) -> _Span:
    return _Span(item.start or 0, item.end or 0, voice, anchor)


def _letter(place: int) -> str:
    """A to Z, then A2 to Z2."""
    turn, letter = divmod(place, 26)
    return f"{chr(ord('A') + letter)}{turn + 1 if turn else ''}"
