"""How the judge errs on a group, and whether two groups may share one answer to that.

Error rates pooled over both make a narrower interval, and a wrong one where the judge
errs differently on the two.  So they are given only where it is shown to err alike.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from judge.calibration.joined import Joined
from judge.statistics.comparison.contrast import square_and_add
from judge.statistics.comparison.equivalence import within_margin
from judge.statistics.comparison.paired import newcombe_independent
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.rates.rogan_gladen import Errors, youden
from judge.statistics.scores.confusion import Confusion
from judge.statistics.scores.verification_bias import corrected_rates

__all__ = ["MARGIN", "ErrorRates", "pooled_difference", "rate_differences", "rates_of"]

MARGIN = 0.1
"""Difference in sensitivity or specificity that would not matter: 10 points."""
_ALPHA = 0.05


class ErrorRates(NamedTuple):
    """Of the judge on one group, or of one group minus another."""

    sensitivity: Estimate
    specificity: Estimate


def rates_of(joined: Joined, sampling: str, confidence: float) -> ErrorRates:
    """Return the judge's error rates on a group, as its labels were drawn."""
    table = _table(joined)
    if sampling == "random":
        return ErrorRates(
            _rate(table.tp, table.tp + table.fn, "positive", confidence),
            _rate(table.tn, table.tn + table.fp, "negative", confidence),
        )
    if sampling == "by_judge":
        judged = joined.judgements.counts()
        made = corrected_rates(
            table,
            judged_yes=judged["present"],
            judged_no=judged["absent"],
            confidence=confidence,
        )
        return ErrorRates(made.sensitivity, made.specificity)
    refused = Estimate.refused(f"not told from labels drawn {sampling}", n=table.n)
    return ErrorRates(refused, refused)


def rate_differences(a: ErrorRates, b: ErrorRates) -> ErrorRates:
    """Return both rates of a minus those of b."""
    return ErrorRates(*(square_and_add(x, y) for x, y in zip(a, b, strict=True)))


def pooled_difference(
    a: Joined, b: Joined, sampling: str, *, confidence: float
) -> Estimate:
    """Return ``(p_a - p_b) / J`` with one J for both, if the judge errs alike on them.

    ``p`` are the shares the judge calls present, ``J`` Youden's index of the labels of
    both; the interval adds the squares of what each leaves open.  Refused unless both
    error rates are shown to differ by less than `MARGIN`: two one-sided tests at 5 %.
    """
    method = "pooled error rates"
    n = len(a.scored) + len(b.scored)
    if sampling != "random":
        return Estimate.refused(
            "error rates are pooled over labels drawn at random only",
            n=n,
            method=method,
        )
    told = _not_alike(a, b)
    if told:
        return Estimate.refused(
            f"the judge is not shown to err alike on both: {told}",
            remedy="label more of both, or take the separate estimates",
            n=n,
            method=method,
        )
    one, two = _table(a), _table(b)
    j = youden(
        Errors(
            one.tp + two.tp,
            one.tp + one.fn + two.tp + two.fn,
            one.tn + two.tn,
            one.tn + one.fp + two.tn + two.fp,
        ),
        confidence=confidence,
    )
    if j.value is None or j.low is None or j.low <= 0:
        return Estimate.refused(
            f"the judge may be no better than chance (Youden's J {j})",
            n=n,
            method=method,
        )
    return _divided(_said(a), _said(b), j, confidence).model_copy(update={"n": n})


def _divided(
    a: tuple[int, int], b: tuple[int, int], j: Estimate, confidence: float
) -> Estimate:
    (yes_a, n_a), (yes_b, n_b) = a, b
    better, width = j.value or 1.0, j.width or 0.0
    apart = yes_a / n_a - yes_b / n_b
    low, high = newcombe_independent(yes_a, n_a, yes_b, n_b, confidence=confidence)
    value = apart / better
    by_j = abs(value) * width / 2 / better
    return Estimate(
        value=value,
        low=value - sqrt(((apart - low) / better) ** 2 + by_j**2),
        high=value + sqrt(((high - apart) / better) ** 2 + by_j**2),
        confidence=confidence,
        method="pooled error rates",
        unit="points",
    )


def _not_alike(a: Joined, b: Joined) -> str:
    narrow = [rates_of(one, "random", 1 - 2 * _ALPHA) for one in (a, b)]
    told = []
    for name, found in rate_differences(*narrow)._asdict().items():
        if not within_margin(found.low, found.high, MARGIN):
            told.append(f"{name} differs by {found}")
    if not told:
        return ""
    return f"{' and '.join(told)}, and should lie within {100 * MARGIN:.0f} points"


def _table(joined: Joined) -> Confusion:
    """Count labelled verdicts; soft labels of one half are on neither side."""
    rows = joined.scored
    rows = rows[rows["present"].notna() & (rows["y"] != 0.5)]
    said = rows["present"].astype(bool).to_numpy()
    return Confusion.of(said, (rows["y"] > 0.5).to_numpy())


def _said(joined: Joined) -> tuple[int, int]:
    counts = joined.judgements.counts()
    return counts["present"], counts["present"] + counts["absent"]


def _rate(count: int, n: int, what: str, confidence: float) -> Estimate:
    if not n:
        return Estimate.refused(f"no label is {what}", remedy="label more")
    low, high = wilson_interval(count, n, confidence=confidence)
    return Estimate(
        value=count / n,
        low=low,
        high=high,
        n=n,
        confidence=confidence,
        method="wilson",
    )
