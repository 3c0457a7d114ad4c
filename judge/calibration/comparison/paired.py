"""Two groups that share prompts: what that does to the interval of their difference.

What two groups share cancels in their difference, and prompts asked several times tell
less than they seem to.  Both show in a bootstrap over prompts.  Its percentiles cover
too rarely (87 to 95 % in simulations with 45 to 90 labels a group, where misses are
rarely drawn), so only its spread is used: beside that of a bootstrap of independent
rows, it says by how much to scale the interval of independent groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from judge.calibration.comparison.result import HumanPairs
from judge.calibration.joined import Joined
from judge.errors import UsageError
from judge.statistics.checked import Floats
from judge.statistics.cluster_bootstrap import Bootstrapped, cluster_bootstrap
from judge.statistics.comparison.paired import mcnemar_exact, newcombe_paired
from judge.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["human_pairs", "shared_prompts", "spread_ratio"]

FEW_PROMPTS = 20
"""Shared prompts below which their resamples are too few to narrow anything."""
NARROWEST = 0.5
"""What pairing may leave of an interval's width: answers that correlate at 0.75."""
_ANSWERS = 3
"""Present, absent, abstained."""
_COLUMNS = 3 * _ANSWERS


def shared_prompts(a: Joined, b: Joined, pair: str) -> int:
    """Return how many prompts both groups have.

    Raises
    ------
    UsageError
        If the column is not there.
    """
    sets = [set(_prompts(one.judgements.frame, pair).dropna()) for one in (a, b)]
    return len(sets[0] & sets[1])


def spread_ratio(a: Joined, b: Joined, pair: str, *, seed: int) -> float:
    """Return the spread of the difference over prompts by that of independent rows.

    Never under NARROWEST, and not under 1 with few shared prompts: where groups are
    balanced by design, or prompts are few, resamples hardly vary, and prove nothing.
    """
    columns = [_columns(one) for one in (a, b)]
    empty = [np.zeros_like(rows) for rows in columns]
    both = np.concatenate(
        [np.hstack([columns[0], empty[0]]), np.hstack([empty[1], columns[1]])]
    )
    prompts = [*_clusters(a, pair, 0), *_clusters(b, pair, 1)]
    together = cluster_bootstrap(_difference, both.T, prompts, seed=seed)
    alone = [
        cluster_bootstrap(_share, rows.T, range(len(rows)), seed=seed + 1 + i)
        for i, rows in enumerate(columns)
    ]
    apart = float(np.hypot(_sd(alone[0]), _sd(alone[1])))
    ratio = _sd(together) / apart if apart else 1.0
    least = NARROWEST if shared_prompts(a, b, pair) >= FEW_PROMPTS else 1.0
    return max(least, ratio) if np.isfinite(ratio) else 1.0


def human_pairs(
    a: Joined, b: Joined, pair: str, *, confidence: float
) -> HumanPairs | None:
    """Compare labels on prompts with one label in each group; None without any.

    For labels drawn at random: those drawn by the judge's answers pair up unevenly.
    """
    first, second = (_by_prompt(one.frame, pair) for one in (a, b))
    both = first.to_frame("a").join(second.to_frame("b"), how="inner")
    if both.empty:
        return None
    yes, too = both["a"] > 0.5, both["b"] > 0.5
    table = (
        int((yes & too).sum()),
        int((yes & ~too).sum()),
        int((~yes & too).sum()),
        int((~yes & ~too).sum()),
    )
    low, high = newcombe_paired(*table, confidence=confidence)
    n = len(both)
    difference = Estimate(
        value=(table[1] - table[2]) / n,
        low=low,
        high=high,
        n=n,
        confidence=confidence,
        method="newcombe paired",
        unit="points",
    )
    return HumanPairs(
        both=table[0],
        first_only=table[1],
        second_only=table[2],
        neither=table[3],
        difference=difference,
        p_value=mcnemar_exact(table[1], table[2]),
    )


def _prompts(frame: pd.DataFrame, pair: str) -> pd.Series[str]:
    if pair not in frame.columns:
        known = ", ".join(map(str, frame.columns)) or "none"
        raise UsageError(f"pair={pair!r}: there is no such column; known: {known}")
    return frame[pair].map(str, na_action="ignore").astype("object")


def _clusters(joined: Joined, pair: str, group: int) -> list[object]:
    """Each scored row's prompt; a row without one belongs with no other."""
    judged = joined.judgements.frame
    prompts = _prompts(judged[judged["status"] != "unscored"], pair)
    return [
        (group, at) if empty else str(prompt)
        for at, (prompt, empty) in enumerate(zip(prompts, prompts.isna(), strict=True))
    ]


def _columns(joined: Joined) -> Floats:
    """Judged, labelled and positive by the judge's answer: one row a transcript."""
    judged = joined.judgements.frame
    judged = judged[judged["status"] != "unscored"]
    said = judged["present"].fillna(value=False).to_numpy(dtype=bool)
    answer = np.where(judged["status"] == "abstained", 2, np.where(said, 0, 1))
    y = joined.frame["y"].reindex(judged.index).to_numpy(dtype=np.float64)
    labelled = np.isfinite(y)
    made = np.zeros((len(judged), _COLUMNS))
    at = np.arange(len(judged))
    made[at, answer] = 1.0
    made[at, _ANSWERS + answer] = labelled
    made[at, 2 * _ANSWERS + answer] = np.where(labelled, y, 0.0)
    return made


def _share(sums: Floats) -> Floats:
    """Post-stratified by answer; one that has no label in a resample is left out."""
    judged = sums[..., :_ANSWERS]
    labelled = sums[..., _ANSWERS : 2 * _ANSWERS]
    positive = sums[..., 2 * _ANSWERS :]
    shares = np.divide(
        positive, labelled, out=np.zeros_like(positive), where=labelled > 0
    )
    known = np.where(labelled > 0, judged, 0.0)
    return np.asarray((known * shares).sum(axis=-1) / known.sum(axis=-1))


def _difference(sums: Floats) -> Floats:
    return _share(sums[..., :_COLUMNS]) - _share(sums[..., _COLUMNS:])


def _sd(found: Bootstrapped) -> float:
    return float(found.draws.std()) if found.draws.size else 0.0


def _by_prompt(frame: pd.DataFrame, pair: str) -> pd.Series[float]:
    """Settled labels of prompts that have one in this group."""
    prompts = _prompts(frame, pair)
    settled = frame[(frame["y"] != 0.5).to_numpy() & prompts.notna().to_numpy()]
    named = settled.set_index(_prompts(settled, pair).to_numpy())["y"]
    return named[~named.index.duplicated(keep=False)]
