"""Labels against the judge's answers, counted: the 2x2 table and its rates."""

from __future__ import annotations

from dataclasses import dataclass

from judge.errors import UsageError
from judge.statistics.checked import Numbers, answers, same_length
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval

__all__ = ["FEW", "Confusion"]

FEW = 10
"""Under so many of a kind, its rate is told with caution."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Labels against the judge's answers, counted.

    Each rate is an `Estimate` with Wilson's interval: refused where its class is
    empty, with caution under 10.  Sensitivity and specificity hold for a random sample
    of labels; where labels were drawn by the judge's answer, only `ppv` and
    `miss_rate` do.

    Examples
    --------
    >>> table = Confusion(tp=12, fp=9, fn=4, tn=75)
    >>> print(table.sensitivity)
    75.0 % [50.5, 89.8]
    >>> print(table.miss_rate)
    5.1 % [2.0, 12.3]
    """

    tp: int
    fp: int
    fn: int
    tn: int

    def __post_init__(self) -> None:
        if min(self.tp, self.fp, self.fn, self.tn) < 0:
            raise UsageError(f"counts are 0 or more, got {self}")

    @classmethod
    def of(cls, judged: Numbers, truth: Numbers) -> Confusion:
        """Count yes-or-no answers of the judge against labels, row by row.

        Raises
        ------
        UsageError
            If something is neither 0 nor 1, or the lengths differ.
        """
        said, is_so = answers(judged, "judged"), answers(truth, "truth")
        same_length(len(is_so), judged=said)
        return cls(
            tp=int((said & is_so).sum()),
            fp=int((said & ~is_so).sum()),
            fn=int((~said & is_so).sum()),
            tn=int((~said & ~is_so).sum()),
        )

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def sensitivity(self) -> Estimate:
        """Of what is there, the share the judge sees."""
        return _rate(self.tp, self.tp + self.fn, "label is positive", "labels")

    @property
    def specificity(self) -> Estimate:
        """Of what is not there, the share the judge lets pass."""
        return _rate(self.tn, self.tn + self.fp, "label is negative", "labels")

    @property
    def ppv(self) -> Estimate:
        """Of the judge's yes, the share that is so."""
        return _rate(self.tp, self.tp + self.fp, "labelled yes of the judge", "yes")

    @property
    def miss_rate(self) -> Estimate:
        """Of the judge's no, the share where it is there all the same (FOR)."""
        return _rate(self.fn, self.tn + self.fn, "labelled no of the judge", "no")

    @property
    def accuracy(self) -> Estimate:
        """Of all, the share where they agree; high for a rare thing by itself."""
        return _rate(self.tp + self.tn, self.n, "label", "labels")


def _rate(count: int, n: int, what: str, of: str) -> Estimate:
    if n == 0:
        return Estimate.refused(f"no {what}", remedy="label more", method="wilson")
    low, high = wilson_interval(count, n)
    made = Estimate(value=count / n, low=low, high=high, n=n, method="wilson")
    return (
        made if n >= FEW else made.doubted(f"from {n} {of} only", remedy="label more")
    )
