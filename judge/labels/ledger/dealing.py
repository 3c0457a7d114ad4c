"""Who labels what: each transcript by as many as wanted, the work balanced."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from judge.errors import UsageError
from judge.labels.label import ADJUDICATORS

__all__ = ["Place", "deal"]


class Place(NamedTuple):
    """One thing to label in one labeler's queue."""

    labeler: str
    place: int
    """From 1, in the order in which it is shown."""
    transcript: str
    occasion: int = 1
    """2 where the labeler is asked again, to see whether they say the same."""


def deal(
    transcripts: Sequence[str],
    labelers: Sequence[str],
    *,
    overlap: int = 1,
    repeats: float = 0.0,
    seed: int = 0,
    kept: Iterable[Place] = (),
) -> list[Place]:
    """Deal transcripts to labelers.

    Each goes to the ``overlap`` labelers who have least so far, ties broken at random,
    so that loads differ by one at most and every pair of labelers shares some.  A share
    of each labeler's transcripts is asked again, after all others.

    Parameters
    ----------
    transcripts
        In the order in which they are to be labeled; every labeler keeps it.
    overlap
        How many labelers label each.
    repeats
        Share of their transcripts that each labeler is asked again, 0 to 1.
    seed
        The same one deals the same.
    kept
        What is labeled already, or begun: it stays theirs, comes first, in the order
        it had, and counts.

    Raises
    ------
    UsageError
        If there are fewer labelers than ``overlap``, or one is named twice.

    Examples
    --------
    >>> [(p.labeler, p.transcript) for p in deal(["a", "b"], ["ann", "bob"], overlap=2)]
    [('ann', 'a'), ('ann', 'b'), ('bob', 'a'), ('bob', 'b')]
    """
    _check(labelers, overlap, repeats)
    chance = random.Random(seed)  # noqa: S311 # a draw, no secret
    owners: dict[str, set[str]] = defaultdict(set)
    again: dict[str, set[str]] = defaultdict(set)
    fixed = sorted(kept)
    for place in fixed:
        (owners[place.transcript] if place.occasion == 1 else again[place.labeler]).add(
            place.labeler if place.occasion == 1 else place.transcript
        )
    load = Counter(dict.fromkeys(labelers, 0))
    load.update(name for names in owners.values() for name in names if name in load)
    for transcript in transcripts:
        have = owners[transcript]
        free = [name for name in labelers if name not in have]
        chance.shuffle(free)
        free.sort(key=load.__getitem__)
        taken = free[: max(0, overlap - len(have))]
        have.update(taken)
        load.update(taken)
    queues = {name: [t for t in transcripts if name in owners[t]] for name in labelers}
    return [
        place
        for name in sorted(queues)
        for place in _queue(name, queues[name], again[name], repeats, fixed, chance)
    ]


def _queue(
    name: str,
    transcripts: Sequence[str],
    again: set[str],
    repeats: float,
    fixed: Sequence[Place],
    chance: random.Random,
) -> Iterable[Place]:
    """What is fixed first, as it was; then the rest in order; then the repeats."""
    mine = [place for place in fixed if place.labeler == name]
    for number, place in enumerate(mine, start=1):
        yield place._replace(place=number)
    known = {place.transcript for place in mine if place.occasion == 1}
    rest = [transcript for transcript in transcripts if transcript not in known]
    wanted = max(0, round(repeats * len(transcripts)) - len(again))
    open_to = [transcript for transcript in transcripts if transcript not in again]
    second = chance.sample(open_to, min(wanted, len(open_to)))
    start = len(mine)
    for number, transcript in enumerate([*rest, *second], start=start + 1):
        yield Place(name, number, transcript, 1 if number <= start + len(rest) else 2)


def _check(labelers: Sequence[str], overlap: int, repeats: float) -> None:
    if len(set(labelers)) != len(labelers):
        raise UsageError(f"a labeler is named twice: {', '.join(labelers)}")
    if settling := [name for name in labelers if name.casefold() in ADJUDICATORS]:
        raise UsageError(
            f"{settling[0]!r} is what an adjudicator is called, whose labels settle "
            "those of others; name the labeler otherwise"
        )
    if not 1 <= overlap <= len(labelers):
        raise UsageError(
            f"each transcript is to be labeled by {overlap}, and there are "
            f"{len(labelers)} labelers ({', '.join(labelers)}); add some, or lower it"
        )
    if not 0 <= repeats <= 1:
        raise UsageError(f"repeats is a share from 0 to 1, got {repeats}")
