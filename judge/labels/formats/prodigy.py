"""Prodigy's JSONL: a task a line, with one annotator's answer.

In the binary interface accepting says that the category applies: present, and
rejecting that it does not: absent.  The category is the rubric, or ``labels=`` says
what accepting it means.  In the choice interface the one accepted option is the label;
with ``choice_style`` "multiple" each option is a rubric.  Ignored tasks, and choices
rejected as a whole, are no labels.  The transcript's id stands in the task or its meta
under ``transcript``, ``transcript_id``, ``item_id`` or ``id``; else it is the hash of
the input, which joins with nothing but tells transcripts apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from judge.errors import UsageError
from judge.labels.formats.fields import identity, slug
from judge.labels.formats.json_items import Item, listed
from judge.labels.formats.questions import Answer, Answers, rubric_rows
from judge.labels.vocabulary import Vocabulary

__all__ = ["is_prodigy", "read_prodigy"]

_ANSWERS = {"accept": "present", "reject": "absent"}


def is_prodigy(first: Mapping[str, Any]) -> bool:
    return first.get("answer") in ("accept", "reject", "ignore")


def read_prodigy(
    items: Iterable[Item], rubric: str | None, vocabulary: Vocabulary
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a row for each task that was answered, and each category.

    Raises
    ------
    UsageError
        Names the line and what is wrong with it.
    """
    found = (_answers(*item, rubric, vocabulary) for item in items)
    return rubric_rows((each for each in found if each is not None), rubric)


def _answers(
    where: str, task: Mapping[str, Any], rubric: str | None, vocabulary: Vocabulary
) -> Answers | None:
    answer = task.get("answer")
    if answer == "ignore":
        return None
    if not isinstance(answer, str) or answer not in _ANSWERS:
        raise UsageError(
            f"{where}, answer: expected accept, reject or ignore, got {answer!r:.60}"
        )
    hashed = {"id": task.get("_input_hash")}
    about = {
        "transcript": identity(task, task.get("meta"), hashed),
        "labeler": task.get("_annotator_id") or task.get("_session_id"),
        "source": "human",
        "time": _time(task.get("_timestamp")),
        "note": task.get("user_input") or task.get("comment"),
    }
    if "accept" in task or "options" in task:
        given = _choices(task, where) if answer == "accept" else []
    else:
        given = [_category(task, where, rubric, vocabulary)]
    return Answers(where, about, given)


def _category(
    task: Mapping[str, Any], where: str, rubric: str | None, vocabulary: Vocabulary
) -> Answer:
    category = task.get("label")
    if not isinstance(category, str) or not category.strip():
        raise UsageError(f"{where}: the task has no label, so no category was judged")
    applies = _ANSWERS[str(task["answer"])]
    meaning = vocabulary.said(category)
    if meaning is not None:
        told = meaning if applies == "present" else vocabulary.opposite(meaning)
        return Answer("label", "choice", told)
    if rubric is not None and len({slug(rubric), slug(category)}) == 2:
        raise UsageError(
            f"{where}: the category is {category!r}, the rubric {rubric!r}; say what "
            f"accepting it means: labels={{{category!r}: 'present'}} (or 'absent')"
        )
    return Answer(category, "choice", applies)


def _choices(task: Mapping[str, Any], where: str) -> list[Answer]:
    accepted = listed(task.get("accept"), f"{where}, accept")
    config = task.get("config")
    style = config.get("choice_style") if isinstance(config, Mapping) else None
    if style == "multiple":
        options = listed(task.get("options"), f"{where}, options")
        names = [x.get("id") for x in options if isinstance(x, Mapping)]
        return [
            Answer(str(name), "choice", "present" if name in accepted else "absent")
            for name in names
        ]
    if len(accepted) != 1:
        raise UsageError(
            f"{where}, accept: expected one option, got {accepted!r:.80}; options that "
            'are rubrics of their own need config {"choice_style": "multiple"}'
        )
    return [Answer("label", "choice", accepted[0])]


def _time(told: Any) -> str | None:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return datetime.fromtimestamp(told, tz=UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None  # no date this calendar has
