"""A share from labels that were drawn with known, unequal probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judge.errors import UsageError
from judge.statistics.checked import (
    Floats,
    Numbers,
    numbers,
    probabilities,
    same_length,
)
from judge.statistics.cluster_bootstrap import cluster_bootstrap
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval

__all__ = ["hajek", "kish"]

RESAMPLES = 2000


def hajek(
    y: Numbers,
    inclusion: Numbers,
    *,
    clusters: Sequence[object] | None = None,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Return ``sum(y / pi) / sum(1 / pi)`` over the labelled, with its interval.

    The interval is the wider, on each side, of two: percentiles of a bootstrap over
    the labelled (over clusters where given), and Wilson's at Kish's effective number
    of labels, which keeps its width where the bootstrap sees too few positives to vary.
    Where no label is positive only the upper bound ``1 - (1 - confidence)**(1/n_eff)``
    is claimed.

    Assumes that each transcript had a known chance above 0 of being labelled.

    Parameters
    ----------
    y
        0 or 1, or a share.
    inclusion
        The probability, above 0 to 1, with which each was drawn.
    clusters
        What transcripts that belong together share.

    Raises
    ------
    UsageError
        If a probability is not above 0, lengths differ, or there are no rows.

    References
    ----------
    Hájek 1971, in Foundations of Statistical Inference, p. 236; Kish 1965, Survey
    Sampling; Efron 1979, Annals of Statistics 7, doi:10.1214/aos/1176344552.

    Examples
    --------
    >>> print(hajek([1] * 12 + [0] * 88, [0.5] * 20 + [0.05] * 80))
    1.5 % [0.3, 6.9]
    """
    values, drawn = probabilities(y, "y"), probabilities(inclusion, "inclusion")
    same_length(len(values), inclusion=drawn)
    if clusters is not None and len(clusters) != len(values):
        raise UsageError(f"clusters has {len(clusters)} rows, expected {len(values)}")
    if not len(values):
        raise UsageError("there is no labelled transcript")
    if (drawn <= 0).any():
        raise UsageError(
            f"inclusion[{int(np.argmin(drawn))}] is 0; a transcript that could not be "
            "drawn stands for no other"
        )
    weight = 1 / drawn
    group = range(len(values)) if clusters is None else clusters
    found = cluster_bootstrap(
        lambda sums: sums[..., 0] / sums[..., 1],
        [weight * values, weight],
        list(group),
        replicates=resamples,
        confidence=confidence,
        seed=seed,
    )
    effective = kish(weight, list(group))
    value = min(1.0, found.value)
    low, high = 0.0, 1 - (1 - confidence) ** (1 / effective)
    if values.any():
        draws = max(1, int(effective))
        floor = wilson_interval(value * draws, draws, confidence=confidence)
        low, high = min(found.low, floor.low), max(found.high, floor.high)
    return Estimate(
        value=value,
        low=min(low, value),
        high=min(1.0, max(high, value)),
        n=len(values),
        confidence=confidence,
        method="weighted by inclusion (Hajek)",
        side="both" if values.any() else "upper",
    )


def kish(weights: Numbers, clusters: Sequence[object] | None = None) -> float:
    """Return the number of equally weighted labels that would tell as much.

    ``(sum w)^2 / sum w^2`` (Kish 1965), the weights of a cluster summed first, as if
    its members were all alike.

    Raises
    ------
    UsageError
        If a weight is negative, or all are 0.

    Examples
    --------
    >>> kish([1, 1, 1, 1]), kish([1, 1, 1, 1], ["a", "a", "b", "b"])
    (4.0, 2.0)
    """
    w = numbers(weights, "weights")
    if (w < 0).any() or not w.any():
        raise UsageError("weights must be 0 or more, and not all 0")
    if clusters is not None:
        same_length(len(clusters), weights=w)
        w = _sums(w, clusters)
    return float(w.sum() ** 2 / (w @ w))


def _sums(weights: Floats, clusters: Sequence[object]) -> Floats:
    total: dict[object, float] = {}
    for name, weight in zip(clusters, weights.tolist(), strict=True):
        total[name] = total.get(name, 0.0) + weight
    return np.array(list(total.values()))
