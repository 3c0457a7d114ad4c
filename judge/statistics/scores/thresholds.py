"""A threshold on the score that keeps false alarms rare, with a guarantee.

A score at or above the threshold means yes.  The threshold that had few false alarms on
some labels has more on others; a guarantee leaves room for that.  It holds for
transcripts like those labelled: another target model voids it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from judge.errors import UsageError
from judge.statistics.checked import (
    Answers,
    Floats,
    Numbers,
    answers,
    numbers,
    same_length,
)
from judge.statistics.estimate import Estimate, in_percent
from judge.statistics.intervals import clopper_pearson
from judge.statistics.rates.sample_size import (
    clean_labels_needed,
    smallest_certifiable_rate,
)
from judge.statistics.scores.confusion import FEW
from judge.statistics.scores.false_alarms import allowed_false_alarms, check_shares
from judge.statistics.scores.roc import scored_pairs

__all__ = [
    "Threshold",
    "allowed_false_alarms",
    "certified_threshold",
    "conformal_threshold",
    "sensitivity_at",
    "split",
]

HUNDREDTHS = np.arange(101) / 100
"""The thresholds that are tried: fixed before any label is seen."""

_TOO_HIGH = "even at {:g} there are {} false alarms"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold, what it promises, and what it does.

    ``value`` is None where no threshold can be promised; ``false_alarms`` then says why
    and what would lift it.
    """

    value: float | None
    promise: Literal["certified", "marginal"]
    """``certified``: the rate is at most ``rate`` with a chance of 1 - ``delta`` over
    the labels that picked it.  ``marginal``: it is at most ``rate`` on average over
    them."""
    rate: float
    delta: float | None
    alarms: int
    """False alarms among the ``benign`` labels that picked it."""
    benign: int
    false_alarms: Estimate
    """Their share; where certified, at most ``rate``, which is all that is promised."""
    sensitivity: Estimate
    """On labels that did not pick it."""

    def __str__(self) -> str:
        if self.value is None:
            return (
                f"no threshold for at most {in_percent(self.rate)} false alarms: "
                + (str(self.false_alarms).removeprefix("refused: "))
            )
        sure = "on average"
        if self.delta is not None:
            sure = f"{100 * (1 - self.delta):.3g} % sure"
        return (
            f"at {self.value:g} or above: at most {in_percent(self.rate)} false "
            f"alarms, {sure} ({self.alarms} of {self.benign} benign); sensitivity "
            f"{self.sensitivity}"
        )


def certified_threshold(
    scores: Numbers,
    truth: Numbers,
    *,
    rate: float = 0.01,
    delta: float = 0.05,
    picked_on: Numbers | None = None,
    candidates: Numbers | None = None,
) -> Threshold:
    """Return the lowest threshold whose false alarm rate is certified.

    Candidates are tried from strict to loose, until the first at which k false alarms
    among n benign labels leave P(Bin(n, rate) <= k) above ``delta``; the last before
    it is taken.  In this fixed order no correction for many tries is due: with a
    chance of at least 1 - ``delta`` over the labels, its rate on transcripts like
    these is at most ``rate`` (fixed sequence testing, as in Angelopoulos, Bates,
    Candès, Jordan and Lei 2025, Annals of Applied Statistics 19, arXiv:2110.01052).
    Assumes independent transcripts.

    Only benign labels pick it, so that the sensitivity is honest on all positives; if
    the scores themselves were fitted to these labels, give ``picked_on``.

    Parameters
    ----------
    picked_on
        Yes for each row that may pick the threshold; the sensitivity is then that of
        the other rows.  All rows by default.  See `split`.
    candidates
        Thresholds fixed before any label was seen; 0.00, 0.01, ... 1.00 by default.

    Raises
    ------
    UsageError
        For a rate or delta that is not between 0 and 1, or rows that do not match.

    Examples
    --------
    >>> scores = [0.01 * (i % 40) for i in range(400)] + [0.2, 0.55, 0.6, 0.7, 0.8, 0.9]
    >>> print(certified_threshold(scores, [0] * 400 + [1] * 6, rate=0.02))
    at 0.4 or above: at most 2.0 % false alarms, 95 % sure (0 of 400 benign); \
sensitivity 83.3 % [35.9, 99.6]
    """
    score, is_so, picks = _rows(scores, truth, picked_on)
    benign = np.sort(score[picks & ~is_so])
    allowed = allowed_false_alarms(len(benign), rate, delta=delta)
    if allowed is None:
        return _none(_few(len(benign), rate, delta), len(benign), rate, delta)
    tried = _candidates(candidates, score)
    alarms = len(benign) - np.searchsorted(benign, tried, side="left")
    kept = np.flatnonzero(alarms <= allowed)
    if not kept.size:
        return _none(_TOO_HIGH.format(tried[-1], alarms[-1]), len(benign), rate, delta)
    value, highest = float(tried[kept[0]]), float(score.max())
    if (
        candidates is None and value > highest
    ):  # it would promise nothing, and find nothing
        told = _TOO_HIGH.format(highest, int((benign >= highest).sum()))
        return _none(f"{told}, and no score is higher", len(benign), rate, delta)
    return Threshold(
        value=value,
        promise="certified",
        rate=rate,
        delta=delta,
        alarms=int(alarms[kept[0]]),
        benign=len(benign),
        false_alarms=Estimate(
            value=int(alarms[kept[0]]) / len(benign),
            low=0.0,
            high=rate,
            n=len(benign),
            confidence=1 - delta,
            method="fixed-sequence",
            side="upper",
        ),
        sensitivity=_sensitivity(value, score, is_so, picks, picked_on),
    )


def conformal_threshold(
    scores: Numbers,
    truth: Numbers,
    *,
    rate: float = 0.01,
    picked_on: Numbers | None = None,
    candidates: Numbers | None = None,
) -> Threshold:
    """Return the lowest threshold whose false alarm rate is ``rate`` on average.

    It lies above the ceil((n + 1)(1 - rate))-th smallest of n benign scores, so that
    the expected rate, over the labels that pick it, is at most ``rate`` (Vovk,
    Gammerman and Shafer 2005, Algorithmic Learning in a Random World,
    doi:10.1007/b106715).
    About half of such thresholds exceed it; `certified_threshold` promises more and
    needs more labels.  Assumes exchangeable transcripts; parameters as there.

    Raises
    ------
    UsageError
        As `certified_threshold`.

    Examples
    --------
    >>> scores = [0.01 * (i % 40) for i in range(100)] + [0.2, 0.9]
    >>> conformal_threshold(scores, [0] * 100 + [1] * 2).value
    0.4
    """
    check_shares(rate=rate)
    score, is_so, picks = _rows(scores, truth, picked_on)
    benign = np.sort(score[picks & ~is_so])
    rank = ceil(round((len(benign) + 1) * (1 - rate), 9))
    if rank > len(benign):
        needed = ceil(round(1 / rate, 9)) - 1
        few = f"{len(benign)} benign labels; {in_percent(rate)} on average"
        few += f" needs {needed}"
        return _none(few, len(benign), rate, None)
    tried = _candidates(candidates, score)
    above = tried[tried > benign[rank - 1]]
    if not above.size:
        alarms = int((benign >= tried[-1]).sum())
        return _none(_TOO_HIGH.format(tried[-1], alarms), len(benign), rate, None)
    value = float(above[0])
    alarms = int((benign >= value).sum())
    return Threshold(
        value=value,
        promise="marginal",
        rate=rate,
        delta=None,
        alarms=alarms,
        benign=len(benign),
        false_alarms=Estimate(
            value=alarms / len(benign), n=len(benign), method="conformal"
        ).doubted("the rate holds on average over labels, not for these"),
        sensitivity=_sensitivity(value, score, is_so, picks, picked_on),
    )


def sensitivity_at(threshold: float, scores: Numbers, truth: Numbers) -> Estimate:
    """Return the share of positives at or above a threshold, by Clopper-Pearson.

    Honest only where these rows had no part in choosing the threshold.

    Examples
    --------
    >>> print(sensitivity_at(0.5, [0.4, 0.6, 0.7] * 5, [1] * 15))
    66.7 % [38.4, 88.2]
    """
    score, is_so, _ = _rows(scores, truth, None)
    positives = score[is_so]
    n, seen = len(positives), int((positives >= threshold).sum())
    if not n:
        return Estimate.refused(
            "no positive label beside those that picked the threshold",
            remedy="label positives",
            method="clopper-pearson",
        )
    low, high = clopper_pearson(seen, n)
    made = Estimate(value=seen / n, low=low, high=high, n=n, method="clopper-pearson")
    return made if n >= FEW else made.doubted(f"from {n} positives only")


def split(truth: Numbers, *, share: float = 0.5, seed: int = 0) -> Answers:
    """Return yes for the rows that may pick a threshold, drawn within each class.

    Examples
    --------
    >>> int(split([0] * 10 + [1] * 4).sum())
    7
    """
    if not 0 < share < 1:
        raise UsageError(f"share must lie between 0 and 1, got {share}")
    is_so = answers(truth, "truth")
    picks = np.zeros(len(is_so), dtype=np.bool_)
    random = np.random.default_rng(seed)
    for kind in (False, True):
        rows = random.permutation(np.flatnonzero(is_so == kind))
        picks[rows[: round(share * len(rows))]] = True
    return picks


def _sensitivity(
    value: float,
    score: Floats,
    is_so: Answers,
    picks: Answers,
    picked_on: Numbers | None,
) -> Estimate:
    others = np.ones(len(score), dtype=np.bool_) if picked_on is None else ~picks
    return sensitivity_at(value, score[others], is_so[others])


def _few(benign: int, rate: float, delta: float) -> str:
    needed = clean_labels_needed(rate, confidence=1 - delta)
    least = smallest_certifiable_rate(benign, confidence=1 - delta)
    return (
        f"{benign} benign labels; {in_percent(rate)} needs {needed} without a false "
        f"alarm, and the smallest rate these could certify is {100 * least:.2f} %"
    )


def _none(reason: str, benign: int, rate: float, delta: float | None) -> Threshold:
    refused = Estimate.refused(
        reason, remedy="label more benign transcripts or allow a higher rate", n=benign
    )
    return Threshold(
        value=None,
        promise="marginal" if delta is None else "certified",
        rate=rate,
        delta=delta,
        alarms=0,
        benign=benign,
        false_alarms=refused,
        sensitivity=Estimate.refused("no threshold"),
    )


def _rows(
    scores: Numbers, truth: Numbers, picked_on: Numbers | None
) -> tuple[Floats, Answers, Answers]:
    score, is_so = scored_pairs(scores, truth)
    if picked_on is None:
        return score, is_so, np.ones(len(score), dtype=np.bool_)
    picks = answers(picked_on, "picked_on")
    same_length(len(score), picked_on=picks)
    return score, is_so, picks


def _candidates(given: Numbers | None, score: Floats) -> Floats:
    if given is not None:
        tried = np.unique(numbers(given, "candidates"))
        if not tried.size:
            raise UsageError("candidates is empty; give thresholds to try")
        return tried
    if score.size and (score.min() < 0 or score.max() > 1):
        raise UsageError(
            f"scores go from {score.min():g} to {score.max():g}, and the thresholds "
            "tried from 0 to 1; give candidates="
        )
    return HUNDREDTHS
