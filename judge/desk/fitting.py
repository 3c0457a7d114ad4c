"""Whether an answer fits the rubric: its level, what that means, its subtypes."""

from __future__ import annotations

from judge.errors import UsageError
from judge.labels.ledger.answer import Answer
from judge.rubrics.types import Rubric

__all__ = ["fitted"]


def fitted(answer: Answer, rubric: Rubric) -> Answer:
    """Return the answer.

    Raises
    ------
    UsageError
        If the rubric has no such level or subtype, or the level means another word.
    """
    known = {subtype.id for subtype in rubric.subtypes}
    if unknown := [name for name in answer.subtypes if name not in known]:
        raise UsageError(f"the rubric has no subtype {unknown[0]!r}")
    level = answer.severity
    if level is None:
        return answer
    if level > rubric.max_level:
        raise UsageError(f"the rubric has no level {level}")
    meant = "present" if level >= rubric.threshold else "absent"
    if answer.label != meant:
        raise UsageError(f"level {level} is {meant} by the rubric, not {answer.label}")
    return answer
