"""Who may open which queue: names, and digests of the tokens in their links."""

from __future__ import annotations

import hashlib
import secrets

from judge.labels.ledger import schema
from judge.store.connection import Connection

__all__ = ["People"]


class People:
    """The labelers of a ledger; errors are those of `Ledger`."""

    def __init__(self, db: Connection) -> None:
        self._db = db

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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
