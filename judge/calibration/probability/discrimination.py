"""How well the judge tells presence from absence, as the labels were drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from judge.calibration.joined import Joined
from judge.calibration.probability.labelled_scores import LabelledRows
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate
from judge.statistics.rates.weighted import hajek
from judge.statistics.scores.auc import auc
from judge.statistics.scores.confusion import Confusion
from judge.statistics.scores.precision import estimated_precision
from judge.statistics.scores.verification_bias import corrected_rates

__all__ = ["Counts", "Discrimination", "discriminate"]

UNKNOWN = "how the labels were drawn is not known: no interval"
SAY_HOW = "say sampling="
Flags = NDArray[np.bool_]


class Counts(Frozen):
    """Labels against the judge's verdicts."""

    tp: int
    fp: int
    fn: int
    tn: int
    abstained: int
    """Labelled, and the judge did not settle it."""
    unscored: int
    """Labelled, and there is no verdict."""

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn


class Discrimination(Frozen):
    """Rates by verdict; ranks by score, and by length alone."""

    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    miss_rate: Estimate
    """Of what the judge calls absent, the share that is present."""
    auc: Estimate
    average_precision: Estimate
    auc_by_length: Estimate
    """How well the transcripts' length ranks them, without any judge."""

    def rows(self) -> Iterator[tuple[str, Estimate]]:
        """Yield each under the words it is written with."""
        yield "of what is present, the judge finds (sensitivity)", self.sensitivity
        yield "of what is absent, it lets pass (specificity)", self.specificity
        yield "of what it calls present, is present (PPV)", self.ppv
        yield "of what it calls absent, is present all the same", self.miss_rate
        yield "AUC of the score", self.auc
        yield "AUC of the transcript's length alone", self.auc_by_length
        yield "average precision of the score", self.average_precision


def discriminate(
    joined: Joined, rows: LabelledRows, *, seed: int = 0
) -> tuple[Counts, Discrimination]:
    """Return the 2x2 table, and the rates and ranks that the sampling allows."""
    settled = rows.decided & (rows.verdicts != "abstained")
    said = rows.verdicts[settled] == "present"
    table = Confusion.of(said, rows.hard[settled])
    counts = Counts(
        tp=table.tp,
        fp=table.fp,
        fn=table.fn,
        tn=table.tn,
        abstained=int((rows.verdicts == "abstained").sum()),
        unscored=joined.unscored,
    )
    return counts, Discrimination(
        **_rates(joined, rows, table, settled, seed),
        auc=_ranks(rows, rows.scores, auc),
        average_precision=_ranks(rows, rows.scores, estimated_precision),
        auc_by_length=_by_length(rows),
    )


def _by_length(rows: LabelledRows) -> Estimate:
    lengths = rows.frame["length"].to_numpy(dtype=np.float64)
    if len(lengths) and not np.isfinite(lengths).any():
        return Estimate.refused(
            "the results do not say how long the transcripts are",
            remedy="give the transcripts to the report",
        )
    return _ranks(rows, lengths, auc)


def _rates(
    joined: Joined, rows: LabelledRows, table: Confusion, settled: Flags, seed: int
) -> dict[str, Estimate]:
    if rows.groups is not None or rows.sampling == "weighted":
        return _weighted_rates(rows, settled, seed)
    rates = {
        "sensitivity": table.sensitivity,
        "specificity": table.specificity,
        "ppv": table.ppv,
        "miss_rate": table.miss_rate,
    }
    if rows.sampling == "by_judge":
        judged = joined.judgements.counts()
        found = corrected_rates(
            table, judged_yes=judged["present"], judged_no=judged["absent"], seed=seed
        )
        rates |= {"sensitivity": found.sensitivity, "specificity": found.specificity}
    if rows.sampling == "unknown":
        return {name: _bare(rate) for name, rate in rates.items()}
    return rates


def _weighted_rates(
    rows: LabelledRows, settled: Flags, seed: int
) -> dict[str, Estimate]:
    said, is_so = rows.verdicts == "present", rows.hard

    def share(hit: Flags, of: Flags, what: str) -> Estimate:
        kept = of & settled
        if not kept.any():
            return Estimate.refused(f"no {what}", remedy="label more")
        weight = rows.weights[kept]
        found = hajek(
            hit[kept],
            weight.min() / weight,  # to scale: only the ratios count
            clusters=None if rows.groups is None else rows.groups[kept].tolist(),
            seed=seed,
        )
        return _bare(found) if rows.sampling == "unknown" else found

    return {
        "sensitivity": share(said, is_so, "label is positive"),
        "specificity": share(~said, ~is_so, "label is negative"),
        "ppv": share(is_so, said, "labelled yes of the judge"),
        "miss_rate": share(is_so, ~said, "labelled no of the judge"),
    }


def _ranks(
    rows: LabelledRows, by: NDArray[np.float64], measured: Callable[..., Estimate]
) -> Estimate:
    kept = rows.decided & np.isfinite(by)
    uneven = rows.sampling in ("by_judge", "weighted")
    found = measured(
        by[kept],
        rows.hard[kept],
        weights=rows.weights[kept] if uneven else None,
        clusters=None if rows.groups is None else rows.groups[kept].tolist(),
    )
    return _bare(found) if rows.sampling == "unknown" else found


def _bare(found: Estimate) -> Estimate:
    """Return it without the interval that nobody can vouch for."""
    if found.value is None:
        return found
    bare = found.model_copy(update={"low": None, "high": None, "side": "both"})
    return bare.doubted(UNKNOWN, remedy=SAY_HOW)
