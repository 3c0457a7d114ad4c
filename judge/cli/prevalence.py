"""``judge prevalence``: how common the behaviour is, the judge's errors corrected."""

from __future__ import annotations

from judge.cli import measuring

__all__ = ["prevalence"]


def prevalence(  # noqa: PLR0913  (each is one option of the command)
    results: measuring.Results,
    labels: measuring.LabelFile,
    *,
    sampling: measuring.Sampling = "unknown",
    rubric: measuring.OneRubric = None,
    source: measuring.Source = None,
    label_format: measuring.LabelFormat = None,
    threshold: measuring.Threshold = None,
    adjudication: measuring.Adjudication = "majority",
    seed: measuring.Seed = 0,
    as_json: measuring.AsJson = False,
) -> int:
    """Say how common the behaviour is, with an interval that knows the judge errs.

    What the judge alone and what the labels alone say stands beside it.
    """
    from judge.calibration.prevalence.prevalence import prevalence as estimated

    found = estimated(
        measuring.judged(results),
        measuring.read_labels(
            labels,
            rubric=rubric,
            source=source,
            format=label_format,
            threshold=threshold,
        ),
        sampling=sampling,
        rubric=rubric,
        adjudication=adjudication,
        seed=seed,
    )
    return measuring.show(found, as_json=as_json)
