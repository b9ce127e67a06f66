from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import Gcw, Sandbox, configured, set_up
from gcw_tiktok.web import serving
from pages import chromium_browser, chromium_page
from portal.visit import Pages, pages_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def pages(connected: Gcw, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages of a PSP whose customer Paper Harbor has connected its store."""
    with pages_of(connected, sandbox) as found:
        yield found


@pytest.fixture
def either_pages(
    home: Path, database_url: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pages]:
    """The same as `pages`, on each engine in turn."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    gcw = set_up(configured(sandbox), sandbox, tmp_path / "hand-off", monkeypatch)
    with pages_of(gcw, sandbox) as found:
        yield found


@pytest.fixture
def empty_pages(gcw: Gcw, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages of a PSP with one customer, no facility and no store yet."""
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    with pages_of(gcw, sandbox) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    yield from chromium_browser()


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    yield from chromium_page(chromium, 1280)


@pytest.fixture
def address(pages: Pages) -> Iterator[str]:
    """Where `pages` are served for a browser."""
    with serving.serving(pages.app, "127.0.0.1", 0) as found:
        yield found.replace("127.0.0.1", "localhost")
