"""The charts of raters as inline SVG: who agrees with whom, how severe they rate."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from judge.errors import UsageError
from judge.reports.interval_charts import told_of
from judge.reports.svg import WIDTH, drawing, lines_of, rect, text
from judge.reports.visible import fit, visible
from judge.statistics.estimate import Estimate

__all__ = ["agreement_matrix", "check_levels", "check_matrix", "severity_bars"]

_LEFT, _RIGHT = 10.0, 350.0
_SMALL = 13
"""Height of a line of small type."""


def agreement_matrix(
    names: Sequence[str],
    cells: Sequence[Sequence[Estimate | None]],
    *,
    title: str,
    judge: int | None = None,
) -> str:
    """Return who agrees with whom: a shaded cell with its number for each pair.

    Parameters
    ----------
    names
        The raters; a column has the number of its row.
    cells
        ``cells[i][j]`` for j < i is the agreement of the two; the rest is not read.
    judge
        The row of the judge, set in bold with a frame.

    Raises
    ------
    UsageError
        If there are no two raters, or too few rows or cells.
    """
    check_matrix(names, cells)
    left = 118.0
    side = max((_RIGHT - left) / len(names), 32.0)  # of many, the chart grows
    tall = max(side * 0.62, 26.0)
    parts: list[Markup] = []
    told: list[str] = []
    for i, name in enumerate(names):
        x, y = left + i * side, 20 + i * tall
        at = (x + side / 2, 14.0)
        parts.append(text(str(i + 1), at, look="tick", anchor="middle"))
        words = f"{i + 1} {fit(visible(name), 14)}"
        look = "name" if i == judge else "plain"
        parts.append(text(words, (_LEFT, y + tall / 2 + 4), look=look))
        for j in range(i):
            cell = cells[i][j]
            parts += _cell(cell, (left + j * side, y), (side, tall))
            told.append(f"{name} and {names[j]}: {told_of(cell) if cell else 'none'}.")
        parts.append(rect((x, y), (side, tall), "cell empty"))
        parts.append(
            text("–", (x + side / 2, y + tall / 2 + 4), look="tick", anchor="middle")
        )
        if i == judge and i:
            parts.append(rect((left, y), (i * side, tall), "frame"))
    height = 26 + len(names) * tall
    seen = {cell.status for i, row in enumerate(cells) for cell in row[:i] if cell}
    marks = {"caution": "* told with caution", "refused": "? refused"}
    if key := "; ".join(marks[status] for status in marks if status in seen):
        parts.append(text(key, (_LEFT, height + 6), look="note"))
        height += _SMALL
    return drawing(
        parts,
        height=height,
        title=title,
        told=told,
        width=max(WIDTH, left + side * len(names) + 10),
    )


def check_matrix(
    names: Sequence[str], cells: Sequence[Sequence[Estimate | None]]
) -> None:
    """Raise unless there are two raters, and a cell for each pair."""
    whole = len(cells) == len(names) and all(
        len(row) >= number for number, row in enumerate(cells)
    )
    if len(names) < 2 or not whole:
        raise UsageError(
            f"a matrix of {len(names)} raters needs 2 or more of them, a row for each "
            "and in it a cell for each rater before"
        )


def _cell(
    cell: Estimate | None, corner: tuple[float, float], size: tuple[float, float]
) -> list[Markup]:
    (x, y), (wide, tall) = corner, size
    if cell is None or cell.value is None:
        return [
            rect(corner, size, "cell empty"),
            text("?", (x + wide / 2, y + tall / 2 + 4), look="tick", anchor="middle"),
        ]
    shade = sum(cell.value >= edge for edge in (0.2, 0.4, 0.667, 0.8))
    inside = wide >= 55 and cell.low is not None and cell.high is not None
    up = -4 if inside else 4
    parts = [
        rect(corner, size, f"cell shade{shade}"),
        text(
            f"{cell.value:.2f}{'' if cell.status == 'good' else '*'}",
            (x + wide / 2, y + tall / 2 + up),
            look=f"{'value' if wide >= 36 else 'narrow'} on{shade}",
            anchor="middle",
        ),
    ]
    if inside:
        span = f"[{cell.low:.2f}, {cell.high:.2f}]"
        at = (x + wide / 2, y + tall / 2 + 11)
        parts.append(text(span, at, look=f"tiny on{shade}", anchor="middle"))
    return parts


def severity_bars(
    rows: Sequence[tuple[str, Sequence[int]]], levels: Sequence[str], *, title: str
) -> str:
    """Return for each rater how the levels share the transcripts, as stacked bars.

    A part is told by its place, its shade and the number of its level in it; the counts
    stand beneath.

    Parameters
    ----------
    rows
        A rater and how many transcripts got each level, lowest first.
    levels
        What the levels are called, lowest first; a key says so, unless they are the
        numbers 0, 1, ...

    Raises
    ------
    UsageError
        If there is no row, or a row has not one count for each level.
    """
    check_levels(rows, levels)
    parts: list[Markup] = []
    told: list[str] = []
    y = 0.0
    for name, counts in rows:
        n = sum(counts)
        parts.append(text(fit(visible(name), 34), (_LEFT, y + 15), look="name"))
        parts.append(text(f"n {n:,}", (_RIGHT, y + 15), anchor="end"))
        parts += _stack(counts, y + 20)
        listed = ", ".join(f"{k}: {count:,}" for k, count in enumerate(counts))
        parts.append(text(listed, (_LEFT, y + 55), look="note"))
        told.append(f"{name}: level {listed} of {n:,}.")
        y += 66
    if any(level != str(number) for number, level in enumerate(levels)):
        key = ", ".join(f"{number} {level}" for number, level in enumerate(levels))
        told.append(f"Levels: {key}.")
        for words in lines_of(f"Levels: {key}"):
            parts.append(text(words, (_LEFT, y + 10), look="note"))
            y += _SMALL
    return drawing(parts, height=y + 4, title=title, told=told)


def check_levels(
    rows: Sequence[tuple[str, Sequence[int]]], levels: Sequence[str]
) -> None:
    """Raise unless there is a row, and each has a count for each level."""
    if not rows or any(len(counts) != len(levels) for _, counts in rows):
        raise UsageError(
            f"give a row or more, each with {len(levels)} counts, one for a level"
        )


def _stack(counts: Sequence[int], y: float) -> list[Markup]:
    n = max(sum(counts), 1)
    parts: list[Markup] = []
    x, steps = _LEFT, max(len(counts) - 1, 1)
    for level, count in enumerate(counts):
        wide = (_RIGHT - _LEFT) * count / n
        shade = round(4 * level / steps)
        parts.append(rect((x, y), (wide, 22), f"cell shade{shade}"))
        if wide >= 12:
            at = (x + wide / 2, y + 15)
            parts.append(text(str(level), at, look=f"value on{shade}", anchor="middle"))
        x += wide
    return [*parts, rect((_LEFT, y), (_RIGHT - _LEFT, 22), "outline")]
