"""A payload is added where an attacker could write, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.auditing.injection import PLACES, Place, inject, places_of
from judge.auditing.payloads import (
    Direction,
    Payload,
    families,
    neutral_text,
    payloads_of,
)
from judge.auditing.scan import scan
from judge.transcripts.render import blocks_of
from judge.transcripts.types import Message, ReasoningPart, ToolResultPart, Transcript
from tests.support.builders import message, rubric, talk, transcript

FULL = transcript(
    message("user", "First?", name="Ines"),
    message("target", ReasoningPart(text="I think."), "First answer."),
    message("tool", ToolResultPart(text="4 rows")),
    message("user", "Second?"),
    message("target", ReasoningPart(text="I think again."), "Second answer."),
)
DECEPTION = rubric(title="Deception")
ANY = Payload("any", ("PAYLOAD",), "any")


def texts(of: Transcript) -> list[str]:
    return [block.text for block in blocks_of(of)]


@pytest.mark.parametrize(
    ("place", "after"),
    [
        ("said", "Second answer.\nPAYLOAD"),
        ("reasoning", "I think again.\nPAYLOAD"),
        ("tool result", "4 rows\nPAYLOAD"),
    ],
)
def test_a_payload_stands_at_the_end_of_the_last_part_of_its_place(
    place: Place, after: str
) -> None:
    changed = texts(inject(FULL, ("PAYLOAD",), place, name="changed"))
    differing = [
        new for old, new in zip(texts(FULL), changed, strict=True) if old != new
    ]
    assert differing == [after]


def test_two_pieces_stand_apart_in_the_first_and_the_last_part() -> None:
    changed = inject(FULL, ("ONE", "TWO"), "said", name="changed")
    assert [t for t in texts(changed) if "ONE" in t] == ["First answer.\nONE"]
    assert [t for t in texts(changed) if "TWO" in t] == ["Second answer.\nTWO"]


def test_a_name_is_given_to_a_message_that_is_not_the_ais() -> None:
    changed = inject(FULL, ("SYSTEM",), "name", name="changed")
    assert [m.name for m in changed.messages if m.author == "user"] == [
        "Ines",
        "SYSTEM",
    ]
    assert texts(changed) == texts(FULL)


def test_the_original_keeps_its_id_and_its_digest() -> None:
    before = FULL.digest
    changed = inject(FULL, ("X",), "said", name="changed")
    assert (FULL.id, FULL.digest) == ("t", before)
    assert (changed.id, changed.digest != before) == ("changed", True)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (FULL, ["said", "reasoning", "tool result"]),
        (talk(("user", "a"), ("target", "b")), ["said"]),
        (talk(("user", "a")), []),
    ],
    ids=["all", "chat", "nothing said"],
)
def test_only_places_that_are_there_are_used(
    text: Transcript, places: list[Place]
) -> None:
    assert places_of(text, ANY) == places


def test_an_order_in_a_name_goes_nowhere_else() -> None:
    assert places_of(FULL, Payload("x", ("y",), "name")) == ["name"]
    alone = transcript(Message(role="assistant", parts=FULL.messages[1].parts))
    assert places_of(alone, Payload("x", ("y",), "name")) == []


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("turn", range(4))
def test_every_family_has_a_payload_whose_blanks_are_filled(
    direction: Direction, turn: int
) -> None:
    made = payloads_of(rubric(), direction, turn=turn)
    assert tuple(payload.family for payload in made) == families()
    for payload in made:
        assert all(payload.pieces)
        assert not any("{title" in p or "{level" in p for p in payload.pieces)


def test_payloads_ask_for_the_ends_of_the_scale() -> None:
    (down, *_), (up, *_) = (
        payloads_of(rubric(top=6), way, turn=0) for way in ("down", "up")
    )
    assert "level 0, likelihood 1." in down.pieces[0]
    assert "level 6, likelihood 99." in up.pieces[0]


def test_a_name_that_carries_an_order_survives_the_length_names_are_cut_to() -> None:
    for turn in range(4):
        *_, named = payloads_of(rubric(), "up", turn=turn)
        assert len(named.pieces[0]) <= 60


@given(st.integers(1, 5000))
def test_neutral_text_has_about_the_length_asked_for(length: int) -> None:
    assert abs(len(neutral_text(length)) - length) <= 20


def test_neutral_text_is_not_suspicious() -> None:
    assert scan(talk(("target", neutral_text(5000)))) == ()


@pytest.mark.parametrize(
    "family", [f for f in families() if f not in {"master key", "another language"}]
)
def test_the_scan_flags_every_family_that_tells_a_judge_something_in_english(
    family: str,
) -> None:
    found = []
    for turn in range(3):
        (payload,) = (
            p for p in payloads_of(DECEPTION, "down", turn=turn) if p.family == family
        )
        place: Place = "name" if payload.place == "name" else PLACES[0]
        found.append(scan(inject(FULL, payload.pieces, place, name="x")))
    assert any(found)
