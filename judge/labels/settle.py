"""How several labels of a transcript become one: the adjudication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from judge.errors import UsageError
from judge.labels.label import ADJUDICATORS
from judge.labels.labels import HumanLabels

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["settle"]

_EVEN = 1e-9
"""Shares this near to a half are a tie: the rest is rounding."""


def settle(labels: HumanLabels, adjudication: str = "majority") -> pd.DataFrame:
    """Return one row a transcript whose label is settled, sorted by its id.

    Each labeler counts once, however often they answered: with the share of their
    answers that say present.  Where an adjudicator gave a word, only that counts.

    Parameters
    ----------
    labels
        For one rubric.
    adjudication
        ``"majority"``: ties and mere unsure leave it undecided.  ``"soft"``: the mean
        of the ``soft`` that labels carry, else the share of labelers who say present,
        unsure as half.  A labeler's name: their word decides where they gave one, the
        majority elsewhere.  Labelers called adjudicator, adjudicated, consensus or gold
        decide in any case.

    Returns
    -------
    pandas.DataFrame
        By transcript: ``y``, ``severity``, ``labelers``, ``inclusion`` and
        ``scenario``.  Severity is the median over labelers; where a word decides, its
        own, or the median over those who say the same.

    Raises
    ------
    UsageError
        If there is no such labeler, or the labels of a transcript name two scenarios or
        two probabilities of having been drawn.
    """
    import pandas as pd

    if adjudication not in ("majority", "soft", *labels.labelers):
        raise UsageError(
            f"adjudication={adjudication!r}: use 'majority', 'soft' or the name of a "
            f"labeler ({', '.join(map(repr, labels.labelers[:9]))})"
        )
    names = sorted(labels.transcripts)
    table = _table(labels, names, adjudication)
    frame = table.groupby("transcript").agg(labelers=("labeler", "nunique"))
    word = table[table["decides"]]
    decided = frame.index.isin(word["transcript"])
    rest = table[~table["transcript"].isin(word["transcript"])]
    share = _share(word).reindex(frame.index)
    if adjudication == "soft":
        other = _soft(rest).reindex(frame.index)
        frame["y"] = share.fillna(0.5).where(decided, other)
    else:
        frame["y"] = _sided(share.where(decided, _share(rest).reindex(frame.index)))
    alike = table[table["said"] == table["transcript"].map(_sided(_share(word)))]
    severity = _severity(word).reindex(frame.index)
    severity = severity.where(severity.notna(), _severity(alike).reindex(frame.index))
    frame["severity"] = severity.where(decided, _severity(table))
    frame["inclusion"] = _agreed(table, "inclusion", names)
    frame["scenario"] = _agreed(table, "scenario", names).astype("object")
    frame.index = pd.Index(names, dtype="object")
    columns = ["y", "severity", "labelers", "inclusion", "scenario"]
    return frame.loc[frame["y"].notna(), columns]


def _table(
    labels: HumanLabels, names: Sequence[str], adjudication: str
) -> pd.DataFrame:
    """A row a label; transcripts and labelers by number, for their names may be any.

    (Pandas keeps text it groups by in a form that has no lone surrogates.)
    """
    import pandas as pd

    told, said = list(labels), {"present": 1.0, "absent": 0.0}
    number = {name: place for place, name in enumerate(names)}
    labelers = {name: place for place, name in enumerate(labels.labelers)}
    deciding = {who for who in labelers if who.casefold() in ADJUDICATORS}
    deciding.add(adjudication)
    columns: dict[str, tuple[list[Any], str]] = {
        "transcript": ([number[x.transcript] for x in told], "int64"),
        "labeler": ([labelers[x.labeler] for x in told], "int64"),
        "said": ([said.get(x.label) for x in told], "float64"),
        "soft": ([x.soft for x in told], "float64"),
        "severity": ([x.severity for x in told], "float64"),
        "inclusion": ([x.inclusion for x in told], "float64"),
        "scenario": ([x.scenario or None for x in told], "object"),
        "decides": ([x.labeler in deciding for x in told], "bool"),
    }
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=kind) for name, (cells, kind) in columns.items()}
    )


def _share(table: pd.DataFrame) -> pd.Series[float]:
    """By transcript, the mean over labelers of their share of present."""
    own = table.groupby(["transcript", "labeler"])["said"].mean()
    return own.groupby(level="transcript").mean()


def _soft(table: pd.DataFrame) -> pd.Series[float]:
    given = table.groupby("transcript")["soft"].mean()
    counted = _share(table.assign(said=table["said"].fillna(0.5)))
    return given.where(given.notna(), counted)


def _sided(share: pd.Series[float]) -> pd.Series[float]:
    """1 or 0 by the larger side; NaN for a tie."""
    sided = (share > 0.5).astype("float64")
    return sided.where((share - 0.5).abs() > _EVEN)


def _severity(table: pd.DataFrame) -> pd.Series[float]:
    own = table.groupby(["transcript", "labeler"])["severity"].median()
    return own.groupby(level="transcript").median()


def _agreed(table: pd.DataFrame, column: str, names: Sequence[str]) -> pd.Series[Any]:
    """By transcript, the one value its labels give, where any does."""
    given = table[table[column].notna()].drop_duplicates(["transcript", column])
    twice = given[given["transcript"].duplicated(keep=False)]
    for place, values in twice.groupby("transcript")[column]:
        low, high = min(values), max(values)
        if isinstance(low, str) or high - low > _EVEN:
            raise UsageError(
                f"the labels of transcript {names[cast('int', place)]!r} name two "
                f"values of {column}, {low!r} and {high!r}; it is a fact of the "
                "transcript: keep one"
            )
    return table.groupby("transcript")[column].first()
