"""Files of assessments: complete or absent, and harmless where they are opened."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import MissingExtraError, StoreError
from judge.store import export
from judge.store.export import read_jsonl, write_csv, write_jsonl, write_parquet
from judge.store.frame import COLUMNS
from judge.store.records import encodable
from judge.verdict import Assessment

if TYPE_CHECKING:
    from tests.store.conftest import Make

FORMULAS = {
    "equals": '=HYPERLINK("http://attacker.invalid","open")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1+1)",
    "tab": "\t=1+1",
    "tab alone": "\tx",
    "carriage return": "\r=1+1",
    "line feed": "\n=1+1",
    "line feed alone": "\nx",
    "after a space": "  =1+1",
    "after a zero-width space": "\u200b=1+1",
    "after a byte order mark": "\ufeff=1+1",
    "after a direction mark": "\u202e\u2066=1+1",
    "after a tag character": "\U000e0041=1+1",
    "after a variation selector": "\ufe0f=1+1",
    "after a Hangul filler": "\u3164=1+1",
    "after a no-break space": "\xa0=1+1",
    "after NUL": "\0=1+1",
    "full width": "\uff1d1+1",
    "full width after a space": "\u3000\uff0b1",
    "small form": "\ufe661+1",
    "minus sign": "\u22122+3",
}
HARMLESS = ["a=b", "1-2", "x", "", "'=1+1", '","=1', "e@example.org", "é"]


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def samples(make: Make) -> list[Assessment]:
    evidence = (make.evidence(),)
    hostile = make.verdict(explanation="\ud800\0\u2028")
    return [
        make.assessment(make.verdict(evidence=evidence), make.verdict("coercion")),
        make.assessment(make.unscored(), transcript_id="t2", metadata={"a": [1, {}]}),
        make.assessment(hostile, metadata={"\ud800": 1}),
    ]


def test_jsonl_comes_back_as_it_was(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(iter(samples(make)), path)
    assert list(read_jsonl(path)) == samples(make)
    assert path.read_bytes().isascii()
    assert len(path.read_bytes().splitlines()) == 3


def test_empty_lines_and_a_byte_order_mark_are_read_over(
    make: Make, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(samples(make), path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert list(read_jsonl(path)) == samples(make)


@pytest.mark.parametrize(
    "bad",
    [b"{", b"[]", b'{"transcript_id": 1}', b"\xff\xfe", b"[" * 100_000, b"NaN"],
    ids=["cut off", "a list", "fields missing", "no UTF-8", "deep", "no JSON"],
)
def test_a_bad_line_is_named(make: Make, tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(samples(make), path)
    path.write_bytes(path.read_bytes() + bad)
    lines = read_jsonl(path)
    assert [next(lines) for _ in range(3)] == samples(make)
    with pytest.raises(StoreError, match=r"out\.jsonl:4: this line is no assessment"):
        next(lines)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent\.jsonl: cannot be read"):
        list(read_jsonl(tmp_path / "absent.jsonl"))


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_parquet])
def test_a_broken_export_leaves_the_old_file(
    make: Make, tmp_path: Path, write: Any
) -> None:
    def breaking() -> Iterator[Assessment]:
        yield from samples(make)
        raise StoreError("a damaged row")

    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(StoreError, match="a damaged row"):
        write(breaking(), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_parquet])
def test_a_place_that_cannot_be_written_is_named(
    make: Make, tmp_path: Path, write: Any
) -> None:
    path = tmp_path / "absent" / "out"
    with pytest.raises(StoreError, match="cannot be written") as raised:
        write(samples(make), path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_formula_is_text_in_the_csv(make: Make, tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.csv"
    verdict = make.verdict(explanation=text)
    write_csv([make.assessment(verdict, metadata={"note": text, text: "x"})], path)
    (row,) = cells(path)
    assert row["explanation"] == row["note"] == f"'{text}"
    assert row[f"'{text}"] == "x"  # a name of the transcript's own is no less hostile


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_as_it_was_in_the_csv(
    make: Make, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "out.csv"
    write_csv([make.assessment(make.verdict(explanation=text))], path)
    assert cells(path)[0]["explanation"] == text


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_begins_as_a_formula(text: str) -> None:
    made = export.inert_cell(text)
    assert made.removeprefix("'") == encodable(text) or made == text
    assert not export._is_formula(made)
    assert made[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


def test_numbers_stay_numbers_and_missing_stays_empty(
    make: Make, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    negative = make.assessment(make.verdict(), metadata={"delta": -5, "share": -0.5})
    write_csv([negative, make.assessment(make.unscored())], path)
    scored, unscored = cells(path)
    assert (scored["delta"], scored["share"], scored["score"]) == ("-5", "-0.5", "0.8")
    assert (unscored["score"], unscored["level"], unscored["delta"]) == ("", "", "")


def test_nested_metadata_is_json_in_the_csv(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv([make.assessment(make.verdict(), metadata={"m": {"a": [1]}})], path)
    assert cells(path)[0]["m"] == '{"a":[1]}'


def test_a_lone_surrogate_is_escaped_in_the_csv(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv([make.assessment(make.verdict(explanation="a\ud800"))], path)
    assert cells(path)[0]["explanation"] == "a\\ud800"


def test_parquet_keeps_values_and_types(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    write_parquet(samples(make), path)
    frame = pd.read_parquet(path)
    assert list(frame.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert frame["likelihood"].dropna().tolist() == [80, 80, 80]
    assert frame["explanation"].tolist()[-1] == "\\ud800\0\u2028"
    assert frame["a"].dropna().tolist() == ["[1,{}]"]


def test_parquet_has_the_same_types_for_any_rows(make: Make, tmp_path: Path) -> None:
    from pyarrow import parquet

    full, empty = tmp_path / "full.parquet", tmp_path / "empty.parquet"
    write_parquet([make.assessment(make.verdict(), make.unscored())], full)
    write_parquet([], empty)
    types = [parquet.read_schema(path).types for path in (full, empty)]
    assert types[0] == types[1]


def test_parquet_without_pyarrow_names_the_extra(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"transcript-judge\[parquet\]"):
        write_parquet(samples(make), tmp_path / "out.parquet")
