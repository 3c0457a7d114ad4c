"""All that is known of one judge on one rubric, computed once.

Terminal, notebook, page and JSON show this object, so their numbers cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from judge.calibration.agreement.agreement import agreement
from judge.calibration.agreement.stand_in import stand_in
from judge.calibration.comparison.drift import drift
from judge.calibration.comparison.repeats import repeats
from judge.calibration.joined import Joined, join
from judge.calibration.judgements import Judgements
from judge.calibration.planning.plan import plan_labels
from judge.calibration.prevalence.prevalence import prevalence
from judge.calibration.prevalence.severity import Severity, mean_severity
from judge.calibration.probability.calibrate import calibrate, check_calibration
from judge.calibration.probability.report import CalibrationReport
from judge.calibration.summary_result import (
    CELLS,
    Case,
    Cell,
    RocCurve,
    SeverityCounts,
    Summary,
)
from judge.labels.labels import HumanLabels
from judge.statistics.scores.roc import roc_points
from judge.store.calibration import Calibration
from judge.transcripts.types import Transcript

__all__ = [
    "CELLS",
    "Case",
    "Cell",
    "RocCurve",
    "SeverityCounts",
    "Summary",
    "summarise",
]

NEXT_HALF_WIDTH = 0.03
"""What the labels to come are planned for, where nothing else is asked."""


def summarise(  # noqa: PLR0913 # keyword-only past the data
    run: object,
    labels: object,
    *,
    sampling: str = "unknown",
    rubric: str | None = None,
    calibration: Calibration | str | Path | None = None,
    again: Sequence[object] = (),
    before: object = None,
    transcripts: Iterable[Transcript] = (),
    cluster: str | None = None,
    adjudication: str = "majority",
    half_width: float = NEXT_HALF_WIDTH,
    seed: int = 0,
) -> Summary:
    """Measure a judge against labels in every way there is.

    Parameters
    ----------
    run
        A `Run`, assessments, a table, or a file of results.
    labels
        `HumanLabels`, a table or a file.
    sampling
        How the labelled transcripts were drawn, as in `calibrate`; without it rates
        have no interval.
    rubric
        Which, where there are several.
    calibration
        One made on other labels: these then only test it.
    again
        Further runs of the same judge over the same transcripts.
    before
        Results of the judge as it was, on some of the same transcripts.
    transcripts
        The texts, for their lengths, where the run does not know them.
    cluster
        A column whose values keep transcripts together.
    adjudication
        As in `join`.
    half_width
        What the labels to come are planned for.
    seed
        Of all draws.

    Raises
    ------
    UsageError
        For arguments that cannot be used, or labels of other transcripts.
    """
    every = HumanLabels.load(labels)
    made = (
        Calibration.load(calibration)
        if isinstance(calibration, str | Path)
        else calibration
    )
    if rubric is None:
        rubric = made.rubric if made is not None else _only(every)
    judged = Judgements.of(run, rubric)
    if judged.frame["length"].isna().all() and (texts := list(transcripts)):
        judged = judged.with_lengths(texts)
    joined = join(judged, every, adjudication=adjudication)
    drawn: dict[str, Any] = {
        "sampling": sampling,
        "cluster": cluster,
        "adjudication": adjudication,
        "seed": seed,
    }
    # Labels of other transcripts tell nothing of this run; a note says how many.
    known = set(joined.judgements.frame.index)
    about = HumanLabels(x for x in joined.labels if x.transcript in known)
    fitted = (
        calibrate(judged, about, **drawn)
        if made is None
        else check_calibration(made, judged, about, **drawn)
    )
    asked = [judged, *(Judgements.of(one, judged.rubric) for one in again)]
    grouped = None if cluster == "scenario" else cluster  # these find it themselves
    several = len(about.raters.labelers) > 1
    return Summary(
        rubric=judged.rubric,
        judge=fitted.model or "a judge that the table does not name",
        fingerprint=fitted.fingerprint,
        source=joined.source,
        described=about.described,
        sampling=sampling,
        prevalence=prevalence(judged, about, **drawn),
        calibration=fitted,
        held_out=made is not None,
        agreement=agreement(about, judged, cluster=grouped, seed=seed),
        stand_in=stand_in(about, judged, cluster=grouped, seed=seed)
        if several
        else None,
        next_labels=plan_labels(judged, about, half_width=half_width, seed=seed)
        if judged.fingerprints
        else None,
        repeats=repeats(asked, seed=seed) if again else None,
        drift=None if before is None else drift(before, judged, about),
        cases=tuple(_cases(joined, fitted.calibration)),
        roc=_roc(joined, fitted),
        severity=_severities(joined),
        graded=_graded(judged, about, drawn),
        notes=tuple(joined.notes),
    )


def _only(labels: HumanLabels) -> str | None:
    return labels.rubrics[0] if len(labels.rubrics) == 1 else None


def _cases(joined: Joined, calibration: Calibration | None) -> Iterator[Case]:
    order = list(CELLS)
    found = [
        _case(str(name), row, calibration) for name, row in joined.frame.iterrows()
    ]
    yield from sorted(
        found,
        key=lambda c: (
            order.index(c.cell),
            -abs((c.score or 0) - c.label),
            c.transcript,
        ),
    )


def _case(name: str, row: Any, calibration: Calibration | None) -> Case:
    score = _number(row["score"])
    level = _number(row["level"])
    known = calibration is not None and score is not None
    return Case(
        transcript=name,
        cell=_cell(row["y"], row["present"]),
        label=float(row["y"]),
        severity=_number(row["severity"]),
        level=None if level is None else int(level),
        score=score,
        probability=calibration.probability(score) if known else None,  # type: ignore[union-attr,arg-type]  # both known
    )


def _cell(y: float, present: Any) -> Cell:
    import pandas as pd

    if y == 0.5:
        return "unsettled"
    if pd.isna(present):
        return "no_answer"
    if y > 0.5:
        return "both" if present else "missed"
    return "false_alarm" if present else "neither"


def _number(value: Any) -> float | None:
    import pandas as pd

    return None if pd.isna(value) else float(value)


def _roc(joined: Joined, fitted: CalibrationReport) -> RocCurve | None:
    frame = joined.scored
    frame = frame[frame["y"] != 0.5]
    truth = frame["y"].to_numpy(dtype=float) > 0.5
    scores = frame["score"].to_numpy(dtype=float)
    if truth.all() or not truth.any():
        return None
    curve = roc_points(scores, truth)
    line, at = fitted.threshold.value, None
    if line is not None:
        at = (
            float((scores[~truth] >= line).mean()),
            float((scores[truth] >= line).mean()),
        )
    return RocCurve(
        false_alarms=tuple(curve.false_alarms.tolist()),
        sensitivity=tuple(curve.sensitivity.tolist()),
        at_certified=at,
    )


def _severities(joined: Joined) -> SeverityCounts | None:
    about = joined.labels.raters.frame
    known = about["severity"].notna() & about["transcript"].isin(joined.frame.index)
    about = about[known & (about["occasion"] == 1)]
    if about.empty or joined.frame["level"].isna().all():
        return None
    judged = joined.frame["level"].dropna().to_numpy(dtype=int)
    said = {
        str(name): part["severity"].to_numpy(dtype=int)
        for name, part in about.groupby("labeler")
    } | {"the judge": judged}
    levels = 1 + max(4, *(int(given.max(initial=0)) for given in said.values()))
    return SeverityCounts(
        levels=levels,
        rows=tuple(
            (name, tuple(np.bincount(given, minlength=levels).tolist()))
            for name, given in said.items()
        ),
    )


def _graded(
    judged: Judgements, labels: HumanLabels, drawn: Mapping[str, Any]
) -> Severity | None:
    graded = judged.frame["level"].notna().any()
    if not graded or all(label.severity is None for label in labels):
        return None
    how = {name: drawn[name] for name in ("sampling", "adjudication")}
    return mean_severity(judged, labels, **how)
