"""The two curves of a report as inline SVG: reliability, and ROC with its threshold."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from judge.errors import UsageError
from judge.reports.scales import RATE_TICKS, bent, near_zero, percent
from judge.reports.svg import (
    Anchor,
    Point,
    drawing,
    line,
    lines_of,
    marker,
    polygon,
    polyline,
    rect,
    text,
)

__all__ = ["check_curve", "reliability_curve", "roc_curve"]

_LEFT, _RIGHT, _TALL = 44.0, 350.0, 240.0
_BINS = 50
_HISTOGRAM = 26.0
_MANY = 40
"""Of more points than these the curve has no dots."""
_CURVE_POINTS = 400


def reliability_curve(
    forecast: Sequence[float],
    observed: Sequence[float],
    *,
    title: str,
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    scores: tuple[Sequence[float], Sequence[float]] = ((), ()),
    notes: Sequence[str] = (),
) -> str:
    """Return how often it came true at each probability, against the diagonal.

    Parameters
    ----------
    forecast, observed
        The curve, from low to high probability.
    band
        Its lower and upper end: where the curve of a calibrated judge lies.
    scores
        The probabilities of the transcripts labelled present and of those labelled
        absent, for the bars above and below.
    notes
        Sentences beneath, such as the calibration error beside its noise floor.

    Raises
    ------
    UsageError
        If the curve is empty or its parts differ in length.
    """
    check_curve(title, forecast, observed, *(band or ()))
    top = 18 + _HISTOGRAM

    def place(p: float, share: float) -> Point:
        return _LEFT + (_RIGHT - _LEFT) * p, top + _TALL * (1 - share)

    parts = _frame(top, [0, 0.25, 0.5, 0.75, 1], [0, 0.25, 0.5, 0.75, 1])
    if band is not None:
        upper = [place(p, share) for p, share in zip(forecast, band[1], strict=True)]
        lower = [place(p, share) for p, share in zip(forecast, band[0], strict=True)]
        parts.append(polygon([*upper, *reversed(lower)], "band"))
    parts.append(line(place(0, 0), place(1, 1), "diagonal"))
    curve = [place(p, share) for p, share in zip(forecast, observed, strict=True)]
    parts.append(polyline(curve, "curve"))
    if len(curve) <= _MANY:
        parts += [marker("circle", at, size=2.6) for at in curve]
    parts += _bars(scores[0], top - 4, up=True, words="labelled present")
    below = top + _TALL + 22
    parts += _bars(scores[1], below, up=False, words="labelled absent")
    height = below + _HISTOGRAM + 16
    parts.append(
        text("judge's probability", (_RIGHT, height), look="tick", anchor="end")
    )
    parts.append(text("came true", (4, 12), look="tick"))
    keys = [("line", "the judge"), ("dashes", "a judge that is right on average")]
    if band is not None:
        keys.append(("area", "where 95 % of the curves of such a judge lie"))
    keyed, height = _keys(keys, height + 8)
    noted, height = _notes(notes, height)
    told = [
        f"At a probability of {p:.2f}, {percent(share)} came true."
        for p, share in _thinned(list(zip(forecast, observed, strict=True)), 12)
    ]
    return drawing(
        [*parts, *keyed, *noted], height=height, title=title, told=[*told, *notes]
    )


def roc_curve(
    false_alarms: Sequence[float],
    sensitivity: Sequence[float],
    *,
    title: str,
    threshold: tuple[float, float] | None = None,
    limit: float | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return what each threshold would see and what it would cost in false alarms.

    The axis of false alarms is wide near 0 (`judge.reports.scales.near_zero`).

    Parameters
    ----------
    false_alarms, sensitivity
        The curve, from strict to loose.
    threshold
        The two rates at the chosen threshold.
    limit
        The false alarm rate that is promised.
    notes
        Sentences beneath, such as the AUC and what is certified.

    Raises
    ------
    UsageError
        If the curve is empty or its parts differ in length.
    """
    check_curve(title, false_alarms, sensitivity)
    top = 26.0

    def place(rate: float, share: float) -> Point:
        return _LEFT + (_RIGHT - _LEFT) * near_zero(rate), top + _TALL * (1 - share)

    parts = _frame(
        top,
        [near_zero(rate) for rate in RATE_TICKS],
        [0, 0.25, 0.5, 0.75, 1],
        RATE_TICKS,
    )
    chance = [place(*point) for point in bent([(0.0, 0.0), (1.0, 1.0)])]
    parts.append(polyline(chance, "diagonal"))
    if limit is not None:
        parts.append(line(place(limit, 0), place(limit, 1), "limit"))
    pairs = list(zip(false_alarms, sensitivity, strict=True))
    curve = [place(rate, share) for rate, share in bent(_thinned(pairs, _CURVE_POINTS))]
    parts.append(polyline(curve, "curve"))
    keys = [("line", "the judge"), ("dashes", "guessing")]
    if threshold is not None:
        parts.append(marker("diamond", place(*threshold), size=5.5))
        keys.append(("diamond", "the threshold"))
    if limit is not None:
        keys.append(("dots", f"at most {percent(limit)} false alarms"))
    height = top + _TALL + 32
    words = "false alarms, of those labelled absent (wide near 0)"
    parts.append(text(words, (_RIGHT, height), look="tick", anchor="end"))
    parts.append(text("sensitivity", (4, 12), look="tick"))
    keyed, height = _keys(keys, height + 8)
    noted, height = _notes(notes, height)
    told = [
        f"At {percent(rate)} false alarms it sees {percent(share)}."
        for rate, share in _thinned(pairs, 12)
    ]
    if threshold is not None:
        told.append(_at_threshold(threshold))
    told += [words for kind, words in keys if kind == "dots"]
    return drawing(
        [*parts, *keyed, *noted], height=height, title=title, told=[*told, *notes]
    )


def _at_threshold(threshold: tuple[float, float]) -> str:
    alarms, seen = threshold
    return f"The threshold: sees {percent(seen)} at {percent(alarms)} false alarms."


def check_curve(title: str, *lines: Sequence[float]) -> None:
    """Raise unless the parts of a curve have points, as many each."""
    if len({len(each) for each in lines}) != 1 or not len(lines[0]):
        raise UsageError(
            f"the curve of {title!r} needs points, as many in each part; got "
            + ", ".join(str(len(each)) for each in lines)
        )


def _frame(
    top: float,
    across: Sequence[float],
    up: Sequence[float],
    labels: Sequence[float] | None = None,
) -> list[Markup]:
    parts = [rect((_LEFT, top), (_RIGHT - _LEFT, _TALL), "outline")]
    for share in up:
        y = top + _TALL * (1 - share)
        parts.append(line((_LEFT, y), (_RIGHT, y), "grid"))
        at = (_LEFT - 5, y + 4)
        parts.append(text(percent(share), at, look="tick", anchor="end"))
    for where, share in zip(across, labels or across, strict=True):
        x = _LEFT + (_RIGHT - _LEFT) * where
        parts.append(line((x, top), (x, top + _TALL), "grid"))
        anchor: Anchor = "end" if where == 1 else "middle"
        at = (x, top + _TALL + 14)
        parts.append(text(percent(share), at, look="tick", anchor=anchor))
    return parts


def _bars(scores: Sequence[float], y: float, *, up: bool, words: str) -> list[Markup]:
    """Return how many transcripts have which probability, the largest bar full."""
    if not len(scores):
        return []
    counts = [0] * _BINS
    for score in scores:
        counts[min(int(score * _BINS), _BINS - 1)] += 1
    wide, most = (_RIGHT - _LEFT) / _BINS, max(counts)
    parts = [line((_LEFT, y), (_RIGHT, y), "track")]
    for number, count in enumerate(counts):
        if count:
            tall = max(_HISTOGRAM * count / most, 1.5)
            corner = (_LEFT + number * wide + 0.5, y - tall if up else y)
            parts.append(rect(corner, (wide - 1, tall), "bar" if up else "bar open"))
    named = f"{words}, n {len(scores):,}"
    at = (_RIGHT, y - _HISTOGRAM - 2) if up else (_LEFT, y + _HISTOGRAM + 12)
    parts.append(text(named, at, look="tick", anchor="end" if up else "start"))
    return parts


def _keys(keys: Sequence[tuple[str, str]], y: float) -> tuple[list[Markup], float]:
    """Return what the shapes mean, a line for each."""
    looks = {"line": "curve", "dashes": "diagonal", "dots": "limit"}
    parts: list[Markup] = []
    for kind, words in keys:
        if kind in looks:
            parts.append(line((10, y + 8), (34, y + 8), looks[kind]))
        elif kind == "area":
            parts.append(rect((10, y + 3), (24, 10), "band"))
        else:
            parts.append(marker(kind, (22, y + 8), size=4.5))
        for row in lines_of(words, columns=54):
            parts.append(text(row, (42, y + 12), look="note"))
            y += 15
    return parts, y + 4


def _notes(notes: Sequence[str], y: float) -> tuple[list[Markup], float]:
    parts: list[Markup] = []
    for words in notes:
        for row in lines_of(words):
            parts.append(text(row, (10, y + 10), look="note"))
            y += 13
        y += 3
    return parts, y + 4


def _thinned(
    points: Sequence[tuple[float, float]], most: int
) -> list[tuple[float, float]]:
    """Return about so many of the points, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]
