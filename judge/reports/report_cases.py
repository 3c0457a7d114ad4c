"""The labelled transcripts of a report, by cell of the table, disagreements first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from judge.calibration.judgements import read_run
from judge.calibration.summary import CELLS, Case, Cell, Summary
from judge.labels.label import Label
from judge.labels.labels import HumanLabels
from judge.reports.page import PageItem
from judge.transcripts.types import Transcript
from judge.verdict import Assessment

__all__ = ["CellCases", "ShownCase", "ShownCases", "labelled_by"]

SHOWN = 60
"""Transcripts that are shown whole."""
ROOM = 4_000_000
"""Characters that they may have together: what a browser opens without effort."""


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A labelled transcript: where it stands, its text if shown, who said what."""

    case: Case
    item: PageItem | None
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class CellCases:
    """The transcripts of one cell of the table."""

    name: Cell
    words: str
    cases: Sequence[ShownCase]

    @property
    def worth_reading(self) -> bool:
        """Whether labels and judge do not agree."""
        return self.name not in ("both", "neither")

    @property
    def whole(self) -> Sequence[ShownCase]:
        return [one for one in self.cases if one.item is not None]

    @property
    def bare(self) -> Sequence[ShownCase]:
        return [one for one in self.cases if one.item is None]


@dataclass(frozen=True, slots=True)
class ShownCases:
    """All of them, and why some are not shown whole."""

    cells: Sequence[CellCases]
    note: str

    @classmethod
    def of(
        cls,
        summary: Summary,
        run: object,
        transcripts: Iterable[Transcript],
        labels: HumanLabels | None,
    ) -> Self:
        """Lay out the cases of a summary with what is known of each."""
        wanted = {case.transcript for case in summary.cases}
        texts = {text.id: text for text in transcripts if text.id in wanted}
        kept = _with_room(summary.cases, texts)
        items = dict(_items(kept, run, summary.rubric))
        said = _by_transcript(labels, summary.rubric)
        cells = [
            CellCases(
                cell,
                words,
                [
                    ShownCase(
                        case, items.get(case.transcript), said.get(case.transcript, ())
                    )
                    for case in summary.in_cell(cell)
                ],
            )
            for cell, words in CELLS.items()
        ]
        return cls([cell for cell in cells if cell.cases], _note(wanted, texts, kept))


def labelled_by(labels: Sequence[Label]) -> str:
    """Return in a few words who said what.

    One labeler is named, several are counted; second answers of a labeler are not, nor
    are labels of a source that does not count beside the others.
    """
    source = HumanLabels(labels).best_source
    first = [one for one in labels if one.occasion == 1 and one.source == source]
    kind = "" if source == "human" else f"{source} "
    if len(first) == 1 and first[0].labeler:
        who = first[0].labeler
        whose = "" if source in ("human", who) else f" ({source})"
        return f"{who}{whose}: {first[0].label}"
    counts = Counter(label.label for label in first)
    told = ", ".join(f"{n} {label}" for label, n in counts.most_common())
    return f"{kind}labels: {told}" if told else ""


def _with_room(
    cases: Sequence[Case], texts: Mapping[str, Transcript]
) -> Mapping[str, Transcript]:
    """Return the first texts, as many as the page has room for."""
    kept: dict[str, Transcript] = {}
    room = ROOM
    for case in cases:
        text = texts.get(case.transcript)
        long = 0 if text is None else _length(text)
        if text is not None and long <= room and len(kept) < SHOWN:
            kept[case.transcript] = text
            room -= long
    return kept


def _length(transcript: Transcript) -> int:
    return sum(
        len(part.text) for message in transcript.messages for part in message.parts
    )


def _note(
    wanted: Iterable[str], texts: Mapping[str, object], kept: Mapping[str, object]
) -> str:
    count = len(set(wanted))
    if not texts:
        return (
            "The texts of the transcripts were not given to this report "
            "(transcripts=..., or --transcripts), so only their numbers are here."
        )
    if len(kept) < len(texts):
        return (
            f"To keep this page small, {len(kept):,} of the {count:,} labelled "
            f"transcripts are shown whole, disagreements first; of the others "
            "only the numbers are here."
        )
    if len(texts) < count:
        return f"Of {count - len(texts):,} labelled transcripts no text was given."
    return ""


def _items(
    texts: Mapping[str, Transcript], run: object, rubric: str
) -> Iterator[tuple[str, PageItem]]:
    """Yield each text with its verdict; without one where the run is a table."""
    for name, text in texts.items():
        nothing = Assessment(transcript_id=name, transcript_digest="", results=())
        yield name, PageItem(text, nothing)
    for assessment in _assessments(run) if texts else ():
        name = assessment.transcript_id
        if name in texts:
            yield name, PageItem(texts[name], _only(assessment, rubric))


def _assessments(run: object) -> Iterator[Assessment]:
    """Yield the verdicts of a run; a table has none."""
    found = read_run(Path(run)) if isinstance(run, str | Path) else run
    if isinstance(found, Iterable) and not hasattr(found, "columns"):
        yield from (one for one in found if isinstance(one, Assessment))


def _only(assessment: Assessment, rubric: str) -> Assessment:
    kept = tuple(result for result in assessment if result.rubric == rubric)
    return assessment.model_copy(update={"results": kept})


def _by_transcript(
    labels: HumanLabels | None, rubric: str
) -> Mapping[str, Sequence[Label]]:
    found: dict[str, list[Label]] = {}
    for label in labels or ():
        if label.rubric == rubric:
            found.setdefault(label.transcript, []).append(label)
    return {
        name: sorted(said, key=lambda label: (label.labeler, label.occasion))
        for name, said in found.items()
    }
