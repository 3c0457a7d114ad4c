"""Who may ask what: tokens, hosts and origins, and what a page may do.

The desk listens on this machine, where any page in any tab of the browser can send it
requests.  So it answers only to its own names (a foreign name that leads here is
refused), changes something only when its own page asks, and knows people by a token
that their link carried once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Collection
from typing import NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from judge.labels.ledger.ledger import Ledger

__all__ = ["Guard", "Person", "cookie_of", "person_of", "policy"]

MAX_BODY = 1_000_000
"""Bytes of one request; a note and two hundred quotes take less."""
LONGEST_PATH = 200
"""Characters of an address; a link with its token takes forty."""
_SAFE = frozenset({"GET", "HEAD"})


class Person(NamedTuple):
    """Who is asking."""

    name: str
    lead: bool


def cookie_of(request: Request) -> str:
    """Name the cookie that holds the token: cookies know no ports, and desks do."""
    return f"judge_desk_{request.url.port or 'default'}"


def person_of(request: Request, ledger: Ledger) -> Person | None:
    """Return whose token the request carries."""
    token = request.cookies.get(cookie_of(request), "")
    found = ledger.people.who(token) if token else None
    return None if found is None else Person(*found)


def policy(*, script: str, style: str) -> str:
    """What the page may load: its own script and style, by their hashes alone."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


class Guard:
    """Around the whole application, so that its errors have the headers as well.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        The names and ports by which the desk may be asked, such as ``127.0.0.1:8765``.
    content_policy
        See `policy`.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], content_policy: str
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._headers = {
            "content-security-policy": content_policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        answer = self._app if refusal is None else refusal
        await answer(scope, receive, self._with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "").lower()
        if host not in self._hosts:
            return _refused(421, "The desk is not known by this name.")
        if len(request.scope["path"]) > LONGEST_PATH:
            return _refused(404, "No page has an address as long as this.")
        return None if request.method in _SAFE else self._unchanged(request)

    def _unchanged(self, request: Request) -> Response | None:
        """Why a request may change nothing."""
        if request.headers.get("origin", "").lower() not in self._origins(request):
            return _refused(403, "Only the desk's own page may change something.")
        if request.headers.get("content-type", "") != "application/json":
            return _refused(415, "The desk takes JSON.")
        length = request.headers.get("content-length", "")
        if "transfer-encoding" in request.headers:  # it would belie the length
            length = ""
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY:
            return _refused(413, f"At most {MAX_BODY:,} bytes.")
        return None

    def _origins(self, request: Request) -> frozenset[str]:
        host = request.headers["host"].lower()
        return frozenset({f"http://{host}", f"https://{host}"})

    def _with_headers(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return sending


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status_code=status)
