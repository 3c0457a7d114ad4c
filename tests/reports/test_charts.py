"""The charts of the page: well-formed, escaped, all numbers said."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.reports import charts
from judge.reports.scales import near_zero, near_zero_inverse, span_of_shares, ticks
from judge.reports.svg import tag, text
from judge.statistics.estimate import Estimate
from judge.statistics.scores.discrimination import Confusion

HOSTILE = "</text><script>alert(1)</script>\"'&\x00\u202e$x^2$\n]]>"
SVG = "{http://www.w3.org/2000/svg}"
TABLE = Confusion(tp=12, fp=9, fn=4, tn=75)
RATES = [("Sensitivity", TABLE.sensitivity), ("Missed", TABLE.miss_rate)]


def _alpha(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.1, high=0.99, n=60, unit="number")


def _dots(name: str) -> str:
    return charts.dots([*RATES, (name, TABLE.ppv)], title=name)


def _forest(name: str) -> str:
    return charts.forest([(name, TABLE.miss_rate), *RATES], title=name)


def _matrix(name: str) -> str:
    cells: list[list[Estimate | None]] = [[], [_alpha(0.71)], [_alpha(0.42), None]]
    return charts.agreement_matrix([name, "b", "judge"], cells, title=name, judge=2)


def _reliability(name: str) -> str:
    curve = [0.1, 0.5, 0.9], [0.0, 0.4, 1.0]
    band = [0.0, 0.2, 0.7], [0.3, 0.8, 1.0]
    scores = [0.9, 0.8], [0.1, 0.2, 0.1]
    return charts.reliability_curve(
        *curve, band=band, scores=scores, title=name, notes=[name]
    )


def _roc(name: str) -> str:
    return charts.roc_curve(
        [0, 0.02, 1],
        [0, 0.7, 1],
        threshold=(0.02, 0.7),
        limit=0.05,
        title=name,
        notes=[name],
    )


def _severity(name: str) -> str:
    return charts.severity_bars(
        [(name, [5, 0, 3])], ["none", name, "severe"], title=name
    )


def _difference(name: str) -> str:
    gap = Estimate(value=-0.04, low=-0.4, high=0.12, n=30, unit="number")
    return charts.difference(name, gap, margin=0.1, title=name)


ALL = [_dots, _forest, _matrix, _reliability, _roc, _severity, _difference]
KINDS = pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)


@KINDS
def test_a_hostile_name_stays_text(draw: Callable[[str], str]) -> None:
    root = ET.fromstring(draw(HOSTILE))
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    known = {"svg", "title", "desc", "text", "line", "rect", "circle", "polygon"}
    assert names <= known | {"polyline"}
    whole = "".join(root.itertext())
    assert "\x00" not in whole
    assert "\u202e" not in whole
    assert root.findtext(f"{SVG}title") == (
        "</text><script>alert(1)</script>\"'&\\x00\\u202e$x^2$\\n]]>"
    )


@KINDS
def test_looks_are_classes_that_the_style_sheet_knows(
    draw: Callable[[str], str],
) -> None:
    style = charts.chart_style()
    for element in ET.fromstring(draw("name")).iter():
        assert "style" not in element.attrib
        assert not [key for key in element.attrib if key.startswith("on")]
        for look in element.get("class", "").split():
            if look not in ("plain", "on0", "on1", "on2", "on3"):  # as any text
                assert f".{look}" in style


@KINDS
def test_a_reader_of_screens_is_told_what_it_is_and_shows(
    draw: Callable[[str], str],
) -> None:
    root = ET.fromstring(draw("a name"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "a name"
    assert root.findtext(f"{SVG}desc")


@KINDS
def test_the_same_chart_may_stand_on_a_page_twice(draw: Callable[[str], str]) -> None:
    assert not [one for one in ET.fromstring(draw("a name")).iter() if one.get("id")]


@KINDS
def test_everything_lies_inside_and_is_the_same_each_time(
    draw: Callable[[str], str],
) -> None:
    drawn = draw("a rather long name, of which there is more than fits on a line of it")
    assert drawn == draw(
        "a rather long name, of which there is more than fits on a line of it"
    )
    root = ET.fromstring(drawn)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    assert width == 360
    for element in root.iter():
        for across in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(across, 0)) <= width
        for down in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(down, 0)) <= height


def test_every_rate_is_written_with_its_interval_and_n() -> None:
    root = ET.fromstring(_dots("PPV"))
    shown = [element.text for element in root.iter(f"{SVG}text")]
    told = root.findtext(f"{SVG}desc") or ""
    for name, rate in [*RATES, ("PPV", TABLE.ppv)]:
        assert name in shown
        assert f"{rate}, n {rate.n}" in shown
        assert f"{name}: {rate}, n {rate.n}." in told


def test_a_refused_rate_has_its_reason_and_no_dot() -> None:
    refused = Estimate.refused("no label is positive", remedy="label more")
    root = ET.fromstring(charts.dots([("Sensitivity", refused)], title="t"))
    assert not list(root.iter(f"{SVG}circle"))
    shown = [element.text for element in root.iter(f"{SVG}text")]
    assert "refused" in shown
    assert "refused: no label is positive; label more" in shown
    # A forest of nothing but refusals still has an axis.
    assert "100 %" in charts.forest([("corrected", refused)], title="t")


def test_a_doubted_rate_is_hollow_and_says_so() -> None:
    doubted = TABLE.sensitivity.doubted("from few")
    drawn = charts.dots([("Sensitivity", doubted)], title="t")
    assert "dot hollow" in drawn
    assert "caution: from few" in drawn


def test_the_rows_of_a_forest_differ_in_shape() -> None:
    root = ET.fromstring(charts.forest(RATES * 2, title="t"))
    kinds = [
        element.tag.removeprefix(SVG)
        for element in root.iter()
        if element.get("class") == "dot"
    ]
    assert kinds == ["rect", "circle", "polygon", "polygon"]


def test_the_matrix_writes_each_pair_once() -> None:
    root = ET.fromstring(_matrix("a"))
    shown = [element.text for element in root.iter(f"{SVG}text")]
    assert shown.count("0.71") == 1
    assert "[0.61, 0.99]" in shown
    assert "?" in shown
    assert "judge and b: none." in (root.findtext(f"{SVG}desc") or "")


def test_a_matrix_of_many_grows_and_says_what_its_marks_mean() -> None:
    count = 14
    doubted = _alpha(0.5).doubted("few")
    cells: list[list[Estimate | None]] = [[doubted] * i for i in range(count)]
    cells[3][1] = Estimate.refused("none shared")
    names = [f"rater {i}" for i in range(count)]
    root = ET.fromstring(charts.agreement_matrix(names, cells, title="t"))
    assert float(root.get("viewBox", "").split()[2]) > 360
    shown = [element.text for element in root.iter(f"{SVG}text")]
    assert "0.50*" in shown
    assert "* told with caution; ? refused" in shown


def test_the_bars_of_severity_share_the_width_by_count() -> None:
    root = ET.fromstring(_severity("Anna"))
    wide = {
        element.get("class"): float(element.get("width", 0))
        for element in root.iter(f"{SVG}rect")
    }
    assert wide["cell shade0"] / wide["cell shade4"] == pytest.approx(5 / 3, rel=1e-3)
    assert "0: 5, 1: 0, 2: 3" in "".join(root.itertext())


def test_a_long_curve_is_thinned_and_has_no_dots() -> None:
    many = [k / 5000 for k in range(5001)]
    drawn = charts.roc_curve(many, many, title="t")
    assert len(drawn) < 12_000
    assert "circle" not in charts.reliability_curve(many, many, title="t")


def test_the_threshold_and_its_promise_are_said_in_words() -> None:
    told = ET.fromstring(_roc("roc")).findtext(f"{SVG}desc") or ""
    assert "The threshold: sees 70 % at 2 % false alarms" in told
    assert "at most 5 % false alarms" in told


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: charts.dots([], title="rates"), "nothing to draw for 'rates'"),
        (lambda: charts.forest([], title="rates"), "nothing to draw"),
        (lambda: charts.agreement_matrix(["a"], [[]], title="t"), "1 raters"),
        (
            lambda: charts.agreement_matrix(["a", "b"], [[], []], title="t"),
            "each rater",
        ),
        (lambda: charts.severity_bars([("a", [1])], ["x", "y"], title="t"), "2 counts"),
        (lambda: charts.roc_curve([], [], title="t"), "needs points"),
        (lambda: charts.reliability_curve([0.1], [], title="t"), "got 1, 0"),
    ],
)
def test_what_cannot_be_drawn_raises(call: Callable[[], str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()


@given(st.text(max_size=40))
def test_any_text_is_well_formed(words: str) -> None:
    element = ET.fromstring(text(words, (1, 2)))
    assert element.get("x") == "1"
    assert ET.fromstring(tag("g", title=f"{words!a}")).get("title") == f"{words!a}"


@given(st.floats(0, 1))
def test_the_axis_of_false_alarms_can_be_read_back(rate: float) -> None:
    assert near_zero_inverse(near_zero(rate)) == pytest.approx(rate, abs=1e-9)
    assert near_zero(rate) >= rate - 1e-9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_an_axis_of_shares_holds_them_between_two_ticks(shares: list[float]) -> None:
    low, high = span_of_shares(shares)
    assert low - 1e-9 <= min(shares) <= max(shares) <= high + 1e-9
    marks = ticks(low, high)
    assert 2 <= len(marks) <= 12
    assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks)


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|http", charts.chart_style())
