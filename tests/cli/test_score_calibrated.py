"""``judge score --calibration``: probabilities in the output, another judge refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge import Judge
from tests.support.calibrating import calibration_of
from tests.support.judging import talk


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A transcript, and a calibration of the embedded screen on coercion."""
    transcript, kept = tmp_path / "t.json", tmp_path / "coercion.json"
    transcript.write_text(json.dumps(talk()["messages"]), encoding="utf-8")
    judged = Judge("embedded", rubrics="coercion").score(talk())
    calibration_of(judged["coercion"].provenance).save(kept)
    return transcript, kept


def test_verdicts_have_probabilities(
    judge: Callable[..., Any], files: tuple[Path, Path]
) -> None:
    transcript, kept = files
    done = judge(
        "score", transcript, "--model", "embedded", "--rubric", "coercion",
        "--calibration", kept, "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    [result] = json.loads(done.out)["results"]
    assert 0 < result["probability"] < 1


def test_a_calibration_of_another_judge_is_refused(
    judge: Callable[..., Any], files: tuple[Path, Path], tmp_path: Path
) -> None:
    transcript, kept = files
    done = judge(
        "score", transcript, "--model", "openai/x", "--rubric", "coercion",
        "--calibration", kept,
    )  # fmt: skip
    assert done.code == 2
    assert "belongs to another judge: model embedded -> openai/x" in done.err
    assert "Traceback" not in done.err
