from collections.abc import Iterator
from pathlib import Path

import pytest

from gcw_tiktok.runtime import Runtime
from orders.conftest import Pictures as Pictures
from orders.conftest import either_shop as either_shop
from orders.conftest import machine as machine
from orders.conftest import pictures as pictures
from orders.conftest import shop as shop
from webhooks.pushes import Receiving, receiving


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gcw knows its app at TikTok, and nothing else."""
    monkeypatch.setenv("GCW_TIKTOK_APP_KEY", "6abcdefghij12")
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", "the secret of an app in tests")


@pytest.fixture
def receiver(app: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiving]:
    """A receiver that listens, on each engine in turn."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    with receiving(Runtime()) as place:
        yield place
