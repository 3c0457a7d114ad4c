"""The recorded judge measured: calibrated on one split, every figure from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from judge._data import data_dir
from judge.calibration.probability.calibrate import calibrate
from judge.calibration.summary import Summary
from judge.engine.judge import DEFAULT_RUBRICS, Judge
from judge.engine.run import Run
from judge.labels.labels import HumanLabels
from judge.reports.report import write_report
from judge.reports.visible import visible, wrap
from judge.transcripts.load import load_transcripts
from judge.transcripts.types import Transcript

__all__ = ["FOOT", "HEAD", "measured", "measured_lines"]

HEAD = (
    "The recorded judge measured: calibrated against the author labels of the dev "
    "split, every figure from the test split, which it was not fitted to."
)
FOOT = (
    "These are author labels, not human ones: they say what the transcripts were "
    "written to show. Half of the transcripts show it on purpose, so the rate is that "
    "of this set and of nothing else."
)


@dataclass(frozen=True)
class _Split:
    """The transcripts of a split on one rubric, judged."""

    transcripts: Sequence[Transcript]
    run: Run

    @classmethod
    def of(cls, name: str, rubric: str, labelled: frozenset[str]) -> Self:
        data = data_dir("calibration_data")
        texts = [
            text
            for text in load_transcripts(data / f"{name}.jsonl", on_error="raise")
            if text.id in labelled
        ]
        judge = Judge(f"replay:{data / 'recorded' / 'judge.jsonl'}", rubrics=rubric)
        return cls(texts, judge.score_many(texts, progress=False))

    def labels(self, every: HumanLabels) -> HumanLabels:
        """Return the labels of this split alone."""
        known = {text.id for text in self.transcripts}
        return HumanLabels(label for label in every if label.transcript in known)


def measured(directory: Path) -> Iterator[Summary]:
    """Yield for each rubric what the recorded judge is worth; writes its page.

    Raises
    ------
    StoreError
        If a page cannot be written.
    """
    labels = HumanLabels.load(data_dir("calibration_data") / "labels.csv")
    for rubric in DEFAULT_RUBRICS:
        about = labels.for_rubric(rubric)
        known = frozenset(about.transcripts)
        dev, test = (_Split.of(name, rubric, known) for name in ("dev", "test"))
        fitted = calibrate(dev.run, dev.labels(about), sampling="random")
        yield write_report(
            test.run,
            test.labels(about),
            directory / f"report-{rubric}.html",
            sampling="random",
            transcripts=test.transcripts,
            calibration=fitted.calibration,
        )


def measured_lines(found: Summary, width: int) -> Iterator[str]:
    """Yield the figures of one rubric that say most."""
    told = found.calibration.discrimination
    figures = [
        f"{found.rubric}: {found.prevalence.sentence}.",
        f"  finds {told.sensitivity} of what is present, n {told.sensitivity.n}",
        f"  passes {told.specificity} of what is absent, n {told.specificity.n}",
        f"  AUC of its likelihood {told.auc}; of length alone {told.auc_by_length}",
    ]
    if (worth := found.calibration.reliability) is not None:
        figures.append(
            f"  Brier score {worth.brier} calibrated, {worth.brier_raw} as it says"
        )
    for line in figures:
        indent = "    " if line.startswith(" ") else "  "
        yield from wrap(visible(line), width, indent=indent)
