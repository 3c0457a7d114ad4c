"""An estimate: a number with its interval, its n, and whether it may be believed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from judge.provenance import Frozen

__all__ = ["Estimate", "Status", "in_percent"]

Status = Literal["good", "caution", "refused"]


class Estimate(Frozen):
    """A number, its interval and what they rest on.

    A refused estimate has no number at all, a reason, and what would lift it; one with
    caution has its number and the reason to doubt it.

    Examples
    --------
    >>> print(Estimate(value=0.121, low=0.09, high=0.159, n=100, method="wilson"))
    12.1 % [9.0, 15.9]
    >>> print(Estimate(value=0.743, low=0.419, high=0.951, n=12, unit="number"))
    0.743 [0.419, 0.951]
    >>> print(Estimate.refused("no label is positive", remedy="label 20 more"))
    refused: no label is positive; label 20 more
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = Field(default=0, ge=0)
    """How many labels or transcripts the number itself rests on."""
    confidence: float = 0.95
    method: str = ""
    side: Literal["both", "upper"] = "both"
    """``upper``: only ``high`` is claimed, where nothing was seen."""
    unit: Literal["share", "points", "number"] = "share"
    """A share is written in percent, a difference of two in points, others as is."""
    status: Status = "good"
    reason: str = ""
    """Why there is no number, or why it is to be doubted."""
    remedy: str = ""
    """What would lift the reason."""

    @model_validator(mode="after")
    def _whole(self) -> Estimate:
        if self.status == "refused" and self.value is not None:
            raise ValueError("a refused estimate has no value")
        if self.status != "good" and not self.reason:
            raise ValueError(f"an estimate that is {self.status} says why")
        return self

    @classmethod
    def refused(
        cls, reason: str, *, remedy: str = "", n: int = 0, method: str = ""
    ) -> Estimate:
        """Return an estimate without a number."""
        return cls(status="refused", reason=reason, remedy=remedy, n=n, method=method)

    def doubted(self, reason: str, *, remedy: str = "") -> Estimate:
        """Return it with caution, the new reason after any it has."""
        if self.status == "refused":
            return self
        reasons = "; ".join(filter(None, (self.reason, reason)))
        remedies = "; ".join(filter(None, (self.remedy, remedy)))
        return self.model_copy(
            update={"status": "caution", "reason": reasons, "remedy": remedies}
        )

    @property
    def width(self) -> float | None:
        """``high - low``; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return self.high - self.low

    def __str__(self) -> str:
        if self.value is None:
            told = "; ".join(filter(None, (self.reason, self.remedy)))
            return f"{self.status}: {told}" if told else "not known"
        if self.side == "upper" and self.high is not None:
            return f"at most {_one(self.high, self.unit)}{_sign(self.unit)}"
        point = f"{_one(self.value, self.unit)}{_sign(self.unit)}"
        if self.low is None or self.high is None:
            return point
        return f"{point} [{_one(self.low, self.unit)}, {_one(self.high, self.unit)}]"

    def __repr__(self) -> str:
        return f"<{self}, n {self.n}>"


def in_percent(share: float) -> str:
    """Return a share as it is written everywhere.

    Examples
    --------
    >>> in_percent(0.01), in_percent(0.0003), in_percent(1)
    ('1.0 %', '0.03 %', '100.0 %')
    """
    return f"{_one(share, 'share')}{_sign('share')}"


def _one(number: float, unit: str) -> str:
    if unit == "number":
        return _zero(f"{number:.3f}")
    percent = 100 * number
    # A share that is not 0 or 1 is never written as if it were.
    hair = not (0.05 <= abs(percent) <= 99.95 or percent in (0, 100))
    return _zero(f"{percent:.2f}" if hair else f"{percent:.1f}")


def _zero(written: str) -> str:
    return written.removeprefix("-") if not written.strip("-0.") else written


def _sign(unit: str) -> str:
    return {"share": " %", "points": " points"}.get(unit, "")
