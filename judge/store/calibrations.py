"""The calibrations of one judge: at most one a rubric, applied on the way out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from judge.errors import UsageError
from judge.provenance import Provenance
from judge.store.calibration import Calibration, applied
from judge.verdict import Assessment

__all__ = ["CalibrationLike", "Calibrations"]

CalibrationLike: TypeAlias = (
    str | Path | Calibration | Sequence[str | Path | Calibration]
)


@dataclass(frozen=True, slots=True)
class Calibrations:
    """Calibrations by rubric; a rubric without one is left as it is."""

    by_rubric: Mapping[str, Calibration]

    @classmethod
    def of(
        cls, given: CalibrationLike, *, judged: Collection[str] | None = None
    ) -> Calibrations:
        """Read one or several, from files or as they are.

        Parameters
        ----------
        judged
            The rubrics that there are; one for any other is a mistake.

        Raises
        ------
        UsageError
            For a file that is none, two for one rubric, one for a rubric not judged.
        """
        each = [given] if isinstance(given, str | Path | Calibration) else given
        loaded = [
            item if isinstance(item, Calibration) else Calibration.load(item)
            for item in each
        ]
        found: dict[str, Calibration] = {}
        for calibration in loaded:
            if calibration.rubric in found:
                raise UsageError(
                    f"two calibrations for {calibration.rubric} were given"
                )
            if judged is not None and calibration.rubric not in judged:
                raise UsageError(
                    f"the calibration is for {calibration.rubric!r}, but only "
                    f"{', '.join(judged)} is judged; add the rubric, or leave it out"
                )
            found[calibration.rubric] = calibration
        return cls(found)

    def only(self, digests: Mapping[str, str]) -> Calibrations:
        """Return those whose rubric is among these, by id and digest, unchanged."""
        return Calibrations(
            {
                rubric: calibration
                for rubric, calibration in self.by_rubric.items()
                if digests.get(rubric) == calibration.provenance.rubric_digest
            }
        )

    def check_ahead(self, expected: Provenance) -> None:
        """Raise `CalibrationMismatch` if the judge to be asked is another."""
        calibration = self.by_rubric.get(expected.rubric)
        if calibration is not None:
            calibration.check_ahead(expected)

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Raise `CalibrationMismatch` if a model will be sent other parameters."""
        for calibration in self.by_rubric.values():
            calibration.check_parameters(params)

    def apply(self, assessment: Assessment) -> Assessment:
        """Return the assessment with probabilities where there is a calibration.

        Raises
        ------
        CalibrationMismatch
            If another judge made one of its verdicts.
        """
        results = tuple(
            applied(self.by_rubric.get(result.rubric), result)
            for result in assessment.results
        )
        return assessment.model_copy(update={"results": results})
