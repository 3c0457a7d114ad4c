"""A bootstrap of three kappas and alpha, beside the loops it replaces.

    python -m tests.benchmarks.agreement [UNITS] [RESAMPLES]

Three raters, five categories.  Ours is timed whole, from the matrix of ratings to the
values of all resamples, the finding of patterns included; the loops over scikit-learn
and over the package krippendorff for a few resamples, times how many are wanted.  Below
that, where patterns are many: ours beside drawing indices and counting, whole.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score

from judge.statistics.agreement.alpha_counted import alpha
from judge.statistics.agreement.coded import coded
from judge.statistics.agreement.counted import cohen
from judge.statistics.agreement.interval import bootstrap
from judge.statistics.agreement.patterns import find_patterns

RATERS, CATEGORIES = 3, 5
PAIRS = tuple(combinations(range(RATERS), 2))
LOOPED = 5
"""Resamples of a loop that are timed."""
ROUNDS = 3


def main(units: int = 100_000, resamples: int = 1000) -> None:
    ratings = simulated(units, CATEGORIES)
    ours, values = timed(lambda: counted(ratings, CATEGORIES, resamples), ROUNDS)
    print(f"{units:,} units, {RATERS} raters, {CATEGORIES} categories, ", end="")
    print(f"{resamples:,} resamples of 3 kappas and alpha: {ours * 1e3:.1f} ms")
    once, _ = timed(lambda: np.sort(ratings[:, 0]), ROUNDS)
    print(f"  (to sort one rater's ratings once: {once * 1e3:.1f} ms)")
    beside("scikit-learn, 3 kappas", sklearn_kappas, ratings, ours, resamples)
    if find_spec("krippendorff") is None:
        print("  the package krippendorff is not installed (pip install krippendorff)")
    else:
        beside("krippendorff, alpha", package_alpha, ratings, ours, resamples)
        agrees(ratings)
    print(
        "  intervals:", {k: np.quantile(v, [0.025, 0.975]) for k, v in values.items()}
    )
    many_patterns(units, resamples)


def simulated(units: int, categories: int) -> Any:
    """Ratings of one true category each; a rater is right in two thirds."""
    random = np.random.default_rng(7)
    truth = random.integers(0, categories, (units, 1))
    guess = random.integers(0, categories, (units, RATERS))
    return np.where(random.random((units, RATERS)) < 2 / 3, truth, guess)


def counted(codes: Any, categories: int, resamples: int) -> dict[str, Any]:
    patterns = find_patterns(codes)
    statistics = {
        f"kappa {pair}": cohen(patterns.codes[:, pair], categories=categories)
        for pair in PAIRS
    }
    statistics["alpha"] = alpha(patterns.codes, np.arange(float(categories)))
    return bootstrap(patterns, statistics, resamples=resamples)


def sklearn_kappas(ratings: Any) -> list[float]:
    return [float(cohen_kappa_score(ratings[:, i], ratings[:, j])) for i, j in PAIRS]


def package_alpha(ratings: Any) -> list[float]:
    package = import_module("krippendorff")  # for this comparison alone
    return [float(package.alpha(ratings.T, level_of_measurement="nominal"))]


def beside(
    name: str,
    measure: Callable[[Any], list[float]],
    ratings: Any,
    ours: float,
    resamples: int,
) -> None:
    random = np.random.default_rng(0)

    def loop() -> None:
        for _ in range(LOOPED):
            measure(ratings[random.integers(0, len(ratings), len(ratings))])

    seconds, _ = timed(loop, ROUNDS)
    whole = seconds / LOOPED * resamples
    print(f"  {name}: {whole:.1f} s, {whole / ours:,.0f} x (at least 1,000 x)")


def agrees(ratings: Any) -> None:
    values = [float(v[0]) for v in at_once(ratings).values()]
    reference = [*sklearn_kappas(ratings), *package_alpha(ratings)]
    apart = max(abs(a - b) for a, b in zip(values, reference, strict=True))
    print(f"  largest difference from their values: {apart:.1e}")


def at_once(codes: Any) -> dict[str, Any]:
    patterns = find_patterns(codes)
    found = {
        f"{pair}": cohen(patterns.codes[:, pair], categories=CATEGORIES)(patterns.once)
        for pair in PAIRS
    }
    level = alpha(patterns.codes, np.arange(float(CATEGORIES)))
    return {**found, "alpha": level(patterns.once)}


def many_patterns(units: int, resamples: int) -> None:
    """Where patterns are many: beside indices drawn, their rows counted by pattern."""
    few = max(1, resamples // 10)
    ten = simulated(units, 10)
    told(
        "10 categories, 3 kappas and alpha",
        timed(lambda: counted(ten, 10, few), ROUNDS)[0],
        timed(lambda: indexed(ten, 10, few), ROUNDS)[0],
    )
    random = np.random.default_rng(3)
    scores = random.normal(size=(units, 1)) + random.normal(size=(units, RATERS))
    told(
        "continuous scores, interval alpha",
        timed(lambda: continuous(scores, few), ROUNDS)[0],
        timed(lambda: indexed_interval(scores, few), ROUNDS)[0],
    )


def told(name: str, ours: float, other: float) -> None:
    print(f"{name}: {ours / other:.2f} of the time of index-and-count (at most 1)")


def continuous(scores: Any, resamples: int) -> Any:
    codes, values = coded(scores)
    patterns = find_patterns(codes)
    statistic = alpha(patterns.codes, np.array(values), level="interval")
    return bootstrap(patterns, {"alpha": statistic}, resamples=resamples)


def indexed(codes: Any, categories: int, resamples: int) -> Any:
    """Draw indices and count what was drawn; the coefficients are the same."""
    key = np.ravel_multi_index(tuple(codes.T), (categories,) * RATERS)
    rows = np.stack(np.unravel_index(np.arange(categories**3), (categories,) * 3), 1)
    statistics = [cohen(rows[:, pair], categories=categories) for pair in PAIRS]
    statistics.append(alpha(rows, np.arange(float(categories))))
    random = np.random.default_rng(0)
    counts = np.empty((resamples, len(rows)))
    for row in counts:
        drawn = key[random.integers(0, len(key), len(key))]
        row[:] = np.bincount(drawn, minlength=len(rows))
    return [statistic(counts) for statistic in statistics]


def indexed_interval(scores: Any, resamples: int) -> Any:
    """Draw indices of units, and sum what each unit brings to alpha."""
    x = scores - scores.mean()
    each = np.stack([x.sum(1), (x**2).sum(1), RATERS * x.var(axis=1) * RATERS], 1)
    random = np.random.default_rng(0)
    found = []
    n = RATERS * len(x)
    for _ in range(resamples):
        total, squares, apart = each[random.integers(0, len(x), len(x))].sum(axis=0)
        within = 2 * apart / (RATERS - 1)
        found.append(1 - (n - 1) * within / (2 * (n * squares - total**2)))
    return found


def timed(call: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Return the best of some rounds in seconds of this process, and what it gave."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        given = call()
        best = min(best, time.process_time() - started)
    return best, given


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
