"""``judge calibrate``: from the judge's likelihood to the probability people agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judge.cli import measuring
from judge.cli.console import tell
from judge.reports.visible import visible

__all__ = ["calibrate"]

OutFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Keep the calibration here, for `judge score --calibration`: .json.",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="auto, sigmoid_logit_map, platt, beta, isotonic, venn_abers, temperature "
        "or raw.",
        show_default=True,
    ),
]


def calibrate(  # noqa: PLR0913  (each is one option of the command)
    results: measuring.Results,
    labels: measuring.LabelFile,
    *,
    sampling: measuring.Sampling = "unknown",
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    adjudication: measuring.Adjudication = "majority",
    method: Method = "auto",
    seed: measuring.Seed = 0,
    out: OutFile = None,
    as_json: measuring.AsJson = False,
) -> int:
    """Fit probabilities to labels, and say out of fold what they are worth.

    The calibration belongs to this judge, rubric and prompt, and is refused for any
    other.
    """
    from judge.calibration.probability.calibrate import calibrate as calibrated

    if out is not None:
        measuring.writable(out, ".json", reads=(results, labels))
    found = calibrated(
        measuring.judged(results),
        measuring.read_labels(
            labels,
            rubric=rubric,
            source=source,
            format=label_format,
            threshold=threshold,
        ),
        sampling=sampling,
        rubric=rubric,
        method=method,
        adjudication=adjudication,
        seed=seed,
    )
    code = measuring.show(found, as_json=as_json)
    if out is not None and found.calibration is not None:
        found.calibration.save(out)
        tell([f"the calibration is in {visible(str(out))}"])
    return code
