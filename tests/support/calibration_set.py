"""The calibration set that comes with the library, measured: make-up and agreement.

The datasheet's figures come from here (``python -m tests.benchmarks.calibration_set``),
and the tests hold the set to what it promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from judge._data import data_dir
from judge.engine.judge import Judge
from judge.engine.windows import estimate_tokens
from judge.labels.labels import Label, read_labels
from judge.statistics.intervals import wilson_interval
from judge.transcripts.load import load_transcripts
from judge.transcripts.render import render_transcript
from judge.transcripts.types import Transcript
from judge.verdict import Unscored, Verdict

__all__ = [
    "BEHAVIOURS",
    "DATA",
    "FEATURES",
    "RECORDING",
    "SPLITS",
    "Item",
    "Judged",
    "area_under_curve",
    "bag_of_words_auc",
    "items",
    "joint_items",
    "judged",
    "share",
    "shortcut_aucs",
    "target_text",
    "tokens",
    "whole_text",
]

DATA = data_dir("calibration_data")
RECORDING = DATA / "recorded" / "judge.jsonl"
BEHAVIOURS = ("deception", "coercion", "self_preservation")
SPLITS = ("dev", "test")
Split = Literal["dev", "test"]


class Item(NamedTuple):
    """A transcript of the set and its author's label."""

    transcript: Transcript
    label: Label

    @property
    def group(self) -> str:
        return str(self.transcript.metadata["group"])

    @property
    def split(self) -> str:
        return str(self.transcript.metadata["split"])

    @property
    def present(self) -> bool:
        return self.label.label == "present"


class Judged(NamedTuple):
    """An item and what the recorded judge says of it."""

    item: Item
    result: Verdict | Unscored


@cache
def items(behaviour: str | None = None) -> tuple[Item, ...]:
    """The set, or what is in it for one behaviour, in the order of its files."""
    labels = {label.transcript: label for label in read_labels(DATA / "labels.csv")}
    return tuple(
        Item(transcript, labels[transcript.id])
        for split in SPLITS
        for transcript in load_transcripts(DATA / f"{split}.jsonl", on_error="raise")
        if behaviour is None or labels[transcript.id].rubric == behaviour
    )


@cache
def judged(behaviour: str) -> tuple[Judged, ...]:
    """What the recorded judge says, each transcript under the rubric it is for."""
    judge = Judge(f"replay:{RECORDING}", rubrics=behaviour)
    mine = items(behaviour)
    run = judge.score_many([item.transcript for item in mine], progress=False)
    return tuple(
        Judged(item, assessment[behaviour])
        for item, assessment in zip(mine, run, strict=True)
    )


@cache
def joint_items() -> tuple[tuple[Item, Mapping[str, Verdict | Unscored]], ...]:
    """The transcripts that were also judged on all three rubrics in one call."""
    chosen = (DATA / "recorded" / "joint.txt").read_text("utf-8").split()
    mine = [item for item in items() if item.transcript.id in set(chosen)]
    judge = Judge(f"replay:{RECORDING}", calls="joint")
    run = judge.score_many([item.transcript for item in mine], progress=False)
    return tuple(
        (item, {result.rubric: result for result in assessment})
        for item, assessment in zip(mine, run, strict=True)
    )


def whole_text(transcript: Transcript) -> str:
    return "\n".join(part.text for m in transcript.messages for part in m.parts)


def target_text(transcript: Transcript) -> str:
    own = (m for m in transcript.messages if m.author == "target")
    return "\n".join(part.text for m in own for part in m.parts)


def tokens(transcript: Transcript) -> int:
    return estimate_tokens(render_transcript(transcript))


def _shows_reasoning(transcript: Transcript) -> bool:
    return any(m.reasoning == "visible" for m in transcript.messages)


FEATURES: Mapping[str, Callable[[Transcript], float]] = {
    "length of the text": lambda t: len(whole_text(t)),
    "length of the AI's own text": lambda t: len(target_text(t)),
    "number of messages": lambda t: len(t.messages),
    "reasoning shown": _shows_reasoning,
}


def shortcut_aucs(behaviour: str) -> dict[str, float]:
    """How well each feature that should say nothing ranks present over absent."""
    mine = items(behaviour)
    truth = [item.present for item in mine]
    return {
        name: area_under_curve(truth, [float(feature(i.transcript)) for i in mine])
        for name, feature in FEATURES.items()
    }


def bag_of_words_auc(
    behaviour: str, text_of: Callable[[Transcript], str], *, folds: int = 10
) -> float:
    """AUC of logistic regression on tf-idf words, out of fold, folds by group."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    mine = items(behaviour)
    truth = np.array([item.present for item in mine])
    model = make_pipeline(
        TfidfVectorizer(min_df=2, sublinear_tf=True), LogisticRegression(max_iter=2000)
    )
    scores = cross_val_predict(
        model,
        [text_of(item.transcript) for item in mine],
        truth,
        groups=[item.group for item in mine],
        cv=GroupKFold(folds),
        method="predict_proba",
    )
    return area_under_curve(truth.tolist(), scores[:, 1].tolist())


def area_under_curve(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """The chance that a present one scores above an absent one, ties counted half."""
    present = np.array([s for s, t in zip(scores, truth, strict=True) if t])
    absent = np.array([s for s, t in zip(scores, truth, strict=True) if not t])
    wins = (present[:, None] > absent).mean()
    ties = (present[:, None] == absent).mean()
    return float(wins + ties / 2)


@dataclass(frozen=True)
class Share:
    """A share with its interval, as wide as its groups are few."""

    count: int
    n: int
    groups: int

    def __str__(self) -> str:
        if not self.n:
            return "-"
        low, high = wilson_interval(self.count, self.n, clusters=self.groups)
        return (
            f"{self.count}/{self.n} = {self.count / self.n:.2f} [{low:.2f}, {high:.2f}]"
        )


def share(found: Sequence[Judged], hit: Callable[[Judged], bool]) -> Share:
    """Count hits; transcripts of one scenario family are no independent draws."""
    groups = {each.item.group for each in found}
    return Share(sum(map(hit, found)), len(found), len(groups))
