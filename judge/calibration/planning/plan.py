"""How many labels a statement needs, and which transcripts to label for it.

::

    run (+ labels) -> strata by the judge's answer, with the rates to reckon with
                   -> how many labels the goal needs
                   -> a third of them where the judge says present
                   -> transcripts drawn at random within each, order shuffled
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from judge.calibration.joined import Joined, join
from judge.calibration.judgements import Judgements
from judge.calibration.planning.result import PILOT, Goal, LabelPlan, StratumPlan
from judge.calibration.planning.strata import (
    Stratum,
    counts_of,
    draw,
    earlier,
    shares_of,
    strata_of,
)
from judge.errors import UsageError
from judge.statistics.estimate import Estimate
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.sample_size import (
    labels_for_difference,
    labels_for_half_width,
    variance_per_label,
)

__all__ = ["plan_labels"]

_GROWTH = 1.1


def plan_labels(  # noqa: PLR0913 # keyword-only, and each is one decision of the user's
    run: object,
    labels: object = None,
    *,
    half_width: float | None = None,
    difference: float | None = None,
    n: int | None = None,
    rubric: str | None = None,
    seed: int = 0,
) -> LabelPlan:
    """Say how many transcripts to label and draw them.

    A third of the labels, or as much as their share of the run if that is more (up to
    two thirds), goes to transcripts the judge calls present; within each answer of the
    judge the draw is random.  Abstained transcripts are an answer of their own;
    unscored ones are listed apart.  Name at most one goal; without any it is a pilot of
    60 labels.

    Parameters
    ----------
    run
        What `Judgements.of` reads.
    labels
        What `HumanLabels.load` reads: labels there are already.  They tell the rates
        to reckon with, and what people labelled is not asked again.
    half_width
        The interval is to reach so far to either side, as a share: 0.03 is 3 points.
    difference
        A difference of so much between two groups like this one is to be found in 4 of
        5 cases; the plan is for one of them.
    n
        So many labels more.
    rubric
        Which, where several were judged.
    seed
        Of draw and order.

    Raises
    ------
    UsageError
        If more than one goal is named or one is out of range, or nothing was judged.

    Notes
    -----
    Variances add up over strata (see `variance_per_label`); that of the judged share,
    which no label lessens, is in it.  The number is then raised until the interval of
    `post_stratified` at the expected counts is as narrow as asked for.

    Extending a plan: labels drawn at random within a stratum, and more drawn at random
    from the rest of it, are together one random draw.  So each transcript of a stratum
    with N judged and m labelled in the end has inclusion m / N, those labelled before
    too; `LabelPlan.with_inclusion` writes it into the labels.  This holds only if the
    earlier labels were drawn at random within the judge's answers.
    """
    goal, target = _goal(half_width, difference, n)
    judged = Judgements.of(run, rubric)
    joined = None if labels is None else join(judged, labels, rubric=judged.rubric)
    strata = strata_of(judged, joined)
    wanted = _wanted(goal, target, strata)
    asked = sum(len(s.asked) for s in strata)
    total = asked + (n or 0) if goal == "n" else (wanted or PILOT)
    counts = counts_of(total, strata)
    drawn, order = draw(strata, counts, seed)
    return LabelPlan(
        rubric=judged.rubric,
        goal=goal,
        target=target,
        wanted=total if goal == "n" else wanted,
        strata=tuple(_planned(*pair) for pair in zip(strata, counts, strict=True)),
        to_label=tuple(drawn[i] for i in order),
        labelled=tuple(earlier(strata, counts)),
        unscored=_unscored(judged),
        expected=_expected(strata, counts),
        seed=seed,
        notes=(
            *_unreachable(wanted, strata),
            *(judged.notes if joined is None else ()),
            *_notes(strata, joined),
        ),
    )


def _goal(
    half_width: float | None, difference: float | None, n: int | None
) -> tuple[Goal, float | None]:
    goals: dict[Goal, float | None] = {
        "half_width": half_width,
        "difference": difference,
        "n": n,
    }
    named = [(goal, value) for goal, value in goals.items() if value is not None]
    if len(named) > 1:
        raise UsageError(
            f"name one goal, not {' and '.join(goal for goal, _ in named)}"
        )
    if not named:
        return "pilot", None
    goal, value = named[0]
    if goal == "n" and (value < 1 or value != int(value)):
        raise UsageError(f"n is a whole number of labels, 1 or more; got {value}")
    if goal != "n" and not 0 < value < 1:
        raise UsageError(f"{goal} is a share, such as 0.03 for 3 points; got {value}")
    return goal, None if goal == "n" else value


def _wanted(goal: Goal, target: float | None, strata: Sequence[Stratum]) -> int | None:
    if goal == "pilot" or target is None:
        return PILOT
    size = sum(len(s.judged) for s in strata)
    weights = [len(s.judged) / size for s in strata]
    rates = [s.rate for s in strata]
    each = variance_per_label(weights, rates, shares_of(strata))
    mean = sum(w * r for w, r in zip(weights, rates, strict=True))
    between = sum(w * (r - mean) ** 2 for w, r in zip(weights, rates, strict=True))
    if goal == "difference":
        fixed = 2 * between / size
        return labels_for_difference(target, each, each, fixed=fixed)
    found = labels_for_half_width(target, each, fixed=between / size)
    return None if found is None else _raised(found, target, strata, size)


def _unreachable(wanted: int | None, strata: Sequence[Stratum]) -> list[str]:
    every = _expected(strata, [len(s.judged) for s in strata])
    if wanted is not None or every.width is None:
        return []
    return [
        (
            f"With every transcript labelled the interval would still reach about "
            f"{100 * every.width / 2:.2g} points to either side."
        )
    ]


def _raised(found: int, half_width: float, strata: Sequence[Stratum], size: int) -> int:
    while found < size:
        width = _expected(strata, counts_of(found, strata)).width
        if width is not None and width <= 2 * half_width:
            break
        found = min(size, ceil(_GROWTH * found))
    return found


def _planned(stratum: Stratum, count: int) -> StratumPlan:
    return StratumPlan(
        name=stratum.name,
        judged=len(stratum.judged),
        labelled=len(stratum.asked),
        to_label=count - len(stratum.asked),
        rate=stratum.rate,
        assumed=not stratum.labelled,
        positive=stratum.positive,
        inclusion=count / len(stratum.judged),
    )


def _expected(strata: Sequence[Stratum], counts: Sequence[int]) -> Estimate:
    positives = [s.rate * count for s, count in zip(strata, counts, strict=True)]
    return post_stratified([len(s.judged) for s in strata], positives, counts)


def _unscored(judged: Judgements) -> tuple[str, ...]:
    frame = judged.frame
    return tuple(sorted(frame.index[(frame["status"] == "unscored").to_numpy(bool)]))


def _notes(strata: Sequence[Stratum], joined: Joined | None) -> list[str]:
    told = []
    if all(s.name != "present" for s in strata):
        told.append("The judge calls nothing present: the plan is a plain random draw.")
    if joined is None:
        return told
    told += joined.notes
    if joined.source != "human":
        told.append(
            f"The labels are {joined.source} labels: they tell rates to reckon with, "
            "and no transcript counts as labelled by people."
        )
    if any(_uneven(joined, s) for s in strata):
        told.append(
            "The labels there are were drawn unevenly within the judge's answers; the "
            "inclusion probabilities of this plan do not hold for them."
        )
    return told


def _uneven(joined: Joined, stratum: Stratum) -> bool:
    inside = joined.frame.index.isin(stratum.asked)
    known = joined.frame.loc[inside, "inclusion"].dropna()
    return bool(len(known)) and bool(known.max() - known.min() > 1e-9)
