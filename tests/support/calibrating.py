"""Calibrations for tests: of whoever made a run's verdicts."""

from __future__ import annotations

from typing import Any

from judge.provenance import Provenance
from judge.statistics.calibrators.maps import SigmoidLogit
from judge.store.calibration import Calibration, FittedOn

__all__ = ["calibration_of", "made_by"]


def made_by(**parts: Any) -> Provenance:
    """Somebody's provenance."""
    usual: dict[str, Any] = {
        "judge": "model",
        "model": "openai/gpt-4o-mini",
        "model_returned": "gpt-4o-mini-2024-07-18",
        "rubric": "deception",
        "rubric_version": "1.0.0",
        "rubric_digest": "digest of a rubric",
        "prompt_digest": "digest of a prompt",
        "output_mode": "json_schema",
        "params": {"temperature": 0, "max_tokens": 4096},
        "library_version": "0.1",
        "judged_at": "2026-01-01T00:00:00+00:00",
    }
    return Provenance(**usual | parts)


def calibration_of(
    provenance: Provenance, *, low: float = 0.0, high: float = 1.0, **parts: Any
) -> Calibration:
    """A calibration that halves the odds, of the scores from ``low`` to ``high``."""
    usual: dict[str, Any] = {
        "rubric": provenance.rubric,
        "fingerprint": provenance.fingerprint,
        "provenance": provenance,
        "calibrator": SigmoidLogit(intercept=-1.0, slope=0.5),
        "fitted_on": FittedOn(
            n=100,
            positives=30,
            source="human",
            sampling="by_judge",
            score_low=low,
            score_high=high,
            date="2026-01-01",
        ),
    }
    return Calibration(**usual | parts)
