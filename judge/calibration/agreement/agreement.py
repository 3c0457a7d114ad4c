"""How far labelers agree: with each other, with themselves, and with the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from judge.calibration.agreement.coefficients import coefficients
from judge.calibration.agreement.ratings_table import (
    Cluster,
    RatingsTable,
    repeats_of,
    table_of,
)
from judge.calibration.agreement.result import Agreement, Coefficients
from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.labels.labels import HumanLabels

__all__ = ["Agreement", "agreement"]


def agreement(
    labels: object,
    run: object = None,
    *,
    rubric: str | None = None,
    resamples: int = 2000,
    seed: int = 0,
    cluster: Cluster = None,
) -> Agreement:
    """Return how far labelers agree with each other, and with the judge of a run.

    Labels of people are compared where there are any, else the author's, else a
    model's; they are never mixed, and adjudicators are no raters.  "Unsure" and a
    judge's abstention are an answer of their own, except in positive and negative
    agreement, which leave them out; what a judge could not score is missing.  Of a
    labeler's several answers to a transcript the first counts, and the second is
    compared with it.

    Intervals are percentile bootstraps over transcripts, or over scenarios where
    transcripts share one.  What is corrected for chance is refused where either rater
    gave the rarer answer fewer than 2 times, and is to be doubted below 5.

    Parameters
    ----------
    labels
        What `HumanLabels.load` reads.
    run
        What `Judgements.of` reads; the judge is then one more rater.
    rubric
        Which, where labels or run have several.
    cluster
        What transcripts that are not independent share: a metadata column of the run,
        or a mapping from transcript to group; by default the labels' scenario.

    Raises
    ------
    UsageError
        If there is no label for the rubric, or no labelled transcript is in the run.

    Examples
    --------
    >>> rows = [
    ...     {"transcript": f"t{i}", "labeler": name, "label": said[i // 10]}
    ...     for name, said in (("ann", "1100"), ("bob", "1000"))
    ...     for i in range(40)
    ... ]
    >>> from judge.labels.labels import HumanLabels
    >>> found = agreement(HumanLabels.load(rows, rubric="deception", source="human"))
    >>> print(found.overall.percent)
    75.0 % [60.0, 87.5]
    """
    every = HumanLabels.load(labels)
    if rubric is None and len(every.rubrics) == 1:
        rubric = every.rubrics[0]
    judged = None if run is None else Judgements.of(run, rubric)
    about = every.for_rubric(rubric if judged is None else judged.rubric)
    source = about.best_source or "human"
    chosen = about.made_by(source)
    compared = chosen.raters
    if not len(compared):
        raise UsageError(
            f"the labels for {about.rubrics[0]!r} are all by adjudicators, who settle "
            "what raters said; give the raters' own labels too"
        )
    table = table_of(compared, judged, cluster=cluster)
    measured = partial(coefficients, table, resamples=resamples, seed=seed)
    pairs = tuple(measured(pair) for pair in combinations(table.people, 2))
    return Agreement(
        rubric=about.rubrics[0],
        source=source,
        described=compared.described,
        labelers=table.people,
        overall=_overall(pairs, table, measured),
        pairs=pairs,
        with_judge=tuple(
            measured((name, table.judge)) for name in table.people if table.judge
        ),
        again=tuple(_again(compared, table.people, resamples=resamples, seed=seed)),
        judge=table.judge,
        unsure=sum(label.label == "unsure" for label in compared),
        clustered=table.clusters is not None,
        notes=tuple(_notes(about, chosen, compared, table)),
    )


def _overall(
    pairs: tuple[Coefficients, ...],
    table: RatingsTable,
    measured: Callable[[tuple[str, ...]], Coefficients],
) -> Coefficients | None:
    if len(table.people) < 2:
        return None
    return pairs[0] if len(pairs) == 1 else measured(table.people)


def _again(
    labels: HumanLabels, people: tuple[str, ...], **how: Any
) -> Iterator[Coefficients]:
    for name in people:
        table = repeats_of(labels, name)
        if table.transcripts:
            yield coefficients(table, table.raters, **how)


def _notes(
    about: HumanLabels, chosen: HumanLabels, compared: HumanLabels, table: RatingsTable
) -> Iterator[str]:
    if others := len(about) - len(chosen):
        yield f"{others:,} labels of other sources were set aside"
    if settled := len(chosen) - len(compared):
        yield f"{settled:,} labels by adjudicators, who are no raters, were left out"
    yield from _caveats(compared)
    if table.judge and (missing := int((table.answers[:, -1] < 0).sum())):
        yield f"{missing:,} labelled transcripts have no answer by the judge"
    if table.clusters is not None:
        groups = len(np.unique(table.clusters))
        yield (
            f"transcripts share scenarios: the intervals resample {groups:,} of those, "
            "not transcripts"
        )


def _caveats(compared: HumanLabels) -> Iterator[str]:
    if unnamed := sum(not label.labeler for label in compared):
        yield f"{unnamed:,} labels name no labeler and were taken for one labeler's"
    if anchored := sum(label.anchored for label in compared):
        yield (
            f"{anchored:,} labels were made with a suggested answer in view: agreement "
            "with it proves little"
        )
    if any(label.label == "unsure" for label in compared):
        yield (
            "unsure is an answer of its own; positive and negative agreement leave it "
            "out"
        )
