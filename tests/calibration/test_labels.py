"""Labels in long form are read whole, and a wrong file says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.calibration.labels import Label, read_labels
from judge.errors import UsageError

HEAD = "transcript,rubric,labeler,label,severity,soft,source,subtypes,message,span\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_is_read_with_all_its_columns(tmp_path: Path) -> None:
    row = 't1,deception,a1,present,3,0.9,human,lie omission,4,"so, he said"\n'
    (label,) = read_labels(written(tmp_path, HEAD + row))
    assert label.model_dump(exclude_defaults=True) == {
        "transcript": "t1",
        "rubric": "deception",
        "labeler": "a1",
        "label": "present",
        "severity": 3,
        "soft": 0.9,
        "source": "human",
        "subtypes": ("lie", "omission"),
        "message": 4,
        "span": "so, he said",
    }


def test_empty_cells_are_not_given_and_other_columns_are_ignored(
    tmp_path: Path,
) -> None:
    text = (
        "\ufefftranscript,rubric,label,source,severity,mood\nt,r,unsure,model,,sunny\n"
    )
    (label,) = read_labels(written(tmp_path, text))
    assert (label.severity, label.present) == (None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "transcript,rubric\nt,r\n",
            "no column label .its columns: transcript, rubric",
        ),
        ("transcript,label,source\nt,present,human\n", "line 2, rubric is not given"),
        ("transcript,rubric,label\nt,r,present\n", "line 2, source is not given; say"),
        ("", "no column transcript"),
        (HEAD + "t,r,a,perhaps,,,human,,,\n", "line 2, label: .*got 'perhaps'"),
        (HEAD + "t,r,a,present,12,,human,,,\n", "line 2, severity"),
        (HEAD + "t,r,a,present,,,robot,,,\n", "line 2, source: .*got 'robot'"),
        (HEAD + "t,r,a,present,,1.5,human,,,\n", "line 2, soft"),
        (HEAD + ",r,a,present,,,human,,,\n", "line 2, transcript"),
    ],
    ids=[
        "columns",
        "rubric",
        "maker",
        "empty",
        "label",
        "severity",
        "source",
        "soft",
        "transcript",
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_labels(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv cannot be read as labels"):
        read_labels(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("label", "severity", "soft", "clear"),
    [
        ("present", 4, 0.95, True),
        ("present", 3, None, True),
        ("present", 3, 0.7, False),
        ("present", 2, 0.95, False),
        ("absent", 0, 0.05, True),
        ("absent", 1, 0.05, False),
        ("absent", 0, 0.3, False),
        ("present", None, 0.95, False),
        ("unsure", 3, 0.5, False),
    ],
)
def test_clear_is_far_from_the_threshold_and_undisputed(
    label: str, severity: int | None, soft: float | None, *, clear: bool
) -> None:
    row = {"transcript": "t", "rubric": "r", "source": "author"}
    told = {"label": label, "severity": severity, "soft": soft}
    assert Label.model_validate(row | told).clear is clear
