"""``judge label`` as a process: links, the end, starting again, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from judge.cli.console import Code
from judge.labels.labels import HumanLabels
from judge.store.export import write_jsonl
from judge.transcripts.formats.judge_jsonl import write_transcripts
from judge.verdict import Assessment
from tests.cli.conftest import Told
from tests.support.builders import verdict as a_verdict
from tests.support.desk import ask, talks
from tests.support.desk_process import DeskProcess


@pytest.fixture
def transcripts(tmp_path: Path) -> Path:
    write_transcripts(talks(), tmp_path / "talks.jsonl")
    return tmp_path / "talks.jsonl"


@contextmanager
def browser(desk: DeskProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.origin) as client:
        assert client.get(f"/enter/{desk.token}").status_code == 303
        yield client


def test_ctrl_c_ends_the_desk_and_says_how_many_labels_there_are(
    transcripts: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.sqlite"
    with DeskProcess(transcripts, "coercion", labels) as desk:
        with browser(desk) as client:
            ask(client, "/item/0/1/answer", {"label": "absent", "severity": 0})
        code, said = desk.interrupt()
    assert code == 0
    assert f"1 label is in {labels}" in said
    [label] = HumanLabels.load(labels)
    assert (label.transcript, label.labeler, label.label) == ("t1", "ann", "absent")


def test_started_again_a_page_that_was_open_goes_on(
    transcripts: Path, tmp_path: Path
) -> None:
    started = DeskProcess(transcripts, "coercion", tmp_path / "l.sqlite")
    with started as desk, browser(desk) as client:
        desk.kill()
        desk.start()
        said = ask(client, "/item/0/1/answer", {"label": "unsure"})
    assert said.json() == {"next": "/label/2"}


def test_new_links_make_those_given_before_good_for_nothing(
    transcripts: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "l.sqlite"
    started = DeskProcess(transcripts, "coercion", labels, "--new-links")
    with started as desk, browser(desk) as client:
        desk.kill()
        fresh = desk.start()
        assert client.get("/label/1").status_code == 403
        assert client.get(f"/enter/{fresh}").status_code == 303


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--labelers", "ann,ann"], "a labeler is named twice"),
        (["--labelers", "ann", "--overlap", "2"], "add some, or lower it"),
        (["--labelers", "gold"], "what an adjudicator is called"),
        (["--repeats", "2"], "repeats is a share from 0 to 1"),
        (["--queue", "talks.jsonl"], "is no queue"),
        (["--run", "none.jsonl"], "none.jsonl"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
    ],
)
def test_what_makes_no_desk_is_refused_by_name(
    judge: Callable[..., Told], transcripts: Path, words: list[str], told: str
) -> None:
    desk = [transcripts, "--rubric", "coercion", "--labels", "l.sqlite", "--port", "0"]
    ended = judge("label", *desk, "--no-open", *words)
    assert ended.code == Code.USAGE
    assert told in " ".join(ended.err.split())


def test_results_on_another_text_are_left_out_and_said(
    judge: Callable[..., Told], transcripts: Path, tmp_path: Path
) -> None:
    result = a_verdict(rubric="coercion")
    judged = Assessment(transcript_id="t1", transcript_digest="x", results=(result,))
    write_jsonl([judged], tmp_path / "run.jsonl")
    # An address that is not this machine's ends it before it serves.
    ended = judge(
        "label", transcripts, "--rubric", "coercion", "--labels", "l.sqlite",
        "--run", "run.jsonl", "--host", "203.0.113.1", "--no-open",
    )  # fmt: skip
    assert ended.code == Code.USAGE
    assert "1 result is of another text" in " ".join(ended.err.split())
