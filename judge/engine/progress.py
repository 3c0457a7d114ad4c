"""A progress bar where somebody watches: a terminal or a notebook."""

from __future__ import annotations

import sys
from typing import Any

from judge.engine.tally import Tally

__all__ = ["Progress"]


class Progress:
    """``show=None`` decides by whether standard error is a terminal, or a notebook."""

    def __init__(self, total: int | None, *, show: bool | None) -> None:
        shown = _watched() if show is None else show
        self._bar: Any = _bar(total) if shown else None

    def advance(self, tally: Tally) -> None:
        """Count one transcript, and say what it came to so far."""
        if self._bar is None:
            return
        cost = "?" if tally.cost_usd is None else f"{tally.cost_usd:.3f}"
        told = f"${cost}, {tally.unscored} unscored"
        self._bar.set_postfix_str(told, refresh=False)
        self._bar.update(1)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar(total: int | None) -> Any:
    # Loaded only for who watches: in a notebook without widgets it warns.
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="transcript", desc="judging")


def _watched() -> bool:
    in_notebook = "ipykernel" in sys.modules
    return in_notebook or sys.stderr.isatty()
