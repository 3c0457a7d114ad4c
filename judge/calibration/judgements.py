"""What one judge said of many transcripts on one rubric, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from judge.errors import UsageError
from judge.provenance import Provenance
from judge.verdict import Assessment, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judgements"]

_NEEDED = ("transcript_id", "rubric", "status", "score", "level", "present")
_TYPES = {
    "status": "object",
    "score": "float64",
    "level": "Int64",
    "present": "boolean",
    "fingerprint": "object",
    "length": "float64",
}
_ROW = frozenset(("transcript_id", "rubric", *_TYPES))


@dataclass(frozen=True, slots=True)
class Judgements:
    """One judge's results on one rubric.

    ``frame`` is indexed by transcript id and has ``status`` (scored, abstained,
    unscored), ``score`` (0-1, NaN where unscored), ``level``, ``present`` (NA where it
    abstained or is unscored), ``fingerprint``, ``length`` (of the input in tokens, NaN
    where not known), and the transcripts' metadata.
    """

    rubric: str
    frame: pd.DataFrame
    provenance: Provenance | None = None
    """Of the commonest fingerprint; None for a table, which does not carry it."""
    threshold: int | None = None

    @classmethod
    def of(cls, run: object, rubric: str | None = None) -> Judgements:
        """Read a run, assessments, a table of `Run.to_frame`, or a file of either.

        Raises
        ------
        UsageError
            If the rubric was not judged, several were and none is named, or a
            transcript was judged twice.
        """
        if isinstance(run, Judgements):
            return run
        if isinstance(run, str | Path):
            run = _read(Path(run))
        if hasattr(run, "columns") and hasattr(run, "to_dict"):
            return _of_table(cast("pd.DataFrame", run), rubric)
        if isinstance(run, Iterable):
            return _of_assessments(run, rubric)
        raise UsageError(
            f"expected a run, assessments or their table, got {type(run).__name__}"
        )

    @property
    def fingerprints(self) -> dict[str, int]:
        """Judged transcripts by the fingerprint of their judge, commonest first."""
        told = self.frame.loc[self.frame["status"] != "unscored", "fingerprint"]
        return dict(Counter(str(name) for name in told).most_common())

    def counts(self) -> dict[str, int]:
        """How many are present, absent, abstained and unscored."""
        frame = self.frame
        return {
            "present": int((frame["present"] == True).sum()),  # noqa: E712 # NA is neither
            "absent": int((frame["present"] == False).sum()),  # noqa: E712
            "abstained": int((frame["status"] == "abstained").sum()),
            "unscored": int((frame["status"] == "unscored").sum()),
        }

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        told = ", ".join(f"{n:,} {what}" for what, n in self.counts().items() if n)
        return f"<{len(self):,} transcripts judged on {self.rubric}: {told}>"


def _read(path: Path) -> object:
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        from judge.store.export import read_jsonl

        return read_jsonl(path)
    if path.suffix.lower() in (".csv", ".parquet"):
        return _read_table(path)
    from judge.store.sqlite import Store

    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    with Store(path) as store:
        runs = store.runs()
        if not runs:
            raise UsageError(f"{path} has no runs")
        return list(store.assessments(runs[-1].run_id))


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype={"transcript_id": str, "rubric": str})
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as results: {error}") from error


def _of_assessments(run: Iterable[Any], rubric: str | None) -> Judgements:
    rows: list[dict[str, Any]] = []
    makers: dict[str, Provenance] = {}
    verdicts: list[Verdict] = []
    seen: set[str] = set()
    for assessment in run:
        if not isinstance(assessment, Assessment):
            raise UsageError(f"expected assessments, got {type(assessment).__name__}")
        for result in assessment:
            seen.add(result.rubric)
            if rubric in (None, result.rubric):
                rows.append(_row(assessment, result))
                if isinstance(result, Verdict):
                    makers[result.provenance.fingerprint] = result.provenance
                    verdicts.append(result)
    name = _only(rubric, seen)
    commonest = Counter(v.provenance.fingerprint for v in verdicts).most_common(1)
    return Judgements(
        name,
        _indexed(rows, name),
        makers[commonest[0][0]] if commonest else None,
        max((verdict.threshold for verdict in verdicts), default=None),
    )


def _of_table(table: pd.DataFrame, rubric: str | None) -> Judgements:
    if missing := [name for name in _NEEDED if name not in table.columns]:
        raise UsageError(
            f"the table is no table of results: it has no column {', '.join(missing)}"
        )
    name = _only(rubric, set(map(str, table["rubric"])))
    rows = table[table["rubric"] == name].rename(columns={"input_tokens": "length"})
    records = cast("list[dict[str, Any]]", rows.to_dict(orient="records"))
    return Judgements(name, _indexed(records, name))


def _row(assessment: Assessment, result: Any) -> dict[str, Any]:
    scored = isinstance(result, Verdict)
    status = "unscored" if not scored else result.status
    return {
        **assessment.metadata,
        "transcript_id": assessment.transcript_id,
        "status": "abstained" if scored and result.abstained else status,
        "score": result.score,
        "level": result.level,
        "present": result.present,
        "fingerprint": result.provenance.fingerprint,
        "length": result.usage.input_tokens or None,
    }


def _only(rubric: str | None, seen: set[str]) -> str:
    known = ", ".join(sorted(seen)) or "none"
    if rubric is None and len(seen) == 1:
        return next(iter(seen))
    if rubric is None:
        raise UsageError(f"the run judged {known}; name one rubric (rubric=...)")
    if rubric not in seen:
        raise UsageError(f"the run did not judge {rubric!r}; it judged: {known}")
    return rubric


def _indexed(rows: Sequence[Mapping[str, Any]], rubric: str) -> pd.DataFrame:
    import pandas as pd

    ids = [str(row["transcript_id"]) for row in rows]
    if twice := [name for name, n in Counter(ids).items() if n > 1]:
        raise UsageError(
            f"transcript {twice[0]!r} was judged on {rubric} {ids.count(twice[0])} "
            "times in this run; give each repeat its own run"
        )
    names = dict.fromkeys(name for row in rows for name in row if name not in _ROW)
    columns = {
        name: pd.Series([_known(row.get(name)) for row in rows], dtype=dtype)
        for name, dtype in _TYPES.items()
    }
    others = {name: pd.Series([row.get(name) for row in rows]) for name in names}
    frame = pd.DataFrame(columns | others)
    frame.index = pd.Index(ids, name="transcript", dtype="object")
    return frame


def _known(value: Any) -> Any:
    import pandas as pd

    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value
