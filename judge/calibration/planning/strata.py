"""The judge's answers as strata: how many labels each gets, and which transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from judge.calibration.joined import Joined
from judge.calibration.judgements import Judgements
from judge.calibration.planning.result import PILOT, Queued
from judge.errors import UsageError
from judge.statistics.rates.sample_size import allocate

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Stratum",
    "counts_of",
    "draw",
    "earlier",
    "share_to_present",
    "shares_of",
    "strata_of",
]

_ASSUMED = {"present": 0.5, "absent": 0.05, "abstained": 0.5}
"""Shares of positives reckoned with before labels tell: half, the widest there is,
where the judge sees something or does not know; 1 in 20 where it sees nothing."""
_BELIEF = 10
"""Labels that an assumed rate counts for once there are real ones: 30 clean ones then
leave 1 in 80, not nothing."""
_EACH = 2
"""Labels that no answer of the judge goes without: one that has none tells nothing."""
_THIRD = 1 / 3


class Stratum(NamedTuple):
    """The transcripts one answer of the judge was given on."""

    name: Literal["present", "absent", "abstained"]
    judged: tuple[str, ...]
    asked: tuple[str, ...]
    """Those labelled by people already."""
    labelled: int
    """Settled labels, of any source."""
    positive: float
    rate: float


def strata_of(judged: Judgements, joined: Joined | None) -> tuple[Stratum, ...]:
    frame = judged.frame
    names = {
        "present": frame["present"].eq(other=True).fillna(value=False),
        "absent": frame["present"].eq(other=False).fillna(value=False),
        "abstained": frame["status"] == "abstained",
    }
    made = tuple(
        _stratum(name, frame.index[members.to_numpy(bool)], joined)  # type: ignore[arg-type] # keys are the names
        for name, members in names.items()
        if members.any()
    )
    if not made:
        raise UsageError("the judge gave no verdict on any transcript; nothing to plan")
    return made


def _stratum(
    name: Literal["present", "absent", "abstained"],
    members: pd.Index[str],
    joined: Joined | None,
) -> Stratum:
    ids = tuple(sorted(members))
    rate = _ASSUMED[name]
    if joined is None:
        return Stratum(name, ids, (), 0, 0.0, rate)
    told = joined.frame.loc[joined.frame.index.isin(ids), "y"]
    # Only people's labels spare people a transcript; others tell rates alone.
    by_people = joined.labels.made_by("human").transcripts
    asked = tuple(sorted(set(ids) & set(by_people)))
    positive, n = float(told.sum()), len(told)
    rate = (positive + _BELIEF * rate) / (n + _BELIEF)
    return Stratum(name, ids, asked, n, positive, rate)


def share_to_present(present: int, judged: int) -> float:
    """Return the share of labels that goes to what the judge calls present.

    A third, or as much as its share of the judged if that is more, up to two thirds;
    all or nothing where the judge says the same of all.

    Examples
    --------
    >>> share_to_present(400, 2000), share_to_present(1000, 2000)
    (0.3333333333333333, 0.5)
    """
    share = present / judged
    return share if share in (0, 1) else min(max(_THIRD, share), 1 - _THIRD)


def shares_of(strata: Sequence[Stratum]) -> list[float]:
    size = {s.name: len(s.judged) for s in strata}
    whole = sum(size.values())
    rest = whole - size.get("present", 0)
    share = share_to_present(whole - rest, whole)
    return [
        share if s.name == "present" else (1 - share) * size[s.name] / rest
        for s in strata
    ]


def counts_of(total: int, strata: Sequence[Stratum]) -> list[int]:
    """Labels of each stratum in the end, those there are included."""
    few = _EACH if total >= PILOT else 0
    return allocate(
        total,
        shares_of(strata),
        least=[max(len(s.asked), min(few, len(s.judged))) for s in strata],
        most=[len(s.judged) for s in strata],
    )


def draw(
    strata: Sequence[Stratum], counts: Sequence[int], seed: int
) -> tuple[list[Queued], list[int]]:
    import numpy as np

    random = np.random.default_rng(seed)
    made = []
    for stratum, count in zip(strata, counts, strict=True):
        left = sorted(set(stratum.judged) - set(stratum.asked))
        chosen = random.permutation(len(left))[: count - len(stratum.asked)]
        made += [_queued(stratum, count, left[i]) for i in chosen]
    return made, [int(i) for i in random.permutation(len(made))]


def _queued(stratum: Stratum, count: int, transcript: str) -> Queued:
    inclusion = count / len(stratum.judged)
    return Queued(transcript=transcript, stratum=stratum.name, inclusion=inclusion)


def earlier(strata: Sequence[Stratum], counts: Sequence[int]) -> list[Queued]:
    return [
        _queued(stratum, count, transcript)
        for stratum, count in zip(strata, counts, strict=True)
        for transcript in stratum.asked
    ]
