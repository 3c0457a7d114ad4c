"""Dawid-Skene, against the anaesthetists of 1979 and on simulated observers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.labelers.dawid_skene import DawidSkene, dawid_skene

# Dawid & Skene 1979, Applied Statistics 28, table 1: 45 patients, one a word; observer
# 1 answered three times, then observers 2 to 5 once each
ANAESTHETISTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444
2223343 1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221
2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111
2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111
2222222
"""

Codes = NDArray[np.int64]


def anaesthetists() -> tuple[Codes, Codes, Codes]:
    table = np.array([[int(x) for x in word] for word in ANAESTHETISTS.split()])
    item = np.repeat(np.arange(45), 7)
    return item, np.tile([0, 0, 0, 1, 2, 3, 4], 45), table.ravel() - 1


def simulated(
    seed: int, *, items: int = 400, rates: tuple[float, ...] = (0.95, 0.85, 0.7)
) -> tuple[Codes, DawidSkene]:
    """Two classes, the second in 30 %; each observer is right at its own rate."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(items) < 0.3).astype(np.int64)
    right = rng.random((items, len(rates))) < rates
    said = np.where(right, truth[:, None], 1 - truth[:, None])
    item = np.repeat(np.arange(items), len(rates))
    observer = np.tile(np.arange(len(rates)), items)
    return truth, dawid_skene(item, observer, said.ravel())


def test_the_anaesthetists_come_out_as_published() -> None:
    fit = dawid_skene(*anaesthetists(), smoothing=0, tolerance=1e-12)
    assert fit.converged
    # own EM to 1e-12, tolerance 0.002; the paper prints .40 .42 .11 .07, and crowd-kit
    # 1.4.2 gives the same to 1e-10
    assert fit.marginals == pytest.approx(
        [0.39955475288, 0.42198339191, 0.11179518854, 0.06666666667], abs=1e-9
    )
    observer_1 = [
        [0.889488, 0.110512, 0.0, 0.0],
        [0.070585, 0.87638, 0.053035, 0.0],
        [0.0, 0.338822, 0.661178, 0.0],
        [0.0, 0.0, 0.555556, 0.444444],
    ]
    assert np.abs(fit.confusion[0] - observer_1).max() < 1e-6
    assert fit.posteriors[2] == pytest.approx([0, 1, 0, 0], abs=1e-12)
    assert fit.posteriors[19] == pytest.approx([0, 1, 0, 0], abs=1e-12)


def test_a_little_smoothing_moves_it_a_little_and_leaves_no_zero() -> None:
    fit = dawid_skene(*anaesthetists(), smoothing=0.01)
    assert np.abs(fit.marginals - [0.3996, 0.4220, 0.1118, 0.0667]).max() < 0.005
    assert fit.confusion.min() > 0


def test_error_rates_of_simulated_observers_are_found() -> None:
    fits = [simulated(seed)[1] for seed in range(12)]
    found = np.mean([fit.confusion for fit in fits], axis=0)
    assert found[:, 0, 0] == pytest.approx([0.95, 0.85, 0.7], abs=0.03)
    assert found[:, 1, 1] == pytest.approx([0.95, 0.85, 0.7], abs=0.05)
    assert np.mean([fit.marginals[1] for fit in fits]) == pytest.approx(0.3, abs=0.02)


def test_it_is_righter_than_the_majority_where_observers_differ_much() -> None:
    rates = (0.95, 0.6, 0.6)
    right, majority = [], []
    for seed in range(8):
        truth, fit = simulated(seed, rates=rates)
        right.append((fit.posteriors.argmax(axis=1) == truth).mean())
        majority.append(0.95 * 0.84 + 0.05 * 0.36)
    assert np.mean(right) > np.mean(majority) + 0.03


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.01, 1.0]))
def test_probabilities_sum_to_one_and_order_changes_nothing(
    seed: int, smoothing: float
) -> None:
    rng = np.random.default_rng(seed)
    item = np.concatenate([np.arange(12), rng.integers(0, 12, 30)])
    observer = rng.integers(0, 4, 42)
    response = rng.integers(0, 3, 42)
    fit = dawid_skene(
        item, observer, response, classes=3, smoothing=smoothing, rounds=40
    )
    assert fit.marginals.sum() == pytest.approx(1)
    assert np.allclose(fit.confusion.sum(axis=2), 1)
    assert np.allclose(fit.posteriors.sum(axis=1), 1)
    order = rng.permutation(42)
    again = dawid_skene(
        item[order],
        observer[order],
        response[order],
        classes=3,
        smoothing=smoothing,
        rounds=40,
    )
    assert np.allclose(fit.posteriors, again.posteriors)


def test_without_smoothing_no_round_lowers_the_likelihood() -> None:
    columns = anaesthetists()
    told = [
        dawid_skene(*columns, smoothing=0, rounds=rounds).log_likelihood
        for rounds in range(1, 12)
    ]
    assert all(b >= a - 1e-9 for a, b in pairwise(told))


def test_stopped_early_it_says_so() -> None:
    fit = dawid_skene(*anaesthetists(), rounds=2)
    assert (fit.rounds, fit.converged) == (2, False)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (([], [], []), "differ or are empty: 0, 0, 0"),
        (([0, 1], [0], [1]), "differ or are empty: 2, 1, 1"),
        (([0], [0], [-1]), "whole numbers from 0, got -1"),
        (([0], [0], [0.5]), "whole numbers from 0, got float64"),
        (([0], [0], [2]), "a response is 2, of 2 classes"),
        (([1], [0], [1]), "an item has no response"),
    ],
    ids=["empty", "lengths", "negative", "float", "class", "gap"],
)
def test_what_are_no_codes_is_named(
    columns: tuple[list[int], list[int], list[int]], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        dawid_skene(*columns, classes=2)


def test_negative_smoothing_is_refused() -> None:
    with pytest.raises(UsageError, match="smoothing must be 0 or more, got -1"):
        dawid_skene([0], [0], [0], smoothing=-1)
