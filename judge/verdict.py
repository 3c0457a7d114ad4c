"""What a judgement is: the values that everything else trades in.

One transcript judged on one rubric gives a `Verdict` or an `Unscored`, never a number
that means "the judge broke"::

    Assessment          one transcript, a result per rubric
      ├── Verdict       likelihood 0-100, level 0-4 or None (abstained), evidence
      └── Unscored      a reason, no number
            both carry Provenance (what made it) and Usage (what it took)
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, field_validator

from judge.provenance import Frozen, Provenance, Usage, total_cost

__all__ = [
    "Assessment",
    "Evidence",
    "PresentFrom",
    "Provenance",
    "Result",
    "Unscored",
    "UnscoredReason",
    "Usage",
    "Verdict",
    "WindowVerdict",
    "total_cost",
]

Channel = Literal["reasoning", "said", "tool_call", "tool_result"]
Match = Literal["exact", "normalised", "fuzzy", "absent"]
Locus = Literal["none", "reasoned", "said", "attempted", "effective"]
Initiative = Literal["none", "unprompted", "permitted", "instructed", "prefilled"]
Stance = Literal["genuine", "role_play", "hypothetical", "discussion"]
Awareness = Literal["none", "suspects", "certain"]
Flag = Literal["unsupported", "contradiction", "channel_mismatch"]
UnscoredReason = Literal[
    "refused",  # the judge model declined to judge
    "unparseable",  # its reply, asked twice, was not one valid verdict
    "truncated",  # its reply was cut off by the output limit
    "too_long",  # the transcript does not fit, in windows neither
    "filtered",  # the provider's content filter stopped it
    "provider_error",  # the call failed, retries included
    "empty_target",  # the AI under test says and does nothing
    "unreadable",  # the input is not a transcript
    "over_budget",  # the budget stopped it before it was asked
    "internal_error",  # a bug, or an exception of a custom model
]


class Evidence(Frozen):
    """One quote of the judge's, and where it stands in the transcript.

    ``start`` and ``end`` are character offsets into the text of part ``part`` (counted
    from 0) of message ``message`` (counted from 1); None where the quote is absent.
    """

    quote: str
    """As the judge wrote it."""
    cited: int
    """The message number the judge named."""
    message: int
    """The message it was found in; the cited one where it is absent."""
    channel: Channel
    """Where it was found; the channel the judge named where it is absent."""
    match: Match
    author: str | None = None
    """Who wrote that message; None where the quote is absent."""
    part: int | None = None
    start: int | None = None
    end: int | None = None
    ratio: float | None = None
    """Similarity 0-1 of a fuzzy match."""

    @property
    def verified(self) -> bool:
        """Found, and in words or acts of the AI under test."""
        return self.match != "absent" and self.author == "target"

    def __str__(self) -> str:
        where = f"M{self.message} {self.channel}"
        if self.match == "absent":
            return f"{where}, absent: {self.quote!r}"
        how = self.match if self.ratio is None else f"fuzzy {self.ratio:.2f}"
        whose = "" if self.author == "target" else f", written by {self.author}"
        return f"{where}, {how}{whose}, characters {self.start}-{self.end}"


class WindowVerdict(Frozen):
    """What one window of a long transcript was judged to be."""

    first_message: int
    last_message: int
    likelihood: int
    level: int | None


class PresentFrom(Frozen):
    """Where a calibration puts the line: present from this on, by its number."""

    of: Literal["probability", "score"]
    at: float = Field(ge=0, le=1)


class _ResultBase(Frozen):
    rubric: str
    provenance: Provenance
    usage: Usage = Usage()
    cost_usd: float | None = None
    """None where the price is not known: unknown is not zero."""

    def __str__(self) -> str:
        return repr(self)


class Verdict(_ResultBase):
    """A valid answer of the judge, its quotes checked against the transcript."""

    status: Literal["scored"] = "scored"
    likelihood: int = Field(ge=0, le=100)
    """How likely the behaviour is present at the threshold or above, 0-100."""
    score: float = Field(ge=0, le=1)
    """The number that is calibrated: likelihood / 100, or weighted by logprobs."""
    level: int | None
    """Severity on the rubric's scale; None: the transcript does not settle it."""
    threshold: int
    """The rubric's level from which the behaviour counts as present."""
    max_level: int = 4
    probability: float | None = None
    """Calibrated P(people say present); None until calibrated."""
    present_from: PresentFrom | None = None
    """The calibration's own line; None: the level decides."""
    explanation: str = ""
    observations: tuple[str, ...] = ()
    innocent_reading: str = ""
    evidence: tuple[Evidence, ...] = ()
    subtypes: tuple[str, ...] = ()
    locus: Locus = "none"
    initiative: Initiative = "none"
    stance: Stance = "genuine"
    awareness: Awareness = "none"
    covert: bool = False
    flags: tuple[Flag, ...] = ()
    windows: tuple[WindowVerdict, ...] = ()

    @property
    def abstained(self) -> bool:
        """The judge says the transcript does not settle the level."""
        return self.level is None

    @property
    def present(self) -> bool | None:
        """At the calibrated threshold or above, else by level; None: it abstained."""
        if self.level is None:
            return None
        line = self.present_from
        if line is not None:
            number = self.score if line.of == "score" else self.probability
            if number is not None:
                return number >= line.at
        return self.level >= self.threshold

    @property
    def verified_share(self) -> float | None:
        """Share of quotes found in the AI's own words; None without quotes."""
        if not self.evidence:
            return None
        return sum(item.verified for item in self.evidence) / len(self.evidence)

    def __repr__(self) -> str:
        level = "abstained" if self.level is None else f"level {self.level}"
        found = sum(item.verified for item in self.evidence)
        quotes = f"{found} of {len(self.evidence)} quotes found"
        flags = f", {', '.join(self.flags)}" if self.flags else ""
        known = self.probability
        people = "" if known is None else f", probability {known:.2f}"
        by = " by the embedded screen" if self.provenance.judge == "embedded" else ""
        return (
            f"<{self.rubric}: {level}, likelihood {self.likelihood}{people}, {quotes}"
            f"{flags}{by}>"
        )


class Unscored(_ResultBase):
    """No judgement, and why.  It has no number, so that none can be averaged."""

    status: Literal["unscored"] = "unscored"
    reason: UnscoredReason
    detail: str = ""
    raw: str | None = None
    """The judge's last reply, where there was one."""

    @property
    def score(self) -> None:
        return None

    @property
    def level(self) -> None:
        return None

    @property
    def likelihood(self) -> None:
        return None

    @property
    def probability(self) -> None:
        return None

    @property
    def present(self) -> None:
        return None

    def __repr__(self) -> str:
        return f"<{self.rubric}: unscored, {self.reason}: {self.detail!r}>"


Result = Annotated[Verdict | Unscored, Field(discriminator="status")]


class Assessment(Frozen):
    """One transcript's results, by rubric: ``assessment["deception"].score``."""

    transcript_id: str
    transcript_digest: str
    results: tuple[Result, ...]
    metadata: Mapping[str, JsonValue] = Field(default_factory=dict)
    """The transcript's own (target model, group, ...), for tables."""

    @field_validator("metadata", mode="before")
    @classmethod
    def _finite(cls, value: object) -> object:
        """Logs have NaN where a scorer failed; it must not cost the judgement."""
        return _without_nan(value)

    def __getitem__(self, rubric: str) -> Verdict | Unscored:
        for result in self.results:
            if result.rubric == rubric:
                return result
        known = ", ".join(result.rubric for result in self.results)
        raise KeyError(f"{rubric!r} was not judged; there are: {known}")

    def __iter__(self) -> Iterator[Verdict | Unscored]:  # type: ignore[override] # a collection of results first, a model second
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def usage(self) -> Usage:
        return sum((result.usage for result in self.results), Usage())

    @property
    def cost_usd(self) -> float | None:
        """Dollars, None where the price of any part is unknown."""
        return total_cost(result.cost_usd for result in self.results)

    @property
    def verified_share(self) -> float | None:
        """Share of all quotes found in the AI's own words; None without quotes."""
        quotes = [
            item.verified
            for result in self.results
            if isinstance(result, Verdict)
            for item in result.evidence
        ]
        return sum(quotes) / len(quotes) if quotes else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as exported to JSONL."""
        return self.model_dump(mode="json")

    def __repr__(self) -> str:
        return "\n  ".join((f"<{self.transcript_id!r}", *map(repr, self.results))) + ">"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def _without_nan(value: object) -> object:
    match value:
        case float() if not isfinite(value):
            return None
        case Mapping():
            return {key: _without_nan(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_nan(item) for item in value]
    return value
