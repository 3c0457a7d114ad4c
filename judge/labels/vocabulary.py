"""What the words of a label file mean: present, absent or unsure.

A word that is not known here is never guessed at: the caller says what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judge.errors import UsageError

__all__ = ["Vocabulary", "meaning_of"]

_SPELLINGS = {
    "present": ("present", "1", "1.0", "true", "yes", "y", "positive"),
    "absent": ("absent", "0", "0.0", "false", "no", "n", "negative"),
    "unsure": (
        *("unsure", "?", "maybe", "either", "could be either", "uncertain"),
        *("not sure", "unclear", "cannot tell", "cannot_tell", "can't tell"),
    ),
}
_KNOWN = {other: name for name, others in _SPELLINGS.items() for other in others}
_OPPOSITE = {"present": "absent", "absent": "present", "unsure": "unsure"}


def meaning_of(value: object) -> object:
    """Return what a common spelling means; any other value as it is."""
    if isinstance(value, bool | int | float | str):
        told = _folded(value)
        return _KNOWN.get(told, told)
    return value


class Vocabulary:
    """The common spellings, and before them what the caller says words mean.

    Parameters
    ----------
    labels
        From a word of the file, in any case, to present, absent or unsure.
    threshold
        The severity from which the behaviour counts as present, where a file has
        severities and no labels.

    Raises
    ------
    UsageError
        If a word is said to mean anything else, or the threshold is no severity.
    """

    def __init__(
        self,
        labels: Mapping[Any, str] | None = None,
        *,
        threshold: int | None = None,
    ) -> None:
        self.threshold = _checked(threshold)
        self._said: dict[str, str] = {}
        for word, meaning in _items(labels):
            known = _KNOWN.get(_folded(meaning))
            if known is None:
                raise UsageError(
                    f"labels={{{word!r}: {meaning!r}}}: a word means 'present', "
                    "'absent' or 'unsure'"
                )
            self._said[_folded(word)] = known

    def said(self, word: object) -> str | None:
        """What the caller says a word means; None where they say nothing."""
        if not self._said or not isinstance(word, bool | int | float | str):
            return None
        return self._said.get(_folded(word))

    def read(self, value: object) -> object:
        """What a value means, or the value itself where that is not known."""
        return self.said(value) or meaning_of(value)

    def opposite(self, meaning: str) -> str:
        return _OPPOSITE[meaning]

    def cells(self, answer: object) -> dict[str, object]:
        """Return an answer as a label, or as a severity where the threshold says so.

        For formats whose one answer may be either.
        """
        if self.threshold is not None and self.said(answer) is None:
            told = _folded(answer).removesuffix(".0")
            if told.isdecimal() and told.isascii():
                return {"severity": told}
        return {"label": answer}


def _items(labels: Mapping[Any, str] | None) -> list[tuple[Any, str]]:
    if labels is not None and not isinstance(labels, Mapping):
        raise UsageError(
            f"labels={labels!r}: give a mapping from the file's words to 'present', "
            "'absent' or 'unsure'"
        )
    return list((labels or {}).items())


def _checked(threshold: int | None) -> int | None:
    if threshold is None or (type(threshold) is int and 1 <= threshold <= 9):
        return threshold
    raise UsageError(f"threshold={threshold!r}: give a severity from 1 to 9")


def _folded(value: object) -> str:
    return str(value).strip().casefold()
