"""The desk's pages: escaped templates, one script, one style, nothing from outside."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from judge.desk.access import policy
from judge.reports.charts import chart_style
from judge.reports.visible import visible

__all__ = ["Pages"]

# Joined in this order to the one script that every page has.
_SCRIPTS = (
    "page.js", "keeper.js", "spans.js", "marks.js", "reading.js", "selecting.js",
    "search.js", "wrapping.js", "form.js", "kinds.js", "gaps.js", "side.js",
    "answering.js", "keys.js", "label.js", "lead.js",
)  # fmt: skip
# What could end the element or begin another inside it; JSON reads all of them back.
_INERT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"}


class Pages:
    """Renders templates of ``templates/`` with the script and style of ``static/``."""

    def __init__(self) -> None:
        self._script = "\n".join(_file("static", name) for name in _SCRIPTS)
        styles = _file("static", "desk.css"), chart_style(), _file("static", "lead.css")
        self._style = "\n".join(styles)
        self._environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FunctionLoader(lambda name: _file("templates", name)),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(one_line=_one_line, lines=_lines, json=_json)
        self._environment.globals.update(
            script=Markup(self._script),  # noqa: S704 # our own file
            style=Markup(self._style),  # noqa: S704 # as above
        )

    @property
    def policy(self) -> str:
        """The content security policy that lets in just these two."""
        return policy(script=self._script, style=self._style)

    def page(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template."""
        text = self._environment.get_template(name).render(**values)
        return HTMLResponse(text, status_code=status)

    def told(self, status: int, title: str, what: str) -> HTMLResponse:
        """Say one thing, such as why something is refused."""
        return self.page("told.html", status=status, title=title, what=what)


def _file(folder: str, name: str) -> str:
    return (files("judge.desk") / folder / name).read_text("utf-8")


def _one_line(text: object) -> str:
    return visible(str(text))


def _lines(text: object) -> str:
    return visible(str(text), lines=True)


def _json(value: object) -> Markup:
    """JSON for a script element that is data: no text of it can end the element."""
    text = json.dumps(value).translate(_INERT)  # ASCII, so lone surrogates are escapes
    return Markup(text)  # noqa: S704 # nothing left in it that HTML could read
