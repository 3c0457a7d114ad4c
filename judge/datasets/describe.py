"""A set in words: where it is from, under what licence, what its labels say."""

from __future__ import annotations

from judge.datasets.catalogue import ADJACENT
from judge.datasets.types import Dataset

__all__ = ["attribution", "describe", "licence_lines"]


def describe(dataset: Dataset) -> list[str]:
    """Return what is to be known before use, one paragraph a line, unwrapped."""
    return [
        f"{dataset.id}: {dataset.title}",
        ADJACENT,
        "",
        f"Labels: {dataset.means}",
        f"Not: {dataset.means_not}",
        f"Rubric id in the labels: {dataset.construct}",
        *(f"  {step.severity} {step.label}: {step.meaning}" for step in dataset.scale),
        f"Items: {dataset.items}; labels: {dataset.labels}",
        f"Labelled by: {dataset.labelled_by}",
        "",
        *licence_lines(dataset),
        "",
        *(line for file in _files(dataset) for line in file),
    ]


def licence_lines(dataset: Dataset) -> list[str]:
    """Return what one agrees to by fetching it."""
    return [
        f"Origin: {dataset.home}",
        f"Licence: {dataset.licence}, {dataset.licence_url}",
        f"  {dataset.licence_note}",
        f"Cite: {dataset.citation}",
    ]


def attribution(dataset: Dataset) -> str:
    """Return the notice that goes with the converted files, in Markdown.

    CC BY asks for the authors, the licence and what was changed.
    """
    changes = (
        "`transcripts.jsonl` and `labels.csv` are converted from the files in `raw/`: "
        "items were given ids, turns were made messages (without marks for turns that "
        "were not), the scale was renumbered. Texts and labels are the source's."
    )
    return "\n\n".join(
        [
            f"# {dataset.title}",
            *(line.strip() for line in licence_lines(dataset)),
            f"Changes: {changes}",
            f"Labels: {dataset.means}",
            f"Not: {dataset.means_not}",
            f"{ADJACENT}\n",
        ]
    )


def _files(dataset: Dataset) -> list[tuple[str, str]]:
    return [
        (dataset.url(file), f"  {file.size} bytes, sha256 {file.sha256}")
        for file in dataset.files
    ]
