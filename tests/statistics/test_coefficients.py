"""Agreement coefficients against published values and other software's."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judge.errors import UsageError
from judge.statistics.agreement.alpha_counted import LEVELS, Level, alpha
from judge.statistics.agreement.analytic import analytic_coefficient, cohen_kappa_error
from judge.statistics.agreement.coded import coded
from judge.statistics.agreement.coefficients import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    negative_agreement,
    percent_agreement,
    positive_agreement,
)
from judge.statistics.agreement.counted import (
    agreement_weights,
    chance_corrected,
    cohen,
    tallies,
    totals,
)
from judge.statistics.agreement.patterns import find_patterns

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability: 4 observers, 12 units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
FOUR_BY_TWELVE = np.array(OBSERVERS, dtype=np.float64).T
CATEGORIES = [1, 2, 3, 4, 5]
WRONG: Any = "wrong"
# Severities 0 to 4 of 30 items.
FIRST = [0] * 7 + [1] * 5 + [2] * 6 + [3] * 5 + [4] * 6 + [1]
SECOND = [0, 0, 0, 1, 0, 0, 2, 1, 1, 0, 2, 1, 2, 2, 1, 3, 2, 2, 3, 3, 2, 4, 3, 4, 4, 3]
SECOND += [4, 2, 4, 1]


@pytest.mark.parametrize(
    ("level", "value"),
    [
        # R irr 0.84.1 kripp.alpha; Krippendorff 2011 prints .743 .815 .849 .797
        ("nominal", 0.74342105263),
        ("ordinal", 0.81538750375),
        ("interval", 0.84910714286),
        ("ratio", 0.79740277461),
    ],
)
def test_alpha_has_the_published_values(level: Level, value: float) -> None:
    found = krippendorff_alpha(FOUR_BY_TWELVE, level=level)
    assert found == pytest.approx(value, abs=1e-6)


def test_a_unit_with_one_rating_is_dropped_from_alpha() -> None:
    # R irrCAC 1.4 krippen.alpha.raw: pa .805, pe .24 over 40 pairable values
    assert krippendorff_alpha(FOUR_BY_TWELVE[:11]) == krippendorff_alpha(FOUR_BY_TWELVE)
    found = krippendorff_alpha(FOUR_BY_TWELVE)
    assert found == pytest.approx((0.805 - 0.24) / (1 - 0.24), abs=5e-6)


def test_ordinal_weights_are_not_the_ordinal_metric() -> None:
    # R irrCAC 1.4: alpha with "ordinal" weights is .83364, with the metric .81539;
    # its quadratic weights are the interval metric
    found = [
        krippendorff_alpha(FOUR_BY_TWELVE, level=x) for x in ("ordinal", "interval")
    ]
    assert found == pytest.approx([0.81538750375, 0.84911], abs=5e-6)
    # alpha from the coincidences of the pairable ratings, by weights 1 - distance
    coincidences = np.zeros((5, 5))
    for unit in FOUR_BY_TWELVE:
        given = unit[~np.isnan(unit)].astype(int) - 1
        for one, other in permutations(range(len(given)), 2):
            coincidences[given[one], given[other]] += 1 / (len(given) - 1)
    marginals = coincidences.sum(axis=0)
    expected = np.outer(marginals, marginals) - np.diag(marginals)
    apart = 1 - agreement_weights("ordinal", 5)
    by_weights = 1 - (marginals.sum() - 1) * (apart * coincidences).sum() / (
        (apart * expected).sum()
    )
    assert by_weights == pytest.approx(0.83364, abs=5e-6)


@pytest.mark.parametrize(
    ("how", "value", "error", "observed", "expected", "low"),
    [
        # R irrCAC 1.4 (5 digits), Python irrCAC 0.4.4 (8 digits, used here)
        (("gwet", None), 0.77544407, 0.14294995, 0.81818182, 0.19032118, 0.46081335),
        (
            ("gwet", "ordinal"),
            0.89893977,
            0.10690352,
            0.96818182,
            0.68515625,
            0.6636467,
        ),
        (("fleiss", None), 0.76116928, 0.1530192, 0.81818182, 0.23871528, 0.42437628),
        (("conger", None), 0.76206689, 0.1501088, 0.81818182, 0.23584328, 0.43167966),
        (
            ("brennan_prediger", None),
            0.77272727,
            0.14471662,
            0.81818182,
            0.2,
            0.45420814,
        ),
    ],
    ids=["ac1", "ac2", "fleiss", "conger", "brennan-prediger"],
)
def test_gwets_family_has_the_values_of_his_package(
    how: Any, value: float, error: float, observed: float, expected: float, low: float
) -> None:
    chance, weights = how
    found = analytic_coefficient(
        FOUR_BY_TWELVE, chance=chance, weights=weights, categories=CATEGORIES
    )
    got = (found.value, found.error, found.observed, found.expected, found.low)
    assert got == pytest.approx((value, error, observed, expected, low), abs=1e-6)
    assert found.high == 1.0
    assert found.n == 12
    plain: Any = {
        ("gwet", None): lambda x: gwet_ac1(x, categories=CATEGORIES),
        ("gwet", "ordinal"): lambda x: gwet_ac2(x, categories=CATEGORIES),
        ("fleiss", None): fleiss_kappa,
        ("conger", None): conger_kappa,
        ("brennan_prediger", None): lambda x: brennan_prediger(
            x, categories=CATEGORIES
        ),
    }[how]
    assert plain(FOUR_BY_TWELVE) == pytest.approx(value, abs=1e-6)


def test_cohens_kappa_has_the_values_of_r() -> None:
    # R irr 0.84.1 kappa2; error and interval R psych 2.2.9; scikit-learn 1.9.1 agrees
    assert cohen_kappa(FIRST, SECOND) == pytest.approx(0.58275382476, abs=1e-6)
    found = cohen_kappa_error(FIRST, SECOND)
    assert found.error == pytest.approx(0.10743543822687186, abs=1e-6)
    assert (found.low, found.high) == pytest.approx(
        (0.37218423517, 0.79332341434), abs=1e-6
    )
    assert found.null_error is not None
    assert found.value / found.null_error == pytest.approx(6.395617466, abs=1e-6)


def test_weighted_kappa_has_the_value_and_the_test_of_r() -> None:
    # R irr 0.84.1 kappa2(weight="squared")
    found = cohen_kappa_error(FIRST, SECOND, weights="quadratic")
    assert found.value == pytest.approx(0.86371379898, abs=1e-6)
    plain = cohen_kappa(FIRST, SECOND, weights="quadratic")
    assert plain == pytest.approx(found.value)
    assert found.null_error is not None
    assert found.value / found.null_error == pytest.approx(4.7417772984, abs=1e-6)


def test_the_error_of_weighted_kappa_is_the_published_formula_not_that_of_psych() -> (
    None
):
    # R psych 2.2.9 prints .047891484233629676, interval (.76984821471, .95757938324).
    # That is Fleiss, Cohen & Everitt with one slip: for the row means of the weights,
    # sum_j w_ij p_.j, it takes p_i. sum_j w_ij.  Jackknife: .0547.
    share = np.zeros((5, 5))
    np.add.at(share, (FIRST, SECOND), 1 / 30)
    weights = agreement_weights("quadratic", 5)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    expected = rows @ weights @ columns
    kappa = ((weights * share).sum() - expected) / (1 - expected)

    def error(of_rows: Any) -> float:
        mean = (weights @ columns)[:, None] + of_rows[None, :]
        spread = (share * (weights - mean * (1 - kappa)) ** 2).sum()
        spread -= (kappa - expected * (1 - kappa)) ** 2
        return float(np.sqrt(spread / 30) / (1 - expected))

    slipped = error(rows * weights.sum(axis=1))
    assert slipped == pytest.approx(0.047891484233629676, abs=1e-9)
    found = cohen_kappa_error(FIRST, SECOND, weights="quadratic").error
    assert found == pytest.approx(error(rows @ weights), abs=1e-12)
    left_out = [
        cohen_kappa(np.delete(FIRST, i), np.delete(SECOND, i), weights="quadratic")
        for i in range(30)
    ]
    jackknife = np.sqrt(29 * np.var(left_out))
    assert found == pytest.approx(jackknife, rel=0.05)


@pytest.mark.parametrize(
    ("table", "kappa", "ac1", "alpha_", "positive", "negative", "limits"),
    [
        # R irr 0.84.1 kappa2 and kripp.alpha, R irrCAC 1.4 gwet.ac1.raw, limits of R
        # psych 2.2.9; tables as in Feinstein & Cicchetti 1990
        (
            (40, 9, 6, 45),
            0.69951923077,
            0.7007481296758106,
            0.7007518797,
            0.8421052631578947,
            0.8571428571428571,
            (0.55959034075, 0.83944812079),
        ),
        (
            (80, 10, 5, 5),
            0.31818181818,
            0.808,
            0.31771428571,
            0.9142857142857143,
            0.4,
            (0.056611843081, 0.57975179328),
        ),
    ],
    ids=["balanced", "skewed"],
)
def test_the_paradox_tables_have_their_values(  # noqa: PLR0913, PLR0917
    table: tuple[int, int, int, int],
    kappa: float,
    ac1: float,
    alpha_: float,
    positive: float,
    negative: float,
    limits: tuple[float, float],
) -> None:
    cells = [[1, 1], [1, 0], [0, 1], [0, 0]]
    ratings = np.repeat(cells, table, axis=0)
    assert percent_agreement(ratings) == pytest.approx(0.85, abs=1e-6)
    found = (
        cohen_kappa(*ratings.T),
        gwet_ac1(ratings, categories=[0, 1]),
        brennan_prediger(ratings, categories=[0, 1]),
        krippendorff_alpha(ratings),
        positive_agreement(ratings),
        negative_agreement(ratings),
    )
    assert found == pytest.approx(
        (kappa, ac1, 0.7, alpha_, positive, negative), abs=1e-6
    )
    analytic = cohen_kappa_error(*ratings.T)
    assert (analytic.low, analytic.high) == pytest.approx(limits, abs=1e-6)


def test_ac1_of_a_rare_behaviour_is_near_percent_agreement() -> None:
    # Table 2/1/1/96: kappa .656, AC1 .979 (R irr, R irrCAC)
    ratings = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], (2, 1, 1, 96), axis=0)
    assert cohen_kappa(*ratings.T) == pytest.approx(0.656, abs=5e-4)
    assert gwet_ac1(ratings, categories=[0, 1]) == pytest.approx(0.979, abs=5e-4)


def test_fleiss_kappa_has_the_printed_value_whole_and_by_category() -> None:
    # The widely printed table of 10 subjects, 14 raters, 5 categories: .210;
    # R irr 0.84.1 kappam.fleiss .20993070442, by category .201 .080 .172 .030 .508;
    # Python irrCAC 0.4.4 for the others
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    ratings = np.array([np.repeat(range(5), row) for row in counts])
    assert fleiss_kappa(ratings) == pytest.approx(0.20993070442, abs=1e-6)
    each = [fleiss_kappa((ratings == k).astype(int)) for k in range(5)]
    assert each == pytest.approx([0.201, 0.08, 0.172, 0.03, 0.508], abs=5e-4)
    others = (
        gwet_ac1(ratings, categories=range(5)),
        krippendorff_alpha(ratings),
        brennan_prediger(ratings, categories=range(5)),
    )
    assert others == pytest.approx((0.22561415, 0.21557406, 0.22252747), abs=1e-6)


def test_fleiss_kappa_is_as_far_from_none_as_r_says() -> None:
    # R irr 0.84.1 kappam.fleiss, same table: z 12.3742910592 = kappa / its null error,
    # Fleiss, Nee & Landis 1979, Psychological Bulletin 86, 974-977
    pooled = np.array([20, 28, 39, 21, 32]) / 140
    spread = pooled * (1 - pooled)
    null = 2 * (spread.sum() ** 2 - (spread * (1 - 2 * pooled)).sum())
    error = np.sqrt(null / (10 * 14 * 13)) / spread.sum()
    assert 0.20993070442 / error == pytest.approx(12.3742910592, abs=1e-6)


RATINGS = arrays(
    np.float64,
    st.tuples(st.integers(2, 12), st.integers(2, 4)),
    elements=st.sampled_from([1.0, 2.0, 3.0, 5.0, float("nan")]),
)
OF_ALL: list[Any] = [
    percent_agreement,
    fleiss_kappa,
    *(lambda x, level=level: krippendorff_alpha(x, level=level) for level in LEVELS),
    lambda x: gwet_ac1(x, categories=[1, 2, 3, 5]),
    lambda x: gwet_ac2(x, categories=[1, 2, 3, 5]),
    lambda x: brennan_prediger(x, categories=[1, 2, 3, 5]),
]


@settings(max_examples=40, deadline=None)
@given(RATINGS, st.randoms(use_true_random=False))
def test_the_order_of_units_and_of_raters_changes_nothing(
    ratings: Any, random: Any
) -> None:
    rows, columns = (list(range(size)) for size in ratings.shape)
    random.shuffle(rows)
    random.shuffle(columns)
    for of in OF_ALL:
        kept, moved = of(ratings), of(ratings[rows][:, columns])
        assert kept == pytest.approx(moved, abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(RATINGS)
def test_no_coefficient_is_above_1(ratings: Any) -> None:
    for of in OF_ALL:
        assert not of(ratings) > 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=20))
def test_identical_raters_agree_wholly_or_there_is_nothing_to_agree_on(
    ratings: list[int],
) -> None:
    twice = np.array([ratings, ratings]).T
    wanted = 1.0 if len(set(ratings)) > 1 else float("nan")
    for level in LEVELS:
        found = krippendorff_alpha(twice, level=level)
        assert found == pytest.approx(wanted, abs=1e-12, nan_ok=True)
    assert cohen_kappa(ratings, ratings) == pytest.approx(wanted, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(RATINGS)
def test_alpha_is_its_definition(ratings: Any) -> None:
    for level in LEVELS:
        assert krippendorff_alpha(ratings, level=level) == pytest.approx(
            by_definition(ratings, level), abs=1e-9, nan_ok=True
        )


def by_definition(ratings: Any, level: Level) -> float:
    units = [row[~np.isnan(row)] for row in ratings]
    units = [row for row in units if len(row) > 1]
    pooled = np.concatenate([*units, []])

    def apart(c: float, k: float) -> float:
        low, high = min(c, k), max(c, k)
        between = ((pooled >= low) & (pooled <= high)).sum()
        ends = ((pooled == c).sum() + (pooled == k).sum()) / 2
        return {
            "nominal": float(c != k),
            "ordinal": float(between - ends) ** 2 if c != k else 0.0,
            "interval": (c - k) ** 2,
            "ratio": ((c - k) / (c + k)) ** 2,
        }[level]

    n = len(pooled)
    seen = sum(
        sum(apart(c, k) for c in row for k in row) / (len(row) - 1) for row in units
    )
    by_chance = sum(apart(c, k) for c in pooled for k in pooled)
    return 1 - (n - 1) * seen / by_chance if by_chance else float("nan")


@settings(max_examples=25, deadline=None)
@given(RATINGS)
def test_counts_of_patterns_give_what_the_units_give(ratings: Any) -> None:
    codes, values = coded(ratings, [1.0, 2.0, 3.0, 5.0])
    found = find_patterns(codes)
    for level in LEVELS:
        counted = alpha(found.codes, np.array(values), level=level)(found.once)[0]
        assert counted == pytest.approx(
            krippendorff_alpha(ratings, level=level), abs=1e-9, nan_ok=True
        )
    kappa = cohen(found.codes[:, :2], categories=4)(found.once)[0]
    assert kappa == pytest.approx(cohen_kappa(*ratings[:, :2].T), abs=1e-9, nan_ok=True)


def test_conger_of_two_complete_raters_is_cohens() -> None:
    ratings = np.array([FIRST, SECOND]).T
    assert conger_kappa(ratings) == pytest.approx(cohen_kappa(FIRST, SECOND))


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_is_that_of_scikit_learn(weights: Any) -> None:
    from sklearn.metrics import cohen_kappa_score

    wanted = cohen_kappa_score(FIRST, SECOND, weights=weights)
    assert cohen_kappa(FIRST, SECOND, weights=weights) == pytest.approx(wanted)


@pytest.mark.parametrize("level", LEVELS)
def test_many_values_are_kept_sparse_and_give_the_same(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings = np.random.default_rng(0).random((40, 3))
    dense = krippendorff_alpha(ratings, level=level)
    monkeypatch.setattr("judge.statistics.agreement.alpha_counted.DENSE", 0)
    assert krippendorff_alpha(ratings, level=level) == pytest.approx(dense, abs=1e-12)


def test_a_product_in_pieces_is_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, columns = np.arange(35.0).reshape(7, 5), np.arange(15.0).reshape(5, 3)
    monkeypatch.setattr("judge.statistics.agreement.counted.PIECE", 30)
    assert (totals(counts, columns) == counts @ columns).all()


def test_categories_nobody_used_count_for_ac1() -> None:
    ratings = [[1, 1], [1, 0], [0, 0], [0, 0]]
    two, three = (gwet_ac1(ratings, categories=range(q)) for q in (2, 3))
    assert three > two


@pytest.mark.parametrize(
    "of",
    [
        cohen_kappa_error,
        lambda a, b: analytic_coefficient(
            np.array([a, b]).T, chance="gwet", categories=[0, 1]
        ),
    ],
)
def test_an_error_of_nothing_is_refused(of: Any) -> None:
    with pytest.raises(UsageError, match="undefined"):
        of([], [])


def test_ratings_of_nothing_have_no_coefficient() -> None:
    nothing = np.empty((3, 2))
    nothing[:] = np.nan
    assert all(np.isnan(of(nothing)) for of in OF_ALL)
    assert np.isnan(cohen_kappa([], []))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa([1], [1, 2]), "the same units"),
        (lambda: cohen_kappa_error([1], [1, 2]), "the same units"),
        (lambda: cohen_kappa([1, 2], [1, 2], weights=WRONG), "'wrong' are not known"),
        (lambda: krippendorff_alpha([[1, 2]], level=WRONG), "'wrong' is not known"),
        (lambda: krippendorff_alpha([["a", "b"]], level="ordinal"), "are numbers"),
        (lambda: krippendorff_alpha([[-1, 2]], level="ratio"), "0 or more"),
        (lambda: tallies(np.zeros((1 << 14, 1), int), 1 << 14), "do not fit in memory"),
        (lambda: gwet_ac1([[1, 2]], categories=[1]), "none of the categories"),
    ],
)
def test_what_cannot_be_used_is_named(call: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_strings_can_be_rated() -> None:
    a, b = ["yes", "no", "no", "yes"], ["yes", "no", "yes", "yes"]
    assert cohen_kappa(a, b) == pytest.approx(0.5)
    assert krippendorff_alpha(list(zip(a, b, strict=True))) == pytest.approx(8 / 15)


def test_chance_needs_two_categories() -> None:
    codes = np.zeros((3, 2), dtype=np.int64)
    made = chance_corrected(codes, categories=1, chance="gwet")
    assert np.isnan(made(np.ones((1, 3)))).all()
