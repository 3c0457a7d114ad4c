"""A CSV file as rows by column, with the line each ends in.

Commas, semicolons or tabs; UTF-8 with or without its mark.  The apostrophe that
`judge.store.export.write_csv_table` puts before a would-be formula is taken off again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from judge.errors import UsageError
from judge.store.export import inert_cell  # what it writes, `unescaped` takes back

__all__ = ["CsvTable", "csv_table", "escaped", "unescaped"]

CELL_LIMIT = 16 * 2**20
"""Characters of a cell: a tool's export may hold the transcript."""
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file's columns, and its rows one at a time."""

    path: Path
    names: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[str, dict[str, str]]]]
    """``(where, cells)``, each time from the beginning; blank rows left out."""

    @property
    def columns(self) -> str:
        """The columns, for a message."""
        some = ", ".join(name or "(unnamed)" for name in self.names[:_SHOWN])
        return f"{some}, ..." if len(self.names) > _SHOWN else some or "none"


def csv_table(path: str | Path, *, what: str = "labels") -> CsvTable:
    """Open a CSV file by its header.

    Raises
    ------
    UsageError
        If it cannot be read, is no CSV, or a column stands there twice; while the rows
        are read, if one has more cells than there are columns.
    """
    path = Path(path)
    with _opened(path, what) as (_, names):
        pass
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise UsageError(f"{path}: the column {min(twice)} stands there twice")
    return CsvTable(path, tuple(names), lambda: _rows(path, what))


@contextmanager
def _opened(path: Path, what: str) -> Iterator[tuple[Any, list[str]]]:
    # For the whole process, and only ever up: a smaller limit protects nobody here.
    csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
    reader: Any = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=_delimiter(file), strict=True)
            yield reader, [unescaped(name.strip()) for name in next(reader, [])]
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} cannot be read as {what}: it is not UTF-8 ({error.reason} at byte "
            f"{error.start}); save it as CSV UTF-8"
        ) from error
    except csv.Error as error:
        raise UsageError(
            f"{path}, line {reader.line_num}: this is no CSV ({error}); a cell with "
            "quotes, commas or line breaks stands in quotes, its own quotes doubled"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read as {what}: {error.strerror or error}"
        ) from error


def _rows(path: Path, what: str) -> Iterator[tuple[str, dict[str, str]]]:
    with _opened(path, what) as (reader, names):
        width = len(names)
        for cells in reader:
            where = f"{path}, line {reader.line_num}"
            if len(cells) > width and any(cells[width:]):
                raise UsageError(
                    f"{where}: {len(cells)} cells for {width} columns; a cell with a "
                    "comma in it must stand in quotes"
                )
            if any(cells):
                given = [unescaped(x) if x[:1] == "'" else x for x in cells]
                yield where, dict(zip(names, given, strict=False))


def _delimiter(file: IO[str]) -> str:
    head = file.readline(2**16)
    file.seek(0)
    return next((mark for mark in ",;\t" if mark in head), ",")


def escaped(text: str) -> str:
    """Return ``text`` so that writing it as CSV and `unescaped` give it back."""
    return f"'{text}" if unescaped(text) != text else text


def unescaped(text: str) -> str:
    """Take off the apostrophe that was put before a formula."""
    if text[:1] != "'":
        return text
    bare = text.lstrip("'")
    return text[1:] if inert_cell(bare) != bare else text
