"""A download: gone on from, verified, and never more than was expected."""

from __future__ import annotations

import hashlib
import io
import socket
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from judge.datasets.address import CarefulRedirects
from judge.datasets.download import ATTEMPTS, Wanted, download
from judge.errors import DatasetError, UsageError

CONTENT = bytes(range(256)) * 1000
HALF = len(CONTENT) // 2


@pytest.fixture
def wanted(server: Any, tmp_path: Path) -> Wanted:
    server.files["/file.csv"] = CONTENT
    return Wanted(
        url=f"{server.base}/file.csv",
        target=tmp_path / "file.csv",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


def ranges_asked(server: Any) -> list[str | None]:
    return [asked for _, asked in server.asked]


def test_a_file_gets_its_name_when_it_is_whole(wanted: Wanted) -> None:
    told: list[int] = []
    assert download(wanted, progress=told.append)
    assert wanted.target.read_bytes() == CONTENT
    assert not wanted.part.exists()
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)


def test_a_verified_file_is_not_asked_for_again(server: Any, wanted: Wanted) -> None:
    wanted.target.write_bytes(CONTENT)
    assert not download(wanted)
    assert server.asked == []


def test_another_file_of_that_name_is_not_overwritten(
    server: Any, wanted: Wanted
) -> None:
    wanted.target.write_bytes(b"mine")
    with pytest.raises(DatasetError, match=f"expected {len(CONTENT)} bytes, got 4"):
        download(wanted)
    assert wanted.target.read_bytes() == b"mine"
    assert server.asked == []


def test_a_download_that_breaks_off_is_gone_on_from(
    server: Any, wanted: Wanted
) -> None:
    server.script = [server.broken_after(HALF)]
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert ranges_asked(server) == [None, f"bytes={HALF}-"]


def test_what_an_earlier_call_left_is_gone_on_from(server: Any, wanted: Wanted) -> None:
    wanted.part.write_bytes(CONTENT[:HALF])
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert ranges_asked(server) == [f"bytes={HALF}-"]


def test_one_that_always_breaks_off_keeps_what_came(
    server: Any, wanted: Wanted
) -> None:
    server.script = [server.broken_after(10), *[server.broken_after(0)] * 2]
    with pytest.raises(DatasetError, match="broken off") as caught:
        download(wanted)
    assert len(server.asked) == ATTEMPTS
    assert not wanted.target.exists()
    assert wanted.url in str(caught.value)


def test_a_reply_that_makes_no_sense_half_way_is_asked_for_again(
    server: Any, wanted: Wanted
) -> None:
    chunks = b"3\r\nabc\r\nno number\r\n"
    server.script = [server.other(200, chunks, Transfer_Encoding="chunked")]
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT


def test_what_came_is_kept_for_the_next_call(server: Any, wanted: Wanted) -> None:
    def rest_is_missing(handler: Any) -> None:
        size = len(CONTENT)
        told = f"bytes {HALF}-{size - 1}/{size}"
        handler.answer(206, Content_Range=told, Content_Length=size - HALF)

    server.script = [server.broken_after(HALF), *[rest_is_missing] * 2]
    with pytest.raises(DatasetError, match=f"{HALF} bytes are kept"):
        download(wanted)
    assert wanted.part.read_bytes() == CONTENT[:HALF]
    assert download(wanted)
    assert ranges_asked(server)[-1] == f"bytes={HALF}-"


def test_a_server_that_ignores_ranges_is_read_from_the_start(
    server: Any, wanted: Wanted
) -> None:
    wanted.part.write_bytes(CONTENT[:HALF])
    server.script = [server.whole]
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_part_that_is_whole_is_only_verified(server: Any, wanted: Wanted) -> None:
    wanted.part.write_bytes(CONTENT)
    assert download(wanted)
    assert server.asked == []


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(b"x" * HALF, id="other bytes"),
        pytest.param(b"x" * len(CONTENT), id="other bytes, all of them"),
        pytest.param(CONTENT + b"x", id="too many bytes"),
    ],
)
def test_a_part_of_something_else_is_dropped(
    server: Any, wanted: Wanted, left: bytes
) -> None:
    wanted.part.write_bytes(left)
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert ranges_asked(server)[-1] is None


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(f"bytes 0-9/{len(CONTENT)}", id="another start"),
        pytest.param(f"bytes {HALF}-9/7", id="of another file"),
        pytest.param("bytes", id="no range"),
    ],
)
def test_a_range_that_was_not_asked_for_is_not_taken(
    server: Any, wanted: Wanted, told: str
) -> None:
    wanted.part.write_bytes(CONTENT[:HALF])
    server.script = [server.other(206, b"0123456789", Content_Range=told)]
    assert download(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert ranges_asked(server) == [f"bytes={HALF}-", None]


def test_a_range_that_cannot_be_had_starts_anew(server: Any, wanted: Wanted) -> None:
    wanted.part.write_bytes(CONTENT[:HALF])
    server.script = [server.other(416)]
    assert download(wanted)
    assert ranges_asked(server) == [f"bytes={HALF}-", None]


def test_other_bytes_of_the_same_length_are_refused(
    server: Any, wanted: Wanted
) -> None:
    server.files["/file.csv"] = CONTENT[::-1]
    with pytest.raises(DatasetError) as caught:
        download(wanted)
    got = hashlib.sha256(CONTENT[::-1]).hexdigest()
    assert f"expected sha256 {wanted.sha256}, got {got}" in str(caught.value)
    assert wanted.url in str(caught.value)
    assert len(server.asked) == 1
    assert list(wanted.target.parent.iterdir()) == []


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 0])
def test_another_length_is_refused_before_anything_is_stored(
    server: Any, wanted: Wanted, size: int
) -> None:
    server.script = [server.other(200, bytes(size), Content_Length=size)]
    with pytest.raises(DatasetError, match=f"expected {len(CONTENT)} bytes.*{size}"):
        download(wanted)
    assert list(wanted.target.parent.iterdir()) == []


def test_more_than_expected_is_never_written(server: Any, wanted: Wanted) -> None:
    server.script = [server.other(200, CONTENT + bytes(10))]  # it tells no length
    told: list[int] = []
    with pytest.raises(DatasetError, match="the server sent more"):
        download(wanted, progress=told.append)
    assert max(told) == len(CONTENT)
    assert list(wanted.target.parent.iterdir()) == []


def test_a_redirect_on_this_machine_is_followed(server: Any, wanted: Wanted) -> None:
    server.files["/moved.csv"] = CONTENT
    server.script = [server.other(302, Location=f"{server.base}/moved.csv")]
    assert download(wanted)
    assert [path for path, _ in server.asked] == ["/file.csv", "/moved.csv"]


@pytest.mark.parametrize(
    "to",
    [
        "http://example.org/file.csv",
        "http://127.0.0.1.example.org/file.csv",
        "http://127.0.0.1@example.org/file.csv",
        "ftp://127.0.0.1/file.csv",
    ],
)
def test_a_redirect_to_plain_http_elsewhere_is_refused(
    server: Any, wanted: Wanted, to: str
) -> None:
    server.script = [server.other(302, Location=to)]
    with pytest.raises(DatasetError, match="redirects to an address that is not https"):
        download(wanted)
    assert list(wanted.target.parent.iterdir()) == []


@pytest.mark.parametrize("to", ["file:///etc/hostname", "data:,x", "http://[oops/"])
def test_a_redirect_to_no_server_is_refused(
    server: Any, wanted: Wanted, to: str
) -> None:
    server.script = [server.other(302, Location=to)]
    with pytest.raises(DatasetError):
        download(wanted)
    assert not wanted.target.exists()


@pytest.mark.parametrize("to", ["http://localhost/f", "https://[::1]/f"])
def test_a_server_elsewhere_does_not_send_one_to_this_machine(to: str) -> None:
    asked = Request("https://example.org/f")
    with pytest.raises(DatasetError, match="redirects to this machine"):
        CarefulRedirects().redirect_request(
            asked, io.BytesIO(), 302, "Found", HTTPMessage(), to
        )


def test_a_server_elsewhere_may_send_one_to_another() -> None:
    asked = Request("https://example.org/f", headers={"Range": "bytes=7-"})
    followed = CarefulRedirects().redirect_request(
        asked, io.BytesIO(), 302, "Found", HTTPMessage(), "https://example.com/f"
    )
    assert followed is not None
    assert followed.full_url == "https://example.com/f"
    assert followed.get_header("Range") == "bytes=7-"


def test_a_redirect_in_a_circle_ends(server: Any, wanted: Wanted) -> None:
    server.script = [server.other(302, Location=wanted.url)] * 50
    with pytest.raises(DatasetError, match="302"):
        download(wanted)
    assert len(server.asked) < 50


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_refusal_is_told_with_its_status(
    server: Any, wanted: Wanted, status: int
) -> None:
    server.script = [server.other(status)]
    with pytest.raises(DatasetError, match=f"file.csv: the server answered {status}"):
        download(wanted)


def test_an_answer_without_content_is_no_file(server: Any, wanted: Wanted) -> None:
    server.script = [server.other(204)]
    with pytest.raises(DatasetError, match="expected status 200, got 204"):
        download(wanted)


def test_a_server_that_hangs_up_is_told(server: Any, wanted: Wanted) -> None:
    server.script = [lambda handler: None]
    with pytest.raises(DatasetError, match=r"file\.csv: .*closed"):
        download(wanted)


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file.csv"
        wanted = Wanted(url=url, target=tmp_path / "f", size=1, sha256="")
        with pytest.raises(DatasetError, match="timed out"):
            download(wanted, timeout=0.05)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/file.csv"
    wanted = Wanted(url=url, target=tmp_path / "f", size=1, sha256="")
    with pytest.raises(DatasetError, match="cannot be reached"):
        download(wanted)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/f",
        "ftp://127.0.0.1/f",
        "file:///f",
        "f",
        "https://",
        "http://[/",
    ],
)
def test_only_https_and_loopback_are_asked(tmp_path: Path, url: str) -> None:
    wanted = Wanted(url=url, target=tmp_path / "f", size=1, sha256="")
    with pytest.raises(UsageError, match="give an https address"):
        download(wanted)


def test_a_directory_that_is_not_there_is_told(wanted: Wanted, tmp_path: Path) -> None:
    nowhere = Wanted(
        url=wanted.url,
        target=tmp_path / "no" / "file.csv",
        size=wanted.size,
        sha256=wanted.sha256,
    )
    with pytest.raises(DatasetError, match=r"no/file\.csv\.part: cannot be written"):
        download(nowhere)
