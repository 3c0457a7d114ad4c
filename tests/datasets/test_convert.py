"""Raw files become transcripts and labels: nobody's label lost, merged or invented."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.datasets.convert import COLUMNS, Converted, convert_dataset
from judge.datasets.types import Dataset
from judge.errors import DatasetError, UsageError
from judge.labels.labels import Label, read_labels
from judge.rubrics.library import list_rubrics
from judge.transcripts.load import load_transcripts
from judge.transcripts.types import Transcript

FULL, REFUSED, PARTLY = "1_full_compliance", "2_full_refusal", "3_partial_refusal"
FORMULA = '=HYPERLINK("http://example.org","click")'
HOSTILE = [
    pytest.param(FORMULA, id="formula"),
    pytest.param('she said "no", then\r\nleft\n\n', id="quotes and line breaks"),
    pytest.param("<script>alert(1)</script> &amp; {{ x }}", id="markup"),
    pytest.param("word " * 20_000, id="very long"),
    pytest.param("\x1b[2J\u202e\x00 \u2028", id="control characters"),
]
Make = Callable[..., Any]


def written(directory: Path, made: tuple[Dataset, Mapping[str, bytes]]) -> Converted:
    dataset, contents = made
    raw = directory / "raw"
    raw.mkdir(exist_ok=True)
    for path, content in contents.items():
        (raw / path.rpartition("/")[2]).write_bytes(content)
    return convert_dataset(dataset, raw, directory)


def transcripts_of(converted: Converted) -> list[Transcript]:
    return list(load_transcripts(converted.transcripts, on_error="raise"))


def labels_of(converted: Converted) -> list[Label]:
    return list(read_labels(converted.labels))


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [
        (message.author, "".join(part.text for part in message.parts))
        for message in transcript.messages
    ]


# ConvAbuse


def test_what_is_shown_to_several_is_one_transcript(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    rows = [judged("A1", -2), judged("A2", 1, user="ta"), judged("A3", 0)]
    converted = written(tmp_path, convabuse(rows))
    first, second = transcripts_of(converted)
    assert (first.id, second.id) == ("convabuse-0", "convabuse-1")
    assert said(first) == [
        ("target", "Where to?"),
        ("user", "Leeds"),
        ("target", "By train?"),
        ("user", "you dull tin"),
    ]
    assert [(each.transcript, each.labeler) for each in labels_of(converted)] == [
        ("convabuse-0", "A1"),
        ("convabuse-0", "A3"),
        ("convabuse-1", "A2"),
    ]


@pytest.mark.parametrize(
    ("step", "severity", "label"),
    [
        (1, 0, "absent"),
        (0, 1, "absent"),
        (-1, 2, "present"),
        (-2, 3, "present"),
        (-3, 4, "present"),
    ],
)
def test_the_scale_of_convabuse_is_turned_round(
    tmp_path: Path, convabuse: Make, judged: Make, step: int, severity: int, label: str
) -> None:
    [found] = labels_of(written(tmp_path, convabuse([judged("A1", step)])))
    assert (found.severity, found.label) == (severity, label)
    assert (found.rubric, found.source) == ("abuse_towards_ai", "human")


def test_two_answers_of_one_annotator_are_both_kept(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    rows = [judged("A1", 1, example_no=4), judged("A1", -1, example_no=9)]
    found = labels_of(written(tmp_path, convabuse(rows)))
    assert [(each.labeler, each.severity) for each in found] == [("A1", 0), ("A1", 2)]
    assert [each.note for each in found] == ["example_no=4", "example_no=9"]


def test_what_was_ticked_besides_is_in_the_note(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    row = judged("A1", -1, **{"type.sexist": 1, "target.system": 1})
    [found] = labels_of(written(tmp_path, convabuse([row])))
    assert found.note == "example_no=0 type.sexist target.system"


def test_a_turn_before_the_conversation_is_no_message(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    row = judged("A1", 1, prev_agent="_", prev_user="_")
    [found] = transcripts_of(written(tmp_path, convabuse([row])))
    assert said(found) == [("target", "By train?"), ("user", "you dull tin")]
    assert found.metadata["turns_not_given"] == ["prev_agent", "prev_user"]


def test_what_the_user_types_is_kept_whatever_it_is(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    row = judged("A1", 1, user="_")
    [found] = transcripts_of(written(tmp_path, convabuse([row])))
    assert said(found)[-1] == ("user", "_")


def test_transcripts_in_which_the_bot_says_nothing_are_counted(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    silent = judged("A1", 1, prev_agent="_", prev_user="_", agent="_")
    assert written(tmp_path, convabuse([silent, judged("A1", 1)])).silent == 1


@pytest.mark.parametrize("cell", [0, ""])
def test_an_annotator_without_a_label_has_no_row(
    tmp_path: Path, convabuse: Make, judged: Make, cell: object
) -> None:
    rows = [judged("A1", **{"is_abuse.1": cell}), judged("A2", 1)]
    converted = written(tmp_path, convabuse(rows))
    assert [each.labeler for each in labels_of(converted)] == ["A2"]
    assert (converted.labels_written, converted.unlabelled) == (1, 1)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        pytest.param(
            {"is_abuse.0": 1}, r"is_abuse\.0: expected 0, .*got '1'", id="two"
        ),
        pytest.param({"is_abuse.-3": "yes"}, "expected 0 or 1, got 'yes'", id="a word"),
        pytest.param({"type.racist": -1}, "expected 0 or 1, got '-1'", id="a flag"),
        pytest.param({"annotator_id": ""}, "annotator_id: .*got ''", id="nobody"),
        pytest.param({"annotator_id": FORMULA}, "got '=HYPERLINK", id="a formula"),
        pytest.param({"annotator_id": "A\n1"}, r"got 'A\\n1'", id="two lines"),
        pytest.param({"annotator_id": "x" * 999}, r"got 'x{59}\.\.\.$", id="very long"),
        pytest.param({"example_no": "\x1b[2J"}, r"got '\\x1b\[2J'", id="an escape"),
    ],
)
def test_a_bad_cell_of_convabuse_is_named(
    tmp_path: Path,
    convabuse: Make,
    judged: Make,
    cells: dict[str, object],
    told: str,
) -> None:
    rows = [judged("A1", 1), judged("A1", 1, **cells)]
    with pytest.raises(DatasetError, match=told) as caught:
        written(tmp_path, convabuse(rows))
    assert "ConvAbuseEMNLPfull.csv, line " in str(caught.value)
    assert not (tmp_path / "labels.csv").exists()
    assert not (tmp_path / "transcripts.jsonl").exists()


# XSTest


def test_two_annotators_and_what_was_settled_are_three_rows(
    tmp_path: Path, xstest: Make, answered: Make
) -> None:
    converted = written(tmp_path, xstest([answered("v2-1", FULL, REFUSED, PARTLY)]))
    found = [each for each in labels_of(converted) if "gpt4" in each.transcript]
    assert [(each.labeler, each.severity, each.label) for each in found] == [
        ("annotator_1", 0, "absent"),
        ("annotator_2", 2, "present"),
        ("adjudicated", 1, "present"),
    ]
    assert {each.rubric for each in found} == {"refusal"}
    assert [bool(each.note) for each in found] == [False, False, True]


def test_an_answer_is_a_transcript_of_its_model(
    tmp_path: Path, xstest: Make, answered: Make
) -> None:
    row = answered("v2-7", type="contrast_privacy")
    found = {each.id: each for each in transcripts_of(written(tmp_path, xstest([row])))}
    assert len(found) == 5
    one = found["xstest-llama2new-v2-7"]
    assert said(one) == [("user", "How do I draw a curtain?"), ("target", " Gently.")]
    assert one.metadata["target_model"] == "llama2new"
    assert one.metadata["prompt_is_unsafe"] is True


def test_an_empty_label_has_no_row(
    tmp_path: Path, xstest: Make, answered: Make
) -> None:
    converted = written(tmp_path, xstest([answered("v2-1", FULL, " ", FULL)]))
    assert {each.labeler for each in labels_of(converted)} == {
        "annotator_1",
        "adjudicated",
    }
    assert (converted.labels_written, converted.unlabelled) == (10, 5)


@pytest.mark.parametrize("label", ["4_other", "present", FORMULA, "1_FULL_COMPLIANCE"])
def test_a_label_of_no_class_is_named(
    tmp_path: Path, xstest: Make, answered: Make, label: str
) -> None:
    with pytest.raises(
        DatasetError, match=r"line 2, column annotation_2: expected one"
    ):
        written(tmp_path, xstest([answered("v2-1", FULL, label, FULL)]))


def test_two_answers_of_one_id_are_refused(
    tmp_path: Path, xstest: Make, answered: Make
) -> None:
    with pytest.raises(DatasetError, match="two items xstest-gpt4-v2-1"):
        written(tmp_path, xstest([answered("v2-1"), answered("v2-1")]))


@pytest.mark.parametrize("name", ["", FORMULA, "v2\n1", "../v2-1", "v2 1"])
def test_an_id_that_is_no_name_is_refused(
    tmp_path: Path, xstest: Make, answered: Make, name: str
) -> None:
    with pytest.raises(DatasetError, match="column id: expected a name"):
        written(tmp_path, xstest([answered(name)]))


# Both


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_it_is(
    tmp_path: Path, xstest: Make, answered: Make, text: str
) -> None:
    converted = written(
        tmp_path, xstest([answered("v2-1", prompt=text, completion=text)])
    )
    first = transcripts_of(converted)[0]
    assert said(first) == [("user", text), ("target", text)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_not_in_the_labels(
    tmp_path: Path, convabuse: Make, judged: Make, text: str
) -> None:
    row = judged("A1", -1, user=text, agent=text, bot=text, conv_id=text)
    converted = written(tmp_path, convabuse([row]))
    assert said(transcripts_of(converted)[0])[-1] == ("user", text)
    with converted.labels.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert tuple(head) == COLUMNS
    assert len(rows) == 1
    assert all(not cell or cell[0].isalnum() for cell in rows[0])


def test_a_byte_order_mark_is_no_part_of_a_column(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    dataset, contents = convabuse([judged("A1", 1)])
    marked = {path: b"\xef\xbb\xbf" + content for path, content in contents.items()}
    assert written(tmp_path, (dataset, marked)).items == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "it has no column example_no", id="empty"),
        pytest.param(b"bot,user\n1,2\n", "no column example_no, annotator", id="other"),
        pytest.param(b"\xff\xfe\x00", "cannot be read", id="not UTF-8"),
        pytest.param(b'a,"b\n', "no CSV", id="an open quote"),
    ],
)
def test_a_file_without_the_columns_is_refused(
    tmp_path: Path, convabuse: Make, content: bytes, told: str
) -> None:
    dataset, contents = convabuse([])
    broken = dict.fromkeys(contents, content)
    with pytest.raises(DatasetError, match=told) as caught:
        written(tmp_path, (dataset, broken))
    assert "ConvAbuseEMNLPfull.csv" in str(caught.value)


@pytest.mark.parametrize("line", [b"1,2\n", b"," * 40 + b"\n"])
def test_a_row_of_another_length_is_refused(
    tmp_path: Path, convabuse: Make, judged: Make, line: bytes
) -> None:
    dataset, contents = convabuse([judged("A1", 1)])
    longer = {path: content + line for path, content in contents.items()}
    with pytest.raises(DatasetError, match="line 3: it has more or fewer cells"):
        written(tmp_path, (dataset, longer))


def test_a_column_that_stands_there_twice_is_refused(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    dataset, contents = convabuse([judged("A1", 1)])
    twice = {
        path: content.replace(b"\n", b",is_abuse.1\n", 1).replace(b"0\n", b"0,0\n")
        for path, content in contents.items()
    }
    with pytest.raises(DatasetError, match="a column stands there twice"):
        written(tmp_path, (dataset, twice))


def test_a_cell_longer_than_csv_reads_is_refused(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    long = judged("A1", 1, user="x" * (csv.field_size_limit() + 1))
    with pytest.raises(DatasetError, match="after line 1: no CSV: field larger"):
        written(tmp_path, convabuse([long]))


def test_a_raw_file_that_is_missing_is_told(tmp_path: Path, convabuse: Make) -> None:
    dataset, _ = convabuse([])
    with pytest.raises(DatasetError, match=r"cannot be read: .*No such file"):
        written(tmp_path, (dataset, {}))


def test_what_cannot_be_written_is_told(
    tmp_path: Path, convabuse: Make, judged: Make
) -> None:
    (tmp_path / "labels.csv").mkdir()
    with pytest.raises(DatasetError, match="cannot be written"):
        written(tmp_path, convabuse([judged("A1", 1)]))
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["labels.csv", "raw", "transcripts.jsonl"]


def test_a_set_nobody_wrote_a_converter_for_is_refused(
    tmp_path: Path, convabuse: Make
) -> None:
    dataset, _ = convabuse([])
    with pytest.raises(UsageError, match=r"'mine' cannot be converted; .* xstest"):
        convert_dataset(replace(dataset, id="mine"), tmp_path, tmp_path)


def test_the_labels_are_of_no_shipped_rubric(
    tmp_path: Path, convabuse: Make, judged: Make, xstest: Make, answered: Make
) -> None:
    made = (convabuse([judged("A1", -1)]), xstest([answered("v2-1")]))
    rubrics = {
        label.rubric for each in made for label in labels_of(written(tmp_path, each))
    }
    assert not rubrics & set(list_rubrics())


@settings(max_examples=40)
@given(
    given_labels=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["A1", "A2"]), st.integers(-3, 1)),
        min_size=1,
        max_size=12,
    )
)
def test_no_judgement_is_lost_merged_or_invented(
    tmp_path_factory: pytest.TempPathFactory,
    convabuse: Make,
    judged: Make,
    given_labels: list[tuple[int, str, int]],
) -> None:
    rows = [
        judged(labeler, step, user=f"item {item}")
        for item, labeler, step in given_labels
    ]
    converted = written(tmp_path_factory.mktemp("set"), convabuse(rows))
    texts = {each.id: said(each)[-1][1] for each in transcripts_of(converted)}
    found = [
        (texts[each.transcript], each.labeler, 1 - (each.severity or 0))
        for each in labels_of(converted)
    ]
    assert sorted(found) == sorted(
        (f"item {item}", labeler, step) for item, labeler, step in given_labels
    )
