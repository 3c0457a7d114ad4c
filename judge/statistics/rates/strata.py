"""Counts by stratum, checked where they come in."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from judge.errors import UsageError
from judge.statistics.checked import Floats, Numbers, numbers, same_length

__all__ = ["StrataCounts", "merge_thin", "strata_counts"]


class StrataCounts(NamedTuple):
    """How many of each stratum were judged, are labelled, and are positive."""

    judged: Floats
    positives: Floats
    labelled: Floats

    @property
    def n(self) -> int:
        """How many labels there are."""
        return round(float(self.labelled.sum()))

    @property
    def q(self) -> Floats:
        """Share of each stratum among the judged."""
        return np.asarray(self.judged / self.judged.sum())

    @property
    def shares(self) -> Floats:
        """Share of positives among the labelled; NaN in a stratum without labels."""
        nothing = np.full_like(self.judged, np.nan)
        return np.divide(
            self.positives, self.labelled, out=nothing, where=self.labelled > 0
        )

    @property
    def bare(self) -> list[int]:
        """The strata, from 0, that have judged transcripts and no label."""
        return np.flatnonzero((self.judged > 0) & (self.labelled == 0)).tolist()

    def divided(self, by: float) -> StrataCounts:
        """Return all counts divided, as by a design effect."""
        return StrataCounts(*(counts / by for counts in self))

    def occupied(self) -> StrataCounts:
        """Return the strata that have judged transcripts."""
        kept = self.judged > 0
        return StrataCounts(*(counts[kept] for counts in self))


def strata_counts(
    judged: Numbers, positives: Numbers, labelled: Numbers
) -> StrataCounts:
    """Return the counts of each stratum.

    Raises
    ------
    UsageError
        Unless 0 <= positives <= labelled in each stratum and something was judged.
    """
    m, y, n = (
        numbers(judged, "judged"),
        numbers(positives, "positives"),
        numbers(labelled, "labelled"),
    )
    same_length(len(m), positives=y, labelled=n)
    if (m < 0).any() or not m.any():
        raise UsageError(
            "judged must be 0 or more in each stratum, and not 0 in all; got "
            f"{m.tolist()}"
        )
    if (y < 0).any() or (y > n).any():
        raise UsageError(
            "positives must be 0 to labelled in each stratum; got positives "
            f"{y.tolist()} of labelled {n.tolist()}"
        )
    return StrataCounts(m, y, n)


def merge_thin(
    judged: Numbers,
    labelled: Numbers,
    groups: Sequence[Hashable],
    *,
    least: float = 1,
) -> list[list[int]]:
    """Return which strata to take together so that each has enough labels.

    A stratum with fewer than ``least`` joins its neighbour within the same group; what
    is left of a group is one stratum, with however few.  Strata where nothing was
    judged are left out.  What the labels say plays no part, only how many there are.

    Examples
    --------
    >>> merge_thin([90, 10, 5, 40], [20, 0, 3, 9], ["no", "no", "yes", "yes"])
    [[0, 1], [2], [3]]
    """
    m, n = numbers(judged, "judged"), numbers(labelled, "labelled")
    same_length(len(groups), judged=m, labelled=n)
    merged: list[list[int]] = []
    for group in dict.fromkeys(groups):
        members = [i for i, g in enumerate(groups) if g == group and m[i] > 0]
        merged += _thick(members, n, least)
    return merged


def _thick(members: list[int], labelled: Floats, least: float) -> list[list[int]]:
    """Close a part once it has enough; a last one without joins the one before."""
    parts: list[list[int]] = []
    for index in members:
        if parts and labelled[parts[-1]].sum() < least:
            parts[-1].append(index)
        else:
            parts.append([index])
    if len(parts) > 1 and labelled[parts[-1]].sum() < least:
        last = parts.pop()
        parts[-1] += last
    return parts
