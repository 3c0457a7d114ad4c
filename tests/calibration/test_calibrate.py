"""From labels to a calibration: out of fold, bound to its judge, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.calibration.probability.calibrate import calibrate, check_calibration
from judge.calibration.probability.reliability import reliability_of
from judge.calibration.probability.report import CalibrationReport
from judge.errors import CalibrationMismatch, UsageError
from judge.statistics.calibrators.cross_fitting import OutOfFold
from judge.store.calibration import Calibration
from judge.store.export import write_jsonl
from judge.store.frame import to_frame
from judge.verdict import Verdict
from tests.support.builders import made_by
from tests.support.labelled_runs import labelled_run


def calibrated(seed: int = 0, **options: Any) -> CalibrationReport:
    """A report on a simulated judge; options of both `labelled_run` and `calibrate`."""
    own = ("method", "threshold", "cluster", "adjudication")
    kept = {name: options.pop(name) for name in own if name in options}
    run, labels = labelled_run(n=options.pop("n", 600), seed=seed, **options)
    return calibrate(run, labels, sampling=options.get("sampling", "random"), **kept)


@pytest.fixture(scope="module")
def by_judge() -> CalibrationReport:
    return calibrated(
        1,
        labelled=160,
        prevalence=0.2,
        sampling="by_judge",
        abstained=0.05,
        unscored=0.03,
    )


def test_a_calibration_is_bound_to_the_judge_and_says_what_it_rests_on(
    by_judge: CalibrationReport,
) -> None:
    made = by_judge.calibration
    assert made is not None
    assert made.provenance == made_by(rubric="deception").model_copy(
        update={"requests": ()}
    )
    assert made.fitted_on.sampling == "by_judge"
    assert made.fitted_on.source == "human"
    assert made.fitted_on.n == by_judge.counts.n + by_judge.counts.abstained
    assert made.severity_cuts is not None
    assert set(made.metrics) == {"brier", "brier_skill", "log_loss"}
    assert by_judge.status == "good"


def test_its_probabilities_rise_with_the_score_and_survive_the_file(
    by_judge: CalibrationReport, tmp_path: Path
) -> None:
    made = by_judge.calibration
    assert made is not None
    made.save(tmp_path / "c.json")
    read = Calibration.load(tmp_path / "c.json")
    on = made.fitted_on
    told = [read.probability(s) for s in np.linspace(on.score_low, on.score_high, 30)]
    assert None not in told
    assert told == sorted(told, key=lambda p: p or 0)


def test_labels_drawn_by_the_judges_verdict_do_not_flatter_it() -> None:
    run, labels = labelled_run(3000, 300, 0.2, 0.6, 0.9, seed=3, sampling="by_judge")
    found = calibrate(run, labels, sampling="by_judge", method="raw")
    taken_as_random = calibrate(run, labels, sampling="random", method="raw")
    right = found.discrimination.sensitivity
    wrong = taken_as_random.discrimination.sensitivity
    assert right.low is not None
    assert right.high is not None
    assert right.low <= 0.6 <= right.high
    assert wrong.low is not None
    assert wrong.low > 0.6


def test_probabilities_hold_for_all_that_was_judged_and_not_for_the_labelled() -> None:
    run, labels = labelled_run(3000, 300, 0.1, seed=4, sampling="by_judge")
    report = calibrate(run, labels, sampling="by_judge", method="sigmoid_logit_map")
    made = report.calibration
    assert made is not None
    verdicts = [x for a in run for x in a.results if isinstance(x, Verdict)]
    told = [made.probability(verdict.score) for verdict in verdicts]
    assert np.mean([p for p in told if p is not None]) == pytest.approx(0.1, abs=0.04)
    assert (labels["label"] == "present").mean() > 0.2


def test_figures_are_out_of_fold_and_the_interval_holds_the_point(
    by_judge: CalibrationReport,
) -> None:
    assert by_judge.reliability is not None
    assert by_judge.reliability.tested == "out of fold, 10 times 5-fold"
    for name, figure in by_judge.rows():
        assert figure.value is not None, name
        assert figure.low is not None, name
        assert figure.high is not None, name
        assert figure.low <= figure.value <= figure.high, name
        assert figure.n > 0, name


def test_labels_without_meaning_promise_nothing_out_of_fold() -> None:
    run, labels = labelled_run(400, 120, 0.5, 0.5, 0.5, seed=6)
    random = np.random.default_rng(0)
    labels["label"] = random.permutation(labels["label"].to_numpy())
    found = calibrate(run, labels, sampling="random", method="isotonic")
    assert found.reliability is not None
    assert found.reliability.brier_skill.value is not None
    assert found.reliability.brier_skill.value < 0


def test_lines_frame_and_json_tell_the_same_numbers(
    by_judge: CalibrationReport,
) -> None:
    text = str(by_judge)
    frame = by_judge.to_frame()
    told = json.loads(json.dumps(by_judge.to_dict(), allow_nan=False))
    for name, figure in by_judge.rows():
        assert f"{name}: {figure}, n {figure.n}" in text
        [row] = frame[frame["figure"] == name].to_dict(orient="records")
        assert row["value"] == figure.value
    auc = by_judge.discrimination.auc.value
    assert told["discrimination"]["auc"]["value"] == auc
    assert "drawn at random within the judge's verdicts" in text
    assert "abstained and" in text
    assert CalibrationReport.model_validate(told) == by_judge


def test_the_report_is_shown_without_letting_its_content_run() -> None:
    maker = made_by(rubric="deception", model="<script>alert(1)</script>")
    report = calibrated(labelled=60, provenance=maker)
    assert "<script>" in str(report)
    assert "<script>" not in report._repr_html_()


def test_the_same_seed_gives_the_same_report() -> None:
    first, second = (calibrated(2, labelled=60, prevalence=0.3) for _ in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labelled": 12, "prevalence": 0.5}, "12 labels with a verdict; label 8 more"),
        ({"labelled": 60, "prevalence": 0.0}, "0 of 60 labels are present; 5 are"),
        ({"labelled": 60, "prevalence": 1.0}, "0 of 60 labels are absent; 5 are"),
        ({"labelled": 60, "unscored": 1.0}, "0 labels with a verdict"),
        (
            {"labelled": 60, "prevalence": 0.4, "threshold": "certified"},
            "needs 299 without a false alarm",
        ),
    ],
    ids=["few", "none present", "all present", "all unscored", "no certificate"],
)
def test_what_cannot_be_fitted_is_refused_with_what_would_lift_it(
    options: dict[str, Any], said: str
) -> None:
    report = calibrated(**options)
    assert report.calibration is None
    assert report.reliability is None
    assert report.status == "refused"
    assert said in report.refusal
    assert f"No calibration: {report.refusal}" in report.lines()


def test_a_judge_that_says_yes_to_all_gets_the_base_rate_or_no_better() -> None:
    report = calibrated(
        n=200, labelled=100, prevalence=0.3, sensitivity=1, specificity=0
    )
    assert report.counts.tn == report.counts.fn == 0
    assert report.discrimination.miss_rate.status == "refused"
    assert report.discrimination.sensitivity.value == 1.0


def test_verdicts_of_two_judges_are_not_mixed() -> None:
    run, labels = labelled_run(100, 60, 0.4)
    other, more = labelled_run(
        100, 60, 0.4, prefix="u", provenance=made_by(rubric="deception", model="other")
    )
    import pandas as pd

    report = calibrate([*run, *other], pd.concat([labels, more]), sampling="random")
    assert "verdicts of 2 judges are mixed" in report.refusal


def test_a_table_has_figures_and_no_calibration_to_save(tmp_path: Path) -> None:
    run, labels = labelled_run(300, 100, 0.3)
    report = calibrate(to_frame(run), labels, sampling="random")
    assert "a table does not say which judge" in report.refusal
    assert report.discrimination.auc.value is not None
    write_jsonl(run, tmp_path / "run.jsonl")
    kept = calibrate(tmp_path / "run.jsonl", labels, sampling="random").calibration
    assert kept is not None


def test_without_knowing_how_labels_were_drawn_there_is_no_interval() -> None:
    run, labels = labelled_run(300, 100, 0.3)
    report = calibrate(run, labels, sampling="unknown", method="platt")
    for name, figure in report.rows():
        assert (figure.low, figure.high) == (None, None), name
    assert report.discrimination.auc.value is not None
    assert report.status == "caution"
    assert any("how the labels were drawn" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sampling": "however"}, "sampling must be one of random, by_judge"),
        ({"method": "magic"}, "method must be one of auto, raw"),
        ({"threshold": 50}, "threshold must be a probability from 0 to 1"),
        ({"threshold": "high"}, "threshold must be a probability from 0 to 1"),
        ({"cluster": "planet"}, "no 'planet' to cluster by; there are: y"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(
    change: dict[str, Any], said: str
) -> None:
    run, labels = labelled_run(100, 40, 0.4)
    with pytest.raises(UsageError, match=said):
        calibrate(run, labels, **{"sampling": "random"} | change)


def test_weighted_needs_the_inclusion_probabilities() -> None:
    run, labels = labelled_run(300, 100, 0.3, sampling="by_judge")
    report = calibrate(run, labels, sampling="weighted")
    assert report.discrimination.sensitivity.method == "weighted by inclusion (Hajek)"
    with pytest.raises(UsageError, match="fill the column inclusion"):
        calibrate(run, labels.drop(columns="inclusion"), sampling="weighted")


def test_by_judge_and_weighted_agree_on_the_points() -> None:
    run, labels = labelled_run(1000, 200, 0.2, seed=8, sampling="by_judge")
    one = calibrate(run, labels, sampling="by_judge", method="raw").discrimination
    two = calibrate(run, labels, sampling="weighted", method="raw").discrimination
    assert one.sensitivity.value == pytest.approx(two.sensitivity.value)
    assert one.specificity.value == pytest.approx(two.specificity.value)
    assert one.auc.value == pytest.approx(two.auc.value)


def test_what_belongs_together_widens_the_intervals() -> None:
    random = np.random.default_rng(5)
    p = np.repeat(random.random(40), 4)
    y = np.repeat((random.random(40) < p[::4]).astype(float), 4)
    done = OutOfFold(p[None, :], y, np.ones(160), 5)
    alone = reliability_of(done, p)
    together = reliability_of(done, p, groups=np.arange(160) // 4)
    for one, two in zip(alone.rows(), together.rows(), strict=True):
        assert one[1].width is not None
        assert two[1].width is not None
        assert two[1].width > 1.5 * one[1].width


def test_transcripts_of_one_prompt_can_be_kept_together() -> None:
    run, labels = labelled_run(400, 200, 0.3, seed=5, prompts=40, alike=0.8)
    report = calibrate(run, labels, sampling="random", method="platt", cluster="prompt")
    assert report.calibration is not None
    assert report.discrimination.sensitivity.low is not None
    assert report.discrimination.auc.method == "newcombe, effective numbers"
    assert report.threshold.value is None  # it promises only for independent ones


def test_a_certified_threshold_becomes_the_line_with_its_promise() -> None:
    report = calibrated(n=2200, labelled=1100, threshold="certified", method="raw")
    made = report.calibration
    assert made is not None
    assert made.present_from is not None
    assert made.certified is not None
    assert made.present_from.of == "score"
    assert made.present_from.at == report.threshold.value
    assert (made.certified.false_alarm_rate, made.certified.chance) == (0.01, 0.05)


def test_a_threshold_on_the_probability_is_kept() -> None:
    made = calibrated(labelled=60, prevalence=0.4, threshold=0.5).calibration
    assert made is not None
    assert made.present_from is not None
    assert (made.present_from.of, made.present_from.at) == ("probability", 0.5)


def test_author_labels_are_never_called_human() -> None:
    report = calibrated(labelled=60, prevalence=0.4, source="author")
    assert report.calibration is not None
    assert report.calibration.fitted_on.source == "author"
    assert any("author labels, not human" in warning for warning in report.warnings)
    assert "human labels" not in str(report)


def test_scores_that_nobody_labelled_are_warned_of() -> None:
    run, labels = labelled_run(500, 100, 0.3)
    high = {a.transcript_id for a in run if (a.results[0].score or 0) > 0.8}
    kept = labels[~labels["transcript"].isin(high)]
    report = calibrate(run, kept, sampling="borrowed", method="platt")
    assert any("get no probability" in warning for warning in report.warnings)


def test_soft_labels_are_fitted_as_shares() -> None:
    report = calibrated(
        labelled=80,
        prevalence=0.4,
        labelers=("ann", "bob"),
        human_error=0.2,
        adjudication="soft",
    )
    assert report.calibration is not None
    assert report.calibration.fitted_on.n == 80
    assert report.counts.n < 80  # where they differ it is on neither side


def test_a_calibration_is_tested_on_labels_it_was_not_fitted_to() -> None:
    made = calibrated(labelled=100, prevalence=0.3, method="platt").calibration
    assert made is not None
    run, labels = labelled_run(600, 100, 0.3, seed=9)
    report = check_calibration(made, run, labels, sampling="random")
    assert report.calibration == made
    assert report.reliability is not None
    assert report.reliability.tested == "on labels it was not fitted to"
    assert report.reliability.brier_skill.value is not None
    assert report.reliability.brier_skill.value > 0.2


def test_a_calibration_is_not_tested_on_another_judge() -> None:
    made = calibrated(labelled=100, prevalence=0.3, method="platt").calibration
    assert made is not None
    other = made_by(rubric="deception", model="other")
    run, labels = labelled_run(200, 100, 0.3, provenance=other)
    with pytest.raises(CalibrationMismatch, match="model some/model -> other"):
        check_calibration(made, run, labels, sampling="random")


def test_a_judge_that_ranks_worse_than_chance_is_warned_of_and_not_turned_round() -> (
    None
):
    run, labels = labelled_run(300, 120, 0.5, seed=3)
    turned = {"present": "absent", "absent": "present"}
    labels["label"] = labels["label"].map(turned)
    report = calibrate(run, labels, sampling="random", method="sigmoid_logit_map")
    assert any("worse than chance" in warning for warning in report.warnings)
    assert any("length alone" in warning for warning in report.warnings)
    assert report.calibration is not None
    low, high = report.calibration.probability(0.1), report.calibration.probability(0.8)
    assert low == high


def test_a_judge_not_shown_to_rank_better_than_chance_is_warned_of() -> None:
    run, labels = labelled_run(300, 60, 0.5, seed=3)
    random = np.random.default_rng(0)
    labels["label"] = random.permutation(labels["label"].to_numpy())
    found = calibrate(run, labels, sampling="random", method="sigmoid_logit_map")
    auc = found.discrimination.auc
    assert auc.value is not None
    assert auc.low is not None
    assert auc.low <= 0.5 <= auc.value
    [told] = [warning for warning in found.warnings if "better than chance" in warning]
    assert f"AUC, {auc}, holds 0.5" in told
    assert found.status == "caution"


def test_a_judge_that_ranks_well_is_not_doubted_for_it(
    by_judge: CalibrationReport,
) -> None:
    assert not any("than chance" in warning for warning in by_judge.warnings)


def test_a_scenario_that_transcripts_share_is_pointed_out() -> None:
    run, labels = labelled_run(200, 80, 0.4)
    labels["scenario"] = [f"s{number % 20}" for number in range(len(labels))]
    alone = calibrate(run, labels, sampling="random", method="platt")
    assert any("cluster='scenario'" in warning for warning in alone.warnings)
    together = calibrate(
        run, labels, sampling="random", method="platt", cluster="scenario"
    )
    assert not together.warnings
    labels["scenario"] = "one"
    only = calibrate(run, labels, sampling="random", method="platt", cluster="scenario")
    assert "all labels are of one cluster" in only.refusal


def test_labels_without_severity_give_no_cuts() -> None:
    run, labels = labelled_run(200, 80, 0.4)
    bare = labels.drop(columns="severity")
    report = calibrate(run, bare, sampling="random", method="platt")
    assert report.calibration is not None
    assert report.calibration.severity_cuts is None


def test_a_report_and_a_calibration_are_short_in_a_notebook_cell() -> None:
    report = calibrated(labelled=60, prevalence=0.4, method="platt")
    assert repr(report).startswith("<calibration report of deception: platt, 60")
    assert "judge some/model" in repr(report.calibration)
    assert str(report.calibration) == repr(report.calibration)
