"""The file that ``judge label`` keeps labels in, also while labelers go on.

It is told by its header, whatever its name; nothing is ever written to it here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from judge.errors import StoreError, UsageError
from judge.labels.label import Label
from judge.labels.ledger import schema
from judge.labels.ledger.last_words import Row, label_of, last_words
from judge.store import schema as store_schema

__all__ = ["is_sqlite", "read_desk"]

_HEAD = b"SQLite format 3\x00"
_PATIENCE = 10.0
"""Seconds to wait for a desk that is just writing."""


class _Asked(NamedTuple):
    """A transcript as the ledger was begun with it."""

    transcript: str
    digest: str
    inclusion: float | None
    scenario: str


class _Content(NamedTuple):
    rubric: str
    asked: Mapping[str, _Asked]
    """By transcript."""
    rows: Sequence[Row]


def is_sqlite(path: str | Path) -> bool:
    """Whether a file begins as an SQLite database does; False if it cannot be read."""
    with suppress(OSError), Path(path).open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD
    return False


def read_desk(path: str | Path) -> Iterator[tuple[str, Label]]:
    """Yield the labels as they stand: each labeler's last word, and what was settled.

    Raises
    ------
    UsageError
        If another program made the file, or it is a store of judgements.
    StoreError
        If it is damaged or cannot be read.
    """
    path = Path(path)
    try:
        rubric, asked, rows = _content(path)
    except sqlite3.Error as error:
        raise StoreError(
            f"{path}: the labels cannot be read ({error}). The file was left as it is: "
            "restore a copy, or save what can still be read with "
            "`sqlite3 FILE .recover`"
        ) from error
    for row in rows:
        where = f"{path}, entry {row[0]}"
        try:
            yield where, label_of(row, rubric, asked.get(row[2]))
        except (ValueError, RecursionError) as error:
            reason = str(error).partition("\n")[0][:200]
            raise StoreError(
                f"{where} is damaged, or another version of judge wrote it ({reason}); "
                "restore a copy, or read it with that version"
            ) from error


def _content(path: Path) -> _Content:
    """What is in it now, without a trace beside it where no desk has it open.

    A desk that has it open keeps a log beside it, and so does one that was killed;
    without a log the file alone is everything.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists():
        with suppress(sqlite3.Error):
            found = _read(path, "mode=ro&immutable=1")
            if not log.exists():  # else a desk was opened while this was read
                return found
    return _read(path, "mode=ro")


def _read(path: Path, how: str) -> _Content:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=_PATIENCE,
        isolation_level=None,
    )
    with closing(db):
        db.execute("BEGIN")  # all that is read is of one moment
        _refuse_others(db, path)
        (rubric,) = db.execute(schema.FACT, ("rubric",)).fetchone() or ("",)
        asked = {row[0]: _Asked(*row) for row in db.execute(schema.ITEMS)}
        rows = last_words(db.execute(schema.ENTRIES, (0,)))
    return _Content(rubric, asked, rows)


def _refuse_others(db: sqlite3.Connection, path: Path) -> None:
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if owner == store_schema.KIND.application_id:
        raise UsageError(
            f"{path} is a store of judgements and holds no labels; name the file that "
            "`judge label` was given with --labels"
        )
    if owner != schema.KIND.application_id:
        raise UsageError(
            f"{path} is an SQLite database that `judge label` did not make; export its "
            "labels as CSV with the columns transcript, labeler and label"
        )
    if version > schema.KIND.version:
        raise UsageError(
            f"a newer version of judge made the label file {path} (schema {version}, "
            f"this one reads {schema.KIND.version}); upgrade judge"
        )
