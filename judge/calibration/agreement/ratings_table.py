"""Labels as a table of ratings: one row a transcript, one column a rater.

A rater's first answer stands in it; second answers make a table of their own.  "Unsure"
is an answer, not a missing one; so is a judge's abstention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.labels.label import Label
from judge.labels.labels import HumanLabels
from judge.statistics.agreement.coded import Codes

__all__ = [
    "ABSENT",
    "PRESENT",
    "UNSURE",
    "Cluster",
    "RatingsTable",
    "repeats_of",
    "table_of",
]

ABSENT, PRESENT, UNSURE = 0, 1, 2
CODES = {"absent": ABSENT, "present": PRESENT, "unsure": UNSURE}
JUDGE = "judge"

Cluster: TypeAlias = str | Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RatingsTable:
    """What each rater says of each transcript; -1 where they said nothing."""

    transcripts: tuple[str, ...]
    raters: tuple[str, ...]
    answers: Codes
    severity: Codes
    judge: str | None = None
    """The column that is the judge's, the last; None without one."""
    clusters: NDArray[np.int64] | None = None
    """A number for each transcript, the same where they share a scenario."""

    @property
    def people(self) -> tuple[str, ...]:
        """The columns that are labelers'."""
        return tuple(name for name in self.raters if name != self.judge)

    def columns(self, *names: str) -> tuple[Codes, Codes]:
        """Return answers and severity of these raters only."""
        places = [self.raters.index(name) for name in names]
        return self.answers[:, places], self.severity[:, places]


def table_of(
    labels: HumanLabels, judged: Judgements | None = None, *, cluster: Cluster = None
) -> RatingsTable:
    """Lay labels of one rubric and source side by side, the judge's answers last.

    Parameters
    ----------
    cluster
        What transcripts that are not independent share: a metadata column of the run,
        or a mapping from transcript to group.  By default the labels' scenario.

    Raises
    ------
    UsageError
        The run has no such column, or none of the labelled transcripts.
    """
    transcripts, raters = labels.transcripts, labels.labelers
    first = [label for label in labels if label.occasion == 1]
    answers, severity = _laid_out(first, transcripts, raters)
    name = None
    if judged is not None:
        name = JUDGE if JUDGE not in raters else f"{JUDGE} (this run)"
        said, level = _judged(transcripts, judged)
        answers = np.concatenate([answers, said], axis=1)
        severity = np.concatenate([severity, level], axis=1)
    return RatingsTable(
        transcripts=transcripts,
        raters=(*raters, name) if name else raters,
        answers=answers,
        severity=severity,
        judge=name,
        clusters=_clusters(labels, judged, cluster),
    )


def repeats_of(labels: HumanLabels, labeler: str) -> RatingsTable:
    """Return a labeler's first and second answers, where there is a second."""
    own = [label for label in labels if label.labeler == labeler]
    again = {label.transcript for label in own if label.occasion == 2}
    transcripts = tuple(name for name in labels.transcripts if name in again)
    once, twice = labeler, f"{labeler}, again"
    told = [
        label.model_copy(update={"labeler": twice}) if label.occasion == 2 else label
        for label in own
        if label.occasion <= 2
    ]
    answers, severity = _laid_out(told, transcripts, (once, twice))
    return RatingsTable(
        transcripts=transcripts,
        raters=(once, twice),
        answers=answers,
        severity=severity,
    )


def _laid_out(
    labels: list[Label], transcripts: tuple[str, ...], raters: tuple[str, ...]
) -> tuple[Codes, Codes]:
    row = {name: place for place, name in enumerate(transcripts)}
    column = {name: place for place, name in enumerate(raters)}
    answers = np.full((len(row), len(column)), -1, dtype=np.int64)
    severity = answers.copy()
    for label in labels:
        if label.transcript in row:
            at = row[label.transcript], column[label.labeler]
            answers[at] = CODES[label.label]
            severity[at] = -1 if label.severity is None else label.severity
    return answers, severity


def _judged(transcripts: tuple[str, ...], judged: Judgements) -> tuple[Codes, Codes]:
    import pandas as pd

    found = judged.frame.reindex(list(transcripts))
    if not found["status"].notna().any():
        raise UsageError(
            f"no labelled transcript is in the run: the labels name "
            f"{transcripts[0]!r}, the run has "
            f"{next(iter(judged.frame.index), 'none')!r}; are they of other "
            "transcripts?"
        )
    answers = [
        UNSURE if status == "abstained" else -1 if pd.isna(present) else int(present)
        for status, present in zip(found["status"], found["present"], strict=True)
    ]
    levels = [-1 if pd.isna(level) else int(level) for level in found["level"]]
    column = np.array([answers, levels], dtype=np.int64)[:, :, None]
    return column[0], column[1]


def _clusters(
    labels: HumanLabels, judged: Judgements | None, cluster: Cluster
) -> NDArray[np.int64] | None:
    """Number the groups; None where no two transcripts share one."""
    group = _groups(labels, judged, cluster)
    numbers: dict[Any, int] = {}
    found = []
    for name in labels.transcripts:
        own = group.get(name)
        alone = own is None or own == "" or own != own  # noqa: PLR0124 # NaN
        key = ("transcript", name) if alone else ("group", str(own))
        found.append(numbers.setdefault(key, len(numbers)))
    return None if len(numbers) == len(found) else np.array(found, dtype=np.int64)


def _groups(
    labels: HumanLabels, judged: Judgements | None, cluster: Cluster
) -> Mapping[str, Any]:
    if cluster is None:
        return {label.transcript: label.scenario for label in labels if label.scenario}
    if not isinstance(cluster, str):
        return cluster
    if judged is None or cluster not in judged.frame.columns:
        has = [] if judged is None else [str(name) for name in judged.frame.columns]
        raise UsageError(
            f"cluster={cluster!r} is no column of the run, which has "
            f"{', '.join(has) or 'none, for no run is given'}; or give a mapping from "
            "transcript to group"
        )
    return {str(name): value for name, value in judged.frame[cluster].items()}
