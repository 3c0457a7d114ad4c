"""``judge compare``: whether target models, conditions or dates differ."""

from __future__ import annotations

from typing import Annotated

import typer

from judge.cli import measuring

__all__ = ["compare"]

By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="The transcripts' metadata that parts the groups, such as target_model.",
    ),
]
Pair = Annotated[
    str | None,
    typer.Option(
        "--pair",
        metavar="COLUMN",
        help="Metadata that transcripts of one prompt share across the groups.",
    ),
]
Correction = Annotated[
    str,
    typer.Option(metavar="NAME", help="Of p-values: holm (claims) or bh (screening)."),
]


def compare(  # noqa: PLR0913  (each is one option of the command)
    results: measuring.Results,
    labels: measuring.LabelFile,
    *,
    by: By,
    sampling: measuring.Sampling = "unknown",
    pair: Pair = None,
    correction: Correction = "holm",
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    seed: measuring.Seed = 0,
    as_json: measuring.AsJson = False,
) -> int:
    """Estimate each group on its own labels, and subtract.

    The judge's errors do not cancel in a difference unless it errs alike on both.
    """
    from judge.calibration.comparison.compare import compare as compared

    found = compared(
        measuring.judged(results),
        measuring.read_labels(
            labels,
            rubric=rubric,
            source=source,
            format=label_format,
            threshold=threshold,
        ),
        by=by,
        sampling=sampling,
        pair=pair,
        correction=correction,
        rubric=rubric,
        seed=seed,
    )
    return measuring.show(found, as_json=as_json)
