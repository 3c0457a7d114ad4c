"""What SQLite's failures mean to whoever sees one, and what to do about each."""

from __future__ import annotations

import sqlite3

__all__ = ["DAMAGED", "UNWRITABLE", "code_of", "explained"]

DAMAGED = (
    "the file is damaged",
    (
        "It was left as it is: restore a copy, or start a new file and save what can "
        "still be read with `sqlite3 FILE .recover`"
    ),
)
UNWRITABLE = (
    "the file or its directory cannot be written",
    (
        "Both must be writable: change the permissions, or copy the file to where "
        "you may write"
    ),
)
_REMEDIES = {
    sqlite3.SQLITE_NOTADB: (
        "it is not an SQLite database, or its header is damaged",
        "It was left as it is: name another file, or restore a copy",
    ),
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: (
        "there is no space left",
        "Nothing written before is lost: free some space and run again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk refused to read or write",
        (
            "Nothing written before is lost: look for a full disk, a quota, a file "
            "size limit or a failing drive, then run again"
        ),
    ),
    sqlite3.SQLITE_READONLY: UNWRITABLE,
    sqlite3.SQLITE_PERM: UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: UNWRITABLE,
    sqlite3.SQLITE_BUSY: (
        "another process kept it locked",
        "Let that process finish, or wait longer for it (`timeout`)",
    ),
    sqlite3.SQLITE_PROTOCOL: (
        "its file system cannot lock it",
        "Put the file on a local disk: SQLite does not work on most network drives",
    ),
    sqlite3.SQLITE_TOOBIG: (
        "a text is longer than SQLite stores (1 GB)",
        "Judge a shorter transcript",
    ),
}


def code_of(exc: sqlite3.Error) -> int:
    """Return SQLite's primary result code, -1 for an error of Python's own."""
    code: int = getattr(exc, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else code


def explained(exc: sqlite3.Error) -> tuple[str, str]:
    """Return what happened, and what to do about it."""
    if "decode to UTF-8" in str(exc):  # Python's own, without a code
        return DAMAGED
    fallback = ("SQLite failed", "What was written before is still there")
    return _REMEDIES.get(code_of(exc), fallback)
