"""A calibration: from one judge's scores on one rubric to the probability people agree.

It belongs to the judge it was fitted on and refuses any other, naming what changed.  It
is kept as plain JSON, which can hold numbers and words and nothing that runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from judge.errors import CalibrationMismatch, UsageError
from judge.provenance import Frozen, Provenance
from judge.statistics.calibrators.maps import Calibrator
from judge.statistics.calibrators.severity_cuts import SeverityCuts
from judge.store.export import replacing
from judge.store.fingerprint import KNOWN_AHEAD, fingerprint_changes, parameters_ahead
from judge.verdict import PresentFrom, Unscored, Verdict

__all__ = ["Calibration", "Certificate", "FittedOn", "Sampling"]

Sampling = Literal["random", "by_judge", "weighted", "borrowed", "unknown"]
LARGEST = 8 * 1024 * 1024
"""Bytes; one of 100,000 labels takes less."""


class FittedOn(Frozen):
    """The labels that a calibration rests on."""

    n: int = Field(ge=1)
    positives: int = Field(ge=0)
    source: Literal["human", "author", "model"]
    """Who made the labels."""
    described: str = ""
    """The labels in words."""
    sampling: Sampling
    """How the labelled transcripts were drawn."""
    score_low: float = Field(ge=0, le=1)
    score_high: float = Field(ge=0, le=1)
    """The labelled scores; outside them there is no probability."""
    date: str
    """ISO 8601."""


class Certificate(Frozen):
    """What is promised of a threshold: few false alarms, but for a chance."""

    false_alarm_rate: float = Field(gt=0, lt=1)
    chance: float = Field(gt=0, lt=1)
    """That the rate is higher all the same."""
    benign: int = Field(ge=1)
    """Labels of absence it rests on."""


class Calibration(Frozen):
    """See the module's docstring; `judge.calibrate` makes one.

    Examples
    --------
    >>> from judge.statistics.calibrators.maps import SigmoidLogit
    >>> made_by = Provenance(
    ...     judge="model", model="openai/gpt-5-mini", rubric="deception",
    ...     rubric_version="1", rubric_digest="d", prompt_digest="p",
    ...     library_version="1", judged_at="2026-01-01T00:00:00+00:00")
    >>> calibration = Calibration(
    ...     rubric="deception", fingerprint=made_by.fingerprint, provenance=made_by,
    ...     calibrator=SigmoidLogit(intercept=-1.0, slope=0.5),
    ...     fitted_on=FittedOn(n=100, positives=20, source="human", sampling="random",
    ...         score_low=0.0, score_high=1.0, date="2026-01-01"))
    >>> verdict = Verdict(rubric="deception", provenance=made_by, likelihood=90,
    ...     score=0.9, level=3, threshold=2)
    >>> f"{calibration.apply(verdict).probability:.2f}"
    '0.52'
    """

    format_version: Literal[1] = 1
    rubric: str
    fingerprint: str
    provenance: Provenance
    """Of the judgements it was fitted on."""
    calibrator: Calibrator
    severity_cuts: SeverityCuts | None = None
    present_from: PresentFrom | None = None
    """From where a verdict counts as present; None: by the rubric's level."""
    certified: Certificate | None = None
    """What is promised of ``present_from``."""
    fitted_on: FittedOn
    metrics: Mapping[str, float] = Field(default_factory=dict)
    """Out of fold: what it was worth on labels it had not seen."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rubric != self.provenance.rubric:
            raise ValueError("rubric is another than that of its provenance")
        if self.fingerprint != self.provenance.fingerprint:
            raise ValueError(
                "fingerprint is not that of its provenance: the file was changed, or "
                "written by another version of judge; fit it again"
            )
        if self.fitted_on.score_low > self.fitted_on.score_high:
            raise ValueError("score_low is above score_high")
        return self

    def check(self, provenance: Provenance) -> None:
        """Raise unless it was fitted on this judge.

        A recording of the judge is that judge.

        Raises
        ------
        CalibrationMismatch
            Names each part that changed.
        """
        if provenance.fingerprint != self.fingerprint:
            self._refuse(fingerprint_changes(self.provenance, provenance))

    def check_ahead(self, provenance: Provenance) -> None:
        """As `check`, by what is known of a judge before it has answered."""
        self._refuse(fingerprint_changes(self.provenance, provenance, only=KNOWN_AHEAD))

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """As `check`, by the parameters a model says it will be sent."""
        self._refuse(parameters_ahead(self.provenance, params))

    def apply(self, verdict: Verdict) -> Verdict:
        """Return the verdict with its probability.

        Raises
        ------
        CalibrationMismatch
            If another judge made it.
        """
        self.check(verdict.provenance)
        return verdict.model_copy(
            update={
                "probability": self.probability(verdict.score),
                "present_from": self.present_from,
            }
        )

    def probability(self, score: float) -> float | None:
        """P(people say present); None outside the scores that were labelled."""
        if not self.fitted_on.score_low <= score <= self.fitted_on.score_high:
            return None
        return float(self.calibrator.predict(score))

    def severity(self, verdict: Verdict) -> dict[int, float]:
        """P(people say this level or more), by level; empty where not known.

        Raises
        ------
        CalibrationMismatch
            If another judge made it.
        """
        self.check(verdict.provenance)
        cuts = self.severity_cuts
        if cuts is None:
            return {}
        said = verdict.score if cuts.of == "score" else verdict.level
        if said is None:
            return {}
        return dict(zip(cuts.levels, cuts.predict([said])[0].tolist(), strict=True))

    def save(self, path: str | Path) -> None:
        """Write it as JSON; it is there whole, or as it was before.

        Raises
        ------
        StoreError
            If the file cannot be written.
        """
        told = json.dumps(self.model_dump(), indent=2, allow_nan=False)
        with replacing(Path(path)) as file:
            file.write(told.encode() + b"\n")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        UsageError
            If the file cannot be read, or is no calibration; names file and field.
        """
        told = _read_json(Path(path))
        version = told.get("format_version") if isinstance(told, dict) else None
        if version is None:
            raise UsageError(f"{path} is no calibration: it has no format_version")
        if version != 1:
            raise UsageError(
                f"{path} is a calibration of format {str(version)[:20]!r}, and this "
                "version of judge reads format 1; fit it again, or update judge"
            )
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"])) or "the calibration"
            raise UsageError(
                f"{path}, {where}: {first['msg']}, got {str(first['input'])[:80]!r}"
            ) from error

    def _refuse(self, changes: tuple[str, ...]) -> None:
        if changes:
            raise CalibrationMismatch(
                f"the calibration of {self.rubric} belongs to another judge: "
                f"{'; '.join(changes)}. Judge as it was fitted, or fit it again on "
                "labels of what this judge said"
            )

    def __repr__(self) -> str:
        on = self.fitted_on
        return (
            f"<calibration of {self.rubric} by {self.calibrator.method}, fitted on "
            f"{on.n:,} {on.source} labels ({on.positives:,} present), "
            f"judge {self.provenance.model}>"
        )

    def __str__(self) -> str:
        return repr(self)


def applied(
    calibration: Calibration | None, result: Verdict | Unscored
) -> Verdict | Unscored:
    """Return a result as it is told: with its probability, where there is one."""
    if calibration is None or isinstance(result, Unscored):
        return result
    return calibration.apply(result)


def _read_json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: no calibration can be read there: {error.strerror}"
        ) from error
    if len(content) > LARGEST:
        raise UsageError(f"{path} is no calibration: it is larger than {LARGEST} bytes")
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error)[:120]
        raise UsageError(f"{path} is no calibration: not JSON ({reason})") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
