"""What stands beside a prevalence: the judge's own rate, the table, the worst case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from judge.calibration.joined import Joined
from judge.calibration.judgements import Judgements
from judge.calibration.prevalence.result import labels_called
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["judge_rate", "label_warnings", "two_by_two", "worst_case"]


def judge_rate(
    judgements: Judgements, confidence: float, *, interval: bool = True
) -> Estimate:
    """Return how often the judge says present, among its verdicts."""
    counts = judgements.counts()
    k, n = counts["present"], counts["present"] + counts["absent"]
    method = "the judge's verdicts, its errors included"
    if not n:
        return Estimate.refused("the judge gave no verdict", method=method)
    low, high = wilson_interval(k, n, confidence=confidence)
    return Estimate(
        value=k / n,
        low=low if interval else None,
        high=high if interval else None,
        n=n,
        confidence=confidence,
        method=method,
    )


def worst_case(
    estimate: Estimate, judged: int, outside: int
) -> tuple[float, float] | None:
    """Return the limits over all, were those without a verdict absent, or present."""
    every = judged + outside
    if not outside or (judged and estimate.high is None):
        return None
    low, high = estimate.low or 0.0, estimate.high or 0.0
    return low * judged / every, (high * judged + outside) / every


def two_by_two(labelled: pd.DataFrame) -> Mapping[str, Mapping[str, float]]:
    """Return labelled transcripts by the judge's answer, then by label."""
    table = {}
    for verdict in ("present", "absent", "abstained"):
        if verdict == "abstained":
            rows = labelled[labelled["status"] == "abstained"]
            if rows.empty:
                continue
        else:
            said = labelled["present"].fillna(value=False).astype(bool)
            of_it = said if verdict == "present" else ~said
            rows = labelled[of_it & (labelled["status"] != "abstained")]
        y = float(rows["y"].sum())
        table[verdict] = {"present": y, "absent": len(rows) - y}
    return table


def label_warnings(joined: Joined) -> list[str]:
    """Return what to know of the labels: who made them, and what did not match."""
    told = []
    if joined.source != "human":
        told.append(f"these are {labels_called(joined.source)}, not human ones")
    return [*told, *joined.notes]
