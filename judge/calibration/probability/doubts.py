"""What a reader of a calibration should know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from judge.calibration.joined import Joined
from judge.calibration.probability.discrimination import Discrimination
from judge.calibration.probability.labelled_scores import LabelledRows
from judge.statistics.estimate import in_percent
from judge.store.calibration import Calibration

__all__ = ["warnings_about"]

UNSEEN = 0.05
"""Share of judged scores outside the labelled ones that is warned of."""
NOT_HUMAN = {
    "author": "these are author labels, not human ones: they say what was meant",
    "model": "these are a model's labels, not human ones",
}


def warnings_about(
    joined: Joined,
    rows: LabelledRows,
    calibration: Calibration | None,
    discrimination: Discrimination,
) -> Iterator[str]:
    """Yield each in a sentence without its full stop."""
    if joined.source in NOT_HUMAN:
        yield NOT_HUMAN[joined.source]
    if rows.sampling == "unknown":
        yield "how the labels were drawn is not known, so that no interval holds"
    if rows.sampling == "borrowed":
        yield "borrowed labels: that the judge errs as often here as there is assumed"
    yield from _about_ranks(discrimination)
    yield from _about_groups(rows)
    if calibration is not None:
        if "None" in joined.judgements.fingerprints:
            yield (
                "the table does not say which judge made it: that the calibration is "
                "of the same one is taken on trust"
            )
        yield from _about_range(joined, calibration)


def _about_ranks(found: Discrimination) -> Iterator[str]:
    judge, length = found.auc.value, found.auc_by_length.value
    if judge is None:
        return
    if judge < 0.5:
        yield "the score ranks worse than chance: no calibration turns it round"
    elif found.auc.low is not None and found.auc.low <= 0.5:
        yield (
            "the judge is not shown to rank better than chance: the interval of its "
            f"AUC, {found.auc}, holds 0.5; label more, or look at the rubric"
        )
    if length is not None and max(length, 1 - length) >= judge:
        yield "the transcripts' length alone ranks them as well as the judge"


def _about_groups(rows: LabelledRows) -> Iterator[str]:
    if rows.groups is not None or "scenario" not in rows.frame.columns:
        return
    shared = rows.frame["scenario"].dropna()
    if len(shared) > shared.nunique():
        yield (
            "several transcripts share a scenario, and are counted as independent: "
            "cluster='scenario' counts them together"
        )


def _about_range(joined: Joined, calibration: Calibration) -> Iterator[str]:
    scores = joined.judgements.frame["score"].dropna().to_numpy(dtype=np.float64)
    on = calibration.fitted_on
    outside = float(((scores < on.score_low) | (scores > on.score_high)).mean())
    if outside > UNSEEN:
        yield (
            f"{in_percent(outside)} of the judged scores lie outside those labelled "
            f"({on.score_low:g} to {on.score_high:g}) and get no probability: label "
            "some of them"
        )
