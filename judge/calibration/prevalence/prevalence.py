"""How common a behaviour is, from a judge that errs and labels of some transcripts.

How the labels were drawn decides the estimator, so it has to be said; nothing guesses
it.  A figure that cannot be given honestly is refused by name, with what would help.
"""

from __future__ import annotations

from judge.calibration.joined import join
from judge.calibration.prevalence.borrowed import borrowed
from judge.calibration.prevalence.case import Case, case_of
from judge.calibration.prevalence.refusals import not_at_random, refusal
from judge.calibration.prevalence.result import Condition, Prevalence
from judge.calibration.prevalence.strata import StrataKind
from judge.calibration.probability.labelled_scores import checked_sampling
from judge.errors import UsageError
from judge.statistics.estimate import Estimate
from judge.statistics.rates.mover import mover_wilson
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.strata import strata_counts
from judge.statistics.rates.weighted import hajek

__all__ = ["prevalence"]

MUCH = 0.05
"""Share of transcripts without a settled label, or a verdict, that is warned of."""


WIDER = 1.1
"""How many times wider than the labels alone a correction is before they are quoted in
its place.  To quote the narrower of two that hardly differ would be to choose by what
the labels happen to say: with a useless judge that costs a point of coverage."""


def prevalence(  # noqa: PLR0913  (keyword-only, and each is one decision)
    run: object,
    labels: object,
    *,
    sampling: str,
    rubric: str | None = None,
    strata: StrataKind = "auto",
    confidence: float = 0.95,
    cluster: str | None = None,
    adjudication: str = "majority",
    calibrated_on: object = None,
    seed: int = 0,
) -> Prevalence:
    """Estimate how many of the judged transcripts show the behaviour.

    Parameters
    ----------
    run
        What was judged: a `Run`, assessments, their table, or a file of either.
    labels
        What `HumanLabels.load` reads.
    sampling
        How the labelled transcripts were drawn from the judged ones: ``"random"``;
        ``"by_judge"``, at random within the judge's verdicts; ``"weighted"``, with the
        probabilities in the labels' ``inclusion``; ``"borrowed"``, not drawn from them;
        ``"unknown"``, for which no interval is given.
    rubric
        Which, where run or labels have several.
    strata
        ``"auto"`` cuts each verdict once more by the score, at edges fixed beforehand;
        ``"verdict"`` does not.
    confidence
        Of the intervals.
    cluster
        The column that transcripts which belong together share: ``scenario`` of the
        labels, or one of the transcripts' metadata.
    adjudication
        How several labels become one: see `settle`.
    calibrated_on
        With ``"borrowed"``: the same judge's results on the labelled transcripts.
        Without it, the labelled ones are looked for in ``run``.
    seed
        Of the bootstrap behind ``"weighted"``.

    Raises
    ------
    UsageError
        If run and labels do not fit each other, a column is missing, or an option is
        not known.

    Notes
    -----
    Random and by verdict: `judge.statistics.rates.post_stratified`.  Weighted: Hajek's
    estimator with a bootstrap.  Borrowed: Rogan and Gladen's estimator with Lang and
    Reiczigel's interval.  The docstrings there have formulas, assumptions and sources.
    """
    checked_sampling(sampling)
    if calibrated_on is not None and sampling != "borrowed":
        raise UsageError("calibrated_on goes with sampling='borrowed' only")
    if sampling == "borrowed":
        there = run if calibrated_on is None else calibrated_on
        joined = join(there, labels, rubric=rubric, adjudication=adjudication)
        return borrowed(run, joined, confidence=confidence)
    joined = join(run, labels, rubric=rubric, adjudication=adjudication)
    if sampling == "weighted" and joined.frame["inclusion"].isna().any():
        missing = joined.frame.index[joined.frame["inclusion"].isna()][0]
        raise UsageError(
            "sampling='weighted' needs the column inclusion in the labels: the "
            f"probability with which each was drawn; {str(missing)!r} has none"
        )
    case = case_of(
        joined, sampling=sampling, strata=strata, confidence=confidence, cluster=cluster
    )
    told = refusal(case)
    if told is not None:
        condition, refused = told
        return case.result(condition, estimate=refused, corrected=refused)
    if sampling == "weighted":
        return _weighted(case, seed)
    return _post_stratified(case)


def _post_stratified(case: Case) -> Prevalence:
    corrected = post_stratified(
        *case.strata.counts,
        confidence=case.confidence,
        design_effect=case.design_effect,
    )
    whole = strata_counts(*case.strata.counts).divided(case.design_effect)
    check = mover_wilson(*whole, confidence=case.confidence).model_copy(
        update={"n": corrected.n}
    )
    alone = case.humans_only()
    condition, estimate = _quoted(case, corrected, alone)
    return case.result(
        condition,
        estimate=_doubted(case, estimate),
        corrected=corrected,
        check=check,
        humans_only=alone,
    )


def _quoted(
    case: Case, corrected: Estimate, alone: Estimate
) -> tuple[Condition, Estimate]:
    """Return the estimate to quote, and what is to be said of it."""
    more = "label more, most of all what the judge says is present"
    if corrected.side == "upper":
        return "no_positive", corrected.doubted(
            f"none of {corrected.n} labels is positive: an upper bound alone",
            remedy=more,
        )
    if len(set(case.strata.groups)) == 1:
        told = (
            f"the judge says {case.strata.groups[0]} of all: it adds little or nothing"
        )
        return "one_verdict", corrected.doubted(
            f"{told} to the labels", remedy="look at its rubric, or use another judge"
        )
    if case.n == case.judged and alone.value is not None:
        return "as_asked", alone  # with a label for each there is nothing to correct
    if _wider(corrected, alone):
        return "wider_than_labels", alone.doubted(
            f"the correction is wider ({corrected}) than the labels alone, which are "
            "given instead: the judge adds nothing",
            remedy="look at where judge and labels differ",
        )
    return "as_asked", corrected


def _doubted(case: Case, estimate: Estimate) -> Estimate:
    """Return it with caution where much of what should count does not."""
    joined = case.joined
    asked, open_ = case.n + len(joined.undecided), len(joined.undecided)
    if open_ > MUCH * asked:
        estimate = estimate.doubted(
            f"{open_:,} of {asked:,} labelled transcripts are not settled by the "
            "labelers and left out, which are seldom like the others",
            remedy="adjudicate them, or count them by adjudication='soft'",
        )
    if case.sampling == "random" and (told := not_at_random(case)):
        estimate = estimate.doubted(
            told, remedy="if they were drawn by verdict, say sampling='by_judge'"
        )
    every = len(joined.judgements)
    if (outside := every - case.judged) > MUCH * every:
        estimate = estimate.doubted(
            f"{outside:,} of {every:,} transcripts have no verdict and are left out",
            remedy="look at why they are unscored, and judge them again",
        )
    return estimate


def _wider(corrected: Estimate, alone: Estimate) -> bool:
    return (
        corrected.width is not None
        and alone.width is not None
        and corrected.width > WIDER * alone.width
    )


def _weighted(case: Case, seed: int) -> Prevalence:
    found = hajek(
        case.labelled["y"].tolist(),
        case.labelled["inclusion"].tolist(),
        clusters=case.clusters,
        confidence=case.confidence,
        seed=seed,
    )
    condition: Condition = "as_asked"
    estimate = found
    if found.side == "upper":
        condition = "no_positive"
        estimate = found.doubted(
            f"none of {found.n} labels is positive: an upper bound alone",
            remedy="label more",
        )
    return case.result(
        condition,
        estimate=_doubted(case, estimate),
        corrected=found,
        humans_only=found,
    )
