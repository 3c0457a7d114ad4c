"""A run parted into groups, each with the labels of its own transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from judge.calibration.joined import Joined, join
from judge.calibration.judgements import Judgements
from judge.errors import UsageError
from judge.labels.labels import HumanLabels

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["joined_groups"]

MANY = 30
"""Groups above which a column is taken to name transcripts, not conditions."""
_GROUP = "compared group"


def joined_groups(
    run: object,
    labels: object,
    *,
    by: str | None,
    rubric: str | None,
    adjudication: str,
) -> tuple[Joined, dict[str, Joined], int]:
    """Return all of it, each group by name (sorted), and how many are in none.

    Raises
    ------
    UsageError
        If there is no such column, or fewer than two groups or far too many.
    """
    whole, group = _parted(run, by, _rubric(labels, rubric))
    joined = join(whole, labels, rubric=whole.rubric, adjudication=adjudication)
    names = sorted(group.dropna().unique())
    what = "run" if by is None else f"by={by!r}"
    if len(names) < 2:
        told = repr(names[0]) if names else "nothing"
        raise UsageError(f"{what} names {told} only; a comparison needs two groups")
    if len(names) > MANY:
        raise UsageError(
            f"{what} parts the run into {len(names):,} groups, more than {MANY}; name "
            "a column such as target_model"
        )
    parts = {name: _part(joined, group.index[group == name]) for name in names}
    return joined, parts, int(group.isna().sum())


def _rubric(labels: object, rubric: str | None) -> str | None:
    known = HumanLabels.load(labels).rubrics
    return known[0] if rubric is None and len(known) == 1 else rubric


def _parted(
    run: object, by: str | None, rubric: str | None
) -> tuple[Judgements, pd.Series[str]]:
    """Return all judgements, and the group of each by transcript."""
    if isinstance(run, Mapping):
        return _together({str(name): run[name] for name in run}, rubric)
    judged = Judgements.of(run, rubric)
    if by is None:
        raise UsageError(
            "say what parts the groups: by= a metadata column such as target_model, or "
            "a mapping from names to runs"
        )
    if by not in judged.frame.columns:
        known = ", ".join(map(str, judged.frame.columns)) or "none"
        raise UsageError(f"by={by!r}: there is no such column; known: {known}")
    column = judged.frame[by]
    return judged, column.map(str, na_action="ignore").astype("object")


def _together(
    runs: Mapping[str, object], rubric: str | None
) -> tuple[Judgements, pd.Series[str]]:
    import pandas as pd

    each = {name: Judgements.of(run, rubric) for name, run in runs.items()}
    if len({judged.rubric for judged in each.values()}) > 1:
        raise UsageError("the runs are on different rubrics; name one (rubric=...)")
    if not each:
        raise UsageError("a comparison needs two runs, got none")
    frames = [one.frame.assign(**{_GROUP: name}) for name, one in each.items()]
    whole = pd.concat(frames)
    twice = whole.index[whole.index.duplicated()]
    if len(twice):
        first, second = whole.loc[[twice[0]], _GROUP].iloc[:2]
        raise UsageError(
            f"transcript {twice[0]!r} is in {first!r} and in {second!r}, so that its "
            "label could mean either; give each its own id, or use drift() for the "
            "same transcripts judged twice"
        )
    first_run = next(iter(each.values()))
    group = whole.pop(_GROUP)
    return replace(first_run, frame=whole), group


def _part(joined: Joined, members: pd.Index[str]) -> Joined:
    judged, frame = joined.judgements.frame, joined.frame
    inside = set(members)
    return Joined(
        judgements=replace(joined.judgements, frame=judged[judged.index.isin(members)]),
        labels=HumanLabels(x for x in joined.labels if x.transcript in inside),
        frame=frame[frame.index.isin(members)],
        not_judged=(),
        undecided=tuple(name for name in joined.undecided if name in inside),
        set_aside=0,
    )
