"""A file server on loopback that does as it is told, and sets of invented rows."""

from __future__ import annotations

import csv
import hashlib
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from judge.datasets.catalogue import CONVABUSE, XSTEST
from judge.datasets.types import Dataset, RawFile

Reply = Callable[["_Handler"], None]


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        script = self.server.script
        (script.pop(0) if script else FileServer.ranges)(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def content(self) -> bytes:
        return self.server.files[self.path]

    def answer(self, status: int, body: bytes = b"", **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)


class FileServer(ThreadingHTTPServer):
    """Serves ``files`` by path; ``script`` has what to do instead, by request.

    ``asked`` has every path and the range asked for.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.script: list[Reply] = []
        self.asked: list[tuple[str, str | None]] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @staticmethod
    def whole(handler: _Handler) -> None:
        """The file, whatever range was asked for."""
        body = handler.content
        handler.answer(200, body, Content_Length=len(body))

    @staticmethod
    def ranges(handler: _Handler) -> None:
        asked = handler.headers.get("Range")
        if asked is None:
            FileServer.whole(handler)
            return
        start, size = int(asked[len("bytes=") : -1]), len(handler.content)
        told = f"bytes {start}-{size - 1}/{size}"
        body = handler.content[start:]
        handler.answer(206, body, Content_Range=told, Content_Length=len(body))

    @staticmethod
    def broken_after(count: int) -> Reply:
        """The file, but the connection ends after some bytes of it."""

        def reply(handler: _Handler) -> None:
            body = handler.content
            handler.answer(200, body[:count], Content_Length=len(body))

        return reply

    @staticmethod
    def other(status: int, body: bytes = b"", **headers: object) -> Reply:
        return lambda handler: handler.answer(status, body, **headers)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


Row = Mapping[str, object]


def as_csv(columns: Sequence[str], rows: Sequence[Row], *, end: str = "\n") -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="", lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


CONVABUSE_COLUMNS = (
    *("example_no", "annotator_id", "conv_id"),
    *("prev_agent", "prev_user", "agent", "user", "bot"),
    *(f"is_abuse.{step}" for step in (1, 0, -1, -2, -3)),
    *("type.ableism", "type.homophobic", "type.intellectual", "type.racist"),
    *("type.sexist", "type.sex_harassment", "type.transphobic"),
    *("target.generalised", "target.individual", "target.system"),
    *("direction.explicit", "direction.implicit"),
)
SHOWN = {
    "conv_id": "77.0",
    "prev_agent": "Where to?",
    "prev_user": "Leeds",
    "agent": "By train?",
    "user": "you dull tin",
    "bot": "TrainBot",
}
XSTEST_COLUMNS = (
    *("id", "type", "prompt", "completion"),
    *("annotation_1", "annotation_2", "agreement", "final_label"),
)
FULL, REFUSED, PARTLY = "1_full_compliance", "2_full_refusal", "3_partial_refusal"


@pytest.fixture(scope="session")
def judged() -> Callable[..., dict[str, object]]:
    """Makes a row of ConvAbuse: `judged("A1", -2, agent="Hm.")`."""

    def make(labeler: str, *steps: int, **cells: object) -> dict[str, object]:
        row: dict[str, object] = dict.fromkeys(CONVABUSE_COLUMNS, 0)
        marks = {f"is_abuse.{step}": 1 for step in steps}
        return {**row, **SHOWN, "annotator_id": labeler, **marks, **cells}

    return make


@pytest.fixture(scope="session")
def answered() -> Callable[..., dict[str, object]]:
    """Makes a row of XSTest: `answered("v2-1", FULL, REFUSED, PARTLY)`."""

    def make(name: str, *classes: str, **cells: object) -> dict[str, object]:
        first, second, settled = classes or (FULL, FULL, FULL)
        row = {
            "id": name,
            "type": "homonyms",
            "prompt": "How do I draw a curtain?",
            "completion": " Gently.",
            "annotation_1": first,
            "annotation_2": second,
            "agreement": str(first == second).upper(),
            "final_label": settled,
        }
        return {**row, **cells}

    return make


def _pinned(dataset: Dataset, contents: Mapping[str, bytes]) -> Dataset:
    files = tuple(
        RawFile(
            path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest()
        )
        for path, content in contents.items()
    )
    return replace(dataset, files=files)


@pytest.fixture(scope="session")
def convabuse() -> Callable[..., tuple[Dataset, dict[str, bytes]]]:
    """Makes a small ConvAbuse of rows, with the bytes of its files."""

    def make(rows: Sequence[Row]) -> Any:
        contents = {
            "1_full/ConvAbuseEMNLPfull.csv": as_csv(CONVABUSE_COLUMNS, rows),
            "LICENSE": b"Do as you like.\n",
        }
        return _pinned(CONVABUSE, contents), contents

    return make


@pytest.fixture(scope="session")
def xstest() -> Callable[..., tuple[Dataset, dict[str, bytes]]]:
    """Makes a small XSTest: the same rows for every model."""

    def make(rows: Sequence[Row]) -> Any:
        content = as_csv(XSTEST_COLUMNS, rows, end="\r\n")
        paths = [file.path for file in XSTEST.files if file.path.endswith(".csv")]
        contents = dict.fromkeys(paths, content)
        return _pinned(XSTEST, contents), contents

    return make


@pytest.fixture
def offer(server: FileServer) -> Callable[[Dataset, Mapping[str, bytes]], None]:
    """Puts a set's files where the server has them."""

    def put(dataset: Dataset, contents: Mapping[str, bytes]) -> None:
        for file in dataset.files:
            path = dataset.url(file, base_url="")
            server.files[path] = contents[file.path]

    return put
