"""The report of a judge on one rubric as a page: one file, no scripts.

Every number on it is one of a `Summary`, which the terminal and the JSON show too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup, escape

from judge.calibration.prevalence.result import drawn_how
from judge.calibration.summary import Summary, summarise
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.reports import charts, report_agreement, report_tables
from judge.reports.page import environment, style_hash, template_text
from judge.reports.report_cases import ShownCases, labelled_by
from judge.reports.report_charts import charts_of
from judge.reports.visible import visible
from judge.statistics.estimate import Estimate
from judge.store.export import replacing, write_csv_table
from judge.transcripts.load import as_transcript
from judge.transcripts.types import Transcript

__all__ = ["render_report", "write_report", "write_summary"]


def write_report(  # keyword-only past the data
    run: object,
    labels: object,
    path: str | Path,
    *,
    sampling: str = "unknown",
    rubric: str | None = None,
    transcripts: Iterable[object] = (),
    **options: Any,
) -> Summary:
    """Measure a judge against labels and write all of it to a file.

    Parameters
    ----------
    run, labels, sampling, rubric
        As in `summarise`.
    path
        ``.html``: a page; ``.json``: the numbers; ``.csv``: the labelled transcripts,
        disagreements first.
    transcripts
        The transcripts themselves, to show disagreements with their evidence.
    **options
        Of `summarise`: calibration, again, cluster, adjudication, half_width, seed.

    Returns
    -------
    Summary
        What the file shows.

    Raises
    ------
    UsageError
        For arguments that cannot be used, or labels of other transcripts.
    StoreError
        If the file cannot be written; one that was there is then still there.
    """
    out = _known(path)
    if isinstance(run, Iterator):
        run = list(run)
    every = HumanLabels.load(labels)
    texts = [as_transcript(one) for one in transcripts]
    found = summarise(
        run, every, sampling=sampling, rubric=rubric, transcripts=texts, **options
    )
    write_summary(found, out, run=run, transcripts=texts, labels=every)
    return found


def write_summary(
    summary: Summary,
    path: str | Path,
    *,
    run: object = (),
    transcripts: Iterable[Transcript] = (),
    labels: HumanLabels | None = None,
) -> None:
    """Write a summary: a page (.html), numbers (.json) or its transcripts (.csv).

    Parameters
    ----------
    run, transcripts, labels
        For the page: the verdicts with their evidence, the texts, and who said what.

    Raises
    ------
    UsageError
        If the name ends in something else.
    StoreError
        If it cannot be written; a file that was there is then still there.
    """
    out = _known(path)
    match out.suffix.lower():
        case ".html":
            page = render_report(
                summary, run=run, transcripts=transcripts, labels=labels
            )
            _write(out, page)
        case ".csv":
            write_csv_table(summary.to_frame(), out)
        case _:
            told = json.dumps(summary.to_dict(), indent=2, allow_nan=False)
            _write(out, f"{told}\n")


def render_report(
    summary: Summary,
    *,
    run: object = (),
    transcripts: Iterable[Transcript] = (),
    labels: HumanLabels | None = None,
) -> str:
    """Return the report as one HTML page without scripts."""
    parts = [template_text(name) for name in ("page.css", "report.css")]
    style = "".join((*parts, charts.chart_style()))
    return _template().render(
        summary=summary,
        reasons=_reasons(summary),
        drawn=drawn_how(summary.sampling),
        tables=report_tables,
        agreed=report_agreement,
        shown=ShownCases.of(summary, run, transcripts, labels),
        charts={name: Markup(svg) for name, svg in charts_of(summary)},  # noqa: S704  (charts escapes)
        style=Markup(style),  # noqa: S704  (our own files, and no text from outside)
        style_hash=style_hash(style),
    )


@cache  # compiling it takes longer than filling it
def _template() -> Template:
    made = environment()
    made.filters.update(
        capital=_capital, figure=_figure, labelled_by=labelled_by, sentence=_sentence
    )
    return made.get_template("report.html")


def _reasons(summary: Summary) -> list[str]:
    """Return why the status is not good; what the sentence says is not said again."""
    made = summary.calibration
    told = list(made.warnings)
    if summary.prevalence.status == "caution":
        told.append(summary.prevalence.reason)
    if made.refusal and summary.status != "refused":
        told.append(f"there are no probabilities: {made.refusal}")
    return list(dict.fromkeys(told))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(text: str) -> str:
    told = visible(_capital(text)).replace(" %", "\xa0%")
    return told if told.endswith(".") else f"{told}."


def _figure(estimate: Estimate) -> Markup:
    """Return what `str` says of an estimate, its interval kept on one line."""
    point, bracket, rest = str(estimate).partition(" [")
    if estimate.value is None or not bracket:
        return escape(visible(str(estimate)))
    pair = (visible(point), visible(f"[{rest}"))
    return Markup('<span class="fig">{}</span> <span class="fig">{}</span>').format(
        *pair
    )


def _known(path: str | Path) -> Path:
    out = Path(path)
    if out.suffix.lower() not in (".html", ".json", ".csv"):
        raise UsageError(f"{out}: the name must end in .html, .json or .csv")
    return out


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())
