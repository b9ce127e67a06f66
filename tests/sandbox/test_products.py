from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import START, Client
from sandbox.sellers_desk import told

VERSIONS = ("202309", "202312", "202502")
Json = dict[str, Any]


def search(client: Client, version: str = "202502", size: int = 100, **body: Any) -> list[Json]:
    found: list[Json] = client.data("POST", f"/product/{version}/products/search", {"page_size": size}, body)[
        "products"
    ]
    return found


def test_newer_versions_say_more(client: Client) -> None:
    members = [set(search(client, version)[0]) for version in VERSIONS]
    assert members[0] < members[1] < members[2]
    assert "audit" in members[1] - members[0]
    assert "has_draft" in members[2] - members[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_pages(make_client: Callable[..., Client], version: str) -> None:
    client = make_client(products=45)
    client.connect()
    ids: list[str] = []
    token = ""
    while token or not ids:
        query = {"page_size": 10, **({"page_token": token} if token else {})}
        data = client.data("POST", f"/product/{version}/products/search", query, {})
        token = data["next_page_token"]
        ids += [product["id"] for product in data["products"]]
        assert data["total_count"] == 45
    assert len(ids) == len(set(ids)) == 45


def test_filters(client: Client) -> None:
    everything = search(client)
    assert {product["status"] for product in everything} == {"ACTIVATE", "DRAFT", "SELLER_DEACTIVATED", "PENDING"}
    assert [each["status"] for each in search(client, status="PENDING")] == ["PENDING"]
    assert len(search(client, audit_status=["APPROVED"])) == 9
    sku = everything[0]["skus"][1]
    assert search(client, seller_skus=[sku["seller_sku"]]) == everything[:1]
    assert search(client, sku_ids=[sku["id"]]) == everything[:1]
    assert search(client, update_time_ge=START) == []
    at = everything[3]["update_time"]
    assert everything[3] in search(client, update_time_ge=at, update_time_le=at)
    good = search(client, listing_quality_tiers=["GOOD"])
    assert good
    assert {each["listing_quality_tier"] for each in good} == {"GOOD"}


def test_lists_in_filters_are_short(client: Client) -> None:
    path = "/product/202502/products/search"
    names = [str(number) for number in range(11)]
    assert client.call("POST", path, {"page_size": 1}, {"seller_skus": names})["code"] == 12019027
    assert client.call("POST", path, {"page_size": 1}, {"sku_ids": names})["code"] == 12019087


def test_prices_differ_between_search_and_detail(client: Client) -> None:
    row = search(client)[0]
    detail = client.data("GET", f"/product/202309/products/{row['id']}")
    assert set(row["skus"][0]["price"]) == {"currency", "tax_exclusive_price"}
    assert set(detail["skus"][0]["price"]) == {"currency", "sale_price", "tax_exclusive_price"}
    assert detail["skus"][0]["sales_attributes"][0]["name"] in ("Size", "Color")
    assert [node["is_leaf"] for node in detail["category_chains"]] == [False, False, True]


def test_listings_of_others_and_of_nobody(client: Client) -> None:
    foreign = next(iter(list(client.world.shops())[1].products)).id
    assert client.call("GET", f"/product/202309/products/{foreign}")["code"] == 12052048
    assert client.call("GET", "/product/202309/products/42")["code"] == 12052032


def test_ten_thousand_results_are_the_most(make_client: Callable[..., Client]) -> None:
    client = make_client(products=10_050)
    client.connect()
    path = "/product/202502/products/search"
    assert client.call("POST", path, {"page_size": 1}, {})["code"] == 12052180
    assert client.call("POST", path, {"page_size": 1}, {"status": "DRAFT"})["code"] == 0


def test_listings_change(client: Client) -> None:
    product = search(client)[0]
    sku = product["skus"][0]
    path = f"/products/{product['id']}"
    client.control("POST", f"{path}/retitle", {"title": "Harbor at Night"})
    client.control("POST", f"{path}/set-seller-sku", {"sku_id": sku["id"], "seller_sku": ""})
    changed = client.data("GET", f"/product/202309/products/{product['id']}")
    assert (changed["title"], changed["skus"][0]["seller_sku"]) == ("Harbor at Night", "")
    assert changed["update_time"] > product["update_time"]
    client.control("POST", f"{path}/rekey")
    changes = told(client, "PRODUCT_INFORMATION_CHANGE")
    assert [each["changed_fields"] for each in changes] == [["title"], ["others"], ["others"]]
    assert {each["change_source"] for each in changes} == {"SELLER_CENTER"}
    assert {each["id"] for each in search(client, update_time_ge=START)[0]["skus"]}.isdisjoint({sku["id"]})
    client.control("POST", f"{path}/remove")
    assert product["id"] not in {each["id"] for each in search(client)}
    assert [each["id"] for each in search(client, status="DELETED")] == [product["id"]]
    assert client.call("GET", f"/product/202309/products/{product['id']}")["code"] == 12052901


def test_all_listings_can_vanish(client: Client) -> None:
    client.control("POST", "/products", {"hidden": True})
    assert search(client) == []
    assert client.data("POST", "/product/202502/products/search", {"page_size": 1})["total_count"] == 0
    client.control("POST", "/products", {"hidden": False})
    assert len(search(client)) == 12
