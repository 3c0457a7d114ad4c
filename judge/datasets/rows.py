"""The rows of a raw CSV file, checked: a cell that is not as expected is named."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.errors import DatasetError

__all__ = ["Row", "read_rows"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A row by column, and where it stands."""

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def name(self, column: str) -> str:
        """Return a cell that goes into ids and labels: nothing but a plain name.

        A formula, a line break or a quote there would be somebody's in a spreadsheet.
        """
        found = self[column].strip()
        if not _NAME.fullmatch(found):
            raise self.wrong(column, "a name of letters, digits, - _ and .")
        return found

    def wrong(self, column: str, expected: str) -> DatasetError:
        """Make the error that names place, column and value."""
        value = ascii(self[column])
        shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
        return DatasetError(
            f"{self.where}, column {column}: expected {expected}, got {shown}"
        )


def read_rows(path: Path, *, columns: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a file that has at least these columns.

    Raises
    ------
    DatasetError
        Names the file, the line and what is wrong there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_head(path, reader.fieldnames or (), columns)
            for cells in reader:
                yield _row(f"{path}, line {reader.line_num}", cells)
    except csv.Error as error:
        raise DatasetError(
            f"{path}, after line {reader.line_num}: no CSV: {error}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def _check_head(path: Path, found: Collection[str], columns: Collection[str]) -> None:
    missing = [column for column in columns if column not in found]
    if missing:
        raise DatasetError(f"{path}: it has no column {', '.join(missing)}")
    if len(set(found)) < len(found):
        raise DatasetError(f"{path}: a column stands there twice")


def _row(where: str, cells: Mapping[str | None, str | list[str] | None]) -> Row:
    given = {
        column: cell
        for column, cell in cells.items()
        if column is not None and isinstance(cell, str)
    }
    if len(given) < len(cells):
        raise DatasetError(f"{where}: it has more or fewer cells than columns")
    return Row(where, given)
