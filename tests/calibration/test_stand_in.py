"""Whether a judge can stand in for a labeler, from labels and a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from judge.calibration.agreement.stand_in import _standing, stand_in
from judge.calibration.agreement.stand_in_result import StandIn
from judge.errors import UsageError
from judge.statistics.estimate import Estimate
from tests.support.labelled_runs import labelled_run

if TYPE_CHECKING:
    import pandas as pd

PEOPLE = ("ann", "bob", "cy")


def found(
    *,
    labelled: int = 300,
    prevalence: float = 0.3,
    sensitivity: float = 0.97,
    specificity: float = 0.99,
    error: float = 0.08,
    how: dict[str, Any] | None = None,
    **world: Any,
) -> StandIn:
    world = {"labelers": PEOPLE, "n": 400, **world}
    run, labels = labelled_run(
        labelled=labelled,
        prevalence=prevalence,
        sensitivity=sensitivity,
        specificity=specificity,
        human_error=error,
        **world,
    )
    return stand_in(labels, run, **({"resamples": 400} | (how or {})))


def test_a_judge_righter_than_people_is_non_inferior_and_passes() -> None:
    told = found()
    assert told.standing == "non-inferior"
    assert told.annotator.verdict == "passes"
    assert told.status == "good"
    assert told.transcripts == 300
    assert [one.labeler for one in told.labelers] == list(PEOPLE)
    assert str(told).startswith(
        "On deception the judge agrees with people about as well as they do with each "
        "other (margin 0.10 of alpha, stated beforehand).\n"
        "From 900 labels of 300 transcripts by 3 people.\n"
        f"Difference of alpha: {told.difference}, n 300 transcripts: "
    )


def test_a_judge_that_always_says_no_is_inferior_and_passes_only_as_published() -> None:
    never: dict[str, Any] = {
        "sensitivity": 0.0,
        "specificity": 1.0,
        "prevalence": 0.05,
        "error": 0.03,
    }
    told = found(**never)
    assert told.standing == "inferior"
    assert told.annotator.verdict == "does not pass"
    assert told.annotator.judge_sensitivity == 0
    assert "the judge says present of none of these transcripts" in told.notes
    plain = found(**never, how={"balanced": False, "gated": False})
    assert plain.annotator.verdict == "passes"
    assert "  In this form a judge that always says no passes where yes is rare." in (
        plain.lines()
    )
    assert any("the judge finds 0 %" in line for line in plain.lines())


def test_between_the_two_it_says_that_neither_is_shown() -> None:
    told = found(labelled=60, sensitivity=0.85, specificity=0.95)
    assert told.standing == "not shown"
    assert "not shown that the judge agrees with people about as well" in str(told)
    assert "nor that it does not" in str(told)


def test_the_margin_decides_and_is_said() -> None:
    told = [
        found(sensitivity=0.9, specificity=0.95, how={"margin": margin})
        for margin in (0.02, 0.5)
    ]
    assert told[0].difference == told[1].difference
    assert [one.standing for one in told] == ["not shown", "non-inferior"]
    assert "(margin 0.50 of alpha, stated beforehand)" in str(told[1])


def test_what_is_doubted_is_never_called_non_inferior() -> None:
    told = found(labelled=90, prevalence=0.04, error=0.0, how={"margin": 0.99})
    assert told.difference.status == "caution"
    assert told.standing == "not shown"
    assert any(line.startswith("Caution: a labeler gives") for line in told.lines())


def estimate(low: float, high: float, *, doubt: str = "") -> Estimate:
    made = Estimate(value=(low + high) / 2, low=low, high=high, n=9, unit="number")
    return made.doubted(doubt) if doubt else made


@pytest.mark.parametrize(
    ("difference", "standing"),
    [
        (estimate(-0.10, 0.1), "non-inferior"),
        (estimate(-0.101, 0.1), "not shown"),
        (estimate(-0.3, -0.10), "not shown"),
        (estimate(-0.3, -0.101), "inferior"),
        (estimate(-0.05, 0.1, doubt="few"), "not shown"),
        (estimate(-0.3, -0.2, doubt="few"), "inferior"),
        (Estimate.refused("none"), "refused"),
    ],
    ids=["above", "across", "touching", "below", "doubted", "doubted below", "refused"],
)
def test_the_interval_is_held_against_the_margin(
    difference: Estimate, standing: str
) -> None:
    assert _standing(difference, 0.10) == standing


def test_author_labels_are_never_called_human() -> None:
    told = found(source="author")
    assert told.source == "author"
    assert "these are author labels, not human ones" in told.notes
    assert "agrees with the authors" in str(told)
    assert "people" not in str(told).replace("two or better three people", "")


def test_one_labeler_is_refused_with_what_to_do() -> None:
    told = found(labelers=("ann",))
    assert (told.standing, told.status) == ("refused", "refused")
    assert told.annotator.verdict == "refused"
    assert "two or better three label the same transcripts" in str(told)


def test_two_labelers_do_with_a_caution() -> None:
    told = found(labelers=("ann", "bob"), how={"rubric": "deception"})
    assert told.annotator.verdict == "passes"
    assert "  Caution: two labelers; three or more are better." in told.lines()


def test_severities_are_compared_by_level() -> None:
    told = found(how={"on": "severity"})
    assert told.difference.value is not None
    assert told.lines()[0].startswith("On deception, by severity, ")
    assert told.difference != found().difference


def test_transcripts_of_one_prompt_are_resampled_together() -> None:
    alone = found(prompts=15, alike=0.9)
    together = found(prompts=15, alike=0.9, how={"cluster": "prompt"})
    assert "clusters" in together.difference.method
    assert together.difference.value == alone.difference.value
    assert any("resamples 15 of those" in note for note in together.notes)


def test_what_is_left_out_is_counted() -> None:
    run, labels = labelled_run(
        300, 200, 0.3, labelers=PEOPLE, abstained=0.1, unscored=0.1, human_error=0.05
    )
    labels.loc[labels.index[0], "label"] = "unsure"
    labels["anchored"] = False
    labels.loc[labels.index[:2], "anchored"] = True
    extra = labels.iloc[[5, 8]].assign(labeler="gold")
    told = stand_in(_stacked(labels, extra), run, resamples=50)
    notes = " | ".join(told.notes)
    assert "2 labels of other sources or by adjudicators were set aside" in notes
    assert "2 labels were made with a suggested answer in view" in notes
    assert "lack an answer by the judge or a second labeler" in notes
    assert "the judge abstained on" in notes
    assert told.transcripts < 200


def _stacked(*tables: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def test_the_result_is_a_table_json_and_html() -> None:
    told = found(labelers=("<b>ann</b>", "bob", ""))
    frame = told.to_frame()
    assert list(frame["labeler"]) == ["", "<b>ann</b>", "bob"]
    assert frame["judge_sensitivity"].between(0, 1).all()
    kept = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert kept["status"] == "good"
    kept.pop("status")
    assert StandIn.model_validate(kept) == told
    assert "<b>" not in told._repr_html_()
    assert "  (no name): alpha" in str(told)
    assert repr(told) == f"<stand-in on deception: non-inferior, {told.difference}>"


def test_the_same_seed_gives_the_same_and_the_order_of_labels_does_not_matter() -> None:
    run, labels = labelled_run(300, 150, 0.3, labelers=PEOPLE, human_error=0.1)
    one = stand_in(labels, run, resamples=200)
    turned = stand_in(labels.iloc[::-1], list(reversed(run)), resamples=200)
    assert one == turned
    assert one != stand_in(labels, run, resamples=200, seed=1)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"margin": 0.0}, "margin must lie between 0 and 1, got 0.0"),
        ({"on": "score"}, "on='score': use 'label' or 'severity'"),
        ({"epsilon": 2.0}, "epsilon=2.0"),
        ({"cluster": "nowhere"}, "cluster='nowhere' is no column"),
    ],
    ids=["margin", "on", "epsilon", "cluster"],
)
def test_a_wrong_option_is_named(how: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        found(labelled=20, n=30, how=how)
    assert said in str(error.value)


def test_labels_of_adjudicators_alone_are_refused() -> None:
    with pytest.raises(UsageError, match="are all by adjudicators"):
        found(labelers=("gold",))


def test_labels_of_other_transcripts_are_refused() -> None:
    run, _ = labelled_run(30, 10, 0.3)
    _, labels = labelled_run(30, 10, 0.3, prefix="other-")
    with pytest.raises(UsageError, match="no labelled transcript is in the run"):
        stand_in(labels, run)
