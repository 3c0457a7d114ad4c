"""Hostile text in a real browser: nothing runs or leaves, and the page stays a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.types import ReasoningPart, ToolCallPart, ToolResultPart
from judge.verdict import Evidence
from tests.support.browser import Tab
from tests.support.builders import made_by, message, rubric, transcript, verdict
from tests.support.desk import Opened, served, talks
from tests.support.payloads import ALL

pytestmark = pytest.mark.xdist_group("browser")

RUN = "globalThis.ran = 1; fetch('http://127.0.0.1:9/')"
LIVE = {
    "script": f"</pre></textarea></title></style><script>{RUN}</script>",
    "handlers": f'"><img src="//127.0.0.1:9/" onerror="{RUN}"><svg onload="{RUN}">',
    "frames": f'<iframe srcdoc="<script>{RUN}</script>"></iframe><object data="//x">',
    "head": '<meta http-equiv="refresh" content="0;url=//127.0.0.1"><base href="//x">',
    "form": '</form><form action="http://127.0.0.1:9/"><button id="save">Save</button>',
    "chrome": '</main><div class="top" id="bar">M7 AI under test<p id="trouble">',
    "state": '"}</script><script type="application/json" id="state">{"place": 2}',
    "templates": "{{ 7 * 7 }}{% raw %}${7 * 7}",
    "overrides": "\u202e\u2067\u202d never closed",
    "rows": "\n" * 300,
}
TEXTS = {**dict(list(ALL.items())[::8]), **LIVE}  # all of them go through other tests
TOWER = "a" + "\u0301" * 100_000
LONG = "a name that goes on " * 300 + "and on" * 300
HAS_RUN = """
() => [globalThis.ran ?? 0, document.querySelectorAll(
  "iframe, object, img, base, meta[http-equiv], form[action], svg script").length]
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    every = transcript(
        *(message("target", *parts_of(text), name=text) for text in TEXTS.values()),
        id="".join(LIVE.values()),
    )
    tower = transcript(message("target", f"{TOWER} is said"), id=TOWER[:999])
    named = transcript(message("target", "Hi."), id=LONG)
    several = "\n".join(LIVE.values())
    quote = Evidence(quote=several, cited=1, message=1, channel="said", match="absent")
    judged = verdict(
        level=0, explanation=several, innocent_reading=several, evidence=(quote,),
        provenance=made_by(model=several),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("desk") / "labels.sqlite"
    ann = f"ann {LIVE['handlers']}"
    with Ledger(path) as ledger:
        items = [every, tower, named, *talks()]
        desk = Desk.opened(ledger, rubric(), items, verdicts={every.id: judged})
        desk.deal([ann], overlap=1, repeats=0.0, seed=0)
        for item in (every, tower, named):
            given = Answer(label="present", severity=3, note=several)
            ledger.add(f"bob {several}", item.id, given)
            for kind in ("flag", "gap"):
                remark = Remark(why=several, clause=several[:200])
                ledger.add(f"bob {several}", item.id, remark, kind=kind)
        with served(desk, ann) as running:
            yield running


def parts_of(
    text: str,
) -> tuple[ReasoningPart | ToolCallPart | ToolResultPart | str, ...]:
    return (
        ReasoningPart(text=text),
        text,
        ToolCallPart(name=text, arguments={text: [text]}),
        ToolResultPart(text=text, name=text),
    )


@pytest.fixture
def ann(tabs: Callable[..., Tab], opened: Opened) -> Tab:
    return tabs(next(iter(opened.tokens)))


def whole(tab: Tab) -> bool:
    """Whether nothing ran, the page fits its window and the bar is a bar."""
    assert tab.page.evaluate(HAS_RUN) == [0, 0]
    tab.check()
    wide, window, bar = tab.page.evaluate(
        "() => [document.documentElement.scrollWidth, innerWidth,"
        " document.querySelector('.bar')?.offsetHeight ?? 0]"
    )
    return bool(wide <= window and bar < 260)


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_text_is_read_and_labeled_like_any_other(
    width: int, ann: Tab, opened: Opened
) -> None:
    ann.page.set_viewport_size({"width": width, "height": 800})
    for place in (1, 2, 3):
        ann.open(f"/label/{place}")
        assert whole(ann)
        ann.page.locator("#save").scroll_into_view_if_needed()
        assert ann.page.locator("#save").is_visible()
    ann.page.goto(opened.origin)
    assert whole(ann)


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_text_is_settled_like_any_other(
    width: int, tabs: Callable[..., Tab]
) -> None:
    lead = tabs("lea")
    lead.page.set_viewport_size({"width": width, "height": 800})
    for place in (1, 2, 3):
        lead.open(f"/lead/case/{place}")
        assert whole(lead)
        assert lead.page.locator("#decide").is_visible()
    lead.open("/lead")
    lead.page.wait_for_selector('#figures[data-working="no"]')
    assert whole(lead)


def test_every_part_of_hostile_text_is_evidence_but_for_blanks_around_it(
    ann: Tab, opened: Opened
) -> None:
    ann.open("/label/1")
    texts = list(TEXTS.values())
    chosen = [place for place, text in enumerate(texts, 1) if text.strip()][-40:]
    for place in chosen:
        length = ann.page.evaluate(
            "(m) => document.querySelector(`pre[data-m='${m}'][data-p='1']`)"
            ".firstChild.length",
            place,
        )
        ann.select(place, 1, 0, length)
        ann.press("e")
    ann.press("3", "Enter")
    ann.at(2)
    *_, entry = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    quoted = {item.message: item.quote for item in entry.body.evidence}
    assert quoted == {place: texts[place - 1].strip() for place in chosen}


def test_a_draft_that_cannot_be_read_leaves_the_page_usable(
    ann: Tab, opened: Opened
) -> None:
    ann.open("/label/4")
    ann.press("1")
    ann.kept()
    with closing(sqlite3.connect(Path(opened.ledger.path))) as db:
        db.execute("""UPDATE drafts SET body = '{"marks": 7, "note": {}}'""")
        db.commit()
    ann.open("/label/4")
    ann.shown("#hint", "The draft that was kept of this cannot be read.")
    ann.press("0", "Enter")
    ann.page.wait_for_url(lambda url: not url.endswith("/label/4"))
    *_, entry = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    assert entry.body.severity == 0
