"""``judge datasets``: public sets that people labelled, fetched at one's wish."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judge.cli.console import Code, say, tell, width_of
from judge.errors import UsageError
from judge.reports.visible import visible

if TYPE_CHECKING:
    from judge.datasets.fetch import Fetched, Progress
    from judge.datasets.types import Dataset, RawFile

__all__ = ["fetch", "fetch_into", "list_all", "show"]

WIDTH = 88
"""Where nothing tells the width of the output."""
DatasetId = Annotated[
    str, typer.Argument(metavar="ID", help="A set's id; see `judge datasets list`.")
]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Where the files go; by default a new directory with the set's id.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Accept the licence without being asked.")
]
Mirror = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Fetch from a mirror with the paths of raw.githubusercontent.com; the "
        "digests are checked all the same.",
    ),
]


def list_all() -> int:
    """List the public sets that can be fetched."""
    from judge.datasets.catalogue import ADJACENT, list_datasets

    rows = [("id", "items", "labelled", "licence"), *map(_row, list_datasets())]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, wide, strict=True))
        say([visible("  ".join(cells).rstrip())])
    say(["", *_wrapped([ADJACENT], width_of(sys.stdout))])
    return Code.DONE


def show(dataset: DatasetId) -> int:
    """Show a set's origin, licence and digests, and what its labels mean."""
    from judge.datasets.catalogue import find_dataset
    from judge.datasets.describe import describe

    say(_wrapped(describe(find_dataset(dataset)), width_of(sys.stdout)))
    return Code.DONE


def fetch(
    dataset: DatasetId,
    *,
    out: Directory = None,
    yes: Yes = False,
    base_url: Mirror = None,
) -> int:
    """Fetch a set from its origin, verify it, and convert it.

    Shows the licence and asks before anything is stored. The same command goes on from
    a download that broke off, and fetches no verified file again.
    """
    from judge.datasets.catalogue import find_dataset

    found = find_dataset(dataset)
    return fetch_into(found, out or Path(found.id), yes=yes, base_url=base_url)


def fetch_into(
    dataset: Dataset, directory: Path, *, yes: bool, base_url: str | None
) -> int:
    """Fetch a set, of the catalogue or not, as the command does.

    Raises
    ------
    UsageError
        Nobody can be asked, or the licence was not accepted.
    DatasetError
        As `judge.datasets.fetch.fetch_dataset`.
    """
    from judge.datasets.fetch import fetch_dataset

    with _watched(dataset) as progress:
        try:
            fetched = fetch_dataset(
                dataset,
                directory,
                accept=lambda asked: _accepted(asked, directory, yes=yes),
                base_url=base_url,
                progress=progress,
            )
        except KeyboardInterrupt:
            tell(["", "the same command goes on from what is there"])
            raise
    say(_wrapped(_result(fetched), width_of(sys.stdout)))
    say(["Score it:", f"  {visible(_command(fetched))}"])
    return Code.DONE


def _row(dataset: Dataset) -> tuple[str, str, str, str]:
    return dataset.id, str(dataset.items), dataset.construct, dataset.licence


def _accepted(dataset: Dataset, directory: Path, *, yes: bool) -> bool:
    from judge.datasets.catalogue import ADJACENT
    from judge.datasets.describe import licence_lines

    told = [f"{dataset.id}: {dataset.title}", *licence_lines(dataset), ADJACENT]
    tell(_wrapped(told, width_of(sys.stderr)))
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            f"nobody is there to accept the licence of {dataset.id}; nothing was "
            "stored. Add --yes if you accept it."
        )
    megabytes = dataset.size / 1e6
    return typer.confirm(
        visible(f"Fetch {megabytes:.1f} MB into {directory} under this licence?"),
        err=True,
    )


def _watched(dataset: Dataset) -> AbstractContextManager[Progress | None]:
    return _Bar(dataset) if sys.stderr.isatty() else nullcontext()


class _Bar:
    """How much of all files is there, on a terminal; shown when the first comes."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._there: dict[str, int] = {}
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self._advance

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _advance(self, file: RawFile, there: int) -> None:
        if self._bar is None:  # not before the question
            from tqdm import tqdm

            self._bar = tqdm(total=self._dataset.size, unit="B", unit_scale=True)
        self._there[file.name] = there
        self._bar.update(sum(self._there.values()) - self._bar.n)


def _result(fetched: Fetched) -> list[str]:
    from judge.datasets.catalogue import ADJACENT

    converted, dataset = fetched.converted, fetched.dataset
    raw = f"{len(fetched.downloaded)} of {len(dataset.files)} raw files fetched now"
    rubric = f"under the rubric id {dataset.construct}"
    told = [
        f"{dataset.id}: {raw}, all of them verified",
        f"{converted.transcripts}: {converted.items} transcripts",
        f"{converted.labels}: {converted.labels_written} labels {rubric}",
        f"{fetched.attribution}: whom to name when you pass these on",
    ]
    if converted.silent:
        told.append(
            f"In {converted.silent} transcripts the AI says nothing: they will stay "
            "unscored."
        )
    if converted.unlabelled:
        told.append(f"{converted.unlabelled} places without a label have no row.")
    return [
        *told,
        "",
        f"Labels: {dataset.means}",
        f"Not: {dataset.means_not}",
        ADJACENT,
        "",
    ]


def _command(fetched: Fetched) -> str:
    path = shlex.quote(str(fetched.converted.transcripts))
    return f"judge score {path} --rubric coercion --model NAME --store judgements.db"


def _wrapped(lines: Iterable[str], width: int | None) -> list[str]:
    """Break lines at blanks alone: an address stays whole, to be copied."""
    return [
        piece
        for line in lines
        for piece in textwrap.wrap(
            visible(line),
            width or WIDTH,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    ]
