"""Can the judge stand in for a labeler?  Asked of agreement, and of wins one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from judge.calibration.agreement.ratings_table import (
    ABSENT,
    PRESENT,
    UNSURE,
    Cluster,
    RatingsTable,
    table_of,
)
from judge.calibration.agreement.stand_in_result import (
    AnnotatorTest,
    Seated,
    StandIn,
    Standing,
)
from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.statistics.agreement.alternative_annotator import (
    AlternativeAnnotator,
    alternative_annotator,
)
from judge.statistics.agreement.coded import Codes
from judge.statistics.agreement.gap import AgreementGap, agreement_gap
from judge.statistics.agreement.seat import Seat
from judge.statistics.estimate import Estimate

__all__ = ["stand_in"]


def stand_in(  # noqa: PLR0913 - each is stated beforehand, or by the caller's data
    labels: object,
    run: object,
    *,
    rubric: str | None = None,
    on: Literal["label", "severity"] = "label",
    margin: float = 0.10,
    epsilon: float = 0.15,
    balanced: bool = True,
    gated: bool = True,
    cluster: Cluster = None,
    resamples: int = 2000,
    seed: int = 0,
) -> StandIn:
    """Return whether the judge agrees with labelers as well as they do with each other.

    The main number is the mean alpha of the judge with each labeler minus that of each
    two labelers, its interval held against ``margin``: non-inferior if all of it lies
    above ``-margin``, inferior if all of it lies below, else not shown.  What is to be
    doubted is never called non-inferior.  Beside it stands the alternative annotator
    test, by which the judge must do about as well as each labeler against the others.

    Only transcripts count that the judge and two labelers or more have answered.
    Labels of people count where there are any, else authors', else models';
    adjudicators are no labelers.  "Unsure" and the judge's abstention are an answer of
    their own in alpha, and missing in the annotator test.

    Parameters
    ----------
    labels
        What `HumanLabels.load` reads.
    run
        What `Judgements.of` reads.
    rubric
        Which, where labels or run have several.
    on
        ``label``: present or absent; ``severity``: the ordinal alpha of the severities
        and the judge's levels.  The annotator test is about labels in either case.
    margin
        How much lower the judge's alpha may be; state it before you look.
    epsilon
        The annotator test's allowance for a judge that is cheaper: its authors suggest
        0.2 for experts, 0.15 for skilled annotators and 0.1 for crowd workers.
    balanced, gated
        Both false gives the annotator test as published, which a judge that always says
        no passes where yes is rare.
    cluster
        What transcripts that are not independent share: a metadata column of the run,
        or a mapping from transcript to group; by default the labels' scenario.
    resamples, seed
        Of the bootstrap.

    Raises
    ------
    UsageError
        If the margin is not positive, there is no label for the rubric, or no labelled
        transcript is in the run.

    Notes
    -----
    Krippendorff 2011, https://repository.upenn.edu/asc_papers/43; Calderon, Reichart,
    Dror 2025, arXiv 2501.10970.  `judge.statistics.agreement.gap` and
    `judge.statistics.agreement.alternative_annotator` have the formulas.
    """
    _check(margin, on)
    judged, about, counted = _chosen(labels, run, rubric)
    table = table_of(counted, judged, cluster=cluster)
    answers = _numbers(table.answers)
    rated = answers if on == "label" else _numbers(table.severity)
    gap = agreement_gap(
        rated[:, -1],
        rated[:, :-1],
        level="nominal" if on == "label" else "ordinal",
        clusters=table.clusters,
        resamples=resamples,
        seed=seed,
    )
    decided = np.where(answers == UNSURE, np.nan, answers)
    test = alternative_annotator(
        decided[:, -1],
        decided[:, :-1],
        epsilon=epsilon,
        balanced=balanced,
        gated=gated,
        positive=PRESENT,
    )
    return StandIn(
        rubric=judged.rubric,
        source=counted.best_source or "human",
        described=counted.described,
        on=on,
        margin=margin,
        standing=_standing(gap.difference, margin),
        transcripts=gap.units,
        difference=gap.difference,
        with_judge=gap.with_judge,
        among_labelers=gap.among_people,
        annotator=_annotator(test),
        labelers=tuple(_seated(table, gap, test)),
        notes=tuple(_notes(about, counted, table, gap.units)),
    )


def _check(margin: float, on: str) -> None:
    if not 0 < margin < 1:
        raise UsageError(f"margin must lie between 0 and 1, got {margin}")
    if on not in {"label", "severity"}:
        raise UsageError(f"on={on!r}: use 'label' or 'severity'")


def _chosen(
    labels: object, run: object, rubric: str | None
) -> tuple[Judgements, HumanLabels, HumanLabels]:
    every = HumanLabels.load(labels)
    if rubric is None and len(every.rubrics) == 1:
        rubric = every.rubrics[0]
    judged = Judgements.of(run, rubric)
    about = every.for_rubric(judged.rubric)
    counted = about.made_by(about.best_source or "human").raters
    if not len(counted):
        raise UsageError(
            f"the labels for {judged.rubric!r} are all by adjudicators, who settle "
            "what raters said; give the raters' own labels too"
        )
    return judged, about, counted


def _numbers(codes: Codes) -> NDArray[np.float64]:
    return np.where(codes < 0, np.nan, codes)


def _standing(difference: Estimate, margin: float) -> Standing:
    if difference.low is None or difference.high is None:
        return "refused"
    if difference.high < -margin:
        return "inferior"
    sure = difference.status == "good" and difference.low >= -margin
    return "non-inferior" if sure else "not shown"


def _of(test: AlternativeAnnotator, shares: tuple[Any, ...], answer: int) -> Any:
    """Return the share for present or absent; None where nobody gave that answer."""
    known = dict(zip(test.categories, shares, strict=False))
    return known.get(float(answer))


def _annotator(test: AlternativeAnnotator) -> AnnotatorTest:
    judge, worst = test.judge_sensitivity, test.worst_human_sensitivity
    return AnnotatorTest(
        verdict=test.verdict,
        reason=test.reason,
        remedy=test.remedy,
        caution=test.caution,
        balanced=test.balanced,
        gated=test.gated,
        epsilon=test.epsilon,
        winning_rate=test.winning_rate,
        advantage=test.advantage,
        judge_sensitivity=_of(test, judge, PRESENT),
        judge_specificity=_of(test, judge, ABSENT),
        worst_sensitivity=_of(test, worst, PRESENT),
        worst_specificity=_of(test, worst, ABSENT),
    )


def _seated(
    table: RatingsTable, gap: AgreementGap, test: AlternativeAnnotator
) -> Iterator[Seated]:
    for name, person, seat in zip(table.people, gap.people, test.seats, strict=True):
        yield Seated(
            labeler=name,
            n=person.n,
            alpha_with_judge=person.with_judge,
            alpha_with_others=person.with_others,
            tested=seat.tested,
            left_out=seat.refused,
            p_value=seat.p_value,
            advantage=seat.advantage,
            **_rates(test, seat),
        )


def _rates(test: AlternativeAnnotator, seat: Seat) -> dict[str, float | None]:
    own, judge = seat.human_sensitivity, seat.judge_sensitivity
    return {
        "sensitivity": _of(test, own, PRESENT),
        "specificity": _of(test, own, ABSENT),
        "judge_sensitivity": _of(test, judge, PRESENT),
        "judge_specificity": _of(test, judge, ABSENT),
    }


def _notes(
    about: HumanLabels, counted: HumanLabels, table: RatingsTable, units: int
) -> Iterator[str]:
    if counted.best_source != "human":
        yield f"these are {counted.best_source} labels, not human ones"
    if others := len(about) - len(counted):
        yield f"{others:,} labels of other sources or by adjudicators were set aside"
    if unused := len(table.transcripts) - units:
        yield (
            f"{unused:,} labelled transcripts lack an answer by the judge or a second "
            "labeler, and were left out"
        )
    if anchored := sum(label.anchored for label in counted):
        yield (
            f"{anchored:,} labels were made with a suggested answer in view: agreement "
            "with it proves little"
        )
    if abstained := int((table.answers[:, -1] == UNSURE).sum()):
        yield (
            f"the judge abstained on {abstained:,} of these transcripts, which the "
            "annotator test leaves out"
        )
    if not (table.answers[:, -1] == PRESENT).any():
        yield "the judge says present of none of these transcripts"
    if table.clusters is not None:
        groups = len(np.unique(table.clusters))
        yield (
            f"transcripts share scenarios: the interval resamples {groups:,} of those, "
            "not transcripts"
        )
