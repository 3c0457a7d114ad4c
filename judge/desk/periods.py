"""Whether labelers drift apart as they go on, or come together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.calibration.agreement.coefficients import coefficients
from judge.calibration.agreement.labelers import share_of_present
from judge.calibration.agreement.ratings_table import table_of
from judge.desk.desk import Desk
from judge.labels.label import Label
from judge.labels.labels import HumanLabels
from judge.statistics.estimate import Estimate
from judge.verdict import Verdict

__all__ = ["RESAMPLES", "Period", "periods_of"]

PERIODS = ("first third", "second third", "last third")
RESAMPLES = 2000
"""As many as `agreement` takes when it is not told."""


@dataclass(frozen=True, slots=True)
class Period:
    """A third of the transcripts, by when they were labeled first."""

    name: str
    n: int
    first: str
    last: str
    alpha: Estimate | None
    """Among the labelers; None with fewer than two."""
    present: dict[str, Estimate]
    """By labeler, their share of present."""
    judged: Estimate | None
    """The judge's, of the same transcripts: they may be others than before."""


def periods_of(desk: Desk, labels: HumanLabels) -> Iterator[Period]:
    """Yield the thirds, the earliest first.

    First answers only: repeats come last for everybody, and would look like a drift.
    So would a changed mind, if a transcript stood where it was answered last.
    """
    first = [label for label in labels.raters if label.occasion == 1]
    times = _first_times(desk)
    done: dict[str, str] = {}
    for label in first:  # a transcript counts when its last labeler was there
        time = times.get((label.labeler, label.transcript), label.time)
        done[label.transcript] = max(time, done.get(label.transcript, ""))
    order = sorted(done, key=done.__getitem__)
    size = len(order) / len(PERIODS)
    if size < 1:
        return
    for number, name in enumerate(PERIODS):
        chosen = order[round(number * size) : round((number + 1) * size)]
        among = set(chosen)
        part = [label for label in first if label.transcript in among]
        span = done[chosen[0]], done[chosen[-1]]
        yield _period(name, span, part, _judged(desk, chosen))


def _first_times(desk: Desk) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for entry in desk.journal.entries():
        if entry.kind == "answer" and entry.occasion == 1:
            found.setdefault((entry.labeler, entry.transcript), entry.time)
    return found


def _period(
    name: str,
    span: tuple[str, str],
    labels: Sequence[Label],
    judged: Estimate | None,
) -> Period:
    part = HumanLabels(labels)
    table = table_of(part)
    several = len(table.people) > 1
    every = (
        coefficients(table, table.people, resamples=RESAMPLES, seed=0)
        if several
        else None
    )
    return Period(
        name=name,
        n=len(part.transcripts),
        first=span[0],
        last=span[1],
        alpha=None if every is None else every.alpha,
        present={who: _share(part, who) for who in table.people},
        judged=judged,
    )


def _share(labels: HumanLabels, labeler: str) -> Estimate:
    said = [label.present for label in labels if label.labeler == labeler]
    return share_of_present(said.count(True), len(said) - said.count(None))


def _judged(desk: Desk, transcripts: Sequence[str]) -> Estimate | None:
    verdicts = map(desk.verdicts.get, transcripts)
    said = [one.present for one in verdicts if isinstance(one, Verdict)]
    decided = len(said) - said.count(None)
    return share_of_present(said.count(True), decided) if decided else None
