"""What the README shows runs as written, with judges that need no key."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from judge.cli.main import run as run_command

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^\$ (judge .*?)(?: {2,}#.*)?$", README, re.MULTILINE)


def test_the_ten_lines_run_and_find_what_they_say() -> None:
    names: dict[str, Any] = {}
    exec(PYTHON[0], names)
    assessment = names["a"]
    assert assessment["coercion"].level is not None
    assert 0 <= assessment["coercion"].score <= 1
    assert isinstance(assessment["coercion"].evidence, tuple)


def test_the_batch_runs_with_the_names_of_files_and_model_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "talk.txt").write_text("Human: Done?\n\nAssistant: Yes.")
    code = PYTHON[1].replace("anthropic/claude-sonnet-4-5", "embedded")
    names: dict[str, Any] = {}
    exec("import judge\n" + code, names)
    assert len(names["df"]) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the embedded screen for the model: it is the words that are tested."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    for name in ("logs/talk.txt", "transcripts.jsonl"):
        (tmp_path / name).write_text('{"messages": []}\n')
    (tmp_path / "logs" / "talk.txt").write_text("Human: Done?\n\nAssistant: Yes.")
    words = shlex.split(re.sub(r"^\w+=\S+ ", "", command))[1:]
    without = {"--model": 2, "--api-base": 2}
    kept: list[str] = []
    while words:
        taken = without.get(words[0], 0)
        kept += [] if taken else words[:1]
        words = words[max(1, taken) :]
    model = ["--model", "embedded"] if kept[0] in {"score", "audit"} else []
    assert run_command([*kept, *model]) in {0, 3}
