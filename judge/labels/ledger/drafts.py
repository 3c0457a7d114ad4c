"""What labelers have typed and not yet said: the last of each place alone."""

from __future__ import annotations

from datetime import UTC, datetime

from judge.labels.ledger import schema
from judge.labels.ledger.dealing import Place
from judge.store.connection import Connection

__all__ = ["Drafts"]


class Drafts:
    """The drafts of a ledger; errors are those of `Ledger`."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def put(self, labeler: str, transcript: str, body: str, occasion: int = 1) -> None:
        """Keep what is typed so far, in place of what was kept before."""
        with self._db.transaction("keep a draft") as db:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            values = (labeler, transcript, occasion, body, now)
            db.execute(schema.PUT_DRAFT, values)

    def get(self, labeler: str, transcript: str, occasion: int = 1) -> str | None:
        """Return what was kept, None where nothing was."""
        rows = self._db.rows(schema.DRAFT, (labeler, transcript, occasion))
        return str(rows[0][0]) if rows else None

    def drop(self, labeler: str, transcript: str, occasion: int = 1) -> None:
        """Forget it: it was said, or said before."""
        with self._db.transaction("drop a draft") as db:
            db.execute(schema.DROP_DRAFT, (labeler, transcript, occasion))

    @property
    def places(self) -> frozenset[Place]:
        """The places that have one."""
        return frozenset(Place(*row) for row in self._db.rows(schema.DRAFTED))
