"""The figures of the lead's page, worked out in a thread of their own and kept.

Intervals of many labelers take seconds, in which labelers go on labeling.  So nobody
waits for them: a page is given what is known, and asks again.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from judge.desk.desk import Desk
from judge.desk.standing import Standing, standing_of
from judge.errors import JudgeError

__all__ = ["Figures", "Known"]

THREAD = "figures of the desk"


class Known(NamedTuple):
    """What is known by now."""

    standing: Standing | None
    """None before it was first worked out."""
    working: bool
    """Whether newer figures are on their way."""
    failed: str = ""
    """Why there are no newer ones."""


class Figures:
    """Figures of a desk, worked out again when a label was added."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._standing: Standing | None = None
        self._last = -1
        """The entry up to which they are worked out."""
        self._working = False
        self._failed = ""

    def known(self) -> Known:
        """Return what is known, and begin with what is not."""
        with self._lock:
            if self._working:
                return Known(self._standing, working=True)
            if failed := self._failed:
                self._failed = ""  # said once: who asks again, has it tried again
                return Known(self._standing, working=False, failed=failed)
        last = self._desk.ledger.last_label
        with self._lock:
            if last != self._last and not self._working:
                self._working = True
                threading.Thread(
                    target=self._work, args=(last,), name=THREAD, daemon=True
                ).start()
            return Known(self._standing, working=self._working)

    def _work(self, last: int) -> None:
        failed = "The figures could not be worked out; the terminal says why."
        try:
            self._standing = standing_of(self._desk)
            self._last = last
            failed = ""
        except JudgeError as error:
            failed = str(error)
        finally:
            with self._lock:
                self._failed = failed
                self._working = False
