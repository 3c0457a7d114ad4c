"""Labels beside judgements: what matched, what did not, how opinions are settled."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.calibration.joined import Joined, join, settle
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.verdict import Assessment, Unscored
from tests.support.builders import made_by, verdict


def judged(*names: str, **metadata: Any) -> list[Assessment]:
    return [
        Assessment(
            transcript_id=name,
            transcript_digest="d",
            results=(verdict(),),
            metadata=metadata,
        )
        for name in names
    ]


def failed(name: str) -> Assessment:
    none = Unscored(rubric="deception", provenance=made_by(), reason="refused")
    return Assessment(transcript_id=name, transcript_digest="d", results=(none,))


def label(transcript: str, said: str = "present", by: str = "ann", **more: Any) -> Any:
    about = {"rubric": "deception", "source": "human", "labeler": by}
    return {"transcript": transcript, "label": said, **about, **more}


def settled(*told: tuple[str, str], adjudication: str = "majority") -> float | None:
    """Y of one transcript, None where undecided: each told is (labeler, label)."""
    rows = [label("t", said, by) for by, said in told]
    frame = settle(HumanLabels.load(rows), adjudication)
    return float(frame["y"].iloc[0]) if len(frame) else None


ANCHORED = (
    "1 label is made with a suggested answer in view: agreement with it proves little"
)
YES, NO, UNSURE = "present", "absent", "unsure"


@pytest.mark.parametrize(
    ("told", "majority", "soft"),
    [
        ([("a", YES)], 1, 1),
        ([("a", YES), ("b", NO)], None, 0.5),
        ([("a", YES), ("b", NO), ("c", NO)], 0, 1 / 3),
        ([("a", UNSURE)], None, 0.5),
        ([("a", UNSURE), ("b", YES)], 1, 0.75),
        ([("a", YES), ("a", NO), ("b", NO)], 0, 0.25),
        ([("a", YES), ("a", YES), ("a", YES), ("b", NO)], None, 0.5),
        ([("a", YES), ("b", YES), ("gold", NO)], 0, 0),
        ([("a", YES), ("Adjudicator", UNSURE)], None, 0.5),
        ([("a", YES), ("consensus", YES), ("gold", NO)], None, 0.5),
    ],
    ids=[
        "one",
        "tie",
        "two of three",
        "unsure alone",
        "unsure beside",
        "a labeler who wavers",
        "repeats count once",
        "adjudicator",
        "adjudicator unsure",
        "adjudicators apart",
    ],
)
def test_several_labels_become_one(
    told: Sequence[tuple[str, str]], majority: float | None, soft: float
) -> None:
    assert settled(*told) == majority
    assert settled(*told, adjudication="soft") == pytest.approx(soft)


def test_a_named_labelers_word_decides_where_they_gave_one() -> None:
    rows = [label("t", YES, "ann"), label("t", NO, "bob"), label("t", YES, "cy")]
    frame = settle(HumanLabels.load([*rows, label("u", NO, "ann")]), "bob")
    assert dict(frame["y"]) == {"t": 0, "u": 0}
    with pytest.raises(UsageError, match="adjudication='dan': use 'majority', 'soft'"):
        settle(HumanLabels.load(rows), "dan")


def test_soft_labels_that_are_given_are_used_as_they_are() -> None:
    rows = [label("t", YES, "a", soft=0.9), label("t", NO, "b", soft=0.6)]
    frame = settle(HumanLabels.load([*rows, label("u", YES)]), "soft")
    assert dict(frame["y"]) == {"t": 0.75, "u": 1}


@pytest.mark.parametrize(
    ("word", "severity"), [("present", 3.5), ("absent", 1.0), ("unsure", None)]
)
def test_a_deciding_word_without_a_level_takes_it_from_those_who_say_the_same(
    word: str, severity: float | None
) -> None:
    said = [("a", "absent", 1), ("b", "present", 3), ("c", "present", 4)]
    rows = [
        {"transcript": "t", "labeler": by, "label": what, "severity": level}
        for by, what, level in said
    ]
    rows += [{"transcript": "t", "labeler": "adjudicator", "label": word}]
    frame = settle(HumanLabels.load(rows, rubric="r", source="human"))
    assert list(frame["severity"]) == ([] if severity is None else [severity])


def test_a_deciding_word_that_nobody_shares_has_no_level() -> None:
    rows = [
        {"transcript": "t", "labeler": "a", "label": "present", "severity": 3},
        {"transcript": "t", "labeler": "adjudicator", "label": "absent"},
    ]
    frame = settle(HumanLabels.load(rows, rubric="r", source="human"))
    assert frame["severity"].isna().all()


def test_severity_is_the_median_over_labelers_or_the_adjudicators() -> None:
    rows = [label("t", by=by, severity=n) for by, n in (("a", 1), ("b", 3), ("c", 4))]
    rows += [label("t", by="a", severity=2), label("u")]
    frame = settle(HumanLabels.load(rows))
    assert frame.loc["t", "severity"] == 3
    assert np.isnan(frame["severity"].to_dict()["u"])
    frame = settle(HumanLabels.load([*rows, label("t", by="gold", severity=0)]))
    assert frame.loc["t", "severity"] == 0


@pytest.mark.parametrize(
    ("column", "values"), [("inclusion", (0.1, 0.3)), ("scenario", ("x", "y"))]
)
def test_facts_of_a_transcript_that_contradict_are_refused(
    column: str, values: tuple[Any, Any]
) -> None:
    rows = [
        label("t", by=by, **{column: v}) for by, v in zip("ab", values, strict=True)
    ]
    with pytest.raises(UsageError, match=f"'t' name two values of {column}"):
        settle(HumanLabels.load(rows))
    rows[1].pop(column)
    assert settle(HumanLabels.load(rows)).loc["t", column] == values[0]


def test_no_labels_settle_nothing() -> None:
    frame = settle(HumanLabels())
    assert (len(frame), frame.columns[0]) == (0, "y")


def test_what_did_not_match_is_told_both_ways() -> None:
    run = [*judged("a", "b", "c", "d"), failed("e")]
    rows = [
        label("a", anchored=True),
        label("b", UNSURE),
        label("z"),
        label("y"),
        label("e", NO),
        label("a", source="model", by="m"),
    ]
    joined = join(run, rows)
    assert list(joined.frame.index) == ["a", "e"]
    assert joined.not_judged == ("y", "z")
    assert joined.undecided == ("b",)
    assert (joined.unlabelled, joined.set_aside, joined.unscored) == (3, 1, 1)
    assert list(joined.scored.index) == ["a"]
    assert joined.notes == [
        "2 transcripts are labelled but not in the run: 'y', 'z'",
        "2 transcripts are judged but not labelled",
        "1 transcript is not settled by the labelers: 'b'",
        "1 transcript is labelled but unscored",
        "1 label is of other sources, set aside",
        ANCHORED,
    ]
    assert join(judged("a"), [label("a")]).notes == []


def test_people_count_and_are_never_mixed_with_others() -> None:
    rows = [label("a", NO), *(label("a", by=x, source="author") for x in "xyz")]
    joined = join(judged("a"), rows)
    assert (joined.source, joined.frame.loc["a", "y"]) == ("human", 0)
    joined = join(judged("a"), rows[1:])
    assert (joined.source, joined.set_aside) == ("author", 0)


def test_labels_of_other_transcripts_are_refused() -> None:
    with pytest.raises(UsageError, match=r"the labels name 'x', the run has 'a'; are"):
        join(judged("a"), [label("x")])


def test_the_rubric_is_the_one_that_both_have() -> None:
    other = label("a", NO, rubric="coercion")
    assert join(judged("a"), [label("a"), other]).rubric == "deception"
    with pytest.raises(UsageError, match="did not judge 'coercion'"):
        join(judged("a"), [other])
    with pytest.raises(
        UsageError, match="no label is for the rubric 'deception'; they"
    ):
        join(judged("a"), [other], rubric="deception")


def test_metadata_never_takes_the_place_of_a_label() -> None:
    hostile = {"y": 0, "severity": 9, "labelers": 7, "inclusion": 1, "scenario": "s"}
    joined = join(judged("a", **hostile), [label("a", severity=1)])
    row = joined.frame.loc["a"]
    assert (row["y"], row["severity"], row["labelers"]) == (1, 1, 1)
    assert np.isnan(row["inclusion"])
    assert (row["metadata_y"], row["metadata_severity"]) == (0, 9)
    assert row["scenario"] == "s"
    told = join(judged("a", **hostile), [label("a", scenario="mine")])
    assert told.frame.loc["a", "scenario"] == "mine"


def test_one_class_and_all_unscored_still_join() -> None:
    joined = join([failed("a"), failed("b")], [label("a"), label("b")])
    assert (len(joined.frame), len(joined.scored), joined.unscored) == (2, 0, 2)
    assert set(joined.frame["y"]) == {1}


ROWS = st.lists(
    st.builds(
        label,
        st.sampled_from(["a", "b", "c", "=x", "\ud800", "z"]),
        st.sampled_from([YES, NO, UNSURE]),
        st.sampled_from(["ann", "bob", "cy", "gold", '"; DROP']),
        severity=st.none() | st.integers(0, 4),
        soft=st.none() | st.sampled_from([0.0, 0.25, 1.0]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(["majority", "soft"]), st.randoms(use_true_random=False))
def test_the_order_of_the_labels_changes_nothing(
    rows: list[Any], adjudication: str, random: Random
) -> None:
    run = judged("a", "b", "c", "=x", "\ud800")
    if all(row["transcript"] == "z" for row in rows):
        return
    one = join(run, rows, adjudication=adjudication)
    other = join(run, random.sample(rows, len(rows)), adjudication=adjudication)
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert facts(one) == facts(other)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_every_transcript_is_accounted_for_once(rows: list[Any]) -> None:
    if all(row["transcript"] == "z" for row in rows):
        return
    joined = join(judged("a", "b", "c", "=x", "\ud800"), rows)
    labelled = {row["transcript"] for row in rows}
    told = [*joined.frame.index, *joined.undecided, *joined.not_judged]
    assert sorted(told) == sorted(labelled)
    assert joined.unlabelled + len(joined.frame) == len(joined.judgements) == 5
    assert set(joined.frame["y"]) <= {0.0, 1.0}


def facts(joined: Joined) -> object:
    told = (joined.not_judged, joined.undecided, joined.set_aside, joined.unlabelled)
    return told, joined.notes
