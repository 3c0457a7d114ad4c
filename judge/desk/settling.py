"""What whoever leads decides of a case: settled, discussed, or a gap in the guide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, field_validator

from judge.desk.access import Person
from judge.desk.cases import Case, agenda, open_to
from judge.desk.changing import NotHereError
from judge.desk.desk import Desk
from judge.desk.fitting import fitted
from judge.desk.gaps import clauses_of
from judge.errors import UsageError
from judge.labels.ledger.answer import Answer, Entry, Remark
from judge.provenance import Frozen

__all__ = ["BLIND", "Settling"]

BLIND = (
    "Nobody has said anything of this transcript yet, or it waits in your own queue: "
    "label it first, what others said of it comes after that."
)


class _Why(Frozen):
    """A reason, which is more than blanks."""

    why: str = Field(min_length=1, max_length=20_000)

    @field_validator("why", mode="after")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("say why")
        return value


class _Settled(_Why):
    """What an adjudicator decides, and why."""

    label: str
    severity: int | None = None
    seen: int = Field(ge=0)
    """The last entry that the page showed."""


class _Gap(_Why):
    """What the guide does not say, and in which clause."""

    clause: str = Field(min_length=1, max_length=200)


class Settling:
    """The changes that a lead's page asks for, each kept with who and why.

    They raise `UsageError` or pydantic's ValidationError for what decides nothing,
    `NotHereError` for a case that is not theirs to see, and `StoreError` where nothing
    can be kept.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def settled(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep what was decided, and say what is to be settled next."""
        cases = open_to(self._desk, person.name)
        case = _found(cases, at["number"])
        form = _Settled.model_validate(body)
        _check_seen(self._desk.ledger.entries(case.transcript), form.seen)
        decided = {"label": form.label, "severity": form.severity}
        answer = fitted(Answer.model_validate(decided), self._desk.rubric)
        _, _, after = agenda(cases, case.number)
        remark = Remark(why=form.why, answer=answer)
        self._desk.ledger.add(person.name, case.transcript, remark, kind="settle")
        return {"next": f"/lead/case/{after.number}" if after else "/lead"}

    def gap(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep that a clause of the guide does not settle this."""
        case = _found(open_to(self._desk, person.name), at["number"])
        form = _Gap.model_validate(body)
        if form.clause not in dict(clauses_of(self._desk.rubric)):
            raise UsageError(f"the guide has no clause {form.clause!r}")
        remark = Remark(why=form.why, clause=form.clause)
        self._desk.ledger.add(person.name, case.transcript, remark, kind="gap")
        return {"kept": True}

    def discussed(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep that what was flagged was talked over, which takes the flags down."""
        case = _found(open_to(self._desk, person.name), at["number"])
        if not case.flags:
            raise UsageError("nobody flags this now")
        remark = Remark(why=_Why.model_validate(body).why)
        self._desk.ledger.add(person.name, case.transcript, remark, kind="unflag")
        return {"kept": True}


def _check_seen(entries: Iterable[Entry], seen: int) -> None:
    for entry in entries:
        if entry.entry > seen and entry.kind in {"answer", "settle"}:
            what = "labeled" if entry.kind == "answer" else "settled"
            raise UsageError(
                f"{entry.labeler} has {what} this since the page was opened: reload "
                "it, look, and decide then; what you typed stays"
            )


def _found(cases: list[Case], number: int) -> Case:
    for case in cases:
        if case.number == number:
            return case
    raise NotHereError(BLIND)
