"""A set is fetched when its licence is accepted, and once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge.datasets.catalogue import find_dataset, list_datasets
from judge.datasets.describe import describe
from judge.datasets.fetch import fetch_dataset
from judge.datasets.types import Dataset
from judge.errors import DatasetError, JudgeError, UsageError
from judge.labels.labels import read_labels
from judge.rubrics.library import list_rubrics

Make = Callable[..., Any]


@pytest.fixture
def small(convabuse: Make, judged: Make, offer: Make) -> Dataset:
    """ConvAbuse with three rows, and the server has it."""
    dataset, contents = convabuse(
        [judged("A1", -2), judged("A2", 1), judged("A1", 1, user="thanks")]
    )
    offer(dataset, contents)
    return dataset  # type: ignore[no-any-return]  # the fixture's makers are untyped


def names(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file()
    )


def test_a_fetch_leaves_raw_files_transcripts_and_labels(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    fetched = fetch_dataset(
        small, tmp_path / "new" / "set", accept=True, base_url=server.base
    )
    assert names(fetched.directory) == [
        "ATTRIBUTION.md",
        "labels.csv",
        "raw/ConvAbuseEMNLPfull.csv",
        "raw/LICENSE",
        "transcripts.jsonl",
    ]
    assert (fetched.converted.items, fetched.converted.labels_written) == (2, 3)
    assert len(read_labels(fetched.converted.labels)) == 3
    assert fetched.downloaded == small.files


def test_the_attribution_names_authors_licence_and_changes(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    fetched = fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    told = fetched.attribution.read_text("utf-8")
    for part in (small.citation, small.licence_url, small.commit, "Changes:"):
        assert part in told


def test_files_are_asked_for_at_the_pinned_commit(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    fetch_dataset(small, tmp_path, accept=True, base_url=f"{server.base}/")
    head = f"/{small.repository}/{small.commit}"
    assert [path for path, _ in server.asked] == [
        f"{head}/1_full/ConvAbuseEMNLPfull.csv",
        f"{head}/LICENSE",
    ]


@pytest.mark.parametrize("accept", [False, lambda _: False], ids=["not", "said no"])
def test_nothing_is_stored_or_asked_for_before_the_licence_is_accepted(
    server: Any, small: Dataset, tmp_path: Path, accept: Any
) -> None:
    with pytest.raises(UsageError, match=r"CC BY 4\.0.*nothing was stored"):
        fetch_dataset(small, tmp_path / "set", accept=accept, base_url=server.base)
    assert list(tmp_path.iterdir()) == []
    assert server.asked == []


def test_whoever_is_asked_is_told_the_set(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    asked: list[Dataset] = []

    def accept(dataset: Dataset) -> bool:
        assert not (tmp_path / "set").exists()
        asked.append(dataset)
        return True

    fetch_dataset(small, tmp_path / "set", accept=accept, base_url=server.base)
    assert asked == [small]


def test_a_second_fetch_downloads_nothing(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    server.asked.clear()
    again = fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    assert again.downloaded == ()
    assert server.asked == []


def test_an_interrupted_fetch_goes_on_from_what_is_there(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    server.script = [server.ranges, server.other(503)]
    with pytest.raises(DatasetError, match="503"):
        fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    assert names(tmp_path) == ["raw/ConvAbuseEMNLPfull.csv"]
    again = fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    assert [file.name for file in again.downloaded] == ["LICENSE"]


def test_a_fetch_stopped_by_the_user_goes_on_from_the_part(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    half = small.files[0].size // 2
    server.script = [server.broken_after(half)]
    with pytest.raises(KeyboardInterrupt):
        fetch_dataset(small, tmp_path, accept=True, base_url=server.base, progress=stop)
    server.asked.clear()
    server.script = []
    fetch_dataset(small, tmp_path, accept=True, base_url=server.base)
    assert server.asked[0][1] == f"bytes={half}-"


def test_progress_is_told_by_file(server: Any, small: Dataset, tmp_path: Path) -> None:
    told: dict[str, int] = {}
    fetch_dataset(
        small,
        tmp_path,
        accept=True,
        base_url=server.base,
        progress=lambda file, there: told.update({file.name: there}),
    )
    assert told == {file.name: file.size for file in small.files}


def test_a_mirror_over_plain_http_is_refused_before_anything(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give an https address"):
        fetch_dataset(
            "xstest", tmp_path / "x", accept=True, base_url="http://example.org"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_told(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="cannot be made a directory"):
        fetch_dataset(small, tmp_path / "file", accept=True, base_url=server.base)


def test_an_attribution_that_cannot_be_written_is_told(
    server: Any, small: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "ATTRIBUTION.md").mkdir()
    with pytest.raises(DatasetError, match=r"ATTRIBUTION\.md: cannot be written"):
        fetch_dataset(small, tmp_path, accept=True, base_url=server.base)


def test_an_unknown_set_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"did you mean xstest.*convabuse, xstest"):
        find_dataset("xtest")
    with pytest.raises(UsageError, match=r"'\\x1b'\. There are"):
        find_dataset("\x1b")


def test_what_goes_wrong_is_caught_as_the_librarys() -> None:
    assert issubclass(DatasetError, JudgeError)


@pytest.mark.parametrize("dataset", list_datasets(), ids=lambda each: each.id)
def test_every_set_is_pinned_and_described(dataset: Dataset) -> None:
    assert len(dataset.commit) == 40
    assert int(dataset.commit, 16)
    assert dataset.construct not in list_rubrics()
    assert [step.severity for step in dataset.scale] == list(range(len(dataset.scale)))
    told = "\n".join(describe(dataset))
    for file in dataset.files:
        assert len(file.sha256) == 64
        assert int(file.sha256, 16)
        assert file.sha256 in told
        assert dataset.url(file).startswith("https://raw.githubusercontent.com/")
    assert len({file.name for file in dataset.files}) == len(dataset.files)
    for word in ("hard negative", "coercion", "deception", "self-preservation"):
        assert word in dataset.means_not
    for part in (dataset.licence, dataset.licence_url, dataset.citation, "Adjacent"):
        assert part in told
