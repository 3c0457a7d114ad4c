"""Where the labeling stands: agreement, strictness, drift, what is still needed.

All figures come from the functions of `judge.calibration` that the library gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from judge.calibration.agreement.agreement import agreement
from judge.calibration.agreement.labelers import labeler_strictness
from judge.calibration.agreement.labelers_result import LabelerStrictness
from judge.calibration.agreement.result import Agreement
from judge.calibration.planning.plan import plan_labels
from judge.calibration.planning.result import LabelPlan
from judge.desk.desk import Desk
from judge.desk.periods import Period, periods_of
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.verdict import Assessment

__all__ = ["Standing", "standing_of"]

HALF_WIDTHS = (0.1, 0.05, 0.03)
"""Of the intervals that the labels still needed are counted for."""
TOLD = 0.05
"""The one of them that is told in full."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known by now; what is not, says why."""

    labels: HumanLabels
    agreement: Agreement | None
    strictness: LabelerStrictness | None
    periods: tuple[Period, ...]
    plans: tuple[LabelPlan, ...]
    """For each of `HALF_WIDTHS`."""
    refusals: tuple[str, ...]


def standing_of(desk: Desk, hidden: Collection[str] = ()) -> Standing:
    """Work out where a desk's labeling stands.

    Parameters
    ----------
    hidden
        Transcripts that whoever is to see it has not labeled yet: their labels are left
        out.

    Raises
    ------
    StoreError
        If the label file cannot be read.
    """
    every = desk.ledger.labels()
    labels = HumanLabels(label for label in every if label.transcript not in hidden)
    judged = _run(desk)
    refusals: list[str] = []

    def tried(work: Callable[[], Found]) -> Found | None:
        try:
            return work()
        except UsageError as error:
            if str(error) not in refusals:
                refusals.append(str(error))
            return None

    found, strict, plans = None, None, []
    if len(labels):
        found = tried(partial(agreement, labels, _shared(judged, labels)))
        strict = tried(partial(labeler_strictness, labels))
    if judged:
        given = labels if _shared(judged, labels) else None
        plans = [
            tried(partial(plan_labels, judged, given, half_width=width))
            for width in HALF_WIDTHS
        ]
    return Standing(
        labels=labels,
        agreement=found,
        strictness=strict,
        periods=tuple(periods_of(desk, labels)),
        plans=tuple(plan for plan in plans if plan is not None),
        refusals=tuple(refusals),
    )


def _run(desk: Desk) -> list[Assessment]:
    return [
        Assessment(transcript_id=name, transcript_digest="", results=(result,))
        for name, result in desk.verdicts.items()
    ]


def _shared(judged: Sequence[Assessment], labels: HumanLabels) -> object:
    """The judge as one more rater, where it judged anything that is labeled."""
    known = set(labels.transcripts)
    return judged if any(one.transcript_id in known for one in judged) else None
