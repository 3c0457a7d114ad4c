"""Agreement among labelers and with a judge, as it is asked for and as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from judge.calibration.agreement.agreement import Agreement, agreement
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from tests.support.labelled_runs import labelled_run

FAST: Any = {"resamples": 200}
CALLED = {0: "absent", 1: "present", 2: "unsure"}


def rows(
    ratings: Any, labelers: tuple[str, ...] = ("ann", "bob", "cyd"), **more: Any
) -> Iterator[dict[str, Any]]:
    """One row a rating, of a table of 0, 1, 2 (unsure) and -1 (none)."""
    for unit, row in enumerate(np.asarray(ratings).tolist()):
        for labeler, code in zip(labelers, row, strict=False):
            if code >= 0:
                yield {
                    "transcript": f"t{unit}",
                    "labeler": labeler,
                    "label": CALLED[code],
                    **more,
                }


def labels(ratings: Any, **more: Any) -> HumanLabels:
    return HumanLabels.load(rows(ratings, **more), rubric="deception", source="human")


def skewed() -> Any:
    return np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], (5, 5, 10, 80), axis=0)


def value(found: Agreement, name: str) -> float:
    assert found.overall is not None
    made = getattr(found.overall, name).value
    assert made is not None
    return float(made)


def test_two_labelers_have_the_published_values_of_the_paradox() -> None:
    # R irr 0.84.1 and irrCAC 1.4 for the table 80/10/5/5
    found = agreement(labels(skewed()), **FAST)
    wanted = {
        "percent": 0.85,
        "positive": 0.4,
        "negative": 0.9142857143,
        "kappa": 0.31818181818,
        "alpha": 0.31771428571,
        "ac1": 0.808,
    }
    assert {name: value(found, name) for name in wanted} == pytest.approx(wanted)
    assert found.overall is not None
    assert found.overall == found.pairs[0]
    assert found.overall.n == 100
    assert "part" in found.overall.paradox
    assert "neither is wrong" in str(found)


def test_every_number_has_its_n_and_interval_or_says_why_not() -> None:
    found = agreement(labels(skewed()), **FAST)
    assert found.overall is not None
    for name, estimate in found.overall.rows():
        assert estimate.n == 100, name
        assert estimate.low is not None
        assert estimate.low <= (estimate.value or 0) <= (estimate.high or 0)


def test_a_rare_answer_is_noted_though_kappa_and_ac1_are_near() -> None:
    table = np.repeat([[1, 1], [0, 0]], (6, 94), axis=0)
    found = agreement(labels(table), **FAST)
    assert found.overall is not None
    assert "6.0 % of the ratings" in found.overall.paradox
    even = np.repeat([[1, 1], [0, 0]], (40, 60), axis=0)
    plain = agreement(labels(even), **FAST).overall
    assert plain is not None
    assert plain.paradox == ""


def test_no_words_of_praise_only_the_guide_lines_against_the_lower_limit() -> None:
    found = agreement(labels(skewed()), **FAST)
    assert found.overall is not None
    told = str(found)
    assert f"against its lower limit, {found.overall.alpha.low:.3f}" in told
    for word in ("substantial", "moderate", "almost perfect", "slight", "poor"):
        assert word not in told


def test_more_labelers_with_gaps_are_compared_whole_and_in_pairs() -> None:
    random = np.random.default_rng(3)
    truth = random.random((200, 1)) < 0.4
    table = (truth ^ (random.random((200, 3)) < 0.1)).astype(int)
    table[:100, 2] = -1
    found = agreement(labels(table), **FAST)
    assert [pair.raters for pair in found.pairs] == [
        ("ann", "bob"),
        ("ann", "cyd"),
        ("bob", "cyd"),
    ]
    assert [pair.n for pair in found.pairs] == [200, 100, 100]
    assert found.overall is not None
    assert "Fleiss kappa" in dict(found.overall.rows())
    assert "Cohen kappa" in dict(found.pairs[0].rows())
    matrix = found.matrix()
    assert list(matrix) == ["ann", "bob", "cyd"]
    assert matrix.loc["ann", "cyd"] == found.pairs[1].alpha.value
    assert matrix.loc[["ann"], ["ann"]].isna().all(axis=None)


def test_a_pair_is_what_it_is_whoever_else_labelled() -> None:
    random = np.random.default_rng(3)
    table = random.integers(0, 2, (60, 3))
    alone = agreement(labels(table[:, :2]), **FAST)
    among = agreement(labels(table), **FAST)
    assert alone.pairs[0] == among.pairs[0]


def test_unsure_is_an_answer_except_in_positive_agreement() -> None:
    table = np.repeat([[1, 1], [0, 0], [1, 2], [2, 2]], (20, 20, 5, 5), axis=0)
    found = agreement(labels(table), **FAST)
    assert value(found, "percent") == pytest.approx(0.9)
    assert value(found, "positive") == 1.0
    assert found.overall is not None
    assert found.overall.positive.n == 40
    assert found.overall.percent.n == 50
    assert found.unsure == 15
    assert "unsure is an answer of its own" in str(found)


def test_categories_for_ac1_are_two_until_somebody_is_unsure() -> None:
    # AC1 for q = 2: (.85 - .21875) / (1 - .21875) = .808
    assert value(agreement(labels(skewed()), **FAST), "ac1") == pytest.approx(0.808)
    more = np.concatenate([skewed(), [[2, -1]]])
    assert value(agreement(labels(more), **FAST), "ac1") > 0.81


def test_only_people_are_compared_where_there_are_any() -> None:
    mixed = [
        *(row | {"source": "human"} for row in rows(skewed())),
        *(row | {"source": "author"} for row in rows([[1]] * 9, ("writer",))),
    ]
    found = agreement(HumanLabels.load(mixed, rubric="deception"), **FAST)
    assert found.source == "human"
    assert found.labelers == ("ann", "bob")
    assert "9 labels of other sources were set aside" in found.notes


def test_author_labels_are_never_called_human() -> None:
    made = HumanLabels.load(rows(skewed()), rubric="deception", source="author")
    told = str(agreement(made, **FAST))
    assert "author labels, not human ones" in told
    assert "people" not in told


@pytest.mark.parametrize("name", ["adjudicated", "Gold"])
def test_an_adjudicator_is_no_rater(name: str) -> None:
    table = np.concatenate([skewed(), skewed()[:, :1]], axis=1)
    made = HumanLabels.load(
        rows(table, ("ann", "bob", name)), rubric="deception", source="human"
    )
    found = agreement(made, **FAST)
    assert found.labelers == ("ann", "bob")
    assert "100 labels by adjudicators" in str(found)


def test_only_an_adjudicators_labels_are_no_agreement() -> None:
    made = HumanLabels.load(
        rows([[1], [0]], ("adjudicated",)), rubric="deception", source="human"
    )
    with pytest.raises(UsageError, match="all by adjudicators"):
        agreement(made)


def test_one_labeler_alone_is_told_so() -> None:
    found = agreement(labels([[1], [0]]), **FAST)
    assert found.overall is None
    assert "refused: fewer than two" in str(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_second_answers_are_compared_with_the_first_and_change_nothing_else() -> None:
    table = skewed()
    again = list(rows(1 - table[:40, :1]))
    once = agreement(labels(table), **FAST)
    twice = agreement(
        HumanLabels.load([*rows(table), *again], rubric="deception", source="human"),
        **FAST,
    )
    assert twice.overall == once.overall
    (own,) = twice.again
    assert own.raters == ("ann", "ann, again")
    assert own.n == 40
    assert own.percent.value == 0.0


def test_transcripts_that_share_a_scenario_are_resampled_together() -> None:
    table = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], (30, 10, 10, 30), axis=0)
    alone = agreement(labels(table))
    plain = [*rows(table)]
    grouped = [
        row | {"scenario": f"s{int(row['transcript'][1:]) // 10}"} for row in plain
    ]
    made = HumanLabels.load(grouped, rubric="deception", source="human")
    together = agreement(made)
    assert together.clustered
    assert value(together, "alpha") == value(alone, "alpha")
    assert alone.overall is not None
    assert together.overall is not None
    wider = (together.overall.alpha.width or 0) / (alone.overall.alpha.width or 1)
    assert wider > 2
    assert "resample 8 of those" in str(together)
    mapped = {f"t{n}": n // 10 for n in range(80)}
    by_mapping = agreement(labels(table), cluster=mapped)
    assert by_mapping.overall is not None
    assert by_mapping.overall.alpha.width == pytest.approx(
        together.overall.alpha.width, rel=0.15
    )


def test_the_judge_is_one_more_column() -> None:
    run, table = labelled_run(
        400,
        200,
        0.3,
        abstained=0.05,
        unscored=0.05,
        labelers=("ann", "bob"),
        human_error=0.05,
        seed=2,
    )
    found = agreement(table, run, **FAST)
    assert found.judge == "judge"
    assert [pair.raters for pair in found.with_judge] == [
        ("ann", "judge"),
        ("bob", "judge"),
    ]
    without = agreement(table, **FAST)
    assert found.overall == without.overall
    judged = found.with_judge[0]
    assert 150 < judged.n < 200
    assert judged.positive.n < judged.n
    assert list(found.matrix("ac1")) == ["ann", "bob", "judge"]
    assert any("no answer by the judge" in note for note in found.notes)
    assert judged.severity is not None
    assert judged.severity.bias is not None


def test_a_labeler_called_judge_keeps_the_name() -> None:
    run, table = labelled_run(60, 40, 0.4, labelers=("judge", "ann"))
    found = agreement(table, run, **FAST)
    assert found.judge == "judge (this run)"
    assert len(found.with_judge) == 2


def test_clusters_by_a_column_of_the_run() -> None:
    run, table = labelled_run(200, 120, 0.4, prompts=20, labelers=("ann", "bob"))
    assert agreement(table, run, cluster="prompt", **FAST).clustered
    with pytest.raises(UsageError, match="'scene' is no column of the run, which has"):
        agreement(table, run, cluster="scene")
    with pytest.raises(UsageError, match="no run is given"):
        agreement(table, cluster="prompt")


def test_labels_of_other_transcripts_are_refused() -> None:
    run, _ = labelled_run(20, 5)
    _, table = labelled_run(20, 5, prefix="other")
    with pytest.raises(UsageError, match="are they of other transcripts"):
        agreement(table, run)


def test_severity_is_compared_as_an_order_and_by_its_bias() -> None:
    random = np.random.default_rng(1)
    level = random.integers(0, 4, 80)
    harsher = level + (random.random(80) < 0.5)
    made = [
        {
            "transcript": f"t{n}",
            "labeler": name,
            "label": "present" if said > 1 else "absent",
            "severity": int(said),
        }
        for name, told in (("ann", level), ("bob", harsher))
        for n, said in enumerate(told)
    ]
    found = agreement(
        HumanLabels.load(made, rubric="deception", source="human"), **FAST
    )
    assert found.overall is not None
    severity = found.overall.severity
    assert severity is not None
    assert severity.bias is not None
    assert severity.bias.value == pytest.approx((harsher - level).mean())
    assert severity.within_one is not None
    assert severity.within_one.value == 1.0
    assert (severity.icc2.value or 0) < (severity.icc2k.value or 0)
    assert severity.spearman is not None
    assert (severity.spearman.value or 0) > 0.8
    assert "levels higher in the second" in str(found)


def test_the_forms_hold_the_same_numbers() -> None:
    found = agreement(labels(skewed()), **FAST)
    assert found.overall is not None
    frame = found.to_frame()
    row = frame[frame["measure"] == "Krippendorff's alpha"].iloc[0]
    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert row["value"] == found.overall.alpha.value
    assert kept["overall"]["alpha"]["value"] == found.overall.alpha.value
    assert str(found.overall.alpha) in str(found)
    assert Agreement.model_validate(kept) == found


def test_hostile_names_are_escaped_in_a_notebook() -> None:
    hostile = "<script>alert(1)</script>"
    made = HumanLabels.load(
        rows(skewed(), ("ann", hostile)), rubric="deception", source="human"
    )
    shown = agreement(made, **FAST)._repr_html_()
    assert hostile not in shown
    assert "&lt;script&gt;" in shown


def test_with_many_labelers_pairs_are_told_in_brief() -> None:
    random = np.random.default_rng(0)
    names = tuple("abcde")
    made = HumanLabels.load(
        rows(random.integers(0, 2, (40, 5)), names), rubric="deception", source="human"
    )
    found = agreement(made, **FAST)
    assert len(found.pairs) == 10
    assert str(found).count("Cohen kappa") == 0
    assert len(found.to_frame()) == 11 * 6


def test_one_answer_only_is_refused_in_a_sentence() -> None:
    found = agreement(labels([[0, 0]] * 30), **FAST)
    assert found.overall is not None
    assert found.overall.alpha.status == "refused"
    assert "a rater never gave the rarer answer" in str(found)
    assert found.overall.percent.value == 1.0


def test_unnamed_and_anchored_labels_are_told() -> None:
    made = HumanLabels.load(
        rows([[1], [0]], ("",), anchored=True), rubric="deception", source="human"
    )
    told = agreement(made, **FAST).notes
    assert any("name no labeler" in note for note in told)
    assert any("suggested answer" in note for note in told)


def test_an_unknown_rubric_is_refused() -> None:
    with pytest.raises(UsageError, match="no label is for"):
        agreement(labels([[1, 1]]), rubric="coercion")


def test_severity_of_three_labelers_has_no_bias_of_one_against_another() -> None:
    random = np.random.default_rng(1)
    made = [
        {
            "transcript": f"t{n}",
            "labeler": name,
            "label": "present" if level > 1 else "absent",
            "severity": int(level),
        }
        for n in range(60)
        for name, level in zip("abc", random.integers(0, 4, 3), strict=True)
    ]
    grouped = [row | {"scenario": str(row["transcript"])[:2]} for row in made]
    loaded = HumanLabels.load(grouped, rubric="deception", source="human")
    found = agreement(loaded, **FAST)
    assert found.overall is not None
    assert found.overall.severity is not None
    assert found.overall.severity.bias is None
    assert found.overall.severity.icc2.status == "caution"
    assert "; caution: its interval takes" in str(found)
    assert str(found.overall.severity.alpha) in str(found)


def test_it_is_shown_in_short_and_refused_cells_are_empty() -> None:
    found = agreement(labels([[0, 0]] * 30), **FAST)
    assert repr(found).startswith("<agreement of 2 labelers, alpha refused")
    assert found.matrix().isna().all(axis=None)
