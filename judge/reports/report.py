"""The report of a judge on one rubric as a page: one file, no scripts.

Every number on it is one of a `Summary`, which the terminal and the JSON show too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from judge.calibration.judgements import read_run
from judge.calibration.probability.reliability import Reliability
from judge.calibration.summary import CELLS, Case, Summary, summarise
from judge.errors import StoreError, UsageError
from judge.labels.labels import HumanLabels
from judge.reports import charts
from judge.reports.page import Label, PageItem, environment, style_hash, template_text
from judge.statistics.estimate import Estimate
from judge.store.export import write_csv_table
from judge.transcripts.load import as_transcript
from judge.transcripts.types import Transcript
from judge.verdict import Assessment

__all__ = ["render_report", "write_report", "write_summary"]

SHOWN = 60
"""Transcripts that are shown whole; disagreements come first."""


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
        If the file cannot be written.
    """
    if isinstance(run, Iterator):
        run = list(run)
    every = HumanLabels.load(labels)
    texts = [as_transcript(one) for one in transcripts]
    found = summarise(
        run, every, sampling=sampling, rubric=rubric, transcripts=texts, **options
    )
    write_summary(found, path, run=run, transcripts=texts, labels=every)
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
        For the page: the verdicts with their evidence, the texts, and the notes.

    Raises
    ------
    UsageError
        If the name ends in something else.
    StoreError
        If it cannot be written.
    """
    out = Path(path)
    match out.suffix.lower():
        case ".html":
            page = render_report(
                summary, run=run, transcripts=transcripts, labels=labels
            )
            _write(out, page)
        case ".csv":
            write_csv_table(summary.to_frame(), out)
        case ".json":
            told = json.dumps(summary.to_dict(), indent=2, allow_nan=False)
            _write(out, f"{told}\n")
        case _:
            raise UsageError(f"{out}: the name must end in .html, .json or .csv")


def render_report(
    summary: Summary,
    *,
    run: object = (),
    transcripts: Iterable[Transcript] = (),
    labels: HumanLabels | None = None,
) -> str:
    """Return the report as one HTML page without scripts."""
    style = template_text("page.css") + charts.chart_style()
    items = dict(_items(summary, run, transcripts, labels))
    return (
        environment()
        .get_template("report.html")
        .render(
            summary=summary,
            table=_table(summary),
            cells=_cells(summary, items),
            charts={name: Markup(svg) for name, svg in _charts(summary)},  # noqa: S704  (charts escapes)
            style=Markup(style),  # noqa: S704  (our own file, and no text from outside)
            style_hash=style_hash(style),
            labelled_by=f"{summary.source or 'nobody'}",
        )
    )


def _items(
    summary: Summary,
    run: object,
    transcripts: Iterable[Transcript],
    labels: HumanLabels | None,
) -> Iterator[tuple[str, PageItem]]:
    """Yield the transcripts that are shown whole: those whose text was given."""
    wanted = {case.transcript for case in summary.cases[:SHOWN]}
    texts = {text.id: text for text in transcripts if text.id in wanted}
    told = _labels(labels, summary.rubric)
    for assessment in _assessments(run) if texts else ():
        name = assessment.transcript_id
        if name in texts:
            kept = _only(assessment, summary.rubric)
            yield name, PageItem(texts[name], kept, told.get(name, {}))


def _assessments(run: object) -> Iterator[Assessment]:
    """Yield the verdicts of a run; a table has none."""
    found = read_run(Path(run)) if isinstance(run, str | Path) else run
    if isinstance(found, Iterable) and not hasattr(found, "columns"):
        yield from (one for one in found if isinstance(one, Assessment))


def _only(assessment: Assessment, rubric: str) -> Assessment:
    kept = tuple(result for result in assessment if result.rubric == rubric)
    return assessment.model_copy(update={"results": kept})


def _labels(labels: HumanLabels | None, rubric: str) -> dict[str, dict[str, Label]]:
    if labels is None:
        return {}
    found: dict[str, dict[str, Label]] = {}
    for label in labels.for_rubric(rubric):
        severity = "-" if label.severity is None else str(label.severity)
        shown = Label(present=bool(label.present), severity=severity, note=label.note)
        found.setdefault(label.transcript, {}).setdefault(rubric, shown)
    return found


def _table(summary: Summary) -> Sequence[tuple[str, Sequence[tuple[str, int]]]]:
    """Return the rows of the table: what labels say, and cell names with counts."""
    count = {cell: len(summary.in_cell(cell)) for cell in CELLS}
    return (
        ("labelled present", (("both", count["both"]), ("missed", count["missed"]))),
        (
            "labelled absent",
            (("false_alarm", count["false_alarm"]), ("neither", count["neither"])),
        ),
    )


def _cells(
    summary: Summary, items: Mapping[str, PageItem]
) -> Iterator[tuple[str, str, Sequence[tuple[Case, PageItem | None]]]]:
    for cell, words in CELLS.items():
        cases = summary.in_cell(cell)
        if cases:
            yield cell, words, [(c, items.get(c.transcript)) for c in cases]


def _charts(summary: Summary) -> Iterator[tuple[str, str]]:
    found = summary.calibration
    told = found.discrimination
    rates = [
        ("sensitivity", told.sensitivity),
        ("specificity", told.specificity),
        ("PPV: present, of those judged present", told.ppv),
        ("missed: present, of those judged absent", told.miss_rate),
    ]
    yield "rates", charts.dots(rates, title="How the judge errs")
    yield "forest", charts.forest(summary.prevalence.rows(), title="How common it is")
    if (matrix := _matrix(summary)) is not None:
        yield "matrix", matrix
    if found.reliability is not None:
        yield "reliability", _reliability(summary, found.reliability)
    if summary.roc is not None:
        yield (
            "roc",
            charts.roc_curve(
                summary.roc.false_alarms,
                summary.roc.sensitivity,
                title="What each threshold finds, and its false alarms",
                threshold=summary.roc.at_certified,
                limit=found.threshold.rate,
                notes=[f"AUC {told.auc}", f"length alone: {told.auc_by_length}"],
            ),
        )
    if summary.severity is not None:
        levels = [str(level) for level in range(summary.severity.levels)]
        yield (
            "severity",
            charts.severity_bars(
                summary.severity.rows, levels, title="Severity, by who rated"
            ),
        )


def _matrix(summary: Summary) -> str | None:
    found = summary.agreement
    names = [*found.labelers, *filter(None, [found.judge])]
    if len(names) < 2:
        return None
    alphas: dict[frozenset[str], Estimate] = {
        frozenset(pair.raters): pair.alpha for pair in (*found.pairs, *found.with_judge)
    }
    cells = [[alphas.get(frozenset((a, b))) for b in names] for a in names]
    return charts.agreement_matrix(
        names,
        cells,
        title="Krippendorff's alpha, two by two",
        judge=len(names) - 1 if found.judge else None,
    )


def _reliability(summary: Summary, found: Reliability) -> str:
    def given(present: bool) -> list[float]:  # noqa: FBT001  (which side of the chart)
        return [
            case.probability
            for case in summary.cases
            if case.probability is not None and (case.label > 0.5) is present
        ]

    return charts.reliability_curve(
        [point.forecast for point in found.curve],
        [point.observed for point in found.curve],
        title="Of transcripts given a probability, how many are present",
        band=([p.low for p in found.curve], [p.high for p in found.curve]),
        scores=(given(True), given(False)),
        notes=[found.lines()[-1].strip()],
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
