"""``judge audit``: does the judge hold? A table, a file, and a gate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judge.cli import options
from judge.cli.console import Code, complain, say, tell, width_of
from judge.cli.judging import named_model, opened, patience
from judge.errors import StoreError, UsageError

if TYPE_CHECKING:
    from judge.auditing.result import Audit

__all__ = ["audit"]

AuditSources = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[SOURCE]",
        help="Files or directories of transcripts. By default the development split "
        "that comes with judge, with its authors' labels.",
    ),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A CSV of labels in long form (transcript, rubric, label, source, ...); "
        "only what it labels is asked.",
    ),
]
Check = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        metavar="NAME",
        help="injection, invariance, stability or known; again for more. By default "
        "all.",
    ),
]
Repeats = Annotated[
    int,
    typer.Option(metavar="N", help="Askings for stability.", show_default=True),
]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", help="At most so many transcripts of each rubric."),
]
FailOver = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        help="Exit with 1 if any rate is over this share, such as 0.05; with 3 if none "
        "is and some could not be measured.",
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write the audit to this file too: .html, .json or .csv."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Write the audit to stdout as JSON, not a table.")
]


def audit(  # noqa: PLR0913  (each is one option of the command)
    sources: AuditSources = None,
    *,
    model: options.Model = None,
    rubric: options.Rubrics = None,
    labels: Labels = None,
    check: Check = None,
    repeats: Repeats = 3,
    limit: Limit = None,
    fail_over: FailOver = None,
    as_json: AsJson = False,
    out: OutFile = None,
    store: options.StoreFile = None,
    budget_usd: options.BudgetUsd = None,
    concurrency: options.Concurrency = 32,
    calls: options.Calls = "separate",
    api_base: options.ApiBase = None,
    temperature: options.Temperature = None,
    timeout: options.Timeout = None,
    quiet: options.Quiet = False,
) -> int:
    """Attack the judge, vary what should not matter, ask again, ask what is known.

    Each change is compared with the judge's answer to the unchanged transcript and with
    a neutral control, down and up. All checks take about forty judgements a transcript
    and rubric; --check and --limit ask less, and with --store nothing is asked twice.
    """
    from judge.auditing.audit import CHECKS
    from judge.auditing.audit import audit as audited
    from judge.engine.judge import Judge
    from judge.transcripts.load import load_transcripts

    _check_gate(fail_over)
    _check_file(out)
    settings = {"api_base": api_base, "temperature": temperature}
    given: dict[str, Any] = {k: v for k, v in settings.items() if v is not None}
    with opened(store) as kept:
        judge = Judge(
            named_model(model),
            rubrics=rubric or None,
            store=kept,
            calls=calls,  # type: ignore[arg-type]  # Judge refuses any other
            concurrency=concurrency,
            budget_usd=budget_usd,
            retry=patience(timeout),
            **given,
        )
        found = audited(
            judge,
            list(load_transcripts(sources, on_error="raise")) if sources else None,
            labels=labels,
            checks=check or CHECKS,  # type: ignore[arg-type]  # audit refuses any other
            repeats=repeats,
            limit=limit,
            progress=False if quiet else None,
        )
    _show(found, as_json=as_json, quiet=quiet)
    if out is not None:
        _write(found, out)
        tell([f"the audit is in {out}"])
    return _gate(found, fail_over)


def _check_gate(rate: float | None) -> None:
    if rate is not None and not 0 <= rate < 1:
        raise UsageError(f"--fail-over is a share from 0 to below 1, got {rate}")


def _check_file(out: Path | None) -> None:
    if out is None:
        return
    if out.suffix.lower() not in {".html", ".json", ".csv"}:
        raise UsageError(f"--out {out}: the name must end in one of .html, .json, .csv")
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"--out {out}: name a file in a directory that exists")


def _show(found: Audit, *, as_json: bool, quiet: bool) -> None:
    from judge.reports.audit import audit_lines

    if as_json:
        say([json.dumps(found.to_dict(), indent=2)])
    elif not quiet:
        say(audit_lines(found, width=width_of(sys.stdout)))


def _write(found: Audit, out: Path) -> None:
    from judge.reports.audit import render_audit_page
    from judge.store.export import write_csv_table

    try:
        match out.suffix.lower():
            case ".html":
                out.write_text(render_audit_page(found), encoding="utf-8")
            case ".json":
                out.write_text(json.dumps(found.to_dict(), indent=2) + "\n", "utf-8")
            case _:
                write_csv_table(found.to_frame(), out)
    except OSError as error:
        raise StoreError(f"{out}: cannot be written: {error.strerror}") from error


def _gate(found: Audit, rate: float | None) -> int:
    if rate is not None and (over := found.over(rate)):
        told = ", ".join(f"{row.check}, {row.name} ({row.rate:.0%})" for row in over)
        complain(f"over {rate:.0%}: {told}")
        return Code.FOUND
    if rate is not None and (missing := found.unmeasured):
        told = ", ".join(f"{row.check}, {row.name}" for row in missing)
        complain(f"could not be measured, so nothing is known of: {told}")
        return Code.UNSCORED
    return Code.UNSCORED if found.unscored else Code.DONE
