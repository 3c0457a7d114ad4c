"""One change a page asks for: read, checked, carried out, and what failed is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from judge.desk.access import Person, person_of
from judge.errors import StoreError, UsageError
from judge.labels.ledger.ledger import Ledger

__all__ = ["Change", "NotHereError", "changed"]

Change = Callable[[Person, Mapping[str, int], Any], Any]
"""Takes who asks, the numbers in the address and the body; returns what is answered."""


class NotHereError(UsageError):
    """What is to be changed is not this person's to change."""


async def changed(request: Request, ledger: Ledger, change: Change) -> Response:
    """Carry out a change, off the loop that answers everybody else."""
    try:
        body = await request.body()
    except ClientDisconnect:  # nobody is left who could be told
        return _refused(400, "The request broke off.")

    def carry_out() -> Response:
        try:
            person = person_of(request, ledger)
            if person is None:
                return _refused(403, "The link that opened this page is not good now.")
            numbers = request.path_params
            return JSONResponse(change(person, numbers, json.loads(body)))
        except NotHereError as error:
            return _refused(404, str(error))
        except (ValidationError, UsageError) as error:
            return _refused(422, _first_line(error))
        except (ValueError, RecursionError):
            return _refused(422, "That was no JSON.")
        except StoreError as error:
            return _refused(503, str(error))

    return await run_in_threadpool(carry_out)


def _first_line(error: ValidationError | UsageError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}"
    return str(error)


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)
