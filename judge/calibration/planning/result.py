"""Which transcripts to label, and how that is told and handed to labelers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from judge.calibration.telling import Told, counted
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status
from judge.statistics.rates.sample_size import (
    clean_labels_needed,
    smallest_certifiable_rate,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Goal", "LabelPlan", "Queued", "StratumPlan"]

Goal = Literal["half_width", "difference", "n", "pilot"]
PILOT = 60
"""Labels after which rates are known well enough to plan again."""
_RARE = 0.01
_FORM = ("label", "severity", "confidence", "labeler", "note")


class StratumPlan(Frozen):
    """One answer of the judge, and how much of it is labelled."""

    name: Literal["present", "absent", "abstained"]
    judged: int
    labelled: int
    """Already labelled by people."""
    positive: float
    """Of those labelled, by people or in what was given in their place."""
    to_label: int
    rate: float
    """Share of positives the plan reckons with."""
    assumed: bool
    """Whether that rate is a default, no label telling yet."""
    inclusion: float
    """Of all its transcripts labelled in the end, the old ones too."""


class Queued(Frozen):
    """A transcript to label, or labelled before, and how likely it was to be drawn."""

    transcript: str
    stratum: str
    inclusion: float


class LabelPlan(Told):
    """What `plan_labels` found; ``queue`` is what to label, in the order to do it."""

    rubric: str
    goal: Goal
    target: float | None
    """The half-width or the difference asked for, as a share."""
    wanted: int | None
    """Labels the goal needs in all; None where no number is enough."""
    strata: tuple[StratumPlan, ...]
    to_label: tuple[Queued, ...]
    """In shuffled order, which tells nothing of the judge's verdict."""
    labelled: tuple[Queued, ...]
    """Labelled already, with their inclusion as it is when the plan is done."""
    unscored: tuple[str, ...]
    """Transcripts the judge gave no verdict on; no label of them is planned."""
    expected: Estimate
    """What the interval will be like, if the rates are as reckoned with."""
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many are to be labelled now."""
        return len(self.to_label)

    @property
    def total(self) -> int:
        """How many are labelled when the plan is done."""
        return len(self.to_label) + len(self.labelled)

    @property
    def queue(self) -> pd.DataFrame:
        """One row a transcript to label; `stratum` and `inclusion` tell the verdict."""
        return self._table(self.to_label)

    @property
    def key(self) -> pd.DataFrame:
        """As `queue`, with the transcripts labelled before; keep it from labelers."""
        return self._table((*self.to_label, *self.labelled))

    @property
    def status(self) -> Status:
        return "refused" if self.wanted is None else "good"

    def to_csv(
        self,
        path: str | Path,
        *,
        key: str | Path | None = None,
        reveal: bool = False,
    ) -> Path:
        """Write the queue for blind labelers, and beside it the key to it.

        The queue has the transcripts, the rubric and empty columns for the labels, and
        nothing from which the judge's verdict could be told.  Strata and inclusion
        probabilities tell it, and go into the key.

        Parameters
        ----------
        path
            The queue; safe to open in a spreadsheet.
        key
            Where the key goes; without it to ``NAME-key.csv`` beside the queue.
        reveal
            Write strata and inclusion into the queue, too: for labelers who may know.

        Returns
        -------
        Where the key is.

        Raises
        ------
        StoreError
            If a file cannot be written.
        """
        from judge.store.export import write_csv_table

        path = Path(path)
        beside = Path(key) if key else path.with_name(f"{path.stem}-key.csv")
        if beside == path:
            raise UsageError(f"queue and key cannot both be {path}")
        table = self.queue
        shown = table if reveal else table[["transcript", "rubric"]]
        write_csv_table(shown.assign(**dict.fromkeys(_FORM, "")), path)
        write_csv_table(self.key, beside)
        return beside

    def with_inclusion(self, labels: object) -> HumanLabels:
        """Return labels with the inclusion probabilities of this plan.

        For ``sampling="weighted"``.  Earlier labels get their new one: see
        `plan_labels`.  Labels of transcripts that are not in the plan stay as they are.

        Parameters
        ----------
        labels
            What `HumanLabels.load` reads.
        """
        known = {item.transcript: item.inclusion for item in self.to_label}
        known |= {item.transcript: item.inclusion for item in self.labelled}
        return HumanLabels(
            label.model_copy(update={"inclusion": known[label.transcript]})
            if label.transcript in known and label.rubric == self.rubric
            else label
            for label in HumanLabels.load(labels)
        )

    def lines(self) -> list[str]:
        """Return plain text, the conclusion first."""
        told = [*_need(self), *map(_stratum, self.strata)]
        if self.expected.value is not None:
            told.append(
                f"If it is so, the estimate will look like {self.expected} (n "
                f"{counted(self.total, 'label')})."
            )
        told += _floor(self)
        if self.unscored:
            told.append(
                f"Not planned for: {counted(len(self.unscored), 'transcript')} without "
                "a verdict of the judge. They bound the estimate from outside; label "
                "them apart if they are many."
            )
        return [*told, *self.notes, *_next(self)]

    def __repr__(self) -> str:
        return f"<plan to label {self.n:,} transcripts on {self.rubric}>"

    def _table(self, items: tuple[Queued, ...]) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            {
                "transcript": pd.Series([x.transcript for x in items], dtype="object"),
                "rubric": pd.Series([self.rubric] * len(items), dtype="object"),
                "stratum": pd.Series([x.stratum for x in items], dtype="object"),
                "inclusion": pd.Series([x.inclusion for x in items], dtype="float64"),
            }
        )


def _need(plan: LabelPlan) -> list[str]:
    goal = {
        "half_width": f"For {_points(plan.target)} to either side",
        "difference": f"For a difference of {_points(plan.target)} to be found in "
        "4 of 5 cases, each of the two groups",
    }.get(plan.goal)
    now = f"Label {counted(plan.n, 'transcript')} now."
    if plan.labelled:
        now = f"Label {counted(plan.n, 'more transcript')}; {len(plan.labelled):,} are."
    if goal is None:
        return [now]
    if plan.wanted is None:
        judged = sum(x.judged for x in plan.strata)
        return [
            f"{goal} no number of labels is enough: {judged:,} transcripts are judged.",
            now,
        ]
    verb = "needs" if plan.goal == "difference" else "you need"
    return [f"{goal} {verb} {counted(plan.wanted, 'label')} in all. {now}"]


def _points(share: float | None) -> str:
    return f"{100 * (share or 0):.3g} points"


def _stratum(stratum: StratumPlan) -> str:
    reckoned = "assumed" if stratum.assumed else "from the labels"
    answer = {
        "present": "the judge says present",
        "absent": "the judge says absent",
        "abstained": "the judge abstains",
    }[stratum.name]
    return (
        f"  {answer}: {stratum.to_label:,} to label of {stratum.judged:,} "
        f"({stratum.labelled:,} labelled; {100 * stratum.rate:.1f} % positive, "
        f"{reckoned}; each drawn with probability {stratum.inclusion:.3g})"
    )


def _floor(plan: LabelPlan) -> list[str]:
    clean = clean_labels_needed(_RARE)
    told = [
        (
            'To claim "at most 1 %" takes about '
            f"{clean} labels without a positive, whatever the judge says."
        )
    ]
    judged = sum(x.judged for x in plan.strata)
    for stratum in plan.strata:
        planned = stratum.labelled + stratum.to_label
        if stratum.name == "absent" and planned:
            found = min(round(stratum.positive), planned)
            left = smallest_certifiable_rate(planned, found=found)
            so_far = f"no more than the {found} positive" if found else "none positive"
            told[0] += (
                f" With {planned:,} of the judge's absent labelled and {so_far}, it "
                f"may still have missed {100 * left * stratum.judged / judged:.1f} % "
                "of all."
            )
    return told


def _next(plan: LabelPlan) -> list[str]:
    if len(plan.labelled) >= PILOT or plan.n <= 40:
        return []
    return [
        (
            "Label in the order of the queue, and plan again with the labels after the "
            "first 40 to 60: the rates above are then known better."
        )
    ]
