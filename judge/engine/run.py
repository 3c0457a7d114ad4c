"""The results of many transcripts: in memory, or in a store and read as needed."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

from judge.engine.tally import Tally
from judge.errors import UsageError
from judge.store import export
from judge.store.frame import to_frame
from judge.store.sqlite import Store
from judge.verdict import Assessment, Usage

if TYPE_CHECKING:
    import pandas as pd

    from judge.store.calibrations import CalibrationLike, Calibrations

__all__ = ["Run"]


class Run:
    """An ordered collection of `Assessment`, one per transcript.

    Iterate over it, index it by position or transcript id, or take `to_frame`.  A run
    with a store holds no results in memory: it reads them, in order, each time.
    """

    def __init__(
        self,
        assessments: Sequence[Assessment] = (),
        *,
        store: Store | None = None,
        run_id: str | None = None,
        tally: Tally | None = None,
        spent_usd: float | None = None,
        calibrations: Calibrations | None = None,
    ) -> None:
        self._assessments = assessments
        self._store = store
        self._calibrations = calibrations
        """Applied to what is read from the store; what is in memory has them."""
        self.run_id = run_id
        self.tally = tally or _tallied(assessments)
        self.spent_usd = spent_usd
        """Dollars this run itself spent, what the store already had not counted."""

    @classmethod
    def from_store(cls, path: str | Path, run_id: str | None = None) -> Run:
        """Read a run back from a store; the newest where no id is given."""
        store = Store(path)
        known = [info.run_id for info in store.runs()]
        if not known:
            raise UsageError(f"{path} has no runs")
        run_id = run_id or known[-1]
        tally = _tallied(store.assessments(run_id))
        return cls(store=store, run_id=run_id, tally=tally)

    @classmethod
    def from_jsonl(cls, path: str | Path) -> Run:
        """Read what `to_jsonl` wrote."""
        return cls(tuple(export.read_jsonl(path)))

    def __len__(self) -> int:
        return self.tally.transcripts

    def __iter__(self) -> Iterator[Assessment]:
        if self._store is None or self.run_id is None:
            return iter(self._assessments)
        stored = self._store.assessments(self.run_id)
        if self._calibrations is None:
            return stored
        return map(self._calibrations.apply, stored)

    @overload
    def __getitem__(self, which: int | str) -> Assessment: ...
    @overload
    def __getitem__(self, which: slice) -> Run: ...
    def __getitem__(self, which: int | str | slice) -> Assessment | Run:
        """Return an assessment by position or transcript id, or a run of a slice."""
        if isinstance(which, slice):
            return Run(tuple(self)[which], run_id=self.run_id)
        if isinstance(which, int):
            which = range(len(self))[which]
        for position, assessment in enumerate(self):
            if which in (position, assessment.transcript_id):
                return assessment
        raise KeyError(f"no transcript {which!r} in this run of {len(self)}")

    def calibrated(self, calibration: CalibrationLike) -> Run:
        """Return the same run with probabilities.

        A score outside those that were labelled has none, nor has a rubric without a
        calibration.  Results in a store are calibrated as they are read.

        Parameters
        ----------
        calibration
            A file, a `Calibration`, or several, one a rubric; they replace any before.

        Raises
        ------
        UsageError
            If it cannot be read, or none of its rubrics was judged;
            `CalibrationMismatch` if another judge made one of the verdicts.
        """
        from judge.store.calibrations import Calibrations

        judged = tuple(self.tally.rubrics)
        calibrations = Calibrations.of(calibration, judged=judged)
        if self._store is None or self.run_id is None:
            told = tuple(map(calibrations.apply, self._assessments))
            return Run(told, run_id=self.run_id, spent_usd=self.spent_usd)
        found = Run(
            store=self._store,
            run_id=self.run_id,
            spent_usd=self.spent_usd,
            calibrations=calibrations,
        )
        found.tally = _tallied(found)  # reads it once: a mismatch is told now
        return found

    @property
    def cost_usd(self) -> float | None:
        """Dollars its results took when they were made; None where unknown."""
        return self.tally.cost_usd

    @property
    def usage(self) -> Usage:
        return self.tally.usage

    @property
    def unscored(self) -> int:
        """How many results have no judgement."""
        return self.tally.unscored

    @property
    def verified_share(self) -> float | None:
        """Share of quotes found in the AI's own words; None without quotes."""
        return self.tally.verified_share

    def to_frame(self) -> pd.DataFrame:
        """One row a transcript and rubric; see `judge.store.frame.to_frame`."""
        return to_frame(self)

    def to_jsonl(self, path: str | Path) -> None:
        """Write one assessment a line; `from_jsonl` reads it back whole."""
        export.write_jsonl(self, path)

    def to_csv(self, path: str | Path) -> None:
        """Write the frame as CSV that is safe to open in a spreadsheet."""
        export.write_csv(self, path)

    def to_parquet(self, path: str | Path) -> None:
        """Write the frame as Parquet; needs ``transcript-judge[parquet]``."""
        export.write_parquet(self, path)

    def summary(self) -> str:
        """Counts by rubric, quotes found, cost: a line each."""
        head = f"{len(self)} transcripts, {self.tally.results} results"
        return "\n".join((head, *self.tally.lines()))

    def __repr__(self) -> str:
        return f"Run: {self.summary()}"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def _tallied(assessments: Iterable[Assessment]) -> Tally:
    tally = Tally()
    for assessment in assessments:
        tally.add(assessment)
    return tally
