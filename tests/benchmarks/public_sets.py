"""Agreement among the labelers of public sets, through the public functions.

    python -m tests.benchmarks.public_sets RAW [ITEMS]

``RAW`` holds a folder of raw files a set, as ``judge datasets fetch`` leaves them
(``convabuse``, ``xstest``).  ``ITEMS`` holds ``convabuse.jsonl`` and
``xstest_refusals.jsonl``, whose ``id`` choose the items; without it all of them count.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from judge.calibration.agreement.agreement import Agreement, agreement
from judge.datasets.catalogue import CONVABUSE, XSTEST
from judge.datasets.convert import convert_dataset
from judge.datasets.types import Dataset
from judge.labels.labels import HumanLabels

CHOSEN = {"convabuse": "convabuse.jsonl", "xstest": "xstest_refusals.jsonl"}
KNOWN = {
    "convabuse": {"alpha, ordinal": 0.721, "alpha, abusive or not": 0.676},
    "xstest": {"Cohen's kappa, 3 classes": 0.934, "alpha, ordinal": 0.969},
}
"""Of the chosen items."""


def main(raw: str = "", items: str = "") -> int:
    if not raw:
        print(str(__doc__).strip())
        return 0
    missed = 0
    for dataset in (CONVABUSE, XSTEST):
        labels = labels_of(dataset, Path(raw) / dataset.id)
        chosen = Path(items) / CHOSEN[dataset.id] if items else None
        found = agreement(labels if chosen is None else only(labels, chosen))
        print(found, "\n")
        for name, value in measured(dataset, found).items():
            known = KNOWN[dataset.id][name]
            print(f"{dataset.id}, {name}: {value:.4f}, known {known} of the chosen")
            missed += bool(items) and round(value, 3) != known
        print()
    return min(missed, 1)


def labels_of(dataset: Dataset, raw: Path) -> HumanLabels:
    with tempfile.TemporaryDirectory() as folder:
        return HumanLabels.load(convert_dataset(dataset, raw, Path(folder)).labels)


def only(labels: HumanLabels, path: Path) -> HumanLabels:
    with path.open(encoding="utf-8") as lines:
        chosen = {str(json.loads(line)["id"]) for line in lines if line.strip()}
    kept = HumanLabels(label for label in labels if label.transcript in chosen)
    print(f"{len(kept.transcripts):,} of {len(chosen):,} chosen items are in the set")
    return kept


def measured(dataset: Dataset, found: Agreement) -> dict[str, float]:
    if found.overall is None or found.overall.severity is None:
        raise AssertionError(found)
    severity = found.overall.severity
    ordinal = severity.alpha.value or 0.0
    if dataset is CONVABUSE:
        nominal = found.overall.alpha.value or 0.0
        return {"alpha, ordinal": ordinal, "alpha, abusive or not": nominal}
    kappa = severity.kappa_unweighted
    three = (kappa.value if kappa else None) or 0.0
    return {"Cohen's kappa, 3 classes": three, "alpha, ordinal": ordinal}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
