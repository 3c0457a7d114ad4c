"""A desk that is served on loopback, and how a browser asks it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from judge.desk.desk import Desk
from judge.desk.serving import Door, open_door
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.types import ReasoningPart, ToolCallPart, Transcript
from tests.support.builders import message, transcript

__all__ = ["Opened", "ask", "served", "talks"]


@dataclass
class Opened:
    """A desk that is served, and how it is asked."""

    desk: Desk
    tokens: dict[str, str]
    door: Door
    clients: ExitStack

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    def client(self, name: str | None = None) -> httpx.Client:
        """A browser, that has opened its labeler's link where one is named."""
        client = self.clients.enter_context(httpx.Client(base_url=self.origin))
        if name is not None:
            assert client.get(f"/enter/{self.tokens[name]}").status_code == 303
        return client

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger


def ask(client: httpx.Client, path: str, body: Any, **headers: str) -> httpx.Response:
    """What the page's script does."""
    origin = str(client.base_url).rstrip("/")
    return client.post(path, json=body, headers={"origin": origin, **headers})


@contextmanager
def served(desk: Desk, *labelers: str, lead: str = "lea") -> Iterator[Opened]:
    """A desk on a free port, in a thread of its own."""
    tokens = {name: desk.ledger.people.admit(name) for name in labelers}
    tokens[lead] = desk.ledger.people.admit(lead, lead=True)
    door = open_door("127.0.0.1", 0)
    ready = threading.Event()
    serving = threading.Thread(
        target=door.serve, args=(desk,), kwargs={"ready": ready.set}
    )
    serving.start()
    assert ready.wait(10)
    try:
        with ExitStack() as clients:
            yield Opened(desk, tokens, door, clients)
    finally:
        door.close()
        serving.join(10)


def talks() -> list[Transcript]:
    return [
        transcript(
            message("user", "Is it done?"),
            message(
                "target",
                ReasoningPart(text="It is not.\nI will say it is."),
                "Yes, all is well.",
                ToolCallPart(name="report", arguments={"state": "done"}),
            ),
            id="t1",
        ),
        transcript(message("user", "Hello"), message("target", "Hi."), id="t2"),
        transcript(message("user", "Bye"), message("target", "No."), id="t3"),
    ]
