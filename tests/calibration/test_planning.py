"""How many labels, which transcripts, and a queue that keeps labelers blind."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from judge.calibration.judgements import Judgements
from judge.calibration.planning.plan import plan_labels
from judge.calibration.planning.result import LabelPlan
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.verdict import Assessment
from tests.support.labelled_runs import labelled_run


def _present(run: list[Assessment]) -> dict[str, bool | None]:
    return {one.transcript_id: one["deception"].present for one in run}


def test_a_third_goes_to_those_the_judge_calls_present() -> None:
    run, _ = labelled_run(800, 0, seed=1)
    plan = plan_labels(run, n=90)
    present = _present(run)
    drawn = [present[item.transcript] for item in plan.to_label]
    assert (len(drawn), drawn.count(True)) == (90, 30)
    assert len({item.transcript for item in plan.to_label}) == 90


def test_a_judge_that_sees_it_nearly_everywhere_gets_more_of_them() -> None:
    run, _ = labelled_run(600, 0, prevalence=0.9, seed=2)
    plan = plan_labels(run, n=90)
    assert next(s for s in plan.strata if s.name == "present").to_label == 60


def test_with_few_judge_positives_the_rest_goes_elsewhere() -> None:
    run, _ = labelled_run(400, 0, prevalence=0.01, specificity=0.995, seed=3)
    plan = plan_labels(run, n=120)
    strata = {s.name: s for s in plan.strata}
    assert strata["present"].to_label == strata["present"].judged < 40
    assert plan.n == 120


def test_a_judge_that_sees_nothing_leaves_a_plain_random_draw() -> None:
    run, _ = labelled_run(300, 0, prevalence=0, specificity=1, seed=3)
    plan = plan_labels(run, n=50)
    assert [s.name for s in plan.strata] == ["absent"]
    assert "plain random draw" in str(plan)


def test_without_a_goal_it_is_a_pilot_of_sixty() -> None:
    run, _ = labelled_run(400, 0, seed=1)
    plan = plan_labels(run)
    assert (plan.goal, plan.n, plan.status) == ("pilot", 60, "good")
    assert "plan again" in str(plan)


def test_a_half_width_is_reached_by_the_estimate_it_plans_for() -> None:
    run, _ = labelled_run(2000, 0, seed=4)
    plan = plan_labels(run, half_width=0.04)
    assert plan.wanted == plan.n
    assert plan.expected.width is not None
    assert plan.expected.width <= 0.08 + 1e-9
    more = plan_labels(run, half_width=0.03)
    assert more.n > plan.n


def test_labels_make_the_plan_cheaper_where_the_judge_proves_good() -> None:
    run, labels = labelled_run(
        2000, 60, sensitivity=0.99, specificity=0.99, seed=5, sampling="by_judge"
    )
    blind, told = (plan_labels(run, known, half_width=0.03) for known in (None, labels))
    assert told.wanted is not None
    assert blind.wanted is not None
    assert told.wanted < blind.wanted
    assert "from the labels" in str(told)
    assert "assumed" in str(blind)


def test_what_is_finer_than_the_judged_can_show_is_refused_and_said() -> None:
    run, _ = labelled_run(500, 0, seed=6)
    plan = plan_labels(run, half_width=0.001)
    assert plan.wanted is None
    assert plan.status == "refused"
    assert "no number of labels is enough" in str(plan)
    assert "With every transcript labelled" in str(plan)
    json.dumps(plan.to_dict())


def test_a_difference_is_planned_for_each_group() -> None:
    run, _ = labelled_run(2000, 0, seed=6)
    small, large = (plan_labels(run, difference=d) for d in (0.1, 0.2))
    assert small.wanted is not None
    assert large.wanted is not None
    assert small.wanted > large.wanted
    assert "each of the two groups needs" in str(small)


def test_the_floor_of_a_rare_claim_is_said() -> None:
    run, _ = labelled_run(1000, 0, seed=6)
    assert "about 299 labels without a positive" in str(plan_labels(run))


def test_the_same_seed_draws_the_same_in_any_order_of_the_run() -> None:
    run, _ = labelled_run(300, 0, seed=7)
    first, again = plan_labels(run, seed=3), plan_labels(run[::-1], seed=3)
    assert first.to_label == again.to_label
    assert first.to_label != plan_labels(run, seed=4).to_label


def test_unscored_are_listed_apart_and_abstained_are_an_answer() -> None:
    run, _ = labelled_run(400, 0, abstained=0.1, unscored=0.1, seed=8)
    plan = plan_labels(run)
    unscored = {one.transcript_id for one in run if one["deception"].score is None}
    assert set(plan.unscored) == unscored
    assert unscored.isdisjoint(item.transcript for item in plan.key.itertuples())
    assert {s.name for s in plan.strata} == {"present", "absent", "abstained"}
    assert all(s.to_label >= 2 for s in plan.strata)


def test_the_order_tells_nothing_of_the_verdict() -> None:
    judged = Judgements.of(labelled_run(500, 0, seed=9)[0])
    places = []
    for seed in range(60):
        queue = plan_labels(judged, n=60, seed=seed).queue
        places.append(np.flatnonzero(queue["stratum"] == "present").mean())
    assert np.mean(places) == pytest.approx(29.5, abs=1.5)


def test_within_a_stratum_each_is_drawn_as_often_as_its_inclusion_says() -> None:
    run, _ = labelled_run(60, 0, prevalence=0.3, seed=10)
    judged = Judgements.of(run)
    drawn = dict.fromkeys((one.transcript_id for one in run), 0)
    told: dict[str, float] = {}
    for seed in range(200):
        for item in plan_labels(judged, n=24, seed=seed).to_label:
            drawn[item.transcript] += 1
            told[item.transcript] = item.inclusion
    seen = np.array([drawn[name] / 200 for name in told])
    assert np.abs(seen - list(told.values())).max() < 0.13
    assert len(told) == 60


def _answered(plan: LabelPlan) -> HumanLabels:
    return HumanLabels.load(
        [
            {"transcript": item.transcript, "label": "absent", "labeler": "ann"}
            for item in plan.to_label
        ],
        rubric="deception",
        source="human",
    )


def test_an_extended_plan_asks_nothing_twice_and_recomputes_inclusion() -> None:
    run, _ = labelled_run(500, 0, seed=11)
    first = plan_labels(run, n=60)
    labels = _answered(first)
    second = plan_labels(run, labels, n=60)
    asked = {item.transcript for item in first.to_label}
    assert asked.isdisjoint(item.transcript for item in second.to_label)
    assert {item.transcript for item in second.labelled} == asked
    by_stratum = second.key.groupby("stratum")["inclusion"].nunique()
    assert (by_stratum == 1).all()
    for stratum in second.strata:
        done = stratum.labelled + stratum.to_label
        assert stratum.inclusion == pytest.approx(done / stratum.judged)
    assert (1 / second.key["inclusion"]).sum() == pytest.approx(500)


def test_labels_get_the_inclusion_of_the_plan() -> None:
    run, _ = labelled_run(500, 0, seed=11)
    plan = plan_labels(run, n=60)
    labels = plan.with_inclusion(_answered(plan))
    told = {item.transcript: item.inclusion for item in plan.to_label}
    assert all(label.inclusion == told[label.transcript] for label in labels)
    stranger = [{"transcript": "other", "label": "present"}]
    other = HumanLabels.load(stranger, rubric="deception", source="human")
    assert [x.inclusion for x in plan.with_inclusion(other)] == [None]


def test_an_authors_labels_tell_rates_and_spare_nobody_work() -> None:
    run, labels = labelled_run(400, 400, source="author", seed=12)
    plan = plan_labels(run, labels, n=30)
    assert plan.n == 30
    assert not plan.labelled
    assert "author labels" in str(plan)


def test_labels_drawn_unevenly_are_pointed_out() -> None:
    run, labels = labelled_run(400, 40, seed=13)
    labels["inclusion"] = np.linspace(0.05, 0.2, len(labels))
    assert "drawn unevenly" in str(plan_labels(run, labels, n=30))


def test_the_queue_file_does_not_tell_the_verdict_and_the_key_does(
    tmp_path: Path,
) -> None:
    run, _ = labelled_run(300, 0, seed=14)
    plan = plan_labels(run, n=30)
    key = plan.to_csv(tmp_path / "queue.csv")
    with (tmp_path / "queue.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["transcript"] for row in rows] == list(plan.queue["transcript"])
    assert set(rows[0]) == {
        "transcript", "rubric", "label", "severity", "confidence", "labeler", "note",
    }  # fmt: skip
    assert key == tmp_path / "queue-key.csv"
    known = pd.read_csv(key)
    assert list(known.columns) == ["transcript", "rubric", "stratum", "inclusion"]
    assert len(known) == 30


def test_the_verdict_is_in_the_queue_file_on_request_only(tmp_path: Path) -> None:
    run, _ = labelled_run(300, 0, seed=14)
    plan = plan_labels(run, n=30)
    plan.to_csv(tmp_path / "queue.csv", key=tmp_path / "elsewhere.csv", reveal=True)
    assert "stratum" in pd.read_csv(tmp_path / "queue.csv").columns
    assert (tmp_path / "elsewhere.csv").is_file()
    with pytest.raises(UsageError, match="cannot both"):
        plan.to_csv(tmp_path / "queue.csv", key=tmp_path / "queue.csv")


def test_a_transcript_named_like_a_formula_is_harmless_in_a_spreadsheet(
    tmp_path: Path,
) -> None:
    run, _ = labelled_run(20, 0, prefix="=1+", seed=15)
    plan = plan_labels(run, n=5)
    plan.to_csv(tmp_path / "queue.csv")
    assert ",=1+" not in (tmp_path / "queue.csv").read_text(encoding="utf-8-sig")
    assert "\n=1+" not in (tmp_path / "queue.csv").read_text(encoding="utf-8-sig")


def test_a_hostile_name_is_escaped_in_a_notebook() -> None:
    run, labels = labelled_run(50, 20, seed=16)
    labels.loc[0, "transcript"] = "<script>"
    assert "<script>" not in plan_labels(run, labels, n=5)._repr_html_()


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ({"half_width": 0.03, "n": 5}, "name one goal"),
        ({"half_width": 3}, "half_width is a share"),
        ({"difference": 0}, "difference is a share"),
        ({"n": 0}, "whole number"),
        ({"rubric": "coercion"}, "coercion"),
    ],
)
def test_a_goal_that_cannot_be_is_named(goal: dict[str, float], told: str) -> None:
    run, _ = labelled_run(50, 0, seed=16)
    with pytest.raises(UsageError, match=told):
        plan_labels(run, **goal)  # type: ignore[arg-type] # wrong on purpose


def test_a_run_without_a_verdict_cannot_be_planned_for() -> None:
    run, _ = labelled_run(50, 0, unscored=1.0)
    with pytest.raises(UsageError, match="no verdict on any transcript"):
        plan_labels(run)


def test_more_labels_than_transcripts_are_all_of_them() -> None:
    run, _ = labelled_run(50, 0, seed=16)
    plan = plan_labels(run, n=500)
    assert plan.n == 50
    assert {item.inclusion for item in plan.to_label} == {1.0}
