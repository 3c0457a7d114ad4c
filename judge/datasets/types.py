"""What a public set is: where it comes from, and what its labels say and do not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judge.transcripts.types import Transcript

__all__ = ["ORIGIN", "Annotation", "Dataset", "Item", "RawFile", "Step"]

ORIGIN = "https://raw.githubusercontent.com"
"""Serves ``/OWNER/REPOSITORY/COMMIT/PATH``; a mirror must use the same paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """A file at its origin, as it must arrive: byte for byte."""

    path: str
    """In the repository."""
    size: int
    """In bytes."""
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a set's own scale, and what it becomes in the labels."""

    severity: int
    label: Literal["present", "absent"]
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public set labelled by people, pinned to one commit."""

    id: str
    title: str
    repository: str
    """``OWNER/REPOSITORY`` on GitHub."""
    commit: str
    files: tuple[RawFile, ...]
    licence: str
    licence_url: str
    licence_note: str
    citation: str
    construct: str
    """What was labelled; the rubric's id in the labels, none of the shipped three."""
    scale: tuple[Step, ...]
    items: int
    labels: int
    labelled_by: str
    means: str
    means_not: str
    """What the labels do not say of deception, coercion and self-preservation."""

    def url(self, file: RawFile, *, base_url: str = ORIGIN) -> str:
        """Where a file is fetched from."""
        return f"{base_url.rstrip('/')}/{self.repository}/{self.commit}/{file.path}"

    @property
    def home(self) -> str:
        """The page of the set at the pinned commit, for people."""
        return f"https://github.com/{self.repository}/tree/{self.commit}"

    @property
    def size(self) -> int:
        """Bytes of all its files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What one labeler said of one item, once."""

    labeler: str
    step: Step
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A transcript with all its annotations, repeats of one labeler among them."""

    transcript: Transcript
    annotations: tuple[Annotation, ...]
    unlabelled: int = 0
    """Places where a labeler is named or foreseen and left no label."""
