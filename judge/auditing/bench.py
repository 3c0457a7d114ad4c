"""The judge on the audit's bench: asked once clean, then again and again, changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from judge.auditing.outcome import Case, toward
from judge.engine.judge import Judge
from judge.labels.labels import Label
from judge.rubrics.types import Rubric
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Unscored, Verdict

__all__ = ["Answers", "Changed", "Subject", "TestBench"]

Answers = Mapping[tuple[str, str], Verdict | Unscored]
"""By transcript and rubric."""


class Subject(NamedTuple):
    """One transcript under one rubric, with its label where there is one."""

    transcript: Transcript
    rubric: Rubric
    label: Label | None

    @property
    def key(self) -> tuple[str, str]:
        return self.transcript.id, self.rubric.id


class Changed(NamedTuple):
    """A subject with a changed transcript, and the control beside it."""

    subject: Subject
    after: Transcript
    control: Transcript | None


@dataclass
class TestBench:
    """Asks the judge, and keeps what it said of the unchanged transcripts."""

    judge: Judge
    subjects: Sequence[Subject]
    progress: bool | None = None
    asked: int = 0
    """Judgements asked for so far, a transcript and rubric each."""
    unscored: int = 0
    _answers: dict[int, Answers] = field(default_factory=dict)

    __test__ = False  # pytest takes any name that begins so for its own

    @property
    def clean(self) -> Answers:
        """The answers to the unchanged transcripts, by transcript and rubric."""
        return self.asked_again(0)

    def asked_again(self, number: int) -> Answers:
        """The same, asked for the ``number``-th time again, at the run's settings."""
        if number not in self._answers:
            judge = self.judge
            if number:
                judge = judge.variant(repeat=judge.repeat + number)
            self._answers[number] = self.answers(judge, self.subjects)
        return self._answers[number]

    def before(self, subject: Subject) -> bool | None:
        return toward(self.clean[subject.key])

    def cases(self, changed: Sequence[Changed]) -> list[Case]:
        """Ask about changed transcripts and their controls, in one go a rubric."""
        told: dict[str, Verdict | Unscored] = {}
        for rubric in self.judge.rubrics:
            mine = [item for item in changed if item.subject.rubric.id == rubric.id]
            texts = [
                text for item in mine for text in (item.after, item.control) if text
            ]
            told |= self._told(self.judge, rubric, texts)
        return [
            Case(
                item.subject.transcript.id,
                item.subject.rubric.id,
                self.before(item.subject),
                toward(told[item.after.id]),
                toward(told[item.control.id]) if item.control else None,
                controlled=item.control is not None,
            )
            for item in changed
        ]

    def answers(self, judge: Judge, subjects: Sequence[Subject]) -> Answers:
        """Ask a judge about unchanged transcripts."""
        if judge.joint:  # one call has the answers to all rubrics
            texts = list({s.transcript.id: s.transcript for s in subjects}.values())
            run = dict(
                zip((t.id for t in texts), self._asked(judge, texts), strict=True)
            )
            found = {s.key: run[s.transcript.id][s.rubric.id] for s in subjects}
        else:
            found = {
                (name, rubric.id): result
                for rubric in judge.rubrics
                for name, result in self._told(
                    judge,
                    rubric,
                    [s.transcript for s in subjects if s.rubric.id == rubric.id],
                ).items()
            }
        return found

    def _told(
        self, judge: Judge, rubric: Rubric, texts: Sequence[Transcript]
    ) -> dict[str, Verdict | Unscored]:
        if not judge.joint:  # a joint call is another question without the others
            judge = judge.variant(rubrics=(rubric,))
        run = self._asked(judge, texts)
        return {text.id: a[rubric.id] for text, a in zip(texts, run, strict=True)}

    def _asked(self, judge: Judge, texts: Sequence[Transcript]) -> list[Assessment]:
        """Ask, and count every judgement that was asked for."""
        if not texts:
            return []
        run = list(judge.score_many(texts, progress=self.progress))
        results = [result for assessment in run for result in assessment]
        self.asked += len(results)
        self.unscored += sum(isinstance(result, Unscored) for result in results)
        return run
