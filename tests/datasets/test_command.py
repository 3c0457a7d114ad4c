"""``judge datasets``: listed, shown, and fetched after a question."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from judge.cli.console import guarded
from judge.cli.datasets import fetch, fetch_into, list_all, show
from judge.datasets.types import Dataset
from judge.errors import UsageError

Make = Callable[..., Any]
Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A person at the keyboard who has typed already."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def small(convabuse: Make, judged: Make, offer: Make) -> Dataset:
    dataset, contents = convabuse(
        [judged("A1", -2), judged("A2", agent="_", prev_agent="_")]
    )
    offer(dataset, contents)
    return dataset  # type: ignore[no-any-return]  # the fixture's makers are untyped


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(text))


def test_the_sets_are_listed_with_what_was_labelled(capsys: Capture) -> None:
    assert list_all() == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split() == ["id", "items", "labelled", "licence"]
    assert lines[1].split()[:3] == ["convabuse", "4185", "abuse_towards_ai"]
    assert lines[2].split()[:3] == ["xstest", "2250", "refusal"]
    assert "Adjacent constructs" in out
    assert err == ""


def test_a_set_is_shown_with_origin_licence_and_digests(capsys: Capture) -> None:
    assert show("convabuse") == 0
    out, _ = capsys.readouterr()
    told = " ".join(out.split())
    for part in (
        "https://creativecommons.org/licenses/by/4.0/",
        "c0a9469f48956e868276c605d499010ea3c7c0d0/1_full/ConvAbuseEMNLPfull.csv",
        "c054ed30375651cd234930eada705fee6fcad79f86bdca45c1e557284b6b1af4",
        "hard negative, never a positive",
        "Adjacent constructs",
    ):
        assert part in told


def test_an_unknown_set_ends_the_command_with_two(capsys: Capture) -> None:
    for command in (show, fetch):
        with pytest.raises(typer.Exit) as ended:
            guarded(command)("convabus")
        assert ended.value.exit_code == 2
        assert "did you mean convabuse" in capsys.readouterr().err


def test_yes_fetches_and_says_what_the_labels_are_not(
    server: Any, small: Dataset, tmp_path: Path, capsys: Capture
) -> None:
    home = tmp_path / "a set"
    assert fetch_into(small, home, yes=True, base_url=server.base) == 0
    out, err = capsys.readouterr()
    told = " ".join(out.split())
    assert "2 of 2 raw files fetched now" in told
    assert "2 transcripts" in told
    assert "1 labels under the rubric id abuse_towards_ai" in told
    assert "In 1 transcripts the AI says nothing" in told
    assert "1 places without a label have no row" in told
    assert "Adjacent constructs" in told
    assert f"judge score '{home}/transcripts.jsonl' --rubric coercion" in told
    assert "CC BY 4.0" in err


def test_nobody_to_ask_is_refused(
    server: Any,
    small: Dataset,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match="Add --yes"):
        fetch_into(small, tmp_path / "set", yes=False, base_url=server.base)
    assert "https://creativecommons.org/licenses/by/4.0/" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert server.asked == []


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_licence_that_is_not_accepted_stores_nothing(
    server: Any,
    small: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    typed(monkeypatch, answer)
    with pytest.raises(UsageError, match="not accepted; nothing was stored"):
        fetch_into(small, tmp_path / "set", yes=False, base_url=server.base)
    assert list(tmp_path.iterdir()) == []
    assert server.asked == []


def test_a_keyboard_that_goes_away_stores_nothing(
    server: Any, small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "")
    with pytest.raises(typer.Abort):
        fetch_into(small, tmp_path / "set", yes=False, base_url=server.base)
    assert list(tmp_path.iterdir()) == []


def test_an_accepted_licence_fetches(
    server: Any,
    small: Dataset,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed(monkeypatch, "y\n")
    assert fetch_into(small, tmp_path / "set", yes=False, base_url=server.base) == 0
    out, err = capsys.readouterr()
    assert "under this licence?" in err
    assert "under this licence?" not in out
    assert (tmp_path / "set" / "labels.csv").is_file()


def test_a_terminal_sees_how_far_it_is(
    server: Any, small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    fetch_into(small, tmp_path / "set", yes=True, base_url=server.base)
    assert "100%" in screen.getvalue()


def test_no_terminal_sees_no_bar(
    server: Any, small: Dataset, tmp_path: Path, capsys: Capture
) -> None:
    fetch_into(small, tmp_path / "set", yes=True, base_url=server.base)
    assert "%" not in capsys.readouterr().err


def test_an_interrupted_command_says_how_to_go_on(
    server: Any, small: Dataset, tmp_path: Path, capsys: Capture
) -> None:
    server.script = [lambda handler: os.kill(os.getpid(), signal.SIGINT)]
    with pytest.raises(typer.Exit) as ended:
        guarded(fetch_into)(small, tmp_path / "set", yes=True, base_url=server.base)
    assert ended.value.exit_code == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_by_default_a_set_goes_into_a_directory_of_its_name(
    server: Any,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    server.script = [server.other(404)]
    with pytest.raises(typer.Exit) as ended:
        guarded(fetch)("xstest", yes=True, base_url=server.base)
    assert ended.value.exit_code == 2
    assert "the server answered 404" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "xstest" / "raw").is_dir()
