"""How far labelers are apart, what is open, and who marked which words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.desk.cases import agenda, cases_of
from judge.desk.desk import Desk
from judge.desk.gaps import clauses_of, gaps_of, standing_gaps
from judge.desk.marking import Selection, evidence_of
from judge.desk.quoting import JUDGE, Piece, marked_turns, voices_of
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.types import Transcript
from judge.verdict import Evidence, Unscored, Verdict
from tests.support.builders import made_by, message, rubric, transcript, verdict
from tests.support.desk import talks

UNSCORED = Unscored(rubric="deception", provenance=made_by(), reason="refused")
UNSURE = Answer(label="unsure")


def level(severity: int, *evidence: Evidence) -> Answer:
    word = "present" if severity >= 2 else "absent"
    return Answer(label=word, severity=severity, evidence=evidence)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "labels.sqlite") as opened:
        yield opened


def desk_of(
    ledger: Ledger, verdicts: dict[str, Verdict | Unscored] | None = None
) -> Desk:
    return Desk.opened(ledger, rubric(), talks(), verdicts=verdicts)


@pytest.mark.parametrize(
    ("answers", "judged", "told"),
    [
        ([level(3), level(3)], verdict(level=4), "agreed"),
        ([level(3), level(0)], None, "present or absent, 3 levels apart"),
        ([level(1), level(2)], None, "present or absent, 1 level apart"),
        ([level(4), level(2)], None, "2 levels apart"),
        ([level(0), level(0)], verdict(level=3), "against the judge"),
        ([level(4), level(4)], verdict(level=2), "2 levels from the judge"),
        ([level(3), level(0)], verdict(level=0), "present or absent, 3 levels apart"),
        ([level(3), UNSURE], None, "somebody is unsure"),
        ([UNSURE], verdict(level=3), "somebody is unsure"),
        ([level(0)], verdict(level=None), "agreed"),
        ([level(0)], UNSCORED, "agreed"),
        ([Answer(label="present"), Answer(label="absent")], None, "present or absent"),
    ],
)
def test_a_case_says_what_it_is_about(
    ledger: Ledger,
    answers: list[Answer],
    judged: Verdict | Unscored | None,
    told: str,
) -> None:
    desk = desk_of(ledger, {} if judged is None else {"t1": judged})
    for who, answer in zip(("ann", "bob"), answers, strict=False):
        ledger.add(who, "t1", answer)
    [case] = cases_of(desk)
    assert case.apart.told == told
    assert case.disagreed is (told != "agreed")


def test_one_level_on_the_same_side_is_mild(ledger: Ledger) -> None:
    ledger.add("ann", "t1", level(3))
    ledger.add("bob", "t1", level(4))
    [case] = cases_of(desk_of(ledger))
    assert (case.mild, case.disagreed, case.apart.told) == (
        True,
        False,
        "1 level apart",
    )


def test_a_labeler_against_themselves_is_no_dispute_between_two(ledger: Ledger) -> None:
    ledger.add("ann", "t1", level(3))
    ledger.add("ann", "t1", level(0), occasion=2)
    [case] = cases_of(desk_of(ledger))
    assert case.apart.told == "otherwise when asked again"
    assert not case.apart.presence
    assert [one.again for one in case.said] == [False, True]


def test_only_the_last_of_a_changed_mind_counts_and_the_changes_are_counted(
    ledger: Ledger,
) -> None:
    for severity in (0, 1, 3):
        ledger.add("ann", "t1", level(severity))
    ledger.add("bob", "t1", level(3))
    [case] = cases_of(desk_of(ledger))
    assert case.apart.told == "agreed"
    assert [one.changed for one in case.said] == [2, 0]


def test_an_answer_sent_twice_changes_no_mind(ledger: Ledger) -> None:
    for severity in (3, 3, 1, 1):
        ledger.add("ann", "t1", level(severity))
    [case] = cases_of(desk_of(ledger))
    assert [one.changed for one in case.said] == [1]


def test_the_worst_comes_first_and_what_is_settled_last(ledger: Ledger) -> None:
    desk = desk_of(ledger, {"t2": verdict(level=3)})
    given = {"t1": (4, 2), "t2": (0, 0), "t3": (4, 0)}
    for name, levels in given.items():
        for who, severity in zip(("ann", "bob"), levels, strict=True):
            ledger.add(who, name, level(severity))
    assert [case.transcript for case in cases_of(desk)] == ["t3", "t1", "t2"]
    ledger.add("lea", "t3", Remark(why="Clear.", answer=level(4)), kind="settle")
    assert [case.transcript for case in cases_of(desk)] == ["t1", "t2", "t3"]
    assert [case.number for case in cases_of(desk)] == [1, 2, 3]


def test_verdicts_of_what_is_not_in_the_queue_make_no_case(ledger: Ledger) -> None:
    assert cases_of(desk_of(ledger, {"elsewhere": verdict(), "t2": verdict()})) == []


def test_a_skipped_transcript_is_no_case(ledger: Ledger) -> None:
    ledger.add("ann", "t1", Remark(), kind="skip")
    assert cases_of(desk_of(ledger)) == []


def test_flags_say_who_raised_them_until_they_take_them_down(ledger: Ledger) -> None:
    desk = desk_of(ledger)
    ledger.add("ann", "t1", Remark(), kind="flag")
    ledger.add("bob", "t1", Remark(why="Is it?"), kind="flag")
    assert [flag.labeler for flag in cases_of(desk)[0].flags] == ["ann", "bob"]
    ledger.add("ann", "t1", Remark(), kind="unflag")
    assert [flag.labeler for flag in cases_of(desk)[0].flags] == ["bob"]


@pytest.mark.parametrize(
    ("kind", "remark"),
    [
        ("unflag", Remark(why="We talked it over.")),
        ("settle", Remark(why="Clear.", answer=level(0))),
    ],
)
def test_what_was_discussed_or_settled_is_flagged_no_more(
    ledger: Ledger, kind: str, remark: Remark
) -> None:
    desk = desk_of(ledger)
    for who in ("ann", "bob"):
        ledger.add(who, "t1", Remark(), kind="flag")
    ledger.add("lea", "t1", remark, kind=kind)  # type: ignore[arg-type] # of a table
    assert cases_of(desk)[0].flags == ()
    ledger.add("ann", "t1", Remark(), kind="flag")
    assert [flag.labeler for flag in cases_of(desk)[0].flags] == ["ann"]


def test_an_answer_after_the_settlement_is_told(ledger: Ledger) -> None:
    ledger.add("ann", "t1", level(0))
    ledger.add("lea", "t1", Remark(why="Clear.", answer=level(0)), kind="settle")
    assert cases_of(desk_of(ledger))[0].since == 0
    ledger.add("bob", "t1", level(3))
    assert cases_of(desk_of(ledger))[0].since == 1


def test_the_agenda_goes_round_and_leaves_out_what_is_settled_or_agreed(
    ledger: Ledger,
) -> None:
    desk = desk_of(ledger)
    for name in ("t1", "t2", "t3"):
        ledger.add("ann", name, level(3))
        ledger.add("bob", name, level(0))

    def around(number: int) -> tuple[int, int | None, int | None]:
        still, before, after = agenda(cases_of(desk), number)
        before_it = None if before is None else before.number
        return len(still), before_it, None if after is None else after.number

    assert [around(n) for n in (1, 2, 3)] == [(3, 3, 2), (3, 1, 3), (3, 2, 1)]
    ledger.add("lea", "t2", Remark(why="!", answer=level(0)), kind="settle")
    assert around(1) == (2, 3, 3)
    assert around(2) == (2, 3, 1)
    ledger.add("bob", "t1", level(3))
    ledger.add("bob", "t3", level(3))
    assert around(1) == (0, None, None)
    ledger.add("bob", "t3", Remark(), kind="flag")
    assert around(3) == (1, None, None)


def test_gaps_are_listed_by_clause_the_most_named_first(ledger: Ledger) -> None:
    for clause in ("level 2", "counts 1", "counts 1", ""):
        ledger.add("ann", "t1", Remark(why="?", clause=clause), kind="gap")
    found = gaps_of(ledger.entries())
    assert [(clause, len(entries)) for clause, entries in found.items()] == [
        ("counts 1", 2), ("level 2", 1), ("no clause named", 1),
    ]  # fmt: skip


def test_a_gap_that_was_taken_back_is_none_until_it_is_named_again(
    ledger: Ledger,
) -> None:
    gap, other = Remark(why="?", clause="level 2"), Remark(why="!", clause="level 2")
    for labeler, remark in (("ann", gap), ("ann", other), ("bob", gap)):
        ledger.add(labeler, "t1", remark, kind="gap")
    ledger.add("ann", "t1", gap, kind="ungap")
    standing = [(x.labeler, x.body) for x in standing_gaps(ledger.entries())]
    assert standing == [("ann", other), ("bob", gap)]
    assert [len(entries) for entries in gaps_of(ledger.entries()).values()] == [2]
    [case] = cases_of(desk_of(ledger))
    assert [(x.labeler, x.body) for x in case.gaps] == standing
    ledger.add("ann", "t1", gap, kind="gap")
    assert len(standing_gaps(ledger.entries())) == 3


def test_a_gap_taken_back_on_one_transcript_stands_on_another(ledger: Ledger) -> None:
    gap = Remark(why="?", clause="level 2")
    for name in ("t1", "t2"):
        ledger.add("ann", name, gap, kind="gap")
    ledger.add("ann", "t1", gap, kind="ungap")
    assert [x.transcript for x in standing_gaps(ledger.entries())] == ["t2"]


def test_every_part_of_the_guide_is_a_clause_of_its_own() -> None:
    guide = rubric(
        tests=("Who?",),
        channels="Thoughts are no acts.",
        modifiers=("Up.",),
        terms={"reach": "how far"},
    )
    names = [name for name, _ in clauses_of(guide)]
    assert len(set(names)) == len(names)
    assert set(names) > {
        "definition", "counts 1", "test 1", "excludes error", "level 4", "subtype lie",
        "reasoning and action", "modifier 1", "term reach",
    }  # fmt: skip
    assert "reasoning and action" not in dict(clauses_of(rubric()))


Spans = list[tuple[int, int]]


def pieces_of(desk: Desk, transcript: Transcript) -> list[Piece]:
    """The pieces of the only part of the only message."""
    [case] = cases_of(desk)
    [turn] = marked_turns(transcript, voices_of(case, transcript))
    return list(turn.parts[0].pieces)


@pytest.mark.parametrize(
    ("text", "spans", "told"),
    [
        ("All is well.", [(0, 3)], ["All<A>", " is well."]),
        ("All is well.", [(0, 6), (4, 11)], ["All <A>", "is<A B>", " well<B>", "."]),
        ("All is well.", [(0, 11), (4, 6)], ["All <A>", "is<A B>", " well<A>", "."]),
        ("All is well.", [(4, 6), (4, 6)], ["All ", "is<A B>", " well."]),
        ("a\x1bb\r\nc", [(1, 5), (5, 8)], ["a", "\\x1b<A>", "b\nc<B>"]),
        ("<b>", [(0, 3)], ["<b><A>"]),
    ],
)
def test_words_are_marked_where_they_stand_on_the_page_and_by_whom(
    ledger: Ledger, text: str, spans: Spans, told: list[str]
) -> None:
    one = transcript(message("target", text), id="t1")
    desk = Desk.opened(ledger, rubric(), [one])
    for who, (start, end) in zip(("ann", "bob"), spans, strict=False):
        selection = Selection(message=1, part=0, start=start, end=end)
        ledger.add(who, "t1", level(3, evidence_of(selection, one)))
    pieces = pieces_of(desk, one)
    shown = [f"{p.text}<{' '.join(p.badges)}>" if p.badges else p.text for p in pieces]
    assert shown == told
    assert sorted(a for piece in pieces for a in piece.anchors) == [
        f"q-{badge}-1" for badge in "AB"[: len(spans)]
    ]
    assert sorted(" ".join(piece.ends for piece in pieces).split()) == list(
        "AB"[: len(spans)]
    )


def quote(**places: int | str | None) -> Evidence:
    made = {
        "quote": "is", "cited": 1, "message": 1, "channel": "said", "match": "exact",
        "author": "target", "part": 0, "start": 4, "end": 6,
    }  # fmt: skip
    return Evidence.model_validate(made | places)


def test_what_the_judge_quotes_is_marked_beside_the_labelers(ledger: Ledger) -> None:
    one = transcript(message("target", "All is well."), id="t1")
    judged = {"t1": verdict(evidence=(quote(),))}
    desk = Desk.opened(ledger, rubric(), [one], verdicts=judged)
    ledger.add("ann", "t1", level(3, quote(quote="All is", start=0)))
    assert [(p.text, p.badges, p.names) for p in pieces_of(desk, one)] == [
        ("All ", ("A",), "ann"), ("is", ("A", JUDGE), "ann, the judge"),
        (" well.", (), ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "places",
    [
        {"end": 99},
        {"message": 9},
        {"message": 0},
        {"part": 7},
        {"part": -1},
        {"start": -3},
        {"start": 6, "end": 6},
        {"start": None, "end": None},
        {"start": 0, "end": 2},
    ],
)
def test_a_quote_of_another_text_is_told_and_marks_nothing(
    ledger: Ledger, places: dict[str, int | None]
) -> None:
    one = transcript(message("target", "All is well."), id="t1")
    judged = {"t1": verdict(evidence=(quote(**places),))}
    desk = Desk.opened(ledger, rubric(), [one], verdicts=judged)
    ledger.add("ann", "t1", level(3))
    assert [piece.text for piece in pieces_of(desk, one)] == ["All is well."]
    voice = voices_of(cases_of(desk)[0], one)[-1]
    assert [(one.anchor, one.evidence.quote) for one in voice.quotes] == [("", "is")]


def test_thirty_labelers_have_a_badge_each(ledger: Ledger) -> None:
    for number in range(30):
        ledger.add(f"p{number:02}", "t1", level(3))
    desk = desk_of(ledger)
    voices = voices_of(cases_of(desk)[0], desk.transcripts["t1"])
    assert len({voice.badge for voice in voices}) == 30
    assert [voice.badge for voice in voices][24:28] == ["Y", "Z", "A2", "B2"]
