"""What the demonstration came to: in the terminal, and as files to look at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from judge._data import data_dir
from judge.cli.console import painted, width_of
from judge.cli.demo_labels import Labels, author_labels, compare
from judge.cli.judging import EMBEDDED
from judge.engine.embedded_figures import skill_on
from judge.engine.judge import Judge
from judge.engine.run import Run
from judge.errors import StoreError
from judge.reports.page import PageItem, render_page
from judge.reports.terminal import BASELINE, summary_lines
from judge.reports.verdicts import verdict_lines
from judge.reports.visible import visible, wrap
from judge.rubrics.types import Rubric
from judge.transcripts.load import load_transcripts
from judge.transcripts.types import Transcript
from judge.verdict import Verdict

__all__ = ["DemoReport", "Demonstration", "opening_lines"]

PROSE = 88
LABELLED = "labels by the authors, not human raters"
RECORDED = (
    "Its replies were recorded: each is a language model's answer to this very prompt, "
    "given without sight of the label, the id or any other transcript."
)
INVENTED = (
    "The transcripts are invented and few; agreement with their authors' labels says "
    "nothing about agreement with people, nor about other transcripts."
)


@dataclass(frozen=True)
class Demonstration:
    """The sample transcripts, what their authors say of them, and a recorded judge."""

    transcripts: tuple[Transcript, ...]
    labels: Labels
    recording: Path

    @classmethod
    def read(cls) -> Self:
        data = data_dir("calibration_data")
        recorded = data / "recorded"
        chosen = set((recorded / "joint.txt").read_text("utf-8").split())
        split = load_transcripts(data / "dev.jsonl", on_error="raise")
        return cls(
            tuple(text for text in split if text.id in chosen),
            author_labels(data / "labels.csv"),
            recorded / "judge.jsonl",
        )


def prose_width() -> int:
    """Columns that text is broken at: the terminal's, and never long lines."""
    return min(width_of(sys.stdout) or PROSE, PROSE)


def opening_lines(judge: Judge, demonstration: Demonstration) -> Iterator[str]:
    """Say who judges what, and what it is worth, before anything is judged."""
    width = prose_width()
    told = (
        f"{len(demonstration.transcripts)} invented transcripts of an AI under test, "
        f"{len(judge.rubrics)} rubrics. The judge: {visible(judge.name)}."
    )
    yield from wrap(told, width)
    if judge.name == EMBEDDED:
        yield from _baseline_lines(judge.rubrics, width)
    elif not judge.repeatable:
        yield from wrap(RECORDED, width)
    yield ""


def _baseline_lines(rubrics: Sequence[Rubric], width: int) -> Iterator[str]:
    yield from wrap(BASELINE, width)
    yield "Its measured skill at ranking transcripts (AUC: 0.5 is chance, 1 perfect):"
    for rubric in rubrics:
        told = f"{rubric.id}: {skill_on(rubric.id)}"
        yield from (f"  {line}" for line in wrap(told, width - 2))


@dataclass(frozen=True)
class DemoReport:
    """A run over the demonstration, beside the labels."""

    demonstration: Demonstration
    run: Run

    @cached_property
    def agreement(self) -> Sequence[str]:
        """Agreement with the labels, a line a rubric."""
        found = compare(self.run, self.demonstration.labels)
        return [f"{rubric}: {counts}" for rubric, counts in found.items()]

    def lines(self) -> Iterator[str]:
        """Yield some verdicts in their context, the summary and the agreement."""
        width = prose_width()
        for item in self._worth_showing():
            yield from self._verdict(*item, width=width)
            yield ""
        yield from summary_lines(self.run, width=width)
        yield ""
        for line in (f"Against the authors ({LABELLED}):", *self.agreement):
            yield from wrap(line, width)
        yield from self._disagreements(width)
        yield from wrap(INVENTED, width)

    def write(self, directory: Path) -> None:
        """Write the results and the page.

        Raises
        ------
        StoreError
            If a file cannot be written.
        """
        self.run.to_jsonl(directory / "results.jsonl")
        self.run.to_csv(directory / "results.csv")
        page = directory / "index.html"
        try:
            page.write_text(self._page(), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{page}: cannot be written: {error.strerror}") from error

    def _page(self) -> str:
        judge = next((r.provenance for a in self.run for r in a), None)
        baseline = judge is not None and judge.judge == "embedded"
        skill = [
            f"Skill of the screen, {n}: {skill_on(n)}" for n in self.run.tally.rubrics
        ]
        return render_page(
            self._items(),
            title="judge: demonstration",
            notices=[*([BASELINE] if baseline else ()), INVENTED],
            summary=[
                f"Judge: {judge.model if judge else 'none'}",
                *self.run.summary().split("\n"),
                f"Against the authors ({LABELLED}): {'; '.join(self.agreement)}",
                *(skill if baseline else ()),
            ],
        )

    def _items(self) -> Iterator[PageItem]:
        labels = self.demonstration.labels
        transcripts = {t.id: t for t in self.demonstration.transcripts}
        for assessment in self.run:
            name = assessment.transcript_id
            own = {r.rubric: (name, r.rubric) for r in assessment}
            told = {rubric: labels[at] for rubric, at in own.items() if at in labels}
            yield PageItem(transcripts[name], assessment, told)

    def _disagreements(self, width: int) -> Iterator[str]:
        """Yield a line for each result on the other side of the author's label."""
        found = [
            (item.transcript.id, result, item.labels[result.rubric])
            for item in self._items()
            for result in item.assessment
            if isinstance(result, Verdict)
            and result.rubric in item.labels
            and result.present not in {None, item.labels[result.rubric].present}
        ]
        if found:
            yield "Where they part; the page has each with its evidence and note:"
        for name, verdict, label in found:
            told = (
                f"{visible(name)}, {verdict.rubric}: judge level {verdict.level}, "
                f"likelihood {verdict.likelihood}; author severity {label.severity}"
            )
            yield from (f"  {line}" for line in wrap(told, width - 2))

    def _worth_showing(self) -> list[tuple[Transcript, Verdict]]:
        """Of each rubric the likeliest labelled case that has evidence."""
        best: dict[str, tuple[Transcript, Verdict]] = {}
        for item in self._items():
            for result in item.assessment:
                if not isinstance(result, Verdict) or not result.evidence:
                    continue
                known = best.get(result.rubric)
                likelier = not known or result.likelihood > known[1].likelihood
                if result.rubric in item.labels and likelier:
                    best[result.rubric] = item.transcript, result
        return list(best.values())

    def _verdict(
        self, transcript: Transcript, verdict: Verdict, *, width: int
    ) -> Iterator[str]:
        yield from verdict_lines(
            transcript, verdict, width=width, colour=painted(sys.stdout)
        )
        label = self.demonstration.labels[transcript.id, verdict.rubric]
        told = "present" if label.present else "absent"
        agrees = {True: "agrees", False: "disagrees", None: "no answer"}
        how = agrees[
            None if verdict.present is None else verdict.present == label.present
        ]
        line = f"Author's label: {told}, severity {label.severity} ({how})"
        yield from (f"  {part}" for part in wrap(line, width - 2))
