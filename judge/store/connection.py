"""One SQLite file, opened so that every failure says what happened and what to do.

Whatever goes wrong, what had been written before stays written: a transaction is
whole or absent, and nothing here deletes or repairs a file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import zstandard

from judge.errors import StoreError
from judge.store.file_kind import FileKind
from judge.store.sqlite_failures import DAMAGED, UNWRITABLE, code_of, explained

__all__ = ["Connection"]

Decoded = TypeVar("Decoded")

_UNDECODABLE: Final = (
    ValueError,  # json's and pydantic's too
    TypeError,
    KeyError,
    RecursionError,
    zstandard.ZstdError,
)


class Connection:
    """An SQLite connection that threads may share and that raises `StoreError`.

    Parameters
    ----------
    path
        The file; made if it is missing, its directory must exist.
    kind
        What the file holds, and what messages say of it.
    timeout
        Seconds to wait for another process's lock.
    """

    def __init__(self, path: str | Path, kind: FileKind, *, timeout: float) -> None:
        self.path = Path(path)
        self._absolute = self.path.absolute()  # also after a change of directory
        self._kind = kind
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        _check_place(self.path)
        with self._failures(f"open the {kind.noun}"), ExitStack() as undo:
            db = sqlite3.connect(
                self._absolute,  # else "" and ":memory:" would be no files
                timeout=timeout,
                isolation_level=None,  # transactions are begun by hand
                check_same_thread=False,  # the lock sees to it
            )
            undo.enter_context(closing(db))
            self._db = db
            self._identity = _identity(self._absolute)
            self._check_owner(db)
            _enter_wal(db, timeout)
            # With NORMAL a power cut may cost the last transactions, never the file;
            # a killed process costs nothing with either.
            db.execute(f"PRAGMA synchronous={'FULL' if kind.durable else 'NORMAL'}")
            # 16 MB of log before it is worked in: fewer pages are written twice.
            db.execute("PRAGMA wal_autocheckpoint=4000")
            self._create(db)
            undo.pop_all()
        # Whoever forgets to close it gets no warning about a file left open.
        weakref.finalize(self, db.close)

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query."""
        with self._lock, self._failures(f"read the {self._kind.noun}"):
            return self._open().execute(sql, values).fetchall()

    def decoded(
        self, what: str, decode: Callable[..., Decoded], *stored: Any
    ) -> Decoded:
        """Return ``decode(*stored)``; a row it cannot decode is a `StoreError`."""
        try:
            return decode(*stored)
        except _UNDECODABLE as exc:
            reason = str(exc).partition("\n")[0][:200]
            raise StoreError(
                f"{self.path}: the row of {what} is damaged, or another version of "
                f"judge wrote it ({reason}). {self._kind.remedy}"
            ) from exc

    @contextmanager
    def transaction(self, doing: str) -> Iterator[sqlite3.Connection]:
        """Write what the body does as one whole, or nothing of it."""
        with self._lock, self._failures(doing):
            db = self._open()
            self._check_still_there(doing)
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def _check_still_there(self, doing: str) -> None:
        """What is written to a deleted file is gone when this process ends."""
        if _identity(self._absolute) != self._identity:
            raise StoreError(
                f"{self.path}: cannot {doing}: the file was moved, deleted or replaced "
                "while it was in use. Put it back where it was, or start again"
            )

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(
                f"{self.path}: the {self._kind.noun} is closed; open it again"
            )
        return self._db

    def _check_owner(self, db: sqlite3.Connection) -> None:
        # Another process may just be creating the file, all at once: whoever sees its
        # tables sees its owner afterwards, so the owner is asked for last.
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (found,) = db.execute("PRAGMA user_version").fetchone()
        (owner,) = db.execute("PRAGMA application_id").fetchone()
        kind = self._kind
        if owner != kind.application_id and (owner or found or tables):
            raise StoreError(
                f"{self.path}: this SQLite database is not a {kind.noun} of judge; "
                "it was left as it is. Name another file for it"
            )
        if found > kind.version:
            raise StoreError(
                f"{self.path}: a newer version of judge wrote this {kind.noun} "
                f"(schema {found}, this one reads {kind.version}). Upgrade judge, or "
                "name another file"
            )

    def _create(self, db: sqlite3.Connection) -> None:
        version = self._kind.version
        if db.execute("PRAGMA user_version").fetchone() == (version,):
            return
        with self.transaction(f"create the tables of the {self._kind.noun}"):
            if db.execute("PRAGMA user_version").fetchone() != (0,):
                return  # another process was faster
            for statement in _statements(self._kind.tables):
                db.execute(statement)
            db.execute(f"PRAGMA application_id={self._kind.application_id}")
            db.execute(f"PRAGMA user_version={version}")

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            what, remedy = explained(exc)
            found = self._quick_check() if what == DAMAGED[0] else ""
            message = f"{self.path}: cannot {doing}: {what} ({exc}{found}). {remedy}"
            raise StoreError(message) from exc
        except OverflowError as exc:
            message = f"{self.path}: cannot {doing}: a number has over 64 bits ({exc})"
            raise StoreError(message) from exc
        except UnicodeEncodeError as exc:
            message = f"{self.path}: cannot {doing}: {exc.object!r} is no Unicode text"
            raise StoreError(message) from exc

    def _quick_check(self) -> str:
        try:
            rows = self._db.execute("PRAGMA quick_check(1)") if self._db else []
            found = " ".join(finding for (finding,) in rows if finding != "ok")
        except sqlite3.Error:
            return ""  # too damaged to be examined; the first error says enough
        found = " ".join(found.replace("*** in database main ***", "").split())
        return f"; {found}" if found else ""


def _statements(text: str) -> Iterator[str]:
    """Split where a statement is complete: the body of a trigger has semicolons."""
    statement = ""
    for piece in text.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_place(path: Path) -> None:
    """Find out before the first paid call what would fail at the first write."""
    if path.is_dir():
        raise StoreError(
            f"{path}: this is a directory; name a file in it, such as "
            f"{path / 'judgements.db'}"
        )
    if not path.absolute().parent.is_dir():
        raise StoreError(
            f"{path}: there is no directory {path.absolute().parent}; create it first "
            "(nothing here does, in case the path is a slip)"
        )
    for place in (path.absolute().parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreError(f"{place}: {UNWRITABLE[0]}. {UNWRITABLE[1]}")


def _enter_wal(db: sqlite3.Connection, timeout: float) -> None:
    """Switch to write-ahead logging, in which readers and a writer do not wait.

    Two processes that create a file at once collide here and, unlike everywhere else,
    SQLite does not wait by itself.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            if code_of(exc) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return
