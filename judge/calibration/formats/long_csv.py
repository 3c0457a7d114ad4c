"""Labels in long form: one row a transcript, rubric and labeler."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judge.errors import UsageError

__all__ = ["read_long_csv"]

REQUIRED = ("transcript", "label")


def read_long_csv(path: str | Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the rows of a CSV file with columns ``transcript`` and ``label``.

    Raises
    ------
    UsageError
        If it is no CSV file or a required column is missing.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            if missing := [name for name in REQUIRED if name not in names]:
                raise UsageError(
                    f"{path} is no label file: it has no column {', '.join(missing)} "
                    f"(its columns: {', '.join(names) or 'none'})"
                )
            for row in reader:
                yield (
                    f"{path}, line {reader.line_num}",
                    {key: cell for key, cell in row.items() if key is not None},
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as labels: {error}") from error
