"""A simulated judge's results and people's labels of them, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.engine.run import Run
from judge.verdict import Assessment
from tests.support.labelled_runs import labelled_run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelledFiles", "labelled_files", "two_models"]


class LabelledFiles(NamedTuple):
    """Files as the commands take them."""

    results: Path
    labels: Path


def labelled_files(folder: Path, **world: Any) -> LabelledFiles:
    """Write the run and the labels of `labelled_run` into a folder."""
    run, labels = labelled_run(**world)
    return _written(folder, run, labels)


def two_models(folder: Path, **world: Any) -> LabelledFiles:
    """As `labelled_files`, half by model-a and half by model-b, which is worse."""
    import pandas as pd

    run, labels = labelled_run(**world, target_model="model-a")
    more, others = labelled_run(
        **(world | {"prevalence": 0.5, "seed": 9}),
        target_model="model-b",
        prefix="u",
    )
    return _written(folder, [*run, *more], pd.concat([labels, others]))


def _written(
    folder: Path, run: list[Assessment], labels: pd.DataFrame
) -> LabelledFiles:
    files = LabelledFiles(folder / "results.jsonl", folder / "labels.csv")
    Run(run).to_jsonl(files.results)
    labels.to_csv(files.labels, index=False)
    return files
