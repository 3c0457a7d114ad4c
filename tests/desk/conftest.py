"""A desk with three transcripts, two labelers and a lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from tests.support.builders import rubric
from tests.support.desk import Opened, served, talks


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with Ledger(tmp_path / "labels.sqlite", timeout=0.2) as ledger:
        items = [Item("t1", inclusion=0.5), Item("t2"), Item("t3")]
        desk = Desk.opened(ledger, rubric(), talks(), items=items)
        desk.deal(["ann", "bob"], overlap=2, repeats=0.0, seed=1)
        with served(desk, "ann", "bob") as running:
            yield running
