"""One SQLite file is the cache, the resume list and the audit trail.

::

    calls        one row per request: as sent, as answered, what it took
    texts        the long pieces of requests, each kept once
    judgements   one row per transcript and rubric: the result, by its key
    runs         one row per run: when, with which settings, how it ended
    run_items    one row per run, position and rubric: which judgement stands there

A run points at judgements and holds none, so that resuming copies nothing.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import JsonValue

from judge.errors import StoreError, UsageError
from judge.store import records, runs, schema
from judge.store.connection import Connection
from judge.store.records import CallRecord, Count, RunInfo, RunSummary, to_text
from judge.store.texts import SentMessage, TextPool, packed, unpacked
from judge.verdict import Assessment, Unscored, Verdict

__all__ = [
    "CallRecord",
    "Count",
    "Judgement",
    "RunInfo",
    "RunSummary",
    "SentMessage",
    "Store",
]

_BUFFERED = 200  # rows of run_items, the only thing a killed process can lose
_KEYS_ASKED = 500  # SQLite's limit on `?` was 999 for long

Judgement = tuple[str, str, str, Verdict | Unscored]
"""Key, transcript id, transcript digest and result."""


class Store:
    """Every request, judgement and run, in one SQLite file.

    Threads may share one; several processes may have the same file open.

    Parameters
    ----------
    path
        The file; made if it is missing, its directory must exist.
    timeout
        Seconds to wait while another process writes.

    Raises
    ------
    StoreError
        By every method, if the file cannot be read or written; the message says why
        and what to do.  What was written before is still there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as here:
    ...     with Store(f"{here}/judgements.db") as store:
    ...         run = store.start_run({"model": "openai/gpt-4o-mini"})
    ...         store.finish_run(run, "finished")
    ...         [info.state for info in store.runs()]
    ['finished']
    """

    def __init__(self, path: str | Path, *, timeout: float = 30.0) -> None:
        self._buffer: list[tuple[object, ...]] = []
        self._buffer_lock = threading.Lock()
        self._texts = TextPool()
        self._db = Connection(path, schema.KIND, timeout=timeout)

    @property
    def path(self) -> Path:
        return self._db.path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is buffered and close the file; closing twice is allowed."""
        try:
            self.flush()
        finally:
            self._db.close()

    def get_call(self, digest: str) -> CallRecord | None:
        """Return the recorded call of a request, None if it was never answered."""
        for row in self._db.rows(schema.CALL, (to_text(digest),)):
            what = f"call {digest!r}"
            return self._db.decoded(what, records.call_from_row, row, self._text)
        return None

    def has_judgements(self, keys: Iterable[str]) -> set[str]:
        """Return those of `keys` that are judged and need not be asked again."""
        asked = [to_text(key) for key in keys]
        found: set[str] = set()
        for start in range(0, len(asked), _KEYS_ASKED):
            batch = asked[start : start + _KEYS_ASKED]
            rows = self._db.rows(schema.judged(len(batch)), batch)
            found.update(records.from_text(key) for (key,) in rows)
        return found

    def get_judgement(self, key: str) -> Verdict | Unscored | None:
        """Return what was judged; None too for a failure that may pass by now."""
        for (stored,) in self._db.rows(schema.JUDGEMENT, (to_text(key),)):
            return self._db.decoded(f"judgement {key!r}", records.decode_result, stored)
        return None

    def record(
        self, calls: Sequence[CallRecord], judgements: Sequence[Judgement]
    ) -> None:
        """Write calls and the judgements made of them: at once, all or none.

        The same digest or key again replaces what was there, except that a failure
        that may pass never replaces a result.
        """
        new: dict[str, str] = {}
        call_rows = [records.call_row(call, self._texts, new) for call in calls]
        judgement_rows = [records.judgement_row(*item) for item in judgements]
        with self._db.transaction("write a judgement") as db:
            db.executemany(schema.ADD_TEXT, packed(new))
            db.executemany(schema.ADD_CALL, call_rows)
            db.executemany(schema.ADD_JUDGEMENT, judgement_rows)
        self._texts.written(new)

    def start_run(self, settings: Mapping[str, Any]) -> str:
        """Begin a run and return its id, which sorts by time.

        Settings that are no JSON are written as ``str`` gives them, secrets not at all.
        """
        now = datetime.now(UTC)
        run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        told = json.dumps(records.without_secrets(settings), default=str)
        with self._db.transaction("start a run") as db:
            db.execute(schema.START_RUN, (run_id, _seconds(now), told))
        return run_id

    def finish_run(self, run_id: str, state: str) -> None:
        """Say how a run ended (finished, cancelled, ...)."""
        self._check_run(run_id)
        with self._db.transaction("finish a run") as db:
            db.execute(schema.FINISH_RUN, (state, _seconds(datetime.now(UTC)), run_id))

    def add_to_run(
        self,
        run_id: str,
        position: int,
        *,
        transcript_id: str,
        transcript_digest: str,
        metadata: Mapping[str, JsonValue],
        keys: Sequence[tuple[str, str]],
    ) -> None:
        """Put a transcript at a position (from 0) of a run.

        `keys` are its rubrics, in order, each with the key of its judgement.  Buffered:
        a killed process loses the last of these, never a judgement.

        Raises
        ------
        UsageError
            If `metadata` is no JSON.
        """
        try:
            told = records.to_json(metadata) if metadata else None
        except (TypeError, ValueError) as exc:
            message = f"metadata of transcript {transcript_id!r} is no JSON: {exc}"
            raise UsageError(message) from exc
        named = (to_text(transcript_id), to_text(transcript_digest))
        with self._buffer_lock:
            for ordinal, (rubric, key) in enumerate(keys):
                once = None if ordinal else told  # the first row speaks for all
                judged = (to_text(rubric), to_text(key))
                self._buffer.append((run_id, position, ordinal, *named, once, *judged))
            full = len(self._buffer) >= _BUFFERED
        if full:
            self.flush()

    def flush(self) -> None:
        """Write the positions that `add_to_run` holds back."""
        with self._buffer_lock:
            if self._buffer:
                with self._db.transaction("write the order of a run") as db:
                    db.executemany(schema.ADD_ITEM, self._buffer)
                self._buffer.clear()

    def assessments(
        self, run_id: str, *, on_error: Literal["raise", "skip"] = "raise"
    ) -> Iterator[Assessment]:
        """Read a run back in its order, a few hundred results in memory at a time.

        A result that was planned and never made is absent, and so is a transcript
        none of whose results was made; `summary` counts them as missing.

        Parameters
        ----------
        run_id
            As `start_run` returned it.
        on_error
            What to do about a damaged row: raise, naming its key, or leave it out.
        """
        self._check_run(run_id)
        return runs.stream(self._db, run_id, skip=on_error == "skip")

    def runs(self) -> list[RunInfo]:
        """All runs, oldest first."""
        return runs.infos(self._db)

    def count(self, run_id: str) -> int:
        """Return how many transcripts a run has so far."""
        self._check_run(run_id)
        return int(self._db.rows(schema.COUNT, (run_id,))[0][0])

    def summary(self, run_id: str) -> RunSummary:
        """Count a run's results by rubric and status; sum their cost and tokens."""
        self._check_run(run_id)
        return runs.summary(self._db, run_id)

    def _text(self, digest: str) -> str:
        for (blob,) in self._db.rows(schema.TEXT, (digest,)):
            return unpacked(blob)
        raise KeyError(digest)

    def _check_run(self, run_id: str) -> None:
        self.flush()
        if not self._db.rows(schema.RUN, (to_text(run_id),)):
            raise StoreError(
                f"{self.path}: there is no run {run_id!r}; `runs()` lists those there"
            )


def _seconds(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
