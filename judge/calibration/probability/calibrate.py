"""From labels to a calibration, and what it is worth out of fold.

::

    run, labels -> join -> LabelledRows -> choose -> Calibration   (None: a refusal)
                                |-> cross_fit -> Reliability
                                +-> Counts, Discrimination, CertifiedThreshold
"""

from __future__ import annotations

from typing import Any, Literal

from judge.calibration.joined import Joined, join
from judge.calibration.judgements import Judgements
from judge.calibration.probability.discrimination import discriminate
from judge.calibration.probability.doubts import warnings_about
from judge.calibration.probability.labelled_scores import LabelledRows, checked_sampling
from judge.calibration.probability.made import (
    certificate_of,
    made_calibration,
    refusal_of,
    unbound,
)
from judge.calibration.probability.reliability import reliability_of
from judge.calibration.probability.report import CalibrationReport, CertifiedThreshold
from judge.errors import CalibrationMismatch, UsageError
from judge.statistics.calibrators.choice import (
    Choice,
    choose_calibrator,
    cross_fit_calibrator,
)
from judge.statistics.calibrators.cross_fitting import OutOfFold
from judge.statistics.calibrators.fits import fit_calibrator
from judge.statistics.calibrators.maps import METHODS, Method
from judge.store.calibration import Calibration

__all__ = ["calibrate", "check_calibration"]


def calibrate(  # noqa: PLR0913 # keyword-only past the data
    run: object,
    labels: object,
    *,
    sampling: str,
    rubric: str | None = None,
    method: Method | Literal["auto"] | str = "auto",  # noqa: PYI051 # says what there is
    threshold: float | Literal["certified"] | None = None,
    cluster: str | None = None,
    adjudication: str = "majority",
    seed: int = 0,
) -> CalibrationReport:
    """Fit the probability that people say present to a judge's scores.

    Everything reported is out of fold, and nested where the method is chosen.

    Parameters
    ----------
    run
        A `Run`, assessments, or a file of results.
    labels
        `HumanLabels`, a table or a file.
    sampling
        How the labelled transcripts were drawn: ``random``; ``by_judge``, at random
        within the judge's verdicts; ``weighted``, with the probabilities in the column
        ``inclusion``; ``borrowed``, other transcripts than those judged; ``unknown``.
    method
        ``auto`` chooses among those the labels can carry: the regularised sigmoid, beta
        from 100 labels with 20 of each class, isotonic from 1,000; the raw score is
        kept unless another loses less out of fold.
    threshold
        From which probability a verdict counts as present; ``certified``: from the
        score at which at most 1 % false alarms are certified.  By default the rubric's
        level decides.
    cluster
        A column (``scenario``, or of the metadata) whose values keep transcripts
        together: in one fold, and in one draw of a bootstrap.
    adjudication
        As in `join`.
    seed
        Of folds and draws.

    Raises
    ------
    UsageError
        For arguments that cannot be used, or labels of other transcripts.  Too few
        labels are no error: the report then has a refusal.
    """
    drawn = checked_sampling(sampling)
    _check_choices(method, threshold)
    joined = join(run, labels, rubric=rubric, adjudication=adjudication)
    rows = LabelledRows.of(joined, sampling=drawn, cluster=cluster)
    certificate = certificate_of(rows)
    refusal = refusal_of(joined, rows) or _no_line(threshold, certificate)
    made, reliability, losses, fitted = None, None, {}, ""
    if not refusal:
        choice = _chosen(rows, method, seed)
        done = cross_fit_calibrator(
            method, rows.scores, rows.y,
            weights=rows.weights, groups=rows.groups, seed=seed,
        )  # fmt: skip
        reliability = reliability_of(
            done,
            rows.scores,
            groups=rows.groups,
            intervals=drawn != "unknown",
            seed=seed,
        )
        losses, fitted = dict(choice.log_losses), choice.method
        metrics = {
            name: figure.value
            for name, figure in (
                ("brier", reliability.brier),
                ("brier_skill", reliability.brier_skill),
                ("log_loss", reliability.log_loss),
            )
            if figure.value is not None
        }
        made = made_calibration(joined, rows, choice, metrics, threshold, certificate)
        refusal = unbound(joined)
    counts, discrimination = discriminate(joined, rows, seed=seed)
    return CalibrationReport(
        **_identity(joined, rows),
        counts=counts,
        discrimination=discrimination,
        calibration=made,
        refusal=refusal,
        fitted=fitted,
        log_losses=losses,
        reliability=reliability,
        threshold=certificate,
        warnings=tuple(warnings_about(joined, rows, made, discrimination)),
        notes=tuple(joined.notes),
    )


def check_calibration(  # noqa: PLR0913 # keyword-only past the data
    calibration: Calibration,
    run: object,
    labels: object,
    *,
    sampling: str,
    cluster: str | None = None,
    adjudication: str = "majority",
    seed: int = 0,
) -> CalibrationReport:
    """Test a calibration on labels that it was not fitted to.

    Parameters are those of `calibrate`; rows outside the scores it was fitted on are
    left out of its figures.

    Raises
    ------
    UsageError
        As `calibrate`; `CalibrationMismatch` if the run is another judge's.
    """
    drawn = checked_sampling(sampling)
    joined = join(run, labels, rubric=calibration.rubric, adjudication=adjudication)
    _check_judge(calibration, joined.judgements)
    rows = LabelledRows.of(joined, sampling=drawn, cluster=cluster)
    on = calibration.fitted_on
    known = (rows.scores >= on.score_low) & (rows.scores <= on.score_high)
    reliability = None
    if known.any():
        told = calibration.calibrator.predict(rows.scores[known])[None, :]
        reliability = reliability_of(
            OutOfFold(told, rows.y[known], rows.weights[known], 1),
            rows.scores[known],
            tested="on labels it was not fitted to",
            groups=None if rows.groups is None else rows.groups[known],
            intervals=drawn != "unknown",
            seed=seed,
        )
    counts, discrimination = discriminate(joined, rows, seed=seed)
    return CalibrationReport(
        **_identity(joined, rows),
        counts=counts,
        discrimination=discrimination,
        calibration=calibration,
        reliability=reliability,
        threshold=certificate_of(rows),
        warnings=tuple(warnings_about(joined, rows, calibration, discrimination)),
        notes=tuple(joined.notes),
    )


def _check_judge(calibration: Calibration, judged: Judgements) -> None:
    """Refuse another judge's results; a table may name its fingerprint alone."""
    if judged.provenance is not None:
        calibration.check(judged.provenance)
    for name in judged.fingerprints:
        if name not in ("None", calibration.fingerprint):
            raise CalibrationMismatch(
                f"the calibration is of the judge {calibration.fingerprint}, and these "
                f"results are of {name}; calibrate that judge by itself"
            )


def _check_choices(method: str, threshold: object) -> None:
    if method not in ("auto", *METHODS):
        known = ", ".join(("auto", *METHODS))
        raise UsageError(f"method must be one of {known}, got {method!r}")
    if threshold is None or threshold == "certified":
        return
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise UsageError(
            f"threshold must be a probability from 0 to 1 or 'certified', got "
            f"{threshold!r}"
        )


def _no_line(threshold: object, certificate: CertifiedThreshold) -> str:
    if threshold == "certified" and certificate.value is None:
        return f"threshold='certified' was asked for: {certificate.told}"
    return ""


def _chosen(rows: LabelledRows, method: str, seed: int) -> Choice:
    if method == "auto":
        return choose_calibrator(
            rows.scores, rows.y, weights=rows.weights, groups=rows.groups, seed=seed
        )
    return Choice(fit_calibrator(method, rows.scores, rows.y, weights=rows.weights))


def _identity(joined: Joined, rows: LabelledRows) -> dict[str, Any]:
    made_by = joined.judgements.provenance
    return {
        "rubric": joined.rubric,
        "model": joined.judgements.model,
        "fingerprint": None if made_by is None else made_by.fingerprint,
        "source": joined.source or "human",
        "described": joined.labels.described,
        "sampling": rows.sampling,
    }
