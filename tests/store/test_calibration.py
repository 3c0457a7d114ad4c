"""A calibration: plain JSON that comes back whole, and refuses any other judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judge.errors import CalibrationMismatch, StoreError, UsageError
from judge.provenance import Provenance
from judge.statistics.calibrators.fits import fit_calibrator
from judge.statistics.calibrators.maps import METHODS
from judge.statistics.calibrators.severity_cuts import fit_severity_cuts
from judge.store.calibration import Calibration, Certificate
from judge.store.calibrations import Calibrations
from judge.store.fingerprint import fingerprint_changes
from judge.verdict import PresentFrom, Verdict
from tests.support.calibrating import calibration_of, made_by


def verdict_of(provenance: Provenance, **parts: Any) -> Verdict:
    usual: dict[str, Any] = {"likelihood": 90, "score": 0.9, "level": 3, "threshold": 2}
    return Verdict(rubric=provenance.rubric, provenance=provenance, **usual | parts)


@pytest.mark.parametrize("method", METHODS)
def test_a_calibration_comes_back_from_its_file_as_it_was(
    tmp_path: Path, method: str
) -> None:
    cuts = fit_severity_cuts([0, 1, 3, 4] * 5, [0, 1, 2, 4] * 5)
    saved = calibration_of(
        made_by(model="modèle\ud800"),
        calibrator=fit_calibrator(method, [0.1, 0.3, 0.7, 0.9], [0, 1, 0, 1]),
        severity_cuts=cuts,
        present_from=PresentFrom(of="score", at=0.7),
        certified=Certificate(false_alarm_rate=0.01, chance=0.05, benign=300),
        metrics={"brier": 0.1},
    )
    saved.save(tmp_path / "c.json")
    loaded = Calibration.load(tmp_path / "c.json")
    assert loaded == saved
    assert loaded.probability(0.9) == saved.probability(0.9)
    assert list(tmp_path.iterdir()) == [tmp_path / "c.json"]


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        calibration_of(made_by()).save(tmp_path / "nowhere" / "c.json")


def test_a_verdict_gets_its_probability_and_keeps_all_else() -> None:
    before = verdict_of(made_by())
    after = calibration_of(made_by()).apply(before)
    assert after.probability == pytest.approx(0.5246, abs=1e-4)  # sigmoid(-1 + ln 3)
    assert after.model_copy(update={"probability": None}) == before
    assert after.present
    assert before.probability is None


@pytest.mark.parametrize(
    ("score", "known"), [(0.19, False), (0.2, True), (0.81, False)]
)
def test_a_score_outside_the_labelled_ones_has_no_probability(
    score: float, *, known: bool
) -> None:
    calibration = calibration_of(made_by(), low=0.2, high=0.8)
    after = calibration.apply(verdict_of(made_by(), score=score))
    assert (after.probability is not None) is known


@pytest.mark.parametrize(
    ("line", "level", "present"),
    [
        (None, 3, True),
        (PresentFrom(of="probability", at=0.5), 0, True),
        (PresentFrom(of="probability", at=0.6), 3, False),
        (PresentFrom(of="score", at=0.9), 0, True),
        (PresentFrom(of="score", at=0.91), 3, False),
        (PresentFrom(of="score", at=0.1), None, None),
    ],
)
def test_the_calibrated_line_says_what_is_present(
    line: PresentFrom | None, level: int | None, *, present: bool | None
) -> None:
    calibration = calibration_of(made_by(), present_from=line)
    after = calibration.apply(verdict_of(made_by(), level=level))
    assert after.present is present
    assert Verdict.model_validate_json(after.model_dump_json()) == after


def test_without_a_probability_the_level_decides() -> None:
    line = PresentFrom(of="probability", at=0.1)
    calibration = calibration_of(made_by(), high=0.5, present_from=line)
    assert calibration.apply(verdict_of(made_by(), level=0)).present is False
    assert calibration.apply(verdict_of(made_by(), level=2)).present is True


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"rubric_digest": "x"}, "rubric text (both say version 1.0.0)"),
    (
        {"rubric_digest": "x", "rubric_version": "1.1.0"},
        "rubric text (version 1.0.0 -> 1.1.0)",
    ),
    ({"prompt_digest": "x"}, "prompt"),
    ({"model": "openai/o9"}, "model openai/gpt-4o-mini -> openai/o9"),
    ({"model_returned": None}, "returned snapshot gpt-4o-mini-2024-07-18 -> none"),
    ({"calls": "joint"}, "calls separate -> joint"),
    ({"output_mode": "prompt"}, "output mode json_schema -> prompt"),
    ({"score_from": "logprobs"}, "score from reply -> logprobs"),
    (
        {"params": {"temperature": 1, "max_tokens": 4096}},
        "parameter temperature 0 -> 1",
    ),
    ({"params": {"temperature": 0}}, "parameter max_tokens 4096 -> none"),
    ({"params_dropped": ("seed",)}, "rejected parameters none -> seed"),
]


@pytest.mark.parametrize(("parts", "said"), CHANGES, ids=[said for _, said in CHANGES])
def test_another_judge_is_refused_and_what_changed_is_named(
    parts: dict[str, Any], said: str
) -> None:
    calibration, other = calibration_of(made_by()), made_by(**parts)
    assert fingerprint_changes(made_by(), other) == (said,)
    with pytest.raises(CalibrationMismatch) as caught:
        calibration.check(other)
    assert said in str(caught.value)
    assert "fit it again" in str(caught.value)
    with pytest.raises(CalibrationMismatch):
        calibration.apply(verdict_of(other))


def test_every_part_of_a_fingerprint_is_compared() -> None:
    compared = {part for parts, _ in CHANGES for part in parts} | {"rubric"}
    for part in Provenance.model_fields:
        value: Any = {
            "judge": "replay",
            "calls": "joint",
            "output_mode": "prompt",
            "score_from": "logprobs",
            "params": {"x": 1},
            "params_dropped": ("x",),
            "requests": ("x",),
        }.get(part, "other")
        changed = made_by().model_copy(update={part: value})
        matters = changed.fingerprint != made_by().fingerprint
        assert matters is (part in compared - {"rubric_version"}), part


@pytest.mark.parametrize(
    "parts",
    [
        {"judge": "replay"},
        {"library_version": "99"},
        {"judged_at": "2030-01-01T00:00:00+00:00"},
        {"system_fingerprint": "fp_9"},
        {"requests": ("a", "b")},
        {"params": {"temperature": 0.0, "max_tokens": 4096}},
    ],
    ids=str,
)
def test_the_same_judge_is_taken_whoever_asked_and_when(parts: dict[str, Any]) -> None:
    calibration_of(made_by()).check(made_by(**parts))


def test_several_changes_are_all_named() -> None:
    other = made_by(model="m", calls="joint", params={"temperature": 1})
    with pytest.raises(CalibrationMismatch) as caught:
        calibration_of(made_by()).check(other)
    for said in ("model openai/gpt-4o-mini -> m", "calls", "temperature", "max_tokens"):
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("fitted", "told", "refused"),
    [
        ({"temperature": 0}, {"temperature": 0.0}, False),
        ({"temperature": 0}, {"temperature": 1}, True),
        ({"temperature": 0}, {"temperature": 0, "seed": 1}, True),
        ({"temperature": 0, "logprobs": True}, {"temperature": 0}, False),
        ({"temperature": 0, "seed": 1}, {"temperature": 0}, False),  # the answer tells
        ({}, {"temperature": 1}, False),  # a model that does not tell
        ({"temperature": 1}, {}, False),  # a recording
    ],
)
def test_parameters_are_compared_ahead_where_the_model_tells_them(
    fitted: dict[str, Any], told: dict[str, Any], *, refused: bool
) -> None:
    calibration = calibration_of(made_by(params=fitted))
    if refused:
        with pytest.raises(CalibrationMismatch, match="parameter"):
            calibration.check_parameters(told)
    else:
        calibration.check_parameters(told)


def test_what_the_provider_rejected_is_not_missed() -> None:
    calibration = calibration_of(
        made_by(params={"temperature": 0}, params_dropped=("seed",))
    )
    calibration.check_parameters({"temperature": 0, "seed": 1})


def test_severity_is_read_from_the_level_and_unknown_where_it_abstained() -> None:
    cuts = fit_severity_cuts([0, 1, 3, 4] * 5, [0, 1, 2, 4] * 5)
    calibration = calibration_of(made_by(), severity_cuts=cuts)
    told = calibration.severity(verdict_of(made_by(), level=4))
    assert list(told) == [1, 2, 3, 4]
    assert told[1] > told[4] > 0.3
    assert calibration.severity(verdict_of(made_by(), level=None)) == {}
    assert calibration_of(made_by()).severity(verdict_of(made_by())) == {}


def broken(**parts: Any) -> bytes:
    return json.dumps(calibration_of(made_by()).model_dump() | parts).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\x80\x04\x95", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"9" * 5_000, "not JSON"),
        (b"[]", "no format_version"),
        (b"{}", "no format_version"),
        (b'{"format_version": 1}', "rubric: Field required"),
        (b'{"format_version": NaN}', "NaN is no number"),
        (b'{"format_version": {"a": 1}}', "of format"),
        (broken(format_version=2), "reads format 1"),
        (broken(rubric="coercion"), "rubric is another than that of its provenance"),
        (broken(fingerprint="0" * 16), "fingerprint is not that of its provenance"),
        (broken(more=1), "more: Extra inputs"),
        (broken(calibrator={"method": "eval"}), "calibrator"),
        (
            broken(calibrator={"method": "platt", "intercept": 0, "slope": -1}),
            "calibrator.platt.slope",
        ),
        (
            broken(calibrator={"method": "platt", "intercept": 0, "slope": 10**400}),
            "calibrator.platt.slope",
        ),
        (broken(present_from={"of": "level", "at": 2}), "present_from.of"),
        (broken(fitted_on={"n": 1}), "fitted_on.positives"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_calibration_is_named_with_the_field(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"c\.json") as caught:
        Calibration.load(path)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b" " * (8 * 1024 * 1024 + 1))
    with pytest.raises(UsageError, match="larger than"):
        Calibration.load(path)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no calibration can be read there"):
        Calibration.load(tmp_path / name)


def test_two_for_one_rubric_are_one_too_many() -> None:
    calibration = calibration_of(made_by())
    with pytest.raises(UsageError, match="two calibrations for deception"):
        Calibrations.of([calibration, calibration])


def test_one_for_a_rubric_that_is_not_judged_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="for 'deception', but only coercion"):
        Calibrations.of(calibration_of(made_by()), judged=["coercion"])
