"""From raw files to ours: transcripts as JSONL, labels as CSV in long form.

Several labelers of an item stay several rows, and so do two answers of one labeler.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.datasets import convabuse, xstest
from judge.datasets.types import Dataset, Item
from judge.errors import DatasetError, UsageError
from judge.transcripts.load import write_transcripts

__all__ = ["COLUMNS", "Converted", "convert_dataset", "converter_of"]

COLUMNS = ("transcript", "rubric", "labeler", "label", "severity", "source", "note")
"""Of the labels; `judge.labels.labels.read_labels` reads them."""
Converter = Callable[[Path], Iterator[Item]]
_CONVERTERS: Mapping[str, Converter] = {
    "convabuse": convabuse.convert,
    "xstest": xstest.convert,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What was written, and how much."""

    transcripts: Path
    labels: Path
    items: int
    labels_written: int
    unlabelled: int
    """Places in the source without a label; they have no row."""
    silent: int
    """Items in which the AI says nothing: there is nothing of it to judge."""


def converter_of(dataset: Dataset) -> Converter:
    """Return what turns its raw files into items.

    Raises
    ------
    UsageError
        There is none for this set.
    """
    try:
        return _CONVERTERS[dataset.id]
    except KeyError:
        known = ", ".join(_CONVERTERS)
        raise UsageError(
            f"dataset {dataset.id!r} cannot be converted; those that can: {known}"
        ) from None


def convert_dataset(dataset: Dataset, raw: Path, directory: Path) -> Converted:
    """Convert raw files, writing ``transcripts.jsonl`` and ``labels.csv``.

    Both appear whole, and only if all of the source could be read; those that are there
    are replaced.

    Raises
    ------
    DatasetError
        The raw files are not as expected, or a file cannot be written.
    """
    items = list(converter_of(dataset)(raw))
    _refuse_repeated(items)
    transcripts, labels = directory / "transcripts.jsonl", directory / "labels.csv"
    try:
        write_transcripts((item.transcript for item in items), transcripts)
        _write_labels(labels, dataset.construct, items)
    except OSError as error:
        raise DatasetError(
            f"{error.filename or directory}: cannot be written: {error.strerror}"
        ) from error
    return Converted(
        transcripts=transcripts,
        labels=labels,
        items=len(items),
        labels_written=sum(len(item.annotations) for item in items),
        unlabelled=sum(item.unlabelled for item in items),
        silent=sum(not item.transcript.has_target for item in items),
    )


def _refuse_repeated(items: Iterable[Item]) -> None:
    """Labels name a transcript by its id, so that two of one id have no labels."""
    seen: set[str] = set()
    for item in items:
        if item.transcript.id in seen:
            raise DatasetError(f"the source has two items {item.transcript.id}")
        seen.add(item.transcript.id)


def _write_labels(path: Path, construct: str, items: Iterable[Item]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_label_rows(construct, items))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _label_rows(construct: str, items: Iterable[Item]) -> Iterator[tuple[object, ...]]:
    for item in items:
        for given in item.annotations:
            step = given.step
            yield (
                item.transcript.id,
                construct,
                given.labeler,
                step.label,
                step.severity,
                "human",
                given.note,
            )
