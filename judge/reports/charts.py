"""Charts of a report as inline SVG: what a page without scripts can show.

Each function takes names, `Estimate`s and lists and returns one ``<svg>``.  Shapes and
words carry what colours do; every number stands in the chart and, for who cannot see
it, in its description.  `chart_style` has the looks, for the page's one style sheet.
"""

from __future__ import annotations

from judge.reports.curve_charts import reliability_curve, roc_curve
from judge.reports.interval_charts import difference, dots, forest
from judge.reports.page import template_text
from judge.reports.rater_charts import (
    agreement_matrix,
    check_levels,
    check_matrix,
    severity_bars,
)

__all__ = [
    "agreement_matrix",
    "chart_style",
    "check_levels",
    "check_matrix",
    "difference",
    "dots",
    "forest",
    "reliability_curve",
    "roc_curve",
    "severity_bars",
]


def chart_style() -> str:
    """Return the style sheet of the charts; it uses the colours of ``page.css``."""
    return template_text("charts.css")
