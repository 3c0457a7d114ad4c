"""How often the intervals for a prevalence hold it, and how wide they are.

    python -m tests.benchmarks.coverage --reps 200
    python -m tests.benchmarks.coverage --reps 400 --grid held-out

One row a cell: a true prevalence, a judge, a number of labels and how they were drawn.
Each repeat draws 2,000 transcripts, judges them with those error rates, and labels
some.  ``held`` is the share of intervals that hold the true prevalence; ``width`` is
their mean over that of Wilson intervals from as many random labels, the judge ignored.
``quoted`` is the share held by what `judge.prevalence` quotes: the labels alone where
the correction came out much wider.  ``refused`` repeats had a stratum without a label
and so no interval; they count in none.  ``at most`` repeats saw no positive, and claim
an upper bound alone.

``by_judge`` labels are drawn as `judge.plan_labels` draws them, a third from what is
judged present; ``halves`` takes half.  Where that is 2 % of the judged, half the labels
tell next to nothing of the rest, and no interval that covers is then as narrow as that
of labels drawn at random.

Two constants of the estimator (3 positives, 10 labels) were chosen on the default grid;
``held-out`` has prevalences and judges that had no part in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import log, sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from judge.calibration.planning.strata import share_to_present
from judge.calibration.prevalence.prevalence import WIDER
from judge.calibration.prevalence.strata import THICK
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import Interval, wilson_interval
from judge.statistics.rates.post_stratified import post_stratified
from judge.statistics.rates.strata import merge_thin

JUDGED = 2000
LABELS = (30, 100, 300)
EDGES = (0.2, 0.5, 0.8)
VERDICTS = ("absent", "absent", "present", "present")

Design = Literal["random", "by_judge", "halves"]
DESIGNS: tuple[Design, ...] = ("random", "by_judge", "halves")
Spread: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]
"""How positives, and how negatives, spread over the strata of a judge."""
Counts: TypeAlias = NDArray[np.int64]


class Grid(NamedTuple):
    """Which prevalences and judges are tried."""

    prevalences: tuple[float, ...]
    judges: tuple[tuple[float, float], ...]
    """Sensitivity and specificity of judges who say yes or no."""
    graded: tuple[tuple[float, float], ...]
    """Of judges with scores: how far apart they see the classes, in standard
    deviations, and how far all of it is shifted up."""


GRIDS = {
    "default": Grid(
        prevalences=(0.02, 0.1, 0.3),
        judges=(
            (0.5, 0.5), (0.6, 0.6), (0.7, 0.8), (0.8, 0.95), (0.9, 0.9), (0.95, 0.99)
        ),
        # Sensitivity and specificity .50, .69, .84, .95.
        graded=((0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.3, 0.0)),
    ),
    "held-out": Grid(
        prevalences=(0.01, 0.04, 0.15, 0.5),
        judges=((0.55, 0.7), (0.99, 0.6), (0.6, 0.99), (0.85, 0.85)),
        # .40 and .77, .60 and .84, .83 and .89: timid judges.
        graded=((0.5, -0.5), (1.25, -0.375), (2.2, -0.15)),
    ),
}  # fmt: skip


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
    quoted: int = 0
    refused: int = 0
    upper: int = 0
    width: float = 0.0
    humans: float = 0.0

    def add(
        self, estimate: Estimate, truth: float, alone: Interval, *, told: bool
    ) -> None:
        """Count one repeat; ``told`` if the labels alone could be quoted instead."""
        self.reps += 1
        if estimate.low is None or estimate.high is None:
            self.refused += 1
            return
        width, humans = estimate.high - estimate.low, alone.high - alone.low
        held = estimate.low <= truth <= estimate.high
        upper = estimate.side == "upper"
        self.held += held
        instead = told and not upper and width > WIDER * humans
        self.quoted += truth in alone if instead else held
        self.upper += upper
        self.width += width
        self.humans += humans

    @property
    def given(self) -> int:
        return self.reps - self.refused

    @property
    def coverage(self) -> float:
        return self.held / max(1, self.given)

    @property
    def quoted_coverage(self) -> float:
        return self.quoted / max(1, self.given)

    @property
    def ratio(self) -> float:
        return self.width / self.humans if self.humans else float("nan")


def cells(
    labels: Sequence[int] = LABELS,
    designs: Sequence[Design] = ("random", "by_judge"),
    *,
    grid: str = "default",
) -> Iterator[Cell]:
    """Yield every cell of the table, two strata first."""
    chosen = GRIDS[grid]
    judges = [*_binary(chosen.judges), *_graded(chosen.graded)]
    for judge, strata, groups in judges:
        for design, n, prevalence in product(designs, labels, chosen.prevalences):
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
        told = cell.design == "random"
        tally.add(estimate, cell.prevalence, alone, told=told)
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
    yes, no = int(drawn[:, present].sum()), int(drawn[:, absent].sum())
    share = 0.5 if cell.design == "halves" else share_to_present(yes, yes + no)
    some = min(round(cell.labels * share), yes)
    for members, n in ((present, some), (absent, cell.labels - some)):
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


def _binary(
    judges: Sequence[tuple[float, float]],
) -> Iterator[tuple[str, Spread, tuple[str, ...]]]:
    for se, sp in judges:
        yield f"{se:g}/{sp:g}", ((1 - se, se), (sp, 1 - sp)), ("absent", "present")


def _graded(
    judges: Sequence[tuple[float, float]],
) -> Iterator[tuple[str, Spread, tuple[str, ...]]]:
    """Yield judges whose scores are sigmoids of twice a normal value, in 4 strata."""
    cuts = [log(edge / (1 - edge)) / 2 for edge in EDGES]
    for apart, shift in judges:
        spread = []
        for centre in (shift + apart / 2, shift - apart / 2):
            below = [0.0, *(NormalDist(centre).cdf(cut) for cut in cuts), 1.0]
            spread.append(tuple(np.diff(below).tolist()))
        yield f"graded d={apart:g}", (spread[0], spread[1]), VERDICTS


def main() -> None:
    """Print the table, and the worst cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grid", choices=list(GRIDS), default="default")
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--labels", type=int, nargs="*", default=LABELS)
    parser.add_argument(
        "--designs", nargs="*", choices=DESIGNS, default=["random", "by_judge"]
    )
    parser.add_argument("--judges", default="", help="only those named so, as graded")
    chosen = parser.parse_args()
    print(
        "| labels | drawn | judge | prevalence | held | quoted | width | refused | "
        "at most |"
    )
    print("|---" * 9 + "|")
    worst: dict[tuple[int, str, str], tuple[float, float, float]] = {}
    for cell in cells(chosen.labels, chosen.designs, grid=chosen.grid):
        if chosen.judges not in cell.judge:
            continue
        tally = simulate(cell, chosen.reps, seed=chosen.seed)
        print(
            f"| {cell.labels} | {cell.design} | {cell.judge} | {cell.prevalence:g} | "
            f"{tally.coverage:.3f} | {tally.quoted_coverage:.3f} | {tally.ratio:.3f} | "
            f"{tally.refused / tally.reps:.2f} | {tally.upper / tally.reps:.2f} |",
            flush=True,
        )
        key = (cell.labels, cell.design, cell.judge.split()[0].rstrip("0123456789./"))
        held, quoted, widest = worst.get(key, (1.0, 1.0, 0.0))
        worst[key] = (
            min(held, tally.coverage),
            min(quoted, tally.quoted_coverage),
            max(widest, tally.ratio),
        )
    error = sqrt(0.95 * 0.05 / chosen.reps)
    print(f"\nWorst of each, {chosen.reps} repeats (a coverage +- {error:.3f}):\n")
    print("| labels | drawn | judges | least held | least quoted | widest |")
    print("|---" * 6 + "|")
    for (n, design, kind), (held, quoted, widest) in sorted(worst.items()):
        print(
            f"| {n} | {design} | {kind or 'yes/no'} | {held:.3f} | {quoted:.3f} | "
            f"{widest:.3f} |"
        )


if __name__ == "__main__":
    main()
