"""The tables of a report on agreement: among labelers, and with the judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.calibration.agreement.result import GUIDES, Agreement, Coefficients
from judge.calibration.agreement.stand_in_result import StandIn
from judge.reports.report_tables import Grid, Row
from judge.statistics.estimate import Estimate

__all__ = [
    "GUIDES",
    "agreement_facts",
    "all_pairs",
    "paradoxes",
    "seats",
    "severity_pairs",
    "stand_in_prose",
]

_PRESENCE = {
    "same answer": "percent",
    "positive agreement": "positive",
    "negative agreement": "negative",
    "Krippendorff's alpha": "alpha",
    "kappa (Cohen of two, Fleiss of more)": "kappa",
    "Gwet's AC1": "ac1",
}
_SEVERITY = "severity, "


def agreement_facts(found: Agreement) -> tuple[str, Sequence[Row]] | None:
    """Return the coefficients to read first, and whose they are.

    Among the labelers where there are several, else of the one with the judge.
    """
    first = found.overall or next(iter(found.with_judge), None)
    if first is None:
        return None
    whose = "Among the labelers" if found.overall else _and(first.raters)
    return f"{whose}, on {first.n:,} transcripts", [
        (name, getattr(first, field)) for name, field in _presence(first)
    ]


def all_pairs(found: Agreement) -> Grid | None:
    """Return every coefficient of presence, unless `agreement_facts` has them all."""
    rows = [
        (who, [str(one.n), *(getattr(one, field) for field in _PRESENCE.values())])
        for who, one in _groups(found)
    ]
    return Grid(("Who", "n", *_PRESENCE), rows).slim if len(rows) > 1 else None


def severity_pairs(found: Agreement) -> Grid:
    """Return every coefficient of severity."""
    listed = [
        (who, dict(one.severity.rows()))
        for who, one in _groups(found)
        if one.severity is not None
    ]
    names = list(dict.fromkeys(name for _, told in listed for name in told))
    rows = [(who, [told.get(name) for name in names]) for who, told in listed]
    head = ("Who", *(name.removeprefix(_SEVERITY) for name in names))
    return Grid(head, rows).slim


def paradoxes(found: Agreement) -> Sequence[tuple[str, str]]:
    """Return where kappa and AC1 part, and between whom."""
    return [(who, one.paradox) for who, one in _groups(found) if one.paradox]


def stand_in_prose(found: StandIn) -> Sequence[str]:
    """Return what is said of it, without what stands in its chart and table."""
    head, _, *rest = found.lines()
    rows = tuple(f"  {one.labeler or '(no name)'}: " for one in found.labelers)
    drawn = (
        ("Difference of alpha:", "Caution:")
        if found.difference.value is not None
        else ()
    )
    return [head, *(line for line in rest if not line.startswith((*rows, *drawn)))]


def seats(found: StandIn) -> Grid:
    """Return how each labeler agrees with the judge, and with the other labelers."""
    rows: list[tuple[str, Sequence[Estimate | str | None]]] = [
        (
            one.labeler or "(no name)",
            (
                f"{one.n:,}",
                _three(one.alpha_with_judge),
                _three(one.alpha_with_others),
                one.left_out or "tested",
            ),
        )
        for one in found.labelers
    ]
    if found.difference.value is not None:
        n = f"{found.transcripts:,}"
        rows.append(("mean", (n, found.with_judge, found.among_labelers, "")))
    return Grid(
        ("Labeler", "n", "Alpha with the judge", "With the others", "Annotator test"),
        rows,
    )


def _presence(one: Coefficients) -> Iterator[tuple[str, str]]:
    kappa = f"{'Cohen' if len(one.raters) == 2 else 'Fleiss'} kappa"
    for name, field in _PRESENCE.items():
        yield (kappa if field == "kappa" else name), field


def _groups(found: Agreement) -> Iterator[tuple[str, Coefficients]]:
    """Yield the labelers together, then each two, with the judge, with themselves."""
    if found.overall is not None:
        yield "all labelers", found.overall
    pairs = found.pairs if len(found.pairs) > 1 else ()
    for one in (*pairs, *found.with_judge, *found.again):
        yield _and(one.raters), one


def _and(names: Sequence[str]) -> str:
    told = [name or "(no name)" for name in names]
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _three(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
