"""What every result has in common: it can be told, and it can be kept."""

from __future__ import annotations

import html
from typing import Any

from judge.provenance import Frozen

__all__ = ["Told", "counted", "p_text"]


class Told(Frozen):
    """Base of results: immutable, with `lines` of plain text and a dict for JSON."""

    def lines(self) -> list[str]:
        """Return plain text, the conclusion first."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def p_text(p_value: float) -> str:
    """Return a p-value as it is written everywhere.

    Examples
    --------
    >>> p_text(0.0312), p_text(0.00001)
    ('p 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p_value < 0.001 else f"p {p_value:.3f}"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "label"), counted(2000, "label")
    ('1 label', '2,000 labels')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
