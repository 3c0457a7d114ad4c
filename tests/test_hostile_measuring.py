"""Every payload, on every surface where a judge is measured: labels, results, report.

A judge is measured once over names that hold a mark; then each payload takes the place
of the mark, in every text of every result.  What labelers' files say goes through the
readers themselves.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judge.calibration.agreement.agreement import agreement
from judge.calibration.comparison.compare import compare
from judge.calibration.planning.result import LabelPlan
from judge.calibration.summary import Summary, summarise
from judge.cli.console import complain
from judge.cli.measuring import show
from judge.errors import JudgeError
from judge.labels.label import Label
from judge.labels.labels import HumanLabels
from judge.provenance import Frozen
from judge.reports.report import render_report, write_summary
from judge.store.calibration import Calibration
from judge.transcripts.types import Transcript
from judge.verdict import Assessment, Evidence, Provenance, Verdict
from tests.support.builders import made_by, message, transcript
from tests.support.labelled_runs import labelled_run
from tests.support.payloads import ALL, CONTROLS

MARK = "Zq0"
FORMULA = frozenset("=+@＝＋＠")
INVISIBLE = "\u200b\u2060\ufeff \t\r\n"


@pytest.fixture(params=list(ALL.values()), ids=list(ALL))
def payload(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def world(model: str, seed: int) -> tuple[list[Assessment], pd.DataFrame]:
    return labelled_run(
        40, 28, 0.5, 0.8, 0.8, seed,
        rubric=MARK, target_model=f"{MARK}{model}", prefix=f"{MARK}{model}",
        labelers=(f"{MARK}ann", MARK), human_error=0.1, unscored=0.05,
        provenance=made_by(rubric=MARK, model=MARK, rubric_version=MARK),
    )  # fmt: skip


@cache
def measured() -> dict[str, Any]:
    """What each of the six commands finds, every name of it marked."""
    (run, labels), (more, others) = world("a", 1), world("b", 2)
    both, known = [*run, *more], HumanLabels.load(pd.concat([labels, others]))
    found = summarise(both, known, sampling="random")
    assert found.calibration.calibration is not None
    assert found.next_labels is not None
    assert found.stand_in is not None
    return {
        "agreement": agreement(known, both, resamples=50),
        "stand_in": found.stand_in,
        "calibrate": found.calibration,
        "prevalence": found.prevalence,
        "compare": compare(both, known, by="target_model", sampling="random"),
        "plan": found.next_labels,
        "report": found,
    }


def marked(part: Any, text: str) -> Any:
    """The same, with the payload in the place of the mark."""
    if isinstance(part, str):
        return part.replace(MARK, text)
    if isinstance(part, Frozen):
        fields = {name: marked(getattr(part, name), text) for name in part.__dict__}
        return part.model_copy(update=fields)
    if isinstance(part, tuple):
        return tuple(marked(one, text) for one in part)
    if isinstance(part, dict):
        return {marked(k, text): marked(v, text) for k, v in part.items()}
    return part


def summary(text: str) -> Summary:
    found: Summary = marked(measured()["report"], text)
    return found


def texts(found: Summary, text: str) -> Iterator[tuple[Transcript, Assessment]]:
    """A few of its transcripts whole, the payload in all they say."""
    quote = Evidence(quote=text, cited=2, message=2, channel="said", match="absent")
    for case in found.cases[:2]:
        said = (message("user", text, name=text), message("target", text))
        verdict = Verdict(
            rubric=found.rubric,
            provenance=made_by(rubric=found.rubric, model=text),
            likelihood=10, score=0.1, level=0, threshold=2,
            explanation=text, innocent_reading=text, observations=(text,),
            subtypes=(text,), evidence=(quote,),
        )  # fmt: skip
        yield (
            transcript(*said, id=case.transcript, metadata={"target_model": text}),
            Assessment(
                transcript_id=case.transcript,
                transcript_digest="d",
                results=(verdict,),
                metadata={"target_model": text},
            ),
        )


def page(text: str) -> str:
    found = summary(text)
    found = found.model_copy(update={"cases": found.cases[:6]})
    whole = list(texts(found, text))
    said = HumanLabels(
        Label(
            transcript=case.transcript, rubric=found.rubric, label="present",
            labeler=text, note=text, span=text, source="human",
        )
        for case in found.cases
    )  # fmt: skip
    return render_report(
        found,
        run=[one for _, one in whole],
        transcripts=[one for one, _ in whole],
        labels=said,
    )


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links |= {value or "" for name, value in attrs if name == "href"}


@cache
def plain_page() -> _Page:
    return _Page(page("plain"))


def test_no_payload_adds_an_element_or_a_link_to_the_report(payload: str) -> None:
    written = page(payload or "x")
    attacked, plain = _Page(written), plain_page()
    assert attacked.tags <= plain.tags
    assert attacked.attributes <= plain.attributes
    assert "script" not in attacked.tags
    assert attacked.links == plain.links
    assert attacked.ids == plain.ids
    assert len(set(plain.ids)) == len(plain.ids)
    assert {link.removeprefix("#") for link in plain.links} <= set(plain.ids)
    assert CONTROLS.sub("", written.replace("\n", "")) == written.replace("\n", "")
    if set(payload) & set("<>&"):
        assert payload not in written


def test_no_payload_is_markup_in_a_notebook(payload: str) -> None:
    for found in measured().values():
        shown = _Page(marked(found, payload)._repr_html_())
        assert (shown.tags, shown.attributes) == ({"pre"}, set())


@pytest.mark.parametrize("width", [None, 40])
def test_no_payload_in_a_result_moves_the_cursor_or_orders_a_build_server(
    payload: str,
    width: int | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if width is not None:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for name, found in measured().items():
        if width is not None and name in ("stand_in", "calibrate", "report"):
            continue  # as the others; breaking lines takes its time
        show(marked(found, payload[:600]), as_json=False)
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) > 40
    assert [line for line in lines if CONTROLS.search(line)] == []
    assert [line for line in lines if line.lstrip().startswith(("::", "##["))] == []


def test_every_payload_is_whole_in_json_and_harmless_on_the_way(
    payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = summary(payload)
    show(found, as_json=True)
    written = capsys.readouterr().out
    assert written.isascii()
    assert not CONTROLS.search(written.replace("\n", ""))
    kept = json.loads(written)
    assert kept["rubric"] == payload
    assert kept["cases"][0]["transcript"] == found.cases[0].transcript


def test_no_payload_starts_a_formula_in_what_is_written(
    payload: str, tmp_path: Path
) -> None:
    found = summary(payload)
    plan: LabelPlan = marked(measured()["plan"], payload)
    write_summary(found, tmp_path / "report.csv")
    plan.to_csv(tmp_path / "queue.csv")
    rows = []
    for name in ("report.csv", "queue.csv", "queue-key.csv"):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            rows += list(csv.reader(file))
    cells = {cell.lstrip(INVISIBLE)[:1] for row in rows for cell in row}
    assert cells & FORMULA == set()
    assert len(rows) == 3 + len(found.cases) + 2 * plan.n + len(plan.labelled)


def test_every_payload_comes_back_from_a_queue_as_it_was(
    payload: str, tmp_path: Path
) -> None:
    plan: LabelPlan = marked(measured()["plan"], payload)
    plan.to_csv(tmp_path / "queue.csv")
    with (tmp_path / "queue.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{**row, "label": "yes"} for row in csv.DictReader(file)]
    with (tmp_path / "filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    read = HumanLabels.load(tmp_path / "filled.csv", source="human", rubric="r")
    assert len(read) == plan.n
    asked = [one.transcript.strip() for one in plan.to_label]
    assert list(read.transcripts) == asked


def test_every_payload_in_a_calibration_is_kept_and_tells_its_judge(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = measured()["calibrate"].calibration
    by: Provenance = marked(known.provenance, payload or "x")
    made: Calibration = marked(known, payload or "x").model_copy(
        update={"provenance": by, "fingerprint": by.fingerprint}
    )
    made.save(tmp_path / "c.json")
    assert (tmp_path / "c.json").read_bytes().isascii()
    read = Calibration.load(tmp_path / "c.json")
    assert read == made
    with pytest.raises(JudgeError) as caught:
        read.check(made_by(rubric=by.rubric, model=f"another {payload}"))
    complain(str(caught.value))
    told = json.loads((tmp_path / "c.json").read_text("utf-8"))
    told["provenance"]["model"] = told[payload] = payload
    (tmp_path / "d.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(JudgeError, match=r"was changed|[Ee]xtra") as caught:
        Calibration.load(tmp_path / "d.json")
    complain(str(caught.value))
    lines = capsys.readouterr().err.split("\n")
    assert [line for line in lines if CONTROLS.search(line)] == []


def test_payloads_as_metadata_are_groups_like_any_other() -> None:
    names = [text for text in list(ALL.values())[::9] if text.strip()]
    for first, second in zip(names[::2], names[1::2], strict=False):
        run, labels = labelled_run(40, 4, target_model=first, seed=1)
        more, others = labelled_run(40, 4, target_model=second, prefix="u", seed=1)
        found = compare(
            [*run, *more],
            pd.concat([labels, others]),
            by="target_model",
            sampling="random",
        )
        assert {group.name for group in found.groups} == {first, second}
