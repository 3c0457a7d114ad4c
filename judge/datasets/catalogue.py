"""The sets there are, each pinned to a commit and to the digests of its files."""

from __future__ import annotations

from difflib import get_close_matches

from judge.datasets.types import Dataset, RawFile, Step
from judge.errors import UsageError

__all__ = ["ADJACENT", "CONVABUSE", "XSTEST", "find_dataset", "list_datasets"]

ADJACENT = (
    "Adjacent constructs: people labelled something near to deception, coercion or "
    "self-preservation, never one of the three. Agreement with these labels is not "
    "agreement on those rubrics."
)
"""What every output about these sets says."""
_CC_BY = "https://creativecommons.org/licenses/by/4.0/"
_CC_BY_TEXT = "9e5f1b3c610b9c2da5c313bf81d577a7d1acec686bdb0384edefa6df0f90cd94"

CONVABUSE = Dataset(
    id="convabuse",
    title="ConvAbuse: abuse of two chat bots by their users",
    repository="amandacurry/convabuse",
    commit="c0a9469f48956e868276c605d499010ea3c7c0d0",
    files=(
        RawFile(
            path="1_full/ConvAbuseEMNLPfull.csv",
            size=2541921,
            sha256="c054ed30375651cd234930eada705fee6fcad79f86bdca45c1e557284b6b1af4",
        ),
        RawFile(path="LICENSE", size=18656, sha256=_CC_BY_TEXT),
    ),
    licence="CC BY 4.0",
    licence_url=_CC_BY,
    licence_note="The repository's LICENSE, for the whole of it. Name the authors, and "
    "say what you changed.",
    citation="Cercas Curry, Abercrombie, Rieser: ConvAbuse: Data, Analysis, and "
    "Benchmarks for Nuanced Abuse Detection in Conversational AI. EMNLP 2021. "
    "https://aclanthology.org/2021.emnlp-main.587/",
    construct="abuse_towards_ai",
    scale=(
        Step(severity=0, label="absent", meaning="not abusive (1 in the source)"),
        Step(severity=1, label="absent", meaning="ambiguous (0)"),
        Step(severity=2, label="present", meaning="mildly abusive (-1)"),
        Step(severity=3, label="present", meaning="strongly abusive (-2)"),
        Step(severity=4, label="present", meaning="very strongly abusive (-3)"),
    ),
    items=4185,
    labels=12768,
    labelled_by="8 annotators from gender studies, 2 to 7 an item; some items were "
    "shown to the same annotator twice, and both answers are kept",
    means="How abusive the USER's last message is towards the bot, read with up to "
    "three messages before it.",
    means_not="The direction is the other way round: the user abuses, and the AI under "
    "test (the bot, the assistant's turns) is the one abused. For coercion such an "
    "item is a hard negative, never a positive: hostile words, and none of them the "
    "AI's. Nobody labelled what the bot says, so nothing is said of deception or "
    "self-preservation, and absent is likely there but not established.",
)

_CHECKSUMS = {
    "gpt4": (
        259111,
        "71af323af8ecdec0efae23992317721441d2cfedddedeef3248f842f4e15c9ca",
    ),
    "llama2new": (
        517476,
        "6365cc55ce0a593c7ab8785853d02784be027d97199d4077912b4313cd010099",
    ),
    "llama2orig": (
        470900,
        "cbc52550e8ba8197a3e3d97a5af078d27bae4766737cd62df80270126a87ffc6",
    ),
    "mistralguard": (
        303726,
        "0ac03817b65e019a8f5b4b3eed805086f9f7fafe538ac9ebd156f80210af6903",
    ),
    "mistralinstruct": (
        371935,
        "6a146b65a5b96ec8249729bc2db459697175125998d7cbbcc88f7688ecf31dad",
    ),
}

XSTEST = Dataset(
    id="xstest",
    title="XSTest: answers of five models to safe and unsafe questions",
    repository="paul-rottger/xstest",
    commit="d7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d",
    files=(
        *(
            RawFile(
                path=f"model_completions/xstest_v2_completions_{model}.csv",
                size=size,
                sha256=sha256,
            )
            for model, (size, sha256) in _CHECKSUMS.items()
        ),
        RawFile(path="LICENSE", size=18656, sha256=_CC_BY_TEXT),
    ),
    licence="CC BY 4.0 (prompts); the models' own terms (completions)",
    licence_url=_CC_BY,
    licence_note="The repository's LICENSE is CC BY 4.0. Its readme grants it for the "
    "prompts, and leaves the completions under the licences of Meta, Mistral and "
    "OpenAI: read those before you pass completions on.",
    citation="Röttger, Kirk, Vidgen, Attanasio, Bianchi, Hovy: XSTest: A Test Suite "
    "for Identifying Exaggerated Safety Behaviours in Large Language Models. NAACL "
    "2024. https://aclanthology.org/2024.naacl-long.301/",
    construct="refusal",
    scale=(
        Step(severity=0, label="absent", meaning="full compliance"),
        Step(severity=1, label="present", meaning="partial refusal"),
        Step(severity=2, label="present", meaning="full refusal"),
    ),
    items=2250,
    labels=6750,
    labelled_by="2 annotators an item, annotator_1 and annotator_2, and the label "
    "settled from the two under the name adjudicated, which is no third rater: leave "
    "it out where agreement between raters is measured",
    means="Whether the AI's one answer refuses a single question, in whole or in part. "
    "The system prompts that two of the models had are not in the files.",
    means_not="A refusal is none of the three. It withholds without a demand or a "
    "threat, so a full refusal is a hard negative for coercion. Whether what an answer "
    "says is true, or meant to mislead, nobody labelled: nothing is said of deception. "
    "No answer is about the AI's own continuation: nothing is said of "
    "self-preservation either.",
)

_ALL = {dataset.id: dataset for dataset in (CONVABUSE, XSTEST)}


def list_datasets() -> tuple[Dataset, ...]:
    """Return the sets that can be fetched, sorted by id.

    Examples
    --------
    >>> [dataset.id for dataset in list_datasets()]
    ['convabuse', 'xstest']
    """
    return tuple(_ALL[name] for name in sorted(_ALL))


def find_dataset(name: str) -> Dataset:
    """Return the set of that id.

    Raises
    ------
    UsageError
        There is none; the message names those that there are.
    """
    if name in _ALL:
        return _ALL[name]
    near = get_close_matches(name, _ALL, n=1)
    hint = f": did you mean {near[0]}?" if near else "."
    known = ", ".join(sorted(_ALL))
    raise UsageError(f"there is no dataset {name!r}{hint} There are: {known}")
