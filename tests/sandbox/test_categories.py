"""What a seller asks before a listing is made, and brands and size charts that it may name."""

import json
from collections.abc import Callable

import pytest

from sandbox.client import Client, Json
from sandbox.sellers_desk import MUGS, POSTERS, SIZE_CHART_SENT, TEES, create, detail, poster, refused, tee

V2 = {"category_version": "v2"}


def test_the_tree_hangs_together(client: Client) -> None:
    found = client.data("GET", "/product/202309/categories", V2)["categories"]
    ids = {each["id"] for each in found}
    assert {POSTERS, MUGS, TEES} <= ids
    assert {each["parent_id"] for each in found} <= ids | {"0"}
    assert {each["parent_id"] for each in found}.isdisjoint(each["id"] for each in found if each["is_leaf"])
    assert all("PROHIBITED" not in each["permission_statuses"] for each in found)
    everything = client.data("GET", "/product/202309/categories", V2 | {"include_prohibited_categories": "true"})
    assert any("PROHIBITED" in each["permission_statuses"] for each in everything["categories"])
    mugs = client.data("GET", "/product/202309/categories", V2 | {"keyword": "mug"})["categories"]
    assert [each["local_name"] for each in mugs] == ["Kitchenware", "Cups & Drinkware", "Mugs"]


@pytest.mark.parametrize("path", ["", f"/{POSTERS}/rules", f"/{POSTERS}/attributes"])
def test_us_shops_use_the_new_tree(make_client: Callable[..., Client], path: str) -> None:
    client = make_client()
    client.connect()
    path = f"/product/202309/categories{path}"
    assert client.call("GET", path)["code"] == 12052217
    assert client.call("GET", path, {"category_version": "v1"})["code"] == 12052217
    client.connect("thames-prints")
    assert client.call("GET", path)["code"] == 0


def test_what_categories_ask_for(client: Client) -> None:
    def rules(category: str) -> Json:
        return client.data("GET", f"/product/202309/categories/{category}/rules", V2)

    assert rules(POSTERS)["package_dimension"] == {"is_required": True}
    assert rules(POSTERS)["size_chart"] == {"is_required": False, "is_supported": False}
    assert rules(TEES)["size_chart"] == {"is_required": True, "is_supported": True}
    assert "MADE_TO_ORDER" in rules(TEES)["allowed_special_product_types"]
    attributes = client.data("GET", f"/product/202309/categories/{POSTERS}/attributes", V2)["attributes"]
    assert [each["name"] for each in attributes if each["is_requried"]] == ["Material"]
    assert {each["type"] for each in attributes} == {"SALES_PROPERTY", "PRODUCT_PROPERTY"}
    for name in ("rules", "attributes"):
        assert client.call("GET", f"/product/202309/categories/42/{name}", V2)["code"] == 12052023
        assert client.call("GET", f"/product/202309/categories/852104/{name}", V2)["code"] == 12052024


@pytest.mark.parametrize(
    ("title", "category"),
    [("Harbor art poster", POSTERS), ("Ceramic MUG, 11 oz", MUGS), ("Unisex Tee", TEES), ("Something", POSTERS)],
)
def test_a_title_suggests_a_category(client: Client, title: str, category: str) -> None:
    found = client.data("POST", "/product/202309/categories/recommend", None, V2 | {"product_title": title})
    assert found["leaf_category_id"] == category
    assert [each["level"] for each in found["categories"]] == [1, 2, 3][: len(found["categories"])]
    path = "/product/202309/categories/recommend"
    assert refused(client, {"product_title": title}, path) == 12052217


def test_every_shop_is_ready(client: Client) -> None:
    results = client.data("GET", "/product/202312/prerequisites")["check_results"]
    assert {each["check_item"] for each in results} >= {"SHOP_STATUS", "BANk_ACCOUNT"}
    assert not any(each["is_failed"] for each in results)
    older = client.data("GET", "/product/202309/prerequisites")["shop"]
    assert json.loads(older["logistics"]["return_warehouse"])["check_result"] == {"is_failed": False}


def test_what_a_shop_lacks_keeps_it_from_listing(client: Client) -> None:
    reason = "Set a return warehouse first."
    client.control("POST", "/prerequisites", {"failed": {"RETURN_WAREHOUSE": reason}})
    results = client.data("GET", "/product/202312/prerequisites")["check_results"]
    assert [each for each in results if each["is_failed"]] == [
        {"check_item": "RETURN_WAREHOUSE", "is_failed": True, "fail_reasons": [reason]}
    ]
    older = client.data("GET", "/product/202309/prerequisites")["shop"]
    assert json.loads(older["logistics"]["return_warehouse"])["check_result"]["fail_reasons"] == [reason]
    assert client.call("POST", "/product/202309/products", None, poster(client))["message"] == reason
    assert refused(client, poster(client)) == 12052535
    create(client, save_mode="AS_DRAFT")
    client.control("POST", "/prerequisites", {"failed": {"PRODUCT_QUANTITY_LIMIT": "Enough for today."}})
    assert refused(client, poster(client)) == 12052093
    client.control("POST", "/prerequisites")
    create(client)
    assert client.http.post("/_sandbox/prerequisites", json={"failed": {"MOOD": "bad"}}).status_code == 400


def test_without_a_bank_account_nothing_is_reviewed(client: Client) -> None:
    client.control("POST", "/prerequisites", {"failed": {"BANk_ACCOUNT": "Link one."}})
    made = create(client)["product_id"]
    client.advance(86_400)
    assert detail(client, made)["status"] == "PENDING"
    client.control("POST", f"/products/{made}/approve")
    assert detail(client, made)["status"] == "ACTIVATE"


def brands(client: Client, **query: str) -> Json:
    return client.data("GET", "/product/202309/brands", {"page_size": 100} | V2 | query)


def test_brands(client: Client) -> None:
    house = brands(client)
    assert house["total_count"] == len(house["brands"]) == 4
    made = client.data("POST", "/product/202309/brands", None, {"name": "Pier & Sea"})["id"]
    assert client.data("POST", "/product/202309/brands", None, {"name": "PIER & SEA"})["id"] == made
    assert [each["id"] for each in brands(client, brand_name="pier")["brands"]] == [made]
    assert brands(client, is_authorized="true")["brands"] == []
    product = create(client, brand_id=made)
    assert product["warnings"] == []
    assert detail(client, product["product_id"])["brand"] == {"id": made, "name": "Pier & Sea"}
    assert refused(client, {"name": "P"}, "/product/202309/brands") == 36009004
    first_tier = next(each["id"] for each in house["brands"] if each["is_t1_brand"])
    assert refused(client, poster(client, brand_id=first_tier)) == 12052201


def test_brands_come_in_pages(client: Client) -> None:
    first = brands(client, page_size="3")
    rest = brands(client, page_size="3", page_token=first["next_page_token"])
    assert (len(first["brands"]), len(rest["brands"]), rest["next_page_token"]) == (3, 1, "")
    assert client.call("GET", "/product/202309/brands", {"page_size": 3, "page_token": "?"})["code"] == 36009004


def test_fifty_brands_a_day(client: Client) -> None:
    path = "/product/202309/brands"
    for number in range(50):
        client.data("POST", path, None, {"name": f"Brand {number}"})
    assert refused(client, {"name": "One more"}, path) == 12052910
    client.advance(86_400)
    assert refused(client, {"name": "One more"}, path) == 0


def charts(client: Client, body: Json) -> list[str]:
    found: list[Json] = client.data("POST", "/product/202407/sizecharts/search", {"page_size": 10}, body)["size_chart"]
    return [each["template_name"] for each in found]


def test_size_charts(client: Client) -> None:
    chart = client.data("POST", "/product/202610/size_charts", None, SIZE_CHART_SENT)["size_chart_id"]
    assert charts(client, {}) == ["Unisex tops", "Heavy Tees"]
    assert charts(client, {"keyword": "heavy"}) == ["Heavy Tees"]
    assert charts(client, {"keyword": "unisex", "ids": [chart]}) == ["Heavy Tees"]
    made = create(client, tee(client, size_chart={"template": {"id": chart}}))
    assert detail(client, made["product_id"])["size_chart"] == {"template": {"id": chart}}


def test_size_charts_that_are_refused(client: Client) -> None:
    path = "/product/202610/size_charts"
    assert refused(client, SIZE_CHART_SENT | {"category_id": "42"}, path) == 12052023
    assert refused(client, SIZE_CHART_SENT | {"category_id": POSTERS}, path) == 12052910
    assert refused(client, SIZE_CHART_SENT | {"template_name": ""}, path) == 12052910
    table = {"headers": [{"name": "Size"}], "rows": [{"cells": []}]}
    assert (
        refused(
            client, SIZE_CHART_SENT | {"size_chart_data": SIZE_CHART_SENT["size_chart_data"] | {"table": table}}, path
        )
        == 12052910
    )


def test_a_chart_for_one_product_has_no_name(client: Client) -> None:
    chart = client.data(
        "POST", "/product/202610/size_charts", None, SIZE_CHART_SENT | {"size_chart_mode": "PRODUCT_SCOPED"}
    )
    assert charts(client, {"ids": [chart["size_chart_id"]]}) == [""]
    assert charts(client, {"size_chart_mode": "REUSABLE_TEMPLATE"}) == ["Unisex tops"]
    assert charts(client, {"size_chart_mode": "PRODUCT_SCOPED"}) == [""]


def test_size_charts_are_the_sellers(make_client: Callable[..., Client]) -> None:
    client = make_client()
    client.connect("tidewater", 1)
    client.data("POST", "/product/202610/size_charts", None, SIZE_CHART_SENT)
    assert "Heavy Tees" in charts(client, {})
    client.connect("empty-easel")
    assert charts(client, {}) == ["Unisex tops"]
