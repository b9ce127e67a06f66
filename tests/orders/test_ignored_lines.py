"""What is ignored holds no order, is never printed, and is never told to TikTok as shipped unasked."""

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Ignored, Line
from orders.shop import NUMBER, OTHER_SKU, SKU, STORE, UID, Shop

MIXED = [{"seller_sku": SKU, "quantity": 1}, {"seller_sku": OTHER_SKU, "quantity": 1}]


def ignore(shop: Shop, *words: str) -> None:
    shop.gcw("products", "ignore", STORE, *words, "--why", "Made elsewhere")


def undo(shop: Shop, *words: str) -> None:
    shop.gcw("products", "ignore", STORE, *words, "--undo")


def results(shop: Shop, *more: str) -> list[str]:
    return [one["result"] for one in shop.gcw("orders", "release", "--json", *more).json]


def by_sku(shop: Shop, order_id: str) -> dict[str, str]:
    return {line["seller_sku"]: line["line"] for line in shop.order(order_id)["lines"]}


def listed(shop: Shop) -> dict[str, str]:
    return {row["order"]: row["ignored"] for row in shop.gcw("orders", "list", "--json").json}


def printed(shop: Shop, order_id: str) -> list[str]:
    return [item["itemReferenceId"] for item in shop.document(order_id)["items"]]


def title(shop: Shop, sku: str) -> str:
    products = shop.world.sellers[0].shops[0].products
    return next(one.title for one in products if any(sku == each.seller_sku for each in one.skus))


@pytest.mark.parametrize("scope", ["line", "variant", "listing"])
def test_an_order_with_a_connected_and_an_ignored_line_is_released_with_one_unit(either_shop: Shop, scope: str) -> None:
    shop = either_shop
    order_id = shop.ready(lines=MIXED)
    assert shop.holds(order_id) == ["not_connected"]
    lines = by_sku(shop, order_id)
    words = {
        "line": ("--line", lines[OTHER_SKU]), "variant": (OTHER_SKU,), "listing": ("--listing", title(shop, OTHER_SKU)),
    }[scope]  # fmt: skip
    ignore(shop, *words)
    assert results(shop) == ["released"]
    assert printed(shop, order_id) == [lines[SKU]]
    assert (shop.stage(order_id), shop.holds(order_id)) == ("created", [])
    assert listed(shop) == {order_id: "1 of 2"}
    with shop.session() as session:
        (why,) = session.exec(select(Ignored))
        left_out = {line.line_id: line.ignored_id for line in session.exec(select(Line))}
    assert left_out == {lines[SKU]: None, lines[OTHER_SKU]: why.id}
    shown = {line["line"]: line["ignored"] for line in shop.order(order_id)["lines"]}
    assert shown == {lines[SKU]: "", lines[OTHER_SKU]: f"{scope}: Made elsewhere"}
    assert results(shop) == []


def test_no_longer_ignored_before_the_release_holds_the_order_again(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(lines=MIXED)
    ignore(shop, OTHER_SKU)
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("passed", [])
    undo(shop, OTHER_SKU)
    assert results(shop) == []
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", ["not_connected"])
    assert shop.folders() == []


def test_ignoring_after_the_release_changes_nothing_of_what_was_released(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    before = [(line["line"], line["stage"], line["version"]) for line in shop.order(order_id)["lines"]]
    line = shop.lines(order_id)[0]
    refused = shop.gcw.fails(4, "products", "ignore", STORE, "--line", line, "--json").error
    assert "is created: that stays as it is" in refused["message"]
    ignore(shop, SKU, "--listing", title(shop, SKU))
    shop.gcw("orders", "pull", "--since", "1d")
    assert [(line["line"], line["stage"], line["version"]) for line in shop.order(order_id)["lines"]] == before
    assert listed(shop) == {order_id: ""}
    shop.gcw(*shop.ship(order_id))
    assert shop.stage(order_id) == "shipped"


def test_what_was_left_out_at_the_release_stays_so_until_its_line_is_taken_back(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(lines=MIXED)
    lines = by_sku(shop, order_id)
    ignore(shop, OTHER_SKU)
    assert results(shop) == ["released"]
    undo(shop, OTHER_SKU)
    shop.connect_other()
    assert results(shop) == []
    assert shop.stage(order_id) == "created"
    undo(shop, "--line", lines[OTHER_SKU])
    assert results(shop) == ["released"]
    assert shop.folders() == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    assert listed(shop) == {order_id: ""}
    assert "line no longer ignored" in shop.history(order_id)


def test_an_order_of_ignored_lines_only_is_not_ours_to_make(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(2, sku=OTHER_SKU)
    ignore(shop, OTHER_SKU)
    assert results(shop) == []
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", [])
    assert listed(shop) == {order_id: "all"}
    assert shop.order(order_id)["ignored"] == "all of it: nothing of this order is made here"
    assert shop.gcw("orders", "list", "--held", "--json").json == []
    refused = shop.gcw.fails(4, "orders", "release", order_id, "--json").error
    assert "Everything in it is ignored" in refused["message"]
    assert "ignored" in shop.gcw.fails(4, *shop.ship(order_id, "--json")).error["message"]
    assert (shop.folders(), shop.told()) == ([], [])
    undo(shop, OTHER_SKU)
    assert results(shop) == []
    assert shop.holds(order_id) == ["not_connected"]


def test_what_a_buyer_asks_of_an_order_that_is_not_ours_holds_nothing(shop: Shop) -> None:
    order_id = shop.ready(sku=OTHER_SKU)
    ignore(shop, OTHER_SKU)
    shop.do(order_id, "request-cancel")
    shop.gcw("orders", "pull")
    assert (shop.holds(order_id), listed(shop)) == ([], {order_id: "all"})
    other_id = shop.ready(sku=OTHER_SKU)
    shop.do(other_id, "cancel")
    shop.gcw("orders", "pull")
    assert (shop.stage(other_id), listed(shop)) == ("canceled", {order_id: "all", other_id: ""})


def test_a_decision_on_the_line_wins_over_the_variants_connection(shop: Shop) -> None:
    order_id = shop.ready(2)
    first, second = shop.lines(order_id)
    ignore(shop, "--line", first)
    shop.withdraw()
    ignore(shop, "--line", second)
    assert results(shop) == []
    assert shop.holds(order_id) == []
    shop.withdraw(published=True)
    undo(shop, "--line", second)
    assert results(shop) == ["released"]
    assert printed(shop, order_id) == [second]


def test_a_connected_variant_of_an_ignored_listing_is_printed(shop: Shop) -> None:
    ignore(shop, "--listing", title(shop, SKU))
    order_id = shop.ready()
    assert results(shop) == ["released"]
    assert len(printed(shop, order_id)) == 1


def test_a_listing_that_is_ignored_covers_variants_that_no_sync_has_seen(shop: Shop) -> None:
    ignore(shop, "--listing", title(shop, OTHER_SKU))

    def another_sku(order: dict[str, object]) -> None:
        for line in order["line_items"]:  # type: ignore[attr-defined]
            line["sku_id"] = "1729999999999999999"

    shop.change_orders(another_sku)
    order_id = shop.ready(sku=OTHER_SKU)
    assert (shop.holds(order_id), listed(shop)) == ([], {order_id: "all"})


def test_tiktok_is_told_of_the_units_that_were_made_and_of_no_others(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(lines=MIXED)
    lines = by_sku(shop, order_id)
    ignore(shop, OTHER_SKU)
    assert results(shop) == ["released"]
    told = shop.gcw(*shop.ship(order_id, "--json")).json
    assert told["lines"] == 1
    far = {line["id"]: line.get("tracking_number", "") for line in shop.sandbox.orders()[order_id]["line_items"]}
    assert far == {lines[SKU]: NUMBER, lines[OTHER_SKU]: ""}
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])
    assert "left to ship" in shop.gcw.fails(4, *shop.ship(order_id, number="9400100000000000000020")).stderr


def test_units_that_are_ignored_are_told_as_shipped_where_they_are_named(shop: Shop) -> None:
    order_id = shop.ready(sku=OTHER_SKU)
    ignore(shop, OTHER_SKU)
    shop.gcw("orders", "pull")
    (line,) = shop.lines(order_id)
    shop.gcw(*shop.ship(order_id, "--line", line))
    assert shop.stage(order_id) == "shipped"
    assert len(shop.told()) == 1
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "shipped"


def test_an_ignored_unit_that_is_cancelled_beside_units_in_work_is_told_as_what_it_is(shop: Shop) -> None:
    order_id = shop.ready(lines=MIXED)
    lines = by_sku(shop, order_id)
    ignore(shop, OTHER_SKU)
    assert results(shop) == ["released"]
    shop.do(order_id, "cancel", line_ids=[lines[OTHER_SKU]])
    shop.gcw("orders", "pull")
    (hold,) = shop.order(order_id)["holds"]
    assert hold["sentence"].startswith("A unit that is not made here was cancelled after")
    assert shop.stage(order_id) == "created"


def test_an_order_names_the_version_that_it_was_printed_with_after_later_changes(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released()
    shop.gcw("products", "disconnect", STORE, SKU)
    shop.gcw("products", "connect", STORE, SKU, "--like", SKU)
    shop.gcw("products", "ignore", STORE, SKU)
    (line,) = shop.order(order_id)["lines"]
    assert (line["version"], line["product_uid"], line["ignored"]) == (1, UID, "")
    versions = shop.gcw("products", "show", STORE, SKU, "--json").json["versions"]
    assert [one["version"] for one in versions] == [2, 1]


def test_neither_the_audit_nor_what_is_at_risk_takes_an_ignored_unit_for_forgotten(either_shop: Shop) -> None:
    shop = either_shop
    mixed, others = shop.ready(lines=MIXED), shop.ready(sku=OTHER_SKU)
    ignore(shop, OTHER_SKU)
    assert results(shop) == ["released"]
    (store,) = shop.gcw("orders", "audit", "--json").json["stores"]
    assert (store["places"], store.get("differences", [])) == ({"in production": 1, "ignored": 1}, [])
    late = shop.gcw.fails(8, "orders", "at-risk", "--within", "30d", "--json").json
    assert [one["order"] for one in late] == [mixed]
    assert others not in shop.gcw.fails(8, "orders", "at-risk", "--within", "30d").stdout
