"""The charts of a report as matplotlib figures, for papers and notebooks.

The same six as in `judge.reports.charts`, from the same names, `Estimate`s and lists.
They take an ``Axes`` or make a figure for one column of a page, and return the axes.
matplotlib comes with the extra ``plots``.  Text from outside is never read as math.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from judge.errors import UsageError
from judge.reports.axes import (
    BLUE,
    INK,
    PALE,
    PLAIN,
    SOFT,
    axes,
    bare,
    box,
    legend,
    write,
)
from judge.reports.charts import check_levels, check_matrix
from judge.reports.curve_figures import reliability_curve, roc_curve
from judge.reports.scales import percent, span_of_shares, ticks
from judge.reports.visible import fit, visible
from judge.statistics.estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "agreement_matrix",
    "dots",
    "forest",
    "reliability_curve",
    "roc_curve",
    "severity_bars",
]

Row = tuple[str, Estimate]
_SHAPES = ("s", "o", "D", "^")
_HATCHES = ("", "..", "//", "xx", "")
_SHADES = ("#f5f7fb", "#dde4f1", "#c0cce4", "#96aad2", "#3a5fa8")


def dots(rows: Sequence[Row], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw rates from 0 to 100 % as dots with their intervals.

    A hollow dot is told with caution; a refused one has no dot, but the word.

    Raises
    ------
    UsageError
        If there is no row.
    MissingExtraError
        If matplotlib is not installed.
    """
    return _intervals(rows, title, (0.0, 1.0), ["o"] * len(rows), ax)


def forest(rows: Sequence[Row], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw several estimates of the same share, each with its own shape.

    Raises
    ------
    UsageError
        If there is no row.
    MissingExtraError
        If matplotlib is not installed.
    """
    bounds = [
        bound
        for _, estimate in rows
        for bound in (estimate.value, estimate.low, estimate.high)
        if bound is not None
    ]
    shapes = [_SHAPES[number % len(_SHAPES)] for number in range(len(rows))]
    return _intervals(rows, title, span_of_shares(bounds), shapes, ax)


def _intervals(
    rows: Sequence[Row],
    title: str,
    span: tuple[float, float],
    shapes: Sequence[str],
    ax: Axes | None,
) -> Axes:
    if not rows:
        raise UsageError(f"nothing to draw for {title!r}: give a row or more")
    ax = axes(ax, title, height=0.9 + 0.55 * len(rows))
    places = list(range(len(rows)))[::-1]
    for y, shape, (name, estimate) in zip(places, shapes, rows, strict=True):
        if estimate.low is not None and estimate.high is not None:
            ax.plot([estimate.low, estimate.high], [y, y], color=BLUE, linewidth=2)
        if estimate.value is not None:
            face = BLUE if estimate.status == "good" else "white"
            ax.plot(estimate.value, y, shape, color=BLUE, markerfacecolor=face)
        said = "refused" if estimate.value is None else f"{estimate}, n {estimate.n:,}"
        doubt = ", caution" if estimate.status == "caution" else ""
        write(ax, (0, y + 0.32), fit(visible(name), 34), weight="bold", ha="left")
        write(ax, (1, y + 0.32), said + doubt, ha="right")
    ax.set_yticks([])
    ax.set_ylim(-0.5, len(rows) - 0.3)
    margin = 0.02 * (span[1] - span[0])  # a dot at the end is seen whole
    ax.set_xlim(span[0] - margin, span[1] + margin)
    marks = ticks(*span)
    ax.set_xticks(marks, [percent(mark) for mark in marks], **PLAIN)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    bare(ax, "left")
    return ax


def agreement_matrix(
    names: Sequence[str],
    cells: Sequence[Sequence[Estimate | None]],
    *,
    title: str = "",
    judge: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw who agrees with whom: a shaded cell with its number for each pair.

    ``cells[i][j]`` for j < i is the agreement of the two.  The row ``judge`` is framed.

    Raises
    ------
    UsageError
        If there are no two raters, or too few rows or cells.
    MissingExtraError
        If matplotlib is not installed.
    """
    check_matrix(names, cells)
    count = len(names)
    ax = axes(ax, title, height=0.8 + (0.55 if count <= 6 else 0.36) * count)
    for i in range(count):
        for j in range(i):
            _cell(ax, cells[i][j], (j, i), spans=count <= 6)
        box(ax, (i, i), face="none", edge=PALE)
        if i == judge and i:
            box(ax, (0, i), wide=i, face="none", edge=INK, width=2)
    marks = list(range(count))
    labels = [f"{i + 1}  {fit(visible(name), 24)}" for i, name in enumerate(names)]
    ax.set_xticks([m + 0.5 for m in marks], [str(m + 1) for m in marks], **PLAIN)
    ax.set_yticks([m + 0.5 for m in marks], labels, **PLAIN)
    ax.set(xlim=(0, count), ylim=(count, 0))
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    bare(ax, "left", "bottom")
    return ax


def _cell(ax: Axes, cell: Estimate | None, at: tuple[int, int], *, spans: bool) -> None:
    middle = (at[0] + 0.5, at[1] + 0.5)
    if cell is None or cell.value is None:
        box(ax, at, face="none", edge=PALE)
        write(ax, middle, "?", inside=True, ha="center")
        return
    shade = sum(cell.value >= edge for edge in (0.2, 0.4, 0.667, 0.8))
    box(ax, at, face=_SHADES[shade], edge="white")
    said = f"{cell.value:.2f}{'' if cell.status == 'good' else '*'}"
    if spans and cell.low is not None and cell.high is not None:
        said += f"\n[{cell.low:.2f}, {cell.high:.2f}]"
    colour = "white" if shade == 4 else INK
    write(ax, middle, said, inside=True, ha="center", color=colour)


def severity_bars(
    rows: Sequence[tuple[str, Sequence[int]]],
    levels: Sequence[str],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw for each rater how the levels share the transcripts, as stacked bars.

    Shade, hatch and a number tell the levels apart.

    Raises
    ------
    UsageError
        If there is no row, or a row has not one count for each level.
    MissingExtraError
        If matplotlib is not installed.
    """
    check_levels(rows, levels)
    ax = axes(ax, title, height=1.2 + 0.6 * len(rows))
    for row, (name, counts) in enumerate(rows):
        y, left, n = len(rows) - 1 - row, 0.0, max(sum(counts), 1)
        for level, count in enumerate(counts):
            look = _look(level, len(levels))
            ax.barh(y, count / n, left=left, height=0.4, **look)
            if count / n >= 0.04:
                at = (left + count / n / 2, y)
                back = {"facecolor": "white", "edgecolor": "none", "pad": 1}
                write(ax, at, str(count), inside=True, ha="center", bbox=back)
            left += count / n
        write(ax, (0, y + 0.34), fit(visible(name), 40), weight="bold", ha="left")
        write(ax, (1, y + 0.34), f"n {sum(counts):,}", ha="right")
    for number, called in enumerate(levels):
        said = f"{number} {fit(visible(called), 20)}"
        ax.barh([0], [0], height=0, label=said, **_look(number, len(levels)))
    legend(ax, columns=3)
    ax.set_yticks([])
    ax.set(xlim=(0, 1), ylim=(-0.4, len(rows) - 0.5))
    ax.set_xticks(ticks(0, 1), [percent(mark) for mark in ticks(0, 1)], **PLAIN)
    bare(ax, "left")
    return ax


def _look(level: int, levels: int) -> dict[str, Any]:
    shade = round(4 * level / max(levels - 1, 1))
    return {"facecolor": _SHADES[shade], "hatch": _HATCHES[shade], "edgecolor": SOFT}
