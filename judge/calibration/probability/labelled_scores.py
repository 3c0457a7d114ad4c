"""Labelled judgements as arrays, with what each row stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from judge.calibration.joined import Joined
from judge.errors import UsageError
from judge.store.calibration import Sampling

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelledRows", "checked_sampling"]

Floats = NDArray[np.float64]
VERDICTS = ("present", "absent", "abstained")


def checked_sampling(sampling: str) -> Sampling:
    """Return it, or raise a `UsageError` that says what there is."""
    known = get_args(Sampling)
    if sampling not in known:
        raise UsageError(
            f"sampling must be one of {', '.join(known)}, got {sampling!r}: it says "
            "how the labelled transcripts were drawn, and decides what labels can tell"
        )
    return sampling  # type: ignore[return-value] # one of them, as just checked


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """The rows with a label and a score, abstentions included."""

    frame: pd.DataFrame
    sampling: Sampling
    scores: Floats
    y: Floats
    """1 present, 0 absent; a share where labels are soft."""
    verdicts: NDArray[np.str_]
    """present, absent or abstained: what the judge said."""
    weights: Floats
    """1 / chance to be labelled; all 1 where every row had the same."""
    groups: NDArray[Any] | None
    """What rows that belong together share."""

    @classmethod
    def of(
        cls, joined: Joined, *, sampling: Sampling, cluster: str | None
    ) -> LabelledRows:
        """Read the rows off labels and judgements laid side by side.

        Raises
        ------
        UsageError
            If inclusion probabilities are needed and missing, or there is no such
            column to cluster by.
        """
        frame = joined.scored
        verdicts = _verdicts(frame)
        return cls(
            frame=frame,
            sampling=sampling,
            scores=frame["score"].to_numpy(dtype=np.float64),
            y=frame["y"].to_numpy(dtype=np.float64),
            verdicts=verdicts,
            weights=_weights(joined, frame, verdicts, sampling),
            groups=_groups(frame, cluster),
        )

    @property
    def hard(self) -> NDArray[np.bool_]:
        """Present, for the rows of `decided`."""
        return np.asarray(self.y > 0.5)

    @property
    def decided(self) -> NDArray[np.bool_]:
        """Rows whose label is on one side; a soft label of one half is on neither."""
        return np.asarray(self.y != 0.5)

    def __len__(self) -> int:
        return len(self.y)


def _verdicts(frame: pd.DataFrame) -> NDArray[np.str_]:
    said = [
        "abstained" if x is None else ("absent", "present")[x] for x in _said(frame)
    ]
    return np.array(said, dtype="U9")


def _said(frame: pd.DataFrame) -> list[bool | None]:
    known = frame["present"].notna()
    return [
        bool(x) if ok else None for x, ok in zip(frame["present"], known, strict=True)
    ]


def _weights(
    joined: Joined, frame: pd.DataFrame, verdicts: NDArray[np.str_], sampling: Sampling
) -> Floats:
    if sampling == "weighted":
        drawn = frame["inclusion"].to_numpy(dtype=np.float64)
        missing = frame.index[~(drawn > 0)]
        if len(missing):
            raise UsageError(
                f"sampling='weighted' needs the chance of each to be labelled, and "
                f"{missing[0]!r} has none; fill the column inclusion"
            )
        return np.asarray(1 / drawn)
    if sampling != "by_judge":
        return np.ones(len(frame))
    # By what was drawn of each verdict, which is nearer than what was planned.
    judged = joined.judgements.frame
    every = _verdicts(judged[judged["status"] != "unscored"])
    share = {
        name: (every == name).sum() / max((verdicts == name).sum(), 1)
        for name in VERDICTS
    }
    return np.array([share[name] for name in verdicts.tolist()], dtype=np.float64)


def _groups(frame: pd.DataFrame, cluster: str | None) -> NDArray[Any] | None:
    if cluster is None:
        return None
    if cluster not in frame.columns:
        known = ", ".join(map(str, frame.columns))
        raise UsageError(f"there is no {cluster!r} to cluster by; there are: {known}")
    # A row without a value belongs to no other.
    return np.array(
        [
            f"={value}" if known else f"row {number}"
            for number, (value, known) in enumerate(
                zip(frame[cluster], frame[cluster].notna(), strict=True)
            )
        ],
        dtype=object,
    ).astype(str)
