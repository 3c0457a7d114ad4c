"""Average precision with an interval: of what is flagged first, how much is so."""

from __future__ import annotations

from collections.abc import Sequence

from judge.errors import UsageError
from judge.statistics.checked import Numbers, weights_or_ones
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.scores.auc import effective_number
from judge.statistics.scores.confusion import FEW
from judge.statistics.scores.roc import average_precision, rarer_class, scored_pairs

__all__ = ["estimated_precision"]


def estimated_precision(
    scores: Numbers,
    truth: Numbers,
    *,
    weights: Numbers | None = None,
    clusters: Sequence[object] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return `average_precision` with Wilson's interval at the number of positives.

    It is a mean over the positives, each between 0 and 1, and varies about as a share
    of so many does (Boyd, Eng and Page 2013, ECML PKDD, LNCS 8190, 451-466,
    doi:10.1007/978-3-642-40994-3_29).  With weights or clusters, at Kish's effective
    number of positives.  In simulation it holds the truth 91 to 99 % of the time;
    percentiles of a bootstrap do 81 to 94 %, and have no width where the classes are
    apart.  Assumes independent rows, or clusters.

    Refused under 2 of a class, with caution under 10.

    Parameters
    ----------
    weights
        1 / chance of each row to be labelled, to scale.
    clusters
        What rows that belong together share.

    Raises
    ------
    UsageError
        If lengths differ, a score is not finite or a label neither 0 nor 1.

    Examples
    --------
    >>> print(estimated_precision([0.9, 0.8, 0.7, 0.1] * 10, [1, 0, 1, 0] * 10))
    0.833 [0.621, 0.939]
    """
    score, is_so = scored_pairs(scores, truth)
    if clusters is not None and len(clusters) != len(score):
        raise UsageError(f"clusters has {len(clusters)} rows, expected {len(score)}")
    fewest, few = rarer_class(is_so)
    if fewest < 2:
        return Estimate.refused(few, remedy="label more", n=len(score))
    weight = weights_or_ones(weights, len(score))
    value = min(1.0, average_precision(score, is_so, weights=weight))
    draws = max(1, int(effective_number(weight, is_so, clusters) + 1e-9))
    low, high = wilson_interval(value * draws, draws, confidence=confidence)
    made = Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=len(score),
        confidence=confidence,
        method="wilson at the number of positives",
        unit="number",
    )
    if fewest < FEW:
        return made.doubted(f"only {few}", remedy="label more")
    return made
