"""One file over HTTP: it gets its name when it is, byte for byte, the one expected.

What has arrived stands beside it as ``NAME.part`` and is gone on from.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import Request

from judge._version import __version__
from judge.datasets.address import opener, refuse_unsafe
from judge.errors import DatasetError

__all__ = ["Wanted", "download"]

ATTEMPTS = 3
"""Requests for one file at most: each further one asks for the rest alone."""
CHUNK = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file as it must arrive, and where it goes."""

    url: str
    target: Path
    size: int
    sha256: str

    @property
    def part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")


class _Broken(Exception):  # noqa: N818  (never leaves this module; asked again)
    """A reply that ended early, or that does not fit what is there already."""


def download(
    wanted: Wanted,
    *,
    timeout: float = 30.0,
    progress: Callable[[int], None] | None = None,
) -> bool:
    """Fetch a file unless it is there, and return whether it was fetched.

    Parameters
    ----------
    timeout
        Longest silence of the server in seconds.
    progress
        Told how many bytes of it are there, again and again.

    Raises
    ------
    DatasetError
        Names the address, what was expected and what came.  Bytes that may be of use
        to the next try are kept, wrong ones are not.
    UsageError
        The address is neither https nor loopback.
    """
    refuse_unsafe(wanted.url)
    try:
        if wanted.target.exists():
            _check_kept(wanted)
            return False
        _fetch(wanted, timeout, progress or (lambda _: None))
    except OSError as error:
        raise DatasetError(
            f"{error.filename or wanted.part}: cannot be written or read: "
            f"{error.strerror or error}"
        ) from error
    return True


def _check_kept(wanted: Wanted) -> None:
    if found := _difference(wanted, wanted.target):
        raise DatasetError(
            f"{wanted.target} is not the file of that name at {wanted.url}: {found}; "
            "remove it, or name another directory"
        )


def _fetch(wanted: Wanted, timeout: float, progress: Callable[[int], None]) -> None:
    fault = ""
    for _ in range(ATTEMPTS):
        began = _kept(wanted)
        try:
            if began < wanted.size:
                _receive(wanted, began, timeout, progress)
        except _Broken as broken:
            fault = str(broken)
            continue
        fault = _difference(wanted, wanted.part)
        if not fault:
            wanted.part.replace(wanted.target)
            return
        wanted.part.unlink()
        if not began:  # all of it is from this one reply
            break
    there = _kept(wanted)
    rest = f"; {there} bytes are kept, the same call goes on from there"
    raise DatasetError(f"{wanted.url}: {fault}{rest if there else ''}")


def _kept(wanted: Wanted) -> int:
    """Bytes that are there already; a part that is too long is none of ours."""
    try:
        size = wanted.part.stat().st_size
    except FileNotFoundError:
        return 0
    if size > wanted.size:
        wanted.part.unlink()
        return 0
    return size


def _receive(
    wanted: Wanted, have: int, timeout: float, progress: Callable[[int], None]
) -> None:
    with closing(_ask(wanted, have, timeout)) as reply:
        start = _start(wanted, reply, have)
        with wanted.part.open("ab" if start else "wb") as file:
            _copy(wanted, reply, file, progress)
            file.flush()
            os.fsync(file.fileno())


def _ask(wanted: Wanted, have: int, timeout: float) -> HTTPResponse:
    headers = {
        "Accept-Encoding": "identity",  # the size and the digest are of the plain file
        "User-Agent": f"transcript-judge/{__version__}",
    }
    if have:
        headers["Range"] = f"bytes={have}-"
    request = Request(wanted.url, headers=headers)  # noqa: S310  (refuse_unsafe saw it)
    try:
        reply: HTTPResponse = opener().open(request, timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code == 416 and have:
            raise _dropped(wanted, "nothing follows what is kept") from error
        raise DatasetError(
            f"{wanted.url}: the server answered {error.code} {error.reason}"
        ) from error
    except URLError as error:
        raise DatasetError(
            f"{wanted.url}: cannot be reached: {error.reason}"
        ) from error
    except (
        HTTPException,
        OSError,
        ValueError,
    ) as error:  # a redirect may be no address
        told = str(error) or type(error).__name__
        raise DatasetError(f"{wanted.url}: no usable answer: {told}") from error
    return reply


def _start(wanted: Wanted, reply: HTTPResponse, have: int) -> int:
    """Where the bytes of a reply belong: at 0 where the range was ignored."""
    if reply.status == 206 and have:
        found = _RANGE.fullmatch(reply.headers.get("Content-Range", "").strip())
        fits = found and int(found[1]) == have
        if not fits or (found and found[3] not in {"*", str(wanted.size)}):
            raise _dropped(wanted, "the server sent another range than was asked for")
        return have
    if reply.status != 200:
        raise DatasetError(
            f"{wanted.url}: expected status 200, got {reply.status} {reply.reason}"
        )
    told = reply.headers.get("Content-Length")
    if told is not None and told.strip() != str(wanted.size):
        raise DatasetError(
            f"{wanted.url}: expected {wanted.size} bytes, the server offers {told}; "
            "nothing of it was stored"
        )
    return 0


def _dropped(wanted: Wanted, why: str) -> _Broken:
    wanted.part.unlink(missing_ok=True)
    return _Broken(why)


def _copy(
    wanted: Wanted,
    reply: HTTPResponse,
    file: IO[bytes],
    progress: Callable[[int], None],
) -> None:
    """Copy what is missing, and never a byte more than the file has."""
    there = file.tell()
    while there < wanted.size:
        chunk = _read(reply, min(CHUNK, wanted.size - there))
        if not chunk:
            raise _Broken(f"broken off: expected {wanted.size} bytes, got {there}")
        file.write(chunk)
        there += len(chunk)
        progress(there)
    if _read(reply, 1):
        wanted.part.unlink()
        raise DatasetError(
            f"{wanted.url}: expected {wanted.size} bytes, the server sent more"
        )


def _read(reply: HTTPResponse, size: int) -> bytes:
    try:
        return reply.read1(size)
    except (HTTPException, OSError) as error:
        told = str(error) or type(error).__name__
        raise _Broken(f"broken off: {told}") from error


def _difference(wanted: Wanted, path: Path) -> str:
    """What tells a file from the one that is wanted; empty where nothing does."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size != wanted.size:
            return f"expected {wanted.size} bytes, got {size}"
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != wanted.sha256:
        return f"expected sha256 {wanted.sha256}, got {digest}"
    return ""
