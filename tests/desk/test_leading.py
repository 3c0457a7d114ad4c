"""What whoever leads asks of the desk, and who else may not."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

import judge
from judge.desk import exports, figures
from judge.desk.desk import Desk
from judge.errors import StoreError, UsageError
from judge.labels.labels import HumanLabels
from judge.labels.ledger.answer import Answer, Entry, Remark
from judge.labels.ledger.ledger import Ledger
from judge.labels.settle import settle
from judge.verdict import Evidence, Unscored, Verdict
from tests.support.builders import made_by, message, rubric, transcript, verdict
from tests.support.desk import Opened, ask, served, talks
from tests.support.html_page import Element, read_page
from tests.support.payloads import ALL, CONTROLS

UNSCORED = Unscored(
    rubric="deception", provenance=made_by(), reason="refused", detail="No."
)
SEEN = 10**6  # more than there is
SETTLED = {"label": "absent", "severity": 0, "why": "He loses nothing.", "seen": SEEN}
GAP = {"clause": "level 2", "why": "Is a hint enough?"}
CHANGES = {"settle": SETTLED, "gap": GAP, "discussed": {"why": "We did."}}
PAGES = [
    "/lead", "/lead/figures", "/lead/case/1", "/lead/labels.csv", "/lead/labels.jsonl",
]  # fmt: skip


def state_of(html: str) -> Any:
    [found] = re.findall(r'id="case-state">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def level(severity: int, **more: Any) -> Answer:
    word = "present" if severity >= 2 else "absent"
    return Answer(label=word, severity=severity, **more)


def quote(text: str, start: int, message: int = 2, part: int = 1) -> Evidence:
    return Evidence(
        quote=text, cited=message, message=message, channel="said", match="exact",
        author="target", part=part, start=start, end=start + len(text),
    )  # fmt: skip


@pytest.fixture
def disputed(opened: Opened) -> Opened:
    """Ann and Bob at odds over all three, worst over t2; t1 is flagged."""
    add = opened.ledger.add
    for name, one, other in (("t1", 2, 1), ("t2", 4, 0), ("t3", 4, 2)):
        add("ann", name, level(one, note=f"ann of {name}"))
        add("bob", name, level(other, note=f"bob of {name}"))
    add("ann", "t1", Remark(why="Is it?"), kind="flag")
    return opened


def page_of(opened: Opened, path: str, who: str = "lea") -> Element:
    answer = opened.client(who).get(path)
    assert answer.status_code == 200, answer.text
    return read_page(answer.text.replace("<!doctype html>", ""))


def listed(page: Element, label: str) -> list[str]:
    """The transcripts of a list of cases, in order."""
    return [
        row.all("th")[0].text
        for place in page.all("div")
        if place.attributes.get("aria-label") == label
        for row in place.all("tbody")[0].all("tr")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_labeler_who_does_not_lead_sees_none_of_it(
    disputed: Opened, path: str
) -> None:
    for client in (disputed.client("bob"), disputed.client()):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "of t1" not in answer.text


@pytest.mark.parametrize("what", CHANGES)
def test_a_labeler_who_does_not_lead_changes_nothing(
    disputed: Opened, what: str
) -> None:
    before = list(disputed.ledger.entries())
    for client in (disputed.client("bob"), disputed.client()):
        said = ask(client, f"/lead/case/1/{what}", CHANGES[what])
        assert said.status_code == 403
        assert "whoever leads" in said.json()["error"]
    assert list(disputed.ledger.entries()) == before


@pytest.mark.parametrize("what", CHANGES)
def test_another_site_settles_nothing_in_the_leads_name(
    disputed: Opened, what: str
) -> None:
    before = list(disputed.ledger.entries())
    said = disputed.client("lea").post(
        f"/lead/case/1/{what}", json=CHANGES[what], headers={"origin": "http://evil"}
    )
    assert said.status_code == 403
    assert list(disputed.ledger.entries()) == before


def test_disagreements_are_listed_worst_first_and_each_opens(disputed: Opened) -> None:
    page = page_of(disputed, "/lead")
    assert listed(page, "Disagreements") == ["t2", "t1", "t3"]
    assert listed(page, "Flagged for discussion") == ["t1"]
    assert "flagged by ann" in page.text
    for number in (1, 2, 3):
        assert f"ann of t{number}" in page_of(disputed, f"/lead/case/{number}").text


def test_a_case_shows_levels_notes_and_evidence_side_by_side(
    opened: Opened, tmp_path: Path
) -> None:
    judged = verdict(
        level=3, likelihood=77, explanation="It knew.", evidence=(quote("well", 12),)
    )
    with Ledger(tmp_path / "with-judge.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), talks(), verdicts={"t1": judged})
        ledger.add(
            "ann", "t1", level(0, note="No.", evidence=(quote("all is well", 5),))
        )
        ledger.add("ann", "t1", level(3), occasion=2)
        with served(desk) as running:
            page = page_of(running, "/lead/case/1")
    cards = [card.text for card in page.all("article")]
    assert [re.sub(r" 20\d\d-.*?:\d\d", "", card) for card in cards] == [
        "A ann absent, level 0 No. M2 said, exact: all is well",
        "B ann asked again present, level 3",
        (
            "judge The judge present, level 3, likelihood 77 some/model It knew. "
            "M2 said, exact: well"
        ),
    ]
    marks = [(mark.text, mark.attributes["title"]) for mark in page.all("mark")]
    assert marks == [
        ("all is", "marked by ann"),
        ("well", "marked by ann, the judge"),
    ]
    places = {
        mark.attributes["id"] for mark in page.all("span") if "id" in mark.attributes
    }
    linked = {link.attributes["href"].lstrip("#") for link in page.all("a")}
    assert {"q-A-1", "q-judge-1"} <= places & linked


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({}, None),
        ({"t1": verdict(level=None, likelihood=50)}, "abstained, likelihood 50"),
        (
            {"t1": UNSCORED},
            "unscored: refused No.",
        ),
    ],
)  # fmt: skip
def test_a_judge_that_gave_no_level_says_so(
    tmp_path: Path, verdicts: Mapping[str, Verdict | Unscored], told: str | None
) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), talks(), verdicts=verdicts)
        ledger.add("ann", "t1", level(0))
        with served(desk) as running:
            page = page_of(running, "/lead/case/1")
            page_of(running, "/lead")
    cards = [card.text for card in page.all("article")]
    assert len(cards) == 1 + bool(told)
    assert told is None or told in cards[-1]


def test_settling_keeps_who_and_why_and_leads_to_the_next(disputed: Opened) -> None:
    lead = disputed.client("lea")
    said = ask(lead, "/lead/case/2/settle", SETTLED)
    assert said.json() == {"next": "/lead/case/1"}
    assert ask(lead, "/lead/case/1/settle", SETTLED).json() == {"next": "/lead/case/3"}
    assert ask(lead, "/lead/case/3/settle", SETTLED).json() == {"next": "/lead"}
    page = page_of(disputed, "/lead")
    assert listed(page, "Disagreements") == []
    assert listed(page, "Flagged for discussion") == []
    assert sorted(listed(page, "Settled")) == ["t1", "t2", "t3"]
    shown = page_of(disputed, "/lead/case/2").text
    assert "Settled by lea absent, level 0" in shown
    assert "He loses nothing." in shown


def test_a_settlement_flows_into_labels_agreement_and_the_file(
    disputed: Opened,
) -> None:
    lead = disputed.client("lea")
    ask(lead, "/lead/case/2/settle", SETTLED)
    answer = lead.get("/lead/labels.csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(answer.content)
        labels = HumanLabels.load(path)
    [adjudicated] = [x for x in labels if x.labeler == "adjudicator"]
    assert (adjudicated.transcript, adjudicated.label) == ("t2", "absent")
    assert adjudicated.note == "lea: He loses nothing."
    assert settle(labels).loc["t2", "y"] == 0.0
    found = judge.agreement(labels)
    assert found.labelers == ("ann", "bob")
    assert "1 labels by adjudicators, who are no raters, were left out" in found.notes


def test_a_second_settlement_counts_and_the_first_stays_in_the_history(
    disputed: Opened,
) -> None:
    lead = disputed.client("lea")
    ask(lead, "/lead/case/2/settle", SETTLED)
    ask(
        lead,
        "/lead/case/2/settle",
        {**SETTLED, "label": "unsure", "severity": None, "why": "On second thoughts."},
    )
    settled = [x for x in disputed.ledger.labels() if x.labeler == "adjudicator"]
    assert [(x.label, x.note) for x in settled] == [
        ("unsure", "lea: On second thoughts.")
    ]
    history = page_of(disputed, "/lead/case/2").one("ol", **{"class": "history"}).text
    assert "lea: settle: absent, level 0 He loses nothing." in history
    assert "lea: settle: unsure On second thoughts." in history


@pytest.mark.parametrize("who", ["bob", "lea"])
def test_nothing_is_settled_by_a_page_that_is_behind(
    disputed: Opened, who: str
) -> None:
    lead = disputed.client("lea")
    seen = state_of(lead.get("/lead/case/2").text)["seen"]
    if who == "bob":
        disputed.ledger.add("bob", "t2", level(3))
    else:
        assert ask(lead, "/lead/case/2/settle", SETTLED | {"seen": seen}).is_success
    count = len(list(disputed.ledger.entries()))
    said = ask(lead, "/lead/case/2/settle", SETTLED | {"seen": seen})
    assert said.status_code == 422
    assert f"{who} has" in said.json()["error"]
    assert len(list(disputed.ledger.entries())) == count
    seen = state_of(lead.get("/lead/case/2").text)["seen"]
    assert ask(lead, "/lead/case/2/settle", SETTLED | {"seen": seen}).is_success


def test_very_many_disagreements_are_counted_and_the_worst_of_them_listed(
    tmp_path: Path,
) -> None:
    many = [transcript(message("target", "No."), id=f"t{n}") for n in range(340)]
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), many)
        for number, talk in enumerate(many):
            ledger.add("ann", talk.id, level(0))
            ledger.add("bob", talk.id, level(4 if number == 339 else 2))
        with served(desk, "ann") as opened, no_figures():
            page = page_of(opened, "/lead")
    assert "Disagreements, worst first: 340" in page.text
    assert listed(page, "Disagreements")[0] == "t339"
    assert len(listed(page, "The other disagreements")) == 300
    assert "10 more come up here" in page.text


def test_all_that_was_said_can_be_taken_away_a_line_an_entry(disputed: Opened) -> None:
    ask(disputed.client("lea"), "/lead/case/1/gap", GAP)
    lines = disputed.client("lea").get("/lead/labels.history").text.splitlines()
    told = [Entry.model_validate_json(line) for line in lines]
    assert told == list(disputed.ledger.entries())
    assert {"answer", "flag", "gap"} <= {entry.kind for entry in told}


@pytest.mark.parametrize(
    ("what", "body", "told"),
    [
        ("settle", {}, "why"),
        ("settle", {"label": "absent", "why": ""}, "why"),
        ("settle", {"label": "absent", "why": " \n"}, "say why"),
        ("settle", {"label": "perhaps", "why": "!", "seen": SEEN}, "label"),
        ("settle", {**SETTLED, "label": "present", "severity": 7}, "no level 7"),
        ("settle", {**SETTLED, "label": "present", "severity": 1}, "1 is absent"),
        ("settle", {**SETTLED, "label": "unsure", "severity": 3}, "3 is present"),
        ("settle", {**SETTLED, "labeler": "bob"}, "labeler"),
        ("settle", [], "valid dictionary"),
        ("gap", {"clause": "level 9", "why": "!"}, "no clause 'level 9'"),
        ("gap", {"clause": "level 2"}, "why"),
        ("discussed", {"why": ""}, "why"),
    ],
)  # fmt: skip
def test_what_decides_nothing_is_refused_by_name(
    disputed: Opened, what: str, body: Any, told: str
) -> None:
    before = len(list(disputed.ledger.entries()))
    said = ask(disputed.client("lea"), f"/lead/case/1/{what}", body)
    assert said.status_code == 422
    assert told in said.json()["error"]
    assert len(list(disputed.ledger.entries())) == before


def test_a_gap_is_listed_under_its_clause_with_who_and_what(disputed: Opened) -> None:
    lead = disputed.client("lea")
    ask(lead, "/lead/case/1/gap", GAP)
    ask(disputed.client("bob"), "/item/1/1/remark", {"kind": "gap", "why": "And this?"})
    text = page_of(disputed, "/lead").text
    assert "level 2: 1 t1, lea: Is a hint enough?" in text
    assert "no clause named: 1 t2, bob: And this?" in text
    assert "level 2, lea: Is a hint enough?" in page_of(disputed, "/lead/case/1").text


def test_a_flag_that_was_discussed_comes_down_with_the_reason(disputed: Opened) -> None:
    lead = disputed.client("lea")
    said = ask(lead, "/lead/case/1/discussed", {"why": "It is none."})
    assert said.status_code == 200
    assert listed(page_of(disputed, "/lead"), "Flagged for discussion") == []
    assert "lea: unflag It is none." in page_of(disputed, "/lead/case/1").text
    again = ask(lead, "/lead/case/1/discussed", {"why": "It is none."})
    assert "nobody flags this" in again.json()["error"]


@pytest.fixture
def leading_labeler(disputed: Opened) -> Opened:
    """Ann leads, too; she has labeled all but t4, where others spoke."""
    ledger = disputed.ledger
    disputed.desk.deal(["ann", "bob"], overlap=2, repeats=0.34, seed=1)
    disputed.tokens["ann"] = ledger.people.admit("ann", lead=True)
    return disputed


def test_who_leads_and_labels_sees_of_a_transcript_only_after_labeling_it(
    leading_labeler: Opened,
) -> None:
    opened = leading_labeler
    [seat] = [s for s in opened.ledger.seats("ann") if s.state != "answer"]
    waiting = seat.place
    number = int(waiting.transcript[1:])
    opened.ledger.add(
        "bob", waiting.transcript, Remark(why="bob's gap", clause="level 2"), kind="gap"
    )
    client = opened.client("ann")
    overview = client.get("/lead").text
    assert "1 transcript is still in your own queue" in " ".join(overview.split())
    assert f"/lead/case/{number}" not in overview
    assert "bob&#39;s gap" not in overview
    hidden = client.get(f"/lead/case/{number}")
    assert (hidden.status_code, "bob of" in hidden.text) == (404, False)
    for what, body in CHANGES.items():
        assert ask(client, f"/lead/case/{number}/{what}", body).status_code == 404
    ask(
        client,
        f"/item/{seat.item}/{waiting.occasion}/answer",
        {"label": "absent", "severity": 0},
    )
    assert client.get(f"/lead/case/{number}").status_code == 200
    assert "bob&#39;s gap" in client.get("/lead").text


@pytest.mark.parametrize("number", [0, 4, 99])
def test_a_case_of_nothing_is_not_there(disputed: Opened, number: int) -> None:
    lead = disputed.client("lea")
    assert lead.get(f"/lead/case/{number}").status_code == 404
    assert ask(lead, f"/lead/case/{number}/settle", SETTLED).status_code == 404


def test_a_desk_without_any_label_shows_its_pages(opened: Opened) -> None:
    text = page_of(opened, "/lead").text
    assert "Disagreements, worst first: 0 There is no label yet." in text
    assert "None named yet." in text
    assert opened.client("lea").get("/lead/case/1").status_code == 404


def test_where_everybody_agrees_the_page_says_so(opened: Opened) -> None:
    for name in ("t1", "t2"):
        for who in ("ann", "bob"):
            opened.ledger.add(who, name, level(0))
    assert "labeled by several was labeled alike" in page_of(opened, "/lead").text


def figures_for(opened: Opened, who: str) -> str:
    """The figures once they are worked out."""
    client = opened.client(who)
    for _ in range(20):
        text = client.get("/lead/figures").text
        if 'data-working="no"' in text:
            return " ".join(text.split())
        for worker in threading.enumerate():
            if worker.name == figures.THREAD:
                worker.join(10)
    raise AssertionError("the figures are never worked out")


def test_figures_leave_out_what_waits_for_whoever_leads(
    leading_labeler: Opened,
) -> None:
    opened = leading_labeler
    [waiting] = [s for s in opened.ledger.seats("ann") if s.state != "answer"]
    opened.ledger.add("bob", waiting.place.transcript, level(3))
    labels = HumanLabels(opened.ledger.labels()).raters
    kept = [x for x in labels if x.transcript != waiting.place.transcript]
    assert len(kept) < len(labels)
    assert f"{len(labels)} labels of" in figures_for(opened, "lea")
    assert f"{len(kept)} labels of" in figures_for(opened, "ann")


def test_labels_of_a_transcript_whose_text_is_not_here_are_shown(
    tmp_path: Path,
) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        Desk.opened(ledger, rubric(), talks())
        ledger.add("ann", "t3", level(3, evidence=(quote("No", 0, part=0),)))
        desk = Desk.opened(ledger, rubric(), talks()[:2])
        with served(desk) as running:
            text = page_of(running, "/lead/case/3").text
    assert "not among the files" in text
    assert "ann present, level 3" in text


def test_files_have_safe_names_and_run_in_no_spreadsheet(disputed: Opened) -> None:
    disputed.ledger.add("=cmd|'/c calc'!A1", "t1", level(0, note="=1+1"))
    lead = disputed.client("lea")
    for form, export in exports.EXPORTS.items():
        answer = lead.get(f"/lead/labels.{form}")
        told = answer.headers["content-disposition"]
        assert told == f'attachment; filename="labels-deception.{export.ending}"'
        assert answer.headers["content-type"] == "application/octet-stream"
    rows = csv.reader(io.StringIO(lead.get("/lead/labels.csv").text))
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+@\t")]
    lines = lead.get("/lead/labels.jsonl").text.splitlines()
    kept = [json.loads(line) for line in lines]
    assert "=cmd|'/c calc'!A1" in {label["labeler"] for label in kept}
    assert lead.get("/lead/labels.exe").status_code == 404
    assert lead.get("/lead/labels...%2Fx").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (OSError(28, "No space left on device"), 503, "No space left on device"),
        (StoreError("no room"), 503, "no room"),
        (UsageError("nothing is settled"), 409, "nothing is settled"),
    ],
)
def test_a_file_that_cannot_be_written_is_told(
    disputed: Opened,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    told: str,
) -> None:
    def failing(*_: object) -> None:
        raise error

    broken = exports.EXPORTS["csv"]._replace(write=failing)
    monkeypatch.setitem(exports.EXPORTS, "csv", broken)
    answer = disputed.client("lea").get("/lead/labels.csv")
    assert answer.status_code == status
    assert told in answer.text


def test_a_locked_file_is_said_and_the_settlement_is_taken_when_it_is_free(
    disputed: Opened,
) -> None:
    lead = disputed.client("lea")
    other = sqlite3.connect(disputed.ledger.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = ask(lead, "/lead/case/2/settle", SETTLED)
    assert said.status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert ask(lead, "/lead/case/2/settle", SETTLED).status_code == 200


def test_a_file_that_cannot_be_read_is_told(disputed: Opened) -> None:
    lead = disputed.client("lea")
    disputed.ledger.close()
    for path in ("/lead", "/lead/case/1", "/lead/labels.csv"):
        assert lead.get(path).status_code == 503
    assert ask(lead, "/lead/case/1/settle", SETTLED).status_code == 503


def test_the_page_is_there_before_its_figures_and_gets_them_later(
    disputed: Opened,
) -> None:
    lead = disputed.client("lea")
    first = lead.get("/lead").text
    assert 'data-working="yes"' in first
    assert "Disagreements, worst first: 3" in first
    for worker in threading.enumerate():
        if worker.name == figures.THREAD:
            worker.join(60)
    later = lead.get("/lead/figures")
    assert 'data-working="no"' in later.text
    assert "<html" not in later.text
    assert "Krippendorff" in later.text
    assert later.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Krippendorff" in lead.get("/lead").text


def filled(ledger: Ledger, texts: Mapping[str, str]) -> Desk:
    """A desk on which each text stands wherever a text of others can stand."""
    chats = [
        transcript(message("target", f"{text} is said", name=text), id=f"{name} {text}")
        for name, text in texts.items()
    ]
    judged = {
        chat.id: verdict(
            level=0,
            explanation=text,
            innocent_reading=text,
            provenance=made_by(model=text),
            evidence=(quote(f"{text} is", 0, message=1, part=0), quote(text, 900)),
        )
        for chat, text in zip(chats, texts.values(), strict=True)
    }
    desk = Desk.opened(ledger, rubric(), chats, verdicts=judged)
    for number, (chat, text) in enumerate(zip(chats, texts.values(), strict=True)):
        evidence = (quote(f"{text} is", 0, message=1, part=0),)
        said = level(4, note=text, evidence=evidence)
        ledger.add(f"labeler {text}", chat.id, said)
        ledger.add(f"other {text}", chat.id, level(0))
        gap = Remark(why=text, clause=f"{number} {text}"[:200])
        ledger.add(f"other {text}", chat.id, gap, kind="gap")
        settlement = Remark(why=text, answer=level(0))
        ledger.add(f"lead {text}", chat.id, settlement, kind="settle")
        ledger.add(f"labeler {text}", chat.id, Remark(why=text), kind="flag")
    return desk


@contextmanager
def no_figures() -> Iterator[None]:
    """Alpha of three hundred labelers would take an hour, and is not asked for."""

    def refused(_: Desk, __: Collection[str]) -> None:
        raise UsageError("not asked for")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "standing_of", refused)
        yield


TEXTS = {**ALL, "harmless": "harmless"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The case page of each text that means harm, and of one that does not."""
    found = {}
    for some in batched(TEXTS, 30):  # a page reads the whole file: small ones are fast
        texts = {name: TEXTS[name] for name in some}
        path = tmp_path_factory.mktemp("desk") / "l.sqlite"
        with Ledger(path) as ledger, served(filled(ledger, texts)) as running:
            client = running.client("lea")
            for number, name in enumerate(texts, start=1):
                found[name] = client.get(f"/lead/case/{number}").text
    return found


def batched(names: Mapping[str, str], size: int) -> Iterator[list[str]]:
    every = list(names)
    return (every[at : at + size] for at in range(0, len(every), size))


def shape_of(html: str) -> list[str]:
    """The elements of a page and the names of their attributes."""
    html = html.replace("<!doctype html>", "").replace(' rel="prev"', "")
    return [f"{one.tag} {sorted(one.attributes)}" for one in read_page(html).all()]


@pytest.mark.parametrize("name", ALL)
def test_hostile_text_is_text_on_the_page_of_a_case(
    name: str, pages: Mapping[str, str]
) -> None:
    assert shape_of(pages[name]) == shape_of(pages["harmless"])
    assert not CONTROLS.search(pages[name].replace("\t", ""))


def test_hostile_text_is_text_on_the_overview(tmp_path: Path) -> None:
    places = {text: f"x{place}" for place, text in enumerate(ALL.values())}
    harmless = {f"y{place}": places[text] for place, text in enumerate(ALL.values())}
    shapes = []
    for number, texts in enumerate((ALL, harmless)):
        path = tmp_path / f"{number}.sqlite"
        with ExitStack() as stack:
            ledger = stack.enter_context(Ledger(path))
            stack.enter_context(no_figures())
            running = stack.enter_context(served(filled(ledger, texts)))
            html = running.client("lea").get("/lead").text
        assert not CONTROLS.search(html.replace("\t", ""))
        shapes.append(sorted(shape_of(html)))
    assert shapes[0] == shapes[1]


HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil",
]


def test_hostile_names_are_text_among_the_figures(tmp_path: Path) -> None:
    shapes = []
    for number, names in enumerate((HOSTILE_NAMES, ["a", "b", "c"])):
        with Ledger(tmp_path / f"{number}.sqlite") as ledger:
            desk = Desk.opened(ledger, rubric(), talks())
            for place, name in enumerate(names):
                for talk in ("t1", "t2", "t3"):
                    ledger.add(name, talk, level(place))
                    ledger.add(name, talk, level(place), occasion=2)
            with served(desk) as running:
                client = running.client("lea")
                client.get("/lead")
                for worker in threading.enumerate():
                    if worker.name == figures.THREAD:
                        worker.join(60)
                html = client.get("/lead").text
        assert 'data-working="no"' in html
        assert "Strictness" in html
        assert not CONTROLS.search(html.replace("\t", ""))
        shapes.append(shape_of(html))
    assert sorted(shapes[0]) == sorted(shapes[1])


def test_the_leads_pages_load_nothing_and_run_no_handler(disputed: Opened) -> None:
    for path in ("/lead", "/lead/case/1", "/lead/figures"):
        html = disputed.client("lea").get(path).text
        body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
        assert not re.search(r"\s(src|on\w+|style)=", body)
        assert "http" not in re.sub(r'xmlns="[^"]*"', "", body)
