"""The desk on a port of this machine, until Ctrl-C."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import uvicorn

from judge.desk.app import make_app
from judge.desk.desk import Desk
from judge.errors import UsageError
from judge.reports.visible import visible

__all__ = ["Door", "names_of", "open_door"]


class Door:
    """A port that is taken already: what its address says is true before it serves."""

    def __init__(self, listening: socket.socket, *, names: Iterable[str]) -> None:
        self._socket = listening
        self.port: int = listening.getsockname()[1]
        self.names = tuple(names)
        self._server: _Server | None = None

    @property
    def beyond(self) -> bool:
        """Whether others than this machine can reach it."""
        address = self._socket.getsockname()[0].partition("%")[0]
        return not ipaddress.ip_address(address).is_loopback

    def link(self, token: str) -> str:
        """The address that opens the desk for whoever has this token."""
        return f"http://{self.names[0]}:{self.port}/enter/{token}"

    def serve(self, desk: Desk, *, ready: Callable[[], None] = lambda: None) -> None:
        """Answer requests until interrupted."""
        hosts = [f"{name}:{self.port}" for name in self.names]
        settings = uvicorn.Config(
            make_app(desk, hosts=hosts),
            log_level="error",
            log_config=_LOGGING,
            access_log=False,  # addresses hold tokens
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(settings, ready)
        self._server.run(sockets=[self._socket])

    def close(self) -> None:
        """Stop serving, from another thread; what was asked is answered first."""
        if self._server is None:
            self._socket.close()
        else:
            self._server.should_exit = True


class _Terminal(logging.Handler):
    """A fault may quote a transcript, whose text is not for the terminal to obey."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{visible(self.format(record), lines=True)}\n")


_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"terminal": {"()": _Terminal}},
    "loggers": {"uvicorn": {"handlers": ["terminal"], "propagate": False}},
}


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def open_door(host: str, port: int) -> Door:
    """Take a port; 0 takes a free one.

    Raises
    ------
    UsageError
        If it cannot be taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio turns off Nagle's delay (40 ms for every answer)
    # only where it is sure of TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"cannot listen on {host} port {port} ({error.strerror}); name another "
            "with --port, or 0 for any"
        ) from error
    return Door(listening, names=names_of(host))


def names_of(host: str) -> list[str]:
    """Return by which names a browser may ask a desk that listens on ``host``."""
    shown = f"[{host}]" if ":" in host else host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [shown]
    if address.is_unspecified:
        own = socket.gethostname()
        return [own, socket.getfqdn(), *_addresses(own), "127.0.0.1", "localhost"]
    return [shown, "localhost"] if address.is_loopback else [shown]


def _addresses(name: str) -> list[str]:
    """Of this machine, as far as its own name leads to them."""
    with suppress(OSError):
        return sorted(socket.gethostbyname_ex(name)[2])
    return []
