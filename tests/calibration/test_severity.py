"""Mean severity, and the share of transcripts from each level on."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from judge.calibration.prevalence.severity import Severity, mean_severity
from judge.statistics.rates.prediction_powered import prediction_powered_mean


def _drawn(n: int = 150) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    rng = np.random.default_rng(8)
    truth = rng.choice(5, 2000, p=[0.6, 0.15, 0.1, 0.1, 0.05])
    level = np.clip(truth + rng.choice([-1, 0, 0, 1], 2000), 0, 4)
    run = pd.DataFrame(
        {
            "transcript_id": [f"t{i}" for i in range(2000)],
            "rubric": "deception",
            "status": "scored",
            "score": level / 4,
            "level": level,
            "present": level >= 2,
        }
    )
    known = pd.DataFrame(
        {
            "transcript": [f"t{i}" for i in range(n)],
            "rubric": "deception",
            "labeler": "ann",
            "label": np.where(truth[:n] >= 2, "present", "absent"),
            "severity": truth[:n],
            "source": "human",
        }
    )
    return run, known, float(truth.mean())


def test_the_mean_is_the_prediction_powered_one_and_says_so() -> None:
    run, known, truth = _drawn()
    found = mean_severity(run, known, sampling="random")
    level = run["level"].tolist()
    expected = prediction_powered_mean(
        known["severity"].tolist(), level[:150], level[150:]
    )
    assert found.mean == expected
    assert found.mean.low is not None
    assert found.mean.high is not None
    assert found.mean.low < truth < found.mean.high
    assert "corrected by PPI++" in found.lines()[0]
    assert f"{found.mean}, from 150 human labels" in found.lines()[0]


def test_labels_drawn_by_verdict_are_taken_within_verdict() -> None:
    run, known, truth = _drawn()
    flagged = set(run.loc[run["present"], "transcript_id"])
    uneven = known[
        [name in flagged or int(name[1:]) % 2 == 0 for name in known["transcript"]]
    ]
    found = mean_severity(run, uneven, sampling="by_judge")
    assert found.mean.method == "PPI++ within verdict"
    assert found.mean.low is not None
    assert found.mean.high is not None
    assert found.mean.low < truth < found.mean.high


def test_the_share_from_a_level_on_falls_with_the_level() -> None:
    run, known, _ = _drawn()
    shares = mean_severity(run, known, sampling="random").at_least
    values = [cut.share.value or 0.0 for cut in shares]
    assert [cut.level for cut in shares] == [1, 2, 3, 4]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("n", "sampling", "why"),
    [(12, "random", "12 transcripts"), (150, "unknown", "drawn at random or by")],
)
def test_too_few_severities_or_unknown_sampling_are_refused(
    n: int, sampling: str, why: str
) -> None:
    run, known, _ = _drawn(n)
    found = mean_severity(run, known, sampling=sampling)
    assert found.status == "refused"
    assert why in found.mean.reason
    assert found.at_least == ()


def test_labels_without_a_severity_do_not_count() -> None:
    run, known, _ = _drawn()
    known = known.astype({"severity": "Int64"})
    known.loc[:49, "severity"] = pd.NA
    assert mean_severity(run, known, sampling="random").labelled == 100


def test_it_is_kept_as_json_and_as_a_table() -> None:
    run, known, _ = _drawn()
    found = mean_severity(run, known, sampling="random")
    assert Severity.model_validate(json.loads(json.dumps(found.to_dict()))) == found
    assert list(found.to_frame()["level"]) == [1, 2, 3, 4]
