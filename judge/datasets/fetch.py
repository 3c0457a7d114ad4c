"""A set from its origin to our files: asked for, fetched, verified, converted.

::

    licence accepted -> raw/NAME, each verified -> transcripts.jsonl, labels.csv

Nothing is stored before the licence is accepted, and nothing fetched twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from judge.datasets.address import refuse_unsafe
from judge.datasets.catalogue import find_dataset
from judge.datasets.convert import Converted, convert_dataset, converter_of
from judge.datasets.describe import attribution
from judge.datasets.download import Wanted, download
from judge.datasets.types import ORIGIN, Dataset, RawFile
from judge.errors import DatasetError, UsageError

__all__ = ["Accept", "Fetched", "Progress", "fetch_dataset"]

Accept = bool | Callable[[Dataset], bool]
Progress = Callable[[RawFile, int], None]
"""Told a file and how many bytes of it are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch left in its directory."""

    dataset: Dataset
    directory: Path
    converted: Converted
    attribution: Path
    downloaded: tuple[RawFile, ...]
    """Files that were fetched now; the others were there and are verified."""


def fetch_dataset(
    dataset: str | Dataset,
    directory: str | Path,
    *,
    accept: Accept = False,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch a public set, verify it and convert it.

    The labels are people's, and of the set's own construct: near to the three rubrics,
    never one of them (see `Dataset.means_not`).

    Parameters
    ----------
    dataset
        The id of a set in the catalogue, or one of one's own making.
    directory
        Where ``raw/``, ``transcripts.jsonl``, ``labels.csv`` and ``ATTRIBUTION.md`` go;
        made if it is not there.  The last three are written anew each time.
    accept
        Whether the licence is accepted, or a function that is asked with the set.
    base_url
        A mirror with the paths of the origin; digests are checked all the same.
    progress
        Told each file and how many bytes of it are there.

    Raises
    ------
    UsageError
        There is no such set, the licence was not accepted, or the mirror is neither
        https nor loopback; nothing was stored.
    DatasetError
        It could not be fetched, verified or converted.  The same call goes on from what
        is there.
    """
    chosen = find_dataset(dataset) if isinstance(dataset, str) else dataset
    base = ORIGIN if base_url is None else base_url
    converter_of(chosen)
    refuse_unsafe(base)
    if not (accept(chosen) if callable(accept) else accept):
        raise UsageError(
            f"the licence of {chosen.id} ({chosen.licence}, {chosen.licence_url}) was "
            "not accepted; nothing was stored"
        )
    home = Path(directory)
    raw = _made(home / "raw")
    downloaded = tuple(
        file
        for file in chosen.files
        if download(
            Wanted(
                url=chosen.url(file, base_url=base),
                target=raw / file.name,
                size=file.size,
                sha256=file.sha256,
            ),
            progress=None if progress is None else _about(progress, file),
        )
    )
    return Fetched(
        dataset=chosen,
        directory=home,
        converted=convert_dataset(chosen, raw, home),
        attribution=_attributed(chosen, home),
        downloaded=downloaded,
    )


def _about(progress: Progress, file: RawFile) -> Callable[[int], None]:
    return lambda there: progress(file, there)


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(
            f"{directory}: cannot be made a directory: {error.strerror}"
        ) from error
    return directory


def _attributed(dataset: Dataset, directory: Path) -> Path:
    path = directory / "ATTRIBUTION.md"  # no .txt, which would be read as a transcript
    try:
        path.write_text(attribution(dataset), encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror}") from error
    return path
