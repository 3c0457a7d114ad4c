"""The alternative annotator test, for whether a judge may take a human's place.

As published it passes a judge that always says no wherever yes is rare, for such a
judge agrees with nearly everybody nearly always.  Here each class weighs the same and a
pass also asks that the judge find the positives; the published form is an option.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from judge.errors import UsageError
from judge.statistics.agreement.leave_one_out import Ballot, laps
from judge.statistics.agreement.seat import (
    MINIMUM_ITEMS,
    MINIMUM_OF_A_CLASS,
    Seat,
    take_seat,
)
from judge.statistics.multiplicity import benjamini_yekutieli

__all__ = ["AlternativeAnnotator", "Seat", "alternative_annotator"]

Verdict = Literal["passes", "does not pass", "refused"]
WINNING_RATE = 0.5


@dataclass(frozen=True, slots=True)
class AlternativeAnnotator:
    """What the alternative annotator test says.

    ``winning_rate`` (omega) is the share of humans the judge may replace, ``advantage``
    (rho) the mean over humans of the share of items where it does at least as well.
    """

    verdict: Verdict
    reason: str
    """Why it does not pass or is refused; empty when it passes."""
    remedy: str
    balanced: bool
    gated: bool
    epsilon: float
    q: float
    categories: tuple[float, ...]
    positive: float
    seats: tuple[Seat, ...]
    winning_rate: float | None = None
    advantage: float | None = None
    judge_sensitivity: tuple[float | None, ...] = ()
    """By class, the mean over humans; None where no item is of it."""
    worst_human_sensitivity: tuple[float | None, ...] = ()
    caution: str = ""

    @property
    def passes(self) -> bool:
        return self.verdict == "passes"


def alternative_annotator(  # noqa: PLR0913 - each is a choice the paper leaves open
    judge: ArrayLike,
    humans: ArrayLike,
    *,
    epsilon: float = 0.15,
    balanced: bool = True,
    gated: bool = True,
    positive: float = 1.0,
    q: float = 0.05,
    minimum_items: int = MINIMUM_ITEMS,
) -> AlternativeAnnotator:
    r"""Test whether the judge does as well as each human against all the others.

    For human j and item i, ``S(x)`` is the share of the other humans who say what x
    says; ``d_i = 1[S(h_j) >= S(judge)] - 1[S(judge) >= S(h_j)]``.  A one-sided t-test
    of H0 ``mean d >= epsilon`` for each human, Benjamini-Yekutieli over them, and the
    judge passes when it is rejected for half of the humans or more.

    Balanced, the mean of d is the mean over classes of the mean within each, the class
    of an item being the majority of the *other* humans; split items have no class and
    are left out (with two categories their d is always 0).  The variance is the sum of
    the classes', the degrees of freedom Welch's, and in each class one more item with
    d of +1 or -1 is counted in the variance: without it a class of five with no
    difference at all has no variance either (in simulation the plain t rejects at the
    boundary in up to 27 % of draws with 5 positives instead of 5 %, this one in 6 % at
    most).  With under 8 positives a judge as good as the humans can hardly pass; with
    15 it does in about 3 of 4 draws, with 30 in 19 of 20.

    Gated, the judge must also say ``positive`` where the others do at least as often as
    the worst of the humans.  A balanced and gated test cannot be passed by a constant
    judge: it is refused where there are not enough of both classes.

    Parameters
    ----------
    judge
        What the judge says, shape (items,); NaN where it said nothing.
    humans
        What each human says, shape (items, humans), as category codes; NaN for missing.
    epsilon
        How much worse the judge may be and still be preferred for its cost, as a
        difference of two shares: the authors suggest 0.2 for experts, 0.15 for skilled
        annotators and 0.1 for crowd workers.
    balanced, gated
        Both false gives the published test.
    positive
        The category that must be found.
    q
        The false discovery rate over humans.

    Raises
    ------
    UsageError
        If the shapes do not fit, epsilon or q are not from 0 to 1, or minimum_items
        is under 2.

    References
    ----------
    Calderon, Reichart, Dror 2025, "The Alternative Annotator Test for LLM-as-a-Judge",
    ACL 2025, 16051-16081, arXiv 2501.10970.

    Examples
    --------
    >>> humans = np.tile([[0, 0, 0], [1, 1, 1]], (20, 1))
    >>> alternative_annotator(humans[:, 0], humans).verdict
    'passes'
    >>> alternative_annotator(np.zeros(40), humans).verdict
    'does not pass'
    """
    ballot = Ballot.of(judge, humans)
    _check(epsilon, q, minimum_items)
    raced = [
        take_seat(lap, epsilon=epsilon, balanced=balanced, minimum_items=minimum_items)
        for lap in laps(ballot)
    ]
    seats = _adjusted(raced)
    outcome = AlternativeAnnotator(
        verdict="refused",
        reason="",
        remedy="",
        balanced=balanced,
        gated=gated,
        epsilon=epsilon,
        q=q,
        categories=ballot.categories,
        positive=positive,
        seats=seats,
        judge_sensitivity=_over(seats, "judge_sensitivity", np.mean),
        worst_human_sensitivity=_over(seats, "human_sensitivity", np.min),
    )
    return _decided(outcome)


def _check(epsilon: float, q: float, minimum_items: int) -> None:
    if not (0 <= epsilon < 1 and 0 < q < 1):
        raise UsageError(
            f"epsilon and q lie between 0 and 1, got epsilon={epsilon} and q={q}"
        )
    if minimum_items < 2:
        raise UsageError(f"minimum_items must be 2 or more, got {minimum_items}")


def _adjusted(seats: list[Seat]) -> tuple[Seat, ...]:
    tested = [seat.p_value for seat in seats if seat.p_value is not None]
    held = iter(benjamini_yekutieli(tested))
    return tuple(
        seat if seat.p_value is None else replace(seat, p_value=next(held))
        for seat in seats
    )


def _over(
    seats: tuple[Seat, ...], field: str, summary: Callable[..., Any]
) -> tuple[float | None, ...]:
    """Summarise a sensitivity over the humans that count, class by class."""
    counted = [seat for seat in seats if seat.tested] or seats
    known = [
        [value for value in column if value is not None]
        for column in zip(*(getattr(seat, field) for seat in counted), strict=True)
    ]
    return tuple(float(summary(values)) if values else None for values in known)


def _decided(outcome: AlternativeAnnotator) -> AlternativeAnnotator:
    tested = [seat for seat in outcome.seats if seat.tested]
    if len(tested) < 2:
        return _refused(outcome, tested)
    wins = [(seat.p_value or 0) <= outcome.q for seat in tested]
    rate = float(np.mean(wins))
    outcome = replace(
        outcome,
        winning_rate=rate,
        advantage=float(np.mean([seat.advantage for seat in tested])),
        caution=""
        if len(outcome.seats) > 2
        else "two labelers; three or more are better",
    )
    if outcome.gated and (few := _too_few(outcome, tested)):
        remedy = "label more items that are positive"
        return replace(outcome, reason=few, remedy=remedy)
    if outcome.gated and (told := _missed(outcome)):
        return replace(outcome, verdict="does not pass", reason=told)
    if rate < WINNING_RATE:
        told = f"it may replace {sum(wins)} of {len(wins)} labelers, half are needed"
        return replace(outcome, verdict="does not pass", reason=told)
    return replace(outcome, verdict="passes")


def _refused(outcome: AlternativeAnnotator, tested: list[Seat]) -> AlternativeAnnotator:
    left_out = {seat.refused for seat in outcome.seats if not seat.tested}
    why = f": {'; '.join(sorted(left_out))}" if left_out else ""
    return replace(
        outcome,
        reason=f"labelers that can be tested: {len(tested)}, 2 are needed{why}",
        remedy="have two or better three label the same items, both kinds of them",
    )


def _too_few(outcome: AlternativeAnnotator, tested: list[Seat]) -> str:
    """Return why it cannot be known whether positives are found; empty if it can."""
    place = _place(outcome)
    most = 0 if place is None else max(seat.class_counts[place] for seat in tested)
    if most >= MINIMUM_OF_A_CLASS:
        return ""
    return (
        f"only {most} items are positive by majority, {MINIMUM_OF_A_CLASS} are needed"
    )


def _missed(outcome: AlternativeAnnotator) -> str:
    """Return that the judge finds too few positives; empty if it finds enough."""
    place = _place(outcome)
    found = outcome.judge_sensitivity[place or 0] or 0
    worst = outcome.worst_human_sensitivity[place or 0] or 0
    if found >= worst - 1e-9:  # a mean of equal numbers may be a hair below them
        return ""
    return (
        f"the judge finds {100 * found:.0f} % of the positives, the worst labeler "
        f"{100 * worst:.0f} %"
    )


def _place(outcome: AlternativeAnnotator) -> int | None:
    known = outcome.categories
    return known.index(outcome.positive) if outcome.positive in known else None
