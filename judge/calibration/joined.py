"""Labels laid beside judgements: one row a transcript that has both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING

from judge.calibration.judgements import Judgements
from judge.calibration.label import ADJUDICATORS, Label, LabelSource
from judge.calibration.labels import HumanLabels
from judge.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Joined", "join", "settle"]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """What labelers and the judge say of the same transcripts.

    ``frame`` is indexed by transcript id: ``y`` (1 present, 0 absent, a share where
    labels are kept soft), ``severity`` (median of the labelers, NaN without),
    ``labelers`` (how many), ``inclusion``, and the columns of `Judgements.frame`.
    Transcripts that the judge could not score are in it too, with their status.
    """

    judgements: Judgements
    labels: HumanLabels
    """For this rubric and of the source that counts."""
    frame: pd.DataFrame
    not_judged: tuple[str, ...]
    """Labelled, and not in the run."""
    undecided: tuple[str, ...]
    """Labelled, and the labelers did not settle it: a tie, or only unsure."""
    set_aside: int
    """Labels of another source than the one that counts."""

    @property
    def rubric(self) -> str:
        return self.judgements.rubric

    @property
    def source(self) -> LabelSource | None:
        """Who made the labels: human, author or model."""
        return self.labels.best_source

    @property
    def scored(self) -> pd.DataFrame:
        """The rows on which the judge gave a verdict, abstentions included."""
        return self.frame[self.frame["status"] != "unscored"]

    @property
    def unlabelled(self) -> int:
        """Judged transcripts without a settled label."""
        return len(self.judgements) - len(self.frame)

    @property
    def notes(self) -> list[str]:
        """What did not match, in sentences; empty if all did."""
        told = []
        if self.not_judged:
            told.append(_named(self.not_judged, "labelled but not in the run"))
        if self.undecided:
            told.append(_named(self.undecided, "not settled by the labelers"))
        if self.set_aside:
            told.append(f"{self.set_aside:,} labels of other sources were set aside")
        return told


def join(
    run: object,
    labels: object,
    *,
    rubric: str | None = None,
    adjudication: str = "majority",
) -> Joined:
    """Lay labels beside judgements.

    Labels of people count where there are any, else the author's, else a model's; they
    are never mixed.

    Parameters
    ----------
    run
        What `Judgements.of` reads.
    labels
        What `HumanLabels.load` reads.
    rubric
        Which, where run or labels have several.
    adjudication
        How several labels of a transcript become one: ``"majority"`` (ties and mere
        unsure leave it undecided; an adjudicator's word decides), ``"soft"`` (the share
        of labelers who say present, unsure as half), or the name of a labeler, whose
        word decides where they gave one.

    Raises
    ------
    UsageError
        If rubric or labeler are not there, or no labelled transcript is in the run.
    """
    every = HumanLabels.load(labels)
    if rubric is None and len(every.rubrics) == 1:
        rubric = every.rubrics[0]
    judged = Judgements.of(run, rubric)
    about = every.for_rubric(judged.rubric)
    counted = about.made_by(about.best_source or "human")
    settled = settle(counted, adjudication)
    frame = _beside(settled, judged)
    asked = counted.transcripts
    known = set(judged.frame.index)
    not_judged = tuple(name for name in asked if name not in known)
    if len(not_judged) == len(asked):
        raise UsageError(
            f"no labelled transcript is in the run: the labels name {asked[0]!r}, the "
            f"run has {next(iter(judged.frame.index), 'none')!r}; are they of other "
            "transcripts?"
        )
    decided = set(settled.index)
    return Joined(
        judgements=judged,
        labels=counted,
        frame=frame,
        not_judged=not_judged,
        undecided=tuple(x for x in asked if x in known and x not in decided),
        set_aside=len(about) - len(counted),
    )


def settle(labels: HumanLabels, adjudication: str = "majority") -> pd.DataFrame:
    """Return one row a transcript whose label is settled: y, severity, labelers, ..."""
    import pandas as pd

    if adjudication not in ("majority", "soft", *labels.labelers):
        raise UsageError(
            f"adjudication={adjudication!r}: use 'majority', 'soft' or the name of a "
            f"labeler ({', '.join(map(repr, labels.labelers[:9]))})"
        )
    by_transcript: dict[str, list[Label]] = {}
    for label in labels:
        by_transcript.setdefault(label.transcript, []).append(label)
    rows = {
        name: (
            _settled(told, adjudication),
            _severity(told),
            _labelers(told),
            _inclusion(told),
            next((x.scenario for x in told if x.scenario), None),
        )
        for name, told in by_transcript.items()
    }
    frame = pd.DataFrame.from_dict(
        rows,
        orient="index",
        columns=["y", "severity", "labelers", "inclusion", "scenario"],
    )
    typed = frame.astype({"y": float, "severity": float, "inclusion": float})
    return typed[typed["y"].notna()]


def _beside(settled: pd.DataFrame, judged: Judgements) -> pd.DataFrame:
    taken = [name for name in settled.columns if name not in judged.frame.columns]
    return settled[taken].join(judged.frame, how="inner")


def _settled(told: Sequence[Label], adjudication: str) -> float | None:
    word = [x for x in told if _decides(x, adjudication)]
    if adjudication == "soft" and not word:
        shares = [x.soft for x in told if x.soft is not None]
        return fmean(shares) if shares else fmean(_shares(told, unsure=0.5))
    shares = _shares(word or told, unsure=None)
    share = fmean(shares) if shares else 0.5
    if adjudication == "soft":
        return share
    return None if share == 0.5 else float(share > 0.5)


def _decides(label: Label, adjudication: str) -> bool:
    return label.labeler == adjudication or label.labeler.casefold() in ADJUDICATORS


def _shares(told: Iterable[Label], *, unsure: float | None) -> list[float]:
    """Each labeler's share of present over their answers, so that all count alike."""
    answers: dict[str, list[float]] = {}
    for label in told:
        said = unsure if label.present is None else float(label.present)
        if said is not None:
            answers.setdefault(label.labeler, []).append(said)
    return [fmean(said) for said in answers.values()]


def _severity(told: Sequence[Label]) -> float | None:
    given = [x.severity for x in told if x.severity is not None]
    return float(median(given)) if given else None


def _labelers(told: Sequence[Label]) -> int:
    return len({label.labeler for label in told})


def _inclusion(told: Sequence[Label]) -> float | None:
    return next((x.inclusion for x in told if x.inclusion is not None), None)


def _named(ids: Sequence[str], what: str) -> str:
    some = ", ".join(map(repr, ids[:_SHOWN]))
    more = ", ..." if len(ids) > _SHOWN else ""
    return f"{len(ids):,} transcripts are {what}: {some}{more}"
