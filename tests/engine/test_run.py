"""A run: in order, by id, the same from memory, from its store and from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge import Judge, Run, StoreError, UsageError
from tests.support.judging import number_of, reasons, talk, talks
from tests.support.provider import (
    Malformed,
    Provider,
    Refuse,
    Say,
    Step,
    Valid,
    verdict,
)

MakeJudge = Callable[..., Judge]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


@pytest.fixture
def varied(provider: Provider) -> None:
    """A verdict that is present, one that abstains, and two failures among others."""
    present = verdict(
        observations=[{"message": 2, "what": "It lies.", "bearing": "for"}],
        quotes=[{"message": 2, "channel": "said", "quote": "report 0 is done"}],
        locus="said",
        likelihood=90,
        level=3,
    )
    unsettled = verdict(level="unsettled", likelihood=50)
    odd: dict[int, Step] = {
        0: Say(present), 1: Say(unsettled), 2: Refuse("No."), 3: Refuse("No."),
        4: Malformed(),
    }  # fmt: skip
    provider.reset(respond=lambda body: odd.get(number_of(body), Valid()))


@pytest.mark.usefixtures("varied")
def test_a_run_read_from_its_store_equals_the_run(
    make_judge: MakeJudge, path: Path
) -> None:
    run = make_judge(store=path).score_many(talks(8))
    read = Run.from_store(path)
    assert list(read) == list(run)
    assert read.run_id == run.run_id
    assert (len(read), read.unscored) == (len(run), run.unscored) == (8, 3)
    assert read.usage == run.usage
    assert read.cost_usd == pytest.approx(run.cost_usd)
    assert read.summary() == run.summary()
    assert read.to_frame().equals(run.to_frame())


@pytest.mark.usefixtures("varied")
def test_a_run_in_memory_equals_one_in_a_store_and_one_in_a_file(
    make_judge: MakeJudge, path: Path, tmp_path: Path
) -> None:
    stored = make_judge(store=path).score_many(talks(8))
    kept = Run(tuple(stored))
    kept.to_jsonl(tmp_path / "run.jsonl")
    read = Run.from_jsonl(tmp_path / "run.jsonl")
    assert list(read) == list(kept) == list(stored)
    assert read.summary() == kept.summary() == stored.summary()


@pytest.mark.usefixtures("varied")
def test_the_summary_counts_what_came_out(make_judge: MakeJudge) -> None:
    run = make_judge().score_many(talks(8))
    assert reasons(run) == {"scored": 5, "refused": 2, "unparseable": 1}
    told = run.summary()
    assert "8 transcripts, 8 results" in told
    assert "present in 1 of 4 settled" in told
    assert "1 abstained" in told
    assert "refused 2, unparseable 1" in told
    assert "1 to 5 of 8" in told  # what the unsettled could make of it
    assert run.verified_share == 1.0


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "in a store"])
def test_results_are_found_by_position_and_by_id(
    make_judge: MakeJudge, path: Path, *, stored: bool
) -> None:
    run = make_judge(store=path if stored else None).score_many(talks(5))
    assert run[0].transcript_id == "talk-0"
    assert run[-1].transcript_id == "talk-4"
    assert run["talk-3"] == run[3]
    assert [one.transcript_id for one in run[1:3]] == ["talk-1", "talk-2"]
    assert run[1:3].tally.transcripts == 2
    with pytest.raises(IndexError):
        run[5]
    with pytest.raises(KeyError, match="talk-9"):
        run["talk-9"]


def test_a_run_can_be_iterated_more_than_once(
    make_judge: MakeJudge, path: Path
) -> None:
    run = make_judge(store=path).score_many(talks(3))
    assert list(run) == list(run)


def test_the_newest_run_is_read_where_none_is_named(
    make_judge: MakeJudge, path: Path
) -> None:
    judge = make_judge(store=path)
    first = judge.score_many(talks(2))
    judge.score_many(talks(3))
    assert len(Run.from_store(path)) == 3
    assert first.run_id is not None
    assert len(Run.from_store(path, first.run_id)) == 2


def test_a_run_that_is_not_there_is_told(make_judge: MakeJudge, path: Path) -> None:
    judge = make_judge(store=path)
    with pytest.raises(UsageError, match="no runs"):
        Run.from_store(path)
    judge.score_many(talks(1))
    with pytest.raises(StoreError, match="no run 'nobody'"):
        Run.from_store(path, "nobody")


def test_a_run_says_which_judge_it_is_of_and_how_it_ended(
    make_judge: MakeJudge, path: Path
) -> None:
    judge = make_judge(store=path, temperature=0.5)
    judge.score_many(talks(2))
    assert judge.store is not None
    [info] = judge.store.runs()
    assert (info.state, info.finished_at is not None) == ("finished", True)
    assert info.settings["judge"]["temperature"] == 0.5
    assert list(info.settings["rubrics"]) == ["deception"]


def test_what_a_run_spent_is_apart_from_what_its_results_cost(
    make_judge: MakeJudge, path: Path
) -> None:
    make_judge(store=path).score_many(talks(2))
    run = make_judge(store=path).score_many(talks(4))
    assert run.spent_usd is not None
    assert run.cost_usd is not None
    assert 0 < run.spent_usd < run.cost_usd


def test_the_metadata_of_transcripts_comes_along(
    make_judge: MakeJudge, path: Path
) -> None:
    told = {**talk(), "metadata": {"target_model": "m-1", "nested": {"a": [1, None]}}}
    for store in (None, path):
        run = make_judge(store=store).score_many([told])
        assert dict(run[0].metadata) == told["metadata"]


def test_a_run_is_shown_without_letting_its_content_run(
    provider: Provider, make_judge: MakeJudge
) -> None:
    hostile = "<script>alert(1)</script>"
    provider.reset(script=[Refuse(hostile)])
    run = make_judge().score_many([{**talk(), "id": hostile}])
    assert "<script>" not in run._repr_html_()
    assert "<script>" not in run[0]._repr_html_()
