"""What one judge said of many transcripts on one rubric, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from judge.calibration.results_table import STATUS, read_results, results_frame
from judge.errors import UsageError
from judge.provenance import Provenance
from judge.store.frame import COLUMNS
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judgements", "read_run"]

_NEEDED = ("transcript_id", "rubric", "status", "score", "level", "present")


@dataclass(frozen=True, slots=True)
class Judgements:
    """One judge's results on one rubric.

    ``frame`` is indexed by transcript id and has ``status`` (scored, abstained,
    unscored), ``score`` (0-1, NaN where unscored), ``level``, ``present`` (NA where it
    abstained or is unscored), ``fingerprint``, ``length`` (of the input in tokens, NaN
    where not known), and the transcripts' metadata, under the names `Run.to_frame`
    gives it.
    """

    rubric: str
    frame: pd.DataFrame
    provenance: Provenance | None = None
    """Of the commonest fingerprint; None for a table, which does not carry it."""
    threshold: int | None = None

    @classmethod
    def of(cls, run: object, rubric: str | None = None) -> Judgements:
        """Read a run, assessments, a table of `Run.to_frame`, or a file of either.

        Files: JSONL, CSV and Parquet as a `Run` writes them, or its store, of which the
        newest run is taken.  In CSV, metadata is text.

        Raises
        ------
        UsageError
            If the rubric was not judged, several were and none is named, a transcript
            was judged twice, or a table holds what no judgement is.
        """
        if isinstance(run, Judgements):
            _only(rubric or run.rubric, {run.rubric})
            return run
        if isinstance(run, str | Path):
            run = read_run(Path(run))
        if hasattr(run, "columns") and hasattr(run, "to_dict"):
            return _of_table(cast("pd.DataFrame", run), rubric)
        if isinstance(run, Assessment):
            run = [run]
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

    def with_lengths(self, transcripts: Iterable[Transcript]) -> Judgements:
        """Return them with the lengths of the texts themselves, in characters.

        A recorded judge counts no tokens, so its results do not know them.
        """
        lengths = {
            text.id: sum(len(part.text) for _, m in text.numbered() for part in m.parts)
            for text in transcripts
        }
        frame = self.frame.copy()
        found = [float(lengths.get(str(name), "nan")) for name in frame.index]
        frame["length"] = found
        return replace(self, frame=frame)

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


def read_run(path: Path) -> object:
    """Return what a file of results holds: assessments, or a table."""
    ending = path.suffix.lower()
    if ending in (".jsonl", ".ndjson"):
        from judge.store.export import read_jsonl

        return read_jsonl(path)
    if ending in (".csv", ".parquet"):
        return read_results(path)
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    return _of_store(path)


def _of_store(path: Path) -> Iterator[Assessment]:
    from judge.store.sqlite import Store

    with Store(path) as store:
        runs = store.runs()
        if not runs:
            raise UsageError(f"{path} has no runs")
        yield from store.assessments(runs[-1].run_id)


def _of_assessments(run: Iterable[Any], rubric: str | None) -> Judgements:
    rows: dict[str, list[tuple[str, dict[str, Any], Any]]] = {}
    makers: dict[str, Provenance] = {}
    counts: dict[str, Counter[str]] = {}
    threshold: dict[str, int] = {}
    for assessment in run:
        if not isinstance(assessment, Assessment):
            raise UsageError(f"expected assessments, got {type(assessment).__name__}")
        for result in assessment:
            about = result.rubric
            kept = rows.setdefault(about, [])
            if rubric not in (None, about):
                continue
            row = _row(result)
            kept.append((assessment.transcript_id, row, assessment.metadata))
            if isinstance(result, Verdict):
                makers.setdefault(row["fingerprint"], result.provenance)
                counts.setdefault(about, Counter())[row["fingerprint"]] += 1
                threshold[about] = max(result.threshold, threshold.get(about, 0))
    name = _only(rubric, rows.keys())
    columns = _columns([row for _, row, _ in rows[name]])
    metadata = _metadata([told for _, _, told in rows[name]])
    ids = [transcript for transcript, _, _ in rows[name]]
    commonest = counts.get(name, Counter()).most_common(1)
    return Judgements(
        name,
        results_frame(ids, columns, metadata, rubric=name),
        makers[commonest[0][0]] if commonest else None,
        threshold.get(name),
    )


def _row(result: Any) -> dict[str, Any]:
    abstained = isinstance(result, Verdict) and result.abstained
    return {
        "status": "abstained" if abstained else result.status,
        "score": result.score,
        "level": result.level,
        "present": result.present,
        "fingerprint": result.provenance.fingerprint,
        "length": result.usage.input_tokens or None,
    }


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in STATUS}


def _metadata(each: list[Any]) -> dict[str, list[Any]]:
    """Metadata by column, named as `Run.to_frame` names it."""
    names = sorted({name for told in each for name in told})
    found: dict[str, list[Any]] = {}
    for name in sorted(names, key=lambda name: (name in COLUMNS, name)):
        column = name
        while column in COLUMNS or column in STATUS or column in found:
            column = f"metadata_{column}"
        found[column] = [told.get(name) for told in each]
    return found


def _of_table(table: pd.DataFrame, rubric: str | None) -> Judgements:
    if table.index.name == "transcript_id" and "transcript_id" not in table.columns:
        table = table.reset_index()
    if missing := [name for name in _NEEDED if name not in table.columns]:
        raise UsageError(
            f"the table is no table of results: it has no column {', '.join(missing)}"
        )
    if not table.columns.is_unique:
        raise UsageError("the table has two columns of one name; keep one")
    about = table["rubric"].astype("object").map(str)
    name = _only(rubric, set(about))
    kept = table[(about == name).to_numpy()].rename(columns={"input_tokens": "length"})
    every = {str(column): kept[column].tolist() for column in kept.columns}
    ids = [str(told) for told in every["transcript_id"]]
    columns = {x: every.get(x, [None] * len(ids)) for x in STATUS}
    others = {
        x: told
        for x, told in every.items()
        if x not in STATUS and x not in ("transcript_id", "rubric")
    }
    return Judgements(name, results_frame(ids, columns, others, rubric=name))


def _only(rubric: str | None, seen: Iterable[str]) -> str:
    found = sorted(seen)
    known = ", ".join(found) or "none"
    if rubric is None and len(found) == 1:
        return found[0]
    if rubric is None:
        raise UsageError(f"the run judged {known}; name one rubric (rubric=...)")
    if rubric not in found:
        raise UsageError(f"the run did not judge {rubric!r}; it judged: {known}")
    return rubric
