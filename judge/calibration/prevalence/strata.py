"""The judge's answers cut into strata before anyone looks at a label.

By verdict, and within a verdict by fixed edges of the score where scores are graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from judge.errors import UsageError
from judge.statistics.rates.strata import merge_thin

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Strata", "StrataKind", "stratify"]

StrataKind = Literal["auto", "verdict"]
EDGES = {"absent": 0.2, "present": 0.8}
"""Fixed, so that no label plays a part in where they are."""
GRADED = 4
"""Different scores from which they say more than the verdict."""
THICK = 10
"""Labels a part of a verdict needs to stand by itself: with fewer it widens the whole,
at 30 labels and a rate of 2 % by a twelfth where the judge is useless."""
_ORDER = ("absent", "present", "abstained")


@dataclass(frozen=True, slots=True)
class Strata:
    """What was judged and what is labelled of it, by stratum, in a fixed order."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    """The verdict of each: present, absent or abstained."""
    judged: tuple[int, ...]
    labelled: tuple[int, ...]
    positives: tuple[float, ...]
    """Sums of labels; whole numbers unless they are kept soft."""
    of_label: tuple[int, ...]
    """The stratum of each labelled transcript, in the order given."""

    def without(self, group: str) -> Strata:
        """Return the strata of the other verdicts."""
        kept = [i for i, name in enumerate(self.groups) if name != group]
        where = {old: new for new, old in enumerate(kept)}
        return Strata(
            tuple(self.names[i] for i in kept),
            tuple(self.groups[i] for i in kept),
            tuple(self.judged[i] for i in kept),
            tuple(self.labelled[i] for i in kept),
            tuple(self.positives[i] for i in kept),
            tuple(where[i] for i in self.of_label if i in where),
        )

    @property
    def counts(self) -> tuple[tuple[int, ...], tuple[float, ...], tuple[int, ...]]:
        """Judged, positives, labelled: what `post_stratified` takes."""
        return self.judged, self.positives, self.labelled


def stratify(
    judged: pd.DataFrame,
    labelled: pd.DataFrame,
    *,
    kind: StrataKind = "auto",
    y: Sequence[float] | None = None,
) -> Strata:
    """Sort the judged, and the labelled among them, into strata.

    A part of a verdict with fewer than 10 labels joins the other part.

    Parameters
    ----------
    judged
        As `Judgements.frame`; rows that are unscored are left out.
    labelled
        As `Joined.frame`.
    kind
        ``"verdict"`` for the verdict alone; ``"auto"`` cuts each verdict at a score of
        0.2 and 0.8 where the scores are graded.
    y
        Labels to count in place of the column ``y``, one for each row of ``labelled``.

    Raises
    ------
    UsageError
        If ``kind`` is neither.
    """
    if kind not in ("auto", "verdict"):
        raise UsageError(f"strata={kind!r}: use 'auto' or 'verdict'")
    told = labelled["y"] if y is None else y
    values = np.asarray(told, dtype=np.float64)[
        (labelled["status"] != "unscored").to_numpy()
    ]
    judged = judged[judged["status"] != "unscored"]
    labelled = labelled[labelled["status"] != "unscored"]
    graded = kind == "auto" and judged["score"].nunique() >= GRADED
    fine = _fine(judged, graded=graded)
    rows = _fine(labelled, graded=graded)
    keys = [(group, half) for group in _ORDER for half in ((0, 1) if graded else (0,))]
    parts = merge_thin(
        [fine.count(key) for key in keys],
        [rows.count(key) for key in keys],
        [group for group, _ in keys],
        least=THICK,
    )
    where = {
        keys[index]: part for part, members in enumerate(parts) for index in members
    }
    of_label = [where[key] for key in rows]
    return Strata(
        names=tuple(_name([keys[i] for i in part], fine) for part in parts),
        groups=tuple(keys[part[0]][0] for part in parts),
        judged=tuple(sum(fine.count(keys[i]) for i in part) for part in parts),
        labelled=tuple(of_label.count(part) for part in range(len(parts))),
        positives=tuple(
            float(values[[i for i, at in enumerate(of_label) if at == part]].sum())
            for part in range(len(parts))
        ),
        of_label=tuple(of_label),
    )


def _fine(frame: pd.DataFrame, *, graded: bool) -> list[tuple[str, int]]:
    """Return verdict and half of each row; the half is 0 where nothing is cut."""
    said = frame["present"].fillna(value=False).astype(bool)
    keys = []
    for status, present, score in zip(
        frame["status"], said, frame["score"], strict=True
    ):
        verdict = "present" if present else "absent"
        group = "abstained" if status == "abstained" else verdict
        edge = EDGES.get(group)
        keys.append((group, int(graded and edge is not None and score >= edge)))
    return keys


def _name(keys: Sequence[tuple[str, int]], seen: Sequence[tuple[str, int]]) -> str:
    group = keys[0][0]
    whole = {key for key in seen if key[0] == group}
    if group not in EDGES or len(whole) < 2 or len(keys) > 1:
        return group
    side = f"{EDGES[group]:g} or more" if keys[0][1] else f"below {EDGES[group]:g}"
    return f"{group}, score {side}"
