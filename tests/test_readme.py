"""What the README shows runs as written, with judges that need no key."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import judge
from judge.cli.main import run as run_command
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from tests.support.labelled_runs import labelled_run
from tests.support.readme_formats import shown, table
from tests.support.readme_hosts import shown_hosts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
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


def test_the_table_of_formats_is_what_the_readers_say_of_themselves() -> None:
    assert shown() == table(), "run python -m tests.support.readme_formats"


def test_the_hosts_are_those_with_an_adapter() -> None:
    own = {"exchange", "host", "outcome", "parts", "rows", "workers"}
    beside = {
        "inspect_messages",
        "inspect_processes",
        "pandas_accessor",
        "pandas_cells",
    }
    beside |= {"pytest_recordings", "ray_budget", "ray_rows"}
    modules = {
        path.stem for path in (ROOT / "judge" / "integrations").glob("[a-z]*.py")
    }
    assert set(shown_hosts()) == modules - own - beside
    assert all(len(lines) == 2 for lines in shown_hosts().values())


def test_the_judge_is_measured_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_labelled(tmp_path)
    code = next(block for block in PYTHON if "HumanLabels" in block)
    names: dict[str, Any] = {"run": judge.Run.from_jsonl("results.jsonl")}
    exec("import judge\n" + code, names)
    assert 0 < names["calibrated"][0]["coercion"].probability < 1
    assert (tmp_path / "report.html").read_text("utf-8").count("<svg") >= 4
    assert len(judge.HumanLabels.load("labels.csv")) == 200


def test_the_desks_file_is_read_while_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    [code] = [code for code in PYTHON if "labels.sqlite" in code]
    with Ledger("labels.sqlite") as ledger:
        ledger.begin("coercion", "digest", [Item(f"t{n}") for n in range(40)])
        for number in range(40):
            for who in ("ann", "bob"):
                said = "present" if number % 3 == 0 else "absent"
                ledger.add(who, f"t{number}", Answer(label=said))
        exec("import judge\n" + code, {})
    assert capsys.readouterr().out.startswith("1.000")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the embedded screen for the model: it is the words that are tested."""
    monkeypatch.chdir(tmp_path)
    write_labelled(tmp_path)
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


def write_labelled(directory: Path) -> None:
    """Two target models, judged on coercion, 100 transcripts of each labelled."""
    parts = [
        labelled_run(
            300,
            100,
            0.2,
            rubric="coercion",
            sampling="by_judge",
            target_model=model,
            prefix=model,
            seed=seed,
        )
        for seed, model in enumerate(("model-a", "model-b"))
    ]
    run = judge.Run([one for assessments, _ in parts for one in assessments])
    run.to_jsonl(directory / "results.jsonl")
    tables = [table for _, table in parts]
    pd.concat(tables).to_csv(directory / "labels.csv", index=False)
