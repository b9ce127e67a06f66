"""Prices and stock change at once; listings are shown, hidden, deleted and brought back."""

from typing import Any

import pytest

from sandbox.client import Client, Json
from sandbox.sellers_desk import create, detail, live, poster, refused, sku, told

ACTIONS = {
    "activate": ("POST", "/product/202309/products/activate"),
    "deactivate": ("POST", "/product/202309/products/deactivate"),
    "recover": ("POST", "/product/202309/products/recover"),
    "delete": ("DELETE", "/product/202309/products"),
}
AFTER = {
    "activate": "PENDING",
    "deactivate": "SELLER_DEACTIVATED",
    "recover": "SELLER_DEACTIVATED",
    "delete": "DELETED",
}
FROM = {
    "activate": {"SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"},
    "deactivate": {"ACTIVATE"},
    "recover": {"DELETED"},
    "delete": {"ACTIVATE", "DRAFT", "PENDING", "FAILED", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"},
}
STATUSES = (*sorted(FROM["delete"]), "DELETED", "FREEZE")


def do(client: Client, action: str, *ids: str) -> Json:
    method, path = ACTIONS[action]
    return client.data(method, path, None, {"product_ids": list(ids)})


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_what_may_follow_a_status(client: Client, action: str, status: str) -> None:
    listings = client.world.shop(next(client.world.shops()).id)
    assert listings
    product = next(each for each in listings.products if each.status == "ACTIVATE")
    client.control("POST", f"/products/{product.id}/set-status", {"status": status})
    answer = do(client, action, product.id)
    if status in FROM[action]:
        assert answer == {}
        assert product.status == AFTER[action]
        if AFTER[action] == "SELLER_DEACTIVATED":
            hidden = {"status": "DEACTIVATED", "deactivation_source": "SELLER"}
            assert detail(client, product.id)["skus"][0]["status_info"] == hidden
    else:
        assert [_code(each) for each in answer["errors"]] == [12052901]
        assert product.status == status


def _code(error: Json) -> int:
    """An activation fails at checks, which it tells one by one."""
    if "extra_errors" not in error["detail"]:
        return int(error["code"])
    assert error["code"] == 12052990
    return int(error["detail"]["extra_errors"][0]["code"])


def test_what_fails_is_told_and_the_rest_is_done(client: Client) -> None:
    first, second = live(client)["id"], create(client, poster(client, skus=[sku(client)]))["product_id"]
    foreign = next(iter(list(client.world.shops())[1].products)).id
    answer = do(client, "deactivate", first, second, foreign, "42")
    found = {each["detail"]["product_id"]: each["code"] for each in answer["errors"]}
    assert found == {second: 12052901, foreign: 12052048, "42": 12052032}
    assert detail(client, first)["status"] == "SELLER_DEACTIVATED"
    assert told(client, "PRODUCT_STATUS_CHANGE")[-1]["product_id"] == int(first)


@pytest.mark.parametrize("action", ACTIONS)
def test_one_to_twenty_at_once(client: Client, action: str) -> None:
    method, path = ACTIONS[action]
    assert refused(client, {"product_ids": []}, path, method) == 12019120
    assert refused(client, {"product_ids": [str(number) for number in range(21)]}, path, method) == 12019120


def test_deleting_needs_a_permission_of_its_own(client: Client) -> None:
    client.connect(scopes=["seller.authorization.info", "seller.product.basic", "seller.product.write"])
    assert refused(client, {"product_ids": ["1"]}, "/product/202309/products", "DELETE") == 105005


def test_a_hidden_listing_gives_up_its_edit(client: Client) -> None:
    shown = live(client)
    path = f"/product/202509/products/{shown['id']}/partial_edit"
    client.data("POST", path, None, {"title": "Never Seen"})
    do(client, "deactivate", shown["id"])
    client.advance(3_600)
    shown = detail(client, shown["id"])
    assert (shown["status"], shown["title"], shown["has_draft"]) == (
        "SELLER_DEACTIVATED",
        "Evening Pier Art Poster",
        True,
    )


def prices(*pairs: tuple[str, str], currency: str = "USD") -> Json:
    return {"skus": [{"id": sku_id, "price": {"amount": amount, "currency": currency}} for sku_id, amount in pairs]}


def test_new_prices(client: Client) -> None:
    shown = live(client)
    red, blue = (each["id"] for each in shown["skus"])
    path = f"/product/202309/products/{shown['id']}/prices/update"
    listed = {"list_price": {"amount": "40", "currency": "USD"}}
    body = prices((red, "24.5"))
    body["skus"][0] |= listed
    assert client.data("POST", path, None, body) == {}
    after = detail(client, shown["id"])
    assert [each["price"]["sale_price"] for each in after["skus"]] == ["24.5", "21.99"]
    assert after["skus"][0]["list_price"] == listed["list_price"]
    assert after["audit"]["status"] == "APPROVED"
    assert told(client, "PRODUCT_INFORMATION_CHANGE")[-1]["changed_fields"] == ["others"]
    assert refused(client, prices((red, "1"), (blue, "0")), path) == 12052073
    assert refused(client, prices((red, "1"), currency="GBP"), path) == 12052084
    assert refused(client, prices(("42", "1")), path) == 12052557
    assert detail(client, shown["id"])["skus"][0]["price"]["sale_price"] == "24.5"


def test_only_live_listings_get_new_prices(client: Client) -> None:
    made = create(client)
    path = f"/product/202309/products/{made['product_id']}/prices/update"
    assert refused(client, prices((made["skus"][0]["id"], "1")), path) == 12052901


def stock(sku_id: str, quantity: int, **members: Any) -> Json:
    return {"skus": [{"id": sku_id, "inventory": [{"quantity": quantity} | members]}]}


def test_new_stock(client: Client) -> None:
    shown = live(client)
    sku_id = shown["skus"][0]["id"]
    path = f"/product/202309/products/{shown['id']}/inventory/update"
    warehouse = shown["skus"][0]["inventory"][0]["warehouse_id"]
    for quantity, members in ((480, {"warehouse_id": warehouse}), (7, {}), (0, {})):
        assert client.data("POST", path, None, stock(sku_id, quantity, **members)) == {}
        assert detail(client, shown["id"])["skus"][0]["inventory"][0]["quantity"] == quantity
    back = {"backorder_quantity": 9, "handling_time": 4}
    client.data("POST", path, None, stock(sku_id, 3, **back))
    assert detail(client, shown["id"])["skus"][0]["inventory"][0] == back | {"quantity": 3, "warehouse_id": warehouse}
    assert told(client, "PRODUCT_INFORMATION_CHANGE")[-1]["changed_fields"] == ["others"]
    assert refused(client, stock("42", 1), path) == 12052557
    assert refused(client, stock(sku_id, 100_000), path) == 12052055


@pytest.mark.parametrize("which", ["return", "unknown"])
def test_stock_in_a_wrong_warehouse_changes_nothing(client: Client, which: str) -> None:
    shown = live(client)
    shop = next(client.world.shops())
    wrong, code = (shop.return_warehouse_id, 12052530) if which == "return" else ("42", 12052097)
    body = stock(shown["skus"][0]["id"], 1)
    body["skus"] += stock(shown["skus"][1]["id"], 1, warehouse_id=wrong)["skus"]
    answer = client.data("POST", f"/product/202309/products/{shown['id']}/inventory/update", None, body)
    assert [each["detail"]["sku_id"] for each in answer["errors"]] == [shown["skus"][1]["id"]]
    assert answer["errors"][0]["detail"]["extra_errors"][0]["code"] == code
    assert detail(client, shown["id"])["skus"] == shown["skus"]


def test_stock_is_found_by_listing_and_by_variant(client: Client) -> None:
    shown = live(client)
    red, blue = (each["id"] for each in shown["skus"])
    client.buy(lines=[{"sku_id": red, "quantity": 3}])
    path = "/product/202309/inventory/search"
    found = client.data("POST", path, None, {"product_ids": [shown["id"]]})["inventory"]
    assert [(each["id"], each["total_committed_quantity"]) for each in found[0]["skus"]] == [(red, 3), (blue, 0)]
    assert found[0]["skus"][0]["total_available_quantity"] == 47
    found = client.data("POST", path, None, {"product_ids": ["42"], "sku_ids": [blue]})["inventory"]
    assert [each["id"] for each in found[0]["skus"]] == [blue]
    assert client.data("POST", path, None, {"sku_ids": ["42"]}) == {"inventory": []}
    assert refused(client, {}, path) == 36009004
    assert refused(client, {"product_ids": [str(number) for number in range(101)]}, path) == 12019120


def test_stock_that_is_cancelled_comes_back(client: Client) -> None:
    shown = live(client)
    order = client.buy(lines=[{"sku_id": shown["skus"][0]["id"], "quantity": 3}])
    assert detail(client, shown["id"])["skus"][0]["inventory"][0]["quantity"] == 47
    client.control("POST", f"/orders/{order}/request-cancel")
    assert detail(client, shown["id"])["skus"][0]["inventory"][0]["quantity"] == 50


def test_orders_may_exceed_the_stock(client: Client) -> None:
    shown = live(client)
    order = client.buy(lines=[{"sku_id": shown["skus"][0]["id"], "quantity": 52}])
    assert detail(client, shown["id"])["skus"][0]["inventory"][0]["quantity"] == 0
    client.control("POST", f"/orders/{order}/request-cancel")
    assert detail(client, shown["id"])["skus"][0]["inventory"][0]["quantity"] == 50
