"""Labels in long form: one row a transcript, rubric and labeler.

``source`` says who it was: a ``human`` rater, the ``author`` who wrote the transcript
to be so, or a ``model``.  Only the first is ever called human.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from judge.errors import UsageError

__all__ = ["Label", "LabelSource", "read_labels"]

LabelSource = Literal["human", "author", "model"]
REQUIRED = ("transcript", "rubric", "label", "source")


class Label(BaseModel):
    """What one labeler says of one transcript under one rubric."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    transcript: str = Field(min_length=1)
    rubric: str = Field(min_length=1)
    labeler: str = ""
    label: Literal["present", "absent", "unsure"]
    severity: int | None = Field(default=None, ge=0, le=9)
    """On the rubric's scale; None where none was given."""
    soft: float | None = Field(default=None, ge=0, le=1)
    """Share of careful readers expected to say present, where it was estimated."""
    source: LabelSource
    subtypes: tuple[str, ...] = ()
    locus: str = ""
    initiative: str = ""
    stance: str = ""
    hard_negative: str = ""
    """The rubric's exclusion that a negative was written to look guilty by."""
    pair: str = ""
    """Names the minimal pair the transcript is half of."""
    message: int | None = Field(default=None, ge=1)
    """The message that holds ``span``."""
    span: str = ""
    """The AI's own words that decide, or look as if they did."""
    note: str = ""

    @property
    def present(self) -> bool | None:
        return {"present": True, "absent": False}.get(self.label)

    @property
    def clear(self) -> bool:
        """Whether it is far from the threshold and no careful reader would differ."""
        if self.severity is None or self.label == "unsure":
            return False
        agreed = self.soft is None or abs(self.soft - (self.label == "present")) <= 0.1
        return agreed and (self.severity >= 3 or self.severity == 0)


def read_labels(path: str | Path) -> tuple[Label, ...]:
    """Read labels from a CSV file in long form.

    Columns ``transcript``, ``rubric``, ``label`` and ``source`` are required; those of
    `Label` are kept, others are ignored, and empty cells count as not given.

    Raises
    ------
    UsageError
        Names the file, the line, the column and the value.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [
                name for name in REQUIRED if name not in (reader.fieldnames or ())
            ]
            if missing:
                raise UsageError(
                    f"{path} is no label file: it has no column {', '.join(missing)}"
                )
            return tuple(_labels(reader, path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as labels: {error}") from error


def _labels(reader: csv.DictReader[str], path: str | Path) -> Iterator[Label]:
    for row in reader:
        try:
            yield Label.model_validate(_given(row))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the row"
            raise UsageError(
                f"{path}, line {reader.line_num}, {where}: {first['msg']}, got "
                f"{first['input']!r}"
            ) from error


def _given(row: Mapping[str | None, str | list[str] | None]) -> dict[str, object]:
    given: dict[str, object] = {
        key: value.strip()
        for key, value in row.items()
        if key is not None and isinstance(value, str) and value.strip()
    }
    if isinstance(told := given.get("subtypes"), str):
        given["subtypes"] = tuple(told.split())
    return given
