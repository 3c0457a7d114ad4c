"""The calibration itself, out of its parts, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from judge.calibration.joined import Joined
from judge.calibration.probability.labelled_scores import LabelledRows
from judge.calibration.probability.report import CertifiedThreshold
from judge.calibration.telling import counted
from judge.statistics.calibrators.choice import FEWEST, Choice
from judge.statistics.calibrators.severity_cuts import SeverityCuts, fit_severity_cuts
from judge.statistics.estimate import Estimate
from judge.statistics.scores.thresholds import certified_threshold
from judge.store.calibration import Calibration, Certificate, FittedOn
from judge.verdict import PresentFrom

__all__ = ["certificate_of", "made_calibration", "refusal_of", "unbound"]

TOO_FEW = 20
"""Labels below which there is only the table."""
RATE = 0.01
"""Of false alarms, to be certified."""


def refusal_of(joined: Joined, rows: LabelledRows) -> str:
    """Return why nothing can be fitted, and what would lift it; empty if it can."""
    yes = int((rows.y >= 0.5).sum())
    no = len(rows) - yes
    makers = rows.frame["fingerprint"].dropna().unique()
    if len(makers) > 1:
        return (
            f"verdicts of {len(makers)} judges are mixed (fingerprints "
            f"{', '.join(sorted(map(str, makers))[:3])}); calibrate each on its own"
        )
    if len(rows) < TOO_FEW:
        return _too_few(joined, len(rows))
    if min(yes, no) < FEWEST:
        rare = "present" if yes < no else "absent"
        return (
            f"{min(yes, no)} of {len(rows)} labels are {rare}; {FEWEST} are needed: "
            f"label more of what the judge calls {rare}"
        )
    if rows.groups is not None and len(np.unique(rows.groups)) < 2:
        return "all labels are of one cluster; label transcripts of more"
    return ""


def unbound(joined: Joined) -> str:
    """Return why a fitted map can be measured and not kept; empty if it can."""
    if joined.judgements.provenance is not None:
        return ""
    return (
        "a table does not say which judge made it, so that its calibration cannot be "
        "kept from any other; give the run, its JSONL or its store"
    )


def _too_few(joined: Joined, n: int) -> str:
    told, lacking = f"{counted(n, 'label')} with a verdict", TOO_FEW - n
    if joined.unscored >= lacking:
        without = counted(joined.unscored, "labelled transcript")
        return f"{told}; {without} unscored: judge them again"
    return f"{told}; label {lacking} more"


def certificate_of(rows: LabelledRows) -> CertifiedThreshold:
    """Return the threshold that can be promised, or why none can."""
    kept = rows.decided
    found = certified_threshold(rows.scores[kept], rows.hard[kept], rate=RATE)
    alarms, sensitivity, value = found.false_alarms, found.sensitivity, found.value
    told = str(found)
    if rows.sampling not in ("random", "borrowed") or rows.groups is not None:
        refused = Estimate.refused(
            "it needs independent labels drawn at random, and these are not",
            remedy="label a random sample",
            n=len(rows),
        )
        value, told, alarms, sensitivity = None, str(refused), refused, refused
    return CertifiedThreshold(
        value=value,
        rate=found.rate,
        delta=found.delta or 0.05,
        alarms=found.alarms,
        benign=found.benign,
        false_alarms=alarms,
        sensitivity=sensitivity,
        told=told,
    )


def made_calibration(
    joined: Joined,
    rows: LabelledRows,
    choice: Choice,
    metrics: Mapping[str, float],
    threshold: float | str | None,
    certificate: CertifiedThreshold,
) -> Calibration | None:
    """Bind a fitted map to the judge it was fitted on; None where that is not known."""
    made_by = joined.judgements.provenance
    if made_by is None:
        return None
    # Which requests were sent is no part of a judge, and names transcripts.
    provenance = made_by.model_copy(update={"requests": ()})
    line, promise = None, None
    if threshold == "certified" and certificate.value is not None:
        line = PresentFrom(of="score", at=certificate.value)
        promise = Certificate(
            false_alarm_rate=certificate.rate,
            chance=certificate.delta,
            benign=certificate.benign,
        )
    elif isinstance(threshold, int | float):
        line = PresentFrom(of="probability", at=threshold)
    return Calibration(
        rubric=joined.rubric,
        fingerprint=provenance.fingerprint,
        provenance=provenance,
        calibrator=choice.calibrator,
        severity_cuts=_severity_cuts(rows),
        present_from=line,
        certified=promise,
        fitted_on=FittedOn(
            n=len(rows),
            positives=int((rows.y >= 0.5).sum()),
            source=joined.source or "human",
            described=joined.labels.described,
            sampling=rows.sampling,
            score_low=float(rows.scores.min()),
            score_high=float(rows.scores.max()),
            date=datetime.now(UTC).date().isoformat(),
        ),
        metrics=metrics,
    )


def _severity_cuts(rows: LabelledRows) -> SeverityCuts | None:
    known = (rows.frame["severity"].notna() & rows.frame["level"].notna()).to_numpy(
        bool
    )
    if not known.any():
        return None
    said = rows.frame["level"][known].to_numpy(dtype=np.float64)
    severe = rows.frame["severity"][known].to_numpy(dtype=np.float64)
    return fit_severity_cuts(
        said,
        severe,
        max_level=int(max(4, said.max(), severe.max())),
        weights=rows.weights[known],
    )
