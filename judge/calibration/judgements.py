"""What one judge said of many transcripts on one rubric, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from judge.calibration.results_table import STATUS, read_results, results_frame
from judge.calibration.score_table import only_rubric, read_scores
from judge.errors import UsageError
from judge.provenance import Provenance
from judge.store.frame import COLUMNS
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judgements", "read_run"]


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
    """The level from which a row is present; None where a table says so itself."""
    notes: tuple[str, ...] = ()
    """What a table left out and was taken to be so, in sentences."""

    @classmethod
    def of(
        cls, run: object, rubric: str | None = None, *, threshold: int | None = None
    ) -> Judgements:
        """Read a run, assessments, a table of scores, or a file of either.

        Files: JSONL, CSV and Parquet as a `Run` writes them, or its store, of which the
        newest run is taken.  In CSV, metadata is text.

        Another judge's scores may come as a table too (a DataFrame, CSV or Parquet):
        ids in ``transcript_id``, ``transcript``, ``id`` or the index, and ``score``
        from 0 to 1.  Without ``status``, rows with a score are scored; without
        ``present``, the ``level`` decides, or else a score of 0.5.  `notes` says what
        was taken so.  Nothing is scaled: divide scores from 1 to 100 by 100.

        Parameters
        ----------
        run
            What the judge said.
        rubric
            Which, where there are several, or what a table is about that has no column
            ``rubric``.
        threshold
            The level from which a row is present, of a table that has levels and does
            not say; 2 if not given, as in the rubrics of the library.

        Raises
        ------
        UsageError
            If the rubric was not judged, several were and none is named, a transcript
            was judged twice, or a table holds what no judgement is.

        Examples
        --------
        >>> import pandas as pd
        >>> scores = pd.DataFrame({"id": ["t1", "t2"], "score": [0.9, 0.2]})
        >>> judged = Judgements.of(scores, "deception")
        >>> judged
        <2 transcripts judged on deception: 1 present, 1 absent>
        >>> print(judged.notes[1])
        the table does not say what is present: taken to be scores from 0.5 up
        """
        if isinstance(run, Judgements):
            only_rubric(rubric or run.rubric, {run.rubric})
            found = run
        else:
            found = _read(run, rubric, threshold)
        if threshold not in (None, found.threshold):
            raise UsageError(
                f"threshold={threshold} goes with a table that has levels and does not "
                "say what is present; leave it out"
            )
        return found

    @property
    def model(self) -> str | None:
        """The judge's model; None where a table does not name exactly one."""
        if self.provenance is not None:
            return self.provenance.model
        if "model" not in self.frame.columns:
            return None
        named = self.frame["model"].dropna().unique()
        return str(named[0]) if len(named) == 1 else None

    @property
    def fingerprints(self) -> dict[str, int]:
        """Judged transcripts by the fingerprint of their judge, commonest first.

        ``"None"`` counts those of a table that does not say.
        """
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


def _read(run: object, rubric: str | None, threshold: int | None) -> Judgements:
    if isinstance(run, str | Path):
        run = read_run(Path(run))
    if hasattr(run, "to_pandas"):  # tables of Arrow and Polars
        run = run.to_pandas()
    if hasattr(run, "columns") and hasattr(run, "to_dict"):
        return _of_table(cast("pd.DataFrame", run), rubric, threshold)
    if isinstance(run, Assessment):
        run = [run]
    if isinstance(run, Iterable):
        return _of_assessments(run, rubric)
    raise UsageError(
        f"expected a run, assessments or their table, got {type(run).__name__}"
    )


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
            raise UsageError(
                f"expected assessments, got {type(assessment).__name__}; a "
                "DataFrame can hold another judge's scores"
            )
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
    name = only_rubric(rubric, rows.keys())
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


def _of_table(
    table: pd.DataFrame, rubric: str | None, threshold: int | None
) -> Judgements:
    read = read_scores(table, rubric, threshold=threshold)
    frame = results_frame(read.ids, read.columns, read.others, rubric=read.rubric)
    return Judgements(read.rubric, frame, None, read.threshold, read.notes)
