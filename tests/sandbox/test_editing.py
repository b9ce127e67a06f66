"""Listings are edited: whole or in part, as a draft or for good."""

from typing import Any

import pytest

from sandbox.client import START, Client, Json
from sandbox.sellers_desk import HALF_AN_HOUR, changed, create, detail, live, poster, refused, sku, told, upload


def edit(client: Client, product_id: str, body: Json, version: str = "202509") -> Json:
    return client.data("PUT", f"/product/{version}/products/{product_id}", None, body)


def partly(client: Client, product_id: str, version: str = "202509", **members: Any) -> Json:
    return client.data("POST", f"/product/{version}/products/{product_id}/partial_edit", None, members)


def kept(shown: Json) -> list[Json]:
    """The variants of a listing, named and nothing more."""
    return [{"id": each["id"], "seller_sku": each["seller_sku"]} for each in shown["skus"]]


@pytest.mark.parametrize("version", ["202309", "202509"])
def test_a_whole_edit_blanks_all_but_prices_and_stock(client: Client, version: str) -> None:
    extras = {"external_sku_id": "A", "list_price": {"amount": "30", "currency": "USD"}}
    before = live(client, poster(client, external_product_id="PSP-1", skus=[sku(client, **extras)]))
    edit(client, before["id"], poster(client, skus=kept(before)), version)
    client.advance(HALF_AN_HOUR)
    after = detail(client, before["id"])
    assert "external_product_id" not in after
    assert not {"external_sku_id", "list_price"} & set(after["skus"][0])
    for member in ("id", "price", "inventory", "seller_sku"):
        assert after["skus"][0][member] == before["skus"][0][member]


@pytest.mark.parametrize("version", ["202309", "202509"])
def test_a_part_leaves_the_rest_alone(client: Client, version: str) -> None:
    before = live(client, poster(client, external_product_id="PSP-1", search_terms=["pier"]))
    partly(client, before["id"], version, description="<p>New words.</p>")
    client.advance(HALF_AN_HOUR)
    after = detail(client, before["id"])
    assert after["description"] == "<p>New words.</p>"
    moving = {"description", "update_time"}
    assert {name: value for name, value in after.items() if name not in moving} == {
        name: value for name, value in before.items() if name not in moving
    }


def test_variants_come_and_go(client: Client) -> None:
    before = live(client)
    red, blue = before["skus"]
    color = red["sales_attributes"][0]
    skus = [{"id": blue["id"], "seller_sku": blue["seller_sku"]}, sku(client, "Green")]
    answer = partly(client, before["id"], skus=skus)
    assert [each["id"] == blue["id"] for each in answer["skus"]] == [True, False]
    client.advance(HALF_AN_HOUR)
    after = detail(client, before["id"])
    assert [each["sales_attributes"][0]["value_name"] for each in after["skus"]] == ["Blue", "Green"]
    assert after["skus"][0]["sales_attributes"][0] == blue["sales_attributes"][0]
    again = sku(client, sales_attributes=[{"id": color["id"], "value_id": blue["sales_attributes"][0]["value_id"]}])
    path = f"/product/202509/products/{before['id']}/partial_edit"
    assert refused(client, {"skus": [*kept(after), again]}, path) == 12052560


def test_a_listing_that_the_world_began_with_can_be_edited(client: Client) -> None:
    search = client.data("POST", "/product/202502/products/search", {"page_size": 1}, {"status": "ACTIVATE"})
    before = detail(client, search["products"][0]["id"])
    body = {
        "title": "Another Title",
        "description": before["description"],
        "category_id": before["category_chains"][-1]["id"],
        "category_version": "v2",
        "main_images": [{"uri": each["uri"]} for each in before["main_images"]],
        "product_attributes": [{"id": each["id"], "values": each["values"]} for each in before["product_attributes"]],
        "package_weight": before["package_weight"],
        "package_dimensions": before["package_dimensions"],
        "skus": kept(before),
        **({"size_chart": before["size_chart"]} if "size_chart" in before else {}),
    }
    edit(client, before["id"], body)
    client.advance(HALF_AN_HOUR)
    after = detail(client, before["id"])
    assert after["title"] == "Another Title"
    assert after["skus"] == before["skus"]


def test_drafts(client: Client) -> None:
    before = live(client)
    answer = partly(client, before["id"], save_mode="AS_DRAFT", title="Not Yet")
    assert answer["audit"]["status"] == "APPROVED"
    shown = detail(client, before["id"])
    assert (shown["title"], shown["has_draft"]) == (before["title"], True)
    assert detail(client, before["id"], return_draft_version="true")["title"] == "Not Yet"
    rows = client.data("POST", SEARCH, {"page_size": 100}, {"return_draft_version": True, "status": "ACTIVATE"})
    assert [(each["id"], each["title"]) for each in rows["products"]] == [(before["id"], "Not Yet")]
    partly(client, before["id"], description="<p>Now.</p>")  # what is not sent comes from the draft
    client.advance(HALF_AN_HOUR)
    shown = detail(client, before["id"])
    assert (shown["title"], shown["description"], shown["has_draft"]) == ("Not Yet", "<p>Now.</p>", False)


SEARCH = "/product/202502/products/search"


def test_a_draft_is_completed_and_submitted(client: Client) -> None:
    draft = create(client, changed(poster(client), "product_attributes", None), save_mode="AS_DRAFT")
    path = f"/product/202509/products/{draft['product_id']}/partial_edit"
    assert refused(client, {"title": "Evening Pier"}, path) == 12052104
    material = [{"id": "100157", "values": [{"name": "Bamboo Paper"}]}]
    partly(client, draft["product_id"], product_attributes=material)
    shown = detail(client, draft["product_id"])
    assert (shown["status"], shown["product_attributes"][0]["values"][0]["name"]) == ("PENDING", "Bamboo Paper")


def test_a_draft_takes_a_listing_out_of_its_review(client: Client) -> None:
    made = create(client)
    partly(client, made["product_id"], save_mode="AS_DRAFT", title="Wait")
    client.advance(HALF_AN_HOUR)
    assert detail(client, made["product_id"])["status"] == "DRAFT"


def test_a_failed_listing_is_mended(client: Client) -> None:
    shown = live(client, poster(client, title="Reject me"))
    partly(client, shown["id"], title="Better")
    assert detail(client, shown["id"])["audit_failed_reasons"] == []
    client.advance(HALF_AN_HOUR)
    assert detail(client, shown["id"])["status"] == "ACTIVATE"


@pytest.mark.parametrize("status", ["FREEZE", "DELETED"])
def test_what_cannot_be_read_cannot_be_edited(client: Client, status: str) -> None:
    product_id = live(client)["id"]
    client.control("POST", f"/products/{product_id}/set-status", {"status": status})
    assert client.call("GET", f"/product/202309/products/{product_id}")["code"] == 12052901
    assert refused(client, {"title": "No"}, f"/product/202509/products/{product_id}/partial_edit") == 12052901
    assert refused(client, poster(client), f"/product/202509/products/{product_id}", "PUT") == 12052901
    rows = client.data("POST", SEARCH, {"page_size": 10}, {"status": status})["products"]
    assert [each["id"] for each in rows] == [product_id]


def test_refusals(client: Client) -> None:
    before = live(client)
    part = f"/product/202509/products/{before['id']}/partial_edit"
    whole = f"/product/202509/products/{before['id']}"
    assert refused(client, {"category_id": "600160"}, part) == 12052922
    assert refused(client, {"skus": [{"id": "42", "seller_sku": "X"}]}, part) == 12052557
    assert refused(client, {"skus": [kept(before)[0]] * 2}, part) == 12052553
    assert refused(client, {"skus": [*kept(before), {"seller_sku": "X"}]}, part) == 12052550
    assert refused(client, {"skus": [changed(sku(client, "Green"), "price", None), *kept(before)]}, part) == 12052571
    assert (
        refused(client, {"skus": [changed(sku(client, "Green"), "inventory", None), *kept(before)]}, part) == 12052096
    )
    assert refused(client, {"title": "T" * 256}, part) == 12052051
    assert refused(client, changed(poster(client), "category_version", None), whole, "PUT") == 12052217
    assert refused(client, {"title": "No"}, "/product/202509/products/42/partial_edit") == 12052032
    both = {"return_under_review_version": "true", "return_draft_version": "true"}
    assert client.call("GET", f"/product/202309/products/{before['id']}", both)["code"] == 12052910
    assert detail(client, before["id"]) == before


def test_an_edit_is_told(client: Client) -> None:
    before = live(client)
    chart = {"image": {"uri": upload(client, "SIZE_CHART_IMAGE", width=1_024, height=1_400)}}
    partly(client, before["id"], title="Morning Pier", brand_id="7265982318457707331", size_chart=chart)
    change = told(client, "PRODUCT_INFORMATION_CHANGE")[-1]
    assert change["changed_fields"] == ["others", "size_chart_image", "title"]
    assert change["change_source"] == "OPEN_API"


PRE_ORDER = {"type": "PRE_ORDER", "fulfillment_type": {"release_date": START + 30 * 86_400}}
TO_ORDER = {"type": "MADE_TO_ORDER", "fulfillment_type": {"handling_duration_days": 5}}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (None, PRE_ORDER, 12052315),
        (None, TO_ORDER, 12052314),
        (PRE_ORDER, None, 12052273),
        (PRE_ORDER, TO_ORDER, 12052273),
        (TO_ORDER, PRE_ORDER, 12052315),
        (TO_ORDER, None, 0),
        (TO_ORDER, TO_ORDER, 0),
    ],
)
def test_what_a_live_variant_can_become(client: Client, before: Json | None, after: Json | None, code: int) -> None:
    def sale(sent: Json, kind: Json | None) -> Json:
        return sent | ({"pre_sale": kind} if kind else {})

    shown = live(client, poster(client, skus=[sale(sku(client), before)]))
    path = f"/product/202509/products/{shown['id']}/partial_edit"
    assert refused(client, {"skus": [sale(kept(shown)[0], after)]}, path) == code


def test_a_draft_can_become_anything(client: Client) -> None:
    made = create(client, skus=[sku(client)], save_mode="AS_DRAFT")
    partly(client, made["product_id"], skus=[{"id": made["skus"][0]["id"], "seller_sku": "S", "pre_sale": PRE_ORDER}])


def test_pictures_of_variants(client: Client) -> None:
    before = live(client)
    uri = upload(client, "ATTRIBUTE_IMAGE")
    values = [each["sales_attributes"][0] for each in before["skus"]]
    skus = [
        each | {"sales_attributes": [{"id": value["id"], "value_id": value["value_id"], "sku_img": {"uri": uri}}]}
        for each, value in zip(kept(before), values, strict=True)
    ]
    partly(client, before["id"], skus=skus)
    client.advance(HALF_AN_HOUR)
    after = detail(client, before["id"])["skus"][0]["sales_attributes"][0]
    assert after == values[0] | {"sku_img": after["sku_img"]}
    assert after["sku_img"]["uri"] == uri
    wrong = changed(skus[0], "sales_attributes.0.sku_img.uri", "unknown")
    path = f"/product/202509/products/{before['id']}/partial_edit"
    assert refused(client, {"skus": [wrong, skus[1]]}, path) == 12052722
