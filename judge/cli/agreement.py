"""``judge agreement``: how far labelers agree, with each other and with the judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judge.cli import measuring

__all__ = ["agreement"]

RunFile = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="RESULTS",
        help="The judge's results, to stand beside the labelers.",
    ),
]
Margin = Annotated[
    float,
    typer.Option(
        metavar="ALPHA",
        help="With --run: how much less than people the judge may agree with people.",
        show_default=True,
    ),
]


def agreement(  # noqa: PLR0913  (each is one option of the command)
    labels: measuring.LabelFile,
    *,
    run: RunFile = None,
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    margin: Margin = 0.10,
    seed: measuring.Seed = 0,
    as_json: measuring.AsJson = False,
) -> int:
    """Say how far labelers agree: percent, positive agreement, alpha, kappa, AC1.

    With --run the judge is one more column, and whether it agrees with people about as
    well as people do with each other is tested against the margin.
    """
    from judge.calibration.agreement.agreement import agreement as agreed
    from judge.calibration.agreement.stand_in import stand_in

    if run is not None:
        measuring.judged(run)
    read = measuring.read_labels(
        labels,
        rubric=rubric,
        source=source,
        format=label_format,
        threshold=threshold,
    )
    found = agreed(read, run, rubric=rubric, seed=seed)
    if run is None:
        return measuring.show(found, as_json=as_json)
    beside = stand_in(read, run, rubric=rubric, margin=margin, seed=seed)
    return measuring.show_all({"agreement": found, "stand_in": beside}, as_json=as_json)
