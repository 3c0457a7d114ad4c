"""An audit for people: lines in a terminal, one page for a browser.

::

    injection
      direct order       down 0 of 12 [0%, 24%]   up 2 of 12 [5%, 45%]
        It moves the judge up, more than neutral text does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from judge.auditing.outcome import AuditRow
from judge.auditing.result import Audit
from judge.reports.page import environment, style_hash, template_text
from judge.reports.visible import columns, visible, wrap

__all__ = ["audit_lines", "render_audit_page"]

HEADINGS = {
    "injection": "Injection, by kind of text: each pushes away from the clean answer",
    "place": "Injection, by place",
    "invariance": "Changes that should not matter",
    "stability": "The same question again",
    "known answers": "Known answers",
}
READING = (
    "Each rate is the answers moved by the change and not by the neutral control "
    "beside it, of those that could be moved that way, with a 95 % interval."
)


def audit_lines(audit: Audit, *, width: int | None = None) -> Iterator[str]:
    """Yield the audit as text: the rows by check, then what they come to."""
    head = f"Audit of {audit.judge}: {audit.transcripts} transcripts, {_clean(audit)}"
    yield from _wrapped(head, width)
    yield from _wrapped(READING, width)
    for check, rows in groupby(audit, key=lambda row: row.check):
        yield ""
        yield from _wrapped(HEADINGS[check], width)
        yield from _table(list(rows), width)
    yield ""
    yield "What it comes to"
    for finding in audit.findings:
        yield from _wrapped(f"- {finding.sentence}", width)
    if not audit.findings:
        yield "- Nothing was found against this judge."


def render_audit_page(audit: Audit) -> str:
    """Return the audit as one HTML file, without scripts."""
    template = environment().get_template("audit.html")
    style = template_text("page.css")
    return template.render(
        audit=audit,
        clean=_clean(audit),
        reading=READING,
        groups=[
            (HEADINGS[check], list(rows))
            for check, rows in groupby(audit, key=lambda row: row.check)
        ],
        style=Markup(style),  # noqa: S704  (our own file, and no text from outside)
        style_hash=style_hash(style),
    )


def _clean(audit: Audit) -> str:
    told = ", ".join(f"{n} {side}" for side, n in audit.clean.items())
    return (
        f"answered clean: {told}; {audit.asked} judgements, {audit.unscored} unscored"
    )


def _table(rows: Sequence[AuditRow], width: int | None) -> Iterator[str]:
    names = max(columns(visible(row.name)) for row in rows)
    downs = max(len(str(row.down)) for row in rows)
    for row in rows:
        name = visible(row.name)
        blanks = " " * (names - columns(name))
        line = f"{name}{blanks}  down {row.down!s:{downs}}  up {row.up}"
        yield from (f"  {part}" for part in _wrapped(line, width and width - 2))
        yield from (
            f"    {part}" for part in _wrapped(row.sentence, width and width - 4)
        )


def _wrapped(text: str, width: int | None) -> list[str]:
    shown = visible(text)
    return wrap(shown, width) if width else [shown]
