"""What a labeler gives for a transcript, and the entries that a ledger keeps of it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from judge.provenance import Frozen
from judge.verdict import Evidence, Initiative, Locus, Stance

__all__ = ["Answer", "Entry", "EntryKind", "Remark"]

EntryKind: TypeAlias = Literal[
    "answer", "skip", "flag", "unflag", "settle", "gap", "ungap"
]
"""``answer``: a label; ``skip``: not now; ``flag``: to be discussed; ``settle``: what
an adjudicator decided; ``gap``: the rubric does not say, by clause; ``ungap``: the gap
of the same words is taken back."""


class Answer(Frozen):
    """One labeler's label of one transcript."""

    label: Literal["present", "absent", "unsure"]
    severity: int | None = Field(default=None, ge=0, le=9)
    """On the rubric's scale; None where they only said present or absent."""
    subtypes: tuple[str, ...] = ()
    locus: Locus = "none"
    initiative: Initiative = "none"
    stance: Stance = "genuine"
    confidence: float | None = Field(default=None, ge=0, le=1)
    note: str = Field(default="", max_length=20_000)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=200)
    """What they marked, each looked up in the transcript as the judge's quotes are."""


class Remark(Frozen):
    """Why something was flagged, settled so, or is a gap in the rubric."""

    why: str = Field(default="", max_length=20_000)
    clause: str = Field(default="", max_length=200)
    """The rubric's clause that a gap is in, such as ``excludes.role_play``."""
    answer: Answer | None = None
    """What an adjudicator decided."""


class Entry(Frozen):
    """One line of the ledger; entries are added, never changed."""

    entry: int
    labeler: str
    transcript: str
    occasion: int
    kind: EntryKind
    body: Answer | Remark
    seconds: float | None
    """How long they took, where it was measured."""
    time: str
    """When, ISO 8601, UTC."""
