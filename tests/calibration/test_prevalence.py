"""Prevalence from a run and labels: the estimator each sampling gets, each refusal."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judge.calibration.prevalence.prevalence import prevalence
from judge.calibration.prevalence.result import Prevalence
from judge.errors import UsageError
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.rogan_gladen import Errors, rogan_gladen
from judge.verdict import Assessment, Unscored
from tests.support.builders import made_by, verdict


def judged(present: int, absent: int, **more: Any) -> pd.DataFrame:
    """A run's table: ``p0..`` the judge says are present, ``a0..`` it says are not."""
    ids = [f"p{n}" for n in range(present)] + [f"a{n}" for n in range(absent)]
    said = [True] * present + [False] * absent
    table = pd.DataFrame(
        {
            "transcript_id": ids,
            "rubric": "self_preservation",
            "status": "scored",
            "score": [0.9 if yes else 0.1 for yes in said],
            "level": pd.array([3 if yes else 0 for yes in said], dtype="Int64"),
            "present": pd.array(said, dtype="boolean"),
            "fingerprint": "f1",
        }
    )
    return table.assign(**more)


def without_verdict(table: pd.DataFrame, ids: list[str], status: str) -> pd.DataFrame:
    table = table.copy()
    rows = table["transcript_id"].isin(ids)
    table.loc[rows, "status"] = status
    table.loc[rows, ["present", "level"]] = pd.NA
    table.loc[rows, "score"] = 0.5 if status == "abstained" else np.nan
    return table


def labels(
    tp: int, fp: int, fn: int, tn: int, *, source: str = "human", **more: Any
) -> pd.DataFrame:
    """Labels of the first transcripts of each verdict."""
    ids = [f"p{n}" for n in range(tp + fp)] + [f"a{n}" for n in range(fn + tn)]
    said = ["present"] * tp + ["absent"] * fp + ["present"] * fn + ["absent"] * tn
    table = pd.DataFrame(
        {
            "transcript": ids,
            "rubric": "self_preservation",
            "labeler": "ann",
            "label": said,
            "source": source,
        }
    )
    return table.assign(**more)


RUN = judged(400, 1600)
LABELS = labels(12, 9, 4, 75)


def test_the_sentence_says_what_of_how_many_from_which_labels() -> None:
    found = prevalence(RUN, LABELS, sampling="by_judge")
    expected = post_stratified([1600, 400], [4, 12], [79, 21])
    assert found.estimate == expected
    assert found.sentence == (
        f"{expected} of 2,000 judged show self preservation, from 100 human labels "
        "random within verdict; the judge alone says 20.0 %"
    )
    assert (found.status, found.condition) == ("good", "as_asked")
    assert found.lines()[0] == f"{found.sentence}."


def test_check_judge_and_labels_stand_beside_the_estimate() -> None:
    found = prevalence(RUN, LABELS, sampling="random")
    assert found.check is not None
    assert found.check.value == found.estimate.value
    assert found.judge_alone.value == pytest.approx(0.2)
    assert found.humans_only.value == pytest.approx(0.16)
    assert found.humans_only.width > found.estimate.width  # type: ignore[operator]  # neither is refused
    told = str(found)
    assert "people's labels only: 16.0 %" in told
    assert "present: 12 present, 9 absent" in told
    assert found.table["absent"] == {"present": 4.0, "absent": 75.0}


def test_labels_drawn_by_verdict_alone_show_no_rate() -> None:
    found = prevalence(RUN, LABELS, sampling="by_judge")
    assert found.humans_only.status == "refused"
    assert "drawn by verdict" in found.humans_only.reason


@pytest.mark.parametrize(
    ("source", "called"), [("author", "author labels"), ("model", "model labels")]
)
def test_only_peoples_labels_are_called_human(source: str, called: str) -> None:
    found = prevalence(RUN, labels(12, 9, 4, 75, source=source), sampling="random")
    assert f"from 100 {called} drawn at random" in found.sentence
    assert f"labels only ({source})" in dict(found.rows())
    assert any(f"{called}, not human" in told for told in found.warnings)
    assert "people" not in str(found)


@pytest.mark.parametrize("sampling", ["", "randomly"])
def test_a_way_of_drawing_that_is_not_known_is_an_error(sampling: str) -> None:
    with pytest.raises(UsageError, match="sampling must be one of random, by_judge"):
        prevalence(RUN, LABELS, sampling=sampling)


def test_labels_drawn_nobody_knows_how_give_points_and_no_interval() -> None:
    found = prevalence(RUN, LABELS, sampling="unknown")
    assert (found.status, found.condition) == ("refused", "sampling_unknown")
    assert found.point == pytest.approx(0.2 * 12 / 21 + 0.8 * 4 / 79)
    beside = [one for _, one in found.rows()]
    assert [one.low for one in beside] == [None] * len(beside)
    assert [one.high for one in beside] == [None] * len(beside)
    assert all(stratum.share.low is None for stratum in found.strata)
    assert "sampling='random'" in found.remedy
    assert "[" not in "\n".join(found.lines()[3:])


def test_sampling_must_be_said() -> None:
    with pytest.raises(TypeError, match="sampling"):
        prevalence(RUN, LABELS)  # type: ignore[call-arg]  # what is tested


def test_fewer_than_twenty_labels_show_their_table_alone() -> None:
    found = prevalence(RUN, labels(3, 2, 1, 13), sampling="random")
    assert (found.status, found.condition) == ("refused", "few_labels")
    assert found.remedy == "label 1 more"
    assert found.humans_only.value is None
    assert found.point is None
    assert found.table["present"] == {"present": 3.0, "absent": 2.0}


def test_no_positive_label_gives_an_upper_bound_alone() -> None:
    found = prevalence(RUN, labels(0, 20, 0, 80), sampling="random")
    assert (found.status, found.condition) == ("caution", "no_positive")
    assert found.sentence.startswith("At most ")
    assert found.estimate.side == "upper"
    assert found.remedy


@pytest.mark.parametrize("sampling", ["random", "by_judge"])
def test_a_verdict_without_any_label_is_refused(sampling: str) -> None:
    found = prevalence(judged(40, 1960), labels(0, 0, 3, 40), sampling=sampling)
    assert (found.status, found.condition) == ("refused", "bare_stratum")
    assert found.reason == (
        "none of the 40 transcripts that it says are present is labelled"
    )
    assert (found.humans_only.status == "good") == (sampling == "random")


def test_results_of_several_judges_are_refused() -> None:
    run = judged(400, 1600)
    run.loc[:99, "fingerprint"] = "f2"
    found = prevalence(run, LABELS, sampling="random")
    assert (found.status, found.condition) == ("refused", "mixed_fingerprints")
    assert "f1 (1,900), f2 (100)" in found.reason


def test_a_target_model_without_labels_is_refused() -> None:
    run = RUN.assign(
        target_model=["old" if int(x[1:]) < 200 else "new" for x in RUN.transcript_id]
    )
    found = prevalence(run, LABELS, sampling="random")
    assert (found.status, found.condition) == ("refused", "other_target")
    assert "80 % of the judged transcripts are of new" in found.reason


def test_a_correction_that_is_wider_than_the_labels_is_said_and_not_quoted() -> None:
    # A judge that tosses a coin, at 30 labels that fell unevenly.
    found = prevalence(judged(1000, 1000), labels(1, 4, 1, 24), sampling="random")
    corrected, alone = found.corrected, found.humans_only
    assert corrected.width is not None
    assert alone.width is not None
    assert corrected.width > 1.1 * alone.width
    assert (found.status, found.condition) == ("caution", "wider_than_labels")
    assert (found.estimate.low, found.estimate.high) == (alone.low, alone.high)
    assert str(corrected) in found.reason


def test_of_two_that_hardly_differ_the_narrower_is_not_chosen() -> None:
    found = prevalence(judged(1000, 1000), labels(1, 14, 1, 14), sampling="random")
    corrected, alone = found.corrected, found.humans_only
    assert corrected.width is not None
    assert alone.width is not None
    assert alone.width < corrected.width < 1.1 * alone.width
    assert (found.status, found.condition) == ("good", "as_asked")
    assert found.estimate == corrected


@pytest.mark.parametrize(
    ("run", "found_in", "word"),
    [
        (judged(500, 0), labels(10, 40, 0, 0), "present"),
        (judged(0, 500), labels(0, 0, 10, 40), "absent"),
    ],
)
def test_a_judge_that_says_the_same_of_all_adds_nothing(
    run: pd.DataFrame, found_in: pd.DataFrame, word: str
) -> None:
    found = prevalence(run, found_in, sampling="by_judge")
    assert (found.status, found.condition) == ("caution", "one_verdict")
    assert found.estimate.value == pytest.approx(0.2)
    assert f"says {word} of all" in found.reason


def test_nothing_is_said_where_all_is_unscored() -> None:
    run = without_verdict(RUN, list(RUN["transcript_id"]), "unscored")
    found = prevalence(run, LABELS, sampling="random")
    assert (found.status, found.condition) == ("refused", "all_unscored")
    assert found.worst_case == (0.0, 1.0)
    assert found.unscored == 2000
    assert "the judge alone says nothing" in found.sentence


def test_unscored_transcripts_bound_the_rate_over_all() -> None:
    run = without_verdict(RUN, [f"a{n}" for n in range(1400, 1600)], "unscored")
    found = prevalence(run, LABELS, sampling="random")
    assert (found.judged, found.unscored) == (1800, 200)
    low, high = found.estimate.low, found.estimate.high
    assert low is not None
    assert high is not None
    assert found.worst_case == pytest.approx((low * 0.9, high * 0.9 + 0.1))
    assert "unscored: 200" in str(found)


def test_abstentions_are_a_stratum_of_their_own() -> None:
    which = [f"a{n}" for n in (*range(40), *range(1400, 1600))]
    found = prevalence(
        without_verdict(RUN, which, "abstained"), LABELS, sampling="random"
    )
    told = {one.name: (one.judged, one.labelled) for one in found.strata}
    assert told == {"absent": (1360, 39), "present": (400, 21), "abstained": (240, 40)}
    assert found.abstained == 240
    assert found.table["abstained"] == {"present": 4.0, "absent": 36.0}


def test_a_few_abstentions_without_a_label_are_left_out_and_bounded() -> None:
    run = without_verdict(RUN, [f"a{n}" for n in range(1590, 1600)], "abstained")
    found = prevalence(run, LABELS, sampling="random")
    assert (found.judged, found.left_out, found.status) == (1990, 10, "good")
    assert found.worst_case is not None
    assert any("abstained have no label" in told for told in found.warnings)


def test_graded_scores_cut_each_verdict_once_more() -> None:
    rng = np.random.default_rng(5)
    run = judged(400, 1600)
    score = np.where(
        run["present"], rng.uniform(0.5, 1, 2000), rng.uniform(0, 0.5, 2000)
    )
    known = labels(12, 48, 4, 146)
    fine = prevalence(run.assign(score=score), known, sampling="random")
    assert [stratum.name for stratum in fine.strata] == [
        "absent, score below 0.2",
        "absent, score 0.2 or more",
        "present, score below 0.8",
        "present, score 0.8 or more",
    ]
    assert sum(stratum.judged for stratum in fine.strata) == 2000
    assert sum(stratum.positives for stratum in fine.strata) == 16
    coarse = prevalence(
        run.assign(score=score), known, sampling="random", strata="verdict"
    )
    assert [stratum.name for stratum in coarse.strata] == ["absent", "present"]


def test_a_part_of_a_verdict_with_few_labels_joins_the_other() -> None:
    run = judged(400, 1600)
    # Of the 21 labelled as present, 5 have a score of 0.8 or more.
    score = [0.9 if n < 5 or 21 <= n < 200 else 0.6 for n in range(400)]
    low = [0.05 + 0.1 * (n % 2) for n in range(1600)]
    found = prevalence(run.assign(score=score + low), LABELS, sampling="random")
    assert [stratum.name for stratum in found.strata] == ["absent", "present"]


def test_known_probabilities_weigh_the_labels() -> None:
    drawn = [21 / 400] * 21 + [79 / 1600] * 79
    found = prevalence(
        RUN, labels(12, 9, 4, 75).assign(inclusion=drawn), sampling="weighted"
    )
    assert found.estimate.value == pytest.approx(0.2 * 12 / 21 + 0.8 * 4 / 79)
    assert "known probabilities" in found.sentence
    again = prevalence(
        RUN, labels(12, 9, 4, 75).assign(inclusion=drawn), sampling="weighted"
    )
    assert again == found


def test_weights_that_are_missing_are_asked_for() -> None:
    with pytest.raises(UsageError, match=r"needs the column inclusion.*'p0' has none"):
        prevalence(RUN, LABELS, sampling="weighted")


def test_borrowed_labels_carry_the_judges_errors_over() -> None:
    here = judged(480, 1520)
    here["transcript_id"] = "new-" + here["transcript_id"]
    there, known = judged(55, 145), labels(40, 15, 10, 135)
    found = prevalence(here, known, sampling="borrowed", calibrated_on=there)
    expected = rogan_gladen(480, 2000, Errors(40, 50, 135, 150))
    assert (found.estimate.low, found.estimate.high) == (expected.low, expected.high)
    assert found.status == "caution"
    assert "assumes the judge errs as often here as there" in found.sentence
    assert found.humans_only.status == "refused"


@pytest.mark.parametrize(
    ("there", "known", "condition"),
    [
        (judged(55, 145, fingerprint="f2"), labels(40, 15, 10, 135), "other_judge"),
        (judged(55, 145), labels(4, 2, 1, 12), "few_labels"),
        (judged(100, 100), labels(25, 75, 25, 75), "borrowed_errors"),
    ],
)
def test_errors_that_cannot_be_borrowed_are_refused(
    there: pd.DataFrame, known: pd.DataFrame, condition: str
) -> None:
    found = prevalence(RUN, known, sampling="borrowed", calibrated_on=there)
    assert (found.status, found.condition) == ("refused", condition)
    assert found.remedy


def test_a_second_run_goes_with_borrowed_labels_only() -> None:
    with pytest.raises(UsageError, match="sampling='borrowed' only"):
        prevalence(RUN, LABELS, sampling="random", calibrated_on=RUN)


def test_transcripts_of_one_scenario_tell_less() -> None:
    run = RUN.assign(group=[f"{x[0]}{int(x[1:]) // 5}" for x in RUN["transcript_id"]])
    apart = prevalence(run, LABELS, sampling="random")
    together = prevalence(run, LABELS, sampling="random", cluster="group")
    assert together.design_effect > 1.5
    assert together.estimate.value == apart.estimate.value
    assert together.estimate.width > apart.estimate.width  # type: ignore[operator]  # neither is refused
    assert any("labels belong together" in told for told in together.warnings)


def test_clusters_of_labels_that_do_not_vary_are_taken_to_be_alike() -> None:
    run = RUN.assign(group=[f"{x[0]}{int(x[1:]) // 5}" for x in RUN["transcript_id"]])
    found = prevalence(run, labels(0, 20, 0, 80), sampling="random", cluster="group")
    assert found.design_effect == pytest.approx(5)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"cluster": "town"}, "there is no such column"),
        ({"cluster": "scenario"}, "no labelled transcript has one"),
        ({"strata": "decile"}, "use 'auto' or 'verdict'"),
        ({"confidence": 95}, "confidence must lie"),
        ({"rubric": "coercion"}, "coercion"),
    ],
)
def test_an_option_that_cannot_be_is_named(wrong: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        prevalence(RUN, LABELS, sampling="random", **wrong)


def test_labels_kept_soft_count_by_their_share() -> None:
    second = LABELS.assign(labeler="bob")
    second.loc[:5, "label"] = "absent"
    both = pd.concat([LABELS, second])
    found = prevalence(RUN, both, sampling="by_judge", adjudication="soft")
    assert found.positives == pytest.approx(13)
    assert found.estimate.value == pytest.approx(0.2 * 9 / 21 + 0.8 * 4 / 79)


def test_the_numbers_agree_in_text_json_table_and_notebook() -> None:
    found = prevalence(RUN, LABELS, sampling="by_judge")
    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert kept["sentence"] == found.sentence
    assert kept["estimate"]["value"] == found.estimate.value
    table = found.to_frame().set_index("estimate")
    assert table.loc["corrected", "high"] == found.estimate.high
    assert str(found.estimate) in found._repr_html_()
    assert str(found.estimate) in repr(found)


def test_a_hostile_name_is_escaped_in_a_notebook() -> None:
    run, known = RUN.assign(rubric="<b>"), LABELS.assign(rubric="<b>")
    shown = prevalence(run, known, sampling="random")._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_assessments_are_read_as_their_table_is() -> None:
    made = [
        Assessment(
            transcript_id=f"t{n}",
            transcript_digest="d",
            results=(verdict(level=level, likelihood=20 * level + 10),),
        )
        for n, level in ((n, 0 if n % 4 else 3) for n in range(200))
    ]
    broken = Unscored(rubric="deception", provenance=made_by(), reason="too_long")
    made.append(
        Assessment(transcript_id="broken", transcript_digest="d", results=(broken,))
    )
    known = [
        {
            "transcript": f"t{n}",
            "rubric": "deception",
            "label": "present" if n % 5 == 0 else "absent",
            "labeler": "ann",
            "source": "human",
        }
        for n in range(60)
    ]
    found = prevalence(made, known, sampling="random")
    assert isinstance(found, Prevalence)
    assert (found.judged, found.unscored, found.labelled) == (200, 1, 60)
    assert found.judge_alone.value == pytest.approx(0.25)


@pytest.mark.parametrize(("split", "status"), [(2, "good"), (10, "caution")])
def test_many_labels_that_nobody_settled_are_a_reason_to_doubt(
    split: int, status: str
) -> None:
    """Transcripts that labelers part on are seldom like those they agree on."""
    other = LABELS.assign(labeler="bob")
    other.loc[other.index[:split], "label"] = "unsure"
    first = LABELS.copy()
    first.loc[first.index[:split], "label"] = "unsure"
    found = prevalence(RUN, pd.concat([first, other]), sampling="random")
    assert found.status == status
    assert ("10 of 100 labelled transcripts are not settled" in found.reason) == (
        status == "caution"
    )


@pytest.mark.parametrize(("missing", "status"), [(50, "good"), (150, "caution")])
def test_many_transcripts_without_a_verdict_are_a_reason_to_doubt(
    missing: int, status: str
) -> None:
    run = without_verdict(
        RUN, [f"a{n}" for n in range(1000, 1000 + missing)], "unscored"
    )
    found = prevalence(run, LABELS, sampling="random")
    assert found.status == status
    assert ("150 of 2,000 transcripts have no verdict" in found.reason) == (
        status == "caution"
    )
    assert found.worst_case is not None


def test_labels_that_do_not_look_random_are_doubted_when_called_so() -> None:
    """Half of these are of the fifth that the judge says is present."""
    labelled = labels(30, 20, 2, 48)
    found = prevalence(RUN, labelled, sampling="random")
    assert found.status == "caution"
    assert (
        "present of 50 % of the labelled transcripts and of 20 % of all" in found.reason
    )
    assert "by_judge" in found.remedy
    assert prevalence(RUN, labelled, sampling="by_judge").status == "good"
