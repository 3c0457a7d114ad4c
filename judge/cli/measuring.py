"""What the commands that measure a judge share: their arguments, and how they show."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from judge.cli.console import Code, say, width_of
from judge.errors import UsageError
from judge.reports.visible import visible, wrap

if TYPE_CHECKING:
    from judge.labels.labels import HumanLabels

__all__ = [
    "Adjudication",
    "AsJson",
    "LabelFile",
    "LabelFormat",
    "Measured",
    "OneRubric",
    "Results",
    "Sampling",
    "Seed",
    "Source",
    "Threshold",
    "judged",
    "read_labels",
    "show",
    "show_all",
    "writable",
]

_TABLES = (".jsonl", ".ndjson", ".csv", ".parquet")
_STORE = b"SQLite format 3\x00"

Results = Annotated[
    Path,
    typer.Argument(
        metavar="RESULTS",
        help="What `judge score` wrote: a .jsonl, .csv or .parquet file, or its store.",
    ),
]
LabelFile = Annotated[
    Path,
    typer.Argument(
        metavar="LABELS",
        help="Labels: the desk's file (`judge label`), CSV (long or wide), Label "
        "Studio, Prodigy, Argilla, Scout.",
    ),
]
OneRubric = Annotated[
    str | None,
    typer.Option(
        "--rubric", metavar="ID", help="Which, where there are labels for several."
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        metavar="WHO",
        help="Who labelled, where the file does not say: human, author or model.",
    ),
]
LabelFormat = Annotated[
    str | None,
    typer.Option(
        "--label-format",
        metavar="NAME",
        help="The label file's format, where its shape does not tell.",
    ),
]
Threshold = Annotated[
    int | None,
    typer.Option(
        metavar="LEVEL",
        help="From which severity a label counts as present, where the file has "
        "severities only.",
    ),
]
Sampling = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help="How the labelled transcripts were drawn: random, by_judge (at random "
        "within the judge's verdicts), weighted (by the inclusion column), borrowed. "
        "Without it no interval is given.",
    ),
]
Adjudication = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help="How several labels become one: majority, soft, or a labeler's name.",
        show_default=True,
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Of all random draws.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]


class Measured(Protocol):
    """A result that can be told in lines and kept as JSON."""

    def to_dict(self) -> dict[str, Any]: ...
    def lines(self) -> list[str]: ...


def read_labels(
    path: Path,
    *,
    rubric: str | None,
    source: str | None,
    format: str | None = None,  # noqa: A002 # as the library names it
    threshold: int | None = None,
) -> HumanLabels:
    """Read a label file as the options say.

    Raises
    ------
    UsageError
        If the source is none of the three, the file cannot be read, or has no labels.
    """
    from judge.labels.labels import HumanLabels

    if source not in (None, "human", "author", "model"):
        raise UsageError(f"--source {source}: use human, author or model")
    found = HumanLabels.load(
        path,
        format=format,
        rubric=rubric,
        source=source,  # type: ignore[arg-type]  # checked above
        threshold=threshold,
    )
    if not len(found):
        raise UsageError(f"{path} has no labels in it; labels come a row each")
    return found


def judged(path: Path) -> Path:
    """Return the path of a judge's results, if it may hold some.

    Raises
    ------
    UsageError
        Before labels are read, which may take long.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a directory; name the file of the judge's results")
    if not path.exists():
        raise UsageError(f"{path}: there is no such file of results")
    if path.suffix.lower() not in _TABLES and not _is_store(path):
        raise UsageError(
            f"{path} is no file of results: name what `judge score` wrote with --out "
            "(.jsonl, .csv or .parquet), or its store"
        )
    return path


def _is_store(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_STORE)) == _STORE
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def show(found: Measured, *, as_json: bool) -> int:
    """Write a result to stdout; returns 3 where its main figure is refused."""
    if as_json:
        _write_json(found.to_dict())
    else:
        _write_lines(found.lines())
    return _code(found)


def show_all(found: Mapping[str, Measured], *, as_json: bool) -> int:
    """Write several results, one after the other; as JSON one object with each."""
    if as_json:
        _write_json({name: one.to_dict() for name, one in found.items()})
    else:
        for place, one in enumerate(found.values()):
            _write_lines([""] * bool(place) + one.lines())
    return max(_code(one) for one in found.values())


def _write_json(told: Mapping[str, Any]) -> None:
    say([json.dumps(told, indent=2, allow_nan=False)])


def _write_lines(lines: Iterable[str]) -> None:
    width = width_of(sys.stdout)
    for line in lines:
        say(_broken(visible(line), width))


def _code(found: Measured) -> int:
    refused = getattr(found, "status", "good") == "refused"
    return Code.UNSCORED if refused else Code.DONE


def _broken(line: str, width: int | None) -> list[str]:
    if width is None:
        return [line]
    margin = " " * (len(line) - len(line.lstrip()))
    return wrap(line, width, indent=f"{margin}  ") or [""]


def writable(out: Path, *endings: str, reads: Iterable[Path | None] = ()) -> Path:
    """Return a path that a file of this kind can be written to.

    Parameters
    ----------
    reads
        Files the command reads, none of which it may write over.

    Raises
    ------
    UsageError
        Before anything is computed that could not be kept.
    """
    if endings and out.suffix.lower() not in endings:
        known = " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
        raise UsageError(f"--out {out}: the name must end in {known}")
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"--out {out}: name a file in a directory that exists")
    if any(path is not None and _same(out, path) for path in reads):
        raise UsageError(
            f"--out {out}: this command reads that file, and would write over it; name "
            "another"
        )
    return out


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False
