"""What a labeler asks of the desk: their queue, a transcript, and to keep an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from judge.desk.access import Person, cookie_of, person_of
from judge.desk.changing import changed
from judge.desk.desk import Desk, turns_of
from judge.desk.gaps import clauses_of, standing_gaps
from judge.desk.marking import mark_of
from judge.desk.pages import Pages
from judge.desk.quoting import stands
from judge.desk.saying import Saying
from judge.labels.ledger.answer import Answer, Entry
from judge.labels.ledger.rows import Seat
from judge.transcripts.types import Transcript

__all__ = ["Labeling"]

_MONTH = 30 * 24 * 3600


class Labeling:
    """The labeler's requests, answered from one `Desk`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        self._saying = Saying(desk)

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
        ledger = self._desk.ledger
        seats = await run_in_threadpool(ledger.seats, person.name)
        still = sum(seat.state != "answer" for seat in seats)
        mine = await run_in_threadpool(
            lambda: list(ledger.entries(labeler=person.name))
        )
        return self._pages.page(
            "queue.html",
            person=person,
            seats=seats,
            still=still,
            said=_shown_answers(seats, mine),
            flagged=_flagged(mine),
            names={level.value: level.name for level in self._desk.rubric.levels},
        )

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
        return await changed(request, self._desk.ledger, self._saying.marked)

    async def draft(self, request: Request) -> Response:
        """Keep what is typed so far."""
        return await changed(request, self._desk.ledger, self._saying.drafted)

    async def answer(self, request: Request) -> Response:
        """Keep an answer, and say where to go on."""
        return await changed(request, self._desk.ledger, self._saying.answered)

    async def remark(self, request: Request) -> Response:
        """Keep that it was skipped, flagged or is a gap in the rubric."""
        return await changed(request, self._desk.ledger, self._saying.remarked)

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
        if (again := _asked_again(seats).get(_key(seat))) is not None:
            return RedirectResponse(f"/label/{again.place.place}", status_code=303)
        key = (person.name, transcript.id, seat.place.occasion)
        last = ledger.current(*key)
        said = last.body if last and isinstance(last.body, Answer) else None
        mine = [
            entry
            for entry in ledger.entries(transcript.id, person.name)
            if entry.occasion == seat.place.occasion
        ]
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
                "flagged": bool(_flagged(mine)),
                "gaps": [
                    gap.body.model_dump(exclude={"answer"})
                    for gap in standing_gaps(mine)
                ],
                "threshold": desk.rubric.threshold,
            },
        )


_ABSENT = (
    "This transcript is not among the files that the desk was started with. What was "
    "said of it is kept."
)
_ASK = (
    "Open the desk by the link that you were given; whoever leads can make a new one."
)


def _shown_answers(
    seats: Sequence[Seat], entries: Iterable[Entry]
) -> dict[tuple[str, int], Entry]:
    """The last answer of each place, without those that are asked again just now."""
    last = {(x.transcript, x.occasion): x for x in entries if x.kind == "answer"}
    hidden = _asked_again(seats)
    return {place: entry for place, entry in last.items() if place not in hidden}


def _flagged(entries: Iterable[Entry]) -> set[str]:
    """The transcripts that a labeler flagged and did not take the flag from."""
    last = {x.transcript: x.kind for x in entries if x.kind in {"flag", "unflag"}}
    return {transcript for transcript, kind in last.items() if kind == "flag"}


def _key(seat: Seat) -> tuple[str, int]:
    return seat.place.transcript, seat.place.occasion


def _asked_again(seats: Sequence[Seat]) -> dict[tuple[str, int], Seat]:
    """Places that are asked again just now, each with its open repeat.

    What was said first is not shown then: the repeat is to be answered without it.
    """
    if any(seat.place.occasion == 1 and seat.state is None for seat in seats):
        return {}
    return {
        (seat.place.transcript, seat.place.occasion - 1): seat
        for seat in seats
        if seat.place.occasion > 1 and seat.state != "answer"
    }


def _as_form(body: Answer, transcript: Transcript) -> Mapping[str, Any]:
    """An answer as the page fills its form with it."""
    marks = [
        mark_of(item, transcript) for item in body.evidence if stands(item, transcript)
    ]
    return {**body.model_dump(exclude={"evidence"}, mode="json"), "marks": marks}
