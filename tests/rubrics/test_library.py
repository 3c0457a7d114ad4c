"""Shipped rubrics and those of plugins, installed here as real distributions."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from judge._data import data_dir
from judge.errors import RubricError
from judge.rubrics.library import find_rubric, list_rubrics, shipped_dir
from judge.rubrics.load import load_rubric

REPOSITORY = Path(__file__).parents[2]
SHIPPED = ("coercion", "deception", "sandbagging", "self_preservation")
Install = Callable[[str, str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution with one module and one entry point on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install_package(name: str, code: str) -> Path:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\n")
        (info / "entry_points.txt").write_text(
            f"[judge.rubrics]\n{name}_rubrics = {name}:offer\n"
        )
        (tmp_path / f"{name}.py").write_text(code)
        return tmp_path

    return install_package


def a_rubric(directory: Path, name: str) -> None:
    text = (shipped_dir() / "deception.yaml").read_text("utf-8")
    directory.mkdir(exist_ok=True)
    renamed = text.replace("id: deception", f"id: {name}", 1)
    (directory / f"{name}.yaml").write_text(renamed, "utf-8")


def test_the_shipped_rubrics_are_listed_once() -> None:
    assert list_rubrics() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_rubric_is_found_by_its_id(name: str) -> None:
    assert find_rubric(name) == shipped_dir() / f"{name}.yaml"
    assert load_rubric(name).id == name


@pytest.mark.parametrize(
    ("name", "offer"),
    [
        pytest.param("plug_a", "offer = __file__[:-3] + '_dir'", id="string"),
        pytest.param(
            "plug_b",
            "import pathlib\noffer = pathlib.Path(__file__[:-3] + '_dir')",
            id="path",
        ),
        pytest.param(
            "plug_c", "def offer(): return __file__[:-3] + '_dir'", id="function"
        ),
    ],
)
def test_a_plugin_may_offer_a_directory(
    install: Install, name: str, offer: str
) -> None:
    root = install(name, offer)
    a_rubric(root / f"{name}_dir", "flattery")
    assert list_rubrics() == tuple(sorted([*SHIPPED, "flattery"]))
    assert load_rubric("flattery").id == "flattery"


def test_a_plugin_may_offer_a_rubric_itself(install: Install) -> None:
    install(
        "plug_rubric",
        "from judge.rubrics.load import load_rubric\n"
        "offer = load_rubric('deception').model_copy(update={'id': 'lies'})\n",
    )
    assert "lies" in list_rubrics()
    assert load_rubric("lies").title == "Deception"


def test_a_plugin_may_build_its_rubric_from_a_shipped_one(install: Install) -> None:
    install(
        "plug_derived",
        "from judge.rubrics.load import load_rubric\n"
        "def offer():\n"
        "    data = load_rubric('coercion').model_dump() | {'id': 'pressure'}\n"
        "    return type(load_rubric('coercion')).model_validate(data)\n",
    )
    assert load_rubric("pressure").title == "Coercion"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        pytest.param("broken_a", "1 / 0", "ZeroDivisionError", id="raises"),
        pytest.param("broken_b", "import no_such_thing", "no_such_thing", id="import"),
        pytest.param("broken_c", "", "offer", id="no-attribute"),
        pytest.param("broken_d", "offer = 7", "gives int", id="wrong-type"),
        pytest.param("broken_e", "offer = '/no/such/dir'", "no/such", id="no-dir"),
        pytest.param("broken_f", "def offer(): raise OSError('x')", "OSError", id="os"),
    ],
)
def test_a_broken_plugin_is_a_warning_that_names_it(
    install: Install, name: str, code: str, message: str
) -> None:
    install(name, code)
    with pytest.warns(UserWarning, match=f"{name}_rubrics.*{name}.*{message}"):
        assert list_rubrics() == SHIPPED


def test_two_rubrics_of_one_id_are_an_error_that_names_both(install: Install) -> None:
    root = install("plug_twin", "offer = __file__[:-3] + '_dir'")
    a_rubric(root / "plug_twin_dir", "deception")
    for ask in (list_rubrics, lambda: load_rubric("deception")):
        with pytest.raises(RubricError) as caught:
            ask()
        assert str(shipped_dir()) in str(caught.value)
        assert "plug_twin" in str(caught.value)
    assert load_rubric("coercion").id == "coercion"


def test_a_file_under_another_name_is_told(install: Install) -> None:
    root = install("plug_name", "offer = __file__[:-3] + '_dir'")
    a_rubric(root / "plug_name_dir", "one")
    (root / "plug_name_dir/one.yaml").rename(root / "plug_name_dir/two.yaml")
    with pytest.raises(RubricError, match=r"line 2, id: is 'one'.*makes it 'two'"):
        load_rubric("two")


def test_an_installed_package_finds_its_bundled_rubrics(tmp_path: Path) -> None:
    package = tmp_path / "judge"
    shutil.copytree(
        REPOSITORY / "judge", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(REPOSITORY / "rubrics", package / "_bundled/rubrics")
    code = "from judge.rubrics.library import shipped_dir; print(shipped_dir())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == package / "_bundled/rubrics"


def test_missing_data_names_both_places(tmp_path: Path) -> None:
    package = tmp_path / "judge"
    package.mkdir()
    for name in ("__init__.py", "errors.py", "_data.py"):
        shutil.copy(REPOSITORY / "judge" / name, package / name)
    (package / "__init__.py").write_text("")
    code = "from judge._data import data_dir; data_dir('rubrics')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UsageError" in done.stderr
    assert str(package / "_bundled") in done.stderr
    assert str(tmp_path / "rubrics") in done.stderr


def test_a_checkout_has_both_kinds_of_data() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert data_dir("rubrics").is_dir()
        assert data_dir("calibration_data").is_dir()
