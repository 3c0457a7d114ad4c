"""One long-lived event loop, in a thread of its own, for every model call.

The synchronous face waits on it, so it works where a loop is already running (a
notebook), and HTTP clients never meet a second loop.  The asynchronous face awaits it.
Whoever stops waiting stops the work, and goes on when it has put its things in order.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Generic, TypeVar

from judge.errors import UsageError

__all__ = ["await_on_loop", "run_on_loop"]

T = TypeVar("T")
STOP_SECONDS = 60.0
"""How long an interrupted job may take to write down what it has."""

_guard = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def run_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result, from any thread.

    Ctrl-C cancels it and waits until it has put its things in order.

    Raises
    ------
    UsageError
        If called on the loop itself, which would wait for itself for ever.
    """
    if _on_loop():
        coroutine.close()
        raise UsageError(
            "a judgement was asked for inside another (by a custom model, or by the "
            "iterator that yields the transcripts); await ascore there instead"
        )
    running = _Running(coroutine)
    try:
        return running.start().result()
    except KeyboardInterrupt:
        running.stop()
        raise


async def await_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine that runs on the background loop; cancelling cancels it."""
    running = _Running(coroutine)
    try:
        # Shielded, so that `stop` alone cancels, and once: a second time would
        # strike what the first made it put in order.
        return await asyncio.shield(asyncio.wrap_future(running.start()))
    except asyncio.CancelledError:
        await asyncio.to_thread(running.stop)
        raise


class _Running(Generic[T]):
    """A coroutine on the background loop.

    It can be stopped at any moment, also while `start` is still at work: Ctrl-C may
    strike after the loop took the coroutine and before anybody holds its future.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._loop = _loop()
        self._task: asyncio.Task[Any] | None = None
        self._given_up = False
        self._ended = threading.Event()

    def start(self) -> Future[T]:
        """Hand it to the loop; the future is for its result only."""
        return asyncio.run_coroutine_threadsafe(self._watched(), self._loop)

    async def _watched(self) -> T:
        if self._given_up:
            raise asyncio.CancelledError
        self._task = asyncio.current_task()
        try:
            return await self._coroutine
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Cancel it and wait for its end; from any thread but the loop's."""
        self._loop.call_soon_threadsafe(self._cancel)
        self._ended.wait(STOP_SECONDS)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            return
        self._given_up = True
        self._coroutine.close()
        self._ended.set()


def _on_loop() -> bool:
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        return False
    return running is _loops.get(os.getpid())


def _loop() -> asyncio.AbstractEventLoop:
    """The loop of this process: a fork gets its own."""
    with _guard:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = asyncio.new_event_loop()
            _loops[os.getpid()] = loop
            thread = threading.Thread(
                target=loop.run_forever, name="judge-loop", daemon=True
            )
            thread.start()
            atexit.register(_end, loop, thread)
        return loop


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Stop what still runs when the interpreter exits.

    A thread frozen in the middle of an import keeps that import's lock for good, and
    HTTP clients import when they are finalized: the process would never end.
    """
    if not thread.is_alive():  # the parent's, in a fork
        return
    with suppress(TimeoutError):
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(STOP_SECONDS)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(STOP_SECONDS)


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS / 2)
