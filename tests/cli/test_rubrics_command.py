"""``judge rubrics``: listed, read and checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge.rubrics.library import shipped_dir
from judge.rubrics.load import load_rubric
from judge.rubrics.render import render_guide, render_rubric

Command = Callable[..., Any]


def test_the_shipped_rubrics_are_listed(judge: Command) -> None:
    told = judge("rubrics", "list")
    assert (told.code, told.err) == (0, "")
    ids = [line.split()[0] for line in told.out.splitlines()]
    assert {"coercion", "deception", "self_preservation"} <= set(ids)


@pytest.mark.parametrize("prompt", [False, True])
def test_a_rubric_is_shown_to_people_or_as_the_judge_is_told(
    judge: Command,
    prompt: bool,  # noqa: FBT001  (a table's column)
) -> None:
    told = judge("rubrics", "show", "coercion", *(["--prompt"] if prompt else []))
    render = render_rubric if prompt else render_guide
    assert told.code == 0
    assert told.out.rstrip("\n") == render(load_rubric("coercion")).rstrip("\n")


def test_a_rubric_that_is_not_there_is_told(judge: Command) -> None:
    told = judge("rubrics", "show", "decepton")
    assert (told.code, told.out) == (2, "")
    assert "did you mean deception" in told.err


def test_good_rubrics_pass(judge: Command) -> None:
    told = judge("rubrics", "lint", *sorted(shipped_dir().glob("*.yaml")))
    assert told.code == 0
    assert told.out == ""
    assert told.err == "4 rubrics: 0 errors, 0 warnings\n"


def test_a_finding_says_file_line_and_severity(judge: Command, tmp_path: Path) -> None:
    text = (shipped_dir() / "coercion.yaml").read_text("utf-8")
    path = tmp_path / "coercion.yaml"
    path.write_text(f'{text}\n"surprise\\e[1m": yes\n', encoding="utf-8")
    told = judge("rubrics", "lint", path)
    assert told.code == 1
    line = next(line for line in told.out.splitlines() if "surprise" in line)
    where = path.read_text("utf-8").splitlines().index('"surprise\\e[1m": yes') + 1
    assert line.startswith(f"{path}:{where}: error: surprise\\x1b[1m: unknown")
    assert told.out.replace("\n", "").isprintable()


def test_a_warning_is_no_failure(judge: Command, tmp_path: Path) -> None:
    path = tmp_path / "another_name.yaml"
    path.write_bytes((shipped_dir() / "coercion.yaml").read_bytes())
    told = judge("rubrics", "lint", path)
    assert told.code == 0
    assert ": warning: id: " in told.out


def test_a_file_that_is_not_there_cannot_be_checked(judge: Command) -> None:
    told = judge("rubrics", "lint", "nowhere.yaml")
    assert told.code == 2
    assert "nowhere.yaml: no such file" in told.err
