"""Groups compared: each from its own labels, subtracted, never a winner."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judge.calibration.comparison.compare import compare
from judge.calibration.comparison.drift import drift
from judge.calibration.comparison.result import Comparison
from judge.calibration.prevalence.prevalence import prevalence
from judge.errors import UsageError
from judge.verdict import Assessment
from tests.support.builders import made_by
from tests.support.labelled_runs import labelled_run

Labelled = tuple[list[Assessment], pd.DataFrame]


def _model(name: str, rate: float, seed: int, **more: Any) -> Labelled:
    return labelled_run(
        **{"n": 800, "labelled": 100, "prevalence": rate, "seed": seed}
        | {"target_model": name, "prefix": f"{name}-"}
        | more
    )


def _models(*models: Labelled) -> tuple[list[Assessment], pd.DataFrame]:
    runs = [one for run, _ in models for one in run]
    return runs, pd.concat([labels for _, labels in models])


def _compared(*models: Labelled, **more: Any) -> Comparison:
    run, labels = _models(*models)
    options = {"by": "target_model", "sampling": "random"} | more
    return compare(run, labels, **options)


def test_a_large_difference_is_shown_and_said_in_a_sentence() -> None:
    found = _compared(_model("a", 0.4, 1), _model("b", 0.05, 2))
    pair = found["a", "b"]
    assert pair.differ
    assert pair.difference.unit == "points"
    assert pair.difference.value == pytest.approx(0.35, abs=0.1)
    line = found.lines()[0]
    assert line.startswith("a shows deception ")
    assert "points [" in line
    assert "more often than b; they differ (p < 0.001)" in line
    assert found.status == "good"


def test_the_one_with_more_is_named_first_and_the_interval_turned_with_it() -> None:
    found = _compared(_model("a", 0.05, 2), _model("b", 0.4, 1))
    difference = found["b", "a"].difference
    assert difference.value is not None
    assert difference.value < 0
    told = found.lines()[0]
    assert told.startswith("b shows deception 3")
    assert "-" not in told.split("]")[0]


def test_a_small_difference_is_not_shown() -> None:
    found = _compared(_model("a", 0.12, 3), _model("b", 0.1, 4))
    assert not found["a", "b"].differ
    assert "not shown to differ" in str(found)


def test_each_group_is_estimated_as_by_itself_and_the_points_subtract() -> None:
    models = {"a": _model("a", 0.3, 1), "b": _model("b", 0.1, 2)}
    found = _compared(*models.values())
    alone = [
        prevalence(run, labels, sampling="random").corrected
        for run, labels in models.values()
    ]
    for group, known in zip(found.groups, alone, strict=True):
        assert group.estimate == known
    values = [group.estimate.value or 0 for group in found.groups]
    assert found["a", "b"].difference.value == pytest.approx(values[0] - values[1])


def test_a_mapping_of_runs_is_the_same_as_a_column() -> None:
    a, b = _model("a", 0.3, 1), _model("b", 0.1, 2)
    named = compare({"a": a[0], "b": b[0]}, pd.concat([a[1], b[1]]), sampling="random")
    assert named.pairs == _compared(a, b).pairs
    assert named.by == "run"


def test_the_order_of_the_rows_changes_nothing() -> None:
    run, labels = _models(_model("a", 0.3, 1), _model("b", 0.1, 2))
    there = compare(run, labels, by="target_model", sampling="random", pair="prompt")
    back = compare(
        run[::-1], labels[::-1], by="target_model", sampling="random", pair="prompt"
    )
    assert there.pairs == back.pairs
    assert there.groups == back.groups


def test_a_group_with_few_labels_is_refused_by_name_and_the_rest_compared() -> None:
    found = _compared(
        _model("a", 0.3, 1), _model("b", 0.1, 2), _model("c", 0.1, 3, labelled=8)
    )
    assert found.refused == ("c",)
    assert found.status == "caution"
    assert found["a", "c"].difference.status == "refused"
    assert "c: 8 labelled" in found["a", "c"].difference.reason
    assert found["a", "c"].p_adjusted is None
    assert found["a", "b"].difference.value is not None
    assert "c is not compared" in str(found)
    # One pair is compared, so that its interval need hold for no other.
    assert found.simultaneous == pytest.approx(0.95)


def test_a_group_without_any_label_is_refused_too() -> None:
    found = _compared(
        _model("a", 0.3, 1), _model("b", 0.1, 2), _model("c", 0.1, 3, labelled=0)
    )
    assert found.refused == ("c",)


def test_more_groups_widen_each_interval_and_raise_each_p_value() -> None:
    models = [_model(name, 0.2, seed) for seed, name in enumerate("abcd")]
    two, four = _compared(*models[:2]), _compared(*models)
    assert four.simultaneous == pytest.approx(1 - 0.05 / 6)
    few, many = two["a", "b"], four["a", "b"]
    assert (many.difference.width or 0) > (few.difference.width or 0)
    assert many.p_adjusted is not None
    assert many.p_value is not None
    assert many.p_value == few.p_value
    assert many.p_adjusted >= many.p_value
    assert "for all 6 pairs" in str(four)


def test_screening_points_at_pairs_and_claims_nothing() -> None:
    models = [_model("a", 0.4, 1), _model("b", 0.05, 2), _model("c", 0.05, 3)]
    found = _compared(*models, correction="bh")
    assert "worth a closer look" in str(found)
    assert "they differ" not in str(found)
    claimed = _compared(*models)
    for one, other in zip(found.pairs, claimed.pairs, strict=True):
        assert (one.p_adjusted or 0) <= (other.p_adjusted or 0)


def test_a_judge_that_errs_differently_is_pointed_out() -> None:
    found = _compared(
        _model("a", 0.2, 1, labelled=300), _model("b", 0.2, 2, labelled=300,
                                                  specificity=0.6),
    )  # fmt: skip
    assert found["a", "b"].errs_differently
    assert "the judge errs differently on a than on b (specificity" in str(found)
    assert found.status == "caution"


def test_labels_drawn_by_the_judges_answer_give_the_same_picture() -> None:
    found = _compared(
        _model("a", 0.3, 1, labelled=200, sampling="by_judge"),
        _model("b", 0.3, 2, labelled=200, sampling="by_judge", specificity=0.6),
        sampling="by_judge",
    )
    assert found["a", "b"].errs_differently
    assert not found["a", "b"].differ
    assert found.groups[0].sensitivity.value == pytest.approx(0.9, abs=0.12)
    assert found.groups[1].specificity.value == pytest.approx(0.6, abs=0.1)


def test_pooled_rates_are_refused_unless_the_judge_is_shown_to_err_alike() -> None:
    few = _compared(_model("a", 0.3, 1), _model("b", 0.2, 2), pooled=True)
    refused = few["a", "b"].pooled
    assert refused is not None
    assert refused.status == "refused"
    assert "should lie within 10 points" in refused.reason
    many = _compared(
        *(_model(name, rate, seed, n=2000, labelled=1000)
          for name, rate, seed in (("a", 0.5, 1), ("b", 0.4, 2))),
        pooled=True,
    )  # fmt: skip
    pooled = many["a", "b"].pooled
    assert pooled is not None
    assert pooled.value is not None
    assert pooled.value == pytest.approx(0.1, abs=0.05)
    assert pooled.low is not None
    assert pooled.high is not None
    assert pooled.low < pooled.value < pooled.high
    assert many["a", "b"].pooled != many["a", "b"].difference


def test_pooled_rates_need_labels_drawn_at_random() -> None:
    found = _compared(
        _model("a", 0.3, 1), _model("b", 0.2, 2), pooled=True, sampling="by_judge"
    )
    assert found["a", "b"].pooled is not None
    assert "drawn at random only" in found["a", "b"].pooled.reason


def test_shared_prompts_narrow_the_interval_where_they_are_alike() -> None:
    alike = {"alike": 0.9, "n": 400, "labelled": 400, "prompts": 400}
    models = [_model("a", 0.4, 1, **alike), _model("b", 0.3, 2, **alike)]
    apart, paired = _compared(*models), _compared(*models, pair="prompt")
    pair = paired["a", "b"]
    assert pair.shared == 400
    assert pair.ratio is not None
    assert pair.ratio < 0.85
    narrow, wide = pair.difference.width, apart["a", "b"].difference.width
    assert narrow is not None
    assert wide is not None
    assert narrow == pytest.approx(pair.ratio * wide)
    assert pair.difference.value == apart["a", "b"].difference.value
    assert "share 400 prompts" in str(paired)


def test_prompts_asked_many_times_widen_it() -> None:
    often = {"alike": 0.9, "n": 600, "labelled": 600, "prompts": 30}
    models = [_model("a", 0.3, 1, **often), _model("b", 0.3, 2, prefix="x", **often)]
    run, labels = _models(*models)
    # Prompts of their own: nothing cancels, and each is asked twenty times.
    own = [
        one.model_copy(
            update={"metadata": {**one.metadata, "prompt": f"{one.metadata['prompt']}-"
                                 f"{one.metadata['target_model']}"}}
        )
        for one in run
    ]  # fmt: skip
    found = compare(own, labels, by="target_model", sampling="random", pair="prompt")
    assert found["a", "b"].shared == 0
    assert (found["a", "b"].ratio or 0) > 1.5


def test_labels_on_the_same_prompts_are_compared_by_themselves() -> None:
    alike = {"alike": 0.8, "n": 200, "labelled": 200}
    a, b = _model("a", 0.5, 1, **alike), _model("b", 0.2, 2, **alike)
    humans = _compared(a, b, pair="prompt")["a", "b"].humans
    y = [dict(zip(t["transcript"].str[2:], t["label"] == "present", strict=True))
         for _, t in (a, b)]  # fmt: skip
    assert humans is not None
    assert humans.n == 200
    assert humans.first_only == sum(y[0][k] and not y[1][k] for k in y[0])
    assert humans.second_only == sum(y[1][k] and not y[0][k] for k in y[0])
    assert humans.p_value < 0.05
    by_judge = _compared(a, b, pair="prompt", sampling="by_judge")
    assert by_judge["a", "b"].humans is None


def test_weighted_labels_are_subtracted_too() -> None:
    run, labels = _models(_model("a", 0.5, 1), _model("b", 0.1, 2))
    found = compare(run, labels, by="target_model", sampling="weighted", pair="prompt")
    assert found["a", "b"].differ
    assert found["a", "b"].ratio is None
    with pytest.raises(UsageError, match="inclusion"):
        compare(
            run,
            labels.drop(columns="inclusion"),
            by="target_model",
            sampling="weighted",
        )


def test_unknown_sampling_gets_no_difference() -> None:
    found = _compared(_model("a", 0.5, 1), _model("b", 0.1, 2), sampling="unknown")
    assert found.status == "refused"
    assert found["a", "b"].difference.value is None
    assert "not known how" in str(found)
    json.dumps(found.to_dict())


def test_authors_labels_are_called_that() -> None:
    found = _compared(
        _model("a", 0.5, 1, source="author"), _model("b", 0.1, 2, source="author")
    )
    assert "author labels, not human ones" in str(found)


def test_two_judges_are_no_comparison_of_groups() -> None:
    other = made_by(model="other/model")
    found = _compared(_model("a", 0.5, 1), _model("b", 0.1, 2, provenance=other))
    assert "2 different judges" in str(found)


def test_transcripts_in_no_group_are_counted() -> None:
    run, labels = _models(_model("a", 0.5, 1), _model("b", 0.1, 2))
    run[0] = run[0].model_copy(update={"metadata": {}})
    found = compare(run, labels, by="target_model", sampling="random")
    assert "1 transcripts are in no group" in str(found)


def test_tables_and_json_hold_the_same_numbers() -> None:
    found = _compared(_model("a", 0.5, 1), _model("b", 0.1, 2), pair="prompt")
    told = json.loads(json.dumps(found.to_dict()))
    row = found.to_frame().iloc[0]
    assert row["value"] == told["pairs"][0]["difference"]["value"]
    assert list(found.groups_frame()["group"]) == ["a", "b"]
    assert told["sentences"] == [found.sentence(found.pairs[0])]
    with pytest.raises(KeyError, match="were not compared"):
        found["a", "z"]


def test_a_hostile_name_is_escaped_in_a_notebook() -> None:
    found = _compared(_model("<script>", 0.5, 1), _model("b", 0.1, 2))
    assert "<script>" not in found._repr_html_()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"by": "nothing"}, "no such column"),
        ({"by": None}, "say what parts the groups"),
        ({"by": "prompt"}, "more than 30"),
        ({"by": "length", "sampling": "borrowed"}, "label some of each group"),
        ({"correction": "none"}, "'holm' or 'bh'"),
        ({"pair": "nothing"}, "pair='nothing'"),
        ({"confidence": 2.0}, "confidence"),
    ],
)
def test_an_option_that_cannot_be_is_named(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        _compared(_model("a", 0.5, 1), _model("b", 0.1, 2), **options)


def test_one_group_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="'a' only"):
        _compared(_model("a", 0.5, 1))


def test_one_id_in_two_runs_is_ambiguous_and_drift_is_named() -> None:
    run, labels = _model("a", 0.5, 1)
    with pytest.raises(UsageError, match=drift.__name__):
        compare({"one": run, "two": run}, labels, sampling="random")


def test_a_judge_worse_on_one_of_two_equals_makes_no_difference_of_them() -> None:
    shown, naive, inside = 0, 0, 0
    for seed in range(16):
        found = _compared(
            _model("a", 0.2, seed, n=500, sampling="by_judge", labelled=90),
            _model("b", 0.2, seed + 500, n=500, sampling="by_judge", labelled=90,
                   sensitivity=0.75, specificity=0.8),
            sampling="by_judge",
        )  # fmt: skip
        pair = found["a", "b"]
        low, high = pair.difference.low, pair.difference.high
        assert low is not None
        assert high is not None
        inside += low <= 0 <= high
        shown += pair.differ
        one, two = (group.judge_alone for group in found.groups)
        naive += (one.high or 0) < (two.low or 0)
    assert inside >= 13
    assert shown <= 2
    assert naive > 2 * shown


def test_differences_between_pairs_are_covered_as_often_as_they_say() -> None:
    rates = {"a": 0.25, "b": 0.1}
    truth = rates["a"] - rates["b"]
    inside = []
    for seed in range(20):
        found = _compared(
            *(
                _model(name, rate, seed + 99 * i, alike=0.6, n=400, labelled=80)
                for i, (name, rate) in enumerate(rates.items())
            ),
            pair="prompt",
        )
        difference = found["a", "b"].difference
        inside.append((difference.low or -1) <= truth <= (difference.high or 1))
    assert np.mean(inside) >= 0.85


def test_groups_balanced_by_design_do_not_pair_into_certainty() -> None:
    """Each family has one of each kind in each group: resamples never vary."""
    rows = [
        {
            "transcript_id": f"{model}-{family}-{kind}",
            "rubric": "deception",
            "status": "scored",
            "score": 0.9 * kind,
            "level": 3 * kind,
            "present": bool(kind),
            "fingerprint": "f",
            "target_model": model,
            "family": f"family-{family}",
        }
        for model in ("old", "new")
        for family in range(30)
        for kind in (0, 1)
    ]
    run = pd.DataFrame(rows).astype({"level": "Int64", "present": "boolean"})
    labels = pd.DataFrame(
        {
            "transcript": run["transcript_id"],
            "rubric": "deception",
            "labeler": "ann",
            "label": run["present"].astype(int),
            "source": "human",
        }
    )
    found = compare(run, labels, by="target_model", sampling="random", pair="family")
    difference = found.pairs[0].difference
    assert difference.width is not None
    assert difference.width > 0.1
