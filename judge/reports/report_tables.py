"""The tables of a report: which figures stand together, and under which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from judge.calibration.comparison.repeats import Repeats
from judge.calibration.planning.result import LabelPlan
from judge.calibration.prevalence.result import Prevalence
from judge.calibration.summary import Cell, Summary
from judge.reports.report_charts import RATES
from judge.statistics.estimate import Estimate

__all__ = [
    "CellCount",
    "Grid",
    "Row",
    "asides",
    "cell_counts",
    "doubts",
    "facts",
    "first_disagreement",
    "planned",
    "planned_prose",
    "ranks",
    "repeated",
    "strata",
    "worth",
]

Row: TypeAlias = tuple[str, Estimate]


@dataclass(frozen=True, slots=True)
class CellCount:
    """A cell of the table of labels and verdicts."""

    cell: Cell
    words: str
    count: int


class Grid(NamedTuple):
    """A table: a heading for each column, and rows under their names."""

    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Estimate | str | None]]]

    @property
    def slim(self) -> Grid:
        """Return it with rows and columns exchanged where it is wider than high."""
        if len(self.rows) >= len(self.head) - 1:
            return self
        names = [name for name, _ in self.rows]
        columns = zip(*(row for _, row in self.rows), strict=True)
        turned = list(zip(self.head[1:], columns, strict=True))
        return Grid((self.head[0], *names), turned)

    @property
    def doubts(self) -> Sequence[str]:
        """What makes figures doubtful, each reason once."""
        cells = [cell for _, row in self.rows for cell in row]
        return doubts(cell for cell in cells if isinstance(cell, Estimate))


def doubts(estimates: Iterable[Estimate]) -> Sequence[str]:
    """Return why some are told with caution or refused, each reason once."""
    told = (
        f"{one.status}: {'; '.join(filter(None, (one.reason, one.remedy)))}"
        for one in estimates
        if one.status != "good"
    )
    return list(dict.fromkeys(told))


def cell_counts(summary: Summary) -> Sequence[tuple[str, Sequence[CellCount]]]:
    """Return the table of labels and verdicts; without answers a column of its own."""
    unanswered = summary.in_cell("no_answer")

    def row(present: bool, *cells: tuple[Cell, str]) -> Sequence[CellCount]:  # noqa: FBT001  (which row)
        counted = [CellCount(c, w, len(summary.in_cell(c))) for c, w in cells]
        if unanswered:
            n = sum((case.label > 0.5) is present for case in unanswered)
            counted.append(CellCount("no_answer", "no answer", n))
        return counted

    return (
        ("labelled present", row(True, ("both", "found"), ("missed", "missed"))),
        (
            "labelled absent",
            row(False, ("false_alarm", "false alarm"), ("neither", "passed")),
        ),
    )


def first_disagreement(summary: Summary) -> tuple[Cell, int] | None:
    """Return where the disagreements begin and how many there are."""
    wrong: list[Cell] = [
        case.cell for case in summary.cases if case.cell in ("missed", "false_alarm")
    ]
    return (wrong[0], len(wrong)) if wrong else None


def facts(found: Prevalence) -> Iterator[tuple[str, str]]:
    """Yield the counts behind a rate."""
    counts = {
        "judged": found.judged,
        "labelled": found.labelled,
        "abstained": found.abstained,
        "unscored": found.unscored,
        "abstained and never labelled, left out": found.left_out,
    }
    for name, n in counts.items():
        if n:
            yield name, f"{n:,}"
    if found.worst_case is not None:
        low, high = (100 * limit for limit in found.worst_case)
        words = "if all without a verdict were absent, or present"
        yield words, f"{low:.1f} to {high:.1f} %"
    if found.design_effect != 1:
        yield "variance, multiplied by clusters", f"{found.design_effect:.2f}"


def strata(found: Prevalence) -> Grid:
    """Return what was judged, labelled and found in each stratum."""
    rows = [
        (
            one.name,
            (
                f"{one.judged:,}",
                f"{one.labelled:,}",
                f"{one.positives:g}",
                one.share if one.labelled else "",
            ),
        )
        for one in found.strata
    ]
    return Grid(("Verdict", "Judged", "Labelled", "Present", "Share present"), rows)


def ranks(summary: Summary) -> Sequence[Row]:
    """Return how well score and length rank."""
    return list(summary.calibration.discrimination.rows())[RATES:]


def worth(summary: Summary) -> Sequence[Row]:
    """Return what the probabilities are worth."""
    found = summary.calibration.reliability
    return [] if found is None else list(found.rows())


def planned(plan: LabelPlan) -> Grid:
    """Return from which verdicts the labels to come are drawn."""
    answer = {"present": "present", "absent": "absent", "abstained": "nothing certain"}
    rows = [
        (
            answer[one.name],
            (
                f"{one.judged:,}",
                f"{one.labelled:,}",
                f"{one.to_label:,}",
                f"{100 * one.rate:.1f} %{' (assumed)' if one.assumed else ''}",
                f"{one.inclusion:.3g}",
            ),
        )
        for one in plan.strata
    ]
    head = ("The judge says", "Judged", "Labelled", "To label", "Share reckoned with")
    return Grid((*head, "Chance to be drawn"), rows)


def planned_prose(plan: LabelPlan, notes: Sequence[str]) -> Sequence[str]:
    """Return what is said of a plan, without its table and what was said before."""
    known = [_bare(note) for note in notes]
    return [
        line
        for line in plan.lines()
        if not line.startswith("  ") and _bare(line) not in known
    ]


def repeated(found: Repeats) -> Sequence[Row]:
    """Return how far the judge agrees with itself."""
    told = {
        "transcripts whose verdict changed": found.flipped,
        "pairs of askings that differ": found.two_differ,
        "standard deviation of the score (0 to 1) within a transcript": found.spread,
        "alpha of its verdicts with each other": found.alpha,
        "alpha of its scores with each other": found.score_alpha,
        "what its alpha with people can reach": found.ceiling,
    }
    two = found.repeats == 2  # of two askings the first two are the same figure
    return [row for row in told.items() if not (two and row[1] is found.two_differ)]


def asides(found: Prevalence, said: Sequence[str]) -> Sequence[str]:
    """Return what is to be known of a rate, without what was said before."""
    known = tuple(_bare(one) for one in said)
    return [
        told
        for told in found.warnings
        if not any(one.startswith(_bare(told)) for one in known)
    ]


def _bare(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")
