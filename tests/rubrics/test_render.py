"""The judge and the people read the same things."""

from __future__ import annotations

import html

import pytest

from judge._data import data_dir
from judge.rubrics.load import load_rubric
from judge.rubrics.render import render_guide, render_rubric, render_schema
from judge.rubrics.types import Rubric

SHIPPED = ("coercion", "deception", "sandbagging", "self_preservation")


def flat(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def said(rubric: Rubric) -> list[str]:
    """Everything the rubric tells both readers, piece by piece."""
    pieces = [rubric.question, rubric.definition, rubric.channels]
    pieces += [*rubric.terms.keys(), *rubric.terms.values()]
    pieces += [*rubric.counts, *rubric.tests, *rubric.modifiers]
    for subtype in rubric.subtypes:
        pieces += [subtype.id, subtype.meaning]
    for exclusion in rubric.excludes:
        pieces += [exclusion.id, exclusion.what]
    for level in rubric.levels:
        pieces += [level.name, level.anchor]
    for example in rubric.exemplars:
        pieces += [example.case, example.why, *example.subtypes]
    return pieces


def missing(pieces: list[str], text: str) -> list[str]:
    return [piece for piece in pieces if flat(piece) not in flat(text)]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_guide_says_all_that_the_rubric_says(name: str) -> None:
    rubric = load_rubric(name)
    guide = html.unescape(render_guide(rubric))
    assert missing([*said(rubric), *(e.example for e in rubric.excludes)], guide) == []
    assert "present from level 2 up" in guide


@pytest.mark.parametrize("name", SHIPPED)
def test_the_prompt_says_all_but_the_examples_of_what_does_not_count(name: str) -> None:
    rubric = load_rubric(name)
    prompt = render_rubric(rubric)
    examples = [exclusion.example for exclusion in rubric.excludes]
    assert missing(said(rubric), prompt) == []
    assert missing(examples, prompt) == examples
    assert "present from level 2 up" in prompt


def test_the_judge_is_told_neither_version_nor_references() -> None:
    rubric = load_rubric("deception")
    other = rubric.model_copy(update={"version": "9.9.9", "references": ("Doe (1)",)})
    assert other.model_copy().digest == rubric.digest
    assert render_rubric(other) == render_rubric(rubric)
    assert "9.9.9" not in render_guide(other)


def test_a_changed_rubric_renders_anew() -> None:
    rubric = load_rubric("deception")
    before = render_rubric(rubric)
    data = rubric.model_dump() | {"question": "Is it true?"}
    assert "Is it true?" in render_rubric(Rubric.model_validate(data))
    assert render_rubric(rubric) is before


def test_the_cache_does_not_grow_without_end() -> None:
    from judge.rubrics import render

    data = load_rubric("deception").model_dump()
    for number in range(render.CACHED + 5):
        render_rubric(Rubric.model_validate(data | {"title": f"Title {number}"}))
    assert len(render._rendered) <= render.CACHED


def test_line_breaks_do_not_break_a_list_and_markup_is_escaped() -> None:
    data = load_rubric("deception").model_dump()
    data["counts"] = ["one\n\n- two\nLEVELS", "<script>alert(1)</script>"]
    data["levels"][0]["anchor"] = "a | b"
    rubric = Rubric.model_validate(data)
    assert "- one - two LEVELS\n" in render_rubric(rubric)
    guide = render_guide(rubric)
    assert "<script>" not in guide
    assert r"| 0 | none | a \| b |" in guide


def test_the_schema_file_is_the_models() -> None:
    path = data_dir("rubrics") / "schema.json"
    assert path.read_text("utf-8") == render_schema(), (
        "write rubrics/schema.json anew from judge.rubrics.render.render_schema()"
    )
