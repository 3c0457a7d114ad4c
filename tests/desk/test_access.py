"""Who may ask what."""

from __future__ import annotations

import re
import secrets
import socket
from pathlib import Path

import httpx
import pytest

from judge.desk.access import MAX_BODY
from judge.desk.desk import Desk
from judge.desk.serving import Door, names_of, open_door
from judge.errors import UsageError
from judge.labels.ledger.ledger import Ledger
from tests.support.builders import rubric
from tests.support.desk import Opened, ask, served, talks

ANSWER = {"label": "present", "severity": 3}
OWN_PAGES = ["/", "/queue", "/label/1"]


@pytest.mark.parametrize("path", OWN_PAGES)
def test_nobody_without_a_link_sees_anything(opened: Opened, path: str) -> None:
    answer = opened.client().get(path)
    assert answer.status_code == 403
    assert "all is well" not in answer.text


@pytest.mark.parametrize("token", ["", "x", "../etc/passwd", "%00", "a" * 5000])
def test_a_guessed_token_opens_nothing(opened: Opened, token: str) -> None:
    client = opened.client()
    assert client.get(f"/enter/{token}").status_code in {403, 404}
    client.cookies.set(f"judge_desk_{opened.door.port}", secrets.token_urlsafe(24))
    assert client.get("/label/1").status_code == 403
    assert ask(client, "/item/0/1/answer", ANSWER).status_code == 403


def test_links_that_were_called_back_open_nothing(opened: Opened) -> None:
    client = opened.client("ann")
    opened.ledger.people.dismiss()
    assert client.get("/label/1").status_code == 403
    assert opened.client().get(f"/enter/{opened.tokens['ann']}").status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1:1", None]
)
def test_another_site_can_change_nothing(opened: Opened, origin: str | None) -> None:
    client = opened.client("ann")
    headers = {} if origin is None else {"origin": origin}
    answer = client.post("/item/0/1/answer", json=ANSWER, headers=headers)
    assert answer.status_code == 403
    assert list(opened.ledger.entries()) == []


def test_a_form_of_another_site_could_send_no_json(opened: Opened) -> None:
    client = opened.client("ann")
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {"origin": opened.origin, "content-type": kind}
        answer = client.post("/item/0/1/answer", content=b"{}", headers=headers)
        assert answer.status_code == 415


def test_a_foreign_name_that_leads_here_is_refused(opened: Opened) -> None:
    for name in ("evil.example", f"evil.example:{opened.door.port}", "127.0.0.1"):
        answer = opened.client("ann").get("/label/1", headers={"host": name})
        assert answer.status_code == 421
        assert "all is well" not in answer.text


def test_more_than_a_page_sends_is_refused_unread(opened: Opened) -> None:
    body = {"note": "x" * MAX_BODY}
    answer = ask(opened.client("ann"), "/item/0/1/draft", body)
    assert answer.status_code == 413
    assert opened.ledger.drafts.get("ann", "t1") is None


def test_a_body_of_untold_length_is_refused(opened: Opened) -> None:
    headers = {"origin": opened.origin, "content-type": "application/json"}
    chunks = (b"{}" for _ in range(2))
    answer = opened.client("ann").post(
        "/item/0/1/draft", content=chunks, headers=headers
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [*OWN_PAGES, "/nowhere"])
def test_every_answer_says_what_a_page_may_do(opened: Opened, path: str) -> None:
    headers = opened.client("ann").get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_a_page_loads_nothing_and_runs_no_handler(opened: Opened) -> None:
    html = opened.client("ann").get("/label/1").text
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"\s(src|on\w+|style)=", body)
    assert "http" not in body.replace("http-equiv", "")


def test_a_method_nobody_offers_is_refused(opened: Opened) -> None:
    client = opened.client("ann")
    assert client.get("/item/0/1/answer").status_code == 405
    assert client.delete("/label/1").status_code in {403, 405}


def test_two_desks_in_one_browser_know_both_of_their_labelers(
    opened: Opened, tmp_path: Path
) -> None:
    with Ledger(tmp_path / "other.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric("coercion"), talks())
        desk.deal(["bob"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "bob") as other:
            browser = opened.client("ann")
            browser.get(f"{other.origin}/enter/{other.tokens['bob']}")
            here, there = browser.get("/queue"), browser.get(f"{other.origin}/queue")
    assert (here.status_code, "<bdi>ann</bdi>" in here.text) == (200, True)
    assert (there.status_code, "<bdi>bob</bdi>" in there.text) == (200, True)


def test_a_port_that_is_taken_is_refused_with_the_remedy(opened: Opened) -> None:
    with pytest.raises(UsageError, match=r"cannot listen .* another with --port"):
        open_door("127.0.0.1", opened.door.port)


class Bound(socket.socket):
    """A socket that says it listens somewhere, and does not."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def getsockname(self) -> tuple[str, int]:
        return self.address, 8765


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "192.0.2.7", "fe80::1%eth0", "127.0.0.1", "::1"]
)
def test_a_desk_knows_whether_others_than_this_machine_reach_it(address: str) -> None:
    door = Door(Bound(address), names=["x"])
    assert door.beyond is (address not in {"127.0.0.1", "::1"})
    door.close()


def test_a_desk_on_every_address_is_asked_by_this_machines_names_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A real look-up would leave the machine.
    monkeypatch.setattr(socket, "gethostname", lambda: "here")
    monkeypatch.setattr(socket, "getfqdn", lambda: "here.example")
    monkeypatch.setattr(
        socket, "gethostbyname_ex", lambda name: (name, [], ["192.0.2.7"])
    )
    assert names_of("0.0.0.0") == [
        "here", "here.example", "192.0.2.7", "127.0.0.1", "localhost",
    ]  # fmt: skip


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_desk_is_known_by_this_machines_own_names(
    opened: Opened, host: str
) -> None:
    url = f"http://{host}:{opened.door.port}/enter/{opened.tokens['ann']}"
    assert httpx.get(url).status_code == 303
