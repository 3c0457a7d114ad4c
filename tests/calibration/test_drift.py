"""A judge beside its former self, and beside itself asked again."""

from __future__ import annotations

import json

import numpy as np
import pytest

from judge.calibration.comparison.drift import drift
from judge.calibration.comparison.repeats import repeats
from judge.errors import UsageError
from judge.statistics.agreement.coefficients import krippendorff_alpha
from judge.verdict import Assessment
from tests.support.builders import made_by
from tests.support.labelled_runs import labelled_run

NEW = made_by(model="other/model", params={"temperature": 1.0})


def test_the_same_judgements_have_not_drifted() -> None:
    run, labels = labelled_run(100, 60, 0.3, seed=1)
    found = drift(run, run, labels)
    assert not found.voids_calibration
    assert not found.drifted
    assert (found.up, found.down, found.p_value) == (0, 0, 1)
    assert found.status == "good"
    assert "no difference was shown" in str(found)


def test_a_changed_fingerprint_voids_the_calibration_whatever_the_anchors_say() -> None:
    run, _ = labelled_run(100, 0, 0.3, seed=1)
    again, _ = labelled_run(100, 0, 0.3, seed=1, provenance=NEW)
    found = drift(run, again)
    assert found.voids_calibration
    assert not found.drifted
    assert found.status == "caution"
    assert "void" in found.lines()[0]
    assert {(c.what, c.before, c.after) for c in found.changes} == {
        ("model", '"some/model"', '"other/model"'),
        ("params.temperature", "0.0", "1.0"),
    }


def test_verdicts_turned_either_way_are_counted_and_tested() -> None:
    run, labels = labelled_run(400, 400, 0.4, sensitivity=0.95, seed=2)
    worse, _ = labelled_run(
        400, 0, 0.4, sensitivity=0.6, seed=2, provenance=NEW, abstained=0.05
    )
    found = drift(run, worse, labels)
    was = {a.transcript_id: a["deception"].present for a in run}
    now = {a.transcript_id: a["deception"].present for a in worse}
    decided = [name for name in was if now[name] is not None]
    assert found.anchors == len(decided)
    assert found.undecided == 400 - len(decided)
    assert found.down == sum(bool(was[x]) and not now[x] for x in decided)
    assert found.up == 0
    assert found.drifted
    assert found.sensitivity is not None
    assert found.specificity is not None
    change = found.sensitivity.change
    assert change.value is not None
    assert change.high is not None
    assert change.value == pytest.approx(-0.35, abs=0.1)
    assert change.high < 0
    assert found.specificity.change.value == 0
    json.dumps(found.to_dict())


def test_sensitivity_and_specificity_are_those_of_the_labelled_anchors() -> None:
    run, labels = labelled_run(300, 120, 0.3, seed=3, specificity=0.8)
    changed, _ = labelled_run(300, 0, 0.3, seed=3, specificity=0.9, provenance=NEW)
    found = drift(run, changed, labels)
    y = dict(zip(labels["transcript"], labels["label"] == "present", strict=True))
    told = [(y[a.transcript_id], a["deception"].present)
            for a in run if a.transcript_id in y]  # fmt: skip
    no = [said for is_so, said in told if not is_so]
    assert found.specificity is not None
    assert found.specificity.before.value == pytest.approx(no.count(False) / len(no))
    assert found.specificity.before.n == len(no)
    gained = found.specificity.change.value
    assert gained is not None
    assert gained > 0


def test_unevenly_drawn_anchors_are_told_with_caution() -> None:
    run, labels = labelled_run(300, 60, 0.2, seed=4, sampling="by_judge")
    found = drift(run, run, labels)
    assert found.sensitivity is not None
    assert found.sensitivity.before.status == "caution"
    assert "unevenly" in str(found)


def test_labels_of_one_kind_leave_the_other_rate_untold() -> None:
    run, labels = labelled_run(100, 30, 0.0, seed=4)
    found = drift(run, run, labels)
    assert found.sensitivity is None
    assert "no labelled anchor" in str(found)


def test_the_power_is_said() -> None:
    run, _ = labelled_run(100, 0, 0.3, seed=1)
    assert [round(p.chance, 2) for p in drift(run, run).power] == [0.2, 0.76]
    few, _ = labelled_run(5, 0, 0.3, seed=1)
    assert "no change can be shown" in str(drift(few, few))


def test_anchors_without_a_verdict_compare_nothing() -> None:
    run, _ = labelled_run(20, 0, 0.3, seed=1)
    failed, _ = labelled_run(20, 0, 0.3, seed=1, unscored=1.0)
    found = drift(run, failed)
    assert found.status == "refused"
    assert found.share.status == found.score_change.status == "refused"
    assert "no anchor has one in both" in str(found)


def test_no_shared_anchor_is_an_error_that_says_so() -> None:
    run, _ = labelled_run(20, 0)
    other, _ = labelled_run(20, 0, prefix="u")
    with pytest.raises(UsageError, match="share no transcript"):
        drift(run, other)


def test_two_rubrics_do_not_compare() -> None:
    run, _ = labelled_run(20, 0)
    other, _ = labelled_run(20, 0, rubric="coercion")
    with pytest.raises(UsageError, match="coercion"):
        drift(run, other)


def test_anchors_in_one_of_the_two_only_are_counted() -> None:
    run, _ = labelled_run(30, 0)
    assert drift(run, run[:20]).unshared == 10


def test_a_judge_with_noise_alone_is_rarely_called_drifted() -> None:
    found = [
        drift(_again(seed, 0.1, 80), _again(seed + 500, 0.1, 80)).drifted
        for seed in range(60)
    ]
    assert sum(found) <= 6


def _again(seed: int, noise: float, n: int = 200) -> list[Assessment]:
    """The same truth, and a judge that errs anew at each asking."""
    run, _ = labelled_run(n, 0, 0.5, sensitivity=1, specificity=1, seed=5)
    random = np.random.default_rng(seed)
    turned = random.random(n) < noise
    made = []
    for one, turn in zip(run, turned, strict=True):
        verdict = one["deception"]
        level = verdict.level
        assert level is not None
        new = verdict.model_copy(update={"level": 0 if level >= 2 else 3})
        kept = new if turn else verdict
        made.append(one.model_copy(update={"results": (kept,)}))
    return made


def test_repeats_agree_with_the_textbook_alpha() -> None:
    runs = [_again(seed, 0.1) for seed in (1, 2, 3)]
    found = repeats(runs)
    table = np.array([[a["deception"].present for a in run] for run in runs], float).T
    scores = np.array([[a["deception"].score for a in run] for run in runs], float).T
    assert found.alpha.value == pytest.approx(krippendorff_alpha(table))
    assert found.score_alpha.value == pytest.approx(
        krippendorff_alpha(scores, level="interval")
    )
    flipped = (table.min(axis=1) != table.max(axis=1)).mean()
    assert found.flipped.value == pytest.approx(flipped)
    assert found.spread.value == pytest.approx(0, abs=1e-9)


def test_agreement_with_the_truth_is_bounded_by_the_root_of_that_with_itself() -> None:
    runs = [_again(seed, 0.1, n=1000) for seed in (1, 2)]
    truth = _again(0, 0.0, n=1000)
    found = repeats(runs)
    said, so = (
        np.array([one["deception"].present for one in run]) for run in (runs[0], truth)
    )
    against = krippendorff_alpha(np.stack([said, so], axis=1).astype(int))
    assert found.alpha.value is not None
    assert found.ceiling.value is not None
    assert against > found.alpha.value + 0.1
    assert against == pytest.approx(found.ceiling.value, abs=0.03)


def test_missing_verdicts_leave_the_rest_comparable() -> None:
    first, _ = labelled_run(100, 0, 0.4, seed=1)
    second, _ = labelled_run(100, 0, 0.4, seed=1, abstained=0.2)
    third, _ = labelled_run(100, 0, 0.4, seed=1, unscored=0.2)
    found = repeats({"one": first, "two": second, "three": third})
    assert 60 < found.transcripts <= 100
    assert found.transcripts + found.left_out == 100
    assert found.flipped.value == 0
    assert "the same to the last digit" in str(found)


def test_verdicts_all_of_one_kind_have_no_alpha() -> None:
    run, _ = labelled_run(50, 0, 0.0, specificity=1.0)
    found = repeats([run, run])
    assert found.alpha.status == found.ceiling.status == "refused"
    assert "can reach" not in str(found)
    json.dumps(found.to_dict())


def test_repeats_of_two_judges_are_told_apart() -> None:
    run, _ = labelled_run(50, 0, 0.3, seed=1)
    other, _ = labelled_run(50, 0, 0.3, seed=1, provenance=NEW)
    found = repeats([run, other])
    assert found.status == "caution"
    assert "2 different judges" in str(found)


@pytest.mark.parametrize(
    ("prefixes", "told"), [(["t"], "two runs"), (["t", "u"], "in two of the runs")]
)
def test_nothing_to_repeat_is_an_error(prefixes: list[str], told: str) -> None:
    runs = [labelled_run(10, 0, prefix=prefix)[0] for prefix in prefixes]
    with pytest.raises(UsageError, match=told):
        repeats(runs)
