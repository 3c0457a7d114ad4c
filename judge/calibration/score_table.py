"""A table of scores, whoever made it, as that of a judge.

What a `Run` writes has every column.  Of another judge's table a transcript and a score
will do: what it leaves out is taken to be so, and a note says what was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judge.calibration.results_table import STATUS, blank, missing
from judge.calibration.telling import counted
from judge.errors import UsageError
from judge.labels.cells import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScoreTable", "only_rubric", "read_scores"]

IDS = ("transcript_id", "transcript", "id", "item_id")
"""Columns, or names of the index, that may hold the transcripts' ids."""
PRESENT_FROM_LEVEL = 2
"""The threshold of the rubrics that come with the library."""
PRESENT_FROM_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The rows of a table on one rubric, by column."""

    rubric: str
    ids: Sequence[str]
    columns: Mapping[str, Sequence[Any]]
    """Those of `STATUS`, as they stand in the table or were taken to be."""
    others: Mapping[str, Sequence[Any]]
    threshold: int | None
    """The level from which a row was taken as present; None where the table says."""
    notes: tuple[str, ...]
    """What was taken to be so, in sentences without their full stop."""


def read_scores(
    table: pd.DataFrame, rubric: str | None = None, *, threshold: int | None = None
) -> ScoreTable:
    """Read a judge's scores off a table.

    Parameters
    ----------
    table
        Transcript ids in a column of `IDS` or in the index, and the column ``score``.
        Where it has no ``status``, rows with a score are scored; where it has no
        ``present``, the level decides, and without one a score of 0.5.
    rubric
        Which, or what the table is about where it has no column ``rubric``.
    threshold
        The level from which a row counts as present, where it does not say; 2 if not
        given.

    Raises
    ------
    UsageError
        If there is no such column, the rubric is not known, or rows name no transcript.
    """
    table = _with_ids(table)
    told: list[str] = []
    if rubric is not None and "rubric" not in table.columns:
        told.append(f"the table does not name its rubric: taken to be {rubric}")
        name = rubric
    else:
        name, table = _about(table, rubric)
    every = {str(column): table[column].tolist() for column in table.columns}
    if "input_tokens" in every:  # a run's name for it; its "length" is metadata
        if "length" in every:
            every["metadata_length"] = every["length"]
        every["length"] = every.pop("input_tokens")
    ids = _ids(every.pop("transcript_id"))
    columns: dict[str, Sequence[Any]] = {
        x: every.get(x, [None] * len(ids)) for x in STATUS
    }
    from_level = None
    if not {"status", "present"} <= every.keys():
        from_level = _fill(
            columns, told, status_told="status" in every, threshold=threshold
        )
    told += _makers(every)
    others = {x: every[x] for x in every if x not in STATUS and x != "rubric"}
    return ScoreTable(name, ids, columns, others, from_level, tuple(told))


def only_rubric(rubric: str | None, seen: Iterable[str]) -> str:
    """Return the rubric asked for, or the only one there is.

    Raises
    ------
    UsageError
        If it was not judged, or several were and none is named.
    """
    found = sorted(seen)
    known = ", ".join(found) or "none"
    if rubric is None and len(found) == 1:
        return found[0]
    if rubric is None:
        raise UsageError(f"the run judged {known}; name one rubric (rubric=...)")
    if rubric not in found:
        raise UsageError(f"the run did not judge {rubric!r}; it judged: {known}")
    return rubric


def _with_ids(table: pd.DataFrame) -> pd.DataFrame:
    """Return it with the columns ``transcript_id`` and ``score``."""
    named = [name for name in table.index.names if name in (*IDS, "rubric")]
    if new := [name for name in named if name not in table.columns]:
        table = table.reset_index(level=new)
    if not table.columns.is_unique:
        raise UsageError("the table has two columns of one name; keep one")
    known = [name for name in IDS if name in table.columns]
    unnamed = table.index.names == [None] and table.index.inferred_type == "string"
    if unnamed and not known:
        table, known = table.rename_axis("id").reset_index(), ["id"]
    if len(known) > 1 and known[0] != "transcript_id":
        raise UsageError(
            f"the table has the columns {' and '.join(known)}: call the one with the "
            "transcripts' ids transcript_id"
        )
    wanted = {"transcript_id": bool(known), "score": "score" in table.columns}
    if absent := [name for name, there in wanted.items() if not there]:
        columns = ", ".join(map(str, table.columns)) or "none"
        raise UsageError(
            f"the table is no table of scores: it has no column {', '.join(absent)} "
            f"(its columns: {columns:.200}); it needs the transcripts' ids, as column "
            "or named index, and scores from 0 to 1"
        )
    return table.rename(columns={known[0]: "transcript_id"})


def _about(table: pd.DataFrame, rubric: str | None) -> tuple[str, pd.DataFrame]:
    if "rubric" not in table.columns:
        raise UsageError(
            "the table does not say what it is about: name the rubric (rubric=...), or "
            "add a column rubric"
        )
    about = table["rubric"].astype("object").map(str)
    name = only_rubric(rubric, set(about))
    return name, table[(about == name).to_numpy()]


def _ids(values: Sequence[Any]) -> list[str]:
    for number, value in enumerate(values, start=1):
        if missing(value) or value == "":
            raise UsageError(f"row {number} of the table names no transcript")
    return [str(plain(value)) for value in values]


def _makers(every: Mapping[str, Sequence[Any]]) -> list[str]:
    """Say that judges may be mixed, where no fingerprint could tell."""
    if not all(map(missing, every.get("fingerprint", ()))):
        return []
    names = sorted({str(x) for x in every.get("model", ()) if not missing(x)})
    if len(names) < 2:
        return []
    some = ", ".join(names[:3]) + ", ..." * (len(names) > 3)
    told = f"the column model names {len(names)} ({some}): if these are judges, measure"
    return [f"{told} each by itself"]


def _fill(
    columns: dict[str, Sequence[Any]],
    told: list[str],
    *,
    status_told: bool,
    threshold: int | None,
) -> int | None:
    """Fill in status and present; returns the level that decided, if one did."""
    scores = columns["score"]
    if not status_told:
        columns["status"] = [
            "unscored" if blank(score) else "scored" for score in scores
        ]
        if none := sum(map(blank, scores)):
            told.append(f"{counted(none, 'row')} without a score: taken as unscored")
    by, from_level = _decided_by(columns, threshold)
    if by == "score":
        told.append(
            "the table does not say what is present: taken to be scores from "
            f"{PRESENT_FROM_SCORE} up"
        )
    if by == "level":
        told.append(
            "the table does not say what is present: taken to be levels from "
            f"{from_level} up"
        )
    columns["present"] = _present(columns, by, from_level)
    if not status_told:
        _abstain(columns, by, told)
    return from_level


def _decided_by(
    columns: Mapping[str, Sequence[Any]], threshold: int | None
) -> tuple[str, int | None]:
    """Return the column that tells what is present, and from which level."""
    if not all(map(blank, columns["present"])):
        return "present", None
    if not all(map(blank, columns["level"])):
        return "level", PRESENT_FROM_LEVEL if threshold is None else threshold
    return "score", None


def _present(
    columns: Mapping[str, Sequence[Any]], by: str, from_level: int | None
) -> list[Any]:
    if by == "present":
        return list(columns["present"])
    least = PRESENT_FROM_SCORE if from_level is None else from_level
    rows = zip(columns["status"], columns[by], strict=True)
    return [
        _number(value) >= least if status == "scored" and not blank(value) else None
        for status, value in rows
    ]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0  # `results_frame` names it


def _abstain(columns: dict[str, Sequence[Any]], by: str, told: list[str]) -> None:
    status, present = list(columns["status"]), columns["present"]
    open_rows = [
        place
        for place, (one, said) in enumerate(zip(status, present, strict=True))
        if one == "scored" and blank(said)
    ]
    for place in open_rows:
        status[place] = "abstained"
    if open_rows:
        told.append(
            f"{counted(len(open_rows), 'row')} with a score and no {by}: taken as "
            "abstained"
        )
    columns["status"] = status
