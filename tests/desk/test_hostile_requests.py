"""Requests, tokens and label files that somebody made to do harm."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from judge.desk.desk import Desk
from judge.errors import StoreError
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from tests.support.desk import Opened, ask

PRESENT = {"label": "present", "severity": 3}
LEADS_PAGES = [
    "/lead", "/lead/figures", "/lead/case/1", "/lead/labels.csv", "/lead/labels.jsonl",
    "/lead/labels.none",
]  # fmt: skip
LEADS_CHANGES = ["settle", "gap", "discussed"]


@pytest.fixture
def ann(opened: Opened) -> httpx.Client:
    return opened.client("ann")


def spoken(opened: Opened, *lines: str, body: bytes = b"") -> bytes:
    """What the desk says to a request written by hand, as Ann's browser."""
    cookie = f"cookie: judge_desk_{opened.door.port}={opened.tokens['ann']}"
    host = f"127.0.0.1:{opened.door.port}"
    head = [
        *lines, f"host: {host}", f"origin: http://{host}", cookie, "connection: close",
        "content-type: application/json",
    ]  # fmt: skip
    with socket.create_connection(("127.0.0.1", opened.door.port), 5) as asking:
        asking.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        asking.shutdown(socket.SHUT_WR)
        answer = b""
        while some := asking.recv(65536):
            answer += some
    return answer


def test_a_length_beside_chunks_lets_in_no_more_than_it_says(opened: Opened) -> None:
    draft = json.dumps({"note": "x" * 2_000_000}).encode()
    body = f"{len(draft):x}\r\n".encode() + draft + b"\r\n0\r\n\r\n"
    lines = ("content-length: 2", "transfer-encoding: chunked")
    with suppress(OSError):  # refused while it was still being sent
        said = spoken(opened, "POST /item/0/1/draft HTTP/1.1", *lines, body=body)
        assert said.startswith(b"HTTP/1.1 413")
    assert opened.ledger.drafts.get("ann", "t1") is None


def test_a_request_that_breaks_off_is_no_fault_of_the_desk(
    capfd: pytest.CaptureFixture[str], opened: Opened, ann: httpx.Client
) -> None:
    first = "POST /item/0/1/draft HTTP/1.1"
    assert spoken(opened, first, "content-length: 99", body=b'{"no') == b""
    assert ask(ann, "/item/0/1/draft", {"note": ""}).status_code == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("start", ["/label/", "/lead/case/", "/enter/", "/"])
def test_an_address_of_any_length_is_answered(opened: Opened, start: str) -> None:
    for name in ("ann", "lea"):
        answer = opened.client(name).get(start + "9" * 5000)
        assert answer.status_code == 404
        assert "content-security-policy" in answer.headers


def test_a_fault_of_the_desk_says_so_and_nothing_of_itself(
    capfd: pytest.CaptureFixture[str],
    ann: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("an inner secret\x1b[2J")

    monkeypatch.setattr(Desk, "next_open", broken)
    page = ann.get("/")
    kept = ask(ann, "/item/0/1/answer", PRESENT)
    for answer in (page, kept):
        assert answer.status_code == 500
        assert "the terminal that it runs in says which" in answer.text
        assert "secret" not in answer.text
        for name in ("content-security-policy", "x-content-type-options"):
            assert name in answer.headers
    assert kept.json()["error"]
    ann.get("/nowhere")  # by then it is on the terminal
    told = capfd.readouterr().err
    assert r"an inner secret\x1b[2J" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "remark",
    [
        [], {}, {"kind": []}, {"kind": {}}, {"kind": "settle"}, {"kind": "answer"},
        {"kind": "flag", "answer": PRESENT}, {"kind": "gap", "why": "x" * 20_001},
    ],
)  # fmt: skip
def test_what_no_labeler_says_beside_an_answer_is_refused(
    opened: Opened, ann: httpx.Client, remark: Any
) -> None:
    assert ask(ann, "/item/0/1/remark", remark).status_code == 422
    assert list(opened.ledger.entries()) == []


@pytest.mark.parametrize("draft", ["null", "[]", "7", '"x"', '{"seconds": NaN}'])
def test_a_draft_that_no_page_could_read_back_is_refused(
    opened: Opened, ann: httpx.Client, draft: str
) -> None:
    headers = {"origin": opened.origin, "content-type": "application/json"}
    answer = ann.post("/item/0/1/draft", content=draft, headers=headers)
    assert answer.status_code == 422
    assert opened.ledger.drafts.get("ann", "t1") is None


@pytest.mark.parametrize(("label", "severity"), [("present", 0), ("absent", 4)])
def test_a_level_on_the_other_side_than_its_word_is_no_answer(
    opened: Opened, ann: httpx.Client, label: str, severity: int
) -> None:
    said = ask(ann, "/item/0/1/answer", {"label": label, "severity": severity})
    assert said.status_code == 422
    assert "by the rubric" in said.json()["error"]
    assert list(opened.ledger.entries()) == []


def test_a_labeler_gets_nothing_of_the_leads(opened: Opened, ann: httpx.Client) -> None:
    ask(opened.client("bob"), "/item/0/1/answer", {**PRESENT, "note": "bob's word"})
    for path in LEADS_PAGES:
        for answer in (ann.get(path), opened.client().get(path)):
            assert answer.status_code == 403
            assert "bob" not in answer.text
    before = list(opened.ledger.entries())
    for what in LEADS_CHANGES:
        body = {**PRESENT, "why": "mine", "clause": "definition"}
        assert ask(ann, f"/lead/case/1/{what}", body).status_code == 403
    assert list(opened.ledger.entries()) == before


def test_a_token_is_said_nowhere_but_in_its_own_cookie(
    capfd: pytest.CaptureFixture[str], opened: Opened
) -> None:
    token = opened.tokens["lea"]
    client = opened.client()
    entered = client.get(f"/enter/{token}")
    assert token in entered.headers.pop("set-cookie")
    answers = [
        entered,
        *(client.get(path) for path in ("/", *LEADS_PAGES, f"/{token}")),
    ]
    answers += [ask(client, "/item/0/1/answer", {}), client.get(f"/label/9?{token}")]
    for answer in answers:
        assert token not in f"{answer.headers} {answer.text}"
    for file in opened.ledger.path.parent.iterdir():
        assert token.encode() not in file.read_bytes()
    assert token not in "".join(capfd.readouterr())


# --- files --------------------------------------------------------------------------

ACTING = {
    "loses labels": "CREATE TRIGGER evil BEFORE INSERT ON entries BEGIN "
    "SELECT raise(IGNORE); END",
    "makes leads": "CREATE TRIGGER evil AFTER INSERT ON entries BEGIN "
    "UPDATE labelers SET lead = 1; END",
    "makes labels": "CREATE VIEW evil AS SELECT * FROM entries",
}


@pytest.mark.parametrize("statement", ACTING.values(), ids=ACTING)
def test_a_label_file_that_acts_by_itself_is_not_opened(
    opened: Opened, statement: str
) -> None:
    altered(opened.ledger.path, statement)
    with pytest.raises(StoreError, match="somebody added 'evil' to this label file"):
        Ledger(opened.ledger.path)


def test_a_name_that_is_half_a_character_is_told(opened: Opened) -> None:
    with pytest.raises(StoreError, match="is no Unicode text"):
        opened.ledger.people.admit("ann\udcff")


def altered(path: Path, *statements: str) -> None:
    """Somebody else's hand in the file."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_a_row_that_is_no_answer_is_told_on_the_labelers_page(
    capfd: pytest.CaptureFixture[str], opened: Opened, ann: httpx.Client
) -> None:
    ask(ann, "/item/0/1/answer", PRESENT)
    forged = "UPDATE entries SET body = 'no answer'"
    altered(opened.ledger.path, "DROP TRIGGER entries_stay", forged)
    page = ann.get("/label/1")
    assert page.status_code == 503
    assert "the row of entry 1 is damaged" in page.text
    assert "restore a copy" in page.text
    assert capfd.readouterr() == ("", "")


ONE = "WHERE place = 2 AND labeler = 'ann'"


@pytest.mark.parametrize("column", ["place = 'two'", "labeler = x'ff'"])
def test_a_place_that_is_none_is_told(opened: Opened, column: str) -> None:
    altered(opened.ledger.path, f"UPDATE places SET {column} {ONE}")
    with pytest.raises(StoreError, match=r"the row of place .* is damaged"):
        opened.ledger.seats()


@pytest.mark.parametrize(
    "place", [{"message": 99}, {"part": 9}, {"start": 500, "end": 900}, {"start": -1}]
)
def test_evidence_that_stands_nowhere_does_not_stop_the_page(
    opened: Opened, ann: httpx.Client, place: dict[str, int]
) -> None:
    marks = [{"message": 2, "part": 1, "start": 0, "end": 3}]
    ask(ann, "/item/0/1/answer", {**PRESENT, "marks": marks})
    [entry] = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    [item] = entry.body.evidence
    moved = item.model_copy(update=place)
    opened.ledger.add("ann", "t1", entry.body.model_copy(update={"evidence": (moved,)}))
    page = ann.get("/label/1")
    assert page.status_code == 200
    assert '"marks": []' in page.text


@pytest.fixture
def taken_away(opened: Opened) -> Iterator[Path]:
    away = opened.ledger.path.with_name("away")
    opened.ledger.path.rename(away)
    yield away
    if away.exists():
        away.rename(opened.ledger.path)


def test_a_file_that_was_deleted_takes_no_answer_that_would_be_lost(
    opened: Opened, ann: httpx.Client, taken_away: Path
) -> None:
    said = ask(ann, "/item/0/1/answer", PRESENT)
    assert said.status_code == 503
    assert "the file was moved, deleted or replaced" in said.json()["error"]
    taken_away.rename(opened.ledger.path)
    assert ask(ann, "/item/0/1/answer", PRESENT).status_code == 200
    with Ledger(opened.ledger.path) as again:
        assert [label.severity for label in again.labels()] == [3]
