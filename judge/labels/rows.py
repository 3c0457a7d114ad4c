"""Where labels may come from: a file, a DataFrame, dicts or labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from judge.errors import UsageError
from judge.labels.formats.detect import FORMATS, rows_of_file
from judge.labels.formats.fields import fields_of
from judge.labels.formats.long_csv import answered, missing_columns
from judge.labels.label import Label
from judge.labels.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["label_rows"]


def label_rows(
    source_of: Any,
    *,
    format: str | None,  # noqa: A002 # as in load_transcripts
    rubric: str | None,
    vocabulary: Vocabulary,
) -> Iterable[tuple[str, Any]]:
    """Return ``(where it stands, its cells)`` for each label of a source.

    Raises
    ------
    UsageError
        If it is no source of labels, or a file or table of another form.
    """
    if isinstance(source_of, str | Path):
        return rows_of_file(
            source_of, format=format, rubric=rubric, vocabulary=vocabulary
        )
    if format not in (None, *FORMATS):
        raise UsageError(f"format={format!r}: the formats are {', '.join(FORMATS)}")
    if hasattr(source_of, "to_dict") and hasattr(source_of, "columns"):
        table = cast("pd.DataFrame", source_of)
        names = (*table.index.names, *table.columns)
        return answered(_numbered(_records(table)), names, of="the DataFrame")
    if isinstance(source_of, Iterable) and not isinstance(source_of, bytes | Mapping):
        return _numbered(map(_record, source_of))
    raise UsageError(
        f"labels are a path, a DataFrame or rows, not {type(source_of).__name__}"
    )


def _numbered(rows: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"row {n}", row) for n, row in enumerate(rows, start=1))


def _records(table: pd.DataFrame) -> Iterable[dict[Any, Any]]:
    named = [name for name in table.index.names if fields_of([name])]
    if new := [name for name in named if name not in table.columns]:
        table = table.reset_index(level=new)
    if missing := missing_columns(list(table.columns)):
        columns = ", ".join(map(str, table.columns)) or "none"
        raise UsageError(
            f"the DataFrame holds no labels in long form: it has no column "
            f"{', '.join(missing)} (its columns: {columns})"
        )
    kept = list(fields_of(list(table.columns)).values())
    if twice := [name for name in kept if list(table.columns).count(name) > 1]:
        raise UsageError(f"the DataFrame has the column {twice[0]} twice; keep one")
    each = zip(*(table[name].tolist() for name in kept), strict=True)
    return (dict(zip(kept, cells, strict=True)) for cells in each)


def _record(row: object) -> Mapping[Any, Any]:
    if isinstance(row, Label):
        return row.model_dump(exclude_unset=True)
    if isinstance(row, Mapping):
        return row
    raise UsageError(f"a label is a mapping or a Label, not {type(row).__name__}")
