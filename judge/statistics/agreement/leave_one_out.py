"""The judge and one human at a time, each against all the other humans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judge.errors import UsageError

__all__ = ["Ballot", "Lap", "laps"]

Codes: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

MISSING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ballot:
    """What the judge and each human say of each item, as category indices."""

    judge: Codes
    """Shape (items,); -1 where it said nothing."""
    humans: Codes
    """Shape (items, humans); -1 for missing."""
    categories: tuple[float, ...]

    @classmethod
    def of(cls, judge: ArrayLike, humans: ArrayLike) -> Ballot:
        """Read category codes; NaN is missing.

        Raises
        ------
        UsageError
            If the shapes do not fit each other.
        """
        said = np.asarray(judge, dtype=float)
        table = np.asarray(humans, dtype=float)
        if said.ndim != 1 or table.ndim != 2 or len(table) != len(said):
            raise UsageError(
                "the judge's answers have shape (items,) and the humans' (items, "
                f"humans), got {said.shape} and {table.shape}"
            )
        both = np.column_stack([said, table])
        known = np.isfinite(both)
        categories, found = np.unique(both[known], return_inverse=True)
        codes = np.full(both.shape, MISSING, dtype=np.int64)
        codes[known] = found
        return cls(codes[:, 0], codes[:, 1:], tuple(categories.tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class Lap:
    """The items that one human, the judge and at least one other human labelled."""

    human: int
    judge_right: Floats
    """Share of the other humans who say what the judge says."""
    human_right: Floats
    own_class: Codes
    """What most of the others say; -1 where they are split."""
    judge_said: Codes
    human_said: Codes
    categories: int

    @property
    def difference(self) -> Floats:
        """Human wins minus judge wins: 1, 0 or -1."""
        return np.sign(self.human_right - self.judge_right)

    def counts(self) -> Codes:
        """How many items there are of each class."""
        settled = self.own_class[self.own_class != MISSING]
        return np.bincount(settled, minlength=self.categories)

    def sensitivity(self, said: Codes) -> tuple[float | None, ...]:
        """Of the items of each class, the share ``said`` calls so."""
        right = self.own_class[self.own_class == said]
        hits = np.bincount(right[right != MISSING], minlength=self.categories)
        return tuple(
            float(hit / n) if n else None
            for hit, n in zip(hits, self.counts(), strict=True)
        )


def laps(ballot: Ballot) -> Iterator[Lap]:
    """Yield a lap for each human."""
    every = np.arange(len(ballot.categories))
    votes = (ballot.humans[:, :, None] == every).sum(axis=1)
    for human, said in enumerate(ballot.humans.T):
        others = votes - (said[:, None] == every)
        used = (said != MISSING) & (ballot.judge != MISSING) & (others.sum(axis=1) > 0)
        yield _lap(human, others[used], ballot.judge[used], said[used])


def _lap(human: int, others: Codes, judge: Codes, said: Codes) -> Lap:
    rows = np.arange(len(others))
    total = others.sum(axis=1)
    most = others.max(axis=1, initial=0)
    split = (others == most[:, None]).sum(axis=1) > 1
    empty = others.shape[1] == 0
    own = rows if empty else others.argmax(axis=1)
    return Lap(
        human=human,
        judge_right=others[rows, judge] / total,
        human_right=others[rows, said] / total,
        own_class=np.where(split, MISSING, own),
        judge_said=judge,
        human_said=said,
        categories=others.shape[1],
    )
