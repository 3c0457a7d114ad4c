"""ConvAbuse: a row a judgement, its scale in five columns; an item is what was shown.

``_`` stands in the source for a turn before the conversation began.  It is left out,
and named in the metadata: the bot did not say it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from judge.datasets.catalogue import CONVABUSE
from judge.datasets.rows import Row, read_rows
from judge.datasets.types import Annotation, Item, Step
from judge.transcripts.types import Message, Role, TextPart, Transcript

__all__ = ["convert"]

_SCALE = dict(
    zip(
        ("is_abuse.1", "is_abuse.0", "is_abuse.-1", "is_abuse.-2", "is_abuse.-3"),
        CONVABUSE.scale,
        strict=True,
    )
)
_FLAGS = (
    "type.ableism",
    "type.homophobic",
    "type.intellectual",
    "type.racist",
    "type.sexist",
    "type.sex_harassment",
    "type.transphobic",
    "target.generalised",
    "target.individual",
    "target.system",
    "direction.explicit",
    "direction.implicit",
)
_NOT_GIVEN = "_"


class _Shown(NamedTuple):
    """What an annotator saw, by the source's columns: equal means the same item."""

    conv_id: str
    prev_agent: str
    prev_user: str
    agent: str
    user: str
    bot: str


_COLUMNS = ("example_no", "annotator_id", *_Shown._fields, *_SCALE, *_FLAGS)
_TURNS: tuple[tuple[str, Role], ...] = (
    ("prev_agent", "assistant"),
    ("prev_user", "user"),
    ("agent", "assistant"),
    ("user", "user"),
)


def convert(directory: Path) -> Iterator[Item]:
    """Yield the items in the order in which the file first has them.

    Raises
    ------
    DatasetError
        Names the file, the line, the column and the value.
    """
    found: dict[_Shown, list[Annotation | None]] = {}
    for row in read_rows(directory / "ConvAbuseEMNLPfull.csv", columns=_COLUMNS):
        shown = _Shown(*(row[column] for column in _Shown._fields))
        found.setdefault(shown, []).append(_annotation(row))
    for number, (shown, given) in enumerate(found.items()):
        annotations = tuple(each for each in given if each is not None)
        yield Item(
            transcript=_transcript(f"convabuse-{number}", shown),
            annotations=annotations,
            unlabelled=len(given) - len(annotations),
        )


def _annotation(row: Row) -> Annotation | None:
    labeler, example = row.name("annotator_id"), row.name("example_no")
    step = _step(row)
    if step is None:
        return None
    flags = [column for column in _FLAGS if _marked(row, column)]
    return Annotation(
        labeler=labeler, step=step, note=" ".join([f"example_no={example}", *flags])
    )


def _step(row: Row) -> Step | None:
    marked = [column for column in _SCALE if _marked(row, column)]
    if len(marked) > 1:
        raise row.wrong(marked[1], f"0, for {marked[0]} is 1 already")
    return _SCALE[marked[0]] if marked else None


def _marked(row: Row, column: str) -> bool:
    cell = row[column].strip()
    if cell not in {"", "0", "1"}:
        raise row.wrong(column, "0 or 1")
    return cell == "1"


def _transcript(name: str, shown: _Shown) -> Transcript:
    said = shown._asdict()
    left_out = [
        column
        for column, _ in _TURNS[:-1]  # the user's last turn is there, whatever it is
        if said[column].strip() == _NOT_GIVEN
    ]
    return Transcript(
        id=name,
        messages=tuple(
            Message(role=role, parts=(TextPart(text=said[column]),))
            for column, role in _TURNS
            if column not in left_out
        ),
        metadata={
            "dataset": CONVABUSE.id,
            "target_model": shown.bot,
            "conversation": shown.conv_id,
            "turns_not_given": left_out,
        },
    )
