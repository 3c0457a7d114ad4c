"""Labels laid beside judgements: one row a transcript that has both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.labels.label import LabelSource
from judge.labels.labels import HumanLabels
from judge.labels.settle import settle

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Joined", "join", "settle"]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """What labelers and the judge say of the same transcripts.

    ``frame`` is indexed by transcript id, in the order of the run: ``y`` (1 present,
    0 absent, a share where labels are kept soft), ``severity`` (median of the labelers,
    NaN without), ``labelers`` (how many), ``inclusion``, ``scenario``, and the columns
    of `Judgements.frame`.  Transcripts that the judge could not score are in it too,
    with their status.  Neither the order of the labels nor that of a run changes what
    is joined with what.
    """

    judgements: Judgements
    labels: HumanLabels
    """For this rubric, of the source that counts, and of transcripts in the run."""
    frame: pd.DataFrame
    not_judged: tuple[str, ...]
    """Labelled, and not in the run; sorted."""
    undecided: tuple[str, ...]
    """Judged and labelled, but not settled by the labelers: a tie, or only unsure."""
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
    def unscored(self) -> int:
        """Transcripts with a settled label on which the judge gave no verdict."""
        return int((self.frame["status"] == "unscored").sum())

    @property
    def unlabelled(self) -> int:
        """Judged transcripts without a settled label, `undecided` ones included."""
        return len(self.judgements) - len(self.frame)

    @property
    def notes(self) -> list[str]:
        """What did not match, both ways, and what to know of the rest, in sentences."""
        told = []
        if self.not_judged:
            told.append(_named(self.not_judged, "labelled but not in the run"))
        if without := self.unlabelled - len(self.undecided):
            told.append(f"{_transcripts(without)} judged but not labelled")
        if self.undecided:
            told.append(_named(self.undecided, "not settled by the labelers"))
        if self.unscored:
            told.append(f"{_transcripts(self.unscored)} labelled but unscored")
        if self.set_aside:
            told.append(f"{_labels(self.set_aside)} of other sources, set aside")
        if anchored := sum(label.anchored for label in self.labels):
            told.append(
                f"{_labels(anchored)} made with a suggested answer in view: agreement "
                "with it proves little"
            )
        return [*told, *self.judgements.notes]


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
        How several labels of a transcript become one: see `settle`.

    Raises
    ------
    UsageError
        If rubric or labeler are not there, no labelled transcript is in the run, or the
        labels of a transcript contradict each other on what is no opinion (its scenario
        or how it was drawn).
    """
    every = HumanLabels.load(labels)
    if rubric is None and len(every.rubrics) == 1:
        rubric = every.rubrics[0]
    judged = Judgements.of(run, rubric)
    about = every.for_rubric(judged.rubric)
    counted = about.made_by(about.best_source or "human")
    settled = settle(counted, adjudication)
    known = set(judged.frame.index)
    asked = sorted(counted.transcripts)
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
        labels=HumanLabels(x for x in counted if x.transcript in known),
        frame=_beside(settled, judged),
        not_judged=not_judged,
        undecided=tuple(x for x in asked if x in known and x not in decided),
        set_aside=len(about) - len(counted),
    )


def _beside(settled: pd.DataFrame, judged: Judgements) -> pd.DataFrame:
    """Join them in the run's order; metadata never takes the place of a label.

    Metadata of the name of a label's column is kept as ``metadata_<name>``, but for the
    scenario, which labels and transcripts may both give.
    """
    import pandas as pd

    said = judged.frame[judged.frame.index.isin(settled.index)]
    told = settled.reindex(said.index)
    if "scenario" in said.columns:
        both = zip(told["scenario"], said["scenario"], strict=True)
        known = [theirs if pd.isna(own) else own for own, theirs in both]
        told["scenario"] = pd.Series(known, index=told.index, dtype="object")
        said = said.drop(columns="scenario")
    clash = {x: f"metadata_{x}" for x in said.columns if x in told.columns}
    return pd.concat([told, said.rename(columns=clash)], axis=1)


def _named(ids: Sequence[str], what: str) -> str:
    some = ", ".join(map(repr, ids[:_SHOWN]))
    more = ", ..." if len(ids) > _SHOWN else ""
    return f"{_transcripts(len(ids))} {what}: {some}{more}"


def _transcripts(n: int) -> str:
    return "1 transcript is" if n == 1 else f"{n:,} transcripts are"


def _labels(n: int) -> str:
    return "1 label is" if n == 1 else f"{n:,} labels are"
