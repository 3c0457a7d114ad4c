"""A run that may end before its end: what there is of it, and why it stopped."""

from __future__ import annotations

import os
from collections.abc import Sized
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judge.cli.console import Code
from judge.errors import JudgeError, NoModelError, RunInterrupted, UsageError

if TYPE_CHECKING:
    from judge.engine.judge import Judge
    from judge.engine.retry import RetryPolicy
    from judge.engine.run import Run
    from judge.store.sqlite import Store

__all__ = [
    "EMBEDDED",
    "Stopped",
    "judge_all",
    "named_model",
    "opened",
    "patience",
]

EMBEDDED = "embedded"


def opened(store: Path | None) -> AbstractContextManager[Store | None]:
    """Open a store, to be closed when the results have been read from it."""
    from judge.store.sqlite import Store

    return nullcontext() if store is None else Store(store)


class Stopped(NamedTuple):
    """What ended a run before its end, and the exit code for it."""

    message: str
    notes: tuple[str, ...]
    code: Code


def judge_all(
    judge: Judge, transcripts: object, *, quiet: bool = False
) -> tuple[Run, Stopped | None]:
    """Return what was judged, and why it is not all: what is done is paid for.

    Raises
    ------
    JudgeError
        If it stopped before anything was judged.
    """
    try:
        return judge.score_many(transcripts, progress=False if quiet else None), None
    except RunInterrupted as interruption:
        told = _told_progress(judge, interruption.run, transcripts)
        return interruption.run, Stopped(told, (), Code.INTERRUPTED)
    except JudgeError as error:
        if not error.run:
            raise
        notes = tuple(getattr(error, "__notes__", ()))
        return error.run, Stopped(str(error), notes, Code.USAGE)


def _told_progress(judge: Judge, run: Run, transcripts: object) -> str:
    of = f" of {len(transcripts)}" if isinstance(transcripts, Sized) else ""
    told = f"interrupted: {len(run)}{of} transcripts were judged; "
    if judge.store is None:
        return told + "with --store FILE, the same command could go on"
    return told + f"the same command goes on from {judge.store.path}"


def named_model(model: str | None) -> str:
    """Return the judge that is meant: by option, else by ``JUDGE_MODEL``.

    Raises
    ------
    NoModelError
        If neither names one.
    """
    name = (os.environ.get("JUDGE_MODEL", "") if model is None else model).strip()
    if not name:
        raise NoModelError(
            "no judge model is named: give --model openai/gpt-5-mini (any model "
            "litellm reaches) or set JUDGE_MODEL; without a key there are --model "
            "embedded, a screen for phrases with little skill, and --model "
            "replay:FILE, a recorded judge"
        )
    return name


def patience(timeout: float | None) -> RetryPolicy | None:
    """Return the policy that waits so many seconds for a reply; None for its own."""
    from judge.engine.retry import RetryPolicy

    if timeout is None:
        return None
    if not timeout > 0:
        raise UsageError(f"--timeout must be more than 0 seconds, got {timeout}")
    return RetryPolicy(call_timeout=timeout)
