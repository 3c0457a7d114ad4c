"""What a judge is audited on: transcripts, each under a rubric, labelled or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from judge._data import data_dir
from judge.auditing.bench import Subject
from judge.errors import UsageError
from judge.labels.labels import Label, read_labels
from judge.rubrics.types import Rubric
from judge.transcripts.load import as_transcript, load_transcripts
from judge.transcripts.types import Transcript

__all__ = ["DOZEN", "choose_subjects"]

DOZEN = 12
"""Transcripts of each rubric where the user names none."""


def choose_subjects(
    rubrics: Sequence[Rubric],
    transcripts: object,
    labels: str | Path | Iterable[Label] | None,
    *,
    limit: int | None = None,
) -> list[Subject]:
    """Pair transcripts with the rubrics they are to be judged by.

    With labels those pairs that have one; without, every transcript with each rubric.

    Raises
    ------
    UsageError
        If nothing is left, or two transcripts have one id.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"limit must be 1 or more, got {limit}")
    if transcripts is None:
        data = data_dir("calibration_data")
        transcripts, labels = data / "dev.jsonl", labels or data / "labels.csv"
        limit = limit or DOZEN
    if isinstance(labels, str | Path):
        labels = read_labels(labels)
    texts = _loaded(transcripts)
    known = None if labels is None else {(x.transcript, x.rubric): x for x in labels}
    subjects = [
        Subject(text, rubric, known.get((text.id, rubric.id)) if known else None)
        for rubric in rubrics
        for text in texts
        if known is None or (text.id, rubric.id) in known
    ]
    if not subjects:
        raise UsageError(
            "there is nothing to audit on: no transcript"
            + (", or none that has a label" if labels is not None else "")
        )
    return subjects if limit is None else _limited(subjects, limit)


def _loaded(transcripts: object) -> list[Transcript]:
    if isinstance(transcripts, str | Path):
        texts = list(load_transcripts(transcripts, on_error="raise"))
    elif isinstance(transcripts, Iterable) and not isinstance(transcripts, Mapping):
        texts = [as_transcript(item) for item in transcripts]
    else:
        raise UsageError(
            "audit takes a path or a collection of transcripts, got one "
            f"{type(transcripts).__name__}"
        )
    twice = [name for name, n in Counter(text.id for text in texts).items() if n > 1]
    if twice:
        raise UsageError(f"two transcripts have the id {twice[0]!r}; rename one")
    return texts


def _limited(subjects: Sequence[Subject], limit: int) -> list[Subject]:
    """Keep ``limit`` of each rubric: clear labels first, the labels taking turns."""
    kept: list[Subject] = []
    for rubric in dict.fromkeys(subject.rubric.id for subject in subjects):
        groups: dict[str, list[Subject]] = {}
        for subject in sorted(subjects, key=_unclear):
            if subject.rubric.id == rubric:
                label = subject.label.label if subject.label else ""
                groups.setdefault(label, []).append(subject)
        kept += _in_turns(list(groups.values()))[:limit]
    return kept


def _unclear(subject: Subject) -> bool:
    return subject.label is None or not subject.label.clear


def _in_turns(groups: Sequence[Sequence[Subject]]) -> list[Subject]:
    longest = max(map(len, groups), default=0)
    return [
        group[place]
        for place in range(longest)
        for group in groups
        if place < len(group)
    ]
