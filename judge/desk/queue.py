"""What is to be labeled, in order: a plan's queue with its key, or all there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from judge.errors import UsageError
from judge.labels.formats.csv_table import CsvTable, csv_table
from judge.labels.formats.fields import fields_of
from judge.labels.ledger.rows import Item

__all__ = ["read_inclusion", "read_queue"]


def read_queue(path: Path, key: Path | None = None) -> list[Item]:
    """Read what ``judge plan --out`` wrote.

    Parameters
    ----------
    path
        The queue: a CSV file with a column ``transcript`` (or ``transcript_id``, ...).
    key
        The key to it, with the column ``inclusion``; default the file that the plan
        wrote beside the queue, where it is still there.  A queue that says itself how
        it was drawn needs none.

    Raises
    ------
    UsageError
        If a file cannot be read, names no transcripts or one twice, or the key is to
        another queue.
    """
    table, key = _table(path), key or _key_beside(path)
    chances = None if key is None else _chances(key)
    found: dict[str, Item] = {}
    for where, cells in _rows(table, "transcript"):
        name = cells["transcript"]
        if not name:
            raise UsageError(
                f"{where}: no transcript; a queue has a column of their ids"
            )
        if name in found:
            raise UsageError(f"{where}: {name!r} is in the queue twice")
        chance = _number(cells.get("inclusion"), where)
        if chance is None and chances is not None:
            if name not in chances:
                raise UsageError(_other_key(key, name, path))
            chance = chances[name]
        found[name] = Item(name, inclusion=chance, scenario=cells.get("scenario", ""))
    if not found:
        raise UsageError(f"{path}: the queue is empty")
    return list(found.values())


def read_inclusion(path: Path, key: Path | None = None) -> dict[str, float]:
    """Read what the key to a queue says of all its transcripts.

    A plan that goes on from labels draws anew, so that what was labelled before has
    another probability from then on: the key names those, too.  Parameters and errors
    are those of `read_queue`.
    """
    key = key or _key_beside(path)
    chances = {} if key is None else _chances(key)
    return {name: chance for name, chance in chances.items() if chance is not None}


def _key_beside(path: Path) -> Path | None:
    beside = path.with_name(f"{path.stem}-key.csv")
    return beside if beside.exists() else None


def _table(path: Path) -> CsvTable:
    if path.suffix.lower() in {".json", ".jsonl", ".parquet", ".eval"}:
        raise UsageError(
            f"{path} is no queue: that is a CSV file, as `judge plan --out` writes it"
        )
    return csv_table(path)


def _chances(key: Path) -> dict[str, float | None]:
    return {
        cells["transcript"]: _number(cells["inclusion"], where)
        for where, cells in _rows(csv_table(key), "transcript", "inclusion")
    }


def _rows(table: CsvTable, *needed: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The cells of each row by the fields they hold."""
    columns = fields_of(table.names)
    if missing := [name for name in needed if name not in columns]:
        raise UsageError(
            f"{table.path} is no queue nor the key to one: it has no column "
            f"{', '.join(missing)} (its columns: {table.columns})"
        )
    for where, row in table.rows():
        yield where, {field: row.get(name, "") for field, name in columns.items()}


def _other_key(key: Path | None, name: str, queue: Path) -> str:
    return (
        f"{key} does not say how {name!r} was drawn, so it is the key to another queue "
        f"than {queue}; put the one made with it there, or take this one away"
    )


def _number(cell: str | None, where: str) -> float | None:
    if not cell:
        return None
    try:
        number = float(cell)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1:
        raise UsageError(f"{where}: inclusion is a share over 0 up to 1, not {cell!r}")
    return number
