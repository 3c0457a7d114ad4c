"""Inspect Scout's validation CSV: one answer a transcript, and nobody who gave it.

``id, target`` (what the result should be), ``id, target_<rubric>, ...`` or
``id, label_<rubric>, ...``.  Only targets that are to be equalled say what a transcript
is; ``gte 3`` says what a result must satisfy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from judge.errors import UsageError
from judge.labels.formats.csv_table import CsvTable
from judge.labels.formats.fields import slug
from judge.labels.vocabulary import Vocabulary

__all__ = ["has_targets", "is_scout", "read_scout"]

_PREFIXES = ("target_", "label_")


def is_scout(names: Collection[str]) -> bool:
    return "id" in names and bool(_answers(names))


def has_targets(names: Collection[str]) -> bool:
    """Whether a column is named as only this tool names them."""
    return "id" in names and any(
        name == "target" or name.startswith("target_") for name in names
    )


def read_scout(
    table: CsvTable, rubric: str | None, vocabulary: Vocabulary
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a row for each transcript and rubric that has an answer.

    Raises
    ------
    UsageError
        If a predicate is other than ``eq``, a transcript stands there twice, or there
        are several rubrics and none is ``rubric``.
    """
    answers = _chosen(table, rubric)
    seen: set[str] = set()
    for where, row in table.rows():
        name = row.get("id", "")
        if name in seen:
            raise UsageError(f"{where}: the id {name!r} stands there twice; keep one")
        seen.add(name)
        predicate = row.get("predicate") or "eq"
        if predicate != "eq":
            raise UsageError(
                f"{where}, column predicate: {predicate!r} says what a result must "
                "satisfy, not what the transcript is; only eq can be read"
            )
        for column, about in answers.items():
            if told := row.get(column, "").strip():
                cells = {"transcript": name, **vocabulary.cells(told)}
                yield f"{where}, column {column}", cells | about


def _answers(names: Collection[str]) -> dict[str, dict[str, str]]:
    """The columns with answers, and the rubric each is about, if it says."""
    if "target" in names:
        return {"target": {}}
    return {
        name: {"rubric": slug(name.removeprefix(prefix))}
        for prefix in _PREFIXES
        for name in names
        if name.startswith(prefix) and slug(name.removeprefix(prefix))
    }


def _chosen(table: CsvTable, rubric: str | None) -> dict[str, dict[str, str]]:
    answers = _answers(table.names)
    named = {about["rubric"] for about in answers.values() if about}
    if rubric is None or not named:
        return answers
    if slug(rubric) not in named:
        raise UsageError(
            f"{table.path} answers for {', '.join(sorted(named))}, not for {rubric!r}; "
            "choose one with rubric=..., or name none to read them all"
        )
    return {k: about for k, about in answers.items() if about["rubric"] == slug(rubric)}
