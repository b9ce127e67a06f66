"""Killed at any moment, the same command run again gives the same final state."""

import shutil
from pathlib import Path

import pytest

from orders import killing
from orders.conftest import Pictures, machine, open_shop
from orders.shop import OTHER_SKU, SKU, Shop, put_back, take


class Stand:
    """One state to start from on one engine, as often as wanted; and what the command makes of it undisturbed."""

    def __init__(self, pictures: Pictures, engine: str, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.shop = open_shop(pictures, engine, patch)
        self._pictures, self._engine, self._patch, self._folder = pictures, engine, patch, folder

    def keep(self) -> None:
        """The shop as it is now is where every run starts."""
        self._picture = take(self.shop, self._folder, self.shop.database_url.rpartition("/")[2].partition("?")[0])

    def again(self) -> Shop:
        if self._engine == "postgresql":
            url = self._pictures.copy(self._picture.database)
            machine(self._patch, self.shop.home, url)
            return put_back(self._picture, self.shop, url)
        return put_back(self._picture, self.shop, self.shop.database_url)

    def survives(self, *command: str, every: int = 1, after: tuple[str, ...] = ()) -> int:
        """How many places there are to be killed at: at every one of them, or each n-th, the state came out the same."""
        shop = self.again()
        places = killing.run(shop, command)
        if after:
            shop.gcw(*after)
        expected = shop.state()
        for at in range(1, len(places) + 1, every):
            shop = self.again()
            assert killing.run(shop, command, at) == places[:at]
            shop.gcw(*command)
            if after:
                shop.gcw(*after)
            assert shop.state() == expected, f"killed {places[at - 1]}, number {at} of {len(places)}"
        return len(places)


@pytest.fixture
def stand(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    return Stand(pictures, "sqlite", monkeypatch, tmp_path)


@pytest.fixture
def postgres_stand(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    return Stand(pictures, "postgresql", monkeypatch, tmp_path)


def many_kinds(shop: Shop) -> None:
    """More orders than one call reads; with each kind of state among them."""
    shop.sandbox.order(SKU, 2)
    shop.sandbox.order(OTHER_SKU)
    shop.sandbox.order(SKU, count=50)
    shop.sandbox.ready_order(SKU, 2)
    shop.sandbox.ready_order(OTHER_SKU)
    cancelled = shop.sandbox.ready_order(SKU, 2)
    shop.do(cancelled, "request-cancel")


def test_pull(stand: Stand) -> None:
    many_kinds(stand.shop)
    stand.keep()
    assert stand.survives("orders", "pull") > 10


def test_release(stand: Stand) -> None:
    for _ in range(2):
        stand.shop.ready(2)
    stand.keep()
    assert stand.survives("orders", "release") > 30


def test_ship(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    stand.keep()
    assert stand.survives(*stand.shop.ship(order_id), after=("orders", "pull")) > 10


def test_release_of_what_may_no_longer_be_printed(stand: Stand) -> None:
    cancelled, edited = stand.shop.ready(2), stand.shop.ready()
    stand.shop.do(cancelled, "request-cancel")
    stand.shop.do(edited, "edit-address")
    stand.keep()
    assert stand.survives("orders", "release", after=("orders", "release")) > 10


def test_shipping_a_part(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    command = stand.shop.ship(order_id, "--line", stand.shop.lines(order_id)[0])
    stand.keep()
    assert stand.survives(*command, after=("orders", "pull")) > 10


@pytest.mark.parametrize("command", ["pull", "release", "ship"])
def test_on_postgresql(postgres_stand: Stand, command: str) -> None:
    shop = postgres_stand.shop
    order_id = shop.released(2) if command == "ship" else shop.ready(2)
    shop.sandbox.ready_order(SKU)
    postgres_stand.keep()
    words = shop.ship(order_id) if command == "ship" else ("orders", command)
    assert postgres_stand.survives(*words, every=3, after=("orders", "pull")) > 10
