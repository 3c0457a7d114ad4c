"""The desk as a web application: which address is answered by what."""

from __future__ import annotations

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from judge.desk.access import Guard
from judge.desk.desk import Desk
from judge.desk.labeling import Labeling
from judge.desk.leading import Leading
from judge.desk.pages import Pages
from judge.errors import StoreError

__all__ = ["make_app"]

_BROKE = "A fault in the desk itself: the terminal that it runs in says which."


def make_app(desk: Desk, *, hosts: Collection[str]) -> ASGIApp:
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

    def broke(request: Request, _: Exception) -> Response:
        if request.method == "POST":  # a script asks, and tells whoever typed
            answer: Response = JSONResponse({"error": _BROKE}, status_code=500)
        else:
            answer = pages.told(500, "This did not work", _BROKE)
        answer.headers["connection"] = "close"  # the server ends it after a fault
        return answer

    def unread(_: Request, error: Exception) -> Response:
        return pages.told(503, "Not to be read now", str(error))

    app = Starlette(
        routes=routes, exception_handlers={StoreError: unread, Exception: broke}
    )
    return Guard(app, hosts=hosts, content_policy=pages.policy)
