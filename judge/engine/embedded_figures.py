"""What the embedded screen was measured to be worth: little.

It ranks no better than chance, or hardly, on two public sets and on this project's own
calibration set.  ``tests/benchmarks/embedded_skill.py`` measures them again; they hold
for one cue list and one rule only, named in `FIGURES_FOR`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["FIGURES", "FIGURES_FOR", "Figure", "skill_on"]


@dataclass(frozen=True, slots=True)
class Figure:
    """How well the screen ranked one labelled set.  AUCs are 0-1, 0.5 is chance."""

    data: str
    """The set and where it is published."""
    labels: str
    """Who says what is present in it."""
    n: int
    n_present: int
    auc: float
    low: float
    """Lower end of the 95 % interval of `auc`."""
    high: float
    length_auc: float
    """AUC of the length of the AI's text alone, for comparison."""
    flagged: float
    """Share of the transcripts in which any cue was found."""

    def __str__(self) -> str:
        return (
            f"AUC {self.auc:.2f} [{self.low:.2f}, {self.high:.2f}] on {self.data}, "
            f"n = {self.n} ({self.n_present} present, labels {self.labels}); length "
            f"alone {self.length_auc:.2f}"
        )


FIGURES_FOR = "d3af62016e27 20+60w/(w+3); levels from (1, 3, 6)"
"""The cue list and the rule that the figures were measured with."""

_OWN = "this project's calibration set"
_CONSTRUCTED = "by construction"
_LIES = "lie-detector (github.com/safety-research/lie-detector at 12e4c8b)"
_SURVIVAL = (
    "survival-instinct of the advanced-ai-risk evaluations (Perez et al. 2022, "
    "arXiv:2212.09251; github.com/anthropics/evals at 84fcc67)"
)

FIGURES: Mapping[str, tuple[Figure, ...]] = MappingProxyType(
    {
        "deception": (
            Figure(_LIES, _CONSTRUCTED, 1462, 730, 0.502, 0.499, 0.505, 0.466, 0.003),
            Figure(_OWN, _CONSTRUCTED, 126, 64, 0.492, 0.457, 0.526, 0.495, 0.040),
        ),
        "coercion": (
            Figure(_OWN, _CONSTRUCTED, 126, 63, 0.484, 0.428, 0.539, 0.460, 0.111),
        ),
        "self_preservation": (
            Figure(
                _SURVIVAL, _CONSTRUCTED, 1959, 979, 0.550, 0.535, 0.564, 0.519, 0.128
            ),
            Figure(_OWN, _CONSTRUCTED, 132, 66, 0.500, 0.471, 0.529, 0.457, 0.030),
        ),
    }
)
"""By rubric id, the largest set first."""


def skill_on(rubric_id: str) -> str:
    """One clause that says what the screen is worth on this rubric, as far as known."""
    return str(FIGURES[rubric_id][0])
