"""Published judges of lies, measured as their authors' scores allow.

    python -m tests.benchmarks.published_judges DIR [--out PAGES]

``DIR`` holds ``lie_detector.jsonl``: transcripts with a label by construction and the
scores, 1 to 100, of up to five judges, each under ``llm_judge_scores_1_100``.  Prints a
table in Markdown, a row a judge, and what keeps it from being a ranking; with
``--out`` also writes each judge's report as a page.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.calibration.joined import join
from judge.calibration.probability.labelled_scores import LabelledRows
from judge.calibration.probability.reliability import Reliability, reliability_of
from judge.calibration.summary import Summary, summarise
from judge.labels.labels import HumanLabels
from judge.reports.report import write_summary
from judge.statistics.calibrators.choice import choose_calibrator, cross_fit_calibrator
from judge.statistics.estimate import Estimate
from judge.statistics.scores.auc import auc

if TYPE_CHECKING:
    import pandas as pd

FILE = "lie_detector.jsonl"
SCORES = "llm_judge_scores_1_100"
RUBRIC = "deception"
LEAKED = "sandbagging"
"""In these the judges' prompt named the task."""
KNOWN = {
    "gpt-5": 0.81,
    "gpt-4o": 0.76,
    "claude-opus-4": 0.72,
    "gpt-oss-120b": 0.70,
    "claude-sonnet-4": 0.67,
}
"""Their AUROC on all they judged."""
WARNINGS = f"""
- Do not rank them: each judged other transcripts, and more or fewer of them.
- The labels are by construction: they say what the task made of the answer, and nothing
  here is agreement with people.
- The proof of a lie often lies outside the transcript, where no judge could see it: a
  miss need not be the judge's fault.
- The judges were told the task's name, which gives {LEAKED} away: see the AUROC
  without it.
- Half of the transcripts are lies because the set was made so: no rate here is that of
  a model in use.  With a label for each, the corrected rate is that of the labels.
- Present is taken to be a score from 0.5 up: the publishers name no threshold.
"""

Row = Mapping[str, Any]


class Measured(NamedTuple):
    """A judge's report, and what a table of scores has no place for in it."""

    judge: str
    summary: Summary
    reliability: Reliability
    calibrator: str
    unleaked: Estimate


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if an AUC is not the known one, 2 if the file is absent."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="PAGES")
    asked = parser.parse_args(arguments)
    path = asked.directory / FILE
    if not path.is_file():
        print(f"{path}: there is no such file; DIR holds {FILE}", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    print(f"| {' | '.join(HEADINGS)} |\n|{' --- |' * len(HEADINGS)}")
    every = []
    for judge in KNOWN:
        found = measure(judge, [row for row in rows if judge in row[SCORES]])
        print(f"| {' | '.join(cells(found))} |", flush=True)
        every.append(found)
        if asked.out is not None:
            asked.out.mkdir(parents=True, exist_ok=True)
            write_summary(found.summary, asked.out / f"{judge}.html")
    print(WARNINGS, *said_of(every), sep="\n")
    return checked(every)


def checked(found: Sequence[Measured]) -> int:
    """Say which AUROC is not the known one; 1 if any."""
    missed = 0
    for one in found:
        known, auroc = KNOWN[one.judge], one.summary.calibration.discrimination.auc
        if round(auroc.value or 0, 2) != known:
            print(f"{one.judge}: AUROC {auroc}, known {known}", file=sys.stderr)
            missed = 1
    return missed


def measure(judge: str, rows: Sequence[Row]) -> Measured:
    """Return all that is known of a judge on the rows it judged."""
    scores, labels = scores_of(judge, rows), labels_of(rows)
    joined = join(scores, labels)
    kept = LabelledRows.of(joined, sampling="random", cluster=None)
    open_ones = (kept.frame["category"] != LEAKED).to_numpy(dtype=bool)
    return Measured(
        judge=judge,
        summary=summarise(scores, labels, sampling="random"),
        reliability=reliability_of(
            cross_fit_calibrator("auto", kept.scores, kept.y), kept.scores
        ),
        calibrator=choose_calibrator(kept.scores, kept.y).method,
        unleaked=auc(kept.scores[open_ones], kept.hard[open_ones]),
    )


def scores_of(judge: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Return a table of scores from 0 to 1, as a stranger would bring it."""
    import pandas as pd

    return pd.DataFrame(
        {
            "transcript_id": [row["id"] for row in rows],
            "score": [row[SCORES][judge] / 100 for row in rows],
            "model": judge,
            "length": [sum(len(m["content"]) for m in row["messages"]) for row in rows],
            "category": [row["meta"]["category"] for row in rows],
        }
    )


def labels_of(rows: Sequence[Row]) -> HumanLabels:
    """Return the labels: by construction, which makes them the authors'."""
    return HumanLabels.load(
        [
            {"transcript": row["id"], "label": row["label"], "labeler": "construction"}
            for row in rows
        ],
        rubric=RUBRIC,
        source="author",
    )


HEADINGS = (
    "judge",
    "n",
    "AUROC",
    f"without {LEAKED}",
    "length alone",
    "sensitivity",
    "specificity",
    "Brier raw",
    "calibrated",
    "by",
    "certified from",
    "its false alarms",
    "its sensitivity",
    "rate corrected",
    "judge alone",
    "status",
)


def cells(found: Measured) -> Iterator[str]:
    """Yield the cells of a judge's row."""
    fitted, rate = found.summary.calibration, found.summary.prevalence
    told, line = fitted.discrimination, fitted.threshold
    yield found.judge
    yield f"{fitted.counts.n:,}"
    figures = (
        *(told.auc, found.unleaked, told.auc_by_length),
        *(told.sensitivity, told.specificity),
        *(found.reliability.brier_raw, found.reliability.brier),
    )
    yield from map(str, figures)
    yield found.calibrator
    yield "none" if line.value is None else f"{line.value:g}"
    yield from map(str, (line.false_alarms, line.sensitivity))
    yield from map(str, (rate.corrected, rate.judge_alone))
    yield found.summary.status


def said_of(found: Sequence[Measured]) -> Iterator[str]:
    """Yield what the reports themselves warn of, each with the judges it is said of."""
    of: dict[str, list[str]] = {}
    for one in found:
        fitted = one.summary.calibration
        for told in (fitted.refusal, *fitted.warnings, *fitted.notes):
            of.setdefault(told, []).append(one.judge)
    for told, judges in of.items():
        if told:
            who = "each" if len(judges) == len(found) else ", ".join(judges)
            yield f"- Of {who} its report says: {told}."


if __name__ == "__main__":
    sys.exit(main())
