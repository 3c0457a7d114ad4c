"""How each labeler labels: how much, how often present, how strictly, how reliably."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from judge.calibration.agreement.labelers_result import Labeler, LabelerStrictness
from judge.calibration.agreement.ratings_table import (
    PRESENT,
    UNSURE,
    RatingsTable,
    table_of,
)
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.labelers.dawid_skene import DawidSkene, dawid_skene
from judge.statistics.labelers.strictness import rater_strictness

__all__ = ["Labeler", "LabelerStrictness", "labeler_strictness", "share_of_present"]

FEWEST_LABELERS = 3
ENOUGH_SHARED = 50
"""Under which the diagnostic of Dawid and Skene is degenerate."""
ENOUGH_RARE = 5


def labeler_strictness(
    labels: object, *, rubric: str | None = None
) -> LabelerStrictness:
    """Compare labelers with each other; says nothing of who is right.

    The share of present compares labelers only as far as they saw the same
    transcripts.  Strictness does not need that: severities are fitted by proportional
    odds with an intercept for each transcript and a shift for each labeler, the shifts
    summing to 0, so 0.7 means twice the odds of a higher severity than the mean
    labeler's on the same transcript.  It needs severities, 3 labelers, and 30
    transcripts that two or more of them graded (in simulation its 95 % intervals then
    cover 91 to 99 %).

    Sensitivity and specificity are Dawid and Skene's, who take the truth from the
    labelers themselves: a diagnostic that assumes they err independently.

    Parameters
    ----------
    labels
        What `HumanLabels.load` reads.  Labels of people count where there are any, else
        authors', else models'; adjudicators are no labelers.
    rubric
        Which, where there are several.

    Raises
    ------
    UsageError
        If there is no label for the rubric, or only adjudicators'.

    Notes
    -----
    Shares: Wilson 1927, doi:10.1080/01621459.1927.10502953.  Strictness: McCullagh
    1980, doi:10.1111/j.2517-6161.1980.tb01109.x, by `cumulative_link_mixed`.  Dawid and
    Skene 1979, doi:10.2307/2346806.
    """
    about = HumanLabels.load(labels).for_rubric(rubric)
    counted = about.made_by(about.best_source or "human").raters
    if not len(counted):
        raise UsageError(
            f"the labels for {about.rubrics[0]!r} are all by adjudicators, who settle "
            "what raters said; give the raters' own labels too"
        )
    table = table_of(counted)
    severity = np.where(table.severity < 0, np.nan, table.severity)
    strictness = rater_strictness(severity)
    diagnosed, doubts = _diagnosis(counted, table)
    return LabelerStrictness(
        rubric=about.rubrics[0],
        source=counted.best_source or "human",
        described=counted.described,
        labelers=tuple(_labelers(table, strictness.raters, diagnosed)),
        shared=int((table.answers >= 0).all(axis=1).sum()),
        spread=strictness.spread,
        doubts=tuple(doubts),
        notes=tuple(_notes(about, counted, table)),
    )


def _labelers(
    table: RatingsTable, strictness: Sequence[Estimate], fit: DawidSkene | None
) -> Iterator[Labeler]:
    for place, name in enumerate(table.raters):
        answers = table.answers[:, place]
        n = int(np.isin(answers, [0, 1]).sum())
        errors = None if fit is None else fit.confusion[place]
        yield Labeler(
            labeler=name,
            n=n,
            unsure=int((answers == UNSURE).sum()),
            share=share_of_present(int((answers == PRESENT).sum()), n),
            strictness=strictness[place],
            sensitivity=None if errors is None else float(errors[1, 1]),
            specificity=None if errors is None else float(errors[0, 0]),
        )


def share_of_present(count: int, n: int) -> Estimate:
    """Return the share of ``n`` decided answers that say present, by Wilson."""
    if not n:
        return Estimate.refused("every label is unsure", method="wilson")
    low, high = wilson_interval(count, n)
    return Estimate(value=count / n, low=low, high=high, n=n, method="wilson")


def _diagnosis(
    labels: HumanLabels, table: RatingsTable
) -> tuple[DawidSkene | None, list[str]]:
    """Return Dawid and Skene's fit where there are 3 labelers, and what to doubt."""
    if len(table.raters) < FEWEST_LABELERS:
        told = (
            f"not computed; labelers: {len(table.raters)}, {FEWEST_LABELERS} are needed"
        )
        return None, [told]
    decided = (table.answers == 0) | (table.answers == 1)
    several = set(np.array(table.transcripts, dtype=object)[decided.sum(axis=1) > 1])
    rows = [x for x in labels if x.present is not None and x.transcript in several]
    seen = {x.labeler for x in rows}
    if seen != set(table.raters):
        alone = len(set(table.raters) - seen)
        return None, [f"not computed; labelers who share no transcript: {alone}"]
    item = {name: place for place, name in enumerate(sorted(several))}
    fit = dawid_skene(
        [item[x.transcript] for x in rows],
        [table.raters.index(x.labeler) for x in rows],
        [int(x.present or 0) for x in rows],
        classes=2,
    )
    return fit, list(_doubts(fit, len(item)))


def _doubts(fit: DawidSkene, items: int) -> Iterator[str]:
    yield (
        "by Dawid and Skene, a diagnostic that assumes labelers err independently; "
        "those who share a misunderstanding look accurate"
    )
    if items < ENOUGH_SHARED:
        yield f"{items} transcripts by two or more labelers, {ENOUGH_SHARED} are needed"
    rare = float(fit.marginals.min()) * items
    if rare < ENOUGH_RARE:
        yield f"about {rare:.0f} transcripts are of the rarer kind: degenerate"
    if not fit.converged:
        yield "the fit did not settle"


def _notes(
    about: HumanLabels, counted: HumanLabels, table: RatingsTable
) -> Iterator[str]:
    if counted.best_source != "human":
        yield f"these are {counted.best_source} labels, not human ones"
    if others := len(about) - len(counted):
        yield f"{others:,} labels of other sources or by adjudicators were set aside"
    if not (table.answers >= 0).all():
        yield (
            "labelers did not all see the same transcripts: their shares of present "
            "differ for that too"
        )
