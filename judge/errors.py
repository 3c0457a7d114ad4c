"""Every exception this library raises, in one tree.

::

    JudgeError
    ├── UsageError (also a ValueError)     an argument or a setting is wrong
    │   ├── CalibrationMismatch            fitted on another judge; says what changed
    │   ├── NoModelError                   no judge model was named
    │   └── MissingExtraError              an optional dependency is not installed
    ├── TranscriptError (also a ValueError)
    │   ├── UnknownFormatError             no reader recognises the input
    │   └── AmbiguousFormatError           more than one does
    ├── RubricError (also a ValueError)    names file, line and field
    ├── StoreError                         the store cannot be read or written
    ├── DatasetError                       a public set cannot be fetched or converted
    └── ModelError                         the judge model gave no usable completion
        ├── PermanentModelError            asking again cannot help: bad key, no model
        ├── TransientModelError            may pass: rate limit, timeout, 5xx, reset
        ├── ParameterRejectedError         one request parameter is not accepted
        ├── ContextOverflowError           the request is longer than the model reads
        └── FilteredError                  the provider's content filter stopped it

    RunInterrupted (a KeyboardInterrupt)   Ctrl-C; carries what was finished

A failed *judgement* is not an exception: it is an `Unscored` with a reason, so that one
bad transcript never costs the others.  Exceptions are for what stops the whole job.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AmbiguousFormatError",
    "CalibrationMismatch",
    "ContextOverflowError",
    "DatasetError",
    "FilteredError",
    "JudgeError",
    "MissingExtraError",
    "ModelError",
    "NoModelError",
    "ParameterRejectedError",
    "PermanentModelError",
    "RubricError",
    "RunInterrupted",
    "StoreError",
    "TranscriptError",
    "TransientModelError",
    "UnknownFormatError",
    "UsageError",
]


class JudgeError(Exception):
    """Base of all errors raised by `judge`; catch this to catch them all."""

    run: Any = None
    """What a batch had finished when this stopped it, a `Run`; None elsewhere."""


class UsageError(JudgeError, ValueError):
    """An argument, option or setting that cannot be used; the message says which."""


class CalibrationMismatch(UsageError):  # noqa: N818 # says what was found
    """A calibration belongs to another judge; the message names what changed."""


class NoModelError(UsageError):
    """No judge model was named; nothing is judged by accident."""


class MissingExtraError(UsageError):
    """A feature needs a package that is not installed; the message names the extra."""


class TranscriptError(JudgeError, ValueError):
    """Input that cannot be read as a transcript."""


class UnknownFormatError(TranscriptError):
    """No reader recognises the shape of the input; name one with ``format=``."""


class AmbiguousFormatError(TranscriptError):
    """Several readers recognise the input; choose one with ``format=``."""


class RubricError(JudgeError, ValueError):
    """A rubric that cannot be used; the message names file, line and field."""


class StoreError(JudgeError):
    """The store is damaged, full, locked or of another version; nothing was lost."""


class DatasetError(JudgeError):
    """A public set could not be fetched, verified or converted; the message says why.

    What was fetched and verified stays, and so does the part of a broken download.
    """


class ModelError(JudgeError):
    """The judge model gave no usable completion.

    ``billed`` is true where the provider may charge for it all the same: the request
    went out and nobody knows how far it got.
    """

    billed: bool = False


class PermanentModelError(ModelError):
    """A failure that repeats whatever is asked: a bad key, an unknown model."""


class TransientModelError(ModelError):
    """A failure that may pass.

    ``retry_after`` is the wait the provider asked for in seconds, None if it did not;
    ``throttled`` is true for a rate limit, which slows every caller of that model.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        billed: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.throttled = throttled
        self.billed = billed


class ParameterRejectedError(ModelError):
    """The provider does not accept ``parameter``; it is dropped, recorded, re-asked."""

    def __init__(self, message: str, *, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class ContextOverflowError(ModelError):
    """The request is longer than the model's context."""


class FilteredError(ModelError):
    """The provider's content filter stopped the request or the reply."""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C in a batch; ``run`` is the `Run` of what was finished before it."""

    def __init__(self, message: str, *, run: Any) -> None:
        super().__init__(message)
        self.run = run
