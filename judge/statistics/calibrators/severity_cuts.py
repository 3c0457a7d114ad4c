"""P(severity is t or more) from what the judge says, for each cut t of the scale.

One sigmoid a cut, each with the default prior, and the cuts never cross: a higher cut
is never likelier than a lower one.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from judge.errors import UsageError
from judge.provenance import Frozen
from judge.statistics.calibrators.fits import fit_sigmoid_logit_map
from judge.statistics.calibrators.maps import SigmoidLogit
from judge.statistics.checked import (
    Floats,
    Numbers,
    numbers,
    probabilities,
    same_length,
)

__all__ = ["SeverityCut", "SeverityCuts", "fit_severity_cuts"]

FEWEST = 5
"""Labels on either side of a cut below which it is not fitted."""


class SeverityCut(Frozen):
    """``P(severity >= at) = sigmoid(intercept + slope logit(x))``."""

    at: int = Field(ge=1, le=9)
    sigmoid: SigmoidLogit
    n: int = Field(ge=1)
    at_or_above: float = Field(ge=0)
    """How many of the n labels are."""


class SeverityCuts(Frozen):
    """The cuts the labels could carry, ascending."""

    of: Literal["score", "level"]
    """What the judge's answer is read from."""
    max_level: int = Field(default=4, ge=1, le=9)
    cuts: Annotated[tuple[SeverityCut, ...], Field(min_length=1, max_length=9)]

    @model_validator(mode="after")
    def _ascending(self) -> SeverityCuts:
        if np.any(np.diff(self.levels) <= 0):
            raise ValueError("the cuts must ascend")
        return self

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(cut.at for cut in self.cuts)

    def predict(self, said: Numbers) -> Floats:
        """Return P(severity >= t), shape (n, cuts); it never rises along a row.

        Parameters
        ----------
        said
            The judge's scores (0-1) or levels (0 to ``max_level``), as ``of`` says.
        """
        signal = as_signal(said, of=self.of, max_level=self.max_level)
        apart = np.column_stack([cut.sigmoid.predict(signal) for cut in self.cuts])
        # A cut is capped by those below it, which have more labels on the rare side.
        return np.asarray(np.minimum.accumulate(apart, axis=1))


def fit_severity_cuts(
    said: Numbers,
    severities: Numbers,
    *,
    of: Literal["score", "level"] = "level",
    max_level: int = 4,
    weights: Numbers | None = None,
) -> SeverityCuts | None:
    """Fit a sigmoid for each cut that has 5 labels on either side; None without any.

    Parameters
    ----------
    said
        The judge's scores (0-1) or levels (0 to ``max_level``), shape (n,).
    severities
        What the labelers say, 0 to ``max_level``, shape (n,).
    weights
        1 / chance to be labelled, shape (n,).

    Raises
    ------
    UsageError
        If a value is outside its scale.

    Examples
    --------
    >>> said = [0] * 10 + [2] * 10 + [4] * 10
    >>> cuts = fit_severity_cuts(said, [0] * 12 + [2] * 6 + [3] * 12)
    >>> cuts.levels
    (1, 2, 3)
    >>> at_most_1, at_least_3 = cuts.predict([0, 4])[:, 2]
    >>> bool(at_most_1 < 0.2 < 0.8 < at_least_3)
    True
    """
    signal = as_signal(said, of=of, max_level=max_level)
    severe = numbers(severities, "severities")
    same_length(len(signal), severities=severe)
    if not np.all((severe >= 0) & (severe <= max_level)):
        raise UsageError(f"severities must lie between 0 and {max_level}")
    cuts = []
    for at in range(1, max_level + 1):
        above = severe >= at
        if min(above.sum(), (~above).sum()) >= FEWEST:
            fitted = fit_sigmoid_logit_map(signal, above, weights)
            n, many = len(above), float(above.sum())
            cuts.append(SeverityCut(at=at, sigmoid=fitted, n=n, at_or_above=many))
    return SeverityCuts(of=of, max_level=max_level, cuts=tuple(cuts)) if cuts else None


def as_signal(said: Numbers, *, of: str, max_level: int) -> Floats:
    """Return scores as they are, and levels as shares of the scale, off its ends."""
    if of == "score":
        return probabilities(said, "scores")
    levels = numbers(said, "levels")
    if not np.all((levels >= 0) & (levels <= max_level)):
        raise UsageError(f"levels must lie between 0 and {max_level}")
    return (levels + 0.5) / (max_level + 1)
