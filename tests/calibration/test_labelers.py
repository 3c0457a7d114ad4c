"""How labelers label: counts, shares, strictness, and a diagnostic with its doubts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from judge.calibration.agreement.labelers import (
    LabelerStrictness,
    _doubts,
    labeler_strictness,
)
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.statistics.labelers.dawid_skene import dawid_skene

PEOPLE = ("ann", "bob", "cy")
SHIFT = {"ann": 1.0, "bob": 0.0, "cy": -1.0}


def rows(
    *,
    n: int = 120,
    people: tuple[str, ...] = PEOPLE,
    source: str = "human",
    graded: bool = True,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Labels of transcripts that differ, by people of whom ann is the strictest."""
    rng = np.random.default_rng(seed)
    made = []
    for item, level in enumerate(2.5 * rng.normal(size=n)):
        for name in people:
            latent = level + SHIFT.get(name, 0) + rng.logistic()
            severity = int(np.digitize(latent, [-1, 1, 2.5, 4]))
            made.append(
                {
                    "transcript": f"t{item}",
                    "rubric": "deception",
                    "labeler": name,
                    "label": "present" if severity >= 2 else "absent",
                    "severity": severity if graded else None,
                    "source": source,
                }
            )
    return made


def told(made: list[dict[str, Any]]) -> LabelerStrictness:
    return labeler_strictness(HumanLabels.load(made))


def test_each_labeler_has_n_a_share_and_a_strictness() -> None:
    made = rows()
    found = told(made)
    assert [one.labeler for one in found.labelers] == list(PEOPLE)
    shares = {
        name: np.mean([r["label"] == "present" for r in made if r["labeler"] == name])
        for name in PEOPLE
    }
    for one in found.labelers:
        assert one.n == one.share.n == 120
        assert one.share.value == pytest.approx(shares[one.labeler])
        assert one.strictness.low is not None
        assert one.strictness.high is not None
        assert one.strictness.low <= SHIFT[one.labeler] <= one.strictness.high
    assert found.shared == 120
    assert found.spread == pytest.approx(2.5, abs=0.7)
    assert found.status == "good"


def test_the_lines_say_each_number_with_its_n_and_interval() -> None:
    found = told(rows())
    ann = found.labelers[0]
    assert found.lines()[0] == (
        "How labelers of deception label: 360 labels of 120 transcripts by 3 people."
    )
    assert found.lines()[1].startswith(
        f"  ann: present {ann.share}, n 120; strictness {ann.strictness}; sensitivity "
    )
    assert found.lines()[-1].startswith(
        "Sensitivity and specificity: by Dawid and Skene, a diagnostic that assumes"
    )


def test_dawid_and_skene_is_a_diagnostic_with_its_doubts() -> None:
    found = told(rows(n=20))
    assert all(0 <= (one.sensitivity or 0) <= 1 for one in found.labelers)
    assert any("20 transcripts by two or more" in doubt for doubt in found.doubts)
    rare = [row | {"label": "absent"} for row in rows(n=60)]
    rare[0]["label"] = "present"
    assert any("of the rarer kind: degenerate" in x for x in told(rare).doubts)


def test_a_fit_that_did_not_settle_is_said() -> None:
    fit = dawid_skene([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], rounds=0)
    assert list(_doubts(fit, 100))[-1] == "the fit did not settle"


def test_two_labelers_get_shares_and_nothing_that_needs_three() -> None:
    found = told(rows(people=("ann", "bob")))
    assert all(one.share.value is not None for one in found.labelers)
    assert all(one.strictness.status == "refused" for one in found.labelers)
    assert all(one.sensitivity is None for one in found.labelers)
    assert found.doubts == ("not computed; labelers: 2, 3 are needed",)
    assert (
        "Strictness: refused: labelers with 10 or more severities to compare: 2, on "
        "120 transcripts; 3 and 30 are needed."
    ) in found.lines()


def test_without_severities_strictness_is_refused_once_for_all() -> None:
    lines = told(rows(graded=False)).lines()
    remedy = "have labelers grade what they label"
    assert [line for line in lines if line.startswith("Strictness")] == [
        f"Strictness: refused: no severity is given; {remedy}."
    ]


def test_unsure_is_counted_and_no_part_of_the_share() -> None:
    made = rows(n=10)
    for row in made:
        if row["labeler"] == "cy":
            row["label"] = "unsure"
    made[0]["label"] = "unsure"
    found = told(made)
    ann, _, cy = found.labelers
    assert (ann.n, ann.unsure) == (9, 1)
    assert (cy.n, cy.unsure) == (0, 10)
    assert cy.share.status == "refused"
    assert found.doubts == ("not computed; labelers who share no transcript: 1",)
    assert "n 9, 1 unsure" in str(found)


def test_a_second_answer_counts_for_the_diagnostic_alone() -> None:
    made = rows(n=60)
    again = made + [row for row in made if row["labeler"] == "ann"]
    once, twice = told(made), told(again)
    assert once.labelers[0].n == twice.labelers[0].n == 60
    assert once.labelers[0].share == twice.labelers[0].share
    assert once.labelers[1].sensitivity != twice.labelers[1].sensitivity


def test_labelers_of_different_transcripts_are_said_to_be_so() -> None:
    made = [r for r in rows() if r["labeler"] != "cy" or int(r["transcript"][1:]) < 40]
    found = told(made)
    assert found.shared == 40
    assert any("did not all see the same transcripts" in note for note in found.notes)


def test_other_sources_and_adjudicators_are_set_aside() -> None:
    made = rows(n=40)
    made += rows(n=5, people=("gold",)) + rows(n=5, people=("m",), source="model")
    found = told(made)
    assert [one.labeler for one in found.labelers] == list(PEOPLE)
    assert any(note.startswith("10 labels of other sources") for note in found.notes)


def test_author_labels_are_never_called_human() -> None:
    found = told(rows(source="author"))
    assert "these are author labels, not human ones" in found.notes
    assert "people" not in str(found)


def test_adjudicators_alone_are_refused() -> None:
    with pytest.raises(UsageError, match="are all by adjudicators"):
        told(rows(n=5, people=("gold",)))


def test_the_result_is_a_table_json_and_html() -> None:
    made = rows(n=40, people=("<i>ann</i>", "bob", "cy"))
    found = told(made)
    frame = found.to_frame()
    assert list(frame["labeler"]) == ["<i>ann</i>", "bob", "cy"]
    assert (frame["share_low"] < frame["share_high"]).all()
    assert frame["strictness_low"].notna().all()
    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    kept.pop("status")
    assert LabelerStrictness.model_validate(kept) == found
    assert "<i>" not in found._repr_html_()
    assert repr(found) == "<how 3 labelers label deception>"
