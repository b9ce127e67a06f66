from decimal import Decimal

from sandbox.client import Client
from sandbox.shipping import Json, ids

ADD = "/order/202406/orders/external_orders"
FIND = "/order/202406/orders/external_order_search"
SYSTEM = "ORDER_MANAGEMENT_SYSTEM"


def prices(client: Client, order_id: str) -> Json:
    return client.data("GET", f"/order/202407/orders/{order_id}/price_detail")


def test_prices_add_up(client: Client) -> None:
    for wish in ({"lines": [{"quantity": 1}]}, {"lines": [{"quantity": 4}]}, {"is_sample_order": True}):
        order = client.buy_ready(**wish)
        shown = prices(client, order["id"])
        money = {name: Decimal(value) for name, value in shown.items() if isinstance(value, str) and value != "USD"}
        assert shown["payment"] == order["payment"]["total_amount"]
        assert shown["tax_amount"] == order["payment"]["tax"]
        assert money["payment"] == money["sku_sale_price"] + money["shipping_sale_price"] + money["tax_amount"]
        assert money["total"] == money["sku_list_price"] + money["shipping_list_price"]
        assert money["subtotal"] == money["sku_sale_price"] + money["subtotal_tax_amount"]
        assert [line["id"] for line in shown["line_items"]] == ids(order)
        for member in ("sku_list_price", "sku_sale_price", "tax_amount", "subtotal_deduction_seller"):
            assert sum(Decimal(line[member]) for line in shown["line_items"]) == money[member]


def test_a_gift_shows_what_it_would_have_cost(client: Client) -> None:
    order = client.buy_ready(lines=[{"is_gift": True}])
    (line,) = prices(client, order["id"])["line_items"]
    assert (line["sku_sale_price"], line["sku_gift_original_price"]) == ("0", order["line_items"][0]["original_price"])


def test_prices_of_other_shops_are_not_told(client: Client) -> None:
    order_id = client.buy_ready()["id"]
    client.connect("tidewater")
    assert client.call("GET", f"/order/202407/orders/{order_id}/price_detail")["code"] == 21008111


def reference(order_id: str, outside: str, platform: str = SYSTEM, **lines: str) -> Json:
    kept = [{"id": outside_line, "origin_id": line_id} for outside_line, line_id in lines.items()]
    return {"id": order_id, "external_order": {"id": outside, "platform": platform, "line_items": kept}}


def test_an_outside_number_finds_its_order(client: Client) -> None:
    order = client.buy_ready()
    wanted = reference(order["id"], "PSP-1", a=ids(order)[0])
    assert client.data("POST", ADD, {}, {"orders": [wanted]})["errors"] == []
    path = f"/order/202406/orders/{order['id']}/external_orders"
    assert client.data("GET", path, {"platform": SYSTEM})["external_orders"] == [wanted["external_order"]]
    assert client.data("GET", path, {"platform": "SHOPIFY"})["external_orders"] == []
    query = {"platform": SYSTEM, "external_order_id": "PSP-1"}
    assert client.data("POST", FIND, query)["orders"] == [wanted]
    client.data("POST", ADD, {}, {"orders": [reference(order["id"], "PSP-2")]})
    assert client.data("POST", FIND, query)["orders"] == []
    assert client.data("GET", path, {"platform": SYSTEM})["external_orders"][0]["id"] == "PSP-2"
    client.data("POST", ADD, {}, {"orders": [reference(order["id"], "S-1", "SHOPIFY")]})
    assert client.data("GET", path, {"platform": SYSTEM})["external_orders"][0]["id"] == "PSP-2"


def test_references_that_fail_are_told_one_by_one(client: Client) -> None:
    order = client.buy_ready()
    wanted = [reference("42", "A"), reference(order["id"], "B", a="42"), reference(order["id"], "C")]
    errors = client.data("POST", ADD, {}, {"orders": wanted})["errors"]
    assert [(each["code"], each["detail"]["external_order"]["id"]) for each in errors] == [
        ("36020001", "A"),
        ("21011029", "B"),
    ]
    assert client.data("POST", FIND, {"platform": SYSTEM, "external_order_id": "C"})["orders"]


def test_references_need_a_known_platform(client: Client) -> None:
    order = client.buy_ready()
    bad = reference(order["id"], "A", "PAPER")
    assert client.call("POST", ADD, {}, {"orders": [bad]})["code"] == 36009004
    many = [reference(order["id"], "A")] * 101
    assert client.call("POST", ADD, {}, {"orders": many})["code"] == 36009004
    path = f"/order/202406/orders/{order['id']}/external_orders"
    assert client.call("GET", path)["code"] == 36009004
    assert client.call("GET", path.replace(order["id"], "42"), {"platform": SYSTEM})["code"] == 36020001
    client.connect("tidewater")
    assert client.data("POST", FIND, {"platform": SYSTEM, "external_order_id": "A"})["orders"] == []
