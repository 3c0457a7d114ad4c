"""The figures: drawn without a screen, named hostilely, and by themselves."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from judge.errors import UsageError
from judge.reports import figures
from judge.statistics.estimate import Estimate
from judge.statistics.scores.discrimination import Confusion

HOSTILE = "$\\frac{ $x_{$ \\input{/etc/passwd} <b>\x00\n"
TABLE = Confusion(tp=12, fp=9, fn=4, tn=75)
RATES = [("Sensitivity", TABLE.sensitivity), ("Missed", TABLE.miss_rate)]
REFUSED = Estimate.refused("no label is positive")


def _alpha(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.1, high=0.99, n=60, unit="number")


def _dots(name: str, **given: Any) -> Axes:
    few = TABLE.ppv.doubted("few")
    return figures.dots([(name, few), *RATES, ("x", REFUSED)], title=name, **given)


def _forest(name: str, **given: Any) -> Axes:
    return figures.forest([(name, TABLE.ppv), *RATES], title=name, **given)


def _matrix(name: str, **given: Any) -> Axes:
    cells: list[list[Estimate | None]] = [
        [],
        [_alpha(0.9)],
        [_alpha(0.42).doubted("few"), None],
    ]
    return figures.agreement_matrix(
        [name, "b", "judge"], cells, title=name, judge=2, **given
    )


def _reliability(name: str, **given: Any) -> Axes:
    band = [0.0, 0.2, 0.7], [0.3, 0.8, 1.0]
    return figures.reliability_curve(
        [0.1, 0.5, 0.9],
        [0.0, 0.4, 1.0],
        band=band,
        scores=([0.9, 0.8], [0.1, 0.2]),
        title=name,
        **given,
    )


def _roc(name: str, **given: Any) -> Axes:
    return figures.roc_curve(
        [0, 0.02, 1],
        [0, 0.7, 1],
        threshold=(0.02, 0.7),
        limit=0.05,
        title=name,
        **given,
    )


def _severity(name: str, **given: Any) -> Axes:
    return figures.severity_bars(
        [(name, [50, 1, 3])], ["none", name, "severe"], title=name, **given
    )


ALL = [_dots, _forest, _matrix, _reliability, _roc, _severity]
KINDS = pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)


def _png(axes: Axes) -> bytes:
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=50, metadata={"Software": None})
    return out.getvalue()


@KINDS
def test_a_name_is_never_read_as_math_or_tex(draw: Callable[..., Axes]) -> None:
    # Read as math, this is an error when drawn.
    axes = draw(HOSTILE)
    assert _png(axes).startswith(b"\x89PNG")
    texts = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
    assert not any(text.get_parse_math() or text.get_usetex() for text in texts)


@KINDS
def test_it_draws_into_the_axes_it_is_given(draw: Callable[..., Axes]) -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    assert draw("name", ax=axes) is axes
    _png(axes)


@KINDS
def test_it_is_the_same_each_time_and_nobody_keeps_it(
    draw: Callable[..., Axes],
) -> None:
    import matplotlib.pyplot as plt

    assert _png(draw("name")) == _png(draw("name"))
    assert plt.get_fignums() == []


def test_every_rate_is_written_with_its_interval_and_n() -> None:
    shown = [text.get_text() for text in _dots("PPV").texts]
    for name, rate in RATES:
        assert name in shown
        assert f"{rate}, n {rate.n}" in shown
    assert f"{TABLE.ppv}, n 21, caution" in shown
    assert "refused" in shown


def test_doubt_is_told_by_shape() -> None:
    faces = [
        line.get_markerfacecolor()
        for line in _dots("PPV").lines
        if line.get_marker() == "o"
    ]
    assert faces[0] == "white"
    assert faces[1] != "white"
    marks = [line.get_marker() for line in _forest("a").lines]
    assert [mark for mark in marks if mark != "None"] == ["s", "o", "D"]


def test_the_levels_differ_in_hatch() -> None:
    hatches = {patch.get_hatch() for patch in _severity("a").patches}
    assert len(hatches) > 1


def test_the_cells_are_numbered_and_marked() -> None:
    shown = [text.get_text() for text in _matrix("a").texts]
    assert "0.90\n[0.80, 0.99]" in shown
    assert any(text.startswith("0.42*") for text in shown)
    assert "?" in shown


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: figures.dots([], title="rates"), "nothing to draw for 'rates'"),
        (lambda: figures.agreement_matrix(["a"], [[]]), "1 raters"),
        (lambda: figures.severity_bars([], ["x"]), "give a row"),
        (lambda: figures.roc_curve([], []), "needs points"),
    ],
)
def test_what_cannot_be_drawn_raises(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()


def test_without_matplotlib_the_extra_is_named() -> None:
    # A fresh interpreter in which it cannot be imported.
    code = """
import sys
sys.modules["matplotlib"] = None
from judge.errors import MissingExtraError
from judge.reports import figures
from judge.statistics.estimate import Estimate
try:
    figures.dots([("a", Estimate(value=0.5, n=2))])
except MissingExtraError as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "transcript-judge[plots]" in told.stdout
