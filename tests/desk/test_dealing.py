"""Who labels what."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.labels.ledger.dealing import Place, deal

PEOPLE = ("ann", "bob", "cid", "dee", "eve")


def names(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


@given(st.integers(0, 60), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32))
def test_each_transcript_goes_to_as_many_labelers_as_wanted_and_loads_are_even(
    count: int, people: int, overlap: int, seed: int
) -> None:
    overlap = min(people, overlap)
    places = deal(names(count), PEOPLE[:people], overlap=overlap, seed=seed)
    per_transcript = Counter(place.transcript for place in places)
    assert all(per_transcript[name] == overlap for name in names(count))
    assert len({(p.labeler, p.transcript) for p in places}) == len(places)
    loads = Counter(dict.fromkeys(PEOPLE[:people], 0))
    loads.update(place.labeler for place in places)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_every_labeler_keeps_the_order_given() -> None:
    for name in PEOPLE[:3]:
        mine = [p for p in deal(names(20), PEOPLE[:3], overlap=2) if p.labeler == name]
        assert [p.place for p in mine] == list(range(1, len(mine) + 1))
        numbers = [int(p.transcript[1:]) for p in mine]
        assert all(one < two for one, two in pairwise(numbers))


def test_the_same_seed_deals_the_same_and_another_differently() -> None:
    once, again, other = (
        deal(names(30), PEOPLE, overlap=2, seed=seed) for seed in (7, 7, 8)
    )
    assert once == again
    assert once != other


def test_a_share_is_asked_again_after_all_others() -> None:
    places = deal(names(10), ["ann"], repeats=0.2)
    assert [place.occasion for place in places] == [1] * 10 + [2] * 2
    assert len({place.transcript for place in places if place.occasion == 2}) == 2


def test_what_is_labeled_stays_where_it_is_when_somebody_joins() -> None:
    before = deal(names(12), ["ann", "bob"], seed=1)
    kept = [place for place in before if place.place <= 2]
    after = deal(names(12), ["ann", "bob", "cid"], seed=1, kept=kept)
    assert set(kept) <= set(after)
    loads = Counter(place.labeler for place in after)
    assert loads == {"ann": 4, "bob": 4, "cid": 4}


def test_what_is_kept_comes_first_and_leaves_no_gap_in_the_numbers() -> None:
    kept = [Place("ann", 2, "t1"), Place("ann", 5, "t4")]
    after = deal(names(6), ["ann"], kept=kept)
    assert [place.place for place in after] == [1, 2, 3, 4, 5, 6]
    assert [place.transcript for place in after][:2] == ["t1", "t4"]


def test_work_of_somebody_who_left_is_kept_and_counts() -> None:
    kept = [Place("zoe", 1, "t0")]
    after = deal(names(3), ["ann"], kept=kept)
    assert [place.transcript for place in after] == ["t1", "t2"]


@pytest.mark.parametrize(
    ("people", "more", "told"),
    [
        (["ann", "ann"], {}, "named twice: ann, ann"),
        (["ann"], {"overlap": 2}, r"labeled by 2, and there are 1 labelers \(ann\)"),
        (["ann", "Gold"], {}, "'Gold' is what an adjudicator is called"),
        ([], {}, "labeled by 1, and there are 0 labelers"),
        (["ann"], {"repeats": 1.5}, "a share from 0 to 1, got 1.5"),
    ],
)
def test_what_cannot_be_dealt_is_refused_by_name(
    people: list[str], more: dict[str, float], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        deal(names(3), people, **more)  # type: ignore[arg-type] # a table of both kinds
