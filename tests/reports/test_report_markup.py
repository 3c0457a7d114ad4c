"""The report as markup: one file, inert, whole, and readable in any way of reading."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from judge.calibration.summary import summarise
from judge.labels.labels import HumanLabels
from judge.reports.report import render_report
from judge.transcripts.types import ToolCallPart
from judge.verdict import Assessment, Evidence, Provenance
from tests.support.builders import made_by, message, transcript, verdict
from tests.support.html_page import Element, read_page
from tests.support.labelled_runs import labelled_run

HOSTILE = [
    "<script>alert(1)</script>",
    "</div></style></svg><img src=x onerror=alert(1)>",
    "{{ 7 * 191 }}{% for x in y %}",
    '"><svg onload=alert(1)> style="color:red"',
    "&lt;b&gt; \u202e\x00\x9b שלום $x^2$ \u2028 ]]> -->",
    "a" * 300,
]
NAMES = {"ann": HOSTILE[0], "bob": HOSTILE[1], "cyd": HOSTILE[4]}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section"),
    *("nav", "footer", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "dt"),
    *("dd", "div", "span", "b", "strong", "q", "mark", "bdi", "a", "details"),
    *("summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure"),
    *("figcaption", "svg", "desc", "text", "line", "rect", "circle", "polygon"),
    "polyline",
}


def _page(run: Any, labels: Any, **more: Any) -> str:
    read = HumanLabels.load(labels)
    texts = more.pop("transcripts", ())
    found = summarise(run, read, **{"sampling": "random"} | more)
    return render_report(found, run=run, transcripts=texts, labels=read)


def _simulated(**world: Any) -> Callable[[], str]:
    sampling = world.pop("asked", "random")
    return lambda: _page(*labelled_run(**world), sampling=sampling)


def _several() -> str:
    run, labels = labelled_run(
        300, 60, labelers=("ann", "bob", "cyd"), human_error=0.1, abstained=0.05
    )
    again = labels[labels["labeler"] == "ann"].head(12).assign(occasion=2)
    both = pd.concat([labels.assign(occasion=1), again])
    return _page(run, both, again=[run[:200]])


def _hostile() -> str:
    """Every text of run, transcripts and labels that somebody else can choose."""
    run, labels = labelled_run(120, 40, 0.4, labelers=tuple(NAMES), human_error=0.2)
    ids = {f"t{n}": f"t{n} {HOSTILE[n % len(HOSTILE)]}" for n in range(len(run))}
    made = [_hostile_assessment(one, ids[one.transcript_id]) for one in run]
    labels = labels.assign(
        transcript=labels["transcript"].map(ids),
        labeler=labels["labeler"].map(NAMES),
        note=[HOSTILE[n % len(HOSTILE)] for n in range(len(labels))],
        span=HOSTILE[0],
        scenario=HOSTILE[3],
    )
    texts = [_hostile_text(name, HOSTILE[n % 6]) for n, name in enumerate(ids.values())]
    return _page(made, labels, transcripts=texts)


def _hostile_assessment(given: Assessment, name: str) -> Assessment:
    result, text = given.results[0], HOSTILE[len(name) % len(HOSTILE)]
    quote = Evidence(quote=text, cited=1, message=1, channel="said", match="absent")
    said = verdict(
        likelihood=result.likelihood,
        level=result.level,
        explanation=text,
        innocent_reading=text,
        subtypes=(text,),
        evidence=(quote,),
        provenance=_hostile_maker(),
    )
    return Assessment(
        transcript_id=name,
        transcript_digest="d",
        results=(said,),
        metadata={"target_model": HOSTILE[3], HOSTILE[0]: text},
    )


def _hostile_maker() -> Provenance:
    return made_by(model=HOSTILE[1])


def _hostile_text(name: str, text: str) -> Any:
    call = ToolCallPart(name=text, arguments={text: text})
    return transcript(message("target", text, call, name=text), id=name)


CASES: dict[str, Callable[[], str]] = {
    "good": _simulated(n=300, labelled=60),
    "several labelers, asked again": _several,
    "hostile": _hostile,
    "eight labels": _simulated(n=100, labelled=8, prevalence=0.3),
    "three transcripts": _simulated(n=3, labelled=3),
    "a single one": _simulated(n=1, labelled=1),
    "nobody says how they were drawn": _simulated(n=90, labelled=40, asked="unknown"),
    "drawn by verdict": _simulated(
        n=200, labelled=60, sampling="by_judge", asked="by_judge"
    ),
    "none present": _simulated(n=100, labelled=40, prevalence=0),
    "yes to all": _simulated(n=100, labelled=40, sensitivity=1, specificity=0),
    "all abstained": _simulated(n=80, labelled=40, abstained=1.0),
    "all unscored": _simulated(n=80, labelled=40, unscored=1.0),
    "certified": _simulated(
        n=700, labelled=600, prevalence=0.15, sensitivity=0.95, specificity=0.98
    ),
}


@cache
def page(case: str) -> str:
    return CASES[case]()


@cache
def read(case: str) -> Element:
    return read_page(page(case))


every_case = pytest.mark.parametrize("case", CASES)


@every_case
def test_every_id_is_there_once_and_every_link_has_its_target(case: str) -> None:
    elements = read(case).all()
    ids = [one.attributes["id"] for one in elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    links = [one.attributes["href"] for one in elements if "href" in one.attributes]
    assert len(links) > 5
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(ids)
    named = [one.attributes.get("aria-labelledby", "table") for one in elements]
    assert set(named) <= set(ids)


@every_case
def test_nothing_but_the_page_s_own_elements_and_no_handlers_or_looks(
    case: str,
) -> None:
    for one in read(case).all():
        assert one.tag in TAGS
        assert "style" not in one.attributes
        assert not [name for name in one.attributes if name.startswith("on")]
        assert not {"src", "srcset", "action", "data"} & one.attributes.keys()
    assert not re.search(r"url\(|@import|javascript:", page(case))


@every_case
def test_the_policy_lets_in_this_style_sheet_and_nothing_else(case: str) -> None:
    style = re.findall("<style>(.*?)</style>", page(case), re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    policy = read(case).one("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )


@every_case
def test_headings_follow_each_other_without_a_step_left_out(case: str) -> None:
    steps = [int(one.tag[1]) for one in read(case).all("h1", "h2", "h3", "h4")]
    assert steps.count(1) == 1
    assert steps[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(steps))


@every_case
def test_tables_and_figures_can_be_heard(case: str) -> None:
    for head in read(case).all("th"):
        assert head.attributes["scope"] in ("col", "row")
    for table in read(case).all("table"):
        wide = {len(row.all("th", "td")) for row in table.all("tr")}
        assert len(wide) == 1
    for region in read(case).all("div"):
        if "scroll" in region.attributes.get("class", ""):
            assert region.attributes["tabindex"] == "0"
            assert region.attributes["aria-label"]
    for chart in read(case).all("svg"):
        assert chart.attributes["role"] == "img"
        assert chart.attributes["aria-label"] == chart.one("title").text
        assert len(chart.one("desc").text) > 10


@every_case
def test_every_look_is_in_the_style_sheet(case: str) -> None:
    style = re.findall("<style>(.*?)</style>", page(case), re.DOTALL)[0]
    plain = {"plain", "on0", "on1", "on2", "on3", "alone", "chips", "both", "neither"}
    plain |= {"no_answer", "unsure", "user", "operator", "tool", "prefill", "other"}
    for one in read(case).all():
        for look in one.attributes.get("class", "").split():
            assert look in plain or f".{look}" in style, look


def test_hostile_text_is_shown_as_what_it_is() -> None:
    shown = read("hostile").text
    for text in HOSTILE[:4]:
        assert text in shown
    assert "1337" not in shown
    assert r"\u202e\x00\x9b שלום" in shown
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", page("hostile")
    )


def test_a_certified_threshold_stands_in_the_curve() -> None:
    section = read("certified").one("section", **{"aria-labelledby": "threshold"})
    assert "The threshold: sees" in section.one("desc").text
    assert "at most 1.0 % false alarms, 95 % sure" in section.text
