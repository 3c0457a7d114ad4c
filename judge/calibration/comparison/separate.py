"""Each group estimated from its own labels, and two such estimates subtracted."""

from __future__ import annotations

from typing import NamedTuple

from judge.calibration.comparison.error_rates import ErrorRates, rates_of
from judge.calibration.comparison.result import GroupShare
from judge.calibration.joined import Joined
from judge.calibration.prevalence.beside import judge_rate
from judge.calibration.prevalence.case import Case, case_of
from judge.calibration.prevalence.refusals import refusal
from judge.statistics.comparison.contrast import (
    scaled,
    square_and_add,
    two_sided,
    two_sided_of,
)
from judge.statistics.estimate import Estimate
from judge.statistics.rates.post_stratified import post_stratified, posterior
from judge.statistics.rates.posterior import difference
from judge.statistics.rates.weighted import hajek

__all__ = ["Group", "group_of", "subtracted"]


class Group(NamedTuple):
    """One group: what its estimate rests on, and the estimate."""

    name: str
    case: Case
    share: GroupShare

    @property
    def joined(self) -> Joined:
        return self.case.joined

    @property
    def refused(self) -> bool:
        return self.share.estimate.status == "refused"

    def rates(self, confidence: float) -> ErrorRates:
        """Return how the judge errs on it, as its labels were drawn."""
        return rates_of(self.joined, self.case.sampling, confidence)


def group_of(  # keyword-only past the second
    name: str,
    joined: Joined,
    *,
    sampling: str,
    pair: str | None,
    confidence: float,
    seed: int,
) -> Group:
    """Return a group by itself; ``pair`` is the column of what belongs together."""
    repeated = pair is not None and joined.scored[pair].notna().any()
    case = case_of(
        joined,
        sampling=sampling,
        confidence=confidence,
        cluster=pair if repeated else None,
    )
    rates = rates_of(joined, sampling, confidence)
    share = GroupShare(
        name=name,
        judged=case.judged,
        labelled=case.n,
        positives=float(case.labelled["y"].sum()),
        estimate=_estimate(case, confidence, seed),
        judge_alone=judge_rate(
            joined.judgements, confidence, interval=case.interval_known
        ),
        sensitivity=rates.sensitivity,
        specificity=rates.specificity,
        fingerprints=tuple(joined.judgements.fingerprints),
    )
    return Group(name, case, share)


def subtracted(
    a: Group, b: Group, *, confidence: float, ratio: float, seed: int
) -> tuple[Estimate, float | None]:
    """Return a minus b and its p-value.

    ``ratio`` is how many times wider the difference spreads than if the two shared
    nothing; labels with unequal probabilities are compared as if they did not.
    """
    bare = [g for g in (a, b) if g.refused]
    if bare:
        told = "; ".join(f"{g.name}: {g.share.estimate.reason}" for g in bare)
        remedies = dict.fromkeys(g.share.estimate.remedy for g in bare)
        remedy = "; ".join(filter(None, remedies))
        return Estimate.refused(told, remedy=remedy, n=a.case.n + b.case.n), None
    if a.case.sampling == "weighted":
        one, two = (_estimate(g.case, confidence, seed) for g in (a, b))
        apart = square_and_add(one, two)
        return apart, two_sided_of(apart)
    first, second = (posterior(*g.case.strata.counts) for g in (a, b))
    apart = difference(first, second, confidence=confidence)
    return scaled(apart, ratio), two_sided(first, second, ratio=ratio)


def _estimate(case: Case, confidence: float, seed: int) -> Estimate:
    told = refusal(case)
    if told is not None:
        return told[1]
    if case.sampling == "weighted":
        return hajek(
            case.labelled["y"].tolist(),
            case.labelled["inclusion"].tolist(),
            clusters=case.clusters,
            confidence=confidence,
            seed=seed,
        )
    return post_stratified(
        *case.strata.counts, confidence=confidence, design_effect=case.design_effect
    )
