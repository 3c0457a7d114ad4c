"""Which of judge's SQLite files one is: what it holds, and what messages say of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FileKind"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of SQLite file."""

    noun: str
    """What messages call it."""
    application_id: int
    """What tells it from any other SQLite file (``PRAGMA application_id``)."""
    version: int
    """Of `tables` (``PRAGMA user_version``); a file of a newer one is not opened."""
    tables: str
    """Statements that create the tables of a new one."""
    remedy: str
    """What to do about a row that cannot be read."""
    durable: bool = False
    """Whether what was written outlives a power cut: slower, for what people made."""
