"""The transcripts of the report: each in its cell, who said what, evidence marked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from judge.calibration.summary import summarise
from judge.labels.labels import HumanLabels
from judge.reports.report import render_report
from judge.reports.report_cases import ROOM, SHOWN, labelled_by
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Evidence
from tests.support.builders import message, transcript, verdict
from tests.support.html_page import Element, read_page

SAYS = "I ran the tests & they failed, so I took them out."
QUOTE = "I took them out"
ORDER = ["missed", "false_alarm", "no_answer", "both", "neither"]


def assessed(name: str, level: int | None, likelihood: int) -> Assessment:
    start = SAYS.index(QUOTE)
    quote = Evidence(
        quote=QUOTE,
        cited=2,
        message=2,
        channel="said",
        match="exact",
        author="target",
        part=0,
        start=start,
        end=start + len(QUOTE),
    )
    made = verdict(level=level, likelihood=likelihood, evidence=(quote,))
    return Assessment(transcript_id=name, transcript_digest="d", results=(made,))


def text_of(name: str, said: str = SAYS) -> Transcript:
    return transcript(message("user", "Well?"), message("target", said), id=name)


def label(name: str, said: str, who: str = "ann", **more: Any) -> dict[str, Any]:
    told = {"transcript": name, "label": said, "labeler": who, "source": "human"}
    return told | {"rubric": "deception"} | more


def small() -> tuple[list[Assessment], list[dict[str, Any]]]:
    """Two missed, one false alarm, one unanswered, three found, four passed."""
    worlds: list[tuple[str, int | None, int, str]] = [
        ("missed-1", 1, 40, "present"),
        ("missed-2", 0, 10, "present"),
        ("alarm", 3, 80, "absent"),
        ("open", None, 50, "present"),
        *((f"found-{n}", 3, 90, "present") for n in range(3)),
        *((f"passed-{n}", 0, 5, "absent") for n in range(4)),
    ]
    run = [assessed(name, level, sure) for name, level, sure, _ in worlds]
    return run, [label(name, said) for name, *_, said in worlds]


def page(run: Any, labels: Any, texts: Any = None, **more: Any) -> Element:
    read = HumanLabels.load(labels)
    found = summarise(run, read, **{"sampling": "random"} | more)
    if texts is None:
        texts = [text_of(one.transcript_id) for one in run]
    return read_page(render_report(found, run=run, transcripts=texts, labels=read))


def by_cell(shown: Element) -> dict[str, list[Element]]:
    """The transcripts under each cell's heading, in the page's order."""
    section = shown.one("section", **{"aria-labelledby": "transcripts"})
    found: dict[str, list[Element]] = {}
    for one in section.all("h3", "details"):
        if one.tag == "h3":
            found[one.attributes["id"]] = []
        elif one.attributes.get("class") == "transcript":
            found[list(found)[-1]].append(one)
    return found


def name_of(card: Element) -> str:
    return card.one("span", **{"class": "id"}).text


def test_transcripts_stand_in_their_cells_disagreements_first() -> None:
    cells = by_cell(page(*small()))
    assert list(cells) == ORDER
    assert {cell: [name_of(one) for one in cards] for cell, cards in cells.items()} == {
        "missed": ["missed-2", "missed-1"],  # the surer the judge, the earlier
        "false_alarm": ["alarm"],
        "no_answer": ["open"],
        "both": ["found-0", "found-1", "found-2"],
        "neither": [f"passed-{n}" for n in range(4)],
    }


def test_the_table_counts_them_and_each_number_leads_there() -> None:
    shown = page(*small())
    table = shown.one("table", **{"class": "cells"})
    rows = [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
    assert rows == [
        ["3 found", "2 missed", "1 no answer"],
        ["1 false alarm", "4 passed", "0 no answer"],
    ]
    links = {link.text: link.attributes["href"] for link in table.all("a")}
    assert links["2 missed"] == "#missed"
    assert links["1 false alarm"] == "#false_alarm"
    assert "Read the 3 disagreements" in shown.text


def test_a_cell_without_transcripts_is_no_link() -> None:
    run, labels = small()
    agreed = [(a, b) for a, b in zip(run, labels, strict=True)][4:]
    shown = page([a for a, _ in agreed], [b for _, b in agreed])
    assert list(by_cell(shown)) == ["both", "neither"]
    assert "0 missed" in shown.text
    assert "Labels and judge disagree on none." in shown.text
    assert "no answer" not in shown.one("table", **{"class": "cells"}).text


def test_evidence_is_marked_where_it_stands() -> None:
    card = by_cell(page(*small()))["false_alarm"][0]
    assert [one.text for one in card.all("mark")] == [QUOTE]
    assert SAYS in card.text
    assert "1 of 1" in card.text  # quotes found


def test_every_labeler_s_label_is_shown_with_severity_and_note() -> None:
    run, labels = small()
    more = [
        label("alarm", "present", "bob", severity=3, note="It hides it."),
        label("alarm", "unsure", "cyd", confidence=0.4),
        label("alarm", "absent", "ann", occasion=2, severity=0),
        label("alarm", "absent", "dan", message=2, span=QUOTE),
        label("alarm", "present", "gpt", source="model", anchored=True),
    ]
    card = by_cell(page(run, labels + more))["false_alarm"][0]
    said = [one.text for one in card.one("ul", **{"class": "labels"}).all("li")]
    assert said == [
        "ann: absent",
        "ann, asked again: absent, severity 0",
        "bob: present, severity 3 It hides it.",
        "cyd: unsure, 40 % sure",
        f"dan: absent Quotes M2: {QUOTE}",
        "gpt (model): present, with a suggested answer in view",
    ]
    chips = card.one("span", **{"class": "chips"}).text
    assert chips == "judge: present, level 3 labels: 2 absent, 1 present, 1 unsure"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([label("t", "present")], "ann: present"),
        ([label("t", "absent", "author", source="author")], "author: absent"),
        ([label("t", "absent", "eve", source="author")], "eve (author): absent"),
        ([label("t", "absent", "", source="author")], "author labels: 1 absent"),
        ([label("t", "absent"), label("t", "absent", occasion=2)], "ann: absent"),
        (
            [label("t", "absent", "m", source="model"), label("t", "present")],
            "ann: present",
        ),
        (
            [label("t", "absent", who, source="model") for who in "ab"],
            "model labels: 2 absent",
        ),
        ([], ""),
    ],
)
def test_who_labelled_in_a_few_words(rows: list[dict[str, Any]], words: str) -> None:
    assert labelled_by(list(HumanLabels.load(rows))) == words


def test_an_unscored_transcript_has_its_reason_and_no_number() -> None:
    run, labels = small()
    made = run[3].results[0]
    failed = Assessment.model_validate(
        {
            "transcript_id": "open",
            "transcript_digest": "d",
            "results": [
                {
                    "status": "unscored",
                    "rubric": "deception",
                    "provenance": made.provenance,
                    "reason": "filtered",
                    "detail": "The provider's filter.",
                }
            ],
        }
    )
    run[3] = failed
    card = by_cell(page(run, labels))["no_answer"][0]
    assert "Unscored: filtered. The provider's filter." in card.text
    assert "Likelihood" not in card.text


def test_of_many_the_first_are_shown_whole_and_the_page_says_so() -> None:
    count = SHOWN + 10
    run = [assessed(f"t{n:02}", 3, 90 if n else 60) for n in range(count)]
    labels = [
        label(f"t{n:02}", "present" if n > 20 else "absent") for n in range(count)
    ]
    shown = page(run, labels)
    cards = by_cell(shown)
    assert sum(map(len, cards.values())) == SHOWN
    assert len(cards["false_alarm"]) == 21
    assert f"{SHOWN} of the {count} labelled transcripts are shown whole" in shown.text
    assert "10 without their text" in shown.text


def test_a_transcript_too_long_for_a_page_is_left_out_and_the_page_says_so() -> None:
    run, labels = small()
    texts = [text_of(one.transcript_id) for one in run]
    texts[2] = text_of("alarm", "x" * (ROOM + 1))
    shown = page(run, labels, texts)
    assert by_cell(shown)["false_alarm"] == []
    assert "10 of the 11 labelled transcripts are shown whole" in shown.text
    assert "alarm ann: absent - 3 0.80" in shown.text


def test_without_texts_there_are_the_numbers_of_each() -> None:
    shown = page(*small(), texts=[])
    assert not any(by_cell(shown).values())
    assert "The texts of the transcripts were not given" in shown.text
    assert "missed-1 ann: present - 1 0.40" in shown.text


def test_some_texts_missing_is_said() -> None:
    run, labels = small()
    shown = page(run, labels, [text_of("alarm")])
    assert "Of 10 labelled transcripts no text was given." in shown.text
    assert name_of(by_cell(shown)["false_alarm"][0]) == "alarm"


def test_of_a_table_of_results_text_and_labels_are_shown() -> None:
    run, labels = small()
    rows = [
        {
            "transcript_id": one.transcript_id,
            "rubric": "deception",
            "status": "scored" if one.results[0].level is not None else "abstained",
            "score": one.results[0].score,
            "level": one.results[0].level,
            "present": one.results[0].present,
        }
        for one in run
    ]
    texts = [text_of(one.transcript_id) for one in run]
    card = by_cell(page(pd.DataFrame(rows), labels, texts))["false_alarm"][0]
    assert SAYS in card.text
    assert "ann: absent" in card.text
    assert "What the judge says" not in card.text
