"""What whoever leads asks of the desk: agreement, disagreements, and to settle them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from judge.desk.access import Person, person_of
from judge.desk.cases import Case, agenda, cases_of, hidden_from, open_to
from judge.desk.changing import Change, changed
from judge.desk.desk import Desk
from judge.desk.exports import EXPORTS, content_of
from judge.desk.figures import Figures
from judge.desk.gaps import clauses_of, gaps_of
from judge.desk.pages import Pages
from judge.desk.progress import progress_of
from judge.desk.quoting import marked_turns, voices_of
from judge.desk.settling import BLIND, Settling
from judge.desk.standing import TOLD
from judge.errors import StoreError, UsageError
from judge.reports.report_agreement import (
    GUIDES,
    agreement_facts,
    all_pairs,
    paradoxes,
    severity_pairs,
)
from judge.reports.report_charts import matrix_chart
from judge.reports.report_tables import doubts
from judge.rubrics.types import Rubric

__all__ = ["Leading"]

_Show: TypeAlias = Callable[[Person, Request], Response]


class Leading:
    """The lead's requests, answered from one `Desk`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        self._worked_out: defaultdict[str, Figures] = defaultdict(
            partial(Figures, desk)
        )
        """By who leads: they may not see the same yet."""
        self._settling = Settling(desk)

    @property
    def routes(self) -> list[Route]:
        """Which address is answered by what."""
        case = "/lead/case/{number:int}"
        return [
            Route("/lead", self.overview),
            Route("/lead/figures", self.figures),
            Route("/lead/labels.{form}", self.labels),
            Route(case, self.case),
            Route(f"{case}/settle", self.settle, methods=["POST"]),
            Route(f"{case}/gap", self.gap, methods=["POST"]),
            Route(f"{case}/discussed", self.discussed, methods=["POST"]),
        ]

    async def overview(self, request: Request) -> Response:
        """Show where the labeling stands."""
        return await run_in_threadpool(self._led, request, self._overview)

    async def figures(self, request: Request) -> Response:
        """Give the part of the overview that takes long, as far as it is known."""
        return await run_in_threadpool(self._led, request, self._figures)

    async def case(self, request: Request) -> Response:
        """Show one transcript with all that was said of it."""
        return await run_in_threadpool(self._led, request, self._case)

    async def labels(self, request: Request) -> Response:
        """Give the labels as a file."""
        return await run_in_threadpool(self._led, request, self._file)

    async def settle(self, request: Request) -> Response:
        """Keep what was decided, and say what is to be settled next."""
        return await self._changed(request, self._settling.settled)

    async def gap(self, request: Request) -> Response:
        """Keep that a clause of the guide does not settle this."""
        return await self._changed(request, self._settling.gap)

    async def discussed(self, request: Request) -> Response:
        """Keep that what was flagged has been talked over."""
        return await self._changed(request, self._settling.discussed)

    def _led(self, request: Request, show: _Show) -> Response:
        try:
            person = person_of(request, self._desk.ledger)
            if person is None or not person.lead:
                return self._pages.told(403, "Only for whoever leads", _WHY)
            return show(person, request)
        except StoreError as error:
            return self._pages.told(503, "Not to be read now", str(error))
        except UsageError as error:  # a format that cannot carry what there is
            return self._pages.told(409, "Not to be had yet", str(error))

    async def _changed(self, request: Request, change: Change) -> Response:
        try:
            person = await run_in_threadpool(person_of, request, self._desk.ledger)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, status_code=503)
        if person is None or not person.lead:
            return JSONResponse({"error": f"Only for whoever leads. {_WHY}"}, 403)
        return await changed(request, self._desk.ledger, change)

    def _overview(self, person: Person, _: Request) -> Response:
        entries = self._desk.journal.entries()
        hidden = hidden_from(self._desk, person.name)
        seen = [entry for entry in entries if entry.transcript not in hidden]
        cases = cases_of(self._desk, seen)
        unsettled = [case for case in cases if case.settled is None]
        return self._pages.page(
            "lead.html",
            person=person,
            rubric=self._desk.rubric,
            exports=EXPORTS,
            progress=progress_of(self._desk, entries),
            hidden=len(hidden),
            cases=[case for case in unsettled if case.disagreed],
            mild=[case for case in unsettled if case.mild],
            flagged=[case for case in cases if case.flags],
            settled=[case for case in cases if case.settled],
            gaps=gaps_of(seen),
            numbers={case.transcript: case.number for case in cases},
            **self._of_figures(person, hidden),
        )

    def _figures(self, person: Person, _: Request) -> Response:
        hidden = hidden_from(self._desk, person.name)
        return self._pages.page("figures.html", **self._of_figures(person, hidden))

    def _of_figures(self, person: Person, hidden: set[str]) -> Mapping[str, Any]:
        known = self._worked_out[person.name].known(hidden)
        found = None if known.standing is None else known.standing.agreement
        chart = None if found is None else matrix_chart(found)
        return {
            "known": known,
            "standing": known.standing,
            "facts": None if found is None else agreement_facts(found),
            "pairs": None if found is None else all_pairs(found),
            "severities": None if found is None else severity_pairs(found),
            "paradoxes": [] if found is None else paradoxes(found),
            "matrix": Markup(chart or ""),  # noqa: S704 # the charts escape
            "judged": bool(self._desk.verdicts),
            "guides": GUIDES,
            "doubts": doubts,
            "told_width": TOLD,
        }

    def _case(self, person: Person, request: Request) -> Response:
        number = request.path_params["number"]
        cases = open_to(self._desk, person.name)
        case = next((case for case in cases if case.number == number), None)
        if case is None:
            return self._pages.told(404, "Not to be seen yet", BLIND)
        transcript = self._desk.transcripts.get(case.transcript)
        voices = voices_of(case, transcript)
        history = list(self._desk.ledger.entries(case.transcript))
        still, before, after = agenda(cases, number)
        return self._pages.page(
            "case.html",
            person=person,
            rubric=self._desk.rubric,
            case=case,
            clauses=list(clauses_of(self._desk.rubric)),
            voices={voice.badge: voice for voice in voices},
            labelers=list(zip(case.said, voices, strict=False)),
            turns=list(marked_turns(transcript, voices)) if transcript else None,
            history=history,
            still=still,
            before=before,
            after=after,
            state=_state(case, self._desk.rubric, before, after)
            | {"seen": max(entry.entry for entry in history)},
        )

    def _file(self, _: Person, request: Request) -> Response:
        export = EXPORTS.get(request.path_params["form"])
        if export is None:
            known = ", ".join(EXPORTS)
            return self._pages.told(404, "No such file", f"There are: {known}.")
        name = f"labels-{self._desk.rubric.id}.{export.ending}"
        return Response(
            content_of(export, self._desk),
            media_type="application/octet-stream",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


def _state(
    case: Case, rubric: Rubric, before: Case | None, after: Case | None
) -> dict[str, Any]:
    """What the page's script has to know."""
    return {
        "case": case.number,
        "threshold": rubric.threshold,
        "before": before and before.number,
        "after": after and after.number,
    }


_WHY = "Open the page by the lead's link; `judge label` prints it when it starts."
