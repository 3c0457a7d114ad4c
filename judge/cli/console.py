"""What the commands say, and how they end: results to stdout, all else to stderr.

::

    0     done
    1     something was found: `--fail-on-present`, errors of `rubrics lint`
    2     it could not be done as asked; one message says why
    3     done, but something could not be judged
    130   interrupted
    141   nobody reads the output any more (as a program stopped by SIGPIPE)
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import IntEnum
from typing import IO, ParamSpec

from judge.errors import JudgeError
from judge.reports.visible import inert, visible, wrap

__all__ = ["Code", "complain", "guarded", "painted", "say", "tell", "width_of"]

P = ParamSpec("P")


class Code(IntEnum):
    """How a command ended, as its exit code."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    UNSCORED = 3
    INTERRUPTED = 130
    UNREAD = 141


def say(lines: Iterable[str]) -> None:
    """Write lines that are safe already to stdout."""
    for line in lines:
        sys.stdout.write(f"{inert(line)}\n")


def tell(lines: Iterable[str]) -> None:
    """Write lines that are safe already to stderr."""
    with suppress(BrokenPipeError):  # a message nobody reads stops nothing
        for line in lines:
            sys.stderr.write(f"{inert(line)}\n")
        sys.stderr.flush()


def complain(message: str, notes: Iterable[str] = ()) -> None:
    """Tell what is wrong: a line that begins with ``judge:``, further ones indented.

    The message may quote anything.  Lines are broken here where a terminal would break
    them, so that no part of it can stand where one of our own lines begins.
    """
    width = width_of(sys.stderr)
    first, *others = [
        line
        for text in (message, *notes)
        for line in text.splitlines() or [""]
        if line.strip() or text is message
    ] or [""]
    tell(_told("judge: ", first, width))
    for line in others:
        tell(_told("  ", line, width))


def _told(head: str, text: str, width: int | None) -> list[str]:
    whole = head + visible(text.strip())
    return [whole] if width is None else wrap(whole, width, indent="  ")


def width_of(stream: IO[str]) -> int | None:
    """Columns of the terminal that a stream leads to; None for a file or a pipe."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def painted(stream: IO[str]) -> bool:
    """Whether a stream shows colours, and the user has not asked for none."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """Turn what a command returns or raises into an exit code and one message."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        import typer

        raise typer.Exit(_code_of(functools.partial(command, *args, **kwargs)))

    return run


def _code_of(command: Callable[[], int]) -> int:
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        return Code.UNREAD
    except KeyboardInterrupt:
        complain("interrupted")
        return Code.INTERRUPTED
    except JudgeError as error:
        complain(str(error), getattr(error, "__notes__", ()))
        return Code.USAGE
    return code
