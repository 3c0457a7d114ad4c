"""Which addresses may be asked: https, and plain http on this machine alone."""

from __future__ import annotations

import ipaddress
from http.client import HTTPMessage
from typing import IO
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from judge.errors import DatasetError, UsageError

__all__ = ["CarefulRedirects", "opener", "refuse_unsafe"]


def refuse_unsafe(url: str) -> None:
    """Let pass what cannot be read or changed on the way.

    Raises
    ------
    UsageError
        The address is neither https nor http on loopback.
    """
    if not (_is_https(url) or _is_loopback(url)):
        raise UsageError(f"{url}: give an https address (http on loopback alone)")


def opener() -> OpenerDirector:
    """Return what opens http and https, and no files, ftp or data as urllib's own."""
    made = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        CarefulRedirects(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        made.add_handler(handler)
    return made


class CarefulRedirects(HTTPRedirectHandler):
    """Follows a redirect to https, and on this machine one from this machine."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        # A server elsewhere has no business with the services of this machine.
        here = _is_loopback(newurl)
        if not (_is_loopback(req.full_url) if here else _is_https(newurl)):
            fp.close()
            where = "this machine" if here else "an address that is not https"
            raise DatasetError(f"{req.full_url}: redirects to {where}: {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_https(url: str) -> bool:
    scheme, host = _parts(url)
    return scheme == "https" and bool(host)


def _is_loopback(url: str) -> bool:
    scheme, host = _parts(url)
    if scheme not in {"http", "https"}:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), parts.hostname or ""
    except ValueError:  # brackets that hold no address
        return "", ""
