"""Whether a changed judge still says what it said: a fixed anchor set, judged twice.

::

    before + after (+ labels) -> what changed in the judge
                              -> verdicts turned either way, scores moved
                              -> what it now sees and lets pass, against the labels

A calibration belongs to a fingerprint.  Where that changed, the calibration is void,
whatever the anchors say: they bound the change, they do not undo it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from judge.calibration.comparison.drift_result import Change, Drift, Power, RateChange
from judge.calibration.joined import join
from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.provenance import Provenance
from judge.statistics.comparison.paired import (
    mcnemar_exact,
    mcnemar_power,
    newcombe_paired,
    signed_rank,
)
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["drift"]

_NO_PART = ("judge", "requests", "library_version", "judged_at", "system_fingerprint")
_SHOWN = 80


def drift(
    before: object, after: object, labels: object = None, *, rubric: str | None = None
) -> Drift:
    """Compare two judgements of the same transcripts, an anchor set judged again.

    Parameters
    ----------
    before, after
        What `Judgements.of` reads.
    labels
        What `HumanLabels.load` reads.  Sensitivity and specificity are then told as
        they are over the labelled anchors: draw these at random, or half of each kind,
        but not by what either judge said.
    rubric
        Which, where several were judged.

    Raises
    ------
    UsageError
        If the two share no transcript, or were judged on different rubrics.

    Notes
    -----
    Verdicts: exact McNemar test and Newcombe's interval for paired shares.  Scores:
    Wilcoxon's signed ranks, with the sign-test interval of the median.  Rates against
    labels: the same among labelled present, and absent.  Assumes independent anchors.
    """
    first, second = Judgements.of(before, rubric), Judgements.of(after, rubric)
    if first.rubric != second.rubric:
        raise UsageError(
            f"before is judged on {first.rubric}, after on {second.rubric}; name one "
            "that both were judged on (rubric=...)"
        )
    pairs = _paired(first, second)
    decided = pairs[pairs["before"].notna() & pairs["after"].notna()]
    table = _table(decided)
    scores, moved, score_p = _scores(pairs)
    shared = len(pairs)
    told = _against(first, decided, labels)
    return Drift(
        rubric=first.rubric,
        anchors=len(decided),
        undecided=shared - len(decided),
        unshared=len(first) + len(second) - 2 * shared,
        fingerprint_before=_fingerprint(first),
        fingerprint_after=_fingerprint(second),
        changes=_changes(first.provenance, second.provenance),
        **table,
        p_value=mcnemar_exact(table["up"], table["down"]),
        share=_share_change(table),
        score_change=scores,
        scores_moved=moved,
        score_p_value=score_p,
        power=tuple(
            Power(up=up, down=0.01, chance=mcnemar_power(len(decided), up, 0.01))
            for up in (0.05, 0.10)
        ),
        notes=_notes(first, second),
        **told,
    )


def _paired(first: Judgements, second: Judgements) -> pd.DataFrame:
    names = {"present": "before", "score": "score_before"}
    later = {"present": "after", "score": "score_after"}
    pairs = (
        first.frame[list(names)]
        .rename(columns=names)
        .join(second.frame[list(later)].rename(columns=later), how="inner")
    )
    if pairs.empty:
        raise UsageError(
            "before and after share no transcript; judge the same anchors again"
        )
    return pairs


def _table(decided: pd.DataFrame) -> dict[str, int]:
    was, now = decided["before"].astype(bool), decided["after"].astype(bool)
    return {
        "up": int((~was & now).sum()),
        "down": int((was & ~now).sum()),
        "both": int((was & now).sum()),
        "neither": int((~was & ~now).sum()),
    }


def _share_change(table: Mapping[str, int]) -> Estimate:
    """Present after minus present before, over the rows of the table."""
    n = sum(table.values())
    if not n:
        return Estimate.refused("no anchor has both verdicts", method="newcombe paired")
    low, high = newcombe_paired(
        table["both"], table["up"], table["down"], table["neither"]
    )
    return Estimate(
        value=(table["up"] - table["down"]) / n,
        low=low,
        high=high,
        n=n,
        method="newcombe paired",
        unit="points",
    )


def _scores(pairs: pd.DataFrame) -> tuple[Estimate, int, float]:
    both = pairs.dropna(subset=["score_before", "score_after"])
    if both.empty:
        refused = Estimate.refused("no anchor has both scores", method="signed rank")
        return refused, 0, 1.0
    was, now = both["score_before"].to_numpy(), both["score_after"].to_numpy()
    found = signed_rank(was, now)
    low, high = _median_interval(sorted(float(x) for x in now - was))
    median = Estimate(
        value=found.median,
        low=low,
        high=high,
        n=found.n,
        method="median, sign-test interval",
        unit="number",
    )
    return median, found.changed, found.p_value


def _median_interval(ranked: list[float]) -> tuple[float, float] | tuple[None, None]:
    """Return the order statistics that hold a median in 95 %; None where too few."""
    from scipy.stats import binom

    n = len(ranked)
    cut = int(binom.ppf(0.025, n, 0.5))
    return (ranked[cut - 1], ranked[n - cut]) if cut else (None, None)


def _fingerprint(judged: Judgements) -> str:
    name = next(iter(judged.fingerprints), "")
    return "" if name == "None" else name  # a table that does not say


def _changes(before: Provenance | None, after: Provenance | None) -> tuple[Change, ...]:
    """Name what differs, parameters one by one."""
    if before is None or after is None:
        return ()
    was, now = (_flat(p.model_dump(mode="json")) for p in (before, after))
    return tuple(
        Change(what=name, before=_shown(was.get(name)), after=_shown(now.get(name)))
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name)
    )


def _flat(dumped: Mapping[str, Any]) -> dict[str, Any]:
    params = {f"params.{name}": value for name, value in dumped["params"].items()}
    skipped = (*_NO_PART, "params")
    return {k: v for k, v in dumped.items() if k not in skipped} | params


def _shown(value: object) -> str:
    told = json.dumps(value, ensure_ascii=True)
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."


def _against(
    first: Judgements, decided: pd.DataFrame, labels: object
) -> dict[str, Any]:
    if labels is None:
        return {}
    joined = join(first, labels, rubric=first.rubric)
    beside = decided.join(joined.frame[["y", "inclusion"]], how="inner")
    if beside.empty:
        return {"labels": joined.labels.described}
    known = beside["inclusion"].dropna()
    uneven = bool(len(known)) and bool(known.max() > known.min())
    positive, negative = beside[beside["y"] > 0.5], beside[beside["y"] < 0.5]
    return {
        "labels": joined.labels.described,
        "sensitivity": _rate_change(_table(positive), right="both", uneven=uneven),
        "specificity": _rate_change(_table(negative), right="neither", uneven=uneven),
    }


def _rate_change(
    table: Mapping[str, int], *, right: str, uneven: bool
) -> RateChange | None:
    """Right are verdicts of present among the present, of absent among the absent."""
    n = sum(table.values())
    if not n:
        return None
    turned = right == "neither"
    gained, lost = ("down", "up") if turned else ("up", "down")
    as_right = {
        "both": table[right],
        "up": table[gained],
        "down": table[lost],
        "neither": n - table[right] - table[gained] - table[lost],
    }
    made = (
        _rate(as_right["both"] + as_right["down"], n),
        _rate(as_right["both"] + as_right["up"], n),
        _share_change(as_right),
    )
    before, after, change = (
        one.doubted("the labelled anchors were drawn unevenly") if uneven else one
        for one in made
    )
    p = mcnemar_exact(table["up"], table["down"])
    return RateChange(before=before, after=after, change=change, p_value=p)


def _rate(count: int, n: int) -> Estimate:
    low, high = wilson_interval(count, n)
    return Estimate(value=count / n, low=low, high=high, n=n, method="wilson")


def _notes(first: Judgements, second: Judgements) -> tuple[str, ...]:
    told = [*first.notes, *(note for note in second.notes if note not in first.notes)]
    for when, judged in (("before", first), ("after", second)):
        if len(judged.fingerprints) > 1:
            told.append(
                f"{when} was made by {len(judged.fingerprints)} different judges; the "
                "commonest is named"
            )
    return tuple(told)
