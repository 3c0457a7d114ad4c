"""``judge label``: a page on this machine, to label transcripts and read agreement.

::

    transcripts, queue -> label file -> who labels what -> links -> the desk
"""

from __future__ import annotations

import getpass
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judge.cli import options
from judge.cli.console import Code, complain, tell
from judge.errors import MissingExtraError, UsageError
from judge.reports.visible import visible

if TYPE_CHECKING:
    from judge.desk.desk import Desk
    from judge.desk.serving import Door
    from judge.labels.ledger.ledger import Ledger
    from judge.verdict import Unscored, Verdict

__all__ = ["label"]

_PATIENCE = 2.0
"""Seconds for which a page waits while another process writes; it asks again."""

LabelFile = Annotated[
    Path,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="Keep the labels in this file, such as labels.sqlite; it is made where it "
        "is not, and gone on with where it is.",
    ),
]
OneRubric = Annotated[
    str,
    typer.Option("--rubric", metavar="ID", help="The rubric: an id or a .yaml file."),
]
Labelers = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="Who labels, with commas between: each gets a queue and a link. By "
        "default you alone.",
    ),
]
Overlap = Annotated[
    int, typer.Option(min=1, help="How many labelers label each transcript.")
]
Repeats = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="Ask each labeler this share of their transcripts again, at the end.",
    ),
]
Lead = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Who may read agreement and settle; default you."
    ),
]
Queue = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Label these, in this order: what `judge plan --out` wrote. Inclusion "
        "probabilities come from the key beside it.",
    ),
]
RunFile = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="FILE",
        help="The judge's results (.jsonl), for the agreement page. No labeler sees "
        "them before labeling.",
    ),
]
Host = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Listen here. Anything but this machine lets in whoever has a link.",
    ),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")]
NewLinks = Annotated[
    bool,
    typer.Option("--new-links", help="Make all links given before good for nothing."),
]


def label(  # noqa: PLR0913  (each is one option of the command)
    sources: options.Sources,
    *,
    rubric: OneRubric,
    labels: LabelFile,
    labelers: Labelers = "",
    overlap: Overlap = 1,
    repeats: Repeats = 0.0,
    lead: Lead = None,
    queue: Queue = None,
    run: RunFile = None,
    seed: options.Seed = None,
    host: Host = "127.0.0.1",
    port: Port = 8765,
    no_open: NoOpen = False,
    new_links: NewLinks = False,
    read_as: options.Format = None,
    target: options.Target = None,
) -> int:
    """Label transcripts in the browser, alone or with others, and read agreement.

    Labels are in the file the moment they are made. Nobody sees the judge, or what
    others said, before they have labeled. The page is served on this machine alone
    unless --host says otherwise. Ctrl-C ends it; the same command goes on.
    """
    _need_the_desk()
    from judge.cli.sources import Sources
    from judge.desk.desk import Desk
    from judge.desk.queue import read_inclusion, read_queue
    from judge.desk.serving import open_door
    from judge.desk.verdicts import read_verdicts
    from judge.labels.ledger.ledger import Ledger
    from judge.rubrics.load import load_rubric

    people = [name.strip() for name in labelers.split(",") if name.strip()] or [_you()]
    chosen = load_rubric(rubric)
    read = Sources(sources, format=read_as, target=target)
    transcripts = list(read)
    for remark in read.remarks():
        complain(remark)
    items = None if queue is None else read_queue(queue)
    inclusion = {} if queue is None else read_inclusion(queue)
    verdicts: dict[str, Verdict | Unscored] = {}
    if run is not None:
        verdicts, others = read_verdicts(run, chosen.id, transcripts)
        if others:
            what = "1 result is" if len(others) == 1 else f"{len(others)} results are"
            complain(
                f"{run}: {what} of another text of the transcript and left out: "
                f"the first is {others[0]!r}"
            )
    with Ledger(labels, timeout=_PATIENCE) as ledger:
        desk = Desk.opened(
            ledger,
            chosen,
            transcripts,
            items=items,
            inclusion=inclusion,
            verdicts=verdicts,
        )
        desk.deal(people, overlap=overlap, repeats=repeats, seed=seed or 0)
        door = open_door(host, port)
        if new_links:
            ledger.people.dismiss()
        leads = lead or (people[0] if len(people) == 1 else _you())
        links = {name: ledger.people.admit(name, lead=name == leads) for name in people}
        if leads not in links:
            links[leads] = ledger.people.admit(leads, lead=True)
        ledger.people.hand_over(leads)
        _tell_links(door, links, leads, labels)
        _serve(door, desk, None if no_open else door.link(links[leads]))
        _tell_end(ledger, labels)
    return Code.DONE


def _need_the_desk() -> None:
    try:
        import starlette  # noqa: F401  (only to see whether it is there)
        import uvicorn  # noqa: F401  (as above)
    except ImportError as error:
        raise MissingExtraError(
            f'the desk needs {error.name}: pip install "transcript-judge[desk]"'
        ) from error


def _you() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    raise UsageError("nobody is named as labeler; add --labelers NAME")


def _tell_links(door: Door, links: dict[str, str], lead: str, file: Path) -> None:
    tell([f"Labels go into {visible(str(file))}. Ctrl-C ends the desk; it can go on."])
    if door.beyond:
        complain(
            "others on the network can reach the desk, and whoever reads the network "
            "can read a link: it is plain HTTP"
        )
    for name, token in links.items():
        what = ", who leads" if name == lead and len(links) > 1 else ""
        tell([f"  {visible(name)}{what}: {door.link(token)}"])


def _serve(door: Door, desk: Desk, link: str | None) -> None:
    def ready() -> None:
        if link is not None and (os.environ.get("DISPLAY") or os.name == "nt"):
            import webbrowser

            webbrowser.open(link)

    with suppress(KeyboardInterrupt):
        door.serve(desk, ready=ready)


def _tell_end(ledger: Ledger, file: Path) -> None:
    count = sum(1 for _ in ledger.labels())
    what = "1 label is" if count == 1 else f"{count} labels are"
    tell([f"{what} in {visible(str(file))}; the same command goes on."])
