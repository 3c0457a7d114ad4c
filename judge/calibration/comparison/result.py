"""What comparing groups gives, and how it is told: no winner, always an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from judge.calibration.telling import Told, counted, p_text
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "GroupShare", "HumanPairs", "PairDifference"]

Correction = Literal["holm", "bh"]


class GroupShare(Frozen):
    """One group by itself, from its own labels."""

    name: str
    judged: int
    labelled: int
    positives: float
    estimate: Estimate
    """How common the behaviour is; refused where there are too few labels."""
    judge_alone: Estimate
    sensitivity: Estimate
    specificity: Estimate
    fingerprints: tuple[str, ...]
    """Of the judges of its transcripts."""


class HumanPairs(Frozen):
    """Prompts on which a label of each of the two stands against the other."""

    both: int
    first_only: int
    second_only: int
    neither: int
    difference: Estimate
    """In points, by Newcombe's paired interval."""
    p_value: float
    """Exact McNemar, two-sided."""

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither


class PairDifference(Frozen):
    """Two groups, and what the first has more than the second."""

    first: str
    second: str
    difference: Estimate
    """In points, first minus second, at a confidence that holds for all pairs."""
    p_value: float | None
    """Two-sided; None where there is no difference to test."""
    p_adjusted: float | None
    """For all the pairs compared."""
    differ: bool
    """Shown to: the adjusted p-value says so, and the interval leaves out 0."""
    shared: int | None = None
    """Prompts that both have; None where they are not paired."""
    ratio: float | None = None
    """By how much pairing, and prompts asked several times, scale the interval."""
    humans: HumanPairs | None = None
    sensitivity: Estimate
    """Of the judge on the first minus on the second, in points."""
    specificity: Estimate
    errs_differently: bool
    """Whether one of the two is shown to differ."""
    pooled: Estimate | None = None
    """By error rates pooled over both; None where that was not asked for."""


class Comparison(Told):
    """What `compare` found."""

    rubric: str
    by: str
    """What parts the groups."""
    sampling: str
    source: LabelSource | None
    labels: str
    """Who made the labels and how many."""
    confidence: float
    simultaneous: float
    """Confidence of each difference, so that all hold together."""
    correction: Correction
    pair: str | None
    groups: tuple[GroupShare, ...]
    pairs: tuple[PairDifference, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[str, ...]:
        """The groups without an estimate."""
        return tuple(g.name for g in self.groups if g.estimate.status == "refused")

    @property
    def status(self) -> Status:
        """``refused`` where no two groups could be compared."""
        if all(pair.difference.status == "refused" for pair in self.pairs):
            return "refused"
        return "caution" if self.warnings or self.refused else "good"

    def __getitem__(self, names: tuple[str, str]) -> PairDifference:
        """Return the pair of these two groups, in either order."""
        for pair in self.pairs:
            if {pair.first, pair.second} == set(names):
                return pair
        known = ", ".join(repr(group.name) for group in self.groups)
        raise KeyError(f"{names} were not compared; the groups are {known}")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; with the status and a sentence for each pair."""
        told = {"status": self.status, "sentences": [*map(self.sentence, self.pairs)]}
        return told | super().to_dict()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair: the difference, its interval, p-values."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "first": pair.first,
                    "second": pair.second,
                    **pair.difference.model_dump(
                        include={"value", "low", "high", "n", "status", "reason"}
                    ),
                    "p_value": pair.p_value,
                    "p_adjusted": pair.p_adjusted,
                    "differ": pair.differ,
                    "errs_differently": pair.errs_differently,
                }
                for pair in self.pairs
            ]
        )

    def groups_frame(self) -> pd.DataFrame:
        """Return one row a group: its estimate and how the judge errs on it."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "group": group.name,
                    "judged": group.judged,
                    "labelled": group.labelled,
                    "positives": group.positives,
                    **group.estimate.model_dump(
                        include={"value", "low", "high", "status", "reason"}
                    ),
                    "judge_alone": group.judge_alone.value,
                    "sensitivity": group.sensitivity.value,
                    "specificity": group.specificity.value,
                }
                for group in self.groups
            ]
        )

    def sentence(self, pair: PairDifference) -> str:
        """Return what is known of a pair, the one with more named first."""
        difference = pair.difference
        if difference.value is None:
            return f"{pair.first} and {pair.second}: {difference}"
        first, second = pair.first, pair.second
        if difference.value < 0:
            first, second, difference = second, first, _turned(difference)
        what = self.rubric.replace("_", " ")
        found = "not shown to differ"
        if pair.differ:
            found = (
                "they differ" if self.correction == "holm" else "worth a closer look"
            )
        told = f"{first} shows {what} {difference} more often than {second}; {found}"
        if not difference.value:
            told = f"{first} and {second} are {difference} apart in {what}; {found}"
        if pair.p_adjusted is None:
            return told
        tested = sum(one.p_value is not None for one in self.pairs)
        for_all = f" for all {tested} pairs" if tested > 1 else ""
        return f"{told} ({p_text(pair.p_adjusted)}{for_all})"

    def lines(self) -> list[str]:
        """Return plain text, a sentence for each pair first."""
        told = [f"{self.sentence(pair)}." for pair in self.pairs]
        told += [f"Each from its own labels ({self.labels}), by {self.by}:"]
        for group in self.groups:
            told += _group(group)
        for pair in self.pairs:
            told += _beside(pair)
        told += [f"warning: {warning}" for warning in self.warnings]
        return [*told, *(f"note: {note}" for note in self.notes)]

    def __repr__(self) -> str:
        compared = sum(p.difference.status != "refused" for p in self.pairs)
        return (
            f"<{self.rubric} in {counted(len(self.groups), 'group')} by {self.by}: "
            f"{counted(compared, 'difference')}, {sum(p.differ for p in self.pairs)} "
            "shown>"
        )


def _turned(difference: Estimate) -> Estimate:
    """Return the difference the other way round."""
    value, low, high = difference.value, difference.low, difference.high
    return difference.model_copy(
        update={
            "value": None if value is None else -value,
            "low": None if high is None else -high,
            "high": None if low is None else -low,
        }
    )


def _group(group: GroupShare) -> list[str]:
    alone = group.judge_alone.value
    says = "nothing" if alone is None else f"{100 * alone:.1f} %"
    told = (
        f"  {group.name}: {group.estimate}; {group.judged:,} judged, "
        f"{group.labelled:,} labelled, {group.positives:g} of them positive; the judge "
        f"alone says {says}"
    )
    reason = group.estimate.reason if group.estimate.status == "caution" else ""
    return [
        f"{told} ({reason})" if reason else told,
        (
            f"    on it the judge has sensitivity {_short(group.sensitivity)}, "
            f"specificity {_short(group.specificity)}"
        ),
    ]


def _short(rate: Estimate) -> str:
    return f"unknown ({rate.reason})" if rate.value is None else f"{rate}"


def _beside(pair: PairDifference) -> list[str]:
    names = f"{pair.first} and {pair.second}"
    told = []
    if pair.shared is not None:
        scaled = f"; that scales the interval by {pair.ratio:.2f}" if pair.ratio else ""
        told.append(f"  {names} share {counted(pair.shared, 'prompt')}{scaled}")
    if pair.humans is not None:
        humans = pair.humans
        told.append(
            f"  labels alone, on {counted(humans.n, 'prompt')} labelled for both: "
            f"{humans.first_only} for {pair.first} only, {humans.second_only} for "
            f"{pair.second} only; {pair.first} minus {pair.second} "
            f"{humans.difference} ({p_text(humans.p_value)})"
        )
    if pair.pooled is not None:
        told.append(f"  {names} with pooled error rates: {pair.pooled}")
    return told
