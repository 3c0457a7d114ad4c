"""`Ledger`: one SQLite file of what labelers said, a changed mind a line of its own.

::

    items     what is to be labeled, in order, with the probability it was drawn with
    labelers  names, and digests of the tokens that open their queues
    places    who labels what, in which order
    entries   what they said: added, never changed
    drafts    what they have typed and not yet said
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from judge.errors import StoreError, UsageError
from judge.labels.label import Label
from judge.labels.ledger import schema
from judge.labels.ledger.answer import Answer, Entry, EntryKind, Remark
from judge.labels.ledger.dealing import Place
from judge.labels.ledger.last_words import label_of, last_words
from judge.store.connection import Connection

__all__ = ["Item", "Ledger", "Seat"]


class Item(NamedTuple):
    """A transcript to be labeled."""

    transcript: str
    digest: str = ""
    """Of the transcript's text, so that a changed one is noticed."""
    inclusion: float | None = None
    scenario: str = ""


class Seat(NamedTuple):
    """A place in a queue, and what came of it."""

    place: Place
    item: int
    """The transcript's own number, which stays when queues are dealt anew."""
    state: EntryKind | None
    """``answer`` or ``skip``; None where nobody has said anything yet."""


class Ledger:
    """Labels as they are made; several processes and threads may write at once.

    Parameters
    ----------
    path
        The file; made if it is missing, its directory must exist.
    timeout
        Seconds to wait while another process writes.

    Raises
    ------
    StoreError
        By every method, if the file cannot be read or written.  What was said before is
        still there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as here:
    ...     with Ledger(f"{here}/labels.sqlite") as ledger:
    ...         ledger.begin("coercion", "digest", [Item("t1")])
    ...         ledger.add("ann", "t1", Answer(label="absent", severity=0))
    ...         [(label.labeler, label.label) for label in ledger.labels()]
    [('ann', 'absent')]
    """

    def __init__(self, path: str | Path, *, timeout: float = 10.0) -> None:
        self._db = Connection(path, schema.KIND, timeout=timeout)
        self._check_acts()

    def _check_acts(self) -> None:
        """See that nothing in the file acts by itself, but to keep what was said.

        A trigger or a view of somebody else's could lose a label, or make one, unseen.
        """
        found = {
            name: sql
            for name, sql in self._db.rows(schema.ACTS)
            if str(sql) not in schema.KIND.tables
        }
        if found:
            self.close()
            raise StoreError(
                f"{self.path}: somebody added {min(found)!r} to this label file, which "
                "acts on what is read and written. It was left as it is: restore a "
                "copy, or name another file"
            )

    @property
    def path(self) -> Path:
        return self._db.path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def begin(
        self,
        rubric: str,
        digest: str,
        items: Iterable[Item],
        *,
        inclusion: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Say what is labeled, and with which probability each was drawn.

        Items that are there already stay where they are; what is told of how they were
        drawn takes the place of what was told before.

        Parameters
        ----------
        inclusion
            Of what is there already, where a newer plan says otherwise.

        Raises
        ------
        UsageError
            If the file is about another rubric, or another wording of it: labels made
            by two guides are not one set.
        """
        with self._db.transaction("add transcripts to the label file") as db:
            for name, value in (("rubric", rubric), ("rubric_digest", digest)):
                db.execute(schema.ADD_FACT, (name, value))
                (found,) = db.execute(schema.FACT, (name,)).fetchone()
                if found != value:
                    raise UsageError(_other_rubric(self.path, name, found, value))
            (first,) = db.execute(schema.NEXT_POSITION).fetchone()
            rows = [
                (item.transcript, item.digest, place, item.inclusion, item.scenario)
                for place, item in enumerate(items, start=first)
            ]
            db.executemany(schema.ADD_ITEM, rows)
            weights = [(chance, name) for name, chance in inclusion.items()]
            db.executemany(schema.WEIGH, weights)

    @property
    def rubric(self) -> str:
        """The rubric's id; empty before `begin`."""
        rows = self._db.rows(schema.FACT, ("rubric",))
        return str(rows[0][0]) if rows else ""

    @property
    def items(self) -> tuple[Item, ...]:
        """What is to be labeled, in order."""
        return tuple(Item(*row) for row in self._db.rows(schema.ITEMS))

    def admit(self, labeler: str, *, lead: bool = False) -> str:
        """Add a labeler where they are new, and return one more token for them.

        The file keeps its digest alone.  Earlier tokens stay good: a page that is open
        goes on after the desk was started again.
        """
        token = secrets.token_urlsafe(24)
        with self._db.transaction("add a labeler") as db:
            db.execute(schema.ADD_LABELER, (labeler, int(lead)))
            db.execute(schema.ADMIT, (_digest(token), labeler))
        return token

    def hand_over(self, labeler: str) -> None:
        """Make this labeler the one who leads, and nobody else."""
        with self._db.transaction("say who leads") as db:
            db.execute(schema.HAND_OVER, (labeler,))

    def dismiss(self, labeler: str | None = None) -> None:
        """Make the tokens of a labeler good for nothing, or everybody's."""
        with self._db.transaction("revoke links") as db:
            db.execute(schema.DISMISS, (labeler,))

    def who(self, token: str) -> tuple[str, bool] | None:
        """Return whose token it is, and whether they lead; None if nobody's."""
        for labeler, lead in self._db.rows(schema.OPENED_BY, (_digest(token),)):
            return labeler, bool(lead)
        return None

    @property
    def labelers(self) -> dict[str, bool]:
        """Everybody's name, and whether they lead."""
        return {name: bool(lead) for name, lead in self._db.rows(schema.LABELERS)}

    @property
    def dealt(self) -> str:
        """How the queues were dealt; empty before they were."""
        rows = self._db.rows(schema.FACT, ("dealt",))
        return str(rows[0][0]) if rows else ""

    def place(self, places: Iterable[Place], *, dealt: str = "") -> None:
        """Put these places in place of all there were, and keep how they were dealt."""
        with self._db.transaction("deal the transcripts") as db:
            db.execute(schema.PUT_FACT, ("dealt", dealt))
            db.execute(schema.CLEAR_PLACES)
            rows = [(p.labeler, p.place, p.transcript, p.occasion) for p in places]
            db.executemany(schema.ADD_PLACE, rows)

    def seats(self, labeler: str | None = None) -> tuple[Seat, ...]:
        """Return a labeler's queue in order, or everybody's."""
        if labeler is None:
            rows = self._db.rows(schema.SEATS)
        else:
            rows = self._db.rows(schema.SEATS_OF, (labeler,))
        return tuple(self._db.decoded(f"place {row[1]!r}", _seat, *row) for row in rows)

    def seat(self, labeler: str, item: int, occasion: int = 1) -> Seat | None:
        """Return where a transcript stands in a labeler's own queue."""
        for row in self._db.rows(schema.SEAT, (labeler, item, occasion)):
            return self._db.decoded(f"place {row[1]!r}", _seat, *row)
        return None

    def add(
        self,
        labeler: str,
        transcript: str,
        body: Answer | Remark,
        *,
        kind: EntryKind = "answer",
        occasion: int = 1,
        seconds: float | None = None,
    ) -> None:
        """Write an entry; an answer takes the place of the draft of it.

        Raises
        ------
        UsageError
            If an answer comes with another kind, or something else as an answer.
        """
        if isinstance(body, Answer) != (kind == "answer"):
            raise UsageError(f"{kind!r} does not go with {type(body).__name__}")
        said = (labeler, transcript, occasion)
        with self._db.transaction("write a label") as db:
            values = (*said, kind, body.model_dump_json(), seconds, _now())
            db.execute(schema.ADD_ENTRY, values)
            if kind == "answer":
                db.execute(schema.DROP_DRAFT, said)

    def entries(
        self,
        transcript: str | None = None,
        labeler: str | None = None,
        *,
        after: int = 0,
    ) -> Iterator[Entry]:
        """Yield what was said, oldest first.

        Parameters
        ----------
        transcript
            Of this one alone.
        labeler
            By this one alone.
        after
            Later than the entry of this number.
        """
        if transcript is None:
            rows = self._db.rows(schema.ENTRIES, (after,))
        else:
            rows = self._db.rows(schema.ENTRIES_OF, (transcript, after))
        for row in rows:
            if labeler is not None and row[1] != labeler:
                continue
            yield self._db.decoded(f"entry {row[0]}", _entry, *row)

    def current(self, labeler: str, transcript: str, occasion: int = 1) -> Entry | None:
        """Return a labeler's last answer, None if they have none."""
        for row in self._db.rows(schema.CURRENT, (labeler, transcript, occasion)):
            return self._db.decoded(f"entry {row[0]}", _entry, *row)
        return None

    @property
    def last_label(self) -> int:
        """The number of the last entry that gave a label or settled one; 0 for none."""
        rows = self._db.rows(schema.LAST_LABEL)
        return int(rows[0][0]) if rows else 0

    def put_draft(
        self, labeler: str, transcript: str, body: str, occasion: int = 1
    ) -> None:
        """Keep what is typed so far, in place of what was kept before."""
        with self._db.transaction("keep a draft") as db:
            values = (labeler, transcript, occasion, body, _now())
            db.execute(schema.PUT_DRAFT, values)

    @property
    def drafted(self) -> frozenset[Place]:
        """The places in which something was typed that was not yet said."""
        return frozenset(Place(*row) for row in self._db.rows(schema.DRAFTED))

    def drop_draft(self, labeler: str, transcript: str, occasion: int = 1) -> None:
        with self._db.transaction("drop a draft") as db:
            db.execute(schema.DROP_DRAFT, (labeler, transcript, occasion))

    def draft(self, labeler: str, transcript: str, occasion: int = 1) -> str | None:
        rows = self._db.rows(schema.DRAFT, (labeler, transcript, occasion))
        return str(rows[0][0]) if rows else None

    def labels(self) -> Iterator[Label]:
        """Yield the last answer of each labeler and occasion, then what was settled."""
        items = {item.transcript: item for item in self.items}
        rubric = self.rubric
        for row in last_words(self._db.rows(schema.ENTRIES, (0,))):
            about = items.get(row[2])
            yield self._db.decoded(f"entry {row[0]}", label_of, row, rubric, about)


def _seat(*row: Any) -> Seat:
    *place, item, state = row
    if tuple(map(type, place)) != (str, int, str, int):
        raise TypeError("a name or a number is none")
    return Seat(Place(*place), item, state)


def _entry(*row: Any) -> Entry:
    number, labeler, transcript, occasion, kind, body, seconds, time = row
    made: type[Answer | Remark] = Answer if kind == "answer" else Remark
    try:
        said = made.model_validate_json(body)
    except ValidationError as error:
        raise ValueError(str(error)) from error
    return Entry(
        entry=number,
        labeler=labeler,
        transcript=transcript,
        occasion=occasion,
        kind=kind,
        body=said,
        seconds=seconds,
        time=time,
    )


def _other_rubric(path: Path, name: str, found: str, value: str) -> str:
    if name == "rubric":
        return f"{path} holds labels for {found!r}, not {value!r}; name another file"
    return (
        f"{path} was begun with another wording of this rubric ({found[:12]}, now "
        f"{value[:12]}): labels made by two guides are not one set; name another file"
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
