"""Labels in long form: one row a transcript, rubric and labeler.

Columns are named as the fields of `Label`, or by one of their `ALIASES`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from judge.errors import UsageError
from judge.labels.cells import empty
from judge.labels.formats.csv_table import CsvTable, csv_table
from judge.labels.formats.fields import fields_of

__all__ = ["answered", "is_long", "missing_columns", "read_long_csv"]

logger = logging.getLogger("judge")

_ASKED = frozenset(
    {
        "transcript",
        "rubric",
        "labeler",
        "source",
        "inclusion",
        "occasion",
        "anchored",
        "scenario",
        "pair",
    }
)
"""Fields that say what is asked, of whom and why; the others are answers."""


def is_long(names: Collection[str]) -> bool:
    return not missing_columns(names)


def missing_columns(names: Collection[Any]) -> list[str]:
    """Return the columns that long form needs and these are not.

    A severity will do where there is no label.
    """
    known = fields_of(names)
    there = {
        "transcript": "transcript" in known,
        "label": "label" in known or "severity" in known,
    }
    return [name for name, is_there in there.items() if not is_there]


def read_long_csv(path: str | Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the rows of a CSV file with columns ``transcript`` and ``label``.

    Raises
    ------
    UsageError
        If it is no CSV file or a required column is missing.
    """
    table = csv_table(path)
    if missing := missing_columns(table.names):
        raise no_label_file(table, missing)
    yield from table.rows()


def answered(
    rows: Iterable[tuple[str, Mapping[Any, Any]]], names: Iterable[Any], *, of: str
) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Yield the rows that answer anything: in a queue, the others are still to come.

    A row with a note and no label is an answer that lacks its label, and is kept to be
    refused.
    """
    # The label first: it is what a row that answers has.
    fields = sorted(fields_of(names).items(), key=lambda pair: pair[0] != "label")
    answers = [name for field, name in fields if field not in _ASKED]
    waiting = 0
    for where, row in rows:
        if any(not empty(row.get(name)) for name in answers):
            yield where, row
        else:
            waiting += 1
    if waiting:
        told = "1 row has" if waiting == 1 else f"{waiting:,} rows have"
        logger.warning("%s: %s no label yet, left out", of, told)


def no_label_file(table: CsvTable, missing: list[str]) -> UsageError:
    """Make the error that names the missing columns and those there are."""
    return UsageError(
        f"{table.path} is no label file: it has no column {', '.join(missing)} "
        f"(its columns: {table.columns})"
    )
