"""A time without a pull is filled by the next one, and told once."""

from typing import Any

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Event, Store
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import gaps
from orders import at_once
from orders.shop import SKU, STORE, Shop

HOURS = 3600
Json = dict[str, Any]


def pulled(shop: Shop) -> Json:
    found: Json = shop.gcw("orders", "pull", "--json").json[0]
    return found


def later(shop: Shop, seconds: int) -> None:
    """Here and at TikTok."""
    shop.advance(seconds)
    shop.gcw.offset += seconds


def told(shop: Shop) -> list[str]:
    with shop.session() as session:
        return list(session.exec(select(Event.why).where(Event.what == gaps.FILLED)))


def test_what_changed_while_nobody_pulled_is_taken_in_and_told_once(either_shop: Shop) -> None:
    shop = either_shop
    shop.sandbox.order(SKU)
    assert pulled(shop)["gap"] is None  # nothing was there to be pulled before
    later(shop, 3 * HOURS)
    shop.sandbox.order(SKU, count=2)
    later(shop, 3 * HOURS + 1800)
    found = pulled(shop)
    assert (found["new"], found["gap"]["seconds"] // 60, found["gap"]["orders"]) == (2, 390, 3)
    assert "(6 h 30 min); 3 orders of that time are taken in." in found["gap"]["sentence"]
    assert told(shop) == [found["gap"]["sentence"]]
    assert pulled(shop)["gap"] is None
    assert len(told(shop)) == 1


def test_people_are_told_at_the_pull(shop: Shop) -> None:
    pulled(shop)
    later(shop, 26 * HOURS)
    assert "(1 d 2 h); 0 orders of that time are taken in." in shop.gcw("orders", "pull").stderr


def test_the_store_remembers_it(shop: Shop) -> None:
    pulled(shop)
    later(shop, 26 * HOURS)
    sentence = pulled(shop)["gap"]["sentence"]
    events = shop.gcw("store", "show", STORE, "--json").json["history"]
    assert events[0]["what"] == "connected"
    assert (events[-1]["what"], events[-1]["why"], events[-1]["data"]["orders"]) == (gaps.FILLED, sentence, 0)
    assert {"at", "who", "what", "why", "data"} == set(events[-1])
    assert gaps.FILLED in shop.gcw("store", "show", STORE).stdout
    for hours in range(25):
        shop.gcw("store", "edit", STORE, "--combine-hours", str(hours + 1))
    ran = shop.gcw("store", "show", STORE)
    assert gaps.FILLED not in ran.stdout
    assert "--json" in ran.stderr


def test_after_an_outage_the_gap_begins_with_the_last_pull_that_succeeded(shop: Shop) -> None:
    pulled(shop)
    for _ in range(3):
        later(shop, HOURS)
        shop.sandbox.order(SKU)
        shop.fault("/orders/search", "status", status=503, times=20)
        shop.gcw.fails(6, "orders", "pull", "--json")
        shop.sandbox.control("DELETE", "faults")
    gap = pulled(shop)["gap"]
    assert (gap["seconds"] // HOURS, gap["orders"]) == (3, 3)


def test_two_that_pull_at_once_find_the_gap_once(either_shop: Shop) -> None:
    shop = either_shop
    pulled(shop)
    with shop.session() as session:
        store = session.exec(select(Store)).one()
        store.pulled_at = (store.pulled_at or 0) - 5 * HOURS

    def work(gcw: Any, store: Store) -> Any:
        from gcw_tiktok.workflow.orders import intake

        act = Act("test", gcw.now())
        return intake.pull(gcw.database, gcw.client_for(store), gcw.seal, store, act).gap

    found = at_once.run(shop, work, lambda request: request.url.path.endswith("/orders/search"))
    assert sorted(gap is None for gap in found) == [False, True]
    assert len(told(shop)) == 1


@pytest.mark.parametrize(
    ("last", "every", "is_gap"),
    [
        (None, 0, False),
        (HOURS, 0, False),
        (HOURS + 1, 0, True),
        (3 * HOURS, HOURS, False),
        (3 * HOURS + 1, HOURS, True),
        (-10, 0, False),
    ],
)
def test_a_gap_is_more_than_an_hour_and_more_than_three_polls(
    shop: Shop, last: int | None, every: int, is_gap: bool
) -> None:
    with shop.session() as session:
        store = session.exec(select(Store)).one()
        now = 1_800_000_000
        store.pulled_at = None if last is None else now - last
        assert (gaps.close(session, Act("test", now), store, every) is not None) == is_gap
        assert store.pulled_at == now


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3600, "1 h"), (23_400, "6 h 30 min"), (93_600, "1 d 2 h"), (86_400, "1 d"), (59, "59 s"), (600, "10 min")],
)
def test_how_long_it_lasted_in_words(seconds: int, words: str) -> None:
    assert times.lasting(seconds) == words
