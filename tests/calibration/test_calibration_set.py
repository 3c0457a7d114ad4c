"""The calibration set keeps what its datasheet promises."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from judge.labels.labels import read_labels
from judge.rubrics.load import load_rubric
from judge.transcripts.types import ReasoningPart
from judge.verdict import Unscored, Verdict
from tests.support.calibration_set import (
    BEHAVIOURS,
    DATA,
    RECORDING,
    Item,
    bag_of_words_auc,
    items,
    joint_items,
    judged,
    shortcut_aucs,
    target_text,
    tokens,
    whole_text,
)

CHANCE = 0.60
CANARY = (
    "judge calibration data, not for training: ef1a6b76-a57b-4bca-99b3-4fa1d5aafbc6"
)


def of(behaviour: str, split: str | None = None) -> list[Item]:
    return [i for i in items(behaviour) if split is None or i.split == split]


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_there_are_120_of_each_behaviour_half_of_them_present(behaviour: str) -> None:
    assert len(of(behaviour)) >= 120
    assert 0.45 <= sum(i.present for i in of(behaviour)) / len(of(behaviour)) <= 0.55


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("split", ["dev", "test"])
def test_every_level_occurs_in_both_splits(behaviour: str, split: str) -> None:
    assert {i.label.severity for i in of(behaviour, split)} == {0, 1, 2, 3, 4}


def test_a_scenario_family_is_in_one_split_only() -> None:
    splits = {(i.group, i.split) for i in items()}
    assert len(splits) == len({group for group, _ in splits})


def test_each_transcript_has_one_label_by_its_author_and_no_human_one() -> None:
    labels = read_labels(DATA / "labels.csv")
    assert {label.source for label in labels} == {"author"}
    assert sorted(label.transcript for label in labels) == sorted(
        item.transcript.id for item in items()
    )


def test_label_severity_and_soft_label_agree_on_the_side() -> None:
    for _, label in items():
        threshold = load_rubric(label.rubric).threshold
        assert label.severity is not None
        assert label.soft is not None
        assert (label.severity >= threshold) == (label.label == "present")
        assert (label.soft >= 0.5) == (label.label == "present")


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_labels_name_what_their_rubric_knows(behaviour: str) -> None:
    rubric = load_rubric(behaviour)
    subtypes = {subtype.id for subtype in rubric.subtypes}
    kinds = {exclusion.id for exclusion in rubric.excludes}
    for item in of(behaviour):
        assert set(item.label.subtypes) <= subtypes
        assert item.label.hard_negative in kinds | {""}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_kind_of_hard_negative_occurs(behaviour: str) -> None:
    kinds = {exclusion.id for exclusion in load_rubric(behaviour).excludes}
    assert kinds == {i.label.hard_negative for i in of(behaviour)} - {""}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_half_of_the_negatives_are_hard_ones(behaviour: str) -> None:
    negatives = [i for i in of(behaviour) if not i.present]
    hard = [i for i in negatives if i.label.hard_negative or i.label.severity == 1]
    assert len(hard) >= len(negatives) / 2


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_third_make_a_careful_reader_hesitate(behaviour: str) -> None:
    mine = of(behaviour)
    soft = [i for i in mine if i.label.soft is not None and 0.1 < i.label.soft < 0.85]
    close = [i for i in mine if i.label.severity in {1, 2}]
    assert len(close) >= len(mine) / 3
    assert len(soft) >= len(mine) / 3


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_third_stand_in_minimal_pairs_that_differ_in_the_label_alone(
    behaviour: str,
) -> None:
    paired = sorted((i for i in of(behaviour) if i.label.pair), key=_pair)
    assert len(paired) >= len(of(behaviour)) / 3
    for _, both in groupby(paired, key=_pair):
        first, second = both
        a, b = first.transcript, second.transcript
        assert {first.present, second.present} == {True, False}
        assert first.group == second.group
        assert len(a.messages) == len(b.messages)
        assert a.metadata["target_model"] == b.metadata["target_model"]
        long = max(len(whole_text(a)), len(whole_text(b)))
        assert abs(len(whole_text(a)) - len(whole_text(b))) <= 0.07 * long


def _pair(item: Item) -> str:
    return item.label.pair


def test_spans_are_words_of_the_ai_in_the_message_named() -> None:
    for transcript, label in items():
        if not label.span:
            assert label.label == "absent"
            continue
        assert label.message is not None
        message = transcript.messages[label.message - 1]
        assert message.author == "target"
        assert any(label.span in part.text for part in message.parts)


def test_there_are_long_ones_and_a_tenth_in_five_other_languages() -> None:
    assert sum(tokens(i.transcript) > 4000 for i in items()) >= 18
    other = Counter(i.transcript.metadata["language"] for i in items())
    del other["en"]
    assert len(other) >= 5
    assert sum(other.values()) >= len(items()) / 10


def test_reasoning_is_shown_absent_and_redacted() -> None:
    states = Counter(
        state
        for i in items()
        for state in {
            m.reasoning for m in i.transcript.messages if m.author == "target"
        }
    )
    assert {"visible", "redacted", "unknown"} <= states.keys()


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_shortcut_ranks_the_labels(behaviour: str) -> None:
    found = shortcut_aucs(behaviour)
    found["words, all"] = bag_of_words_auc(behaviour, whole_text)
    found["words, the AI's own"] = bag_of_words_auc(behaviour, target_text)
    print(behaviour, {name: round(auc, 3) for name, auc in found.items()})
    assert {name: auc for name, auc in found.items() if auc >= CHANCE} == {}
    scalar = list(found.items())[:4]
    assert {name: auc for name, auc in scalar if auc <= 1 - CHANCE} == {}


def test_neither_ids_nor_order_nor_metadata_tell_the_label() -> None:
    for split in ("dev", "test"):
        mine = [i for i in items() if i.split == split]
        assert [i.transcript.id for i in mine] == sorted(i.transcript.id for i in mine)
    for key in ("target_model", "form", "domain", "language", "split", "group"):
        for value in {i.transcript.metadata[key] for i in items()}:
            same = [i.present for i in items() if i.transcript.metadata[key] == value]
            assert sum(same) == pytest.approx(len(same) / 2, abs=max(2, len(same) / 8))


def test_ids_follow_from_the_text_alone() -> None:
    for transcript, _ in items():
        named = hashlib.sha256(f"judge-cal|{transcript.digest}".encode()).hexdigest()
        assert transcript.id == f"cal-{named[:8]}"


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.jsonl")), ids=lambda p: p.name)
def test_every_line_bears_the_canary(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert [n for n, line in enumerate(lines, 1) if CANARY not in line] == []


@pytest.mark.parametrize(
    "path", sorted({*DATA.rglob("*.jsonl"), *DATA.rglob("*.csv")}), ids=lambda p: p.name
)
def test_the_datasheet_has_the_checksum_of_every_file(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = path.relative_to(DATA).as_posix()
    assert f"| `{name}` | `{digest}` |" in (DATA / "README.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.csv")), ids=lambda p: p.name)
def test_label_files_are_inert_in_a_spreadsheet(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in set("=+-@\t\r")] == []


def test_texts_hold_no_invisible_characters_or_workplace() -> None:
    for transcript, _ in items():
        text = whole_text(transcript)
        hidden = {c for c in text if unicodedata.category(c) in {"Cf", "Co", "Cn"}}
        assert hidden <= {"\u00ad", "\u200d", "\ufe0f"}
        assert not re.search(
            r"\b(?:Claude|ChatGPT|GPT-?\d|Gemini|OpenAI|Anthropic)\b", text
        )


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_transcript_has_a_recorded_judgement_of_this_very_prompt(
    behaviour: str,
) -> None:
    stale = [
        f"{j.item.transcript.id}: {j.result.detail}"
        for j in judged(behaviour)
        if isinstance(j.result, Unscored)
    ]
    assert stale == [], "a prompt or a rubric changed: record these again"


def test_sixty_joint_judgements_are_recorded() -> None:
    told = joint_items()
    assert len(told) >= 60
    assert [
        result
        for _, results in told
        for result in results.values()
        if isinstance(result, Unscored)
    ] == [], "a prompt or a rubric changed: record these again"


def test_recorded_judgements_say_who_answered_and_when() -> None:
    from judge.engine.replay import RecordedCompletion

    for line in RECORDING.read_text("utf-8").splitlines():
        record = RecordedCompletion.model_validate_json(line)
        assert record.model
        assert record.note
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", record.recorded_at)


def test_recorded_labels_are_the_replies_and_of_source_model() -> None:
    labels = {x.transcript: x for x in read_labels(DATA / "recorded" / "labels.csv")}
    assert {label.source for label in labels.values()} == {"model"}
    for behaviour in BEHAVIOURS:
        for item, result in judged(behaviour):
            assert isinstance(result, Verdict)
            label = labels[item.transcript.id]
            side = {True: "present", False: "absent", None: "unsure"}[result.present]
            assert (label.label, label.severity) == (side, result.level)


def test_the_prompt_of_a_transcript_tells_neither_id_nor_label() -> None:
    from judge.engine.prompt import Window, render_prompt
    from judge.transcripts.render import blocks_of

    for transcript, label in items("coercion")[:20]:
        window = Window(blocks_of(transcript))
        request = render_prompt(transcript, [load_rubric("coercion")], window)
        for told in (transcript.id, str(transcript.metadata["group"]), label.note):
            assert told not in request.user


def test_reasoning_parts_are_the_ais_own() -> None:
    for transcript, _ in items():
        for message in transcript.messages:
            if any(isinstance(part, ReasoningPart) for part in message.parts):
                assert message.author == "target"
