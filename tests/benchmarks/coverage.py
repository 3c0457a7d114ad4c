"""How often the intervals for a prevalence hold it, and how wide they are.

    python -m tests.benchmarks.coverage --reps 200

One row a cell: a true prevalence, a judge, a number of labels and how they were drawn.
Each repeat draws 2,000 transcripts, judges them with those error rates, and labels
some.  ``held`` is the share of intervals that hold the true prevalence; ``width`` is
their mean over that of Wilson intervals from as many random labels, the judge ignored.
``refused`` repeats had a stratum without a label and so no interval; they count in
neither.  ``at most`` repeats saw no positive, and claim an upper bound alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from judge.calibration.prevalence.strata import THICK
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.strata import merge_thin

JUDGED = 2000
PREVALENCES = (0.02, 0.1, 0.3)
LABELS = (30, 100, 300)
JUDGES = ((0.5, 0.5), (0.6, 0.6), (0.7, 0.8), (0.8, 0.95), (0.9, 0.9), (0.95, 0.99))
SEPARATIONS = (0.0, 1.0, 2.0, 3.3)
"""Of a graded judge: sensitivity and specificity .50, .69, .84, .95."""
EDGES = (0.2, 0.5, 0.8)
VERDICTS = ("absent", "absent", "present", "present")

Design = Literal["random", "by_judge"]
Spread: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]
"""How positives, and how negatives, spread over the strata of a judge."""
Counts: TypeAlias = NDArray[np.int64]


class Cell(NamedTuple):
    """One situation: a prevalence, a judge, a number of labels, how they are drawn."""

    prevalence: float
    judge: str
    strata: Spread
    groups: tuple[str, ...]
    labels: int
    design: Design


@dataclass
class Tally:
    """What the repeats of a cell came to."""

    reps: int = 0
    held: int = 0
    refused: int = 0
    upper: int = 0
    width: float = 0.0
    humans: float = 0.0

    def add(self, estimate: Estimate, truth: float, humans: float) -> None:
        self.reps += 1
        if estimate.low is None or estimate.high is None:
            self.refused += 1
            return
        self.held += estimate.low <= truth <= estimate.high
        self.upper += estimate.side == "upper"
        self.width += estimate.high - estimate.low
        self.humans += humans

    @property
    def given(self) -> int:
        return self.reps - self.refused

    @property
    def coverage(self) -> float:
        return self.held / max(1, self.given)

    @property
    def ratio(self) -> float:
        return self.width / self.humans if self.humans else float("nan")


def cells(
    labels: Sequence[int] = LABELS, designs: Sequence[Design] = ("random", "by_judge")
) -> Iterator[Cell]:
    """Yield every cell of the table, two strata first."""
    for kind in (_binary(), _graded()):
        for judge, strata, groups in kind:
            for design in designs:
                for n in labels:
                    for prevalence in PREVALENCES:
                        yield Cell(prevalence, judge, strata, groups, n, design)


def simulate(cell: Cell, reps: int, *, seed: int = 0) -> Tally:
    """Repeat a cell; the same seed gives the same tally."""
    rng = np.random.default_rng([seed, *cell_number(cell)])
    tally = Tally()
    spread = np.array(cell.strata) * [[cell.prevalence], [1 - cell.prevalence]]
    for _ in range(reps):
        drawn = rng.multinomial(JUDGED, spread.ravel()).reshape(spread.shape)
        labelled = _label(rng, drawn, cell)
        estimate = _estimate(drawn.sum(0), labelled[0], labelled.sum(0), cell.groups)
        seen = int(labelled[0].sum())
        if cell.design != "random":
            seen = int(rng.binomial(cell.labels, cell.prevalence))
        alone = wilson_interval(seen, cell.labels)
        tally.add(estimate, cell.prevalence, alone.high - alone.low)
    return tally


def cell_number(cell: Cell) -> tuple[int, ...]:
    """Return numbers that tell this cell from every other, to seed it."""
    letters = [ord(letter) for letter in cell.judge + cell.design]
    return (cell.labels, round(1000 * cell.prevalence), *letters)


def _label(rng: np.random.Generator, drawn: Counts, cell: Cell) -> Counts:
    if cell.design == "random":
        return rng.multivariate_hypergeometric(drawn.ravel(), cell.labels).reshape(
            drawn.shape
        )
    found = np.zeros_like(drawn)
    present = [i for i, group in enumerate(cell.groups) if group == "present"]
    absent = [i for i, group in enumerate(cell.groups) if group == "absent"]
    half = min(cell.labels // 2, int(drawn[:, present].sum()))
    for members, n in ((present, half), (absent, cell.labels - half)):
        part = drawn[:, members]
        found[:, members] = rng.multivariate_hypergeometric(
            part.ravel(), min(n, int(part.sum()))
        ).reshape(part.shape)
    return found


def _estimate(
    judged: Counts, positives: Counts, labelled: Counts, groups: Sequence[str]
) -> Estimate:
    parts = merge_thin(judged, labelled, groups, least=THICK)
    return post_stratified(
        *(
            [counts[part].sum() for part in parts]
            for counts in (judged, positives, labelled)
        )
    )


def _binary() -> Iterator[tuple[str, Spread, tuple[str, ...]]]:
    for se, sp in JUDGES:
        yield f"{se:g}/{sp:g}", ((1 - se, se), (sp, 1 - sp)), ("absent", "present")


def _graded() -> Iterator[tuple[str, Spread, tuple[str, ...]]]:
    """Yield judges whose scores are sigmoids of twice a normal value, in 4 strata."""
    cuts = [log(edge / (1 - edge)) / 2 for edge in EDGES]
    for apart in SEPARATIONS:
        spread = []
        for centre in (apart / 2, -apart / 2):
            below = [0.0, *(NormalDist(centre).cdf(cut) for cut in cuts), 1.0]
            spread.append(tuple(np.diff(below).tolist()))
        yield f"graded d={apart:g}", (spread[0], spread[1]), VERDICTS


def main() -> None:
    """Print the table, and the worst cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--labels", type=int, nargs="*", default=LABELS)
    parser.add_argument("--judges", default="", help="only those named so, as graded")
    chosen = parser.parse_args()
    print("| labels | drawn | judge | prevalence | held | width | refused | at most |")
    print("|---|---|---|---|---|---|---|---|")
    worst: dict[tuple[int, str, str], tuple[float, float]] = {}
    for cell in cells(labels=chosen.labels):
        if chosen.judges not in cell.judge:
            continue
        tally = simulate(cell, chosen.reps, seed=chosen.seed)
        print(
            f"| {cell.labels} | {cell.design} | {cell.judge} | {cell.prevalence:g} | "
            f"{tally.coverage:.3f} | {tally.ratio:.3f} | "
            f"{tally.refused / tally.reps:.2f} | {tally.upper / tally.reps:.2f} |",
            flush=True,
        )
        key = (cell.labels, cell.design, cell.judge.split()[0].rstrip("0123456789./"))
        least, widest = worst.get(key, (1.0, 0.0))
        worst[key] = (min(least, tally.coverage), max(widest, tally.ratio))
    error = sqrt(0.95 * 0.05 / chosen.reps)
    print(f"\nWorst of each, {chosen.reps} repeats (a coverage +- {error:.3f}):\n")
    print("| labels | drawn | judges | least held | widest |")
    print("|---|---|---|---|---|")
    for (n, design, kind), (least, widest) in sorted(worst.items()):
        print(f"| {n} | {design} | {kind or 'yes/no'} | {least:.3f} | {widest:.3f} |")


if __name__ == "__main__":
    main()
