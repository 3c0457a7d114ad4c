"""How well the judge tells presence from absence, as the labels were drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from judge.calibration.joined import Joined
from judge.calibration.probability.labelled_scores import LabelledRows
from judge.errors import UsageError
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate
from judge.statistics.rates.weighted import hajek
from judge.statistics.scores.auc import auc
from judge.statistics.scores.confusion import Confusion
from judge.statistics.scores.roc import area_under, average_precision, roc_points
from judge.statistics.scores.verification_bias import corrected_rates

__all__ = ["Counts", "Discrimination", "discriminate"]

RESAMPLES = 500
UNKNOWN = "how the labels were drawn is not known: no interval"
SAY_HOW = "say sampling="
Flags = NDArray[np.bool_]
Ranked = Callable[[NDArray[np.float64], Flags, NDArray[np.float64]], float]


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
        auc=_ranks(rows, rows.scores, "auc", seed),
        average_precision=_ranks(rows, rows.scores, "average precision", seed),
        auc_by_length=_by_length(rows, seed),
    )


def _by_length(rows: LabelledRows, seed: int) -> Estimate:
    lengths = rows.frame["length"].to_numpy(dtype=np.float64)
    if len(lengths) and not np.isfinite(lengths).any():
        return Estimate.refused(
            "the results do not say how long the transcripts are",
            remedy="give the transcripts to the report",
        )
    return _ranks(rows, lengths, "auc", seed)


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
    rows: LabelledRows, by: NDArray[np.float64], what: str, seed: int
) -> Estimate:
    kept = rows.decided & np.isfinite(by)
    signal, is_so, weights = by[kept], rows.hard[kept], rows.weights[kept]
    plain = auc(signal, is_so)
    if plain.value is None or not is_so.any():
        return plain
    alike = rows.sampling in ("random", "borrowed") and rows.groups is None
    if what == "auc" and alike:
        return plain
    ranked: Ranked = _auc if what == "auc" else _average_precision
    strata = np.array(rows.strata)[kept]
    groups = None if rows.groups is None else rows.groups[kept]
    found = Estimate(
        value=ranked(signal, is_so, weights),
        n=len(signal),
        method=what,
        unit="number",
    )
    if rows.sampling == "unknown":
        return _bare(found)
    drawn = _redrawn(ranked, (signal, is_so, weights), strata, groups, seed)
    low, high = np.quantile(drawn, (0.025, 0.975))
    told = found.model_copy(
        update={
            "low": min(float(low), found.value or 0.0),
            "high": max(float(high), found.value or 0.0),
            "method": f"{what}, bootstrap",
        }
    )
    if plain.status == "caution":
        return told.doubted(plain.reason, remedy=plain.remedy)
    return told


def _redrawn(
    ranked: Ranked,
    columns: tuple[NDArray[np.float64], Flags, NDArray[np.float64]],
    strata: NDArray[np.object_],
    groups: NDArray[np.str_] | None,
    seed: int,
) -> list[float]:
    """Return the figure of resamples: within strata, or of whole groups."""
    random = np.random.default_rng(seed)
    if groups is None:
        pools = [np.flatnonzero(strata == name) for name in np.unique(strata)]
    else:
        members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    found = []
    for _ in range(RESAMPLES):
        if groups is None:
            drawn = np.concatenate([random.choice(pool, len(pool)) for pool in pools])
        else:
            which = random.integers(0, len(members), len(members))
            drawn = np.concatenate([members[number] for number in which])
        picked = [column[drawn] for column in columns]
        if 0 < picked[1].sum() < len(drawn):
            found.append(ranked(picked[0], picked[1], picked[2]))
    if not found:
        raise UsageError("no resample has both classes; label more of the rarer one")
    return found


def _auc(
    signal: NDArray[np.float64], is_so: Flags, weights: NDArray[np.float64]
) -> float:
    roc = roc_points(signal, is_so, weights=weights)
    return area_under(roc.sensitivity, roc.false_alarms)


def _average_precision(
    signal: NDArray[np.float64], is_so: Flags, weights: NDArray[np.float64]
) -> float:
    return average_precision(signal, is_so, weights=weights)


def _bare(found: Estimate) -> Estimate:
    """Return it without the interval that nobody can vouch for."""
    if found.value is None:
        return found
    bare = found.model_copy(update={"low": None, "high": None, "side": "both"})
    return bare.doubted(UNKNOWN, remedy=SAY_HOW)
