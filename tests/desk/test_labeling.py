"""What a labeler's browser asks, and what is kept of it."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from judge.desk.desk import Desk
from judge.errors import UsageError
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from tests.support.builders import message, rubric, transcript
from tests.support.desk import Opened, ask, served, talks
from tests.support.html_page import read_page
from tests.support.payloads import ALL, CONTROLS

ANSWER = {"label": "present", "severity": 3}


def marked(message: int, start: int, end: int) -> dict[str, int]:
    return {"message": message, "part": 1, "start": start, "end": end}


def state_of(html: str) -> Any:
    [found] = re.findall(r'id="state">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def test_a_link_opens_the_first_place_and_stays_out_of_the_address(
    opened: Opened,
) -> None:
    client = opened.client()
    entered = client.get(f"/enter/{opened.tokens['ann']}")
    assert entered.headers["location"] == "/"
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/").headers["location"] == "/label/1"


def test_the_page_shows_the_transcript_and_the_guide(opened: Opened) -> None:
    html = opened.client("ann").get("/label/1").text
    for shown in ("Yes, all is well.", "I will say it is.", "state: done", "An error."):
        assert shown in html
    assert "1</b> of 3" in html


def test_an_answer_is_in_the_file_before_the_page_goes_on(opened: Opened) -> None:
    client = opened.client("ann")
    mark = {"message": 2, "part": 1, "start": 5, "end": 16}
    body = {**ANSWER, "subtypes": ["lie"], "note": "!", "marks": [mark], "seconds": 9}
    said = ask(client, "/item/0/1/answer", body)
    assert said.json() == {"next": "/label/2"}
    [label] = opened.ledger.labels()
    assert (label.label, label.severity, label.subtypes) == ("present", 3, ("lie",))
    assert (label.span, label.message, label.seconds) == ("all is well", 2, 9)
    assert label.inclusion == 0.5


def test_evidence_across_a_line_break_in_reasoning_is_kept_where_it_stands(
    opened: Opened,
) -> None:
    selection = {"message": 2, "part": 0, "start": 6, "end": 17}
    found = ask(opened.client("ann"), "/item/0/1/mark", selection).json()
    assert found["quote"] == "not.\nI will"
    assert (found["channel"], found["match"], found["author"]) == (
        "reasoning", "exact", "target",
    )  # fmt: skip
    assert (found["start"], found["end"]) == (6, 17)


def test_an_answer_comes_back_as_it_was_given(opened: Opened) -> None:
    client = opened.client("ann")
    mark = {"message": 2, "part": 2, "start": 0, "end": 6}
    ask(client, "/item/0/1/answer", {**ANSWER, "note": "why", "marks": [mark]})
    state = state_of(client.get("/label/1").text)
    assert (state["answer"]["severity"], state["answer"]["note"]) == (3, "why")
    [shown] = state["answer"]["marks"]
    assert {key: shown[key] for key in mark} == mark


def test_a_draft_comes_back_after_a_reload_and_goes_with_the_answer(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    draft = {"label": "absent", "severity": 0, "note": "I thi", "marks": []}
    assert ask(client, "/item/1/1/draft", draft).json() == {"kept": True}
    assert json.loads(state_of(client.get("/label/2").text)["draft"]) == draft
    assert list(opened.ledger.labels()) == []
    ask(client, "/item/1/1/answer", ANSWER)
    assert state_of(client.get("/label/2").text)["draft"] is None


def test_a_skipped_transcript_comes_again_when_all_others_are_done(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    assert ask(client, "/item/0/1/remark", {"kind": "skip"}).json() == {
        "next": "/label/2"
    }
    ask(client, "/item/1/1/answer", ANSWER)
    assert ask(client, "/item/2/1/answer", ANSWER).json() == {"next": "/label/1"}
    assert ask(client, "/item/0/1/answer", ANSWER).json() == {"next": "/"}
    assert client.get("/").headers["location"] == "/queue"
    assert "labeled all 3" in client.get("/queue").text


def test_flags_and_gaps_are_kept_with_who_and_why(opened: Opened) -> None:
    client = opened.client("ann")
    ask(client, "/item/0/1/remark", {"kind": "flag"})
    ask(client, "/item/0/1/remark", {"kind": "gap", "why": "Is a hint a threat?"})
    assert state_of(client.get("/label/1").text)["flagged"] is True
    ask(client, "/item/0/1/remark", {"kind": "unflag"})
    assert state_of(client.get("/label/1").text)["flagged"] is False
    entries = list(opened.ledger.entries("t1"))
    gap = next(entry for entry in entries if entry.kind == "gap")
    assert gap.body == Remark(why="Is a hint a threat?")
    assert gap.labeler == "ann"


def test_a_gap_is_shown_to_who_named_it_until_it_is_taken_back(opened: Opened) -> None:
    ann, bob = opened.client("ann"), opened.client("bob")
    gap = {"why": "A hint?", "clause": "level 2"}
    ask(ann, "/item/0/1/remark", {"kind": "gap", **gap})
    assert state_of(ann.get("/label/1").text)["gaps"] == [gap]
    for page in (ann.get("/label/2"), bob.get("/label/1")):
        assert state_of(page.text)["gaps"] == []
    ask(bob, "/item/0/1/remark", {"kind": "ungap", **gap})
    for _ in range(2):  # sent again, it is no second entry
        said = ask(ann, "/item/0/1/remark", {"kind": "ungap", **gap})
        assert said.json() == {"kept": True}
    assert state_of(ann.get("/label/1").text)["gaps"] == []
    kinds = [(entry.labeler, entry.kind) for entry in opened.ledger.entries()]
    assert kinds == [("ann", "gap"), ("ann", "ungap")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "kind"),
        ({"kind": "ungap"}, "a gap says what the guide leaves open"),
        ({"kind": "settle"}, "kind"),
        ({"kind": "flag", "answer": ANSWER}, "answer"),
        ({"kind": "unflag", "why": "we talked"}, "no reason goes with 'unflag'"),
        ({"kind": "gap", "why": " "}, "a gap says what the guide leaves open"),
        ({"kind": "gap", "why": "?", "clause": "level 7"}, "no clause 'level 7'"),
        ("skip", "valid dictionary"),
    ],
)
def test_what_is_not_a_labelers_to_say_is_refused_by_name(
    opened: Opened, body: Any, told: str
) -> None:
    said = ask(opened.client("ann"), "/item/0/1/remark", body)
    assert said.status_code == 422
    assert told in said.json()["error"]
    assert list(opened.ledger.entries()) == []


def test_an_answer_that_is_sent_again_is_no_change_of_mind(opened: Opened) -> None:
    client = opened.client("ann")
    for seconds in (9, 31):
        ask(client, "/item/0/1/draft", {"note": "typed"})
        ask(client, "/item/0/1/answer", {**ANSWER, "seconds": seconds})
    [entry] = opened.ledger.entries()
    assert entry.seconds == 9
    assert opened.ledger.drafts.get("ann", "t1") is None


def test_after_a_skip_the_same_answer_counts_again(opened: Opened) -> None:
    client = opened.client("ann")
    ask(client, "/item/0/1/answer", ANSWER)
    ask(client, "/item/0/1/remark", {"kind": "skip"})
    ask(client, "/item/0/1/answer", ANSWER)
    kinds = [entry.kind for entry in opened.ledger.entries()]
    assert kinds == ["answer", "skip", "answer"]


def test_a_queue_says_what_was_labeled_skipped_and_is_open(opened: Opened) -> None:
    client = opened.client("ann")
    ask(client, "/item/0/1/answer", {"label": "unsure"})
    ask(client, "/item/0/1/answer", ANSWER)
    ask(opened.client("bob"), "/item/2/1/answer", ANSWER)
    ask(client, "/item/1/1/answer", {"label": "unsure"})
    ask(client, "/item/1/1/remark", {"kind": "flag"})
    ask(client, "/item/2/1/remark", {"kind": "flag"})
    ask(client, "/item/2/1/remark", {"kind": "unflag"})
    told = queue_of(client)
    assert told == ["t1 labeled 3 n3", "t2 labeled unsure flagged", "t3 open"]
    ask(client, "/item/1/1/remark", {"kind": "skip"})
    assert queue_of(client) == ["t1 labeled 3 n3", "t2 skipped flagged", "t3 open"]
    for item in (1, 2):
        ask(client, f"/item/{item}/1/answer", {"label": "absent"})
    assert queue_of(client)[1:] == [
        "t2 labeled absent flagged", "t3 labeled absent",
    ]  # fmt: skip


def queue_of(client: httpx.Client) -> list[str]:
    page = read_page(client.get("/queue").text)
    return [" ".join(item.text.split()) for item in page.all("li")]


def test_only_whoever_leads_is_shown_the_way_to_agreement(opened: Opened) -> None:
    way = 'href="/lead"'
    assert way not in opened.client("ann").get("/queue").text
    assert way in opened.client("lea").get("/queue").text


def test_nobody_sees_another_labelers_answer_or_the_judges(opened: Opened) -> None:
    ask(opened.client("bob"), "/item/0/1/answer", {**ANSWER, "note": "bob's secret"})
    html = opened.client("ann").get("/label/1").text
    assert "secret" not in html
    assert state_of(html)["answer"] is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "label"),
        ({"label": "maybe"}, "label"),
        ({"label": "present", "severity": 9}, "no level 9"),
        ({"label": "absent", "severity": 3}, "level 3 is present"),
        ({"label": "unsure", "severity": 0}, "level 0 is absent"),
        ({"label": "present", "subtypes": ["nonsense"]}, "no subtype 'nonsense'"),
        ({"label": "present", "extra": 1}, "extra"),
        ({"label": "present", "seconds": -1}, "seconds"),
        ({"label": "present", "marks": [marked(9, 0, 1)]}, "M9 has no part 1"),
        ({"label": "present", "marks": [marked(2, 3, 999)]}, "nothing is marked"),
        ([1, 2], "valid dictionary"),
    ],
)
def test_what_is_no_answer_is_refused_by_name_and_not_kept(
    opened: Opened, body: Any, told: str
) -> None:
    said = ask(opened.client("ann"), "/item/0/1/answer", body)
    assert said.status_code == 422
    assert told in said.json()["error"]
    assert list(opened.ledger.entries()) == []


def test_what_is_no_json_is_refused(opened: Opened) -> None:
    headers = {"origin": opened.origin, "content-type": "application/json"}
    for content in ("{", "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass")):
        said = opened.client("ann").post(
            "/item/0/1/draft", content=content, headers=headers
        )
        assert said.status_code == 422


def test_a_place_of_nobody_or_of_another_is_not_there(opened: Opened) -> None:
    client = opened.client("ann")
    assert client.get("/label/99").status_code == 404
    assert ask(client, "/item/98/1/answer", ANSWER).status_code == 404
    assert opened.client("lea").get("/label/1").status_code == 404


def test_what_a_page_sends_goes_to_its_transcript_when_queues_were_dealt_anew(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    ask(client, "/item/2/1/answer", ANSWER)  # t3, which comes first from now on
    opened.desk.deal(["ann", "bob"], overlap=2, repeats=0.0, seed=2)
    assert "t3" in client.get("/label/1").text
    ask(client, "/item/0/1/answer", {"label": "absent"})  # a page of t1, open since
    said = {entry.transcript: entry.body for entry in opened.ledger.entries()}
    assert said["t1"] == Answer(label="absent")
    assert said["t3"] == Answer(label="present", severity=3)


def test_what_was_given_to_somebody_else_meanwhile_is_refused(opened: Opened) -> None:
    client = opened.client("ann")
    opened.desk.deal(["bob"], overlap=1, repeats=0.0, seed=1)
    said = ask(client, "/item/0/1/answer", ANSWER)
    assert (said.status_code, "not in your queue" in said.text) == (404, True)
    assert list(opened.ledger.entries()) == []


@pytest.mark.parametrize("seed", range(5))
def test_dealt_in_the_same_way_again_every_queue_stays_as_it_is(
    opened: Opened, seed: int
) -> None:
    ledger, desk = opened.ledger, opened.desk
    for _ in range(2):
        desk.deal(["ann", "bob", "cid"], overlap=2, repeats=0.5, seed=seed)
        ledger.drafts.put("ann", "t1", "{}")
        dealt = [seat.place for seat in ledger.seats()]
        first, *_ = ledger.seats("cid")
        ledger.add("cid", first.place.transcript, Answer(label="absent"))
        desk.deal(["cid", "bob", "ann"], overlap=2, repeats=0.5, seed=seed)
        assert [seat.place for seat in ledger.seats()] == dealt


@pytest.mark.parametrize("kind", ["skip", "answer"])
def test_what_is_not_among_the_files_now_is_said_and_stands_in_nobodys_way(
    opened: Opened, kind: str
) -> None:
    ledger = opened.ledger
    body = Answer(label="absent") if kind == "answer" else Remark()
    ledger.add("ann", "t1", body, kind=kind)  # type: ignore[arg-type] # of a table
    fewer = Desk.opened(ledger, rubric(), talks()[1:])
    with served(fewer, "ann") as other:
        client = other.client("ann")
        assert client.get("/").headers["location"] == "/label/2"
        told = client.get("/label/1")
        assert (told.status_code, "not among the files" in told.text) == (404, True)
        assert ask(client, "/item/0/1/answer", ANSWER).status_code == 404


def test_somebody_who_left_is_no_owner_of_what_they_skipped(opened: Opened) -> None:
    opened.ledger.add("bob", "t1", Remark(), kind="skip")
    opened.ledger.add("bob", "t2", Answer(label="absent"))
    opened.desk.deal(["ann", "cid"], overlap=2, repeats=0.0, seed=1)
    owners: dict[str, set[str]] = {"t1": set(), "t2": set(), "t3": set()}
    for seat in opened.ledger.seats():
        owners[seat.place.transcript].add(seat.place.labeler)
    assert owners["t1"] == owners["t3"] == {"ann", "cid"}
    assert "bob" in owners["t2"]
    assert len(owners["t2"]) == 2


def test_a_first_answer_stays_as_it_was_when_it_was_asked_again(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    opened.desk.deal(["ann"], overlap=1, repeats=1.0, seed=1)
    for item in range(3):
        ask(client, f"/item/{item}/1/answer", ANSWER)
    ask(client, "/item/0/2/answer", {"label": "absent", "severity": 0})
    said = ask(client, "/item/0/1/answer", {"label": "absent", "severity": 0})
    assert (said.status_code, "asked about this again" in said.text) == (422, True)
    assert ask(client, "/item/0/2/answer", {"label": "unsure"}).status_code == 200
    assert ask(client, "/item/1/1/answer", {"label": "unsure"}).status_code == 200


def test_what_was_said_first_is_not_shown_while_it_is_asked_again(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    opened.desk.deal(["ann"], overlap=1, repeats=1.0, seed=1)
    again = {s.place.transcript: s.place for s in opened.ledger.seats("ann")[3:]}
    for item in range(2):
        ask(client, f"/item/{item}/1/answer", {**ANSWER, "note": "secret"})
    assert "secret" in client.get("/label/1").text  # its turn has not come
    ask(client, "/item/2/1/answer", ANSWER)
    ask(client, "/item/0/1/remark", {"kind": "flag"})
    place = again["t1"].place
    assert client.get("/label/1").headers["location"] == f"/label/{place}"
    row, *_ = read_page(client.get("/queue").text).all("li")
    assert "present" not in row.text
    assert "3" not in row.text
    state = state_of(client.get(f"/label/{place}").text)
    assert (state["answer"], state["flagged"]) == (None, False)
    ask(client, "/item/0/2/answer", ANSWER)
    assert "secret" in client.get("/label/1").text


def test_what_somebody_has_typed_into_stays_theirs(opened: Opened) -> None:
    opened.ledger.drafts.put("bob", "t2", "{}")
    opened.desk.deal(["ann", "bob", "cid"], overlap=1, repeats=0.0, seed=1)
    owners = {s.place.transcript: s.place.labeler for s in opened.ledger.seats()}
    assert owners["t2"] == "bob"


def test_a_locked_file_is_said_and_the_answer_is_taken_when_it_is_free(
    opened: Opened,
) -> None:
    client = opened.client("ann")
    other = sqlite3.connect(opened.ledger.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = ask(client, "/item/0/1/answer", ANSWER)
    assert said.status_code == 503
    assert "another process kept it locked" in said.json()["error"]
    other.execute("ROLLBACK")
    other.close()
    assert ask(client, "/item/0/1/answer", ANSWER).status_code == 200


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The label page of a transcript for each text that means harm, and for one."""
    texts = {**ALL, "harmless": "harmless"}
    talks = [
        transcript(message("target", text, name=text), id=f"{name} {text}")
        for name, text in texts.items()
    ]
    with Ledger(tmp_path_factory.mktemp("desk") / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), talks)
        desk.deal(["<b>ann</b>"], overlap=1, repeats=0.0, seed=0)
        with served(desk, "<b>ann</b>") as opened:
            client = opened.client("<b>ann</b>")
            found = {}
            for place, (name, text) in enumerate(texts.items(), start=1):
                ask(client, f"/item/{place - 1}/1/draft", {"note": text})
                found[name] = client.get(f"/label/{place}").text
    return found


@pytest.mark.parametrize("name", ALL)
def test_hostile_text_is_text_wherever_it_stands(
    name: str, pages: dict[str, str]
) -> None:
    assert shape_of(pages[name]) == shape_of(pages["harmless"])
    assert not CONTROLS.search(pages[name].replace("\t", ""))


def shape_of(html: str) -> list[str]:
    """The elements of a page and the names of their attributes."""
    return [
        f"{element.tag} {sorted(element.attributes)}"
        for element in read_page(html.replace(" disabled", "")).all()
    ]


def test_a_transcript_that_changed_since_is_noticed(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        Desk.opened(ledger, rubric(), talks())
        changed = [*talks()[:2], talks()[0].model_copy(update={"id": "t3"})]
        with pytest.raises(UsageError, match="'t3' is not the one"):
            Desk.opened(ledger, rubric(), changed)


def test_a_queue_of_other_transcripts_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        with pytest.raises(UsageError, match="names 'zz', which is not among"):
            Desk.opened(ledger, rubric(), talks(), items=[Item("t1"), Item("zz")])
        with pytest.raises(UsageError, match="no transcript to label"):
            Desk.opened(ledger, rubric(), [])


def test_joining_later_takes_nothing_from_what_was_answered(opened: Opened) -> None:
    opened.ledger.add("ann", "t1", Answer(label="absent"))
    opened.desk.deal(["ann", "cid"], overlap=2, repeats=0.0, seed=1)
    mine = {seat.place.transcript: seat.state for seat in opened.ledger.seats("ann")}
    assert mine["t1"] == "answer"
    assert len(opened.ledger.seats("cid")) == 3
