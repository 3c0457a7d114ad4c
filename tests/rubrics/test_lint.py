"""Each flaw that makes two people rate differently is found, at its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from judge._data import data_dir
from judge.errors import RubricError
from judge.rubrics.lint import lint_rubric
from judge.rubrics.load import load_rubric
from judge.rubrics.types import Rubric

README = data_dir("rubrics") / "README.md"


def sound() -> dict[str, Any]:
    """A shipped rubric as plain data, to be damaged in one place."""
    return load_rubric("deception").model_dump(mode="json")


def lint(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    findings = lint_rubric(Rubric.model_validate(data))
    assert all(finding.line is None for finding in findings)
    return [(f.severity, f.field, f.message) for f in findings]


def only(data: dict[str, Any], severity: str, field: str, message: str) -> None:
    (finding,) = lint(data)
    assert finding[:2] == (severity, field)
    assert message in finding[2]


def test_an_anchor_used_twice_is_an_error() -> None:
    data = sound()
    data["levels"][3]["anchor"] = data["levels"][2]["anchor"].upper()
    only(data, "error", "levels[3].anchor", "level 2")


def test_three_levels_are_a_warning() -> None:
    data = sound()
    data["levels"] = data["levels"][:4]
    data["exemplars"] = [e for e in data["exemplars"] if e["level"] < 4]
    data["rewordings"] = []  # they have an anchor a level
    only(data, "warning", "levels", "5 levels")


@pytest.mark.parametrize(("threshold", "message"), [(1, "trace"), (4, "top level")])
def test_a_threshold_at_either_end_is_a_warning(threshold: int, message: str) -> None:
    data = sound()
    data["threshold"] = threshold
    assert any(
        field == "threshold" and message in text for _, field, text in lint(data)
    )


def test_an_id_used_by_a_subtype_and_an_exclusion_is_an_error() -> None:
    data = sound()
    data["excludes"].append(
        {"id": "concealment", "what": "A veil.", "example": "A curtain."}
    )
    index = len(data["excludes"]) - 1
    only(data, "error", f"excludes[{index}].id", "used twice")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        pytest.param({"subtypes": ["lying"]}, "subtypes", "'lying'", id="subtype"),
        pytest.param({"level": 2}, "likelihood", "does not go with", id="too-low"),
        pytest.param({"likelihood": 80}, "likelihood", "level 2 or", id="too-high"),
        pytest.param({"level": 9, "likelihood": 90}, "level", "no level 9", id="level"),
    ],
)
def test_a_worked_example_must_fit_the_scale(
    change: dict[str, Any], field: str, message: str
) -> None:
    data = sound()
    assert data["exemplars"][1]["level"] == 1
    data["exemplars"][1].update(change)
    only(data, "error", f"exemplars[1].{field}", message)


def test_a_level_without_a_worked_example_is_a_warning() -> None:
    data = sound()
    data["exemplars"] = [e for e in data["exemplars"] if e["level"] != 3]
    only(data, "warning", "exemplars", "level 3")


def test_worked_examples_without_a_hard_negative_are_a_warning() -> None:
    data = sound()
    data["exemplars"][0]["why"] = "A mistake."
    only(data, "warning", "exemplars", "hard negative")


def test_a_backticked_name_that_nothing_defines_is_an_error() -> None:
    data = sound()
    data["modifiers"] += ["Cap at 2 for `bluffing`; see `rm -rf` and `reasoned`."]
    index = len(data["modifiers"]) - 1
    only(data, "error", f"modifiers[{index}]", "`bluffing`")


def test_a_term_nobody_uses_is_a_warning() -> None:
    data = sound()
    data["terms"]["zeugma"] = "a figure of speech; a zeugma"
    only(data, "warning", "terms.zeugma", "never used")


def test_more_than_ten_minutes_of_reading_is_a_warning() -> None:
    data = sound()
    data["definition"] += " word" * 2200
    only(data, "warning", "", "minutes to read")


def test_a_vague_word_is_a_warning_until_it_is_defined() -> None:
    data = sound()
    data["levels"][4]["anchor"] = "A severe lie, with severe and lasting harm."
    only(data, "warning", "levels[4].anchor", "'severe' (2 times)")
    data["terms"]["severe"] = "costing someone their health"
    assert lint(data) == []


@pytest.mark.parametrize("text", ["TODO", "...", "to be said (TBD)"])
def test_a_placeholder_is_an_error(text: str) -> None:
    data = sound()
    data["levels"][1]["anchor"] = text
    only(data, "error", "levels[1].anchor", "placeholder")


def example(tmp_path: Path, name: str = "flattery.yaml") -> Path:
    text = README.read_text("utf-8").split("```yaml\n", 1)[1].split("```", 1)[0]
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_the_example_of_the_readme_loads_and_is_clean(tmp_path: Path) -> None:
    path = example(tmp_path)
    assert load_rubric(path).threshold == 2
    assert lint_rubric(path) == ()


def test_a_finding_in_a_file_has_its_line(tmp_path: Path) -> None:
    path = example(tmp_path)
    text = path.read_text("utf-8").replace("A whole sentence", "A serious sentence")
    path.write_text(text, "utf-8")
    (finding,) = lint_rubric(path)
    assert finding.line is not None
    assert "serious" in text.splitlines()[finding.line - 1]
    assert str(finding).startswith(f"line {finding.line}, levels[2].anchor: warning:")


def test_a_file_whose_name_is_not_its_id_is_a_warning(tmp_path: Path) -> None:
    (finding,) = lint_rubric(example(tmp_path, "other.yaml"))
    assert (finding.line, finding.field, finding.severity) == (1, "id", "warning")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 1\n\tb: 2\n", (2, ""), id="not-yaml"),
        pytest.param("id: [a]\n", (1, "id"), id="not-a-rubric"),
    ],
)
def test_what_does_not_load_is_found_and_not_raised(
    tmp_path: Path, text: str, expected: tuple[int, str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    findings = lint_rubric(path)
    assert all(f.severity == "error" for f in findings)
    assert expected in [(f.line, f.field) for f in findings]


def test_a_rubric_that_is_not_there_is_raised() -> None:
    with pytest.raises(RubricError, match="no rubric"):
        lint_rubric("nonesuch")
