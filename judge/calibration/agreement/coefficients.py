"""The agreement of some raters of a table: which coefficients, on which answers."""

from __future__ import annotations

from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from judge.calibration.agreement.ratings_table import (
    ABSENT,
    PRESENT,
    UNSURE,
    RatingsTable,
)
from judge.calibration.agreement.result import Coefficients, SeverityAgreement
from judge.statistics.agreement.alpha_counted import alpha
from judge.statistics.agreement.coded import Codes
from judge.statistics.agreement.counted import (
    chance_corrected,
    cohen,
    percent,
    specific,
)
from judge.statistics.agreement.interval import (
    Measure,
    agreement_intervals,
    rarer_ratings,
    ratings_of,
)
from judge.statistics.agreement.intraclass import intraclass_correlation
from judge.statistics.agreement.rank_correlation import (
    kendall,
    signed_bias,
    spearman,
    within,
)
from judge.statistics.estimate import Estimate

__all__ = ["coefficients"]

STEPS = 10
"""Levels a severity can have, 0 to 9."""


class Intervals(Protocol):
    """`agreement_intervals`, told how to resample."""

    def __call__(
        self, codes: Codes, measures: dict[str, Measure], /
    ) -> dict[str, Estimate]: ...


def coefficients(
    table: RatingsTable, names: tuple[str, ...], *, resamples: int, seed: int
) -> Coefficients:
    """Return the agreement of two raters or more of a table.

    "Unsure" counts as a category once a labeler or one of these raters used it; AC1
    depends on how many there are.
    """
    answers, severity = table.columns(*names)
    unsure = (table.columns(*table.people)[0] == UNSURE).any() or UNSURE in answers
    answered = np.where(answers == UNSURE, -1, answers)
    intervals = partial(
        agreement_intervals, clusters=table.clusters, resamples=resamples, seed=seed
    )
    paired = (answers >= 0).sum(axis=1) > 1
    return Coefficients(
        raters=names,
        n=int(paired.sum()),
        **intervals(answers, _nominal(3 if unsure else 2, two=len(names) == 2)),
        **intervals(answered, _specific()),
        rarer_share=_rarer_share(answered[paired]),
        severity=_severity(severity, intervals, clustered=table.clusters is not None),
    )


def _nominal(categories: int, *, two: bool) -> dict[str, Measure]:
    family = partial(chance_corrected, categories=categories)
    kappa = cohen if two else partial(chance_corrected, chance="fleiss")
    return {
        "percent": Measure(make=percent, corrected=False, unit="share"),
        "alpha": Measure(make=partial(alpha, values=np.arange(float(categories)))),
        "kappa": Measure(make=partial(kappa, categories=categories)),
        "ac1": Measure(make=partial(family, chance="gwet")),
    }


def _specific() -> dict[str, Measure]:
    return {
        name: Measure(
            make=partial(specific, category=category),
            corrected=False,
            needs=partial(ratings_of, category=category),
            unit="share",
        )
        for name, category in (("positive", PRESENT), ("negative", ABSENT))
    }


def _rarer_share(answered: Codes) -> float | None:
    given = answered[answered >= 0]
    present = float((given == PRESENT).mean()) if len(given) else None
    return None if present is None else min(present, 1 - present)


def _severity(
    codes: Codes, intervals: Intervals, *, clustered: bool
) -> SeverityAgreement | None:
    if not ((codes >= 0).sum(axis=1) > 1).any():
        return None
    values = np.arange(float(STEPS))
    measures = {"alpha": Measure(make=partial(alpha, values=values, level="ordinal"))}
    if codes.shape[1] == 2:
        measures |= _of_two_severities(values)
    complete = codes[(codes >= 0).all(axis=1)].astype(np.float64)
    variances = intraclass_correlation(complete)
    icc2, icc2k = variances.icc2, variances.icc2k
    if clustered:
        doubt = "its interval takes transcripts of one scenario for independent"
        icc2, icc2k = icc2.doubted(doubt), icc2k.doubted(doubt)
    return SeverityAgreement(icc2=icc2, icc2k=icc2k, **intervals(codes, measures))


def _of_two_severities(values: NDArray[np.float64]) -> dict[str, Measure]:
    share = partial(Measure, corrected=False, unit="share")
    rank = partial(Measure, corrected=False, needs=rarer_ratings)
    kappa = partial(cohen, categories=STEPS)
    return {
        "kappa": Measure(make=partial(kappa, weights="quadratic")),
        "kappa_unweighted": Measure(make=kappa),
        "spearman": rank(make=partial(spearman, categories=STEPS)),
        "kendall": rank(make=partial(kendall, categories=STEPS)),
        "exact": share(make=partial(within, values=values)),
        "within_one": share(make=partial(within, values=values, steps=1)),
        "bias": Measure(
            make=partial(signed_bias, values=values), corrected=False, bounded=False
        ),
    }
