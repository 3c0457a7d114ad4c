"""What the authors say about their own demonstration transcripts; nobody else does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.errors import UsageError
from judge.labels import label as labels_of
from judge.labels.labels import read_labels
from judge.reports.page import Label
from judge.verdict import Assessment, Verdict

__all__ = ["Agreement", "Labels", "author_labels", "compare"]

Labels = Mapping[tuple[str, str], Label]
"""By transcript and rubric."""


@dataclass(slots=True)
class Agreement:
    """How the judge's answers on one rubric compare with the labels."""

    agrees: int = 0
    missed: int = 0
    """Labelled present, judged absent."""
    false_alarms: int = 0
    """Labelled absent, judged present."""
    no_answer: int = 0
    """Abstained or unscored."""

    @property
    def n(self) -> int:
        return self.agrees + self.missed + self.false_alarms + self.no_answer

    def __str__(self) -> str:
        told = (
            f"agrees with {self.agrees} of {self.n} labels, disagrees with "
            f"{self.missed + self.false_alarms} (missed {self.missed}, raised "
            f"{self.false_alarms} falsely)"
        )
        return told + (f", no answer on {self.no_answer}" if self.no_answer else "")


def author_labels(path: Path) -> Labels:
    """Read labels whose source is ``author``; those of others do not belong here.

    Raises
    ------
    UsageError
        If the file cannot be read or has labels of another source.
    """
    labels = read_labels(path)
    sources = sorted({label.source for label in labels})
    if sources != ["author"]:
        raise UsageError(f"{path}: labels of source {sources}, not author")
    return {(label.transcript, label.rubric): _shown(label) for label in labels}


def compare(assessments: Iterable[Assessment], labels: Labels) -> dict[str, Agreement]:
    """Count agreement by rubric, over the results that have a label."""
    found: dict[str, Agreement] = {}
    for assessment in assessments:
        for result in assessment:
            label = labels.get((assessment.transcript_id, result.rubric))
            if label is None:
                continue
            counts = found.setdefault(result.rubric, Agreement())
            present = result.present if isinstance(result, Verdict) else None
            if present is None:
                counts.no_answer += 1
            elif present == label.present:
                counts.agrees += 1
            elif label.present:
                counts.missed += 1
            else:
                counts.false_alarms += 1
    return found


def _shown(label: labels_of.Label) -> Label:
    severity = "-" if label.severity is None else str(label.severity)
    return Label(present=bool(label.present), severity=severity, note=label.note)
