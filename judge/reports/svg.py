"""The parts of an inline SVG: every text escaped, every look a class.

A page's policy lets in one style sheet by its hash and no other, so nothing here has a
``style`` attribute; `templates/charts.css` has the looks.  Charts are 360 units wide,
so that they can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup

from judge.reports.visible import visible, wrap

__all__ = [
    "MARKERS",
    "WIDTH",
    "Anchor",
    "Point",
    "circle",
    "drawing",
    "line",
    "lines_of",
    "marker",
    "path",
    "polygon",
    "polyline",
    "rect",
    "tag",
    "text",
]

WIDTH = 360
MARKERS = ("circle", "square", "diamond", "triangle")
Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
_COLUMNS = 60
"""Letters of the small type that a line of the whole width takes."""


def tag(name: str, *content: str, **attributes: object) -> Markup:
    """Return an element; what is in it and in its attributes is escaped.

    A final underscore of an attribute is dropped, others become hyphens.

    Examples
    --------
    >>> tag("text", "<b>", class_="note")
    Markup('<text class="note">&lt;b&gt;</text>')
    """
    given = Markup().join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _written(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup().join(content)
    return Markup("<{0}{1}>{2}</{0}>").format(name, given, inner)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def text(
    words: str,
    at: Point,
    *,
    look: str = "",
    anchor: Anchor = "start",
) -> Markup:
    """Return one line of text; characters that cannot be seen are made visible."""
    return tag(
        "text",
        visible(words),
        class_=look or None,
        x=float(at[0]),
        y=float(at[1]),
        text_anchor=None if anchor == "start" else anchor,
    )


def lines_of(words: str, *, columns: int = _COLUMNS) -> list[str]:
    """Break a text into lines that fit the width in small type."""
    return wrap(visible(words), columns)


def line(start: Point, end: Point, look: str) -> Markup:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return tag(
        "line", class_=look, x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2)
    )


def rect(corner: Point, size: Point, look: str) -> Markup:
    """Return a rectangle by its upper left corner and its size."""
    (x, y), (width, height) = corner, size
    return tag(
        "rect",
        class_=look,
        x=float(x),
        y=float(y),
        width=float(max(width, 0)),
        height=float(max(height, 0)),
    )


def circle(at: Point, radius: float, look: str) -> Markup:
    """Return a disc."""
    return tag("circle", class_=look, cx=float(at[0]), cy=float(at[1]), r=float(radius))


def path(commands: str, look: str) -> Markup:
    """Return a path."""
    return tag("path", class_=look, d=commands)


def polyline(points: Iterable[Point], look: str) -> Markup:
    """Return points joined by lines."""
    return tag("polyline", class_=look, points=_listed(points))


def polygon(points: Iterable[Point], look: str) -> Markup:
    """Return an area."""
    return tag("polygon", class_=look, points=_listed(points))


def _listed(points: Iterable[Point]) -> str:
    return " ".join(f"{_written(float(x))},{_written(float(y))}" for x, y in points)


def marker(kind: str, at: Point, *, look: str = "dot", size: float = 5) -> Markup:
    """Return one of the `MARKERS`: told apart by shape, not by colour."""
    x, y = at
    if kind == "circle":
        return circle(at, size, look)
    if kind == "square":
        return rect((x - 0.9 * size, y - 0.9 * size), (1.8 * size, 1.8 * size), look)
    wide = 1.25 * size
    corners = {
        "diamond": [(x, y - wide), (x + wide, y), (x, y + wide), (x - wide, y)],
        "triangle": [(x, y - wide), (x + wide, y + size), (x - wide, y + size)],
    }
    return polygon(corners[kind], look)


def drawing(
    parts: Iterable[Markup],
    *,
    height: float,
    title: str,
    told: Iterable[str],
    width: float = WIDTH,
) -> str:
    """Return the whole chart.

    It has no ids, so that the same chart may stand on a page twice.

    Parameters
    ----------
    title
        What the chart is, for who cannot see it and for who points at it.
    told
        All that it shows, in sentences.
    """
    inner = Markup("\n").join(parts)
    words = " ".join(told)
    return str(
        tag(
            "svg",
            tag("title", visible(title)),
            tag("desc", visible(words)),
            inner,
            class_="chart",
            xmlns="http://www.w3.org/2000/svg",
            role="img",
            viewBox=f"0 0 {_written(float(width))} {_written(float(height))}",
            aria_label=visible(title),
        )
    )
