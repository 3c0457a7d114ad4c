"""Labels in long form: one row a transcript, rubric and labeler.

Columns are named as the fields of `Label`, or by one of their `ALIASES`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from judge.errors import UsageError
from judge.labels.formats.csv_table import CsvTable, csv_table
from judge.labels.formats.fields import fields_of

__all__ = ["is_long", "missing_columns", "read_long_csv"]


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


def no_label_file(table: CsvTable, missing: list[str]) -> UsageError:
    """Make the error that names the missing columns and those there are."""
    return UsageError(
        f"{table.path} is no label file: it has no column {', '.join(missing)} "
        f"(its columns: {table.columns})"
    )
