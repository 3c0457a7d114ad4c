"""Assessments as files: JSONL keeps everything, CSV and Parquet the table of `frame`.

A file appears under its name when it is complete, and replaces another only then.
"""

from __future__ import annotations

import json
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from judge.errors import MissingExtraError, StoreError
from judge.store.frame import to_frame
from judge.store.records import encodable, to_json
from judge.verdict import Assessment

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "inert_cell",
    "read_jsonl",
    "replacing",
    "write_csv",
    "write_csv_table",
    "write_jsonl",
    "write_parquet",
]

_FORMULA = frozenset("=+-@\u2212")
_INVISIBLE = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters one cannot see


def write_jsonl(assessments: Iterable[Assessment], path: str | Path) -> None:
    r"""Write one assessment a line, as ASCII JSON (``\uXXXX``), nothing left out.

    Raises
    ------
    StoreError
        If the file cannot be written; one that was there is still there.
    """
    with replacing(Path(path)) as file:
        for assessment in assessments:
            file.write(to_json(assessment.model_dump()).encode() + b"\n")


def read_jsonl(path: str | Path) -> Iterator[Assessment]:
    """Read what `write_jsonl` wrote, a line at a time.

    Raises
    ------
    StoreError
        If the file cannot be read, or a line is no assessment; names the line.
    """
    try:
        with Path(path).open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _assessment(line, f"{path}:{number}")
    except OSError as exc:
        raise StoreError(f"{path}: cannot be read: {exc.strerror}") from exc


def write_csv(assessments: Iterable[Assessment], path: str | Path) -> None:
    """Write the table of `to_frame`; see `write_csv_table`."""
    write_csv_table(to_frame(assessments), path)


def write_csv_table(table: pd.DataFrame, path: str | Path) -> None:
    r"""Write a table as CSV that is safe to open in a spreadsheet.

    A text a spreadsheet might take for a formula gets a leading apostrophe: one that
    begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break, also in full width or
    after characters one cannot see.  Numbers stay numbers.  UTF-8 with a byte order
    mark, as spreadsheets need it; lone surrogates are written as ``\udxxx``, nested
    metadata as JSON.  The texts as they were are in JSONL.

    Raises
    ------
    StoreError
        If the file cannot be written; one that was there is still there.
    """
    frame = _plain(table, inert_cell)
    with replacing(Path(path)) as file:
        frame.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def write_parquet(assessments: Iterable[Assessment], path: str | Path) -> None:
    """Write the table of `to_frame`; mixed and nested metadata as JSON text.

    A lone surrogate, which Parquet cannot hold, is written as in `write_csv`.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    StoreError
        If the file cannot be written; one that was there is still there.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as exc:
        raise MissingExtraError(
            'Parquet needs pyarrow: pip install "transcript-judge[parquet]"'
        ) from exc
    frame = _plain(to_frame(assessments), encodable)
    with replacing(Path(path)) as file:
        parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), file)


def _assessment(line: bytes, where: str) -> Assessment:
    try:
        try:
            return Assessment.model_validate_json(line)
        except ValidationError:  # pydantic's parser refuses the escape of a surrogate
            return Assessment.model_validate(json.loads(line))
    except (ValueError, RecursionError) as exc:
        raise StoreError(
            f"{where}: this line is no assessment ({_reason(exc)}). Remove it, or "
            "write the file again with `write_jsonl`"
        ) from exc


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error).replace("\n", " ")[:200]
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(map(str, first["loc"]))
    return f"{field}: {first['msg']}"[:200] if field else first["msg"][:200]


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write beside `path`, and put the file in its place when it is complete.

    Raises
    ------
    StoreError
        If it cannot be written; one that was there is still there.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with beside.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as exc:
        raise StoreError(
            f"{path}: cannot be written: {exc.strerror or exc}. Name a file in a "
            "directory that exists, that you may write to and that has space left"
        ) from exc


def _plain(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Apply `change` to all text, column names included; make JSON of nested values."""
    import pandas as pd

    def changed(value: object) -> str:
        return change(value if isinstance(value, str) else to_json(value))

    kept = ("Int64", "float64", "boolean")
    text = {
        str(name): column.map(changed, na_action="ignore").astype(
            pd.StringDtype("python")
        )
        for name, column in frame.items()
        if str(column.dtype) not in kept
    }
    return frame.assign(**text).rename(columns=change)


def inert_cell(text: str) -> str:
    """Return `text` so that no spreadsheet computes it."""
    text = encodable(text)
    return f"'{text}" if text[:1] in set("\t\r\n") or _is_formula(text) else text


def _is_formula(text: str) -> bool:
    for char in text:
        if unicodedata.category(char) in _INVISIBLE or char in _BLANK_LETTERS:
            continue
        return unicodedata.normalize("NFKC", char)[0] in _FORMULA
    return False
