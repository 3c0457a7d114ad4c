"""``judge scan``: text in transcripts that seems written for their judge."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from judge.cli import options
from judge.cli.console import Code, complain, say, width_of
from judge.reports.visible import fit, visible

if TYPE_CHECKING:
    from judge.auditing.scan import Suspicion

__all__ = ["scan"]

AsJson = Annotated[
    bool, typer.Option("--json", help="Write a flag a line to stdout as JSON.")
]


def scan(
    sources: options.Sources,
    *,
    read_as: options.Format = None,
    as_json: AsJson = False,
) -> int:
    """Show invisible characters, forged roles and headers, and talk of verdicts.

    Asks no model and changes no score: each flag is a place for a reader to look at,
    and a transcript without one may still try to move its judge.
    """
    from judge.auditing.scan import scan as scanned
    from judge.cli.sources import Sources

    read = Sources(sources, format=read_as)
    count = flagged = 0
    for transcript in read:
        count += 1
        found = scanned(transcript)
        flagged += bool(found)
        say(_lines(transcript.id, found, as_json=as_json))
    for remark in read.remarks(errors_only=as_json):
        complain(remark)
    if not as_json:
        say([f"{flagged} of {count} transcripts have something to look at"])
    return Code.UNSCORED if read.errors else Code.DONE


def _lines(
    transcript: str, found: tuple[Suspicion, ...], *, as_json: bool
) -> Iterator[str]:
    if as_json:
        for one in found:
            yield json.dumps({"transcript": transcript, **one._asdict()})
        return
    width = width_of(sys.stdout)
    for one in found:
        line = f"{visible(transcript)}  {visible(str(one))}"
        yield line if width is None else fit(line, width)
