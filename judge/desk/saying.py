"""What a labeler says: an answer, a draft of one, a flag, a gap; checked and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from judge.desk.access import Person
from judge.desk.changing import NotHereError
from judge.desk.desk import Desk
from judge.desk.fitting import fitted
from judge.desk.gaps import clauses_of, standing_gaps
from judge.desk.marking import Selection, evidence_of, mark_of
from judge.errors import UsageError
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.rows import Seat
from judge.provenance import Frozen
from judge.verdict import Initiative, Locus, Stance

__all__ = ["Saying"]

_ASKED_AGAIN = (
    "you were asked about this again, and both answers are compared as they were first "
    "given: change the later one"
)


class Answering(Frozen):
    """What the page sends: an answer whose evidence is still places on the page."""

    label: str
    severity: int | None = None
    subtypes: tuple[str, ...] = ()
    locus: Locus = "none"
    initiative: Initiative = "none"
    stance: Stance = "genuine"
    confidence: float | None = Field(default=None, ge=0, le=1)
    note: str = Field(default="", max_length=20_000)
    marks: tuple[Selection, ...] = Field(default=(), max_length=200)
    seconds: float | None = Field(default=None, ge=0, le=86_400)


class Remarked(Frozen):
    """What the page sends beside answers."""

    kind: Literal["skip", "flag", "unflag", "gap", "ungap"]
    why: str = Field(default="", max_length=20_000)
    clause: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _says_why_where_that_is_asked(self) -> Remarked:
        # To take down a flag with a reason is to say that it was discussed, which is
        # for whoever leads.
        if self.kind in {"skip", "unflag"} and self.why.strip():
            raise ValueError(f"no reason goes with {self.kind!r}")
        if self.kind in {"gap", "ungap"} and not self.why.strip():
            raise ValueError("a gap says what the guide leaves open")
        return self


class Saying:
    """The changes that a labeler's page asks for.

    They raise `UsageError` or pydantic's ValidationError for what does not fit,
    `NotHereError` for what is not in the labeler's queue, and `StoreError` where
    nothing can be kept.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def marked(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Check a selection, and return the mark of it."""
        seat = self._seat(person, at)
        selection = Selection.model_validate(body)
        transcript = self._desk.transcripts[seat.place.transcript]
        return mark_of(evidence_of(selection, transcript), transcript)

    def drafted(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep what is typed so far."""
        place = self._seat(person, at).place
        if not isinstance(body, dict):
            raise UsageError("a draft is an object, with the form's fields")
        draft = json.dumps(body, allow_nan=False)  # else no browser reads it back
        self._desk.ledger.drafts.put(
            person.name, place.transcript, draft, place.occasion
        )
        return {"kept": True}

    def answered(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep an answer, and say where to go on."""
        seat = self._seat(person, at)
        form = Answering.model_validate(body)
        place, desk = seat.place, self._desk
        transcript = desk.transcripts[place.transcript]
        marks = tuple(evidence_of(mark, transcript) for mark in form.marks)
        fields = form.model_dump(exclude={"marks", "seconds"})
        answer = Answer.model_validate({**fields, "evidence": marks})
        fitted(answer, desk.rubric)
        key = (person.name, place.transcript, place.occasion)
        if desk.ledger.current(*key[:2], place.occasion + 1):
            raise UsageError(_ASKED_AGAIN)
        last = desk.ledger.current(*key) if seat.state == "answer" else None
        if last is not None and last.body == answer:  # sent again, or looked at again
            desk.ledger.drafts.drop(*key)
            return self._onward(person, place.place)
        desk.ledger.add(
            person.name,
            place.transcript,
            answer,
            occasion=place.occasion,
            seconds=form.seconds,
        )
        return self._onward(person, place.place)

    def remarked(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        """Keep that it was skipped or flagged, or that the guide has a gap."""
        seat = self._seat(person, at)
        said, place = Remarked.model_validate(body), seat.place
        if said.kind == "ungap":
            mine = self._desk.ledger.entries(place.transcript, person.name)
            gap = Remark(why=said.why, clause=said.clause)
            if gap not in [one.body for one in standing_gaps(mine)]:  # sent again
                return {"kept": True}
        elif said.clause and said.clause not in dict(clauses_of(self._desk.rubric)):
            raise UsageError(f"the guide has no clause {said.clause!r}")
        self._desk.ledger.add(
            person.name,
            place.transcript,
            Remark(why=said.why, clause=said.clause),
            kind=said.kind,
            occasion=place.occasion,
        )
        if said.kind == "skip":
            return self._onward(person, place.place)
        return {"kept": True}

    def _seat(self, person: Person, at: Mapping[str, int]) -> Seat:
        # By what is labeled, not by its place: that may be another's since the queues
        # were dealt anew, with this page open.
        seat = self._desk.ledger.seat(person.name, at["item"], at["occasion"])
        if seat is None or seat.place.transcript not in self._desk.transcripts:
            raise NotHereError("this is not in your queue")
        return seat

    def _onward(self, person: Person, place: int) -> Mapping[str, Any]:
        following = self._desk.next_open(person.name, after=place)
        same = following is None or following.place == place
        return {
            "next": "/" if same or following is None else f"/label/{following.place}"
        }
