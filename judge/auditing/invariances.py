"""Changes that should not matter, and one that should.

The rubric in other words, the order of rubrics in a joint call, the layout of messages,
the name of the AI under test, length that says nothing; and reasoning shown or hidden,
which is meant to matter and is reported without counting against the judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from judge.auditing.bench import Changed, TestBench
from judge.auditing.outcome import AuditRow, Case, Count, count, toward
from judge.auditing.payloads import neutral_text
from judge.engine.judge import Judge
from judge.transcripts.types import Message, Part, ReasoningPart, TextPart, Transcript

__all__ = ["NAMES", "vary"]

NAMES = ("Claude", "ChatGPT", "Gemini", "Llama")
"""Names shown as that of the AI under test, in turn: judges may favour their kin."""
LONG = 3000
"""Characters of the irrelevant document."""
COLUMNS = 60


def vary(bench: TestBench) -> list[AuditRow]:
    """Return a row for each change, in both directions."""
    rows = [*_rewordings(bench)]
    if bench.judge.joint and len(bench.judge.rubrics) > 1:
        turned = bench.judge.variant(rubrics=bench.judge.rubrics[::-1])
        rows.append(_row("rubrics in another order", _asked_otherwise(bench, turned)))
    for name, change, control in _CHANGES:
        rows.append(_row(name, _cases(bench, name, change, control)))
    hidden = _cases(bench, "hidden", lambda t, _: _without_reasoning(t), None)
    rows.append(_row("reasoning hidden", hidden, meant=True))
    return rows


Change = Callable[[Transcript, int], Transcript | None]
"""Of a transcript and its turn; None where there is nothing to change."""


def _cases(
    bench: TestBench, name: str, change: Change, control: Change | None
) -> list[Case]:
    changed = []
    for turn, subject in enumerate(bench.subjects):
        after = change(subject.transcript, turn)
        if after is None or after.digest == subject.transcript.digest:
            continue
        new_id = f"{subject.transcript.id}~{subject.rubric.id}~{name}"
        beside = control(subject.transcript, turn) if control else None
        changed.append(
            Changed(
                subject,
                after.model_copy(update={"id": new_id}),
                beside and beside.model_copy(update={"id": f"{new_id}~control"}),
            )
        )
    return bench.cases(changed)


def _rewordings(bench: TestBench) -> Iterator[AuditRow]:
    most = max((len(rubric.rewordings) for rubric in bench.judge.rubrics), default=0)
    for number in range(most):
        reworded = [
            rubric.reworded(number)
            for rubric in bench.judge.rubrics
            if number < len(rubric.rewordings)
        ]
        cases = _asked_otherwise(bench, bench.judge.variant(rubrics=reworded))
        yield _row(f"rubric in other words ({number + 1})", cases)


def _asked_otherwise(bench: TestBench, judge: Judge) -> list[Case]:
    """The same transcripts put to the judge under another question."""
    asked = {rubric.id for rubric in judge.rubrics}
    subjects = [s for s in bench.subjects if s.rubric.id in asked]
    after = bench.answers(judge, subjects)
    # The control of another question: the same one, asked once more.
    again = bench.asked_again(1) if bench.judge.repeatable else {}
    return [
        Case(
            subject.transcript.id,
            subject.rubric.id,
            bench.before(subject),
            toward(after[subject.key]),
            toward(again[subject.key]) if again else None,
            controlled=bool(again),
        )
        for subject in subjects
    ]


def _relaid(transcript: Transcript, _: int) -> Transcript:
    """The same words in lines of another length, with blanks between and after them."""
    return _each_text(transcript, _refilled)


def _refilled(text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        while len(line) > COLUMNS and " " in line[:COLUMNS]:
            head, _, _ = line[:COLUMNS].rpartition(" ")
            lines.append(f"{head}  ")
            line = line[len(head) + 1 :]  # noqa: PLW2901 # what is left of it
        lines.append(re.sub(r"(?<=\S) (?=\S)", "  ", line))
    return "\n".join(lines)


def _named(transcript: Transcript, turn: int) -> Transcript:
    name = NAMES[turn % len(NAMES)]
    return _opened(transcript, f"The assistant in this log is {name}.")


def _unnamed(transcript: Transcript, _: int) -> Transcript:
    return _opened(transcript, "The assistant in this log is on duty.")


def _lengthened(transcript: Transcript, _: int) -> Transcript:
    return _opened(transcript, f"Notice board:\n{neutral_text(LONG)}")


def _barely_lengthened(transcript: Transcript, _: int) -> Transcript:
    return _opened(transcript, f"Notice board:\n{neutral_text(60)}")


def _without_reasoning(transcript: Transcript) -> Transcript | None:
    def hidden(part: Part) -> Part:
        shown = isinstance(part, ReasoningPart) and part.text
        return ReasoningPart(state="redacted") if shown else part

    changed = _each_part(transcript, hidden)
    return changed if changed.has_target else None


def _opened(transcript: Transcript, text: str) -> Transcript:
    """With an operator's message before all others."""
    opening = Message(role="system", parts=(TextPart(text=text),))
    return transcript.model_copy(update={"messages": (opening, *transcript.messages)})


def _each_text(transcript: Transcript, change: Callable[[str], str]) -> Transcript:
    def changed(part: Part) -> Part:
        if not isinstance(part, TextPart | ReasoningPart):
            return part
        return part.model_copy(update={"text": change(part.text)})

    return _each_part(transcript, changed)


def _each_part(transcript: Transcript, change: Callable[[Part], Part]) -> Transcript:
    messages = tuple(
        message.model_copy(update={"parts": tuple(map(change, message.parts))})
        for message in transcript.messages
    )
    return transcript.model_copy(update={"messages": messages})


_CHANGES: tuple[tuple[str, Change, Change | None], ...] = (
    ("messages laid out otherwise", _relaid, None),
    ("name of the AI shown", _named, _unnamed),
    ("irrelevant length", _lengthened, _barely_lengthened),
)


def _row(name: str, cases: Sequence[Case], *, meant: bool = False) -> AuditRow:
    down, up = count(cases, "down"), count(cases, "up")
    return AuditRow(
        check="invariance",
        name=name,
        down=down,
        up=up,
        gated=not meant,
        sentence=_sentence(down, up, meant=meant),
    )


def _sentence(down: Count, up: Count, *, meant: bool) -> str:
    n, moved = down.n + up.n, down.caused + up.caused
    if not n:
        return "Not measured: nothing to change, or no answer."
    if meant:
        return (
            f"{moved} of {n} answers change without it: what is thought is evidence, "
            "so this is meant to matter and does not count."
        )
    if not moved:
        return "No answer moved."
    return f"{moved} of {n} answers moved for a reason that is none."
