"""The desk as a web application: which address is answered by what."""

from __future__ import annotations

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from judge.desk.access import Guard
from judge.desk.desk import Desk
from judge.desk.labeling import Labeling
from judge.desk.leading import Leading
from judge.desk.pages import Pages

__all__ = ["make_app"]


def make_app(desk: Desk, *, hosts: Collection[str]) -> Starlette:
    """Return the application.

    Parameters
    ----------
    desk
        What is labeled.
    hosts
        The names and ports by which it may be asked, such as ``127.0.0.1:8765``.
    """
    pages = Pages()
    labeling = Labeling(desk, pages)
    leading = Leading(desk, pages)
    item = "/item/{item:int}/{occasion:int}"
    routes = [
        Route("/enter/{token}", labeling.enter),
        Route("/", labeling.start),
        Route("/queue", labeling.queue),
        Route("/label/{number:int}", labeling.show),
        Route(f"{item}/mark", labeling.mark, methods=["POST"]),
        Route(f"{item}/draft", labeling.draft, methods=["POST"]),
        Route(f"{item}/answer", labeling.answer, methods=["POST"]),
        Route(f"{item}/remark", labeling.remark, methods=["POST"]),
        *leading.routes,
    ]
    guard = Middleware(Guard, hosts=hosts, content_policy=pages.policy)
    return Starlette(routes=routes, middleware=[guard])
