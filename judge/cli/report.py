"""``judge report``: all that is known of a judge on one rubric, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judge.cli import measuring
from judge.cli.console import tell
from judge.errors import UsageError
from judge.reports.visible import visible

__all__ = ["report"]

Transcripts = Annotated[
    list[Path] | None,
    typer.Option(
        "--transcripts",
        metavar="SOURCE",
        help="The transcripts, to show disagreements with their evidence.",
    ),
]
Calibrated = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        metavar="FILE",
        help="A calibration made on other labels: these then only test it.",
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the report to this file too: a page (.html), its numbers (.json) "
        "or the labelled transcripts (.csv).",
    ),
]


def report(  # noqa: PLR0913  (each is one option of the command)
    results: measuring.Results,
    labels: measuring.LabelFile,
    *,
    sampling: measuring.Sampling = "unknown",
    transcripts: Transcripts = None,
    calibration: Calibrated = None,
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    adjudication: measuring.Adjudication = "majority",
    seed: measuring.Seed = 0,
    out: OutFile = None,
    as_json: measuring.AsJson = False,
) -> int:
    """Report agreement, errors, calibration, rate and what to label next.

    The same numbers stand in the terminal, in the page and in the JSON.
    """
    from judge.calibration.summary import summarise
    from judge.reports.report import write_summary
    from judge.transcripts.load import load_transcripts

    if out is not None:
        reads = (results, labels, calibration, *(transcripts or ()))
        measuring.writable(out, ".html", ".json", ".csv", reads=reads)
    measuring.judged(results)
    read = measuring.read_labels(
        labels,
        rubric=rubric,
        source=source,
        format=label_format,
        threshold=threshold,
    )
    texts = list(load_transcripts(transcripts)) if transcripts else []
    if transcripts and not texts:
        raise UsageError("--transcripts: no transcript can be read there")
    found = summarise(
        results,
        read,
        sampling=sampling,
        rubric=rubric,
        transcripts=texts,
        calibration=calibration,
        adjudication=adjudication,
        seed=seed,
    )
    code = measuring.show(found, as_json=as_json)
    if out is not None:
        write_summary(found, out, run=results, transcripts=texts, labels=read)
        tell([f"the report is in {visible(str(out))}"])
    return code
