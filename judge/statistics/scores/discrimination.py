"""How well a judge tells presence from absence: 2x2 rates, and ranks by score.

A score at or above a threshold means yes.  Labels are taken as the truth.
"""

from judge.statistics.scores.auc import AucDifference, auc, compare_auc
from judge.statistics.scores.confusion import Confusion
from judge.statistics.scores.roc import (
    PartialAuc,
    Roc,
    average_precision,
    partial_auc,
    roc_points,
)

__all__ = [
    "AucDifference",
    "Confusion",
    "PartialAuc",
    "Roc",
    "auc",
    "average_precision",
    "compare_auc",
    "partial_auc",
    "roc_points",
]
