"""Listings are created as TikTok Shop demands, and refused with its codes."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import START, Client, Json
from sandbox.sellers_desk import (
    POSTERS,
    changed,
    create,
    detail,
    picture,
    poster,
    refused,
    send_picture,
    sku,
    tee,
    told,
    upload,
)

DAY = 86_400


def test_a_new_listing_has_ids_of_its_own_and_waits_for_its_review(client: Client) -> None:
    made = create(client, external_product_id="PSP-1")
    assert made["warnings"] == []
    assert [each["seller_sku"] for each in made["skus"]] == ["POSTER-NEW-RED", "POSTER-NEW-BLUE"]
    ids = {made["product_id"]} | {each["id"] for each in made["skus"]}
    ids |= {each["sales_attributes"][0]["value_id"] for each in made["skus"]}
    assert len(ids) == 5
    shown = detail(client, made["product_id"])
    assert (shown["status"], shown["audit"]["status"], shown["has_draft"]) == ("PENDING", "AUDITING", False)
    assert (shown["title"], shown["external_product_id"]) == ("Evening Pier Art Poster", "PSP-1")
    assert [each["local_name"] for each in shown["category_chains"]] == [
        "Home Supplies",
        "Home Decor",
        "Posters & Prints",
    ]
    assert shown["skus"][1]["price"]["sale_price"] == "21.99"
    assert shown["skus"][1]["sales_attributes"][0]["value_name"] == "Blue"
    assert [each["product_id"] for each in told(client, "PRODUCT_CREATION")] == [int(made["product_id"])]


def test_the_same_key_creates_once(client: Client) -> None:
    body = poster(client, idempotency_key="once-and-only-once")
    assert create(client, body) == create(client, body)
    assert create(client, body, idempotency_key="again") != create(client, body)
    assert refused(client, poster(client, idempotency_key="k" * 129)) == 36009004


def test_a_draft_may_be_incomplete(client: Client) -> None:
    body = poster(client, save_mode="AS_DRAFT")
    for member in ("product_attributes", "package_weight", "package_dimensions"):
        del body[member]
    made = create(client, body)
    shown = detail(client, made["product_id"])
    assert (shown["status"], shown["product_status"], shown["audit"]["status"]) == ("DRAFT", "DRAFT", "NONE")
    assert refused(client, body | {"save_mode": "LISTING"}) == 12052104


def test_a_single_variant_needs_no_attributes(client: Client) -> None:
    made = create(client, skus=[sku(client)])
    assert made["skus"][0]["sales_attributes"] == []


REFUSALS: list[tuple[str, Any, int]] = [
    ("category_version", None, 12052217),
    ("category_version", "v1", 12052217),
    ("category_id", "42", 12052023),
    ("category_id", "852104", 12052024),
    ("category_id", "951950", 12052220),
    ("category_id", "951944", 12052223),
    ("category_id", "952008", 12052226),
    ("title", None, 36009004),
    ("title", "", 12052261),
    ("title", "T" * 256, 12052051),
    ("title", "海報", 12052266),
    ("title", "Pier \U0001f600", 12052931),
    ("title", "Pier &amp; Sea", 12052931),
    ("title", "Soooooooooo nice", 12052931),
    ("title", "!!!", 12052931),
    ("description", "", 12052015),
    ("description", "d" * 10_001, 12052013),
    ("description", "<img src='https://elsewhere.example/a.png'>", 12052340),
    ("main_images", [], 12052028),
    ("main_images", [{"uri": "tos-useast5-i-sandbox-tx/unknown"}], 12052722),
    ("product_attributes", None, 12052104),
    ("package_weight", None, 12019011),
    ("package_weight.value", "0", 12019011),
    ("package_weight.value", "0.123", 12052181),
    ("package_weight.unit", "KILOGRAM", 12052915),
    ("package_weight.unit", "STONE", 12019060),
    ("package_dimensions", None, 12019012),
    ("package_dimensions.width", "0", 12019012),
    ("package_dimensions.width", "wide", 12052004),
    ("skus.0.seller_sku", "WITH SPACE", 12052054),
    ("skus.0.seller_sku", "S" * 51, 12052054),
    ("skus.0.sales_attributes", None, 12052550),
    ("skus.0.sales_attributes.0.id", "100007", 12052550),
    ("skus.0.sales_attributes.0.value_name", "Blue", 12052560),
    ("skus.0.sales_attributes.0.value_name", None, 12019019),
    ("skus.0.sales_attributes.0.value_name", "v" * 51, 12052240),
    ("skus.0.price", None, 36009004),
    ("skus.0.price.amount", None, 12052571),
    ("skus.0.price.amount", "0", 12052073),
    ("skus.0.price.amount", "1.234", 12052073),
    ("skus.0.price.amount", "7600.01", 12052570),
    ("skus.0.price.currency", "GBP", 12052084),
    ("skus.0.inventory", [], 12052096),
    ("skus.0.inventory.0.warehouse_id", "42", 12052097),
    ("skus.0.inventory.0.quantity", 0, 12052055),
    ("skus.0.inventory.0.quantity", 100_000, 12052055),
    ("skus.0.inventory.0.backorder_quantity", 5, 12052310),
    ("skus.0.external_sku_id", "e" * 1_000, 12052369),
    ("skus.0.external_urls", ["https://prints.example/" + "u" * 500], 12052910),
    ("key_product_features", ["f" * 1_501], 12052910),
    ("key_product_features", ["f"] * 6, 36009004),
    ("search_terms", ["t" * 126, "t" * 125], 12052910),
    ("size_chart", {"template": {"id": "42"}}, 12052128),
    ("size_chart", {"image": {"uri": "unknown"}}, 12052670),
]


@pytest.mark.parametrize(("place", "value", "code"), REFUSALS)
def test_refusals(client: Client, place: str, value: Any, code: int) -> None:
    body = poster(client)
    assert refused(client, changed(body, place, value)) == code
    assert "product_id" in create(client, body)


def test_the_return_warehouse_does_not_sell(client: Client) -> None:
    shop = next(client.world.shops())
    body = changed(poster(client), "skus.0.inventory.0.warehouse_id", shop.return_warehouse_id)
    assert refused(client, body) == 12052530


def test_unknown_attributes_of_variants(client: Client) -> None:
    attribute = {"id": "100398", "value_id": "42"}
    assert refused(client, poster(client, skus=[sku(client, sales_attributes=[attribute])])) == 12052529
    attribute = {"id": "100999", "value_name": "Red"}
    assert refused(client, poster(client, skus=[sku(client, sales_attributes=[attribute])])) == 12052527


def test_at_most_nine_pictures_and_a_hundred_variants(client: Client) -> None:
    uri = {"uri": upload(client)}
    assert refused(client, poster(client, main_images=[uri] * 10)) == 12052306
    many = [sku(client, f"Shade {number}", seller_sku=f"S-{number}") for number in range(101)]
    assert refused(client, poster(client, skus=many)) == 12052050
    assert refused(client, poster(client, skus=many * 3)) == 12052050
    assert len(create(client, poster(client, skus=many[:100]))["skus"]) == 100


def test_at_most_three_attributes_and_pictures_on_one_of_them(client: Client) -> None:
    uri = {"uri": upload(client, "ATTRIBUTE_IMAGE")}
    names = ("Color", "Size", "Finish", "Frame")
    four = [{"name": name, "value_name": "one"} for name in names]
    assert refused(client, poster(client, skus=[sku(client, sales_attributes=four)])) == 12052525
    two = [each | {"sku_img": uri} for each in four[:2]]
    assert refused(client, poster(client, skus=[sku(client, sales_attributes=two)])) == 12052528
    made = create(client, poster(client, skus=[sku(client, sales_attributes=[two[0], *four[1:3]])]))
    shown = detail(client, made["product_id"])["skus"][0]["sales_attributes"]
    assert [each["name"] for each in shown] == ["Color", "Size", "Finish"]
    assert shown[0]["id"] == "100000"  # a built-in attribute is known by its name
    assert shown[0]["sku_img"]["uri"] == uri["uri"]


def test_a_main_picture_uploaded_for_another_use_may_be_too_small(client: Client) -> None:
    small = upload(client, "DESCRIPTION_IMAGE", width=120, height=120)
    assert refused(client, poster(client, main_images=[{"uri": small}])) == 12052301
    wide = upload(client, "DESCRIPTION_IMAGE", width=4_001, height=400)
    assert refused(client, poster(client, main_images=[{"uri": wide}])) == 12052302


def test_pictures_in_the_description_were_uploaded(client: Client) -> None:
    url = send_picture(client, picture(), "DESCRIPTION_IMAGE")["data"]["url"]
    image = f"<img src='{url}'/>"
    assert "product_id" in create(client, description=f"<p>So nice.</p>{image * 30}")
    assert refused(client, poster(client, description=image * 31)) == 12052056


def test_apparel_needs_a_size_chart(client: Client) -> None:
    body = tee(client)
    assert detail(client, create(client, body)["product_id"])["size_chart"] == body["size_chart"]
    assert refused(client, changed(body, "size_chart", None)) == 12052673
    assert "product_id" in create(client, changed(body, "size_chart", None), save_mode="AS_DRAFT")
    image = {"image": {"uri": upload(client, "SIZE_CHART_IMAGE", width=1_024, height=1_400)}}
    shown = detail(client, create(client, body, size_chart=image)["product_id"])
    assert shown["size_chart"]["image"]["uri"] == image["image"]["uri"]


def test_what_may_be_left_out_is_left_out_with_a_warning(client: Client) -> None:
    body = poster(client, brand_id="123", skus=[sku(client, identifier_code={"type": "UPC", "code": "1"})])
    body["product_attributes"] += [
        {"id": "100999", "values": [{"name": "?"}]},
        {"id": "100402", "values": [{"name": "Maybe"}]},
    ]
    body["skus"][0]["list_price"] = {"amount": "1.00", "currency": "USD"}
    made = create(client, body)
    warnings = " ".join(each["message"] for each in made["warnings"])
    for member in ("[brand_id]:123", "identifier_code", "100999", "Maybe", "list_price"):
        assert member in warnings
    shown = detail(client, made["product_id"])
    assert "brand" not in shown
    assert [each["name"] for each in shown["product_attributes"]] == ["Material"]
    assert not {"identifier_code", "list_price"} & set(shown["skus"][0])


def test_what_is_right_is_kept(client: Client) -> None:
    extras = {
        "identifier_code": {"type": "UPC", "code": "012345678905"},
        "list_price": {"amount": "29.99", "currency": "USD"},
        "external_sku_id": "PSP-1-RED",
        "external_urls": ["https://prints.example/1"],
        "sku_weight": {"value": "0.5", "unit": "POUND"},
        "sku_dimensions": {"length": "10", "width": "2", "height": "2", "unit": "INCH"},
    }
    body = poster(client, skus=[sku(client, **extras)], brand_id="7265982318457707331", search_terms=["pier"])
    made = create(client, changed(body, "package_weight", None))
    shown = detail(client, made["product_id"])
    assert {name: shown["skus"][0][name] for name in extras} == extras
    assert (shown["brand"]["name"], shown["search_terms"]) == ("Tidewater", ["pier"])


def test_ids_of_other_systems_are_used_once(client: Client) -> None:
    body = poster(client, external_product_id="PSP-1", skus=[sku(client, external_sku_id="PSP-1-A")])
    first = create(client, body)
    assert refused(client, changed(body, "skus.0.external_sku_id", "PSP-1-B")) == 12052996
    assert refused(client, changed(body, "external_product_id", "PSP-2")) == 12052996
    twice = [sku(client, color, external_sku_id="same") for color in ("Red", "Blue")]
    assert refused(client, poster(client, skus=twice)) == 12052996
    client.data("DELETE", "/product/202309/products", None, {"product_ids": [first["product_id"]]})
    assert "product_id" in create(client, body)


def made_to_order(days: int | None = 5, **members: Any) -> Json:
    times = {} if days is None else {"handling_duration_days": days}
    return {"type": "MADE_TO_ORDER", "fulfillment_type": times} | members


@pytest.mark.parametrize(
    ("sale", "code"),
    [
        (made_to_order(2), 12052275),
        (made_to_order(15), 12052275),
        (made_to_order(31), 12052275),
        (made_to_order(None), 12019097),
        (made_to_order(type="PRE_ORDER"), 12019098),
        ({"type": "PRE_ORDER", "fulfillment_type": {"release_date": START + DAY}}, 12052269),
        ({"type": "PRE_ORDER", "fulfillment_type": {"release_date": START + 61 * DAY}}, 12052269),
        (made_to_order(31, type="CUSTOM"), 12052275),
    ],
)
def test_times_of_pre_sale_variants(client: Client, sale: Json, code: int) -> None:
    assert refused(client, poster(client, skus=[sku(client, pre_sale=sale)])) == code


@pytest.mark.parametrize(
    "sale",
    [
        made_to_order(3),
        made_to_order(14),
        made_to_order(30, type="CUSTOM"),
        {"type": "PRE_ORDER", "fulfillment_type": {"release_date": START + 30 * DAY}},
    ],
)
def test_pre_sale_variants(client: Client, sale: Json) -> None:
    made = create(client, skus=[sku(client, pre_sale=sale)])
    assert detail(client, made["product_id"])["skus"][0]["pre_sale"] == sale


def test_backorders(client: Client) -> None:
    def stocked(**members: Any) -> Json:
        stock = {"warehouse_id": next(client.world.shops()).warehouse_id, "quantity": 5}
        back = {"backorder_quantity": 20, "handling_time": 4}
        return poster(client, skus=[sku(client, inventory=[stock | back], **members)])

    made = create(client, stocked())
    assert detail(client, made["product_id"])["skus"][0]["inventory"][0]["backorder_quantity"] == 20
    assert refused(client, stocked(pre_sale=made_to_order())) == 12052309


def test_cross_border_sellers_make_nothing_to_order(make_client: Callable[..., Client]) -> None:
    client = make_client()
    client.connect("tidewater")
    body = poster(client, skus=[sku(client, pre_sale=made_to_order())])
    assert refused(client, body) == 12052278
    price = {"sale_price": "9.5", "currency": "USD"}
    assert "product_id" in create(client, poster(client, skus=[sku(client, price=price)]))


@pytest.mark.parametrize(
    ("sale", "shown"),
    [
        (made_to_order(4), {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": "4", "type": "BUSINESS_DAY"}}),
        (
            {"type": "PRE_ORDER", "fulfillment_type": {"release_date": START + 30 * DAY}},
            {"order_type": "PRE_ORDER", "release_date": START + 30 * DAY},
        ),
    ],
)
def test_orders_are_on_the_terms_of_their_variant(client: Client, sale: Json, shown: Json) -> None:
    create(client, skus=[sku(client, pre_sale=sale)])
    client.advance(1_800)
    order = client.buy_ready(lines=[{"seller_sku": "POSTER-NEW-ONE"}])
    assert {name: order[name] for name in shown} == shown
    other = client.buy_ready(lines=[{"seller_sku": "POSTER-NEW-ONE"}], order_type="NORMAL")
    assert "order_type" not in other or other["order_type"] == "NORMAL"


def test_what_is_out_of_stock_is_back_ordered(client: Client) -> None:
    stock = {"warehouse_id": next(client.world.shops()).warehouse_id, "quantity": 1}
    back = {"backorder_quantity": 20, "handling_time": 4}
    create(client, skus=[sku(client, inventory=[stock | back])])
    client.advance(1_800)
    first, second = (client.buy_ready(lines=[{"seller_sku": "POSTER-NEW-ONE"}]) for _ in range(2))
    assert [each.get("order_type", "NORMAL") for each in (first, second)] == ["NORMAL", "BACK_ORDER"]
    assert second["handling_duration"] == {"days": "4", "type": "BUSINESS_DAY"}


def test_other_markets_are_metric(make_client: Callable[..., Client]) -> None:
    client = make_client()
    client.connect("thames-prints")
    body = changed(poster(client), "category_version", None)
    assert refused(client, body) == 12019060
    body["package_weight"] = {"value": "0.3", "unit": "KILOGRAM"}
    assert refused(client, body) == 12019061
    body["package_dimensions"] |= {"unit": "CENTIMETER"}
    assert "product_id" in create(client, body)


def test_the_shops_of_a_seller_have_keys_of_their_own(make_client: Callable[..., Client]) -> None:
    client = make_client()
    made = []
    for shop in (0, 1):
        client.connect("tidewater", shop)
        made.append(create(client, idempotency_key="first of its shop"))
    assert made[0]["product_id"] != made[1]["product_id"]


def test_a_check_tells_everything_that_is_wrong(client: Client) -> None:
    path = "/product/202309/products/listing_check"
    good = changed(poster(client), "category_version", None)
    assert client.data("POST", path, None, good)["check_result"] == "PASS"
    bad = changed(changed(good, "title", "!!!"), "product_attributes", None) | {"category_id": POSTERS}
    found = client.data("POST", path, None, bad)
    assert found["check_result"] == "FAILED"
    assert [each["code"] for each in found["fail_reasons"]] == [12052931, 12052104]


def test_a_new_listing_can_be_bought_once_it_is_live(client: Client) -> None:
    create(client)
    wish = {"lines": [{"seller_sku": "POSTER-NEW-RED", "quantity": 2}]}
    assert client.http.post("/_sandbox/orders", json=wish).status_code == 400
    client.advance(1_800)
    order = client.order(client.buy(**wish))
    assert [line["seller_sku"] for line in order["line_items"]] == ["POSTER-NEW-RED"] * 2
    assert order["line_items"][0]["sku_name"] == "Red"
