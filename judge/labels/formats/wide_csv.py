"""Labels in wide form: one row a transcript, one column a labeler; blank: not labelled.

``severity:ann`` is the severity that labeler ``ann`` gave, likewise ``confidence:ann``
and ``note:ann``; where there is a column ``ann``, ``severity_ann`` will do.  Columns
named as other fields of `Label` (``rubric``, ``source``, ``scenario``, ``inclusion``,
...) are said of all the row's labels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from judge.errors import UsageError
from judge.labels.formats.csv_table import CsvTable
from judge.labels.formats.fields import fields_of
from judge.labels.formats.scout import has_targets
from judge.labels.vocabulary import Vocabulary

__all__ = ["is_wide", "read_wide_csv"]

_PER_LABELER = ("severity", "confidence", "note")
_NOT_WIDE = frozenset({"label", "labeler", *_PER_LABELER})


def is_wide(names: Collection[str]) -> bool:
    known = fields_of(names)
    if "transcript" not in known or _NOT_WIDE & known.keys() or has_targets(names):
        return False
    return bool(_labelers(names))


def read_wide_csv(
    table: CsvTable, vocabulary: Vocabulary
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a row for each cell that is not blank.

    Raises
    ------
    UsageError
        If a transcript stands there twice for the same rubric.
    """
    shared, labelers = fields_of(table.names), _labelers(table.names)
    first: dict[tuple[str, str], str] = {}
    for where, row in table.rows():
        about = {field: row.get(name, "") for field, name in shared.items()}
        name = about["transcript"].strip()
        before = first.setdefault((name, about.get("rubric", "")), where)
        if before != where:
            raise UsageError(
                f"{where}: the transcript {name!r} stands there twice (also in "
                f"{before}); in wide form it has one row, a labeler's repeats need "
                "long form (transcript,labeler,label)"
            )
        for labeler, columns in labelers.items():
            cells = _cells(row, labeler, columns, vocabulary)
            if cells:
                column = columns.get("label") or columns["severity"]
                yield f"{where}, column {column}", {**about, **cells}


def _labelers(names: Collection[str]) -> dict[str, dict[str, str]]:
    """From each labeler to the columns of their label, severity, ..."""
    taken = {*fields_of(names).values(), ""}
    free = [n for n in names if n not in taken and not n.startswith("Unnamed:")]
    found: dict[str, dict[str, str]] = {}
    for name in free:
        labeler, field = _named(name, free)
        found.setdefault(labeler, {})[field] = name
    return {who: told for who, told in found.items() if {"label", "severity"} & {*told}}


def _named(name: str, names: Collection[str]) -> tuple[str, str]:
    for field in _PER_LABELER:
        if name.casefold().startswith(f"{field}:") and name[len(field) + 1 :].strip():
            return name[len(field) + 1 :].strip(), field
        if name.casefold().startswith(f"{field}_") and name[len(field) + 1 :] in names:
            return name[len(field) + 1 :], field
    return name, "label"


def _cells(
    row: Mapping[str, str],
    labeler: str,
    columns: Mapping[str, str],
    vocabulary: Vocabulary,
) -> dict[str, object]:
    told = {
        field: row.get(name, "").strip()
        for field, name in columns.items()
        if row.get(name, "").strip()
    }
    if "severity" not in told and "label" in told:
        told = {**told, **vocabulary.cells(told["label"])}  # type: ignore[dict-item]
        if "severity" in told:
            del told["label"]
    answered = {"label", "severity"} & told.keys()
    return {"labeler": labeler, **told} if answered else {}
