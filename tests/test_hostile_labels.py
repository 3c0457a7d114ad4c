"""Every payload, in every file that labelers hand in: text, and nothing else.

Whatever a label file says of labelers, transcripts and rubrics comes back as it was, or
is refused in a message that does no harm.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judge.cli.console import complain
from judge.errors import JudgeError
from judge.labels.labels import HumanLabels
from tests.support.payloads import ALL, CONTROLS


@pytest.fixture(params=list(ALL.values()), ids=list(ALL))
def payload(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def label(text: str) -> dict[str, Any]:
    return {
        "transcript": text, "rubric": text, "labeler": text, "label": "present",
        "severity": 3, "source": "human", "note": text, "scenario": text,
        "span": text, "pair": text, "time": text, "locus": text,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "jsonl", "frame"])
def test_every_payload_in_a_label_is_kept_as_text(
    payload: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [label(payload), {**label("b"), "label": "absent"}]
    path = tmp_path / f"labels.{form}"
    try:
        given = HumanLabels.load(pd.DataFrame(rows))
        given.to_csv(path) if form == "csv" else given.to_jsonl(path)
        read = HumanLabels.load(path if form != "frame" else given.frame)
    except JudgeError as error:
        complain(str(error))
        told = capsys.readouterr().err
        assert not CONTROLS.search(told.replace("\n", ""))
        assert not payload.strip()  # a blank names no transcript
        return
    assert read == given
    first = next(iter(given))
    assert (first.transcript, first.note) == (payload.strip(), payload.strip())
    assert {x.label for x in read} == {"present", "absent"}


def test_every_payload_of_a_label_studio_export_is_kept_as_text(
    payload: str, tmp_path: Path
) -> None:
    answer = {"type": "choices", "from_name": "label", "to_name": "text"}
    task = {
        "id": 1,
        "data": {"transcript": "t", "note": payload, payload: payload},
        "annotations": [
            {
                "completed_by": {"email": payload},
                "result": [
                    {**answer, "value": {"choices": ["Present"]}},
                    {
                        "type": "textarea", "from_name": "note", "to_name": "text",
                        "value": {"text": [payload]},
                    },
                ],
            }
        ],
    }  # fmt: skip
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]), encoding="utf-8")
    (read,) = HumanLabels.load(path, rubric="deception")
    assert (read.transcript, read.label) == ("t", "present")
    assert read.labeler.strip() in (payload.strip(), "")


def test_no_payload_in_a_wrong_label_file_acts_through_its_message(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = (
        ("transcript", "rubric", "label", "source"),
        ("t", "r", payload or "perhaps", "human"),
    )
    columns = (("transcript", payload or "x"), ("t", "present"))
    for number, rows in enumerate((wrong, columns)):
        path = tmp_path / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        try:
            HumanLabels.load(path, source="human", rubric="r")
        except JudgeError as error:
            complain(str(error), getattr(error, "__notes__", ()))
    lines = capsys.readouterr().err.split("\n")
    assert [line for line in lines if CONTROLS.search(line)] == []
    assert [line for line in lines if line.lstrip().startswith(("::", "##["))] == []
