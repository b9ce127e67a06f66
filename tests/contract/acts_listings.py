"""The scenario's listings: everything from category to deletion."""

from sandbox.client import Client, Json
from sandbox.sellers_desk import HALF_AN_HOUR, POSTERS, TEES, create, live, poster, tee, template, upload

PRODUCTS = "/product/202309/products"
TREE = {"category_version": "v2"}


def listings(client: Client) -> None:
    for version in ("202309", "202312", "202502"):
        found = client.data("POST", f"/product/{version}/products/search", {"page_size": 100}, {"status": "ALL"})
        for product in found["products"][:3]:
            client.data("GET", f"{PRODUCTS}/{product['id']}")


def before_a_listing(client: Client) -> None:
    for version in ("202309", "202312"):
        client.data("GET", f"/product/{version}/prerequisites")
    client.data("GET", "/product/202309/categories", TREE)
    for category in (POSTERS, TEES):
        client.data("GET", f"/product/202309/categories/{category}/rules", TREE)
        client.data("GET", f"/product/202309/categories/{category}/attributes", TREE)
    client.data("POST", "/product/202309/categories/recommend", {}, TREE | {"product_title": "Cotton T-Shirt"})
    client.data("POST", "/product/202309/brands", {}, {"name": "Evening Pier"})
    client.data("GET", "/product/202309/brands", TREE | {"page_size": 20})
    client.data(
        "POST", "/product/202407/sizecharts/search", {"page_size": 20}, {"size_chart_mode": "REUSABLE_TEMPLATE"}
    )
    client.data("POST", "/product/202610/size_charts", {}, SIZE_CHART)
    for use_case in ("MAIN_IMAGE", "SIZE_CHART_IMAGE"):
        upload(client, use_case, width=1200, height=1200)


SIZE_CHART: Json = {
    "category_id": TEES,
    "size_chart_mode": "REUSABLE_TEMPLATE",
    "template_name": "Relaxed tees",
    "size_chart_data": {
        "measurement_type": "PRODUCT_MEASUREMENTS",
        "unit_system": "IMPERIAL",
        "table": {"headers": [{"name": "Chest"}], "rows": [{"cells": [{"value": "20"}]}]},
    },
}


def writing(client: Client) -> None:
    body = poster(client)
    checked = {name: value for name, value in body.items() if name != "category_version"}
    client.data("POST", f"{PRODUCTS}/listing_check", {}, checked)
    create(client, tee(client), save_mode="AS_DRAFT")
    newer = {"sku_weight": body["package_weight"], "sku_dimensions": body["package_dimensions"]}
    live(client, body | {"search_terms": ["pier"], "skus": [each | newer for each in body["skus"]]})
    made = live(client, body)
    place = f"{PRODUCTS}/{made['id']}"
    skus = [{"id": each["id"], **sent} for each, sent in zip(made["skus"], body["skus"], strict=True)]
    for version in ("202309", "202509"):
        newest = f"/product/{version}/products/{made['id']}"
        client.data("PUT", newest, {}, body | {"title": f"Evening Pier {version}", "skus": skus})
        client.advance(HALF_AN_HOUR)
        client.data("POST", f"{newest}/partial_edit", {}, {"title": f"Morning Pier {version}"})
        client.advance(HALF_AN_HOUR)
    personal = {"pod_info": {"pod_templates": [template(client, skus[0]["id"])]}}
    client.data("POST", f"/product/202509/products/{made['id']}/partial_edit", {}, personal)
    client.data("GET", place)
    prices = [{"id": each["id"], "price": {"amount": "19.99", "currency": "USD"}} for each in skus]
    client.data("POST", f"{place}/prices/update", {}, {"skus": prices})
    stock = [{"id": each["id"], "inventory": [{"quantity": 9}]} for each in skus]
    client.data("POST", f"{place}/inventory/update", {}, {"skus": stock})
    client.data("POST", "/product/202309/inventory/search", {}, {"product_ids": [made["id"]]})


def showing_and_hiding(client: Client) -> None:
    ids = {"product_ids": [live(client)["id"]]}
    client.data("POST", f"{PRODUCTS}/deactivate", {}, ids)
    client.data("POST", f"{PRODUCTS}/activate", {}, ids)
    client.advance(HALF_AN_HOUR)
    client.data("DELETE", PRODUCTS, {}, ids)
    client.data("POST", f"{PRODUCTS}/recover", {}, ids)
    client.data("POST", f"{PRODUCTS}/recover", {}, ids)  # the second time is a failure that is told of each listing
    title = create(client, poster(client, title="Please reject me"))
    client.advance(HALF_AN_HOUR)
    client.data("GET", f"{PRODUCTS}/{title['product_id']}")
