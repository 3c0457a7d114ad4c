"""The figures of the lead's page, worked out in a thread of their own and kept.

Intervals of many labelers take seconds, in which labelers go on labeling.  So nobody
waits for them: a page is given what is known, and asks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import NamedTuple

from judge.desk.desk import Desk
from judge.desk.standing import Standing, standing_of
from judge.errors import JudgeError

__all__ = ["Figures", "Known"]

THREAD = "figures of the desk"
LONG = 1.0
"""Seconds of work after which there is a pause as long."""


class Known(NamedTuple):
    """What is known by now."""

    standing: Standing | None
    """None before it was first worked out."""
    working: bool
    """Whether newer figures are on their way."""
    failed: str = ""
    """Why there are no newer ones."""
    upto: int = -1
    """The ledger's entry up to which they are worked out."""


class _Basis(NamedTuple):
    """What figures were worked out from."""

    last: int
    hidden: frozenset[str]


class Figures:
    """Figures for one person, worked out again when a label was added.

    Parameters
    ----------
    clock
        Seconds from any beginning.
    """

    def __init__(
        self, desk: Desk, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._lock = threading.Lock()
        self._standing: Standing | None = None
        self._basis = _Basis(-1, frozenset())
        self._working = False
        self._failed = ""
        self._rested = 0.0
        """When they may be worked out again."""

    def known(self, hidden: Collection[str] = ()) -> Known:
        """Return what is known, and begin with what is not.

        Parameters
        ----------
        hidden
            Transcripts whose labels this person is not to see yet.
        """
        with self._lock:
            if self._working:
                return self._told(working=True)
            if failed := self._failed:
                self._failed = ""  # said once: who asks again, has it tried again
                return self._told(working=False)._replace(failed=failed)
        basis = _Basis(self._desk.ledger.last_label, frozenset(hidden))
        with self._lock:
            stale = basis != self._basis
            rested = self._standing is None or self._clock() >= self._rested
            if stale and rested and not self._working:
                self._working = True
                threading.Thread(
                    target=self._work, args=(basis,), name=THREAD, daemon=True
                ).start()
            return self._told(working=self._working or stale)

    def _told(self, *, working: bool) -> Known:
        return Known(self._standing, working=working, upto=self._basis.last)

    def _work(self, basis: _Basis) -> None:
        failed = "The figures could not be worked out; the terminal says why."
        began = self._clock()
        try:
            self._standing = standing_of(self._desk, basis.hidden)
            self._basis = basis
            failed = ""
        except JudgeError as error:
            failed = str(error)
        finally:
            took = self._clock() - began
            with self._lock:
                # Labelers wait for the same processor: it is theirs half of the time.
                self._rested = began + 2 * took if took > LONG else 0.0
                self._failed = failed
                self._working = False
