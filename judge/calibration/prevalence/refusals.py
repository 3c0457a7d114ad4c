"""When no honest interval can be given: each case by name, with what would lift it."""

from __future__ import annotations

from collections.abc import Callable

from judge.calibration.prevalence.case import FEWEST, Case
from judge.calibration.prevalence.result import Condition
from judge.calibration.telling import counted
from judge.statistics.estimate import Estimate

__all__ = ["few_labels", "mixed", "not_at_random", "refusal", "unjudged"]

UNLIKELY = 0.001
"""Chance of the labelled verdicts, under random draws, from which they are doubted."""
MISSED = 5
"""Labels expected of a target model before their lack means it was not sampled."""


def refusal(case: Case) -> tuple[Condition, Estimate] | None:
    """Return the first thing that stands in the way, None if nothing does."""
    for condition, look in _CHECKS.items():
        told = look(case)
        if told is not None:
            reason, remedy = told
            refused = Estimate.refused(reason, remedy=remedy, n=case.n)
            return condition, refused
    return None


def few_labels(n: int) -> tuple[str, str] | None:
    """Return why so few labels give no interval."""
    if n >= FEWEST:
        return None
    return (
        f"{counted(n, 'labelled transcript')} with a verdict, fewer than {FEWEST}",
        f"label {FEWEST - n} more",
    )


def mixed(fingerprints: dict[str, int]) -> tuple[str, str] | None:
    """Return why results of several judges give no interval."""
    if len(fingerprints) < 2:
        return None
    told = ", ".join(f"{name} ({n:,})" for name, n in list(fingerprints.items())[:3])
    return (
        f"the results are of {len(fingerprints)} judges: {told}",
        "judge all transcripts with the same model, parameters, prompt and rubric",
    )


def not_at_random(case: Case) -> str:
    """Return what speaks against labels drawn at random; empty if nothing does.

    The judge's verdicts on what was labelled are then a draw from its verdicts on all,
    hypergeometric; a share that one draw in a thousand would reach is told.
    """
    from scipy.stats import hypergeom

    counts = case.joined.judgements.counts()
    all_said, every = counts["present"], counts["present"] + counts["absent"]
    said = case.labelled["present"].dropna().astype(bool)
    k, n = int(said.sum()), len(said)
    if not n or not every:
        return ""
    law = hypergeom(every, all_said, n)
    if 2 * min(law.cdf(k), law.sf(k - 1)) >= UNLIKELY:
        return ""
    return (
        f"the judge says present of {100 * k / n:.0f} % of the labelled transcripts "
        f"and of {100 * all_said / every:.0f} % of all: they do not look drawn at "
        "random"
    )


def unjudged(n: int) -> tuple[str, str]:
    """Return what to say where all is unscored."""
    told = f"the judge gave no verdict on any of {n:,} transcripts"
    return told, "look at why they are unscored, and judge them again"


def _unscored(case: Case) -> tuple[str, str] | None:
    if sum(case.joined.judgements.counts()[name] for name in ("present", "absent")):
        return None
    return unjudged(len(case.joined.judgements))


def _mixed(case: Case) -> tuple[str, str] | None:
    return mixed(case.joined.judgements.fingerprints)


def _target(case: Case) -> tuple[str, str] | None:
    """Look for a target model of which labels were expected, and none came."""
    frame = case.joined.judgements.frame
    if "target_model" not in frame.columns or not case.n:
        return None
    judged = frame.loc[frame["status"] != "unscored", "target_model"].astype(str)
    seen = set(case.labelled["target_model"].astype(str))
    for name, share in judged.value_counts(normalize=True).items():
        if name not in seen and share * case.n >= MISSED:
            told = f"{100 * share:.0f} % of the judged transcripts are of {name}, and "
            told += "none of the labels: the judge may err otherwise on it"
            return told, "label some of it, or judge and label each model by itself"
    return None


def _sampling(case: Case) -> tuple[str, str] | None:
    if case.interval_known:
        return None
    known = "'random', 'by_judge', 'weighted' or 'borrowed'"
    told = "" if case.sampling == "unknown" else f" (sampling={case.sampling!r})"
    return (
        f"it is not known how the labelled transcripts were drawn{told}",
        f"say it: sampling={known}; judge.plan_labels draws them so that it is known",
    )


def _few(case: Case) -> tuple[str, str] | None:
    return few_labels(case.n)


def _bare(case: Case) -> tuple[str, str] | None:
    if case.sampling == "weighted":
        return None
    for name, judged, labelled in zip(
        case.strata.names, case.strata.judged, case.strata.labelled, strict=True
    ):
        if judged and not labelled:
            what = "it abstains on" if name == "abstained" else f"it says are {name}"
            return (
                f"none of the {judged:,} transcripts that {what} is labelled",
                "label some of them at random; with sampling='by_judge' that fits",
            )
    return None


_CHECKS: dict[Condition, Callable[[Case], tuple[str, str] | None]] = {
    "all_unscored": _unscored,
    "mixed_fingerprints": _mixed,
    "few_labels": _few,
    "sampling_unknown": _sampling,
    "other_target": _target,
    "bare_stratum": _bare,
}
