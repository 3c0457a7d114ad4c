"""What a labeler asks of the desk: their queue, a transcript, and to keep an answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from pydantic import Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from judge.desk.access import Person, cookie_of, person_of
from judge.desk.changing import NotHereError, changed
from judge.desk.desk import Desk, turns_of
from judge.desk.fitting import fitted
from judge.desk.gaps import clauses_of
from judge.desk.marking import Selection, evidence_of
from judge.desk.pages import Pages
from judge.desk.quoting import stands
from judge.desk.shown import Shown
from judge.errors import UsageError
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.rows import Seat
from judge.provenance import Frozen
from judge.transcripts.types import Transcript
from judge.verdict import Evidence, Initiative, Locus, Stance

__all__ = ["Labeling"]

Page: TypeAlias = Callable[[Request], Awaitable[Response]]
_MONTH = 30 * 24 * 3600


class _Form(Frozen):
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


class _Remark(Frozen):
    """What the page sends beside answers."""

    kind: Literal["skip", "flag", "unflag", "gap"]
    why: str = Field(default="", max_length=20_000)
    clause: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _says_why_where_that_is_asked(self) -> _Remark:
        # To take down a flag with a reason is to say that it was discussed, which is
        # for whoever leads.
        if self.kind in {"skip", "unflag"} and self.why.strip():
            raise ValueError(f"no reason goes with {self.kind!r}")
        if self.kind == "gap" and not self.why.strip():
            raise ValueError("a gap says what the guide leaves open")
        return self


class Labeling:
    """The labeler's requests, answered from one `Desk`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    async def enter(self, request: Request) -> Response:
        """Take the token from the link into a cookie, so that no address shows it."""
        token = request.path_params["token"]
        if await run_in_threadpool(self._desk.ledger.people.who, token) is None:
            return self._pages.told(403, "This link opens nothing", _ASK)
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            cookie_of(request),
            token,
            max_age=_MONTH,
            httponly=True,
            samesite="lax",  # a link in a mail or a chat opens it, too
        )
        return response

    async def start(self, request: Request) -> Response:
        """Go to the next open place; where there is none, to what was done."""
        person = await self._person(request)
        if person is None:
            return self._pages.told(403, "Who are you?", _ASK)
        place = await run_in_threadpool(self._desk.next_open, person.name)
        if place is not None:
            return RedirectResponse(f"/label/{place.place}", status_code=303)
        where = "/lead" if person.lead else "/queue"
        return RedirectResponse(where, status_code=303)

    async def queue(self, request: Request) -> Response:
        """List the labeler's own queue, and what came of each place."""
        person = await self._person(request)
        if person is None:
            return self._pages.told(403, "Who are you?", _ASK)
        seats = await run_in_threadpool(self._desk.ledger.seats, person.name)
        still = sum(seat.state != "answer" for seat in seats)
        return self._pages.page("queue.html", person=person, seats=seats, still=still)

    async def show(self, request: Request) -> Response:
        """Show one transcript of the labeler's own queue, with what they said of it."""
        person = await self._person(request)
        if person is None:
            return self._pages.told(403, "Who are you?", _ASK)
        return await run_in_threadpool(
            self._shown, person, request.path_params["number"]
        )

    async def mark(self, request: Request) -> Response:
        """Check a selection and say what it is."""
        return await changed(request, self._desk.ledger, self._marked)

    async def draft(self, request: Request) -> Response:
        """Keep what is typed so far."""
        return await changed(request, self._desk.ledger, self._drafted)

    async def answer(self, request: Request) -> Response:
        """Keep an answer, and say where to go on."""
        return await changed(request, self._desk.ledger, self._answered)

    async def remark(self, request: Request) -> Response:
        """Keep that it was skipped, flagged or is a gap in the rubric."""
        return await changed(request, self._desk.ledger, self._remarked)

    async def _person(self, request: Request) -> Person | None:
        return await run_in_threadpool(person_of, request, self._desk.ledger)

    def _shown(self, person: Person, place: int) -> Response:
        desk, ledger = self._desk, self._desk.ledger
        seats = ledger.seats(person.name)
        seat = next((seat for seat in seats if seat.place.place == place), None)
        if seat is None:
            return self._pages.told(404, "Not in your queue", _ASK)
        transcript = desk.transcripts.get(seat.place.transcript)
        if transcript is None:
            return self._pages.told(404, "Not here now", _ABSENT)
        if (again := _asked_again(seat, seats)) is not None:
            return RedirectResponse(f"/label/{again.place.place}", status_code=303)
        key = (person.name, transcript.id, seat.place.occasion)
        last = ledger.current(*key)
        said = last.body if last and isinstance(last.body, Answer) else None
        flagged = [
            entry.kind
            for entry in ledger.entries(transcript.id, person.name)
            if entry.kind in {"flag", "unflag"}
            and entry.occasion == seat.place.occasion
        ][-1:]
        return self._pages.page(
            "label.html",
            person=person,
            place=seat.place,
            seats=seats,
            done=sum(seat.state == "answer" for seat in seats),
            rubric=desk.rubric,
            clauses=list(clauses_of(desk.rubric)),
            transcript=transcript,
            turns=list(turns_of(transcript)),
            state={
                "place": place,
                "item": seat.item,
                "occasion": seat.place.occasion,
                "answer": said and _as_form(said, transcript),
                "draft": ledger.drafts.get(*key),
                "flagged": flagged == ["flag"],
                "threshold": desk.rubric.threshold,
            },
        )

    def _seat(self, person: Person, at: Mapping[str, int]) -> Seat:
        # By what is labeled, not by its place: that may be another's since the queues
        # were dealt anew, with this page open.
        seat = self._desk.ledger.seat(person.name, at["item"], at["occasion"])
        if seat is None or seat.place.transcript not in self._desk.transcripts:
            raise NotHereError("this is not in your queue")
        return seat

    def _marked(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        seat = self._seat(person, at)
        selection = Selection.model_validate(body)
        transcript = self._desk.transcripts[seat.place.transcript]
        return _as_mark(evidence_of(selection, transcript), transcript)

    def _drafted(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        place = self._seat(person, at).place
        if not isinstance(body, dict):
            raise UsageError("a draft is an object, with the form's fields")
        draft = json.dumps(body, allow_nan=False)  # else no browser reads it back
        self._desk.ledger.drafts.put(
            person.name, place.transcript, draft, place.occasion
        )
        return {"kept": True}

    def _answered(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        seat = self._seat(person, at)
        form = _Form.model_validate(body)
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

    def _remarked(
        self, person: Person, at: Mapping[str, int], body: Any
    ) -> Mapping[str, Any]:
        seat = self._seat(person, at)
        said, place = _Remark.model_validate(body), seat.place
        if said.clause and said.clause not in dict(clauses_of(self._desk.rubric)):
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

    def _onward(self, person: Person, place: int) -> Mapping[str, Any]:
        following = self._desk.next_open(person.name, after=place)
        same = following is None or following.place == place
        return {
            "next": "/" if same or following is None else f"/label/{following.place}"
        }


_ASKED_AGAIN = (
    "you were asked about this again, and both answers are compared as they were first "
    "given: change the later one"
)
_ABSENT = (
    "This transcript is not among the files that the desk was started with. What was "
    "said of it is kept."
)
_ASK = (
    "Open the desk by the link that you were given; whoever leads can make a new one."
)


def _asked_again(seat: Seat, seats: Iterable[Seat]) -> Seat | None:
    """The open repeat of a place, once its turn has come.

    What was said first is not shown then: the repeat is to be answered without it.
    """
    place, repeats = seat.place, []
    for other in seats:
        if other.place.occasion == 1 and other.state is None:
            return None
        if other.state != "answer" and other.place.transcript == place.transcript:
            repeats.append(other)
    later = [one for one in repeats if one.place.occasion > place.occasion]
    return later[0] if later else None


def _as_form(body: Answer, transcript: Transcript) -> Mapping[str, Any]:
    """An answer as the page fills its form with it."""
    marks = [
        _as_mark(item, transcript) for item in body.evidence if stands(item, transcript)
    ]
    return {**body.model_dump(exclude={"evidence"}, mode="json"), "marks": marks}


def _as_mark(item: Evidence, transcript: Transcript) -> Mapping[str, Any]:
    """Evidence in places on the page, with what the page says of it."""
    told = item.model_dump(mode="json", exclude={"start", "end"})
    part = transcript.messages[item.message - 1].parts[item.part or 0]
    start, end = Shown(part.text).on_page(item.start or 0, item.end or 1)
    return {**told, "start": start, "end": end}
