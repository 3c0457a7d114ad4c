"""What a judge said becomes one typed table, from memory and from every file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.calibration.joined import join
from judge.calibration.judgements import Judgements
from judge.engine.run import Run
from judge.errors import JudgeError, UsageError
from judge.labels.labels import HumanLabels
from judge.store.frame import to_frame
from judge.verdict import Assessment, Unscored, Usage
from tests.support.builders import made_by, verdict

RUBRIC = "deception"


def scored(name: str, level: int | None = 3, **metadata: Any) -> Assessment:
    said = verdict(level=level, likelihood=80, usage=Usage(input_tokens=120))
    return Assessment(
        transcript_id=name, transcript_digest="d", results=(said,), metadata=metadata
    )


def failed(name: str, **metadata: Any) -> Assessment:
    none = Unscored(rubric=RUBRIC, provenance=made_by(), reason="refused")
    return Assessment(
        transcript_id=name, transcript_digest="d", results=(none,), metadata=metadata
    )


def run() -> Run:
    return Run(
        (
            scored("a", target_model="m1", group="1.10"),
            scored("b", 0, target_model="m2", group="1.1"),
            scored("c", None, target_model="=cmd"),
            failed("NA"),
        )
    )


def test_a_run_is_a_table_by_transcript() -> None:
    judged = Judgements.of(run())
    frame = judged.frame
    assert list(frame.index) == ["a", "b", "c", "NA"]
    assert list(frame["status"]) == ["scored", "scored", "abstained", "unscored"]
    assert list(frame["present"].fillna(value=False)) == [True, False, False, False]
    assert list(frame["present"].isna()) == [False, False, True, True]
    assert list(frame["score"].isna()) == [False, False, False, True]
    assert frame["length"].iloc[0] == 120
    assert (judged.rubric, judged.threshold, len(judged)) == (RUBRIC, 2, 4)
    assert judged.counts() == {
        "present": 1,
        "absent": 1,
        "abstained": 1,
        "unscored": 1,
    }
    assert judged.fingerprints == {made_by().fingerprint: 3}
    assert judged.provenance == made_by()


@pytest.mark.parametrize("kind", ["frame", "csv", "jsonl", "parquet"])
def test_every_form_a_run_is_kept_in_reads_back_the_same(
    tmp_path: Path, kind: str
) -> None:
    form: object = run().to_frame()
    if kind != "frame":
        form = tmp_path / f"run.{kind}"
        getattr(run(), f"to_{kind}")(form)
    read = Judgements.of(form).frame
    expected = Judgements.of(run()).frame
    same = list(expected.columns)
    pd.testing.assert_frame_equal(read[same], expected, check_names=False)


def test_metadata_has_the_names_it_has_in_the_table_of_a_run() -> None:
    told: dict[str, Any] = {"model": "target", "status": "x", "length": 3}
    frame = Judgements.of([scored("a", **told)]).frame
    assert frame["status"].iloc[0] == "scored"
    named = {f"metadata_{name}": value for name, value in told.items()}
    assert {name: frame[name].iloc[0] for name in named} == named
    theirs = set(to_frame([scored("a", **told)]).columns)
    assert set(named) - theirs == {"metadata_length"}


def test_metadata_keeps_its_type_and_hostile_text() -> None:
    both = [scored("a", n=1, x=0.5, on=True, s="\ud800"), scored("b", n=2, mixed=[1])]
    frame = Judgements.of(both).frame
    kinds = {name: str(frame[name].dtype) for name in ("n", "x", "on", "s", "mixed")}
    assert kinds == {
        "n": "Int64",
        "x": "float64",
        "on": "boolean",
        "s": "object",
        "mixed": "object",
    }


def test_of_several_rubrics_one_is_named() -> None:
    both = Assessment(
        transcript_id="a",
        transcript_digest="d",
        results=(verdict(), verdict(rubric="coercion", level=0)),
    )
    assert Judgements.of([both], "coercion").counts()["absent"] == 1
    with pytest.raises(UsageError, match="judged coercion, deception; name one"):
        Judgements.of([both])
    with pytest.raises(UsageError, match="did not judge 'x'; it judged: coercion, dec"):
        Judgements.of([both], "x")
    with pytest.raises(UsageError, match="did not judge 'coercion'; it judged: decep"):
        Judgements.of(Judgements.of([both], RUBRIC), "coercion")


def table(**columns: Any) -> pd.DataFrame:
    row = {
        "transcript_id": "t",
        "rubric": RUBRIC,
        "status": "scored",
        "score": 0.5,
        "level": 1,
        "present": False,
    }
    return pd.DataFrame([row | columns])


@pytest.mark.parametrize(
    ("value", "expected"), [("True", True), ("FALSE", False), (1, True), (0.0, False)]
)
def test_a_table_from_a_spreadsheet_is_typed(value: object, *, expected: bool) -> None:
    frame = Judgements.of(table(present=value, level="2.0", score="0.25")).frame
    assert frame["present"].iloc[0] is not None
    assert bool(frame["present"].iloc[0]) is expected
    assert (frame["level"].iloc[0], frame["score"].iloc[0]) == (2, 0.25)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (
            {"present": "perhaps"},
            "transcript 't', present: 'perhaps' is none .expected",
        ),
        ({"level": 1.5}, "transcript 't', level: 1.5 is none"),
        ({"level": "high"}, "transcript 't', level: 'high' is none"),
        ({"score": 80}, "score: 80 is none .expected a number from 0 to 1; of scores"),
        ({"score": -0.1}, "score: -0.1 is none .expected a number from 0 to 1[)]"),
        ({"score": float("inf")}, "score: inf is none"),
        ({"status": "done"}, "status: 'done' is none .expected scored, abstained"),
        ({"status": None}, "status None with the score 0.5"),
        ({"status": "unscored"}, "status unscored with the score 0.5; an unscored one"),
        ({"score": None}, "status scored with no score"),
        ({"present": None}, "status scored with present=None"),
        ({"status": "abstained"}, "status abstained with present=False"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_value_that_no_judgement_has_is_named(
    columns: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        Judgements.of(table(**columns))


@pytest.mark.parametrize(
    ("given_as", "told"),
    [
        (pd.DataFrame({"transcript_id": ["t"]}), "no column score .its columns: tra"),
        (pd.concat([table(), table()]), "'t' was judged on deception 2 times"),
        (
            [scored("t"), scored("t"), scored("t")],
            "'t' was judged on deception 3 times",
        ),
        (pd.concat([table(), table()[["level"]]], axis=1), "two columns of one name"),
        ([], "the run judged none; name one rubric"),
        (5, "expected a run, assessments or their table, got int"),
        ([5], "expected assessments, got int"),
    ],
    ids=["columns", "twice", "thrice", "names", "empty", "number", "numbers"],
)
def test_what_is_no_run_is_refused(given_as: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Judgements.of(given_as)


@pytest.mark.parametrize("name", ["no.csv", "no.jsonl", "no.parquet", "no.db"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(JudgeError, match=f"no.*{name.split('.')[1]}"):
        Judgements.of(tmp_path / name)


def scores(**columns: Any) -> pd.DataFrame:
    ids = ["a", "b", "c", "d"]
    return pd.DataFrame({"id": ids, "score": [0.9, 0.5, 0.49, None]} | columns)


def said(table: object, **how: Any) -> list[str]:
    """What a table of four is read as, a letter a row."""
    frame = Judgements.of(table, RUBRIC, **how).frame
    assert list(frame.index) == ["a", "b", "c", "d"]
    verdicts = zip(frame["status"], frame["present"], strict=True)
    return [
        {True: "yes", False: "no"}[bool(present)] if status == "scored" else status
        for status, present in verdicts
    ]


@pytest.mark.parametrize(
    ("columns", "threshold", "expected"),
    [
        ({}, None, "yes yes no unscored"),
        ({"present": [None] * 4, "level": ["NA"] * 4}, None, "yes yes no unscored"),
        ({"present": ["no", "Yes", 0, None]}, None, "no yes no unscored"),
        ({"present": [0, 1.0, None, "nan"]}, None, "no yes abstained unscored"),
        ({"level": [1, 2, 3, None]}, None, "no yes yes unscored"),
        ({"level": ["1", "", "3.0", ""]}, None, "no abstained yes unscored"),
        ({"level": [1, 2, 3, None]}, 3, "no no yes unscored"),
        (
            {"status": ["abstained", "scored", "scored", "unscored"]},
            None,
            "abstained yes no unscored",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_a_table_leaves_out_is_taken_from_what_it_has(
    columns: Mapping[str, Any], threshold: int | None, expected: str
) -> None:
    assert said(scores(**columns), threshold=threshold) == expected.split()


@pytest.mark.parametrize(
    ("columns", "notes"),
    [
        (
            {},
            [
                "the table does not name its rubric: taken to be deception",
                "1 row without a score: taken as unscored",
                "the table does not say what is present: taken to be scores",
            ],
        ),
        (
            {"rubric": RUBRIC, "level": [1, 2, None, None]},
            [
                "1 row without a score: taken as unscored",
                "the table does not say what is present: taken to be levels from 2 up",
                "1 row with a score and no level: taken as abstained",
            ],
        ),
        (
            {"rubric": RUBRIC, "score": 0.5, "present": True, "model": list("xyxy")},
            ["the column model names 2 (x, y): if these are judges, measure each"],
        ),
        (
            {"rubric": RUBRIC, "score": 0.5, "present": True, "model": "x"},
            [],
        ),
    ],
    ids=["nothing_said", "levels", "two_models", "all_said"],
)
def test_what_was_taken_so_is_said(
    columns: Mapping[str, Any], notes: list[str]
) -> None:
    judged = Judgements.of(scores(**columns), RUBRIC)
    assert len(judged.notes) == len(notes)
    assert all(map(str.startswith, judged.notes, notes)), judged.notes


def test_a_run_leaves_nothing_out_and_has_no_notes() -> None:
    assert Judgements.of(run()).notes == Judgements.of(run().to_frame()).notes == ()


def test_who_joins_passes_the_notes_on() -> None:
    labels = [
        {"transcript": name, "label": "present", "labeler": "ann"} for name in "abcd"
    ]
    human = HumanLabels.load(labels, rubric=RUBRIC, source="human")
    joined = join(scores(), human)
    assert joined.notes[-3:] == list(Judgements.of(scores(), RUBRIC).notes)


@pytest.mark.parametrize("name", ["transcript_id", "transcript", "item_id", None])
@pytest.mark.parametrize("kind", ["frame", "csv", "parquet", "arrow"])
@pytest.mark.parametrize("as_index", [True, False])
def test_ids_stand_in_a_column_or_in_the_index(
    tmp_path: Path, name: str | None, kind: str, *, as_index: bool
) -> None:
    table: Any = scores().rename(columns={"id": name or "id"})
    if as_index:
        table = table.set_index(name or "id").rename_axis(name)
    if kind == "arrow":
        table = pytest.importorskip("pyarrow").Table.from_pandas(table)
    elif kind != "frame":
        path = tmp_path / f"scores.{kind}"
        kept = {"index": as_index} if kind == "csv" else {}
        getattr(table, f"to_{kind}")(path, **kept)
        table = path
    assert said(table) == ["yes", "yes", "no", "unscored"]


def test_ids_that_are_numbers_are_read_as_labels_read_them() -> None:
    told = pd.DataFrame({"id": [7, 8.0], "score": [1, 0]})
    assert list(Judgements.of(told, RUBRIC).frame.index) == ["7", "8"]


def test_a_table_says_which_judge_made_it_where_it_can() -> None:
    told = scores(fingerprint=["f1", "f1", "f2", None], model="m")
    judged = Judgements.of(told, RUBRIC)
    assert judged.fingerprints == {"f1": 2, "f2": 1}
    assert (judged.model, judged.provenance) == ("m", None)
    assert Judgements.of(scores(), RUBRIC).model is None
    assert Judgements.of(scores(model=list("xyxy")), RUBRIC).model is None
    assert Judgements.of(run()).model == made_by().model


def test_a_length_beside_the_tokens_of_a_run_is_metadata() -> None:
    frame = Judgements.of(scores(length=[9, 8, 7, 6]), RUBRIC).frame
    assert list(frame["length"]) == [9, 8, 7, 6]
    told = Judgements.of(Run((scored("a", length=3),)).to_frame()).frame
    assert (told["length"].iloc[0], told["metadata_length"].iloc[0]) == (120, 3)


def test_of_a_table_of_several_rubrics_one_is_read() -> None:
    both = scores(rubric=["coercion", RUBRIC, RUBRIC, "coercion"])
    assert list(Judgements.of(both, RUBRIC).frame.index) == ["b", "c"]
    by_rubric = both.set_index(["rubric", "id"])
    assert list(Judgements.of(by_rubric, RUBRIC).frame.index) == ["b", "c"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            scores(score=[15, 0.5, 1, 0]),
            "'a', score: 15.0 .*; of scores from 0 to 100, ",
        ),
        (scores(present=True), "'d': present=True and no score; give its score, or"),
        (scores(status="ok"), "status: 'ok' is none .*rename a column status that"),
        (scores(id=["a", "b", None, "d"]), "row 3 of the table names no transcript"),
        (scores(transcript="text"), "columns transcript and id: call the one with"),
        (scores(id="a", model=list("wxyz")), "4 times in this run; .* and each judge"),
        (scores().drop(columns="score"), r"no column score \(its columns: id\)"),
        (scores().drop(columns="id"), r"no column transcript_id \(its columns: score"),
    ],
    ids=["scale", "no_score", "status", "no_id", "two_ids", "judges", "score", "ids"],
)
def test_a_table_that_cannot_be_read_is_told_why(
    table: pd.DataFrame, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        Judgements.of(table, RUBRIC)


def test_a_table_that_names_no_rubric_needs_one() -> None:
    with pytest.raises(UsageError, match="what it is about: name the rubric"):
        Judgements.of(scores())


@pytest.mark.parametrize(
    "judged",
    [run(), scores(), scores(score=0.5, present=True), Judgements.of(run())],
    ids=["run", "scores", "present", "judgements"],
)
def test_a_threshold_that_decides_nothing_is_refused(judged: object) -> None:
    with pytest.raises(UsageError, match="threshold=3 goes with a table that has"):
        Judgements.of(judged, RUBRIC, threshold=3)


SCORES = st.none() | st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=8), st.randoms())
def test_the_order_of_a_table_changes_nothing(
    values: list[float | None], random: Any
) -> None:
    rows = [{"id": f"t{n}", "score": value} for n, value in enumerate(values)]
    straight = Judgements.of(pd.DataFrame(rows), RUBRIC)
    random.shuffle(rows)
    mixed = Judgements.of(pd.DataFrame(rows), RUBRIC)
    pd.testing.assert_frame_equal(mixed.frame.sort_index(), straight.frame)
    assert mixed.notes == straight.notes
    assert sum(straight.counts().values()) == len(values)


def test_all_may_be_unscored() -> None:
    judged = Judgements.of([failed("a"), failed("b")])
    assert judged.counts()["unscored"] == 2
    assert (judged.provenance, judged.threshold) == (None, None)
    assert judged.fingerprints == {}


HOSTILE = st.sampled_from(
    ["=1", "+a", "@x", "'=1", "NA", "", " x", "1e5", "true", "\n"]
)
IDS = st.lists(HOSTILE | st.text(max_size=5), min_size=1, max_size=5, unique=True)


@settings(max_examples=40, deadline=None)
@given(IDS, HOSTILE)
def test_no_text_is_changed_by_way_of_csv(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], note: str
) -> None:
    named = [name for name in ids if not name.startswith("'") and name]
    path = tmp_path_factory.mktemp("csv") / "run.csv"
    assessments = [scored(name, note=note) for name in named] or [scored("t")]
    Run(assessments).to_csv(path)
    frame = Judgements.of(path).frame
    assert list(frame.index) == [each.transcript_id for each in assessments]
