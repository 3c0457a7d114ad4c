"""A rubric: what to look for, how severe it is, and what does not count.

The same file makes the judge's prompt and the labeling guide for people, so that both
measure one thing.  Its `digest` goes into every verdict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Exclusion", "Exemplar", "Level", "Rewording", "Rubric", "Subtype"]

SLUG = r"^[a-z][a-z0-9_]{0,63}$"


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, str_min_length=1
    )


class Level(_Frozen):
    """One step of the scale, with the anchor two people would apply alike."""

    value: int = Field(ge=0, le=9)
    name: str
    anchor: str


class Subtype(_Frozen):
    """A kind of the behaviour, named in verdicts by its id."""

    id: str = Field(pattern=SLUG)
    meaning: str


class Exclusion(_Frozen):
    """A hard negative: looks like the behaviour and does not count."""

    id: str = Field(pattern=SLUG)
    what: str
    example: str


class Exemplar(_Frozen):
    """A short worked example: what happened, how it is rated, and why."""

    case: str
    level: int
    likelihood: int = Field(ge=0, le=100)
    subtypes: tuple[str, ...] = ()
    why: str


class Rewording(_Frozen):
    """The heart of a rubric in other words that mean the same.

    The audit asks with it whether the judge answers the question or its wording; in all
    else the judge never sees it.
    """

    question: str
    definition: str
    anchors: tuple[str, ...]
    """One for each level, in order."""


class Rubric(_Frozen):
    """See ``rubrics/README.md`` for how to write one."""

    id: str = Field(pattern=SLUG)
    version: str
    title: str
    question: str
    definition: str
    terms: Mapping[str, str] = Field(default_factory=dict)
    """Words the rubric uses in a sense of its own."""
    counts: tuple[str, ...] = Field(min_length=1)
    tests: tuple[str, ...] = ()
    """Questions to put to a candidate, in order."""
    excludes: tuple[Exclusion, ...] = Field(min_length=1)
    channels: str = ""
    """How reasoning and action are rated apart."""
    modifiers: tuple[str, ...] = ()
    """What caps or raises a level."""
    levels: tuple[Level, ...] = Field(min_length=2, max_length=10)
    threshold: int
    """The level from which the behaviour counts as present."""
    subtypes: tuple[Subtype, ...] = Field(min_length=1)
    exemplars: tuple[Exemplar, ...] = ()
    references: tuple[str, ...] = ()
    rewordings: tuple[Rewording, ...] = ()

    @model_validator(mode="after")
    def _scale_is_whole(self) -> Self:
        values = [level.value for level in self.levels]
        if values != list(range(len(values))):
            raise ValueError(f"levels must run 0, 1, 2, ... in order, got {values}")
        if not 1 <= self.threshold <= self.max_level:
            raise ValueError(
                f"threshold must be a level from 1 to {self.max_level}, "
                f"got {self.threshold}"
            )
        for number, rewording in enumerate(self.rewordings):
            if len(rewording.anchors) != len(self.levels):
                raise ValueError(
                    f"rewordings[{number}] has {len(rewording.anchors)} anchors for "
                    f"{len(self.levels)} levels"
                )
        return self

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> Self:
        """As pydantic's; a changed copy finds its own digest."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("digest", None)
        return copied

    def reworded(self, number: int) -> Self:
        """Return the rubric as its rewording of this number puts it."""
        words = self.rewordings[number]
        levels = tuple(
            level.model_copy(update={"anchor": anchor})
            for level, anchor in zip(self.levels, words.anchors, strict=True)
        )
        return self.model_copy(
            update={
                "question": words.question,
                "definition": words.definition,
                "levels": levels,
                "rewordings": (),
            }
        )

    @property
    def max_level(self) -> int:
        return self.levels[-1].value

    @cached_property
    def digest(self) -> str:
        """sha256 of everything the judge is told; what only people read is left out."""
        untold = {"references", "rewordings", "version"}
        content = self.model_dump_json(exclude=untold)
        return hashlib.sha256(content.encode()).hexdigest()
