"""A part's text as the page shows it, and the way back from a selection to the text.

What nobody could see is shown as its escape, so the page's text is longer than the
transcript's.  The browser counts in the page's text; evidence counts in the
transcript's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

from judge.reports.visible import escape, towering, visible

__all__ = ["Shown"]


@dataclass(frozen=True)
class Shown:
    """``text`` of a part; places in what is shown of it lead back to places in it."""

    text: str

    @cached_property
    def page(self) -> str:
        """What the page shows: every character seen, line breaks as they are."""
        if self._plain:
            return self.text
        if self._over:
            return "".join(self._pieces())
        # A browser makes one line break of CR LF; so must what it counts in.
        return self.text.replace("\r\n", "\n").translate(_SEEN)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        r"""Return what a stretch of the page is of the text; None if it is none.

        A stretch that begins or ends inside an escape takes in the whole character.

        Examples
        --------
        >>> shown = Shown("a\x1bb")
        >>> shown.page, shown.span(1, 3), shown.span(0, 99)
        ('a\\x1bb', (1, 2), None)
        """
        if not 0 <= start < end <= len(self.page):
            return None
        ends = self._ends
        first = _first_over(ends, start)
        last = _first_over(ends, end - 1)
        return first, last + 1

    def on_page(self, start: int, end: int) -> tuple[int, int]:
        """Return where on the page a stretch of the text stands."""
        ends = self._ends
        return (ends[start - 1] if start else 0), ends[end - 1]

    @cached_property
    def _ends(self) -> Sequence[int]:
        """Where on the page each character of the text ends."""
        if self._plain:
            return range(1, len(self.text) + 1)
        return list(accumulate(map(len, self._pieces())))

    @cached_property
    def _over(self) -> frozenset[int]:
        return towering(self.text)

    @property
    def _plain(self) -> bool:
        return self.text.isprintable() and not self._over

    def _pieces(self) -> Iterator[str]:
        """What each character is shown as."""
        following = chain(self.text[1:], [""])
        pairs = zip(self.text, following, strict=True)
        for place, (char, after) in enumerate(pairs):
            if place in self._over:
                yield escape(char)
            else:
                yield "" if char == "\r" and after == "\n" else _SEEN[ord(char)]


class _Seen(dict[int, str]):
    """What each character is shown as, found out once."""

    def __missing__(self, code: int) -> str:
        shown = "\t" if code == ord("\t") else visible(chr(code), lines=True)
        self[code] = shown
        return shown


_SEEN = _Seen()


def _first_over(ends: Sequence[int], place: int) -> int:
    """The first character that ends after a place on the page."""
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        if ends[middle] > place:
            high = middle
        else:
            low = middle + 1
    return low
