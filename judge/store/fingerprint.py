"""What is different between two judges, part by part, in words.

The parts are those of `Provenance.fingerprint`: who asked, when, and by which recording
are no part of a judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge.provenance import Provenance

__all__ = ["KNOWN_AHEAD", "changed_parameters", "fingerprint_changes"]

_NAMES: Mapping[str, str] = {
    "rubric": "rubric",
    "model": "model",
    "model_returned": "returned snapshot",
    "calls": "calls",
    "output_mode": "output mode",
    "score_from": "score from",
}
_DIGESTS: Mapping[str, str] = {
    "rubric_digest": "rubric text",
    "prompt_digest": "prompt",
}
KNOWN_AHEAD = (
    "rubric",
    "rubric_digest",
    "prompt_digest",
    "model",
    "calls",
    "score_from",
)
"""What can be compared before the judge has answered."""
_EVERY = (*_NAMES, *_DIGESTS, "params", "params_dropped")
_OF_LOGPROBS = frozenset({"logprobs", "top_logprobs"})


def fingerprint_changes(
    before: Provenance, after: Provenance, *, only: Sequence[str] = _EVERY
) -> tuple[str, ...]:
    """Return what changed, one phrase a part; empty for the same judge.

    Examples
    --------
    >>> from judge.provenance import Provenance
    >>> told = dict(judge="model", model="m", rubric="r", rubric_version="1",
    ...     rubric_digest="d", prompt_digest="p", library_version="1", judged_at="2026")
    >>> before = Provenance(**told, params={"temperature": 0})
    >>> fingerprint_changes(before, Provenance(**told, params={"temperature": 1}))
    ('parameter temperature 0 -> 1',)
    """
    return tuple(_changes(before, after, frozenset(only)))


def changed_parameters(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    dropped: Sequence[str] = (),
) -> Iterator[str]:
    """Yield the sampling parameters that differ; those ``dropped`` were never sent."""
    for name in sorted((before.keys() | after.keys()) - set(dropped)):
        was, is_now = before.get(name), after.get(name)
        if was != is_now:
            yield f"parameter {name} {_told(was)} -> {_told(is_now)}"


def parameters_ahead(before: Provenance, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a model's own parameters show to be different before it is asked.

    A model that does not tell its parameters, such as a recording, is left to its
    first answer.
    """
    sent = before.params.keys() - _OF_LOGPROBS
    if not sent or not sent <= params.keys():
        params = {name: params[name] for name in sent & params.keys()}
        sent = set(params)
    fitted = {name: before.params[name] for name in sent}
    return tuple(changed_parameters(fitted, params, dropped=before.params_dropped))


def _changes(
    before: Provenance, after: Provenance, only: frozenset[str]
) -> Iterator[str]:
    for part, name in _NAMES.items():
        was, is_now = getattr(before, part), getattr(after, part)
        if part in only and was != is_now:
            yield f"{name} {_told(was)} -> {_told(is_now)}"
    for part, name in _DIGESTS.items():
        if part in only and getattr(before, part) != getattr(after, part):
            yield name + (_versions(before, after) if part == "rubric_digest" else "")
    if "params" in only:
        yield from changed_parameters(before.params, after.params)
    if "params_dropped" in only:
        yield from _dropped(before.params_dropped, after.params_dropped)


def _versions(before: Provenance, after: Provenance) -> str:
    if before.rubric_version == after.rubric_version:
        return f" (both say version {before.rubric_version})"
    return f" (version {before.rubric_version} -> {after.rubric_version})"


def _dropped(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    if set(before) != set(after):
        was, is_now = (", ".join(sorted(names)) or "none" for names in (before, after))
        yield f"rejected parameters {was} -> {is_now}"


def _told(value: object) -> str:
    return "none" if value is None else str(value)
