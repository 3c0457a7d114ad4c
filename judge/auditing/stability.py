"""The same question again: how often the judge answers it otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import fmean, pstdev

from judge.auditing.bench import Subject, TestBench
from judge.auditing.outcome import AuditRow, Case, count, toward
from judge.verdict import Unscored, Verdict

__all__ = ["repeat"]

Answers = Sequence[Verdict | Unscored]


def repeat(bench: TestBench, *, repeats: int) -> AuditRow:
    """Return a row for ``repeats`` askings at the run's settings, the clean one first.

    Moved is an answer that any repeat turns round.
    """
    askings = repeats if bench.judge.repeatable else 1
    told = [bench.asked_again(number) for number in range(askings)]
    answers = {s.key: [each[s.key] for each in told] for s in bench.subjects}
    cases = [_case(subject, answers[subject.key]) for subject in bench.subjects]
    asked = len(told) > 1
    return AuditRow(
        check="stability",
        name=f"asked {len(told)} times" if asked else "asked again",
        down=count(cases if asked else [], "down"),
        up=count(cases if asked else [], "up"),
        sentence=_sentence(list(answers.values()), asked=asked),
    )


def _case(subject: Subject, answers: Answers) -> Case:
    sides = [toward(answer) for answer in answers]
    first, later = sides[0], [side for side in sides[1:] if side is not None]
    turned = any(side != first for side in later)
    after = None if not later or first is None else first != turned
    return Case(*subject.key, first, after, None, controlled=False)


def _sentence(answers: Sequence[Answers], *, asked: bool) -> str:
    if not asked:
        return "Not measured: this judge gives one recorded or computed answer."
    pairs = [
        a != b
        for each in answers
        for a, b in combinations([s for s in map(toward, each) if s is not None], 2)
    ]
    if not pairs:
        return "Not measured: no transcript was answered twice."
    spreads = [
        pstdev(told)
        for each in answers
        if len(told := [r.likelihood for r in each if isinstance(r, Verdict)]) > 1
    ]
    return (
        f"Two askings differ on {fmean(pairs):.0%} of the transcripts; the likelihood "
        f"spreads by {fmean(spreads):.1f} points (mean standard deviation)."
    )
