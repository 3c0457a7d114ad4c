"""The charts at their edges: ends of axes, single points, long and foreign names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.reports import charts
from judge.reports.scales import bent
from judge.statistics.estimate import Estimate
from judge.statistics.scores.discrimination import Confusion

SVG = "{http://www.w3.org/2000/svg}"
TABLE = Confusion(tp=12, fp=9, fn=4, tn=75)
RATES = [("Sensitivity", TABLE.sensitivity), ("Missed", TABLE.miss_rate)]


def test_a_roc_curve_of_one_step_is_that_of_guessing() -> None:
    """A straight line is bent by the axis, as the one of guessing is."""
    root = ET.fromstring(charts.roc_curve([0, 1], [0, 1], title="t"))
    lines = {one.get("class"): one.get("points") for one in root.iter(f"{SVG}polyline")}
    assert lines["curve"] == lines["diagonal"]
    assert len(str(lines["curve"]).split()) > 40


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_a_bent_curve_keeps_its_points_and_its_order(
    points: list[tuple[float, float]],
) -> None:
    curve = list(zip(*map(sorted, zip(*points, strict=True)), strict=True))
    made = bent(curve)
    assert set(curve) <= set(made)
    assert made == sorted(made)


def test_a_difference_stands_on_an_axis_around_zero_with_its_margin() -> None:
    gap = Estimate(value=-0.04, low=-0.4, high=0.12, n=30, unit="number")
    drawn = charts.difference("gap", gap, margin=0.1, title="t")
    root = ET.fromstring(drawn)
    shown = [element.text for element in root.iter(f"{SVG}text")]
    assert "-0.040 [-0.400, 0.120], n 30" in shown
    assert shown[-5:] == ["-0.4", "-0.2", "0", "+0.2", "+0.4"]
    limit = [one for one in root.iter(f"{SVG}line") if one.get("class") == "limit"]
    assert [one.get("x1") for one in limit] == ["137.5"]
    assert "The margin is -0.1." in (root.findtext(f"{SVG}desc") or "")


def test_a_difference_of_nothing_still_has_an_axis() -> None:
    gap = Estimate(value=0.0, n=30, unit="number")
    assert "+1" in charts.difference("gap", gap, margin=0, title="t")


def test_rates_at_the_ends_are_drawn_at_the_ends() -> None:
    none = Estimate(value=0.0, low=0.0, high=0.0, n=9)
    every = Estimate(value=1.0, low=1.0, high=1.0, n=9)
    for draw in (charts.dots, charts.forest):
        root = ET.fromstring(draw([("none", none), ("all", every)], title="t"))
        places = {"rect": "x", "circle": "cx"}
        at = [
            float(one.get(places[one.tag.removeprefix(SVG)], 0))
            for one in root.iter()
            if one.get("class") == "dot"
        ]
        assert at == pytest.approx([10, 350], abs=5)  # a square begins at its corner


def test_a_curve_of_one_point_is_a_point() -> None:
    drawn = charts.reliability_curve([0.3], [0.5], title="t", band=([0.1], [0.9]))
    assert [one.tag for one in ET.fromstring(drawn).iter(f"{SVG}circle")]
    assert "At a probability of 0.30, 50 % came true." in drawn
    assert "At 30 % false alarms" in charts.roc_curve([0.3], [0.5], title="t")


def test_figures_of_rows_stand_beside_all_names_or_beneath_all() -> None:
    long = "of what is present, the judge finds (sensitivity)"
    root = ET.fromstring(charts.dots([(long, RATES[0][1]), RATES[1]], title="t"))
    figures = [one for one in root.iter(f"{SVG}text") if ", n " in str(one.text)]
    assert [one.get("x") for one in figures] == ["10", "10"]
    root = ET.fromstring(charts.dots(RATES, title="t"))
    figures = [one for one in root.iter(f"{SVG}text") if ", n " in str(one.text)]
    assert [one.get("text-anchor") for one in figures] == ["end", "end"]


def test_a_name_in_another_direction_of_writing_is_kept_as_it_is() -> None:
    root = ET.fromstring(charts.dots([("שלום", RATES[0][1])], title="t"))
    assert "שלום" in [one.text for one in root.iter(f"{SVG}text")]


def test_levels_that_are_their_numbers_need_no_key() -> None:
    drawn = charts.severity_bars([("a", [1, 2])], ["0", "1"], title="t")
    assert "Levels" not in drawn
