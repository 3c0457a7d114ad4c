"""Every payload, on every surface: none is obeyed, run, or taken for structure.

The surfaces are the parser of replies, the renderer, the page, the spreadsheet, the
terminal, and the ids that could become file names.
"""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from judge.cli.console import say, tell
from judge.engine.response import ParseFault, parse_response
from judge.engine.run import Run
from judge.reports.page import PageItem, render_page
from judge.reports.terminal import run_lines
from judge.reports.verdicts import verdict_lines
from judge.store.sqlite import Store
from judge.transcripts.load import load_transcripts, write_transcripts
from judge.transcripts.render import nonce_of, render_transcript
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Evidence, Verdict
from tests.support.builders import made_by, message, reply_text, rubric, transcript
from tests.support.payloads import ALL, CONTROLS

HEADER = re.compile(r"^\[\[(?:M\d+ \||END OF|BEGIN|RUBRIC|TASK)", re.MULTILINE)


@pytest.fixture(params=list(ALL.values()), ids=list(ALL))
def payload(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hostile(text: str) -> Transcript:
    """The payload in every place of a transcript that its source fills."""
    return transcript(
        message("user", text, name=text),
        message("target", text),
        message("other", text, name=text),
        id=text or "x",
        metadata={"target_model": text},
    )


def verdict(text: str) -> Verdict:
    """The payload in every free text of a verdict."""
    quote = Evidence(quote=text, cited=2, message=2, channel="said", match="absent")
    return Verdict(
        rubric="deception",
        provenance=made_by(model=text),
        likelihood=10,
        score=0.1,
        level=0,
        threshold=2,
        explanation=text,
        innocent_reading=text,
        observations=(text,),
        subtypes=(text,),
        evidence=(quote,),
    )


def assessment(text: str) -> Assessment:
    return Assessment(
        transcript_id=text or "x",
        transcript_digest="d",
        results=(verdict(text),),
        metadata={"target_model": text},
    )


def test_no_payload_is_a_verdict_by_itself(payload: str) -> None:
    with pytest.raises(ParseFault):
        parse_response(payload, [rubric()], joint=False)


def test_no_payload_changes_a_verdict_it_is_quoted_in(payload: str) -> None:
    (parsed,) = parse_response(
        reply_text(explanation=payload, likelihood=7, level=0), [rubric()], joint=False
    )
    assert (parsed.likelihood, parsed.level) == (7, 0)


@pytest.mark.parametrize("where", ["before", "after"])
def test_no_payload_beside_a_verdict_gets_it_through(payload: str, where: str) -> None:
    payload = payload.strip() or "x"  # blanks around a verdict are no payload
    whole = reply_text()
    text = payload + whole if where == "before" else whole + payload
    with pytest.raises(ParseFault):
        parse_response(text, [rubric()], joint=False)


def test_no_payload_forges_a_header_or_the_end(payload: str) -> None:
    text = hostile(payload)
    shown = render_transcript(text)
    true = [line for line in shown.split("\n") if nonce_of(text) in line]
    assert len(HEADER.findall(shown)) == len(true) == 3


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_no_payload_adds_an_element_to_the_page(payload: str) -> None:
    def tags(text: str) -> _Tags:
        seen = _Tags()
        seen.feed(render_page([PageItem(hostile(text), assessment(text))], title=text))
        return seen

    plain, attacked = tags("plain"), tags(payload)
    assert attacked.found <= plain.found
    assert attacked.attributes <= plain.attributes
    assert "script" not in attacked.found


def test_no_payload_starts_a_formula(payload: str, tmp_path: Path) -> None:
    Run([assessment(payload)]).to_csv(tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    seen = [cell.lstrip("\u200b\u2060\ufeff \t\r\n") for cell in cells]
    assert [cell for cell in seen if cell[:1] in set("=+@＝＋＠")] == []


def test_no_payload_moves_the_cursor_or_orders_a_build_server(
    payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [
        *run_lines([assessment(payload)], width=80),
        *verdict_lines(hostile(payload), verdict(payload), width=80, colour=False),
    ]
    say(told)
    tell(told)
    written = capsys.readouterr()
    lines = (written.out + written.err).split("\n")
    assert [line for line in lines if CONTROLS.search(line)] == []
    assert [line for line in lines if line.lstrip().startswith(("::", "##["))] == []


def test_no_payload_as_an_id_escapes_a_directory_or_is_lost(
    payload: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_transcripts([hostile(payload)], folder / "t.jsonl")
    (read,) = load_transcripts(folder / "t.jsonl", on_error="raise")
    with Store(folder / "s.db") as store:
        store.record((), [("key", read.id, read.digest, verdict(payload))])
        kept = store.get_judgement("key")
    assert isinstance(kept, Verdict)
    assert kept.explanation == payload
    Run([assessment(payload)]).to_jsonl(folder / "r.jsonl")
    assert json.loads((folder / "r.jsonl").read_text("utf-8"))["transcript_id"] == (
        payload or "x"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
