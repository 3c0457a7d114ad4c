"""From a score to a probability: fitted maps, plain numbers that JSON can hold.

Every map is non-decreasing in the score.  `judge.statistics.calibrators.fits` fits
them; to predict takes numpy alone.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator

from judge.errors import UsageError
from judge.provenance import Frozen
from judge.statistics.calibrators.logistic import logit, sigmoid
from judge.statistics.checked import Floats

__all__ = [
    "METHODS",
    "Beta",
    "Calibrator",
    "Isotonic",
    "Method",
    "Platt",
    "Raw",
    "SigmoidLogit",
    "Temperature",
    "VennAbers",
    "clipped",
]

Method = Literal[
    "raw",
    "sigmoid_logit_map",
    "platt",
    "beta",
    "isotonic",
    "venn_abers",
    "temperature",
]
METHODS: tuple[Method, ...] = get_args(Method)
CLIP = 0.01
"""Scores nearer to 0 or 1 than this count as this: a judge that says 0 is not sure."""
Share = Annotated[float, Field(ge=0, le=1)]
Shares = Annotated[tuple[Share, ...], Field(min_length=1, max_length=100_000)]
Slope = Annotated[float, Field(ge=0)]


def clipped(scores: Floats) -> Floats:
    """Return scores at least `CLIP` away from 0 and 1, where a logit exists."""
    return np.clip(scores, CLIP, 1 - CLIP)


class _Calibrator(Frozen):
    def predict(self, scores: ArrayLike) -> Floats:
        """Return the probability for each score, in the shape given.

        Raises
        ------
        UsageError
            If a score is not a number from 0 to 1.
        """
        try:
            given = np.asarray(scores, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise UsageError(f"scores must be numbers from 0 to 1: {error}") from None
        wrong = given[~((given >= 0) & (given <= 1))]
        if wrong.size:
            raise UsageError(
                f"scores must be numbers from 0 to 1, got {wrong.flat[0]}; a judge's "
                "likelihood is divided by 100"
            )
        return np.clip(self._map(given), 0.0, 1.0)

    def _map(self, scores: Floats) -> Floats:
        raise NotImplementedError


class Raw(_Calibrator):
    """The score as it is."""

    method: Literal["raw"] = "raw"

    def _map(self, scores: Floats) -> Floats:
        return scores


class SigmoidLogit(_Calibrator):
    """``p = sigmoid(intercept + slope logit(s))``."""

    method: Literal["sigmoid_logit_map"] = "sigmoid_logit_map"
    intercept: float
    slope: Slope

    def _map(self, scores: Floats) -> Floats:
        return sigmoid(self.intercept + self.slope * logit(clipped(scores)))


class Platt(_Calibrator):
    """``p = sigmoid(intercept + slope s)``; Platt's A and B are minus these."""

    method: Literal["platt"] = "platt"
    intercept: float
    slope: Slope

    def _map(self, scores: Floats) -> Floats:
        return sigmoid(self.intercept + self.slope * scores)


class Beta(_Calibrator):
    """``p = sigmoid(c + a ln s - b ln(1 - s))``, neither a nor b negative."""

    method: Literal["beta"] = "beta"
    a: Slope
    b: Slope
    c: float

    def _map(self, scores: Floats) -> Floats:
        s = clipped(scores)
        return sigmoid(self.c + self.a * np.log(s) - self.b * np.log1p(-s))


class Temperature(_Calibrator):
    """``p = sigmoid(beta logit(s))``; the temperature is ``1 / beta``."""

    method: Literal["temperature"] = "temperature"
    beta: Slope

    def _map(self, scores: Floats) -> Floats:
        return sigmoid(self.beta * logit(clipped(scores)))


class Isotonic(_Calibrator):
    """The line through knots; flat outside them."""

    method: Literal["isotonic"] = "isotonic"
    scores: Shares
    """Where the knots are, ascending."""
    probabilities: Shares
    """Their heights, never descending."""

    @model_validator(mode="after")
    def _rising(self) -> Isotonic:
        _check_table(self.scores, self.probabilities)
        return self

    def _map(self, scores: Floats) -> Floats:
        return np.interp(scores, self.scores, self.probabilities)


class VennAbers(_Calibrator):
    """Two step tables: the probability were the next label 0, and were it 1.

    ``lower[i]`` holds from ``scores[i]`` up to the next, and is 0 below the first;
    ``upper[i]`` holds down to the one before, and is 1 above the last.
    """

    method: Literal["venn_abers"] = "venn_abers"
    scores: Shares
    lower: Shares
    upper: Shares

    @model_validator(mode="after")
    def _rising(self) -> VennAbers:
        _check_table(self.scores, self.lower)
        _check_table(self.scores, self.upper)
        return self

    def interval(self, scores: ArrayLike) -> tuple[Floats, Floats]:
        """Return (p0, p1) for each score: the further apart, the less is known."""
        given = np.asarray(scores, dtype=np.float64)
        below = np.searchsorted(self.scores, given, side="right")
        above = np.searchsorted(self.scores, given, side="left")
        return np.array([0.0, *self.lower])[below], np.array([*self.upper, 1.0])[above]

    def _map(self, scores: Floats) -> Floats:
        low, high = self.interval(scores)
        return high / (1 - low + high)


Calibrator = Annotated[
    Raw | SigmoidLogit | Platt | Beta | Isotonic | VennAbers | Temperature,
    Field(discriminator="method"),
]


def _check_table(scores: tuple[float, ...], heights: tuple[float, ...]) -> None:
    if len(scores) != len(heights):
        raise ValueError(f"{len(scores)} scores, but {len(heights)} probabilities")
    if np.any(np.diff(scores) <= 0):
        raise ValueError("the scores must ascend")
    if np.any(np.diff(heights) < 0):
        raise ValueError("the probabilities must not descend")
