"""``judge plan``: how many transcripts to label, and which."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judge.cli import measuring
from judge.cli.console import tell
from judge.errors import UsageError
from judge.reports.visible import visible

__all__ = ["plan"]

Known = Annotated[
    Path | None,
    typer.Argument(
        metavar="[LABELS]", help="Labels there are already: the plan goes on from them."
    ),
]
HalfWidth = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Half the width the interval should have, such as 0.03."
    ),
]
Difference = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="The difference of two groups to be found."),
]
Count = Annotated[
    int | None, typer.Option("--n", metavar="N", help="So many labels, no more.")
]
Queue = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the queue here, .csv: transcripts in the order to label them.",
    ),
]


def plan(  # noqa: PLR0913  (each is one option of the command)
    results: measuring.Results,
    labels: Known = None,
    *,
    half_width: HalfWidth = None,
    difference: Difference = None,
    n: Count = None,
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    seed: measuring.Seed = 0,
    out: Queue = None,
    as_json: measuring.AsJson = False,
) -> int:
    """Say how many labels a claim needs, and draw the transcripts to label.

    A third comes from those the judge calls present; the queue does not tell which.
    """
    from judge.calibration.planning.plan import plan_labels

    if out is not None:
        _unwritten(measuring.writable(out, ".csv"), _key(out))
    measuring.judged(results)
    known = labels and measuring.read_labels(
        labels,
        rubric=rubric,
        source=source,
        format=label_format,
        threshold=threshold,
    )
    found = plan_labels(
        results,
        known,
        half_width=half_width,
        difference=difference,
        n=n,
        rubric=rubric,
        seed=seed,
    )
    code = measuring.show(found, as_json=as_json)
    if out is not None:
        key = found.to_csv(out, key=_key(out))
        told = f"the queue is in {visible(str(out))}; its key in {visible(str(key))}"
        tell([told, "the key tells the judge's verdicts: keep it from labelers"])
    return code


def _key(out: Path) -> Path:
    return out.with_name(f"{out.stem}-key.csv")


def _unwritten(*files: Path) -> None:
    """Refuse to write over a queue: it may hold labels by now."""
    for path in files:
        if path.exists():
            raise UsageError(
                f"--out: {path} is there already, and may hold labels by now; name "
                "another"
            )
