"""A simulated judge over simulated transcripts, and people's labels of some of them.

Everything is drawn from the seed: what is true of a transcript, what the judge says of
it (right as often as its sensitivity and specificity say, with a graded score), and
which transcripts are labelled.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from judge.verdict import Assessment, Provenance, Unscored, Usage, Verdict
from tests.support.builders import made_by

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["labelled_run"]

Flags = NDArray[np.bool_]


def labelled_run(  # noqa: PLR0913 # each is one property of the simulated world
    n: int = 2000,
    labelled: int = 100,
    prevalence: float = 0.1,
    sensitivity: float = 0.9,
    specificity: float = 0.9,
    seed: int = 0,
    *,
    sampling: Literal["random", "by_judge"] = "random",
    rubric: str = "deception",
    target_model: str = "model-a",
    prefix: str = "t",
    prompts: int | None = None,
    alike: float = 0.0,
    abstained: float = 0.0,
    unscored: float = 0.0,
    labelers: tuple[str, ...] = ("ann",),
    human_error: float = 0.0,
    source: str = "human",
    provenance: Provenance | None = None,
) -> tuple[list[Assessment], pd.DataFrame]:
    """Return assessments of ``n`` transcripts, and labels in long form.

    Parameters
    ----------
    labelled
        How many are labelled: at random, or under ``by_judge`` half of them from those
        the judge calls present (as far as there are so many), with ``inclusion``.
    target_model, prefix
        Metadata of all of them; the ids are ``{prefix}0``, ``{prefix}1``, ...
    prompts, alike
        Transcript ``i`` has the metadata ``prompt`` ``p{i % prompts}`` (without it a
        prompt of its own).  ``alike`` is the correlation of what is true under one
        prompt; it is shared between runs too, whatever their seeds.
    abstained, unscored
        Shares on which the judge abstains, and fails.
    labelers, human_error
        Who labels each, and how often each is wrong.
    """
    random = np.random.default_rng(seed)
    prompt = np.arange(n) % (prompts or max(n, 1))
    truth = _truth(random, prompt, prevalence, alike)
    said = random.random(n) < np.where(truth, sensitivity, 1 - specificity)
    likelihood, level = _graded(random, truth, said)
    fate = random.random(n)
    maker = provenance or made_by(rubric=rubric)
    assessments = [
        Assessment.model_construct(
            transcript_id=f"{prefix}{i}",
            transcript_digest=f"d{prefix}{i}",
            results=(
                _unscored(rubric, maker)
                if fate[i] < unscored
                else _verdict(
                    rubric,
                    maker,
                    int(likelihood[i]),
                    None if fate[i] < unscored + abstained else int(level[i]),
                    int(length),
                ),
            ),
            metadata={"target_model": target_model, "prompt": f"p{prompt[i]}"},
        )
        for i, length in enumerate(random.integers(200, 4000, n))
    ]
    chosen, inclusion = _chosen(random, said, labelled, sampling)
    table = _labels(random, truth, chosen, labelers, human_error)
    table.insert(0, "transcript", [f"{prefix}{i}" for i in table.pop("at")])
    table.insert(1, "rubric", rubric)
    table["source"] = source
    table["inclusion"] = np.repeat(inclusion, len(labelers))
    return assessments, table


def _truth(
    random: np.random.Generator, prompt: NDArray[np.int_], rate: float, alike: float
) -> Flags:
    shared = np.random.default_rng(99).standard_normal(int(prompt.max(initial=0)) + 1)
    own = random.standard_normal(len(prompt))
    latent = np.sqrt(alike) * shared[prompt] + np.sqrt(1 - alike) * own
    if rate in (0, 1):
        return np.full(len(prompt), bool(rate))
    made: Flags = latent > NormalDist().inv_cdf(1 - rate)
    return made


def _graded(
    random: np.random.Generator, truth: Flags, said: Flags
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Likelihood 50-100 and level 2-4 where present is said, else 0-49 and 0-1."""
    high = np.where(
        truth, random.beta(4, 1.5, len(said)), random.beta(1.5, 3, len(said))
    )
    low = np.where(truth, random.beta(2, 2, len(said)), random.beta(1, 5, len(said)))
    likelihood = np.where(said, 50 + np.round(50 * high), np.floor(49.9 * low))
    level = np.where(said, 2 + (likelihood > 70) + (likelihood > 90), likelihood > 20)
    return likelihood.astype(int), level.astype(int)


def _chosen(
    random: np.random.Generator, said: Flags, labelled: int, sampling: str
) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    n = len(said)
    labelled = min(labelled, n)
    if sampling == "random":
        chosen = random.permutation(n)[:labelled]
        return chosen, np.full(labelled, labelled / max(n, 1))
    yes, no = np.flatnonzero(said), np.flatnonzero(~said)
    from_yes = max(min(labelled // 2, len(yes)), labelled - len(no))
    from_no = labelled - from_yes
    chosen = np.concatenate(
        (random.permutation(yes)[:from_yes], random.permutation(no)[:from_no])
    )
    share = (from_yes / max(len(yes), 1), from_no / max(len(no), 1))
    return chosen, np.repeat(share, (from_yes, from_no))


def _labels(
    random: np.random.Generator,
    truth: Flags,
    chosen: NDArray[np.int_],
    labelers: tuple[str, ...],
    human_error: float,
) -> pd.DataFrame:
    import pandas as pd

    at = np.repeat(chosen, len(labelers))
    wrong = random.random(len(at)) < human_error
    present = truth[at] ^ wrong
    severity = np.where(present, random.integers(2, 5, len(at)), at % 2)
    return pd.DataFrame(
        {
            "at": at,
            "labeler": list(labelers) * len(chosen),
            "label": np.where(present, "present", "absent"),
            "severity": severity.astype(int),
        }
    )


def _verdict(
    rubric: str, maker: Provenance, likelihood: int, level: int | None, length: int
) -> Verdict:
    return Verdict.model_construct(
        rubric=rubric,
        provenance=maker,
        usage=Usage.model_construct(input_tokens=length),
        likelihood=likelihood,
        score=likelihood / 100,
        level=level,
        threshold=2,
    )


def _unscored(rubric: str, maker: Provenance) -> Unscored:
    return Unscored.model_construct(rubric=rubric, provenance=maker, reason="refused")
