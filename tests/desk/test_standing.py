"""The figures of the lead's page are the library's, and nobody waits for them."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

import judge
from judge.calibration.agreement.labelers import labeler_strictness, share_of_present
from judge.desk import figures
from judge.desk.access import Person
from judge.desk.desk import Desk
from judge.desk.figures import Figures, Known
from judge.desk.leading import Leading
from judge.desk.pages import Pages
from judge.desk.progress import progress_of
from judge.desk.standing import Standing, standing_of
from judge.errors import StoreError
from judge.labels.labels import HumanLabels
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.labels.settle import settle
from judge.statistics.estimate import Estimate
from judge.verdict import Assessment, Unscored, Verdict
from tests.support.builders import made_by, message, rubric, transcript, verdict
from tests.support.html_page import Element, read_page

PEOPLE = ("ann", "bob", "cid")
LENGTH = 48


def level(severity: int) -> Answer:
    word = "present" if severity >= 2 else "absent"
    return Answer(label=word, severity=severity)


def judged_as(number: int) -> Verdict | Unscored:
    if number % 11 == 10:
        return Unscored(rubric="deception", provenance=made_by(), reason="refused")
    abstained = number % 13 == 12
    return verdict(level=None if abstained else number % 5, likelihood=number)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "labels.sqlite") as opened:
        yield opened


def desk_of(
    ledger: Ledger, verdicts: Mapping[str, Verdict | Unscored] | None = None
) -> Desk:
    talks = [transcript(message("target", "Hi."), id=f"t{n}") for n in range(LENGTH)]
    return Desk.opened(ledger, rubric(), talks, verdicts=verdicts)


@pytest.fixture
def labeled(ledger: Ledger) -> Desk:
    """Three labelers, a few unsure, some asked twice, one transcript settled."""
    verdicts = {f"t{n}": judged_as(n) for n in range(LENGTH)}
    desk = desk_of(ledger, {**verdicts, "not in the queue": judged_as(3)})
    desk.deal(PEOPLE, overlap=3, repeats=0.25, seed=1)
    chance = random.Random(5)
    truth = [chance.randrange(5) for _ in range(LENGTH)]
    for seat in ledger.seats():
        name = seat.place.transcript
        noise = chance.choice((-1, 0, 0, 0, 1))
        answer = level(max(0, min(4, truth[int(name[1:])] + noise)))
        if chance.random() < 0.05:
            answer = Answer(label="unsure")
        ledger.add(
            seat.place.labeler, name, answer, occasion=seat.place.occasion, seconds=8
        )
    ledger.add("lea", "t0", Remark(why="So it is.", answer=level(4)), kind="settle")
    return desk


def run_of(desk: Desk) -> list[Assessment]:
    return [
        Assessment(transcript_id=name, transcript_digest="", results=(result,))
        for name, result in desk.verdicts.items()
    ]


class Worked(Figures):
    """Figures that were worked out before."""

    def __init__(self, desk: Desk, standing: Standing) -> None:
        super().__init__(desk)
        self._known = Known(standing, working=False)

    def known(self, hidden: Collection[str] = ()) -> Known:
        return self._known


def figures_of(standing: Standing, desk: Desk) -> Element:
    """The part of the page that shows them."""
    leading = Leading(desk, Pages())
    lea = Person("lea", lead=True)
    leading._worked_out[lea.name] = Worked(desk, standing)
    return read_page(bytes(leading._figures(lea, None).body).decode())  # type: ignore[arg-type] # the request is not looked at


def rows_of(page: Element, label: str) -> dict[str, list[str]]:
    """The rows of the table under a label, by their names."""
    [table] = [
        found
        for place in page.all("div")
        if place.attributes.get("aria-label") == label
        for found in place.all("table")
    ]
    return {
        row.all("th")[0].text: [cell.text for cell in row.all("td")]
        for row in table.all("tr")
        if row.all("td")
    }


def told(value: Estimate) -> str:
    if value.status == "refused":
        return "refused"
    return f"{value} *" if value.status == "caution" else str(value)


def test_each_figure_on_the_page_is_what_the_library_returns(labeled: Desk) -> None:
    labels = HumanLabels(labeled.ledger.labels())
    run = run_of(labeled)
    found = judge.agreement(labels, run)
    page = figures_of(standing_of(labeled), labeled)
    assert found.overall is not None
    facts = {
        row.all("th")[0].text: [cell.text for cell in row.all("td")]
        for row in page.one("table", **{"class": "grid facts"}).all("tr")
        if row.all("td")
    }
    for name, value in list(found.overall.rows())[:6]:
        assert facts[name] == [told(value), str(value.n)]
    pairs = rows_of(page, "Agreement on presence")
    for one in (*found.pairs, *found.with_judge, *found.again):
        shown = pairs[" and ".join(one.raters)]
        assert shown[0] == str(one.n)
        assert shown[1:5] == [
            told(value)
            for value in (one.percent, one.positive, one.negative, one.alpha)
        ]
    again = rows_of(page, "Asked again")
    assert again == {
        one.raters[0]: [str(one.n), told(one.percent), told(one.alpha)]
        for one in found.again
    }
    assert len(again) == len(PEOPLE)
    strict = labeler_strictness(labels)
    each = rows_of(page, "How each labels")
    for labeler in strict.labelers:
        assert each[labeler.labeler][:4] == [
            str(labeler.n),
            str(labeler.unsure),
            told(labeler.share),
            told(labeler.strictness),
        ]
    needed = rows_of(page, "Labels still needed")
    for width in (0.1, 0.05, 0.03):
        plan = judge.plan_labels(run, labels, half_width=width)
        assert plan.wanted is not None
        assert needed[f"± {100 * width:g} points"] == [
            str(plan.wanted),
            str(len(plan.labelled)),
            str(plan.n) if plan.wanted <= plan.total else "more than were judged",
        ]
    svg = page.one("svg")
    for one in (*found.pairs, *found.with_judge):
        alpha = one.alpha.value
        assert alpha is None or f"{alpha:.2f}" in svg.text


def test_each_third_of_the_time_is_measured_as_labels_of_its_own(
    labeled: Desk,
) -> None:
    standing = standing_of(labeled)
    first = [x for x in standing.labels.raters if x.occasion == 1]
    done = {x.transcript: x.time for x in sorted(first, key=lambda x: x.time)}
    order = sorted(done, key=done.__getitem__)
    assert [period.n for period in standing.periods] == [16, 16, 16]
    for number, period in enumerate(standing.periods):
        chosen = order[16 * number : 16 * number + 16]
        part = HumanLabels(x for x in first if x.transcript in chosen)
        overall = judge.agreement(part).overall
        assert overall is not None
        assert period.alpha == overall.alpha
        shares = {one.labeler: one.share for one in labeler_strictness(part).labelers}
        assert period.present == shares


def test_what_was_settled_counts_as_the_adjudicators_and_decides(
    labeled: Desk,
) -> None:
    ledger = labeled.ledger
    kept = HumanLabels(ledger.labels())
    before = kept.made_by("human").raters
    assert len(before) == len(kept) - 1
    [settled] = [x for x in kept if x.labeler == "adjudicator"]
    assert (settled.transcript, settled.severity, settled.label) == ("t0", 4, "present")
    assert settled.note == "lea: So it is."
    assert judge.agreement(kept).overall == judge.agreement(before).overall
    frame = settle(HumanLabels.load(list(kept)))
    assert (frame.loc["t0", "y"], frame.loc["t0", "severity"]) == (1.0, 4.0)


def test_a_settlement_turns_what_the_majority_said(ledger: Ledger) -> None:
    desk_of(ledger)
    for who in PEOPLE:
        ledger.add(who, "t0", level(0))
    ledger.add("lea", "t0", Remark(why="No.", answer=level(3)), kind="settle")
    labels = HumanLabels.load(ledger.path)
    assert settle(labels).loc["t0", "y"] == 1.0
    ledger.add("lea", "t0", Remark(why="Yes.", answer=level(0)), kind="settle")
    labels = HumanLabels.load(ledger.path)
    assert settle(labels).loc["t0", "y"] == 0.0


def test_without_a_label_the_page_says_so_and_plans(ledger: Ledger) -> None:
    verdicts = {f"t{n}": judged_as(n) for n in range(LENGTH)}
    desk = desk_of(ledger, verdicts)
    standing = standing_of(desk)
    assert (standing.agreement, standing.strictness, standing.periods) == (
        None,
        None,
        (),
    )
    assert len(standing.plans) == 3
    assert "There is no label yet" in figures_of(standing, desk).text


def test_one_labeler_agrees_with_nobody_and_the_page_says_what_would_help(
    ledger: Ledger,
) -> None:
    desk = desk_of(ledger)
    for number in range(6):
        ledger.add("ann", f"t{number}", level(number % 5))
    standing = standing_of(desk)
    text = figures_of(standing, desk).text
    assert "One labeler alone agrees with nobody" in text
    assert "--overlap 2" in text
    assert "Start the desk with the judge's results" in text
    assert standing.plans == ()
    assert all(period.alpha is None for period in standing.periods)


def test_one_labeler_is_compared_with_the_judge(ledger: Ledger) -> None:
    desk = desk_of(ledger, {f"t{n}": judged_as(n) for n in range(LENGTH)})
    for number in range(LENGTH):
        ledger.add("ann", f"t{number}", level(number % 5))
    text = figures_of(standing_of(desk), desk).text
    assert "ann and judge, on" in text


@pytest.mark.parametrize(
    "verdicts",
    [
        {"elsewhere": verdict()},
        {"t0": judged_as(10)},
        {"t0": judged_as(12)},
        {"t40": verdict()},
    ],
    ids=["of others", "unscored", "abstained", "not labeled"],
)
def test_a_judge_that_says_nothing_of_it_costs_the_labelers_no_figure(
    ledger: Ledger, verdicts: dict[str, Verdict | Unscored]
) -> None:
    desk = desk_of(ledger, verdicts)
    for number in range(9):
        for who in PEOPLE:
            ledger.add(who, f"t{number}", level(number % 5))
    standing = standing_of(desk)
    assert standing.agreement is not None
    assert standing.agreement.overall is not None
    assert standing.agreement.overall.percent.value == 1
    assert figures_of(standing, desk).text


def test_a_labeler_called_gold_is_named_as_what_stands_in_the_way(
    ledger: Ledger,
) -> None:
    desk = desk_of(ledger)
    ledger.add("gold", "t0", level(3))
    standing = standing_of(desk)
    assert standing.agreement is None
    assert "all by adjudicators" in standing.refusals[0]
    assert "all by adjudicators" in figures_of(standing, desk).text


def test_progress_counts_answers_skips_and_those_who_left(ledger: Ledger) -> None:
    desk = desk_of(ledger)
    desk.deal(["ann", "zoe"], overlap=2, repeats=0.0, seed=1)
    ledger.add("zoe", "t0", level(0), seconds=10)
    ledger.add("zoe", "t1", level(0), seconds=30)
    ledger.add("ann", "t0", level(3), seconds=100)
    ledger.add("ann", "t0", level(0), seconds=4)
    ledger.add("ann", "t1", Remark(), kind="skip")
    ledger.add("guest", "t1", level(0))
    desk.deal(["ann", "bob"], overlap=2, repeats=0.0, seed=1)
    found = {one.labeler: one for one in progress_of(desk, list(ledger.entries()))}
    assert (found["ann"].answered, found["ann"].skipped) == (1, 1)
    assert found["ann"].seconds == 100
    assert (found["zoe"].dealt, found["zoe"].answered, found["zoe"].seconds) == (
        2,
        2,
        20,
    )
    assert (found["bob"].answered, found["bob"].last) == (0, "")
    assert found["guest"].dealt == 0


class Slow:
    """Stands in for `standing_of`: works when it is let, and counts how often."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.begun = threading.Semaphore(0)
        self.error: Exception | None = None
        self.times = 0
        self.now = self.takes = 0.0

    def __call__(self, desk: Desk, hidden: Collection[str]) -> Standing:
        self.times += 1
        labels = HumanLabels(
            label for label in desk.ledger.labels() if label.transcript not in hidden
        )
        self.begun.release()
        assert self.let.wait(10)
        self.now += self.takes
        if self.error is not None:
            raise self.error
        return Standing(labels, None, None, (), (), ())


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow()
    monkeypatch.setattr(figures, "standing_of", made)
    yield made
    made.let.set()


def settled(worked_out: Figures, hidden: Collection[str] = ()) -> Known:
    for worker in threading.enumerate():
        if worker.name == figures.THREAD:
            worker.join(10)
    return worked_out.known(hidden)


def test_nobody_waits_for_figures_and_they_are_worked_out_once(
    ledger: Ledger, slow: Slow
) -> None:
    desk = desk_of(ledger)
    worked_out = Figures(desk)
    assert worked_out.known() == Known(None, working=True)
    assert slow.begun.acquire(timeout=10)
    assert worked_out.known().working
    slow.let.set()
    known = settled(worked_out)
    assert known.standing is not None
    assert not known.working
    assert worked_out.known() == known
    assert slow.times == 1


def test_a_new_label_has_them_worked_out_again_and_the_old_ones_shown(
    ledger: Ledger, slow: Slow
) -> None:
    desk = desk_of(ledger)
    worked_out = Figures(desk)
    slow.let.set()
    worked_out.known()
    old = settled(worked_out)
    ledger.add("ann", "t0", Remark(), kind="flag")
    assert worked_out.known() == old
    slow.let.clear()
    ledger.add("ann", "t0", level(0))
    assert worked_out.known() == old._replace(working=True)
    slow.let.set()
    new = settled(worked_out)
    assert new.upto > old.upto
    assert new.standing is not None
    assert len(new.standing.labels) == 1


def test_a_label_that_comes_while_they_are_worked_out_is_not_forgotten(
    ledger: Ledger, slow: Slow
) -> None:
    desk = desk_of(ledger)
    worked_out = Figures(desk)
    worked_out.known()
    assert slow.begun.acquire(timeout=10)
    ledger.add("ann", "t0", level(0))
    slow.let.set()
    assert settled(worked_out).working
    known = settled(worked_out)
    assert known.standing is not None
    assert len(known.standing.labels) == 1


def test_a_failure_is_told_once_and_then_tried_again(
    ledger: Ledger, slow: Slow
) -> None:
    desk = desk_of(ledger)
    worked_out = Figures(desk)
    slow.error = StoreError("the file is gone")
    slow.let.set()
    worked_out.known()
    assert settled(worked_out) == Known(None, working=False, failed="the file is gone")
    slow.error = None
    assert worked_out.known().working
    assert settled(worked_out).standing is not None


def test_after_long_work_there_is_a_pause_in_which_the_old_ones_are_shown(
    ledger: Ledger, slow: Slow
) -> None:
    worked_out = Figures(desk_of(ledger), clock=lambda: slow.now)
    slow.takes = 30.0
    slow.let.set()
    worked_out.known()
    old = settled(worked_out)
    ledger.add("ann", "t0", level(0))
    slow.now = 59.0
    assert worked_out.known() == old._replace(working=True)
    assert slow.times == 1
    slow.now = 60.0
    worked_out.known()
    assert settled(worked_out).upto > old.upto
    assert slow.times == 2


def test_what_somebody_has_not_labeled_yet_is_in_no_figure_of_theirs(
    ledger: Ledger,
) -> None:
    desk = desk_of(ledger)
    for number in range(12):
        for who in PEOPLE:
            ledger.add(who, f"t{number}", level(4 if number == 3 else 0))
    everything, mine = standing_of(desk), standing_of(desk, {"t3"})
    assert "t3" in everything.labels.transcripts
    assert "t3" not in mine.labels.transcripts
    assert mine.strictness is not None
    assert {one.share.value for one in mine.strictness.labelers} == {0}
    other = Figures(desk)
    other.known({"t3"})
    known = settled(other, {"t3"})
    assert known.standing is not None
    assert "t3" not in known.standing.labels.transcripts


def test_a_changed_mind_is_no_drift(ledger: Ledger) -> None:
    desk = desk_of(ledger)
    for number in range(9):
        ledger.add("ann", f"t{number}", level(4 if number < 3 else 0))
    before = standing_of(desk).periods
    for number in range(3):  # looked at again at the end, and found as grave
        ledger.add("ann", f"t{number}", level(3))
    after = standing_of(desk).periods
    assert [one.present for one in after] == [one.present for one in before]
    assert [one.present["ann"].value for one in after] == [1, 0, 0]


def test_the_judge_stands_beside_the_labelers_in_each_third(ledger: Ledger) -> None:
    verdicts = {f"t{n}": judged_as(n) for n in range(LENGTH)}
    desk = desk_of(ledger, verdicts)
    for number in range(9):
        ledger.add("ann", f"t{number}", level(0))
    standing = standing_of(desk)
    said = [desk.verdicts[f"t{number}"].present for number in range(9)]
    for number, period in enumerate(standing.periods):
        part = said[3 * number : 3 * number + 3]
        decided = len(part) - part.count(None)
        assert period.judged == (
            share_of_present(part.count(True), decided) if decided else None
        )
    assert "The judge, present" in figures_of(standing, desk).text


def test_the_plan_reckons_with_all_that_was_judged(ledger: Ledger) -> None:
    verdicts: dict[str, Verdict | Unscored] = {
        f"other{n}": verdict(level=n % 5) for n in range(400)
    }
    with_all = standing_of(desk_of(ledger, verdicts))
    assert sum(x.judged for x in with_all.plans[0].strata) == 400
