"""Twenty transcripts of the calibration set, labeled by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

import pytest

from judge._data import data_dir
from judge.desk.desk import Desk
from judge.labels.label import Label
from judge.labels.labels import HumanLabels
from judge.labels.ledger.ledger import Ledger
from judge.rubrics.load import load_rubric
from judge.transcripts.load import load_transcripts
from judge.transcripts.types import Transcript
from tests.support.browser import Tab
from tests.support.desk import Opened, served

pytestmark = pytest.mark.xdist_group("browser")

DATA = data_dir("calibration_data")
COUNT = 20


@pytest.fixture(scope="module")
def twenty() -> Sequence[Transcript]:
    return list(islice(load_transcripts(DATA / "dev.jsonl"), COUNT))


@pytest.fixture
def opened(tmp_path: Path, twenty: Sequence[Transcript]) -> Iterator[Opened]:
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, load_rubric("coercion"), twenty)
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


@pytest.fixture(scope="module")
def known(twenty: Sequence[Transcript]) -> dict[str, Label]:
    """What the set's own labelers said, to label by."""
    names = {transcript.id for transcript in twenty}
    found = HumanLabels.load(DATA / "labels.csv")
    return {
        label.transcript: label
        for label in found
        if label.rubric == "coercion" and label.transcript in names
    }


def test_twenty_transcripts_by_keyboard_alone(
    ann: Tab, opened: Opened, known: dict[str, Label], twenty: Sequence[Transcript]
) -> None:
    given: dict[str, tuple[int, str]] = {}
    strokes = []
    for place, transcript in enumerate(twenty, start=1):
        ann.at(place)
        before = ann.pressed
        label = known.get(transcript.id)
        level = label.severity or 0 if label else 0
        quote = mark_first_line(ann) if level else ""
        if level == 1:
            ann.press("t")
            ann.type("thought of")
            ann.press("Escape")
        ann.press(str(level), "Enter")
        given[transcript.id] = (level, quote)
        strokes.append(ann.pressed - before)
    ann.page.wait_for_selector(f"text=You have labeled all {COUNT} transcripts")
    made = {one.transcript: (one.severity, one.span) for one in opened.ledger.labels()}
    assert made == given
    assert min(strokes) == 2
    print(f"keystrokes: {sorted(strokes)}, median {median(strokes)}")


def mark_first_line(tab: Tab) -> str:
    """Mark a line of the first words of the AI under test."""
    tab.press("Shift+J", "v", "Shift+End", "e")
    [quote] = tab.marks()
    return quote.strip()
