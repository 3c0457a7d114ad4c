"""A prevalence by labels of other transcripts: the judge's errors carried over."""

from __future__ import annotations

from judge.calibration.joined import Joined
from judge.calibration.judgements import Judgements
from judge.calibration.prevalence.beside import (
    judge_rate,
    label_warnings,
    two_by_two,
    worst_case,
)
from judge.calibration.prevalence.refusals import few_labels, mixed, unjudged
from judge.calibration.prevalence.result import Condition, Prevalence
from judge.statistics.estimate import Estimate
from judge.statistics.rates.rogan_gladen import Errors, rogan_gladen

__all__ = ["borrowed"]

HERE = "label some transcripts of this run and use sampling='random' or 'by_judge'"


def borrowed(run: object, there: Joined, *, confidence: float = 0.95) -> Prevalence:
    """Return the rate in ``run`` by the errors the judge made on labelled others.

    Parameters
    ----------
    run
        What was judged, by the same judge.
    there
        The labelled transcripts, and what that judge said of them.
    """
    here = Judgements.of(run, there.rubric)
    counts = here.counts()
    labelled = there.scored
    condition, corrected = _corrected(here, there, confidence)
    estimate = corrected.doubted(
        "it assumes that the judge errs as often here as on the labelled transcripts, "
        "which nothing here can check",
        remedy=HERE,
    )
    judged = sum(counts.values()) - counts["unscored"]
    return Prevalence(
        rubric=here.rubric,
        condition=condition,
        estimate=estimate,
        corrected=corrected,
        judge_alone=judge_rate(here, confidence),
        humans_only=Estimate.refused(
            "the labels are of other transcripts", remedy=HERE, n=len(labelled)
        ),
        point=corrected.value,
        method=corrected.method,
        sampling="borrowed",
        source=there.source,
        judged=judged,
        labelled=len(labelled),
        positives=float(labelled["y"].sum()),
        abstained=counts["abstained"],
        unscored=counts["unscored"],
        worst_case=worst_case(estimate, judged, counts["unscored"]),
        table=two_by_two(labelled),
        warnings=tuple(label_warnings(there)),
    )


def _corrected(
    here: Judgements, there: Joined, confidence: float
) -> tuple[Condition, Estimate]:
    counts = here.counts()
    judged = sum(counts.values()) - counts["unscored"]
    if told := _refused(here, there, judged):
        condition, (reason, remedy) = told
        n = len(there.scored)
        return condition, Estimate.refused(reason, remedy=remedy, n=n)
    table = two_by_two(there.scored)
    positives = sum(cells["present"] for cells in table.values())
    negatives = sum(cells["absent"] for cells in table.values())
    # An abstention flags nothing, there and here alike.
    errors = Errors(
        table["present"]["present"],
        positives,
        negatives - table["present"]["absent"],
        negatives,
    )
    found = rogan_gladen(counts["present"], judged, errors, confidence=confidence)
    return ("borrowed_errors" if found.status == "refused" else "as_asked"), found


def _refused(
    here: Judgements, there: Joined, judged: int
) -> tuple[Condition, tuple[str, str]] | None:
    if not judged:
        return "all_unscored", unjudged(len(here))
    if told := mixed(here.fingerprints) or mixed(there.judgements.fingerprints):
        return "mixed_fingerprints", told
    if told := _other_judge(here, there.judgements):
        return "other_judge", told
    if told := few_labels(len(there.scored)):
        return "few_labels", told
    return None


def _other_judge(here: Judgements, there: Judgements) -> tuple[str, str] | None:
    ours, theirs = (next(iter(judged.fingerprints), "None") for judged in (here, there))
    if ours == theirs or "None" in (ours, theirs):
        return None
    told = f"the transcripts were judged by {ours}, and the labelled ones by {theirs}"
    return (
        f"{told}: errors of one judge say nothing of another",
        "judge the labelled transcripts with the judge of this run",
    )
