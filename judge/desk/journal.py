"""All entries of a ledger, each read once: the lead's pages ask for all of them."""

from __future__ import annotations

import threading

from judge.labels.ledger.answer import Entry
from judge.labels.ledger.ledger import Ledger

__all__ = ["Journal"]


class Journal:
    """Entries as they come; none is ever changed, so those known stay as they are."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._entries: tuple[Entry, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        """Return all there are, oldest first.

        Raises
        ------
        StoreError
            If the label file cannot be read.
        """
        with self._lock:
            last = self._entries[-1].entry if self._entries else 0
            new = tuple(self._ledger.entries(after=last))
            if new:
                self._entries += new
            return self._entries
