"""A browser for the tests of the page, and a desk to open in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.browser import Tab, browser_path, browsing, launched
from tests.support.desk import Opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; of one module alone, for it keeps an event loop in this thread."""
    if browser_path() is None:
        reason = "needs Chromium (on Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def used(chromium: Browser) -> BrowserContext:
    return chromium.new_context()


@pytest.fixture
def tabs(
    chromium: Browser, used: BrowserContext, opened: Opened
) -> Iterator[Callable[..., Tab]]:
    """Opens the desk for a labeler by name, each in a browser of their own."""
    with browsing(chromium, opened.origin, first=used) as tab:
        yield lambda name, **settings: tab(opened.tokens[name], **settings)


@pytest.fixture
def ann(tabs: Callable[..., Tab]) -> Tab:
    """Ann, at the first place of her queue."""
    return tabs("ann")
