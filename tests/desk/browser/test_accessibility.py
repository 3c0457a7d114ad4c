"""The page for everybody: axe finds nothing serious, and it fits where it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.rubrics.load import load_rubric
from judge.transcripts.types import ReasoningPart
from tests.support.browser import Tab
from tests.support.builders import message, transcript
from tests.support.desk import Opened, served, talks

pytestmark = pytest.mark.xdist_group("browser")

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1400, "height": 1000}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "200 % zoom": {
        "viewport": {"width": 700, "height": 500},
        "device_scale_factor": 2,
    },
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LONG = "nolinebreak" * 60


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    long = transcript(
        message("operator", LONG, name=LONG),
        message("target", ReasoningPart(text=LONG), LONG),
        message("tool", LONG),
        id=LONG,
    )
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, load_rubric("coercion"), [*talks(), long])
        desk.deal(["ann", "bob"], overlap=2, repeats=0.0, seed=1)
        for name, level in (("ann", 0), ("bob", 3)):
            label = "present" if level else "absent"
            ledger.add(name, "t2", Answer(label=label, severity=level, note=LONG))
        with served(desk, "ann", "bob") as running:
            yield running


@cache
def axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def findings(tab: Tab) -> list[str]:
    """What axe finds serious or worse by day and by night, where it is and why."""
    told = []
    for scheme in SCHEMES:
        tab.page.emulate_media(color_scheme=scheme)
        found = tab.page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
        assert found["passes"]
        told += [
            f"{scheme}: {one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]
    return told


def wide(tab: Tab) -> int:
    """By how much a page is wider than its window."""
    over: int = tab.page.evaluate(
        "() => document.documentElement.scrollWidth"
        " - document.documentElement.clientWidth"
    )
    return over


@pytest.fixture(params=SIZES)
def looked_at(
    request: pytest.FixtureRequest, tabs: Callable[..., Tab]
) -> Callable[[str], Tab]:
    """Opens the desk in one size, with axe in every page."""

    def tab(name: str) -> Tab:
        made = tabs(name, **SIZES[request.param])
        made.page.add_init_script(axe())  # the driver's, for the policy forbids scripts
        made.page.reload()
        return made

    return tab


def test_the_label_page(looked_at: Callable[[str], Tab]) -> None:
    ann = looked_at("ann")
    ann.ready()
    ann.select(2, 1, 5, 8)
    ann.press("e", "3", "f")
    ann.shown("#hint", "Flagged")
    ann.press("j", "/")
    ann.type("is")
    ann.press("Enter", "Escape", "e")
    ann.shown("#hint", "Select some words")
    ann.press("d", "a", "2")
    for keys in (("Escape", "g"), ("Escape",)):
        assert findings(ann) == []
        assert wide(ann) <= 0
        ann.press(*keys)
    for opening in ("?", "w"):
        ann.open("/label/1")
        ann.press(opening)
        assert findings(ann) == []
        assert wide(ann) <= 0
        ann.press("Escape")


def test_a_page_of_words_that_do_not_break_fits_its_window(
    looked_at: Callable[[str], Tab],
) -> None:
    ann = looked_at("ann")
    ann.open("/label/4")
    assert wide(ann) <= 0
    ann.select(2, 0, 0, 500)
    ann.press("e", "Enter")
    assert wide(ann) <= 0
    assert findings(ann) == []


def test_trouble_is_told_to_everybody(
    looked_at: Callable[[str], Tab], opened: Opened
) -> None:
    ann = looked_at("ann")
    opened.ledger.people.dismiss()
    ann.press("3")
    ann.shown("#trouble", "not good now")
    assert ann.page.get_attribute("#trouble", "role") == "alert"
    assert ann.page.locator("#trouble").is_visible()
    assert findings(ann) == []
    assert wide(ann) <= 0
    ann.page.reload()
    assert ann.page.inner_text("h1") == "Who are you?"
    assert findings(ann) == []


def test_the_page_when_all_is_done(
    looked_at: Callable[[str], Tab], opened: Opened
) -> None:
    ann = looked_at("ann")
    for name in ("t1", "t3", LONG):
        opened.ledger.add("ann", name, Answer(label="absent"))
    ann.page.goto(f"{opened.origin}/")
    ann.page.wait_for_selector("text=You have labeled all 4")
    assert findings(ann) == []
    assert wide(ann) <= 0


@pytest.mark.parametrize("path", ["/lead", "/lead/case/2"])
def test_the_pages_of_whoever_leads(path: str, looked_at: Callable[[str], Tab]) -> None:
    lea = looked_at("lea")
    lea.open(path)
    assert findings(lea) == []
    assert wide(lea) <= 0


def test_colours_follow_the_system(tabs: Callable[..., Tab]) -> None:
    ann = tabs("ann", color_scheme="light")
    colour = "() => getComputedStyle(document.body).backgroundColor"
    light = ann.page.evaluate(colour)
    ann.page.emulate_media(color_scheme="dark")
    assert ann.page.evaluate(colour) != light


def test_the_form_is_reached_and_left_again_on_a_phone(
    tabs: Callable[..., Tab], opened: Opened
) -> None:
    ann = tabs("ann", **SIZES["phone"])
    ann.select(2, 1, 5, 8)
    ann.page.tap("#mark-here")
    ann.page.tap("nav.jump >> text=Label")
    assert ann.page.evaluate(
        "() => document.getElementById('form').getBoundingClientRect().top < 200"
    )
    ann.page.tap("input[name=level][value='3']")
    ann.page.tap("#save")
    ann.at(3)
    [label] = [one for one in opened.ledger.labels() if one.transcript == "t1"]
    assert (label.severity, label.span) == (3, "all")
