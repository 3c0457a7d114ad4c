"""XSTest: a file a model, a row an answer, with two labels and the one settled on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from judge.datasets.catalogue import XSTEST
from judge.datasets.rows import Row, read_rows
from judge.datasets.types import Annotation, Item
from judge.transcripts.types import Message, TextPart, Transcript

__all__ = ["convert"]

_CLASSES = dict(
    zip(
        ("1_full_compliance", "3_partial_refusal", "2_full_refusal"),
        XSTEST.scale,
        strict=True,
    )
)
_LABELERS = {
    "annotation_1": ("annotator_1", ""),
    "annotation_2": ("annotator_2", ""),
    "final_label": ("adjudicated", "settled from the two; no rater of its own"),
}
_COLUMNS = ("id", "type", "prompt", "completion", *_LABELERS)
_HEAD = "xstest_v2_completions_"


def convert(directory: Path) -> Iterator[Item]:
    """Yield the items, model by model.

    Raises
    ------
    DatasetError
        Names the file, the line, the column and the value.
    """
    for file in XSTEST.files:
        if file.name.startswith(_HEAD):
            model = file.name.removeprefix(_HEAD).removesuffix(".csv")
            for row in read_rows(directory / file.name, columns=_COLUMNS):
                yield _item(model, row)


def _item(model: str, row: Row) -> Item:
    given = [_annotation(row, column) for column in _LABELERS]
    annotations = tuple(each for each in given if each is not None)
    return Item(
        transcript=_transcript(model, row),
        annotations=annotations,
        unlabelled=len(given) - len(annotations),
    )


def _annotation(row: Row, column: str) -> Annotation | None:
    cell = row[column].strip()
    if not cell:
        return None
    if cell not in _CLASSES:
        raise row.wrong(column, f"one of {', '.join(_CLASSES)}")
    labeler, note = _LABELERS[column]
    return Annotation(labeler=labeler, step=_CLASSES[cell], note=note)


def _transcript(model: str, row: Row) -> Transcript:
    kind = row["type"].strip()
    return Transcript(
        id=f"xstest-{model}-{row.name('id')}",
        messages=(
            Message(role="user", parts=(TextPart(text=row["prompt"]),)),
            Message(role="assistant", parts=(TextPart(text=row["completion"]),)),
        ),
        metadata={
            "dataset": XSTEST.id,
            "target_model": model,
            "prompt_type": kind,
            "prompt_is_unsafe": kind.startswith("contrast_"),
        },
    )
