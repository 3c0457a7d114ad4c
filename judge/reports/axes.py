"""What the figures share: axes for a page, and text that is never read as math."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judge.errors import MissingExtraError
from judge.reports.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = [
    "BLUE",
    "INK",
    "PALE",
    "PLAIN",
    "SOFT",
    "axes",
    "bare",
    "box",
    "legend",
    "plain",
    "write",
]

INK, SOFT, BLUE, PALE = "#1d1f23", "#5b616b", "#3a5fa8", "#d9d6ce"
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
"""For every text: a name with dollar signs is a name, whatever the settings say."""
_WIDE = 5.6
"""Inches; the text of a page is about 6.3 wide."""


def axes(ax: Axes | None, title: str, *, height: float) -> Axes:
    """Return the axes given, or those of a new figure; the title is set.

    The figure belongs to nobody's list of open figures: what is not kept is freed.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            'figures need matplotlib: pip install "transcript-judge[plots]"'
        ) from error
    if ax is None:
        ax = Figure(figsize=(_WIDE, height), layout="constrained").add_subplot()
    if title:
        plain(ax.set_title(visible(title), loc="left", fontsize=10, pad=8))
    return ax


def plain(*texts: Text) -> None:
    """Have texts taken letter by letter."""
    for text in texts:
        text.set_parse_math(False)
        text.set_usetex(False)


def write(
    ax: Axes, at: tuple[float, float], words: str, *, inside: bool = False, **look: Any
) -> None:
    """Write at a place: across in shares of the axes, up in data, or both in data."""
    transform = ax.transData if inside else ax.get_yaxis_transform()
    settings = {"fontsize": 9, "color": INK, "va": "center", **look, **PLAIN}
    ax.text(*at, words, transform=transform, **settings)


def box(
    ax: Axes,
    corner: tuple[float, float],
    *,
    wide: float = 1,
    face: str,
    edge: str,
    width: float = 1,
) -> None:
    """Draw a rectangle one high."""
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(corner, wide, 1, facecolor=face, edgecolor=edge, linewidth=width)
    )


def bare(ax: Axes, *sides: str) -> None:
    """Take away the frame at the top and on the right, and what else is named."""
    for side in ("top", "right", *sides):
        ax.spines[side].set_visible(False)
    ax.tick_params(labelsize=8, color=SOFT)


def legend(ax: Axes, *, columns: int = 1) -> None:
    """Say beneath the axes what is in it; outside, so that it covers nothing."""
    figure = ax.get_figure(root=True)
    drop = -0.13 if figure is None else -0.62 / figure.get_figheight()
    key = ax.legend(
        loc="upper left",
        bbox_to_anchor=(0, drop),
        ncols=columns,
        frameon=False,
        fontsize=8,
    )
    plain(*key.get_texts())
