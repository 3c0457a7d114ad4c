"""Argilla's records as JSON, of version 2 and of version 1.

Responses are people's; drafts and discarded ones are left out where the file says so.
Suggestions are a model's labels, and what people answered to a question that had one is
*anchored*.  The transcript's id stands in the record's metadata or fields under
``transcript``, ``transcript_id``, ``item_id`` or ``id``, else it is the record's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from judge.errors import UsageError
from judge.labels.formats.fields import identity
from judge.labels.formats.json_items import Item, listed
from judge.labels.formats.questions import Answer, Answers, rubric_rows

__all__ = ["is_argilla", "read_argilla"]

_UNFINISHED = ("draft", "discarded")
_Given = Iterator[tuple[str, Any, Mapping[str, Any]]]


def is_argilla(first: Mapping[str, Any]) -> bool:
    return isinstance(first.get("fields"), Mapping) and "responses" in first


def read_argilla(
    items: Iterable[Item], rubric: str | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a row for each response or suggestion and each question it answers.

    Raises
    ------
    UsageError
        Names the record, the question and what is wrong with it.
    """
    return rubric_rows((x for item in items for x in _answers(*item)), rubric)


def _answers(where: str, record: Mapping[str, Any]) -> Iterator[Answers]:
    own = {"id": record.get("external_id") or record.get("id")}
    transcript = identity(record.get("metadata"), record.get("fields"), own)
    about = {"transcript": transcript}
    suggested = list(_suggestions(record.get("suggestions"), where))
    hinted = {question for question, _, _ in suggested}
    by_person: dict[str, list[Answer]] = {}
    for question, value, told in _responses(record.get("responses"), where):
        who = told.get("user_id")
        if isinstance(who, bool) or not isinstance(who, int | str):
            raise UsageError(f"{where}: the response to {question!r} has no user_id")
        answer = _answer(question, value, where)
        by_person.setdefault(str(who), []).append(answer)
    for who, given in by_person.items():
        anchored = any(answer.question in hinted for answer in given)
        made = {"labeler": who, "source": "human", "anchored": anchored}
        yield Answers(where, about | made, given)
    by_agent: dict[str, list[Answer]] = {}
    for question, value, told in suggested:
        agent = str(told.get("agent") or "suggestion")
        by_agent.setdefault(agent, []).append(_answer(question, value, where))
    for agent, given in by_agent.items():
        yield Answers(where, about | {"labeler": agent, "source": "model"}, given)


def _responses(told: Any, where: str) -> _Given:
    if isinstance(told, Mapping):  # version 2: by question
        for question, responses in told.items():
            for response in listed(responses, f"{where}, responses, {question}"):
                if isinstance(response, Mapping) and _is_finished(response):
                    yield question, response.get("value"), response
        return
    for response in listed(told, f"{where}, responses"):  # version 1: by person
        if isinstance(response, Mapping) and _is_finished(response):
            values = response.get("values")
            named = values.items() if isinstance(values, Mapping) else ()
            for question, value in named:
                told_value = value.get("value") if isinstance(value, Mapping) else value
                yield question, told_value, response


def _suggestions(told: Any, where: str) -> _Given:
    if isinstance(told, Mapping):
        named = list(told.items())
    else:
        each = [x for x in listed(told, f"{where}, suggestions") if isinstance(x, dict)]
        named = [(x.get("question_name"), x) for x in each]
    for question, suggestion in named:
        if isinstance(question, str) and isinstance(suggestion, Mapping):
            value = suggestion.get("value")
            if value is not None:
                yield question, value, suggestion


def _is_finished(response: Mapping[str, Any]) -> bool:
    return response.get("status") not in _UNFINISHED


def _answer(question: str, value: Any, where: str) -> Answer:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return Answer(question, "choice", value)
    if isinstance(value, int | float):
        return Answer(question, "number", value)
    raise UsageError(
        f"{where}: {question} has {value!r:.80}; one choice, number or text can be read"
    )
