"""Which of a run's results are the judge's on the desk's transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.desk.verdicts import read_verdicts
from judge.errors import UsageError
from judge.store.export import write_jsonl
from judge.verdict import Assessment
from tests.support.builders import verdict
from tests.support.desk import talks


def run_file(folder: Path, digest: str, times: int = 1) -> Path:
    path = folder / "run.jsonl"
    result = verdict(rubric="coercion")
    judged = Assessment(transcript_id="t1", transcript_digest=digest, results=(result,))
    write_jsonl([judged] * times, path)
    return path


def test_results_on_the_same_text_are_the_judges(tmp_path: Path) -> None:
    first, *_ = talks()
    judged = read_verdicts(run_file(tmp_path, first.digest), "coercion", talks())
    assert list(judged.verdicts) == ["t1"]
    assert judged.others == ()


def test_a_result_on_another_text_is_left_out_by_name(tmp_path: Path) -> None:
    judged = read_verdicts(run_file(tmp_path, "another"), "coercion", talks())
    assert judged.verdicts == {}
    assert judged.others == ("t1",)


def test_a_transcript_that_was_judged_twice_is_refused(tmp_path: Path) -> None:
    first, *_ = talks()
    path = run_file(tmp_path, first.digest, times=2)
    with pytest.raises(UsageError, match="'t1' was judged on 'coercion' twice"):
        read_verdicts(path, "coercion", talks())


def test_a_run_on_another_rubric_is_refused(tmp_path: Path) -> None:
    first, *_ = talks()
    path = run_file(tmp_path, first.digest)
    with pytest.raises(UsageError, match="nothing in it was judged on 'deception'"):
        read_verdicts(path, "deception", talks())
