"""Whether target models, conditions or dates differ, when one judge looked at all.

A judge's errors do not cancel in a difference unless it errs alike on both.  One that
is 15 points less sensitive and 5 less specific on one of two equal groups (10 % show
the behaviour, 2,000 judged of each) makes them differ in two of three runs.  So each
group is estimated from its own labels, and the estimates are subtracted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import comb

from judge.calibration.comparison.error_rates import (
    ErrorRates,
    pooled_difference,
    rate_differences,
)
from judge.calibration.comparison.groups import joined_groups
from judge.calibration.comparison.paired import (
    human_pairs,
    shared_prompts,
    spread_ratio,
)
from judge.calibration.comparison.result import Comparison, PairDifference
from judge.calibration.comparison.separate import Group, group_of, subtracted
from judge.calibration.joined import Joined
from judge.calibration.probability.labelled_scores import checked_sampling
from judge.errors import UsageError
from judge.statistics.estimate import Estimate
from judge.statistics.multiplicity import benjamini_hochberg, holm

__all__ = ["compare"]

_ADJUST: Mapping[str, Callable[[Sequence[float]], list[float]]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}


def compare(  # noqa: PLR0913 # keyword-only, and each is one decision of the user's
    run: object,
    labels: object,
    *,
    by: str | None = None,
    sampling: str,
    rubric: str | None = None,
    pair: str | None = None,
    pooled: bool = False,
    correction: str = "holm",
    confidence: float = 0.95,
    adjudication: str = "majority",
    seed: int = 0,
) -> Comparison:
    """Estimate each group from its own labels, and say which differ.

    Parameters
    ----------
    run
        What `Judgements.of` reads, or a mapping from names of groups to such runs.
    labels
        What `HumanLabels.load` reads; some of every group.
    by
        The metadata column that parts the groups, such as ``target_model``; not needed
        for a mapping.
    sampling
        How the labelled transcripts were drawn within each group: ``"random"``,
        ``"by_judge"`` (at random within the judge's answers) or ``"weighted"`` (by the
        labels' ``inclusion``).  With ``"unknown"`` no interval is given.
    rubric
        Which, where run or labels have several.
    pair
        The metadata column that names the prompt, where groups share prompts.
    pooled
        Also estimate each difference with one pair of error rates for both groups;
        refused unless the judge is shown to err alike on them.
    correction
        Of p-values: ``"holm"`` for claims, ``"bh"`` for screening.
    confidence
        Of the intervals; those of differences hold for all pairs together.
    adjudication
        How several labels become one: see `settle`.
    seed
        Of the bootstraps behind ``pair`` and ``"weighted"``.

    Raises
    ------
    UsageError
        If a column is missing, there are fewer than two groups, an option is not
        known, or labels are borrowed: those cannot show how the judge errs on each.

    Notes
    -----
    Random and by judge: the difference of two post-stratified posteriors.  Weighted:
    squares of distances added.  Several pairs: Bonferroni for intervals, Holm 1979 or
    Benjamini and Hochberg 1995 for p-values; a difference counts as shown only where
    both say so (for screening the p-value suffices).  Paired: see
    `judge.calibration.comparison.paired`.  Groups are taken to be judged by one judge,
    and their labels to be independent.
    """
    _check(sampling, correction)
    whole, parts, without = joined_groups(
        run, labels, by=by, rubric=rubric, adjudication=adjudication
    )
    _check_columns(whole, sampling, pair)
    groups = [
        group_of(
            name,
            part,
            sampling=sampling,
            pair=pair,
            confidence=confidence,
            seed=seed,
        )
        for name, part in parts.items()
    ]
    compared = comb(sum(not group.refused for group in groups), 2)
    each = 1 - (1 - confidence) / max(compared, 1)
    found = [
        _pair(a, b, pair=pair, pooled=pooled, confidence=each, seed=seed)
        for a, b in combinations(groups, 2)
    ]
    return Comparison(
        rubric=whole.rubric,
        by=by or "run",
        sampling=sampling,
        source=whole.source,
        labels=whole.labels.described,
        confidence=confidence,
        simultaneous=each,
        correction="bh" if correction == "bh" else "holm",
        pair=pair,
        groups=tuple(group.share for group in groups),
        pairs=tuple(_adjusted(found, correction, confidence)),
        warnings=tuple(_warnings(groups, found)),
        notes=tuple(_notes(whole, without)),
    )


def _check(sampling: str, correction: str) -> None:
    checked_sampling(sampling)
    if sampling == "borrowed":
        raise UsageError(
            "sampling='borrowed': labels of other transcripts cannot show whether the "
            "judge errs alike on all groups; label some of each group"
        )
    if correction not in _ADJUST:
        raise UsageError(f"correction={correction!r}: use 'holm' or 'bh'")


def _check_columns(whole: Joined, sampling: str, pair: str | None) -> None:
    if pair is not None:
        shared_prompts(whole, whole, pair)
    missing = whole.frame.index[whole.frame["inclusion"].isna()]
    if sampling == "weighted" and len(missing):
        raise UsageError(
            "sampling='weighted' needs the column inclusion in the labels: the "
            f"probability with which each was drawn; {str(missing[0])!r} has none"
        )


def _pair(  # keyword-only past the second
    a: Group, b: Group, *, pair: str | None, pooled: bool, confidence: float, seed: int
) -> PairDifference:
    sampling, one, two = a.case.sampling, a.joined, b.joined
    shared = ratio = humans = None
    if pair is not None:
        shared = shared_prompts(one, two, pair)
        if sampling in ("random", "by_judge") and not (a.refused or b.refused):
            ratio = spread_ratio(one, two, pair, seed=seed)
        if sampling == "random":
            humans = human_pairs(one, two, pair, confidence=confidence)
    apart, p_value = subtracted(
        a, b, confidence=confidence, ratio=ratio or 1.0, seed=seed
    )
    both = 1 - (1 - confidence) / len(ErrorRates._fields)
    rates = rate_differences(a.rates(both), b.rates(both))
    return PairDifference(
        first=a.name,
        second=b.name,
        difference=apart,
        p_value=p_value,
        p_adjusted=None,
        differ=False,
        shared=shared,
        ratio=ratio,
        humans=humans,
        sensitivity=rates.sensitivity,
        specificity=rates.specificity,
        errs_differently=any(map(_leaves_out_zero, rates)),
        pooled=pooled_difference(one, two, sampling, confidence=confidence)
        if pooled
        else None,
    )


def _adjusted(
    found: Sequence[PairDifference], correction: str, confidence: float
) -> list[PairDifference]:
    """Return the pairs with p-values for all that were compared, and what they show."""
    tested = [p.p_value for p in found if p.p_value is not None]
    adjusted = iter(_ADJUST[correction](tested))
    made = []
    for one in found:
        if one.p_value is None:
            made.append(one)
            continue
        p = next(adjusted)
        sure = correction == "bh" or _leaves_out_zero(one.difference)
        differ = sure and p <= 1 - confidence
        made.append(one.model_copy(update={"p_adjusted": p, "differ": differ}))
    return made


def _leaves_out_zero(estimate: Estimate) -> bool:
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and (low > 0 or high < 0)


def _warnings(groups: Sequence[Group], found: Sequence[PairDifference]) -> list[str]:
    told = []
    makers = {name for g in groups for name in g.share.fingerprints}
    if len(makers) > 1:
        told.append(
            f"the groups were judged by {len(makers)} different judges: what differs "
            "may be the judge"
        )
    told += [_errs(one) for one in found if one.errs_differently]
    told += [
        f"{g.name} is not compared: {g.share.estimate.reason}"
        for g in groups
        if g.refused
    ]
    return told


def _errs(one: PairDifference) -> str:
    rates = {"sensitivity": one.sensitivity, "specificity": one.specificity}
    which = ", ".join(
        f"{name} by {rate}" for name, rate in rates.items() if _leaves_out_zero(rate)
    )
    return (
        f"the judge errs differently on {one.first} than on {one.second} ({which}): "
        "what it says alone of the two does not compare"
    )


def _notes(whole: Joined, without: int) -> list[str]:
    told = list(whole.notes)
    if without:
        told.append(f"{without:,} transcripts are in no group and are left out")
    if whole.source != "human":
        told.append(f"the labels are {whole.source} labels, not human ones")
    return told
