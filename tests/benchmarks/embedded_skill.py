"""How well the embedded screen ranks labelled transcripts, beside their mere length.

    python -m tests.benchmarks.embedded_skill calibration_data

A path is either a directory with this project's ``dev.jsonl``, ``test.jsonl`` and
``labels.csv``, or a file with lines of ``{"id", "messages": [{"role", "content"}, ...],
"behaviour", "label"}``, with a rubric's id for the behaviour and 0 or 1 for the label;
other behaviours are left out.

Prints the AUC with its 95 % interval, the AUC of the length of the AI's text alone, and
the share of transcripts in which any cue was found.  Where length does better than a
judge, the judge's AUC may be an artefact of it.

The interval is DeLong's [1]_; with fewer than 20 transcripts on a side, where DeLong's
can shrink to a point, it is Newcombe's method 5 [2]_.

References
----------
.. [1] DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3):837-845.
.. [2] Newcombe (2006), Statistics in Medicine 25(4):559-573.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from judge._data import data_dir
from judge.engine.embedded import likelihood_of, screen, supports
from judge.labels.labels import read_labels
from judge.transcripts.load import load_transcripts
from judge.transcripts.types import Message, TextPart, Transcript

Z = 1.959964


class Labelled(NamedTuple):
    transcript: Transcript
    rubric: str
    present: bool


class Skill(NamedTuple):
    rubric: str
    n: int
    n_present: int
    auc: float
    low: float
    high: float
    length_auc: float
    flagged: float


def measure(rows: Iterable[Labelled]) -> Iterator[Skill]:
    """Yield the screen's skill on each rubric that occurs in ``rows``."""
    by_rubric: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        by_rubric[row.rubric].append(row)
    for rubric, group in by_rubric.items():
        hits = [screen(row.transcript, rubric) for row in group]
        scores = np.array([likelihood_of(found) for found in hits], dtype=float)
        lengths = np.array([target_length(row.transcript) for row in group], float)
        present = np.array([row.present for row in group])
        auc, low, high = auc_interval(scores[present], scores[~present])
        length_auc = auc_interval(lengths[present], lengths[~present])[0]
        flagged = sum(map(bool, hits)) / len(hits)
        counts = len(group), int(present.sum())
        yield Skill(rubric, *counts, auc, low, high, length_auc, flagged)


def auc_interval(with_it: Any, without: Any) -> tuple[float, float, float]:
    """AUC of two samples of scores, ties counted half, with its 95 % interval."""
    wins = np.sign(with_it[:, None] - without[None, :]) / 2 + 0.5
    auc = float(wins.mean())
    m, n = wins.shape
    if min(m, n) < 20:
        return auc, *_newcombe(auc, m, n)
    variance = wins.mean(axis=1).var(ddof=1) / m + wins.mean(axis=0).var(ddof=1) / n
    margin = Z * float(variance) ** 0.5
    return auc, max(0.0, auc - margin), min(1.0, auc + margin)


def _newcombe(auc: float, m: int, n: int) -> tuple[float, float]:
    def gap(theta: float) -> float:
        half = (m + n) / 2 - 1
        spread = (1 - theta) / (2 - theta) + theta / (1 + theta)
        variance = theta * (1 - theta) * (1 + half * spread) / (m * n)
        return (theta - auc) ** 2 - Z**2 * float(variance)

    # At 0 and 1 the gap is zero at the estimate too: step off it to find the other end.
    low = 0.0 if auc == 0 else float(brentq(gap, 0, min(auc, 1 - 1e-9)))
    return low, 1.0 if auc == 1 else float(brentq(gap, max(auc, 1e-9), 1))


def target_length(transcript: Transcript) -> int:
    """Characters the AI under test wrote."""
    parts = (
        part for m in transcript.messages if m.author == "target" for part in m.parts
    )
    return sum(len(part.text) for part in parts)


def labelled(path: Path) -> Iterator[Labelled]:
    if path.is_dir():
        yield from _own(path)
        return
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    yield from (_foreign(row) for row in rows if supports(row["behaviour"]))


def _own(directory: Path) -> Iterator[Labelled]:
    splits = [directory / "dev.jsonl", directory / "test.jsonl"]
    texts = {text.id: text for text in load_transcripts(splits, on_error="raise")}
    for label in read_labels(directory / "labels.csv"):
        yield Labelled(texts[label.transcript], label.rubric, bool(label.present))


def _foreign(row: dict[str, Any]) -> Labelled:
    messages = tuple(
        Message(role=m["role"], parts=(TextPart(text=m["content"]),))
        for m in row["messages"]
    )
    transcript = Transcript(id=str(row["id"]), messages=messages)
    return Labelled(transcript, row["behaviour"], bool(row["label"]))


def main(paths: list[str]) -> int:
    paths = paths or [str(data_dir("calibration_data"))]
    print(f"{'data':20} {'rubric':18} n (present), AUC [95 %], length alone, flagged")
    for path in map(Path, paths):
        for s in measure(labelled(path)):
            print(
                f"{path.stem:20} {s.rubric:18} {s.n} ({s.n_present}), {s.auc:.3f} "
                f"[{s.low:.3f}, {s.high:.3f}], {s.length_auc:.3f}, {s.flagged:.1%}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
