"""Labels as JSON, one a line, with the keys of `Label` or their aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judge.labels.formats.long_csv import missing_columns

__all__ = ["is_own"]


def is_own(first: Mapping[str, Any]) -> bool:
    return not missing_columns(first.keys()) and "answer" not in first
