"""Files that whoever leads takes from the desk: one entry a format."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from judge.desk.desk import Desk
from judge.errors import StoreError
from judge.labels.labels import HumanLabels

__all__ = ["EXPORTS", "Export", "content_of"]


class Export(NamedTuple):
    """A file to take away."""

    told: str
    """What its link says."""
    ending: str
    """Of the file's name."""
    write: Callable[[Desk, Path], None]


def _csv(desk: Desk, path: Path) -> None:
    HumanLabels(desk.ledger.labels()).to_csv(path)


def _jsonl(desk: Desk, path: Path) -> None:
    HumanLabels(desk.ledger.labels()).to_jsonl(path)


def _history(desk: Desk, path: Path) -> None:
    lines = (entry.model_dump_json() for entry in desk.journal.entries())
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


EXPORTS: dict[str, Export] = {
    "csv": Export("Labels as CSV", "csv", _csv),
    "jsonl": Export("Labels as JSONL", "jsonl", _jsonl),
    "history": Export("All that was said", "history.jsonl", _history),
}
"""By the last word of their address; the page lists them in this order."""


def content_of(export: Export, desk: Desk) -> bytes:
    """Return a file's content.

    Raises
    ------
    StoreError
        If the labels cannot be read, or there is no room for the file.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"labels.{export.ending}"
            export.write(desk, path)
            return path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"the file cannot be written here ({error.strerror}); free some space, or "
            "set TMPDIR to where there is some"
        ) from error
