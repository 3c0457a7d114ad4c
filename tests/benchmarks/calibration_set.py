"""The figures of the calibration set's datasheet.

    python -m tests.benchmarks.calibration_set            print them
    python -m tests.benchmarks.calibration_set --write    put them into the datasheet

Needs no key: the judge is the recorded one.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median

from judge.verdict import Unscored, Verdict
from tests.support.calibration_set import (
    BEHAVIOURS,
    DATA,
    SPLITS,
    Item,
    Judged,
    area_under_curve,
    bag_of_words_auc,
    items,
    joint_items,
    judged,
    share,
    shortcut_aucs,
    target_text,
    tokens,
    whole_text,
)

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
LEVELS = range(5)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)
    yield ""


def figures() -> Iterator[str]:
    yield from _make_up()
    yield from _shortcuts()
    yield from _agreement()
    yield from _by_level()
    yield from _by_kind()
    yield from _disagreements()
    yield from _joint()
    yield from _files()


def _at_level(level: int, item: Item) -> bool:
    return item.label.severity == level


def _state(item: Item, state: str) -> bool:
    return any(m.reasoning == state for m in item.transcript.messages)


def _make_up() -> Iterator[str]:
    yield "### What is in it\n"
    yield from table(
        ("", *BEHAVIOURS, "all"),
        [_counts(name, name_of) for name, name_of in _KINDS.items()],
    )
    sizes = sorted(tokens(item.transcript) for item in items())
    languages = Counter(str(i.transcript.metadata["language"]) for i in items())
    told = ", ".join(f"{name} {n}" for name, n in sorted(languages.items()))
    messages = sorted(len(item.transcript.messages) for item in items())
    yield (
        f"Tokens (estimated, as shown to the judge): median {median(sizes):.0f}, from "
        f"{sizes[0]} to {sizes[-1]}; {sum(n > 4000 for n in sizes)} over 4,000. "
        f"Messages: median {median(messages):.0f}, from {messages[0]} to "
        f"{messages[-1]}. "
        f"Languages: {told}.\n"
    )


_KINDS: Mapping[str, Callable[[Item], bool] | None] = {
    "transcripts": lambda _: True,
    "scenario families": None,
    **{f"level {n}": partial(_at_level, n) for n in LEVELS},
    "present": lambda i: i.present,
    "hard negatives (a kind named, or level 1)": lambda i: (
        not i.present and bool(i.label.hard_negative or i.label.severity == 1)
    ),
    "in minimal pairs": lambda i: bool(i.label.pair),
    "soft label between 0.1 and 0.85": lambda i: 0.1 < (i.label.soft or 0) < 0.85,
    "dev": lambda i: i.split == "dev",
    "test": lambda i: i.split == "test",
    "reasoning shown": lambda i: _state(i, "visible"),
    "reasoning redacted": lambda i: _state(i, "redacted"),
}


def _counts(name: str, chosen: Callable[[Item], bool] | None) -> list[object]:
    row: list[object] = [name]
    for behaviour in (*BEHAVIOURS, None):
        mine = items(behaviour)
        if chosen is not None:
            row.append(sum(map(chosen, mine)))
        else:
            row.append(len({item.group for item in mine}))
    return row


def _shortcuts() -> Iterator[str]:
    yield "### What a shortcut could tell (AUC; 0.5 is chance)\n"
    found = {b: dict(shortcut_aucs(b)) for b in BEHAVIOURS}
    for behaviour, row in found.items():
        row["bag of words, all text"] = bag_of_words_auc(behaviour, whole_text)
        row["bag of words, the AI's own"] = bag_of_words_auc(behaviour, target_text)
    names = list(found[BEHAVIOURS[0]])
    yield from table(
        ("shortcut", *BEHAVIOURS),
        [(name, *(f"{found[b][name]:.2f}" for b in BEHAVIOURS)) for name in names],
    )
    yield (
        "Words: logistic regression on tf-idf, ten folds that keep a scenario family "
        "together.\n"
    )


def _agreement() -> Iterator[str]:
    yield "### The recorded judge against the author's labels\n"
    yield from table(
        (
            "behaviour",
            "split",
            "no answer",
            "same side",
            "found of present",
            "cleared of absent",
            "AUC of the likelihood",
            "AUC of length",
            "same level",
            "within one level",
            "quotes found",
        ),
        [
            _row(behaviour, split)
            for behaviour in BEHAVIOURS
            for split in (*SPLITS, "both")
        ],
    )
    yield (
        "Shares of those answered, with 95 % Wilson intervals as wide as if all "
        "transcripts of a scenario family were alike.\n"
    )


def _of(behaviour: str, split: str = "both") -> list[Judged]:
    return [j for j in judged(behaviour) if split in (j.item.split, "both")]


def _row(behaviour: str, split: str) -> list[object]:
    mine = _of(behaviour, split)
    told = [j for j in mine if j.result.present is not None]
    scored = [j for j in mine if isinstance(j.result, Verdict)]
    truth = [j.item.present for j in scored]
    likelihoods = [float(j.result.likelihood or 0) for j in scored]
    lengths = [float(len(whole_text(j.item.transcript))) for j in scored]
    quotes = [q.verified for j in scored for q in j.result.evidence]  # type: ignore[union-attr] # Verdicts
    return [
        behaviour,
        split,
        f"{len(mine) - len(told)} of {len(mine)}",
        share(told, lambda j: j.result.present == j.item.present),
        share([j for j in told if j.item.present], lambda j: bool(j.result.present)),
        share([j for j in told if not j.item.present], lambda j: not j.result.present),
        f"{area_under_curve(truth, likelihoods):.3f}",
        f"{area_under_curve(truth, lengths):.2f}",
        share(told, lambda j: j.result.level == j.item.label.severity),
        share(told, lambda j: abs(_apart(j)) <= 1),
        f"{sum(quotes)} of {len(quotes)}",
    ]


def _apart(found: Judged) -> int:
    assert found.result.level is not None
    assert found.item.label.severity is not None
    return found.result.level - found.item.label.severity


def _by_level() -> Iterator[str]:
    yield "### Said to be present, by the author's level\n"
    yield from table(
        ("behaviour", *(f"level {n}" for n in LEVELS)),
        [
            (
                behaviour,
                *(
                    share(
                        [
                            j
                            for j in _of(behaviour)
                            if j.item.label.severity == level
                            and j.result.present is not None
                        ],
                        lambda j: bool(j.result.present),
                    )
                    for level in LEVELS
                ),
            )
            for behaviour in BEHAVIOURS
        ],
    )


def _by_kind() -> Iterator[str]:
    yield "### Hard negatives said to be present, by kind\n"
    rows = []
    for behaviour in BEHAVIOURS:
        kinds = {j.item.label.hard_negative for j in _of(behaviour)} - {""}
        for kind in sorted(kinds):
            mine = [j for j in _of(behaviour) if j.item.label.hard_negative == kind]
            told = [j for j in mine if j.result.present is not None]
            rows.append(
                (
                    behaviour,
                    f"`{kind}`",
                    share(told, lambda j: bool(j.result.present)),
                    len(mine) - len(told),
                )
            )
    yield from table(("behaviour", "kind", "said present", "no answer"), rows)


def _disagreements() -> Iterator[str]:
    yield "### Two levels apart or more\n"
    yield from table(
        ("transcript", "behaviour", "split", "author", "judge", "likelihood"),
        [
            (
                f"`{j.item.transcript.id}`",
                behaviour,
                j.item.split,
                j.item.label.severity,
                j.result.level,
                j.result.likelihood,
            )
            for behaviour in BEHAVIOURS
            for j in _of(behaviour)
            if j.result.level is not None and abs(_apart(j)) >= 2
        ],
    )


def _joint() -> Iterator[str]:
    yield "### One call for all three rubrics, beside a call for one\n"
    pairs = [
        (item, alone.result, together[behaviour])
        for behaviour in BEHAVIOURS
        for item, together in joint_items()
        if item.label.rubric == behaviour
        for alone in judged(behaviour)
        if alone.item.transcript.id == item.transcript.id
    ]
    n = len(pairs)
    same = sum(a.present == b.present for _, a, b in pairs)
    level = sum(a.level == b.level for _, a, b in pairs)
    right = [
        sum(r.present == item.present for item, *both in pairs for r in (both[which],))
        for which in (0, 1)
    ]
    other = Counter(
        result.rubric
        for item, together in joint_items()
        for result in together.values()
        if result.rubric != item.label.rubric and result.present
    )
    yield (
        f"On {n} transcripts the two give the same side {same} times and the same "
        f"level {level} times; against the author the single call is right {right[0]} "
        f"times, the joint one {right[1]}. On the rubrics a transcript was not written "
        "for, which have no label, the joint call says present: "
        f"{', '.join(f'{name} {count}' for name, count in sorted(other.items()))}.\n"
    )


def _files() -> Iterator[str]:
    yield "### Files\n"
    paths = sorted({*DATA.rglob("*.jsonl"), *DATA.rglob("*.csv")})
    yield from table(
        ("file", "sha256"),
        [
            (
                f"`{path.relative_to(DATA).as_posix()}`",
                f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`",
            )
            for path in paths
        ],
    )


def write_model_labels() -> None:
    """The recorded judge's answers as labels, in long form."""
    with (DATA / "recorded" / "labels.csv").open(
        "w", encoding="utf-8", newline=""
    ) as f:
        rows = csv.writer(f)
        rows.writerow(
            ("transcript", "rubric", "labeler", "label", "severity", "source", "note")
        )
        for behaviour in BEHAVIOURS:
            for item, result in sorted(
                judged(behaviour), key=lambda j: j.item.transcript.id
            ):
                if isinstance(result, Unscored):
                    continue
                side = {True: "present", False: "absent", None: "unsure"}
                level = "" if result.level is None else result.level
                rows.writerow(
                    (
                        item.transcript.id,
                        behaviour,
                        result.provenance.model,
                        side[result.present],
                        level,
                        "model",
                        f"likelihood {result.likelihood}",
                    )
                )


def main() -> None:
    if "--write" not in sys.argv[1:]:
        print("\n".join(figures()))
        return
    write_model_labels()
    sheet = DATA / "README.md"
    before, _, rest = sheet.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    told = "\n".join(figures()).rstrip()
    sheet.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
