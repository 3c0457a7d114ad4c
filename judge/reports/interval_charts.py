"""The charts of estimates as inline SVG: a point and its interval, a row for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from judge.errors import UsageError
from judge.reports.scales import percent, signed, span_of_shares, span_over_zero, ticks
from judge.reports.svg import WIDTH, Anchor, drawing, line, lines_of, marker, text
from judge.reports.visible import columns
from judge.statistics.estimate import Estimate

__all__ = ["difference", "dots", "forest", "told_of"]

Row = tuple[str, Estimate]
_LEFT, _RIGHT = 10.0, 350.0
_SMALL = 13
"""Height of a line of small type."""
_NAME_COLUMNS = 49
_SHAPES = ("square", "circle", "diamond", "triangle")


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    written: Callable[[float], str] = percent
    limit: float | None = None
    """Where a dotted line stands."""

    def across(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        place = (inside - self.low) / (self.high - self.low)
        return _LEFT + (_RIGHT - _LEFT) * place

    @property
    def ticks(self) -> list[float]:
        return ticks(self.low, self.high)


def dots(rows: Sequence[Row], *, title: str) -> str:
    """Return rates from 0 to 100 % as dots with their intervals.

    A hollow dot is told with caution; a refused one has no dot, but its reason.

    Raises
    ------
    UsageError
        If there is no row.
    """
    return _intervals(rows, title, _Axis(0.0, 1.0), ["circle"] * len(rows))


def forest(rows: Sequence[Row], *, title: str) -> str:
    """Return several estimates of the same share, each with its own shape.

    The axis covers what the intervals do.

    Raises
    ------
    UsageError
        If there is no row.
    """
    bounds = [bound for _, estimate in rows for bound in _bounds(estimate)]
    shapes = [_SHAPES[number % len(_SHAPES)] for number in range(len(rows))]
    return _intervals(rows, title, _Axis(*span_of_shares(bounds)), shapes)


def difference(name: str, estimate: Estimate, *, margin: float, title: str) -> str:
    """Return a difference on an axis around 0, with the margin below it.

    Parameters
    ----------
    margin
        How much less is still as good: a dotted line at ``-margin``.
    """
    low, high = span_over_zero([*_bounds(estimate), 1.5 * margin])
    axis = _Axis(low, high, written=signed, limit=-margin)
    return _intervals([(name, estimate)], title, axis, ["circle"])


def _bounds(estimate: Estimate) -> list[float]:
    known = (estimate.value, estimate.low, estimate.high)
    return [bound for bound in known if bound is not None]


def _intervals(
    rows: Sequence[Row], title: str, axis: _Axis, shapes: Sequence[str]
) -> str:
    if not rows:
        raise UsageError(f"nothing to draw for {title!r}: give a row or more")
    beside = all(_fits(name, estimate) for name, estimate in rows)
    parts: list[Markup] = []
    y = 0.0
    for (name, estimate), shape in zip(rows, shapes, strict=True):
        heading, y = _heading(name, estimate, y, beside=beside)
        parts += heading
        parts += _interval(estimate, shape, axis, y)
        y += 12
        for words in _doubts(estimate):
            parts.append(text(words, (_LEFT, y + 7), look="note"))
            y += _SMALL
        y += 6
    told = [f"{name}: {told_of(estimate)}." for name, estimate in rows]
    if axis.limit is not None:
        told.append(f"The margin is {axis.written(axis.limit)}.")
    labels = [_tick(axis.written(t), axis.across(t), y + 12) for t in axis.ticks]
    return drawing([*parts, *labels], height=y + 18, title=title, told=told)


def _fits(name: str, estimate: Estimate) -> bool:
    """Whether a name has room for its figure beside it."""
    wide = 6.9 * columns(name) + 6.3 * len(_said(estimate))
    return wide <= _RIGHT - _LEFT - 8


def _heading(
    name: str, estimate: Estimate, y: float, *, beside: bool
) -> tuple[list[Markup], float]:
    named = lines_of(name, columns=_NAME_COLUMNS) or [""]
    parts = [
        text(words, (_LEFT, y + 15 + 15 * number), look="name")
        for number, words in enumerate(named)
    ]
    y += 15 * len(named)
    if beside:
        parts.append(text(_said(estimate), (_RIGHT, y), anchor="end"))
    else:
        y += 15
        parts.append(text(_said(estimate), (_LEFT, y)))
    return parts, y + 12


def _interval(estimate: Estimate, shape: str, axis: _Axis, y: float) -> list[Markup]:
    parts = [
        line((axis.across(t), y - 5), (axis.across(t), y + 5), "grid")
        for t in axis.ticks
    ]
    parts.append(line((_LEFT, y), (_RIGHT, y), "track"))
    if axis.limit is not None:
        x = axis.across(axis.limit)
        parts.append(line((x, y - 9), (x, y + 9), "limit"))
    if estimate.low is not None and estimate.high is not None:
        start, end = axis.across(estimate.low), axis.across(estimate.high)
        parts.append(line((start, y), (end, y), "interval"))
        parts += [line((x, y - 4), (x, y + 4), "whisker") for x in (start, end)]
    if estimate.value is not None:
        look = "dot" if estimate.status == "good" else "dot hollow"
        parts.append(marker(shape, (axis.across(estimate.value), y), look=look))
    return parts


def _said(estimate: Estimate) -> str:
    if estimate.value is None:
        return "refused"
    return f"{estimate}, n {estimate.n:,}"


def _doubts(estimate: Estimate) -> list[str]:
    if estimate.status == "good":
        return []
    told = "; ".join(filter(None, (estimate.reason, estimate.remedy)))
    return lines_of(f"{estimate.status}: {told}")


def told_of(estimate: Estimate) -> str:
    """Return an estimate in words, with its n and what makes it doubtful."""
    if estimate.value is None:
        return str(estimate)
    doubt = "" if estimate.status == "good" else f", {estimate.status}: "
    return f"{_said(estimate)}{doubt}{estimate.reason if doubt else ''}"


def _tick(words: str, x: float, y: float) -> Markup:
    anchor: Anchor = "start" if x < 20 else "end" if x > WIDTH - 20 else "middle"
    return text(words, (x, y), look="tick", anchor=anchor)
