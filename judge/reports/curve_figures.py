"""The two curves of a report as matplotlib figures: reliability and ROC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from judge.reports.axes import BLUE, INK, PALE, PLAIN, SOFT, axes, bare, legend, plain
from judge.reports.curve_charts import check_curve
from judge.reports.scales import RATE_TICKS, bent, near_zero, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["reliability_curve", "roc_curve"]

_QUARTERS = (0, 0.25, 0.5, 0.75, 1)
_MANY = 40
"""Of more points than these the curve has no dots."""


def reliability_curve(
    forecast: Sequence[float],
    observed: Sequence[float],
    *,
    title: str = "",
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    scores: tuple[Sequence[float], Sequence[float]] = ((), ()),
    ax: Axes | None = None,
) -> Axes:
    """Draw how often it came true at each probability, against the diagonal.

    Parameters are those of `judge.reports.charts.reliability_curve`; the scores are a
    rug, of those labelled present along the top, absent along the bottom.

    Raises
    ------
    UsageError
        If the curve is empty or its parts differ in length.
    MissingExtraError
        If matplotlib is not installed.
    """
    check_curve(title, forecast, observed, *(band or ()))
    ax = axes(ax, title, height=5.0)
    if band is not None:
        label = "where 95 % of the curves of such a judge lie"
        ax.fill_between(
            forecast, *band, color=BLUE, alpha=0.18, linewidth=0, label=label
        )
    ax.plot([0, 1], [0, 1], "--", color=SOFT, label="a judge that is right on average")
    style = "-o" if len(forecast) <= _MANY else "-"
    ax.plot(forecast, observed, style, color=BLUE, markersize=3, label="the judge")
    for rows, words, low, said_at, up in (
        (scores[0], "labelled present", 1.01, 1.06, "bottom"),
        (scores[1], "labelled absent", -0.05, -0.065, "top"),
    ):
        if len(rows):
            ax.vlines(rows, low, low + 0.04, color=INK, linewidth=0.5)
            said = f"{words}, n {len(rows):,}"
            look = {"fontsize": 8, "color": SOFT, "ha": "center", "va": up, **PLAIN}
            ax.text(0.5, said_at, said, **look)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.13, 1.12))
    _labelled(ax, "judge's probability", "came true")
    ax.set_xticks(_QUARTERS, [percent(tick) for tick in _QUARTERS], **PLAIN)
    legend(ax)
    return ax


def roc_curve(
    false_alarms: Sequence[float],
    sensitivity: Sequence[float],
    *,
    title: str = "",
    threshold: tuple[float, float] | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each threshold would see and what it would cost in false alarms.

    Parameters are those of `judge.reports.charts.roc_curve`.

    Raises
    ------
    UsageError
        If the curve is empty or its parts differ in length.
    MissingExtraError
        If matplotlib is not installed.
    """
    check_curve(title, false_alarms, sensitivity)
    ax = axes(ax, title, height=4.8)
    curve = bent(list(zip(false_alarms, sensitivity, strict=True)))
    ax.plot(*_placed(curve), color=BLUE, linewidth=1.8, label="the judge")
    chance = bent([(0.0, 0.0), (1.0, 1.0)])
    ax.plot(*_placed(chance), "--", color=SOFT, label="guessing")
    if limit is not None:
        label = f"at most {percent(limit)} false alarms"
        ax.axvline(near_zero(limit), color=INK, linestyle=":", label=label)
    if threshold is not None:
        alarms, seen = threshold
        label = f"the threshold: sees {percent(seen)} at {percent(alarms)} false alarms"
        ax.plot(
            near_zero(alarms), seen, "D", color=BLUE, markeredgecolor=INK, label=label
        )
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.02, 1.02))
    _labelled(ax, "false alarms, of those labelled absent (wide near 0)", "sensitivity")
    marks = [near_zero(rate) for rate in RATE_TICKS]
    ax.set_xticks(marks, [percent(rate) for rate in RATE_TICKS], **PLAIN)
    legend(ax)
    return ax


def _placed(
    curve: Sequence[tuple[float, float]],
) -> tuple[list[float], list[float]]:
    return [near_zero(rate) for rate, _ in curve], [share for _, share in curve]


def _labelled(ax: Axes, across: str, up: str) -> None:
    plain(ax.set_xlabel(across, fontsize=9), ax.set_ylabel(up, fontsize=9))
    ax.set_yticks(_QUARTERS, [percent(tick) for tick in _QUARTERS], **PLAIN)
    ax.grid(color=PALE, linewidth=0.6)
    bare(ax)
