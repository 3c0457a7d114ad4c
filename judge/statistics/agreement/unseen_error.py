"""A bootstrap of ratings in which the judge may also err where it did not yet.

A resample can only repeat the errors that were seen.  One unit is added to those that
are drawn from, half of it a miss of the judge alone and half a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judge.statistics.agreement.coded import Codes
from judge.statistics.agreement.patterns import (
    Counts,
    Patterns,
    find_patterns,
    resampled_counts,
)

__all__ = ["WithUnseen", "rarer"]


@dataclass(frozen=True, slots=True, eq=False)
class WithUnseen:
    """Rating patterns and, last, the miss and the false alarm."""

    codes: Codes
    """Patterns x raters, the judge first."""
    once: Counts
    """The data themselves, shape (1, patterns); none of the two last."""
    _patterns: Patterns

    @classmethod
    def of(cls, codes: Codes, clusters: ArrayLike | None = None) -> WithUnseen:
        """Lay out units x raters; the added unit is a cluster of its own."""
        marked = np.column_stack([codes, np.zeros(len(codes), dtype=np.int64)])
        added = np.ones((1, marked.shape[1]), dtype=np.int64)
        groups = None
        if clusters is not None:
            named = np.unique(np.asarray(clusters), return_inverse=True)[1]
            groups = np.append(named, named.max(initial=0) + 1)
        patterns = find_patterns(np.concatenate([marked, added]), clusters=groups)
        seen = patterns.codes[:, -1] == 0
        common, other = _commonest(codes[:, 1:])
        miss, alarm = (np.full((1, codes.shape[1]), x) for x in (other, common))
        miss[0, 0], alarm[0, 0] = common, other
        return cls(
            codes=np.concatenate([patterns.codes[seen, :-1], miss, alarm]),
            once=_split(np.where(seen, patterns.counts, 0)[None, :], seen),
            _patterns=patterns,
        )

    def resampled(self, *, resamples: int, seed: int) -> Iterator[Counts]:
        """Yield counts of the patterns, shape (some, patterns)."""
        seen = self._patterns.codes[:, -1] == 0
        for counts in resampled_counts(self._patterns, resamples=resamples, seed=seed):
            yield _split(counts, seen)


def rarer(said: Codes) -> NDArray[np.bool_]:
    """Return where people do not give the answer that they give most."""
    common, _ = _commonest(said)
    made: NDArray[np.bool_] = (said >= 0) & (said != common)
    return made


def _commonest(said: Codes) -> tuple[int, int]:
    """Return the two answers given most; one that is not the first if only one is."""
    times = np.bincount(said[said >= 0])
    order = np.argsort(-times, kind="stable")
    first = int(order[0])
    return first, int(order[1]) if len(order) > 1 else 1 - first


def _split(counts: Counts | Codes, seen: NDArray[np.bool_]) -> Counts:
    """Replace the added unit's column by a half of it for each of its two kinds."""
    half = counts[:, ~seen] / 2
    made: Counts = np.concatenate([counts[:, seen], half, half], axis=1)
    return made
