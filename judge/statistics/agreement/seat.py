"""The judge in the place of one human: the t-test behind the alternative annotator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judge.statistics.agreement.leave_one_out import Lap

__all__ = ["MINIMUM_ITEMS", "MINIMUM_OF_A_CLASS", "Seat", "take_seat"]

MINIMUM_ITEMS = 30
"""Of one human; the authors ask for 30 and recommend 50 to 100."""
MINIMUM_OF_A_CLASS = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """The judge in the place of one human, measured against all the others."""

    human: int
    """The column of the human."""
    n: int
    """Items the human, the judge and somebody else labelled."""
    class_counts: tuple[int, ...]
    """Those whose other humans agree on a class by majority, by class."""
    judge_sensitivity: tuple[float | None, ...]
    """Of items the others call a class, the share the judge does; None without any."""
    human_sensitivity: tuple[float | None, ...]
    """The same for the human; for the class absent this is the specificity."""
    difference: float | None = None
    """Mean of human wins minus judge wins; 0 where they do equally well."""
    p_value: float | None = None
    """That the difference is under epsilon, after Benjamini and Yekutieli."""
    advantage: float | None = None
    """Share of items where the judge does at least as well."""
    refused: str = ""
    """Why this human is left out."""

    @property
    def tested(self) -> bool:
        return not self.refused


def take_seat(lap: Lap, *, epsilon: float, balanced: bool, minimum_items: int) -> Seat:
    """Test the judge against one human; the p-value is not adjusted yet."""
    n = len(lap.judge_said)
    counts = lap.counts()
    seat = Seat(
        human=lap.human,
        n=n,
        class_counts=tuple(counts.tolist()),
        judge_sensitivity=lap.sensitivity(lap.judge_said),
        human_sensitivity=lap.sensitivity(lap.human_said),
    )
    if n < minimum_items:
        told = f"{n} items shared with the judge and another labeler, {minimum_items}"
        return replace(seat, refused=f"{told} are needed")
    if not balanced:
        return _plain(seat, lap, epsilon)
    if (counts > 0).sum() < 2:
        return replace(seat, refused="the others call every item the same")
    least = int(counts[counts > 0].min())
    if least < MINIMUM_OF_A_CLASS:
        told = f"only {least} items of the rarer class by majority of the others"
        return replace(seat, refused=f"{told}, {MINIMUM_OF_A_CLASS} are needed")
    return _balanced(seat, lap, epsilon)


def _plain(seat: Seat, lap: Lap, epsilon: float) -> Seat:
    """As published; without any variance the mean alone decides."""
    d = lap.difference
    variance = float(d.var(ddof=1)) / len(d) if len(d) > 1 else 0.0
    return replace(
        seat,
        difference=float(d.mean()),
        p_value=_p_value(float(d.mean()) - epsilon, variance, len(d) - 1),
        advantage=float((d <= 0).mean()),
    )


def _balanced(seat: Seat, lap: Lap, epsilon: float) -> Seat:
    own = [lap.difference[lap.own_class == c] for c in np.flatnonzero(lap.counts())]
    mean = float(np.mean([d.mean() for d in own]))
    # One more item, a half of it +1 and a half -1: no class is without variance.
    spread = [((d**2).sum() + 1) / (len(d) + 1) for d in own]
    centre = [d.sum() / (len(d) + 1) for d in own]
    parts = [
        (s - c**2) * (len(d) + 1) / len(d) ** 2
        for d, s, c in zip(own, spread, centre, strict=True)
    ]
    total = sum(parts)
    freedom = total**2 / sum(
        v**2 / (len(d) - 1) for v, d in zip(parts, own, strict=True)
    )
    return replace(
        seat,
        difference=mean,
        p_value=_p_value(mean - epsilon, float(total) / len(own) ** 2, freedom),
        advantage=float(np.mean([(d <= 0).mean() for d in own])),
    )


def _p_value(excess: float, variance: float, freedom: float) -> float:
    if variance <= 0:
        return 0.0 if excess < 0 else 1.0
    from scipy.special import stdtr

    return float(stdtr(freedom, excess / variance**0.5))
