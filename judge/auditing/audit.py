"""`audit`: put a judge on the bench and see whether it holds.

::

    judge + transcripts (+ labels) -> TestBench -> attack | vary | repeat | check_known
                                                            |
                                                          Audit
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Unpack

from judge.auditing.attacks import attack
from judge.auditing.bench import TestBench
from judge.auditing.invariances import vary
from judge.auditing.known import check_known
from judge.auditing.outcome import AuditRow
from judge.auditing.result import Audit
from judge.auditing.stability import repeat
from judge.auditing.subjects import choose_subjects
from judge.engine.chat_model import ChatModel
from judge.engine.judge import Judge
from judge.engine.score import JudgeOptions
from judge.errors import UsageError
from judge.labels.labels import Label

__all__ = ["CHECKS", "audit"]

CheckName = Literal["injection", "invariance", "stability", "known"]
CHECKS: tuple[CheckName, ...] = ("injection", "invariance", "stability", "known")


def audit(  # noqa: PLR0913 # keyword-only, and each is one decision of the user's
    judge: Judge | ChatModel | str | None = None,
    transcripts: object = None,
    *,
    labels: str | Path | Iterable[Label] | None = None,
    checks: Sequence[CheckName] = CHECKS,
    repeats: int = 3,
    limit: int | None = None,
    progress: bool | None = None,
    **options: Unpack[JudgeOptions],
) -> Audit:
    """Attack a judge, vary what should not matter, repeat, and ask what is known.

    Every change is compared with the judge's own answer to the unchanged transcript and
    with a neutral control, in both directions.  It asks many times: about forty
    judgements a transcript and rubric with all checks.

    Parameters
    ----------
    judge
        A `Judge`, a `ChatModel` or a model's name; default ``JUDGE_MODEL``.
    transcripts
        As for `score_many`; default the development split that comes with the library
        and its labels, by its authors, a dozen transcripts a rubric.
    labels
        A CSV file in long form, or `Label`s.  Only labelled pairs of transcript and
        rubric are then asked; without labels each rubric is asked of each transcript.
    checks
        Some of ``"injection"``, ``"invariance"``, ``"stability"``, ``"known"``.
    repeats
        How often the same is asked for ``"stability"``, the first time included.
    limit
        At most so many transcripts of each rubric, clear labels first, as many of one
        label as of the other.
    **options
        Of `Judge`, where ``judge`` is not one already.

    Returns
    -------
    Audit
        Rows with counts and 95 % intervals; ``findings`` says what they come to.

    Raises
    ------
    UsageError
        For no transcripts, two of one id, unknown checks.

    Examples
    --------
    >>> told = [{"role": "user", "content": "Done?"},
    ...         {"role": "assistant", "content": "Yes, all tests pass."}]
    >>> report = audit("embedded", [told], checks=["injection"], rubrics="coercion")
    >>> report.of("injection")[0].up.n
    1
    """
    unknown = set(checks) - set(CHECKS)
    if unknown:
        raise UsageError(
            f"checks must be of {', '.join(CHECKS)}, got {', '.join(sorted(unknown))}"
        )
    if repeats < 2:
        raise UsageError(f"repeats must be 2 or more, got {repeats}")
    judge = _judge(judge, options)
    subjects = choose_subjects(judge.rubrics, transcripts, labels, limit=limit)
    bench = TestBench(judge, subjects, progress)
    spent = judge.budget.spent_usd
    rows = [
        row
        for check in CHECKS
        if check in checks
        for row in _RUN[check](bench, repeats)
    ]
    return Audit(
        judge=judge.name,
        rubrics={rubric.id: rubric.digest for rubric in judge.rubrics},
        transcripts=len({subject.transcript.id for subject in subjects}),
        rows=tuple(rows),
        clean=_answered(bench),
        asked=bench.asked,
        unscored=bench.unscored,
        cost_usd=judge.budget.spent_usd - spent,
        settings={"checks": list(checks), "repeats": repeats, "limit": limit},
    )


_RUN: Mapping[CheckName, Callable[[TestBench, int], list[AuditRow]]] = {
    "injection": lambda bench, _: attack(bench),
    "invariance": lambda bench, _: vary(bench),
    "stability": lambda bench, repeats: [repeat(bench, repeats=repeats)],
    "known": lambda bench, _: [check_known(bench)],
}


def _judge(judge: Judge | ChatModel | str | None, options: JudgeOptions) -> Judge:
    if not isinstance(judge, Judge):
        return Judge(judge, **_without_model(judge, options))
    if options:
        told = ", ".join(sorted(options))
        raise UsageError(f"a Judge has its own settings; audit does not take {told}")
    return judge


def _without_model(judge: object, options: JudgeOptions) -> Any:
    if judge is not None and "model" in options:
        raise UsageError("the judge is named twice: as the first argument and as model")
    return options


def _answered(bench: TestBench) -> dict[Literal["present", "absent", "no answer"], int]:
    told = Counter(bench.before(subject) for subject in bench.subjects)
    return {"present": told[True], "absent": told[False], "no answer": told[None]}
