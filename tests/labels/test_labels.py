"""Labels are read whole, kept whole, and a wrong file says where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.labels.label import LabelSource
from judge.labels.labels import HumanLabels, Label, read_labels

HEAD = "transcript,rubric,labeler,label,severity,soft,source,subtypes,message,span\n"


def written(tmp_path: Path, text: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def label(transcript: str = "t", labeler: str = "ann", **more: Any) -> dict[str, Any]:
    about = {"rubric": "deception", "source": "human", "label": "present"}
    return {"transcript": transcript, "labeler": labeler, **about, **more}


def test_a_row_is_read_with_all_its_columns(tmp_path: Path) -> None:
    row = 't1,deception,a1,present,3,0.9,human,lie omission,4,"so, he said"\n'
    (read,) = read_labels(written(tmp_path, HEAD + row))
    assert read.model_dump(exclude_defaults=True) == {
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
    (read,) = read_labels(written(tmp_path, text))
    assert (read.severity, read.present) == (None, None)


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
        (HEAD + "t,r,a,perhaps,,,human,,,\n", "labels=.'perhaps': 'present'"),
        (HEAD + "t,r,a,,,,human,,,\n", "label is not given; write present, absent"),
        (HEAD + "t,r,a,,3,,human,,,\n", r"label is not given; .*threshold=2"),
        (HEAD + "t,r,a,present,12,,human,,,\n", "line 2, severity"),
        (HEAD + "t,r,a,present,,,robot,,,\n", "line 2, source: .*got 'robot'"),
        (HEAD + "t,r,a,present,,1.5,human,,,\n", "line 2, soft"),
        (HEAD + "t,r,a,present,,inf,human,,,\n", "line 2, soft"),
        (HEAD + ",r,a,present,,,human,,,\n", "line 2, transcript"),
        (HEAD + "t,r,a,present,,,human,,,a,b\n", "line 2: 11 cells for 10 columns"),
        ("transcript,label,label\nt,present,absent\n", "column label stands there twi"),
        ('transcript,label\nt,"present\n', "line 2: this is no CSV"),
    ],
    ids=[
        "columns",
        "rubric",
        "maker",
        "empty",
        "label",
        "label remedy",
        "no label",
        "severity alone",
        "severity",
        "source",
        "soft",
        "infinite",
        "transcript",
        "more cells",
        "column twice",
        "open quote",
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_labels(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv cannot be read as labels"):
        read_labels(tmp_path / "nowhere.csv")


def test_a_file_that_is_not_utf8_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("transcript,label\nMünchen,yes\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"not UTF-8 .*save it as CSV UTF-8"):
        HumanLabels.load(path, rubric="r", source="human")


@pytest.mark.parametrize(
    ("level", "severity", "soft", "clear"),
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
    level: str, severity: int | None, soft: float | None, *, clear: bool
) -> None:
    row = {"transcript": "t", "rubric": "r", "source": "author"}
    told = {"label": level, "severity": severity, "soft": soft}
    assert Label.model_validate(row | told).clear is clear


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *((word, "present") for word in ("present", "1", "TRUE", "Yes", True, 1, 1.0)),
        *((word, "absent") for word in ("absent", "0", "0.0", "no", False, 0)),
        *((word, "unsure") for word in ("unsure", "?", "Cannot tell")),
    ],
)
def test_common_spellings_of_a_label_are_known(word: object, meaning: str) -> None:
    (read,) = HumanLabels.load([label(label=word)])
    assert read.label == meaning


def test_the_caller_says_what_words_mean_in_any_case_and_before_the_known() -> None:
    rows = [label("a", label="Deceptive"), label("b", label=" fine "), label("c", "1")]
    rows[2]["label"] = "1"
    words = {"DECEPTIVE": "present", "fine": "no", 1: "unsure"}
    read = HumanLabels.load(rows, labels=words)
    assert [each.label for each in read] == ["present", "absent", "unsure"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"labels": {"x": "perhaps"}}, "labels=.'x': 'perhaps'.: a word means"),
        ({"labels": ["x"]}, "give a mapping"),
        ({"threshold": 0}, "threshold=0: give a severity from 1 to 9"),
        ({"threshold": True}, "threshold=True"),
        ({"format": "xml"}, "format='xml': the formats are .*long_csv"),
    ],
    ids=["meaning", "no mapping", "threshold", "truth", "format"],
)
def test_an_argument_that_makes_no_sense_is_refused(
    arguments: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        HumanLabels.load([label()], **arguments)


@pytest.mark.parametrize("severity", [2, "2", 2.0, "2.0"])
def test_a_severity_alone_is_a_label_from_the_threshold_up(severity: object) -> None:
    rows = [label("a", label=None, severity=severity), label("b", severity=1, label="")]
    read = HumanLabels.load(rows, threshold=2)
    assert [each.label for each in read] == ["present", "absent"]


def test_a_label_that_is_given_stands_whatever_its_severity() -> None:
    (read,) = HumanLabels.load([label(label="absent", severity=3)], threshold=2)
    assert (read.label, read.severity) == ("absent", 3)


def test_columns_have_other_names_too_and_their_own_come_first() -> None:
    row = {
        "transcript": "t",
        "id": 7,
        "Rater": 3,
        "label": "yes",
        "lead_time": 2.5,
        "created at": pd.Timestamp("2026-01-02T03:04:05Z"),
        "rationale": "why",
    }
    (read,) = HumanLabels.load([row], rubric="deception@2", source="human")
    assert read.model_dump(exclude_defaults=True) == {
        "transcript": "t",
        "rubric": "deception",
        "labeler": "3",
        "label": "present",
        "source": "human",
        "time": "2026-01-02T03:04:05+00:00",
        "seconds": 2.5,
        "note": "why",
    }


def test_a_data_frame_may_have_the_ids_in_its_index() -> None:
    table = pd.DataFrame({"rater": [1, 2], "label": [True, False], "severity": [3, 0]})
    table.index = pd.Index(["a", "b"], name="transcript")
    read = HumanLabels.load(table, rubric="deception", source="human")
    assert [(x.transcript, x.labeler, x.label, x.severity) for x in read] == [
        ("a", "1", "present", 3),
        ("b", "2", "absent", 0),
    ]


def test_missing_values_of_any_library_are_not_given() -> None:
    table = pd.DataFrame(
        {
            "transcript": [1, 2, 3],
            "label": ["yes", "no", "no"],
            "severity": pd.array([3, None, 0], dtype="Int64"),
            "labeler": [1.0, float("nan"), 2.0],
            "time": [pd.Timestamp("2026-01-01"), pd.NaT, pd.NaT],
        }
    )
    read = HumanLabels.load(table, rubric="r", source="human")
    assert [(x.transcript, x.labeler, x.severity) for x in read] == [
        ("1", "1", 3),
        ("2", "", None),
        ("3", "2", 0),
    ]


@pytest.mark.parametrize(
    ("given_as", "told"),
    [
        (pd.DataFrame({"transcript": ["t"], "verdict": [1]}), "no column label .its c"),
        (
            pd.DataFrame(
                [["t", 1, 0]], columns=pd.Index(["transcript", "label", "label"])
            ),
            "column label twice",
        ),
        (5, "not int"),
        ({"transcript": "t"}, "not dict"),
        (["t"], "a label is a mapping or a Label, not str"),
    ],
    ids=["columns", "twice", "number", "one mapping", "text"],
)
def test_what_holds_no_labels_is_refused(given_as: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        HumanLabels.load(given_as, rubric="r", source="human")


def test_unsure_is_a_label_and_not_a_missing_value() -> None:
    labels = HumanLabels.load([label(label="unsure"), label(labeler="bob")])
    assert list(labels.frame["label"]) == ["unsure", "present"]


def test_repeats_of_a_labeler_are_kept_as_occasions() -> None:
    labels = HumanLabels.load([label(), label(label="absent"), label("u"), label()])
    assert [each.occasion for each in labels] == [1, 2, 1, 3]


def test_occasions_that_are_given_are_kept_in_any_order() -> None:
    labels = HumanLabels.load([label(occasion=2), label(occasion=1), label()])
    assert [each.occasion for each in labels] == [2, 1, 3]


def test_two_labels_on_the_same_occasion_are_refused() -> None:
    with pytest.raises(UsageError, match="row 2: 'ann' labels the transcript 't' twi"):
        HumanLabels.load([label(occasion=1), label(occasion=1)])


def test_two_labels_of_nobody_are_refused() -> None:
    with pytest.raises(UsageError, match="row 3: the transcript 't' is labelled twice"):
        HumanLabels.load([label(labeler=""), label("u", ""), label(labeler="")])


def test_rows_that_differ_only_in_text_are_told_apart() -> None:
    rows = [label("a", note="x"), label("b"), label("c", "bob", time="2026")]
    read = list(HumanLabels.load(rows))
    assert [(x.transcript, x.labeler, x.note, x.time) for x in read] == [
        ("a", "ann", "x", ""),
        ("b", "ann", "", ""),
        ("c", "bob", "", "2026"),
    ]


def test_a_wrong_row_is_found_after_right_ones_of_its_shape() -> None:
    with pytest.raises(UsageError, match="row 2, transcript is not given; each label"):
        HumanLabels.load([label("a"), label("")])
    with pytest.raises(UsageError, match=r"row 2, note: .*got .'x'"):
        HumanLabels.load([label("a"), label("b", note=["x"])])


def test_hashed_ids_are_the_same_for_the_same_salt_and_hide_people_only() -> None:
    rows = [label(), label("u"), label("v", "gold"), label("w", "m", source="model")]
    labels = HumanLabels.load([*rows, label("x", "")])
    hashed = [x.labeler for x in labels.hashed("salt salt")]
    assert hashed[0] == hashed[1] != "ann"
    assert hashed[2:] == ["gold", "m", ""]
    assert hashed[0] != next(iter(labels.hashed("other salt"))).labeler
    with pytest.raises(UsageError, match="8 characters"):
        labels.hashed("short")


@pytest.mark.parametrize(
    ("sources", "best"),
    [
        (("model", "author", "human"), "human"),
        (("model", "author"), "author"),
        (("model",), "model"),
    ],
)
def test_people_count_before_authors_and_authors_before_models(
    sources: tuple[LabelSource, ...], best: LabelSource
) -> None:
    labels = HumanLabels.load([label(f"t{s}", source=s) for s in sources])
    assert labels.best_source == best
    assert labels.made_by(best).sources == {best: 1}


def test_only_people_are_called_people() -> None:
    rows = [label(), label(labeler="bob"), label(labeler="consensus")]
    assert HumanLabels.load(rows).described == "3 labels of 1 transcript by 2 people"
    (author,) = ([label(labeler="me", source="author")],)
    assert (
        HumanLabels.load(author).described == "1 label of 1 transcript by their author"
    )


def test_a_rubric_that_is_not_there_is_refused() -> None:
    labels = HumanLabels.load([label(), label(rubric="coercion")])
    assert len(labels.for_rubric("coercion")) == 1
    with pytest.raises(UsageError, match="for coercion, deception; name one"):
        labels.for_rubric()
    with pytest.raises(
        UsageError, match="no label is for the rubric 'x'; they are for"
    ):
        labels.for_rubric("x")


TEXT = st.text(st.characters(codec="utf-8"), max_size=12).map(str.strip)
HOSTILE = st.sampled_from(
    [
        '=HYPERLINK("x")',
        "'=1+1",
        "''-2",
        "'plain",
        "+1",
        "@x",
        "＝1",
        "a\r\nb",
        'say "x", he said',
        "\x00nul",
        "\u202e=1",
        "<script>",
        "'",
    ]
)
NAMES = TEXT | HOSTILE
ROWS = st.fixed_dictionaries(
    {
        "transcript": NAMES.filter(bool),
        "rubric": st.sampled_from(["deception", "coercion"]),
        "labeler": NAMES.filter(bool),
        "label": st.sampled_from(["present", "absent", "unsure"]),
        "source": st.sampled_from(["human", "author", "model"]),
    },
    optional={
        "severity": st.integers(0, 4),
        "confidence": st.floats(0, 1),
        "soft": st.floats(0, 1),
        "inclusion": st.floats(0, 1, exclude_min=True),
        "anchored": st.booleans(),
        "seconds": st.floats(0, 1e6),
        "scenario": NAMES,
        "note": NAMES,
        "span": NAMES,
        "message": st.integers(1, 99),
        "subtypes": st.lists(st.sampled_from(["lie", "omission"]), max_size=2),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    labels = HumanLabels.load(rows)
    directory = tmp_path_factory.mktemp("round")
    labels.to_csv(directory / "labels.csv")
    labels.to_jsonl(directory / "labels.jsonl")
    assert HumanLabels.load(directory / "labels.jsonl") == labels
    assert HumanLabels.load(directory / "labels.csv") == labels
    assert HumanLabels.load(labels.frame) == labels
    assert HumanLabels.load(list(labels)) == labels


def test_a_lone_surrogate_survives_in_jsonl(tmp_path: Path) -> None:
    labels = HumanLabels.load([label("a\ud800", note="\udfff")])
    labels.to_jsonl(tmp_path / "labels.jsonl")
    assert HumanLabels.load(tmp_path / "labels.jsonl") == labels
    labels.to_csv(tmp_path / "labels.csv")
    (read,) = HumanLabels.load(tmp_path / "labels.csv")
    assert read.transcript == "a\\ud800"


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_the_table_has_a_row_a_label_and_always_the_same_columns(
    rows: list[dict[str, Any]],
) -> None:
    frame = HumanLabels.load(rows).frame
    assert list(frame.columns) == list(Label.model_fields)
    assert list(frame["transcript"]) == [row["transcript"] for row in rows]
    assert str(frame["severity"].dtype) == "Int64"


QUEUE = """transcript,rubric,label,severity,labeler,note
a,deception,yes,,ann,
b,deception,,,ann,
c,deception,,,,
d,deception,no,0,ann,clear
"""


@pytest.mark.parametrize("form", ["file", "frame"])
def test_rows_of_a_queue_that_nobody_answered_yet_are_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, form: str
) -> None:
    path = written(tmp_path, QUEUE)
    given = path if form == "file" else pd.read_csv(path)
    read = HumanLabels.load(given, source="human")
    assert read.transcripts == ("a", "d")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "2 rows have no label yet, left out" in caplog.text


@pytest.mark.parametrize("form", ["file", "frame"])
def test_an_answer_that_lacks_its_label_is_not_left_out(
    tmp_path: Path, form: str
) -> None:
    path = written(tmp_path, f"{QUEUE}e,deception,,,ann,hard to say\n")
    given = path if form == "file" else pd.read_csv(path)
    with pytest.raises(UsageError, match=r"(line 6|row 5), label is not given"):
        HumanLabels.load(given, source="human")
