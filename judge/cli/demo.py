"""``judge demo``: the whole way from transcripts to a page, with no key.

By default a recorded judge answers: a language model's replies to these very prompts,
kept in a file.  The labels are the authors' own: no rater stands behind them, so
agreement with them says nothing about agreement with people.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from judge.cli import options
from judge.cli.console import Code, complain, say, tell
from judge.cli.judging import judge_all, opened
from judge.reports.visible import visible

__all__ = ["demo"]

Directory = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Where results.jsonl, results.csv and index.html are written.",
        show_default=True,
    ),
]
DemoModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Another judge, as for `judge score`; by default the recorded one.",
    ),
]


def demo(
    *,
    out: Directory = Path("demo"),
    model: DemoModel = None,
    api_base: options.ApiBase = None,
    store: options.StoreFile = None,
) -> int:
    """Judge the sample transcripts that come with judge.

    Needs no key and no network: a language model's replies were recorded. --model
    names another judge. The sample transcripts are invented, and the labels they are
    compared with are by their authors, not by human raters.
    """
    from judge.cli.demo_report import Demonstration, DemoReport, opening_lines
    from judge.cli.output import make_directory
    from judge.engine.judge import Judge

    make_directory(out)
    demonstration = Demonstration.read()
    recorded = model is None
    name = f"replay:{demonstration.recording}" if model is None else model
    with opened(store) as kept:
        address = {"api_base": api_base} if api_base else {}
        judge = Judge(
            name,
            store=kept,
            calls="joint" if recorded else "separate",
            **address,  # type: ignore[arg-type]  # a ModelOptions of one
        )
        say(opening_lines(judge, demonstration))
        sys.stdout.flush()
        run, stopped = judge_all(judge, demonstration.transcripts)
        report = DemoReport(demonstration, run)
        report.write(out)
        say(report.lines())
        sys.stdout.flush()
    if recorded and stopped is None:
        _measure(out)
    tell(
        [f"written: results.jsonl, results.csv and {visible(str(out / 'index.html'))}"]
    )
    if stopped is not None:
        complain(stopped.message, stopped.notes)
        return stopped.code
    return Code.UNSCORED if run.unscored else Code.DONE


def _measure(out: Path) -> None:
    from judge.cli.demo_measured import FOOT, HEAD, measured, measured_lines
    from judge.cli.demo_report import prose_width
    from judge.reports.visible import wrap

    width = prose_width()
    say(["", *wrap(HEAD, width)])
    for found in measured(out):
        say(measured_lines(found, width))
        sys.stdout.flush()
    say(wrap(FOOT, width))
    first = visible(str(out / "report-deception.html"))
    tell([f"each in full, to look at: {first}, ..."])
