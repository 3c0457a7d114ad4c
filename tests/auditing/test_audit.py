"""Each known judge is found out for what it is, and the counts are its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

import judge
from judge.auditing.audit import CheckName, audit
from judge.auditing.outcome import AuditRow
from judge.auditing.payloads import families
from judge.auditing.result import Audit
from judge.engine.judge import Judge
from judge.errors import ModelError, UsageError
from tests.support.builders import reply_text, rubric
from tests.support.judging import OwnModel
from tests.support.known_judges import (
    RUBRIC,
    always,
    labels,
    obedient,
    specimens,
    steady,
    unsteady,
    with_reasoning,
)

DIRECTIONLESS = "master key"  # one of its texts says nothing about a side


def audited(model: OwnModel, *checks: CheckName, count: int = 24, **more: Any) -> Audit:
    texts = specimens(count)
    given: dict[str, Any] = {"checks": checks} if checks else {}
    return audit(
        Judge(model, rubrics=RUBRIC), texts, labels=labels(texts), **given, **more
    )


def found(report: Audit) -> list[str]:
    return [finding.id for finding in report.findings]


def moved(rows: Sequence[AuditRow]) -> int:
    return sum(row.down.moved + row.up.moved for row in rows)


def test_a_steady_judge_is_found_to_hold_in_everything() -> None:
    report = audited(steady())
    assert found(report) == ["holds"]
    assert moved(report.rows) == 0
    assert report.over(0.0) == ()
    assert report.unmeasured == ()


def test_a_steady_judge_is_measured_in_both_directions_in_every_family() -> None:
    rows = audited(steady(), "injection").of("injection")
    assert [row.name for row in rows] == list(families())
    assert {(row.down.n, row.up.n) for row in rows} == {(12, 12)}


def test_an_obedient_judge_is_found_to_obey_each_family_in_both_directions() -> None:
    report = audited(obedient(), "injection")
    assert "obeys" in found(report)
    rows = [r for r in report.of("injection") if r.name != DIRECTIONLESS]
    assert [(r.name, r.down.caused, r.up.caused) for r in rows] == [
        (row.name, 12, 12) for row in rows
    ]
    assert {row.sentence for row in rows} == {
        "It moves the judge down and up, more than neutral text does."
    }


def test_an_obedient_judge_is_not_moved_by_neutral_text() -> None:
    report = audited(obedient(), "injection")
    assert {row.down.control_moved for row in report.of("injection")} == {0}


def test_an_obedient_judge_is_no_less_stable() -> None:
    assert found(audited(obedient(), "stability", "invariance", "known")) == []


def test_a_judge_of_chance_is_unsteady_and_does_not_obey() -> None:
    report = audited(unsteady(0.2), count=120)
    assert "unsteady" in found(report)
    assert "obeys" not in found(report)
    assert not [r.name for r in report.of("injection") if "It moves" in r.sentence]


def test_the_rate_of_a_judge_of_chance_is_inside_its_interval() -> None:
    rate, repeats = 0.2, 3
    (row,) = audited(unsteady(rate), "stability", count=200, repeats=repeats).rows
    unanimous = rate**repeats + (1 - rate) ** repeats
    for count in (row.down, row.up):
        assert count.interval is not None
        # Of those present at first some are in truth absent: the mixture is the same
        # for both sides, and so is the rate given the first answer, within 0.2.
        assert count.interval.low - 0.2 <= 1 - unanimous <= count.interval.high + 0.2
    disagreement = 2 * rate * (1 - rate)
    told = float(row.sentence.split(" on ")[1].split("%")[0]) / 100
    assert told == pytest.approx(disagreement, abs=0.06)


@pytest.mark.parametrize("present", [True, False])
def test_a_judge_of_one_answer_is_found_one_sided_and_wrong(*, present: bool) -> None:
    report = audited(always(present=present))
    assert found(report) == ["holds", "one_sided", "wrong"]
    stuck = [row.down if not present else row.up for row in report.of("injection")]
    assert {count.rate for count in stuck} == {None}  # not 0: it was never tried


def test_a_judge_of_one_answer_misses_all_clear_positives() -> None:
    (row,) = audited(always(present=False), "known").rows
    assert (row.down.caused, row.down.n) == (12, 12)
    assert (row.up.caused, row.up.n) == (0, 12)


def test_a_judge_that_breaks_on_payloads_moves_nothing_and_is_counted_apart() -> None:
    good = obedient()

    async def breaking(request: Any) -> str:
        text = await good.answer(request)
        if text != await steady().answer(request):
            raise ModelError("out of order")
        return text

    report = audited(OwnModel(breaking), "injection")
    (row,) = (r for r in report.of("injection") if r.name == "direct order")
    assert (row.down.n, row.down.unanswered, row.down.rate) == (0, 12, None)
    assert report.unscored > 0
    assert "unanswered" in found(report)
    assert row in report.unmeasured


def test_hidden_reasoning_that_matters_is_reported_and_not_gated() -> None:
    texts = [with_reasoning(number) for number in range(12)]
    report = audit(Judge(steady(), rubrics=RUBRIC), texts, checks=["invariance"])
    (row,) = (r for r in report if r.name == "reasoning hidden")
    assert (row.down.moved, row.down.n) == (12, 12)
    assert report.over(0.0) == ()


def test_a_rubric_in_other_words_is_asked_where_it_has_some() -> None:
    words = {"question": "Q", "definition": "D", "anchors": list("01234")}
    reworded = rubric("deception", title="Deception", rewordings=[words])
    asked: list[str] = []

    async def literal(request: Any) -> str:
        asked.append(request.question)
        present = "QUESTION\nQ\n" not in request.question
        return reply_text(likelihood=90 if present else 1, level=3 if present else 0)

    report = audit(
        Judge(OwnModel(literal), rubrics=reworded), specimens(12), checks=["invariance"]
    )
    row = report.rows[0]
    assert row.name == "rubric in other words (1)"
    assert (row.down.caused, row.down.n, row.down.control_moved) == (12, 12, 0)


def test_the_order_of_rubrics_is_tried_in_a_joint_call() -> None:
    two = [rubric("deception"), rubric("coercion")]
    orders: set[tuple[int, ...]] = set()

    async def by_order(request: Any) -> str:
        places = tuple(request.question.index(f"RUBRIC {r.id}") for r in two)
        orders.add(tuple(sorted(range(2), key=places.__getitem__)))
        first = places[0] < places[1]
        names = [r.id for r in (two if first else two[::-1])]
        level = 3 if first else 0
        told = [json.loads(reply_text(level=level, likelihood=50)) for _ in names]
        verdicts = [{"rubric": n, **each} for n, each in zip(names, told, strict=True)]
        return json.dumps({"verdicts": verdicts})

    report = audit(
        Judge(OwnModel(by_order), rubrics=two, calls="joint"),
        specimens(12),
        checks=["invariance"],
    )
    (row,) = (r for r in report if r.name == "rubrics in another order")
    assert len(orders) == 2
    assert (row.down.moved, row.down.n) == (24, 24)


def test_a_joint_call_is_made_once_for_all_its_rubrics() -> None:
    two = [rubric("deception"), rubric("coercion")]
    calls = 0

    async def both(request: Any) -> str:
        nonlocal calls
        calls += 1
        told = [{"rubric": r.id, **json.loads(reply_text())} for r in two]
        return json.dumps({"verdicts": told})

    asked = Judge(OwnModel(both), rubrics=two, calls="joint")
    report = audit(asked, specimens(6), checks=["stability"], repeats=2)
    assert (calls, report.asked) == (12, 24)


def test_rubrics_over_one_transcript_do_not_narrow_the_interval() -> None:
    two = [rubric("deception"), rubric("coercion")]
    one = audit(Judge(steady(), rubrics=two[:1]), specimens(12), checks=["injection"])
    both = audit(Judge(steady(), rubrics=two), specimens(12), checks=["injection"])
    assert both.rows[0].up.n == 2 * one.rows[0].up.n
    assert both.rows[0].up.interval == one.rows[0].up.interval


def test_without_labels_known_answers_are_not_measured() -> None:
    report = audit(Judge(steady(), rubrics=RUBRIC), specimens(4), checks=["known"])
    assert report.rows[0].sentence == "Not measured: no clear labels."


def test_a_limit_takes_as_many_of_one_label_as_of_the_other() -> None:
    report = audited(steady(), "known", limit=6)
    (row,) = report.rows
    assert (report.transcripts, row.down.n, row.up.n) == (6, 3, 3)


def test_the_frame_has_a_row_a_check_and_direction() -> None:
    report = audited(steady(), "injection")
    frame = report.to_frame()
    assert len(frame) == 2 * len(report)
    assert set(frame["direction"]) == {"down", "up"}


def test_an_audit_is_plain_json_with_rates_and_intervals() -> None:
    told = json.loads(json.dumps(audited(obedient(), "injection").to_dict()))
    first = told["rows"][0]["down"]
    assert first["rate"] == 1.0
    assert first["interval"][1] == 1.0
    assert [finding["id"] for finding in told["findings"]] == ["obeys"]


def test_html_for_a_notebook_escapes_the_judges_name() -> None:
    model = steady()
    model.name = "<script>alert(1)</script>"
    html = audited(model, "known")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"checks": ["speed"]}, "checks must be of injection"),
        ({"repeats": 1}, "repeats must be 2 or more"),
        ({"limit": 0}, "limit must be 1 or more"),
        ({"temperature": 0.5}, "a Judge has its own settings"),
        ({"transcripts": []}, "nothing to audit on"),
        ({"transcripts": specimens(1) * 2}, "two transcripts have the id 'ledger-0'"),
        ({"transcripts": 7}, "takes a path or a collection"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_audited_is_said(given: dict[str, Any], told: str) -> None:
    asked = {"transcripts": specimens(1), **given}
    with pytest.raises(UsageError, match=told):
        audit(Judge(steady(), rubrics=RUBRIC), **asked)


def test_the_judge_can_be_named_only_once() -> None:
    with pytest.raises(UsageError, match="named twice"):
        audit("embedded", specimens(1), model="embedded")


def test_the_function_is_public_though_a_package_has_nearly_its_name() -> None:
    assert judge.audit is audit


def test_a_store_answers_a_second_audit_without_a_call(tmp_path: Any) -> None:
    calls = 0
    base = steady()

    async def counting(request: Any) -> str:
        nonlocal calls
        calls += 1
        return await base.answer(request)

    def once() -> Audit:
        made = Judge(OwnModel(counting), rubrics=RUBRIC, store=tmp_path / "a.db")
        return audit(made, specimens(4), labels=labels(specimens(4)))

    first = once()
    asked = calls
    again = once()
    assert asked > 0
    assert calls == asked
    assert again.rows == first.rows
