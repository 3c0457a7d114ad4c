"""Judged results as typed columns, from memory or from the files a run was written to.

A table may have been through a spreadsheet: each value is checked, and one that no
judgement has is an error that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.errors import MissingExtraError, UsageError
from judge.labels.formats.csv_table import csv_table
from judge.labels.vocabulary import meaning_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STATUS", "blank", "missing", "read_results", "results_frame"]

STATUS: Mapping[str, str] = {
    "status": "object",
    "score": "float64",
    "level": "Int64",
    "present": "boolean",
    "fingerprint": "object",
    "length": "float64",
}
"""The columns that a judgement always has, and their types."""
_TEXT = frozenset({"status", "fingerprint"})
_STATUSES = frozenset({"scored", "abstained", "unscored"})
_BLANK = frozenset({"", "nan", "na", "n/a", "<na>", "null", "none"})
"""How programs write that there is no number."""
_TRUTH: Mapping[object, bool] = {"present": True, "absent": False}


def read_results(path: Path) -> pd.DataFrame:
    """Read a table of results from CSV or Parquet.

    Raises
    ------
    UsageError
        If it cannot be read; `MissingExtraError` for Parquet without pyarrow.
    """
    import pandas as pd

    if path.suffix.lower() != ".parquet":
        table = csv_table(path, what="results")
        rows = [row for _, row in table.rows()]
        columns = {
            name: pd.Series([row.get(name) or None for row in rows], dtype="object")
            for name in table.names
        }
        unnamed = columns.pop("", None)
        read = pd.DataFrame(columns)
        if unnamed is not None and table.names[0] == "" and unnamed.notna().all():
            read.index = pd.Index(unnamed, dtype="object")  # as pandas writes an index
        return read
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise MissingExtraError(
            'Parquet needs pyarrow: pip install "transcript-judge[parquet]"'
        ) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as results: {error}") from error


def results_frame(
    ids: Sequence[str],
    columns: Mapping[str, Sequence[Any]],
    others: Mapping[str, Sequence[Any]],
    *,
    rubric: str,
) -> pd.DataFrame:
    """Return the frame of `Judgements`: the columns of `STATUS`, then the others.

    Raises
    ------
    UsageError
        If a transcript stands there twice, or a value is none of a judgement.
    """
    import pandas as pd

    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        twice = next(name for name in ids if name in seen or seen.add(name))  # type: ignore[func-returns-value] # None, so that the first repeat is found
        raise UsageError(
            f"transcript {twice!r} was judged on {rubric} {list(ids).count(twice)} "
            "times in this run; give each repeat, and each judge, its own run"
        )
    typed = {name: _typed(columns[name], name, ids) for name in STATUS}
    _check(typed, ids)
    index = pd.Index(list(ids), name="transcript", dtype="object")
    series = {
        name: pd.Series(typed[name], index=index, dtype=dtype)
        for name, dtype in STATUS.items()
    }
    for name, values in others.items():
        known = [None if missing(value) else value for value in values]
        series[name] = pd.Series(known, index=index, dtype=_type_of(known))
    return pd.DataFrame(series, index=index)


def _typed(values: Sequence[Any], name: str, ids: Sequence[str]) -> list[Any]:
    read, empty = _READ[name], missing if name in _TEXT else blank
    try:
        return [None if empty(value) else read(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        for transcript, value in zip(ids, values, strict=True):
            if not empty(value):
                _reread(read, value, f"transcript {transcript!r}, {name}")
        raise


def _reread(read: Callable[[Any], Any], value: Any, where: str) -> None:
    try:
        read(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{where}: {value!r:.60} is none ({error})") from error


def _check(typed: Mapping[str, list[Any]], ids: Sequence[str]) -> None:
    rows = zip(ids, typed["status"], typed["score"], typed["present"], strict=True)
    for transcript, status, score, present in rows:
        if status is None or (status == "unscored") != (score is None):
            told = "no score" if score is None else f"the score {score}"
            raise UsageError(
                f"transcript {transcript!r}: status {status} with {told}; an unscored "
                "one has none, any other has one"
            )
        if status == "unscored" and present is not None:
            raise UsageError(
                f"transcript {transcript!r}: present={present} and no score; give its "
                "score, or leave both empty"
            )
        if (status == "scored") != (present is not None):
            raise UsageError(
                f"transcript {transcript!r}: status {status} with present={present}; "
                "it is given where the judge scored, and only there"
            )


def _type_of(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and max(abs(v) for v in values if type(v) is int) < 2**63
        return "Int64" if whole else "float64"
    return "object"


def missing(value: Any) -> bool:
    """Return whether a cell holds nothing; of text, none is missing."""
    if value is None:
        return True
    if isinstance(value, float):
        return isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")  # without importing pandas


def blank(value: Any) -> bool:
    """Return whether a cell that should hold a number or a truth value is empty."""
    if isinstance(value, str):
        return value.strip().casefold() in _BLANK
    return missing(value)


def _status(value: Any) -> str:
    if value in _STATUSES:
        return str(value)
    raise ValueError(
        "expected scored, abstained or unscored; rename a column status that means "
        "something else"
    )


def _score(value: Any) -> float:
    score = float(value)
    if 0 <= score <= 1:
        return score
    of_hundred = "; of scores from 0 to 100, divide each by 100" if score > 1 else ""
    raise ValueError(f"expected a number from 0 to 1{of_hundred}")


def _level(value: Any) -> int:
    level = float(value)
    if level.is_integer() and 0 <= level <= 99:
        return int(level)
    raise ValueError("expected a level from 0 up")


def _present(value: Any) -> bool:
    told = _TRUTH.get(meaning_of(str(value)))
    if told is None:
        raise ValueError("expected True or False")
    return told


def _length(value: Any) -> float:
    length = float(value)
    if isfinite(length) and length >= 0:
        return length or nan  # a run writes 0 where the provider did not say
    raise ValueError("expected a length from 0 up")


_READ: Mapping[str, Callable[[Any], Any]] = {
    "status": _status,
    "score": _score,
    "level": _level,
    "present": _present,
    "fingerprint": str,
    "length": _length,
}
