"""What becomes of free samples is the store's policy, and a person can decide otherwise about each."""

from typing import Any

import pytest
from sqlmodel import col, select

from gcw_tiktok.store.tables import Event
from orders.shop import OTHER_SKU, SKU, STORE, Shop


def sample(shop: Shop, **more: Any) -> str:
    return shop.ready(is_sample_order=True, **more)


def policy(shop: Shop, word: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.gcw("store", "edit", STORE, "--samples", word, "--json").json
    return found


def results(shop: Shop, *more: str) -> list[str]:
    return [one["result"] for one in shop.gcw("orders", "release", "--json", *more).json]


def where(shop: Shop, order_id: str) -> tuple[str, list[str]]:
    return shop.stage(order_id), shop.holds(order_id)


def test_samples_are_held_until_somebody_decides_about_each(either_shop: Shop) -> None:
    shop = either_shop
    order_id, bought = sample(shop), shop.ready()
    assert where(shop, order_id) == ("received", ["sample_policy"])
    (hold,) = shop.order(order_id)["holds"]
    assert hold["command"] == f"gcw orders release {order_id} --yes"
    assert f'gcw store edit "{STORE} Prints" --samples make' in hold["sentence"]
    assert results(shop) == ["released"]
    assert shop.folders() == [f"TTS-{bought}"]
    assert results(shop, order_id, "--yes") == ["released"]
    assert where(shop, order_id) == ("created", [])


def test_where_they_are_made_they_go_like_any_order(shop: Shop) -> None:
    order_id = sample(shop)
    assert policy(shop, "make") == {"name": f"{STORE} Prints", "samples": "make", "changed": True, "samples_waiting": 1}
    assert where(shop, order_id) == ("passed", [])
    assert results(shop) == ["released"]


def test_where_they_are_ignored_they_are_recorded_and_never_made(either_shop: Shop) -> None:
    shop = either_shop
    policy(shop, "ignore")
    order_id = sample(shop, lines=[{"seller_sku": SKU}, {"seller_sku": OTHER_SKU}])
    assert where(shop, order_id) == ("received", [])
    (row,) = shop.gcw("orders", "list", "--json").json
    assert (row["kind"], row["ignored"]) == ("sample", "all")
    rules = {line["ignored"] for line in shop.order(order_id)["lines"]}
    assert rules == {"sample policy: The store leaves samples to somebody else."}
    assert results(shop) == []
    assert "ignored" in shop.gcw.fails(4, "orders", "release", order_id).stderr
    after = shop.gcw("orders", "explain", order_id, "--json").json["next"]["sentence"]
    assert "wants a tracking number" in after
    assert f"gcw orders ship {order_id} --line LINE" in after
    assert shop.folders() == []
    for line in shop.lines(order_id):
        shop.gcw(*shop.ship(order_id, "--line", line))
    assert shop.stage(order_id) == "shipped"


def test_one_of_those_that_are_ignored_can_be_released(shop: Shop) -> None:
    policy(shop, "ignore")
    order_id, other = sample(shop), sample(shop)
    assert results(shop, order_id, "--yes") == ["released"]
    assert shop.folders() == [f"TTS-{order_id}"]
    assert where(shop, other) == ("received", [])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("hold", "ignore", ("received", [])),
        ("ignore", "hold", ("received", ["sample_policy"])),
        ("ignore", "make", ("passed", [])),
        ("make", "ignore", ("received", [])),
        ("make", "hold", ("received", ["sample_policy"])),
    ],
)
def test_another_policy_looks_again_at_those_that_wait_and_at_no_others(
    shop: Shop, before: str, after: str, expected: tuple[str, list[str]]
) -> None:
    policy(shop, before)
    released, waiting, bought = sample(shop), sample(shop), shop.ready()
    shop.gcw("orders", "release", released, "--yes")
    policy(shop, after)
    assert where(shop, waiting) == expected
    assert where(shop, released) == ("created", [])
    assert where(shop, bought) == ("passed", [])


def test_the_same_policy_again_changes_nothing_and_the_history_tells_of_changes(shop: Shop) -> None:
    assert [policy(shop, word)["changed"] for word in ("hold", "ignore", "ignore", "make", "ignore")] == [
        False, True, False, True, True,
    ]  # fmt: skip
    with shop.session() as session:
        told = session.exec(select(Event.what).where(col(Event.subject).startswith("store:"))).all()
    assert [what for what in told if what.startswith("samples")] == [
        "samples: ignore", "samples: make", "samples: ignore",
    ]  # fmt: skip
    assert shop.gcw("store", "show", STORE, "--json").json["samples"] == "ignore"


def test_a_policy_must_be_given(shop: Shop) -> None:
    assert "--samples make" in shop.gcw.fails(4, "store", "edit", STORE, "--json").error["hint"]
    shop.gcw.fails(2, "store", "edit", STORE, "--samples", "sell")


def test_a_buyers_request_about_an_ignored_sample_is_put_to_a_person(shop: Shop) -> None:
    policy(shop, "ignore")
    order_id = sample(shop)
    shop.do(order_id, "request-cancel")
    shop.gcw("orders", "pull")
    (waiting,) = shop.gcw("orders", "cancellations", "--json").json
    assert waiting["propose"] == "decide"
