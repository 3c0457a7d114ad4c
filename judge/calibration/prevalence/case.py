"""All that a prevalence rests on, counted once: judged, labelled, strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from judge.calibration.joined import Joined
from judge.calibration.prevalence.beside import (
    judge_rate,
    label_warnings,
    two_by_two,
    worst_case,
)
from judge.calibration.prevalence.result import Condition, Prevalence, StratumShare
from judge.calibration.prevalence.strata import Strata, StrataKind, stratify
from judge.errors import UsageError
from judge.statistics.cluster_bootstrap import design_effect
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.rates.post_stratified import posterior

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST", "Case", "case_of"]

FEWEST = 20
"""Labels below which only their table is shown."""

SMALL = 0.05
"""Share of abstentions that may go unlabelled: bounded, instead of estimated."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question of prevalence, before anything is estimated."""

    joined: Joined
    sampling: str
    strata: Strata
    labelled: pd.DataFrame
    """The labelled rows that count: those with a verdict or an abstention."""
    left_out: int
    """Abstained transcripts that no label covers."""
    confidence: float
    clusters: Sequence[object] | None
    design_effect: float

    @property
    def n(self) -> int:
        return len(self.labelled)

    @property
    def judged(self) -> int:
        """How many transcripts the estimate is about."""
        return sum(self.strata.judged)

    @property
    def interval_known(self) -> bool:
        """Whether it was said how the labels were drawn."""
        return self.sampling in ("random", "by_judge", "weighted")

    def humans_only(self) -> Estimate:
        """Return the share among the labels, the judge ignored."""
        n, y = self.n, float(self.labelled["y"].sum())
        if n < FEWEST:
            return Estimate.refused(
                f"{n} labels are fewer than {FEWEST}",
                remedy="label more",
                n=n,
                method="labels only",
            )
        if not self.interval_known:
            return Estimate(value=y / n, n=n, method="labels only, no interval")
        if self.sampling == "by_judge":
            return Estimate.refused(
                "labels drawn by verdict do not show the rate by themselves",
                remedy="they do when drawn at random",
                n=n,
                method="labels only",
            )
        draws = max(1, int(n / self.design_effect))
        low, high = wilson_interval(y / n * draws, draws, confidence=self.confidence)
        return Estimate(
            value=y / n,
            low=low,
            high=high,
            n=n,
            confidence=self.confidence,
            method="labels only, Wilson",
            side="both" if y else "upper",
        )

    def point(self) -> float | None:
        """Return the corrected share without an interval, where strata allow it."""
        bare = any(
            judged and not labelled
            for judged, labelled in zip(
                self.strata.judged, self.strata.labelled, strict=True
            )
        )
        if bare or not self.judged or self.n < FEWEST or self.sampling == "weighted":
            return None
        return posterior(*self.strata.counts).point

    def result(
        self,
        condition: Condition,
        *,
        estimate: Estimate,
        corrected: Estimate,
        check: Estimate | None = None,
        humans_only: Estimate | None = None,
    ) -> Prevalence:
        """Return the estimate with all that stands beside it."""
        counts = self.joined.judgements.counts()
        outside = counts["unscored"] + self.left_out
        return Prevalence(
            rubric=self.joined.rubric,
            condition=condition,
            estimate=estimate,
            corrected=corrected,
            check=check,
            judge_alone=judge_rate(
                self.joined.judgements,
                self.confidence,
                interval=self.interval_known,
            ),
            humans_only=self.humans_only() if humans_only is None else humans_only,
            point=self.point(),
            method=estimate.method,
            sampling=self.sampling,
            source=self.joined.source,
            judged=self.judged,
            labelled=self.n,
            positives=float(self.labelled["y"].sum()),
            abstained=counts["abstained"],
            unscored=counts["unscored"],
            left_out=self.left_out,
            worst_case=worst_case(estimate, self.judged, outside),
            table=two_by_two(self.labelled),
            strata=tuple(self._shares()),
            design_effect=self.design_effect,
            warnings=(*label_warnings(self.joined), *self._warnings()),
        )

    def _shares(self) -> list[StratumShare]:
        told = []
        for name, judged, labelled, positives in zip(
            self.strata.names,
            self.strata.judged,
            self.strata.labelled,
            self.strata.positives,
            strict=True,
        ):
            share = Estimate.refused("it has no label", method="Wilson")
            if labelled:
                low, high = wilson_interval(
                    positives, labelled, confidence=self.confidence
                )
                share = Estimate(
                    value=positives / labelled,
                    low=low if self.interval_known else None,
                    high=high if self.interval_known else None,
                    n=labelled,
                    confidence=self.confidence,
                    method="Wilson",
                )
            told.append(
                StratumShare(
                    name=name,
                    judged=judged,
                    labelled=labelled,
                    positives=positives,
                    share=share,
                )
            )
        return told

    def _warnings(self) -> list[str]:
        told = []
        if self.left_out:
            told.append(
                f"{self.left_out:,} transcripts on which the judge abstained have no "
                "label and are left out"
            )
        if self.design_effect > 1:
            told.append(
                f"labels belong together: {self.n:,} tell as much as "
                f"{int(self.n / self.design_effect):,} apart"
            )
        return told


def case_of(
    joined: Joined,
    *,
    sampling: str,
    strata: StrataKind = "auto",
    confidence: float = 0.95,
    cluster: str | None = None,
) -> Case:
    """Return the case of labels laid beside judgements."""
    if not 0 < confidence < 1:
        raise UsageError(f"confidence must lie between 0 and 1, got {confidence}")
    judged, labelled = joined.judgements.frame, joined.scored
    found = stratify(judged, labelled, kind=strata)
    left_out = 0
    for group, m, n in zip(found.groups, found.judged, found.labelled, strict=True):
        if group == "abstained" and not n and m <= SMALL * sum(found.judged):
            left_out = m
    if left_out:
        found = found.without("abstained")
    clusters = None if cluster is None else _clusters(labelled, cluster)
    return Case(
        joined=joined,
        sampling=sampling,
        strata=found,
        labelled=labelled,
        left_out=left_out,
        confidence=confidence,
        clusters=clusters,
        design_effect=_design_effect(labelled, found, clusters),
    )


def _clusters(labelled: pd.DataFrame, column: str) -> list[object]:
    if column not in labelled.columns:
        known = ", ".join(map(str, labelled.columns))
        raise UsageError(f"cluster={column!r}: there is no such column; known: {known}")
    if len(labelled) and labelled[column].isna().all():
        raise UsageError(f"cluster={column!r}: no labelled transcript has one")
    # A transcript without a cluster belongs with no other.
    return [
        (name,) if empty else str(value)
        for name, value, empty in zip(
            labelled.index, labelled[column], labelled[column].isna(), strict=True
        )
    ]


def _design_effect(
    labelled: pd.DataFrame, strata: Strata, clusters: Sequence[object] | None
) -> float:
    if clusters is None or len(set(clusters)) in (0, len(clusters)):
        return 1.0
    y = labelled["y"].to_numpy(dtype=np.float64)
    kept = np.array(strata.of_label, dtype=np.intp)
    shares = np.divide(
        strata.positives, np.maximum(strata.labelled, 1), dtype=np.float64
    )
    rest: Any = y - shares[kept] if len(kept) == len(y) else y - y.mean()
    apart = len(set(clusters))
    if apart < 2 or not rest.any():
        # Nothing varies: taken as if members of a cluster were all alike.
        return len(clusters) / apart
    return max(1.0, design_effect(rest, list(clusters)))
