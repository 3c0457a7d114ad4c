r"""Text from outside as a terminal or a page may show it: every character seen.

Transcripts, ids, replies and error messages are hostile.  A character that could move
the cursor, change the terminal's title, turn the direction of writing or hide is shown
as its escape (``\x1b``, ``\u202e``); what is left only takes up room.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain

__all__ = [
    "columns",
    "escape",
    "fit",
    "inert",
    "towering",
    "visible",
    "wrap",
    "wrap_slices",
]

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_JOINERS = "\u200c\u200d"  # invisible, but words and emoji fall apart without them
_NO_ROOM = frozenset({"Mn", "Me", "Cf"})
_WIDE = frozenset("WF")
_CUT = "..."
_TOWER = 30
"""Marks on one letter: more are in no language (Unicode's stream-safe text), and a
browser hangs on the hundred thousand that somebody may put there."""
_COMMANDS = ("::", "##[", "##vso[", "##teamcity[")


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return ``text`` with whatever is not plainly visible as an escape.

    Parameters
    ----------
    lines
        Whether line breaks are meant and stay; tabs then become four blanks.

    Examples
    --------
    >>> visible("\x1b[2Jall\nfine")
    '\\x1b[2Jall\\nfine'
    """
    over = towering(text)
    if text.isprintable() and not over:
        return text
    if lines:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
        over = towering(text)
    return "".join(
        escape(char) if place in over else _shown(char, lines=lines)
        for place, char in enumerate(text)
    )


def towering(text: str) -> frozenset[int]:
    """Return the places of marks that stand on thirty others: they hide the letter.

    Examples
    --------
    >>> sorted(towering("e" + 32 * "\u0301"))
    [31, 32]
    """
    found: set[int] = set()
    end = 0
    # As many in a row as are too many hold one place of these, wherever they begin.
    for place in range(0, 0 if text.isascii() else len(text), _TOWER + 1):
        if place < end or text[place] not in _marks():
            continue
        start = end = place
        while start and text[start - 1] in _marks():
            start -= 1
        while end < len(text) and text[end] in _marks():
            end += 1
        found.update(range(start + _TOWER, end))
    return frozenset(found)


@cache
def _marks() -> frozenset[str]:
    """What stands on a letter, joins it to others, or colours its skin."""
    chars = map(chr, chain(range(0x300, 0x1F000), range(0xE0100, 0xE01F0)))
    marks = (char for char in chars if unicodedata.category(char) in {"Mn", "Me"})
    return frozenset(chain(marks, _JOINERS, map(chr, range(0x1F3FB, 0x1F400))))


def _shown(char: str, *, lines: bool) -> str:
    if char.isprintable() or char in _JOINERS or unicodedata.category(char) == "Zs":
        return char
    if char == "\n" and lines:
        return char
    return _NAMED.get(char) or escape(char)


def escape(char: str) -> str:
    """Return a character as an escape of Python's, whether it can be seen or not."""
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def inert(line: str) -> str:
    """Return a line that a build server cannot take for a command to itself.

    They read the output of what they run: ``::error::`` and ``##[error]`` at the start
    of a line, blanks before it or not, are orders there.

    Examples
    --------
    >>> inert("  ::error::all is lost")
    "  '::error::all is lost"
    """
    text = line.lstrip()
    if not text.startswith(_COMMANDS):
        return line
    return f"{line[: len(line) - len(text)]}'{text}"


def columns(text: str) -> int:
    """Return how many columns of a terminal a visible text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in _NO_ROOM:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def fit(text: str, room: int) -> str:
    """Cut a visible text that takes more than ``room`` columns, and mark the cut.

    Examples
    --------
    >>> fit("a long name", 8)
    'a lon...'
    """
    if columns(text) <= room:
        return text
    kept, taken = "", len(_CUT)
    for char in text:
        taken += _columns_of(char)
        if taken > room:
            break
        kept += char
    return kept + _CUT[: max(room, 0)]


def wrap(text: str, room: int, *, indent: str = "") -> list[str]:
    """Break a visible text into lines of at most ``room`` columns, at blanks.

    ``indent`` stands before every line but the first.
    """
    slices = wrap_slices(text, room, later=room - len(indent))
    return [
        text[start:end] if start == 0 else indent + text[start:end]
        for start, end in slices
    ]


def wrap_slices(
    text: str, room: int, *, later: int | None = None
) -> Iterator[tuple[int, int]]:
    """As `wrap`, as places in the text: what is marked in it can still be found.

    A word longer than a line is cut: left to the terminal, its rest would stand at the
    beginning of a line and could pass for one of ours.  ``later`` is the room of every
    line but the first, where it differs.
    """
    room = max(room, 2)  # a wide character must fit
    start, last_blank, taken = 0, -1, 0
    for place, char in enumerate(text):
        if char == " ":
            last_blank = place
        taken += _columns_of(char)
        if taken <= room:
            continue
        end = last_blank if last_blank > start else place
        yield start, end
        start = end + 1 if text[end] == " " else end
        taken = columns(text[start : place + 1])
        room = max(room if later is None else later, 2)
    if start < len(text):
        yield start, len(text)
