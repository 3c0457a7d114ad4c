"""One label: what one labeler says of one transcript under one rubric.

``source`` says who it was: a ``human`` rater, the ``author`` who wrote the transcript
to be so, or a ``model``.  Only the first is ever called human.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isnan
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from judge.errors import UsageError

__all__ = ["ADJUDICATORS", "Label", "LabelSource", "as_label", "as_labels"]

LabelSource = Literal["human", "author", "model"]
ADJUDICATORS = frozenset({"adjudicated", "adjudicator", "consensus", "gold"})
"""Names of labelers who settle what others said, and so are no raters themselves."""
_SPELLINGS = {
    "present": ("1", "1.0", "true", "yes", "y", "positive"),
    "absent": ("0", "0.0", "false", "no", "n", "negative"),
    "unsure": ("?", "maybe", "either", "could be either"),
}
_LABEL_OF = {other: name for name, others in _SPELLINGS.items() for other in others}
_SHOWN = 80


class Label(BaseModel):
    """What one labeler says of one transcript under one rubric."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    transcript: str = Field(min_length=1)
    rubric: str = Field(min_length=1)
    labeler: str = ""
    label: Literal["present", "absent", "unsure"]
    """Also read: 1, true, yes and 0, false, no, in any case."""
    severity: int | None = Field(default=None, ge=0, le=9)
    """On the rubric's scale; None where none was given."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """How sure the labeler says they are."""
    soft: float | None = Field(default=None, ge=0, le=1)
    """Share of careful readers expected to say present, where it was estimated."""
    source: LabelSource
    inclusion: float | None = Field(default=None, gt=0, le=1)
    """The probability with which the transcript was drawn for labeling."""
    occasion: int = Field(default=1, ge=1)
    """Counts a labeler's answers to the same transcript."""
    anchored: bool = False
    """Made with a suggested answer in view: agreement with it proves little."""
    time: str = ""
    """When, as ISO 8601."""
    scenario: str = ""
    """What transcripts that belong together share."""
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

    @field_validator("label", mode="before")
    @classmethod
    def _spelled(cls, value: object) -> object:
        if isinstance(value, bool | int | float | str):
            told = str(value).strip().casefold()
            return _LABEL_OF.get(told, told)
        return value

    @field_validator("subtypes", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

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


def as_labels(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    rubric: str | None = None,
    source: LabelSource | None = None,
) -> Iterator[Label]:
    """Yield a label for each row, ``(where it stands, its cells)``.

    Parameters
    ----------
    rubric, source
        What rows are about and who made them, where they do not say.

    Raises
    ------
    UsageError
        Names the place, the field and the value.
    """
    seen: dict[tuple[str, str, str], int] = {}
    for where, row in rows:
        label = as_label(row, where, rubric=rubric, source=source)
        key = (label.transcript, label.rubric, label.labeler)
        seen[key] = max(seen.get(key, 0) + 1, label.occasion)
        if label.occasion != seen[key]:
            label = label.model_copy(update={"occasion": seen[key]})
        yield label


def as_label(
    row: Mapping[str, Any],
    where: str,
    *,
    rubric: str | None = None,
    source: LabelSource | None = None,
) -> Label:
    """Return the label of one row; empty cells count as not given."""
    defaults = {"rubric": rubric, "source": source}
    cells = {key: value for key, value in defaults.items() if value is not None}
    cells |= {key: _cell(value) for key, value in row.items() if not _empty(value)}
    try:
        return Label.model_validate(cells)
    except ValidationError as error:
        raise UsageError(f"{where}, {_told(error, cells)}") from error


def _told(error: ValidationError, cells: Mapping[str, Any]) -> str:
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"])) or "the row"
    if first["type"] == "missing":
        remedy = {
            "source": "; say who labelled: human, author or model (source=...)",
            "rubric": "; say which rubric the labels are for (rubric=...)",
        }
        return f"{field} is not given{remedy.get(field, '')}"
    shown = repr(cells.get(str(first["loc"][0]) if first["loc"] else "", cells))
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return f"{field}: {first['msg']}, got {shown}"


def _cell(value: Any) -> Any:
    """A cell as pydantic reads it: numpy's numbers as Python's, text without edges."""
    if isinstance(value, str):
        return value.strip()
    plain = value.item() if hasattr(value, "item") else value
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _empty(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return not (value or "").strip()
    if type(value).__name__ in ("NAType", "NaTType"):  # without importing pandas
        return True
    return isinstance(value, float) and isnan(value)
