"""Every notebook runs from top to bottom, without a key and without a network."""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
DRAWING = [path for path in NOTEBOOKS if "matplotlib" in path.read_text("utf-8")]


@pytest.fixture(autouse=True)
def _a_place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a notebook writes is gone afterwards, and no window opens for its plots."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MPLBACKEND", "agg")


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    run(path)
    assert not list(Path.cwd().iterdir()), "it wrote beside itself"


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_lacks_where_there_is_no_matplotlib(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    run(path)
    assert 'pip install "transcript-judge[plots]"' in capsys.readouterr().out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def run(path: Path) -> None:
    names: dict[str, Any] = {"__name__": "notebook"}
    for number, source in enumerate(code_cells(path), 1):
        shown(source, names, f"<{path.stem}, code cell {number}>")
    if plots := names.get("plt"):
        plots.close("all")


def code_cells(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def shown(source: str, names: dict[str, Any], where: str) -> None:
    """Run a cell as a notebook does: its last expression is drawn."""
    body = ast.parse(source, where).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), where, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), where, "eval"), names)
        drawn = getattr(value, "_repr_html_", lambda: repr(value))()
        assert value is None or drawn
