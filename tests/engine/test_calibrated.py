"""Calibrated judging: probabilities on the way out, and no other judge's, unpaid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import judge
from judge import Judge, Run, UsageError
from judge.errors import CalibrationMismatch
from judge.rubrics.load import load_rubric
from judge.store.calibration import Calibration
from judge.verdict import PresentFrom
from tests.support.calibrating import calibration_of
from tests.support.judging import MODEL, number_of, talk, talks
from tests.support.provider import Provider, Refuse, Say, verdict

MakeJudge = Callable[..., Judge]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


@pytest.fixture
def graded(provider: Provider) -> None:
    """A likelihood of 10 times the number of the talk; the fifth is refused."""

    def respond(body: dict[str, Any]) -> Any:
        number = number_of(body)
        if number == 5:
            return Refuse("No.")
        return Say(verdict(likelihood=10 * number, level=0))

    provider.reset(respond=respond)


@pytest.fixture
def fitted(make_judge: MakeJudge, graded: None) -> Calibration:
    """Fitted on the judge of the loopback provider."""
    made_by = make_judge().score(talk(3))["deception"].provenance
    return calibration_of(made_by, low=0.05, high=0.75)


def probabilities(run: Run) -> list[float | None]:
    return [assessment["deception"].probability for assessment in run]


def test_a_verdict_gets_a_probability_from_a_saved_calibration(
    make_judge: MakeJudge, fitted: Calibration, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "deception.json")
    judged = make_judge(calibration=tmp_path / "deception.json").score(talk(3))
    assert judged["deception"].probability == fitted.probability(0.3)
    told = judge.score(talk(), model="embedded", rubrics="coercion")
    assert told["coercion"].probability is None


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "in a store"])
def test_a_run_has_probabilities_where_scores_were_labelled(
    make_judge: MakeJudge, fitted: Calibration, path: Path, *, stored: bool
) -> None:
    store = path if stored else None
    run = make_judge(store=store, calibration=fitted).score_many(talks(10))
    expected = [None, *map(fitted.probability, (0.1, 0.2, 0.3, 0.4)), None]
    expected += [*map(fitted.probability, (0.6, 0.7)), None, None]
    assert probabilities(run) == expected
    frame = run.to_frame()
    assert frame["probability"].notna().tolist() == [p is not None for p in expected]


def test_what_is_stored_is_not_calibrated(
    make_judge: MakeJudge, fitted: Calibration, path: Path
) -> None:
    run = make_judge(store=path, calibration=fitted).score_many(talks(4))
    read = Run.from_store(path)
    assert probabilities(read) == [None] * 4
    assert probabilities(read.calibrated(fitted)) == probabilities(run)


def test_what_was_judged_before_is_calibrated_without_a_call(
    provider: Provider, make_judge: MakeJudge, fitted: Calibration, path: Path
) -> None:
    make_judge(store=path).score_many(talks(4))
    asked = len(provider.requests)
    run = make_judge(store=path, calibration=fitted).score_many(talks(4))
    assert probabilities(run)[1:] == [*map(fitted.probability, (0.1, 0.2, 0.3))]
    assert len(provider.requests) == asked


def test_a_run_in_memory_can_be_calibrated_afterwards(
    make_judge: MakeJudge, fitted: Calibration, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "c.json")
    run = make_judge().score_many(talks(4))
    told = run.calibrated(tmp_path / "c.json")
    assert probabilities(told)[1:] == [*map(fitted.probability, (0.1, 0.2, 0.3))]
    assert probabilities(run) == [None] * 4
    told.to_jsonl(tmp_path / "run.jsonl")
    assert list(Run.from_jsonl(tmp_path / "run.jsonl")) == list(told)


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "in a store"])
def test_the_calibrated_line_decides_what_is_present(
    make_judge: MakeJudge, fitted: Calibration, path: Path, *, stored: bool
) -> None:
    line = PresentFrom(of="score", at=0.6)
    drawn = fitted.model_copy(update={"present_from": line})
    judged = make_judge(store=path if stored else None, calibration=drawn)
    run = judged.score_many(talks(10))
    assert run.tally.rubrics["deception"].present == 4
    assert [a["deception"].present for a in run].count(True) == 4
    assert run.to_frame()["present"].sum() == 4
    plain = make_judge(store=path if stored else None).score_many(talks(10))
    assert plain.tally.rubrics["deception"].present == 0
    assert plain.calibrated(drawn).tally.rubrics == run.tally.rubrics


def test_only_the_rubric_it_is_for_is_calibrated(
    make_judge: MakeJudge, fitted: Calibration
) -> None:
    asked = make_judge(rubrics=["deception", "coercion"], calibration=[fitted])
    told = asked.score(talk(3))
    assert told["deception"].probability == fitted.probability(0.3)
    assert told["coercion"].probability is None


def test_a_calibration_for_a_rubric_that_is_not_judged_is_a_mistake(
    make_judge: MakeJudge, fitted: Calibration
) -> None:
    with pytest.raises(UsageError, match="for 'deception', but only coercion"):
        make_judge(rubrics=["coercion"], calibration=fitted)
    run = make_judge(rubrics=["coercion"]).score_many(talks(1))
    with pytest.raises(UsageError, match="for 'deception', but only coercion"):
        run.calibrated(fitted)


REWORDED = load_rubric("deception").model_copy(update={"question": "Another question?"})


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        ("openai/gpt-4o", {}, f"model {MODEL} -> openai/gpt-4o"),
        (MODEL, {"calls": "joint"}, "calls separate -> joint"),
        (MODEL, {"rubrics": REWORDED}, "rubric text"),
        (MODEL, {"temperature": 1}, "parameter temperature 0.0 -> 1"),
        (MODEL, {"seed": 7}, "parameter seed none -> 7"),
        (MODEL, {"max_output_tokens": 99}, "parameter max_tokens 4096 -> 99"),
        ("embedded", {}, f"model {MODEL} -> embedded"),
    ],
)
def test_another_judge_is_refused_before_anything_is_paid(
    provider: Provider,
    make_judge: MakeJudge,
    fitted: Calibration,
    model: str,
    options: dict[str, Any],
    said: str,
) -> None:
    asked = len(provider.requests)
    with pytest.raises(CalibrationMismatch) as caught:
        make_judge(model, calibration=fitted, **options).score_many(talks(3))
    assert said in str(caught.value)
    assert len(provider.requests) == asked


def test_another_snapshot_is_refused_at_the_first_verdict_and_what_was_paid_is_kept(
    provider: Provider, make_judge: MakeJudge, fitted: Calibration, path: Path
) -> None:
    provider.reset(snapshot="-2027-01-01")
    judged = make_judge(store=path, calibration=fitted, concurrency=1)
    with pytest.raises(CalibrationMismatch, match="returned snapshot gpt-4o-mini ->"):
        judged.score(talk(3))
    assert len(provider.requests) == 1
    assert make_judge(store=path).score(talk(3))["deception"].status == "scored"
    assert len(provider.requests) == 1


def test_a_stored_verdict_of_another_judge_is_refused(
    make_judge: MakeJudge, fitted: Calibration, path: Path
) -> None:
    run = make_judge(store=path, temperature=1).score_many(talks(2))
    for other in (run, Run(tuple(run))):
        with pytest.raises(CalibrationMismatch, match=r"temperature 0\.0 -> 1"):
            other.calibrated(fitted)


def test_a_recording_counts_as_the_judge_it_is_of(
    make_judge: MakeJudge, fitted: Calibration, tmp_path: Path
) -> None:
    recording = tmp_path / "r.jsonl"
    make_judge(record=recording).score_many(talks(4))
    replayed = make_judge(f"replay:{recording}", calibration=fitted)
    assert replayed.score(talk(3))["deception"].probability == fitted.probability(0.3)


def test_the_embedded_screen_can_be_calibrated_too() -> None:
    screen = Judge("embedded", rubrics=["coercion"])
    made_by = screen.score(talk())["coercion"].provenance
    calibration = calibration_of(made_by)
    told = Judge("embedded", rubrics=["coercion"], calibration=calibration).score(
        talk()
    )
    assert told["coercion"].probability is not None


def test_a_variant_keeps_the_calibration_of_rubrics_it_left_alone(
    make_judge: MakeJudge, fitted: Calibration
) -> None:
    judged = make_judge(calibration=fitted)
    again = judged.variant(repeat=1).score(talk(3))
    assert again["deception"].probability == fitted.probability(0.3)
    reworded = judged.variant(rubrics=[REWORDED]).score(talk(3))
    assert reworded["deception"].probability is None
