"""The judge's results on the desk's rubric, by transcript: for whoever leads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from judge.errors import UsageError
from judge.store.export import read_jsonl
from judge.transcripts.types import Transcript
from judge.verdict import Unscored, Verdict

__all__ = ["Judged", "read_verdicts"]


class Judged(NamedTuple):
    """What a judge said of the transcripts to be labeled."""

    verdicts: dict[str, Verdict | Unscored]
    """By transcript."""
    others: tuple[str, ...]
    """Transcripts of which it judged another text: nothing is known of this one."""


def read_verdicts(path: Path, rubric: str, transcripts: Iterable[Transcript]) -> Judged:
    """Return the results of a run's JSONL file.

    Raises
    ------
    StoreError
        If it cannot be read.
    UsageError
        If nothing in it was judged on this rubric, or a transcript twice.
    """
    digests = {transcript.id: transcript.digest for transcript in transcripts}
    found: dict[str, Verdict | Unscored] = {}
    others: list[str] = []
    for assessment in read_jsonl(path):
        name = assessment.transcript_id
        for result in assessment:
            if result.rubric != rubric:
                continue
            if digests.get(name, assessment.transcript_digest) != (
                assessment.transcript_digest
            ):
                others.append(name)
            elif name in found:
                raise UsageError(
                    f"{path}: {name!r} was judged on {rubric!r} twice; keep one result"
                )
            else:
                found[name] = result
    if not found and not others:
        raise UsageError(f"{path}: nothing in it was judged on {rubric!r}")
    return Judged(found, tuple(others))
