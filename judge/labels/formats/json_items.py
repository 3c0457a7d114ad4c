"""A JSON array or a JSONL file as items, one at a time, with where each stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judge.errors import UsageError

__all__ = ["Item", "is_json", "json_items", "listed"]

Item = tuple[str, Mapping[str, Any]]
FILE_LIMIT = 256 * 2**20
"""Bytes of a JSON array, which is held whole."""
LINE_LIMIT = 64 * 2**20
"""Bytes of a line of JSONL."""
_SHOWN = 60


def is_json(path: str | Path) -> bool:
    """Whether a file begins as JSON does, or is empty and named as JSON.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    head = _head(Path(path))
    named = Path(path).suffix.lower() in (".json", ".jsonl", ".ndjson")
    return head in (b"[", b"{") or (not head and named)


def json_items(path: str | Path) -> Iterator[Item]:
    """Yield the objects of an array, or of the lines of a file.

    Raises
    ------
    UsageError
        If it cannot be read, is too large, no JSON, or an item is no object.
    """
    path = Path(path)
    values = _of_array(path) if _head(path) == b"[" else _of_lines(path)
    for where, value in values:
        if not isinstance(value, Mapping):
            raise UsageError(f"{where}: an object is expected, got {_shown(value)}")
        yield where, value


def listed(value: object, where: str) -> list[Any]:
    """Return a list; what is not there is an empty one.

    Raises
    ------
    UsageError
        If it is anything else.
    """
    if value is None or isinstance(value, list):
        return value or []
    raise UsageError(f"{where}: a list is expected, got {_shown(value)}")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    except OSError as error:
        raise _unreadable(path, error) from error


def _of_array(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) > FILE_LIMIT:
        raise UsageError(
            f"{path} is larger than {FILE_LIMIT:,} bytes; export it in parts, or as "
            "CSV or JSONL"
        )
    for place, value in enumerate(_parsed(content, str(path)), start=1):
        yield f"{path}, item {place}", value


def _of_lines(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                where = f"{path}, line {number}"
                if len(line) > LINE_LIMIT:
                    raise UsageError(f"{where} is longer than {LINE_LIMIT:,} bytes")
                if line.strip():
                    yield where, _parsed(line, where)
    except OSError as error:
        raise _unreadable(path, error) from error


def _parsed(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise UsageError(f"{where}: the JSON is nested too deeply to read") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{where}: it is not UTF-8 ({error.reason}); save it as UTF-8"
        ) from error
    except ValueError as error:  # also an integer longer than Python converts
        raise UsageError(f"{where}: this is no JSON: {str(error)[:_SHOWN]}") from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be read as labels: {error.strerror or error}")


def _shown(value: object) -> str:
    told = f"{type(value).__name__} {value!a}"
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."
