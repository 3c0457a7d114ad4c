"""`Ledger`: one SQLite file of what labelers said, a changed mind a line of its own.

::

    items     what is to be labeled, in order, with the probability it was drawn with
    labelers  names, and digests of the tokens that open their queues
    places    who labels what, in which order
    entries   what they said: added, never changed
    drafts    what they have typed and not yet said
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from judge.errors import StoreError, UsageError
from judge.labels.label import Label
from judge.labels.ledger import schema
from judge.labels.ledger.answer import Answer, Entry, EntryKind, Remark
from judge.labels.ledger.dealing import Place
from judge.labels.ledger.drafts import Drafts
from judge.labels.ledger.last_words import label_of, last_words
from judge.labels.ledger.people import People
from judge.labels.ledger.rows import Item, Seat, entry_of, seat_of
from judge.store.connection import Connection

__all__ = ["Ledger"]


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
        self.people = People(self._db)
        self.drafts = Drafts(self._db)

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
        return tuple(
            self._db.decoded(f"place {row[1]!r}", seat_of, *row) for row in rows
        )

    def seat(self, labeler: str, item: int, occasion: int = 1) -> Seat | None:
        """Return where a transcript stands in a labeler's own queue."""
        for row in self._db.rows(schema.SEAT, (labeler, item, occasion)):
            return self._seat(row)
        return None

    def _seat(self, row: Sequence[Any]) -> Seat:
        return self._db.decoded(f"place {row[1]!r}", seat_of, *row)

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
            yield self._db.decoded(f"entry {row[0]}", entry_of, *row)

    def current(self, labeler: str, transcript: str, occasion: int = 1) -> Entry | None:
        """Return a labeler's last answer, None if they have none."""
        for row in self._db.rows(schema.CURRENT, (labeler, transcript, occasion)):
            return self._db.decoded(f"entry {row[0]}", entry_of, *row)
        return None

    @property
    def last_label(self) -> int:
        """The number of the last entry that gave a label or settled one; 0 for none."""
        rows = self._db.rows(schema.LAST_LABEL)
        return int(rows[0][0]) if rows else 0

    def labels(self) -> Iterator[Label]:
        """Yield the last answer of each labeler and occasion, then what was settled."""
        items = {item.transcript: item for item in self.items}
        rubric = self.rubric
        for row in last_words(self._db.rows(schema.ENTRIES, (0,))):
            about = items.get(row[2])
            yield self._db.decoded(f"entry {row[0]}", label_of, row, rubric, about)


def _other_rubric(path: Path, name: str, found: str, value: str) -> str:
    if name == "rubric":
        return f"{path} holds labels for {found!r}, not {value!r}; name another file"
    return (
        f"{path} was begun with another wording of this rubric ({found[:12]}, now "
        f"{value[:12]}): labels made by two guides are not one set; name another file"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
