"""Listings and edits of live ones wait for a review, which time or a control call ends."""

import pytest

from sandbox.client import START, Client
from sandbox.sellers_desk import HALF_AN_HOUR, create, detail, live, poster, tee, told


def test_a_listing_goes_live_after_half_an_hour(client: Client) -> None:
    made = create(client)
    client.advance(HALF_AN_HOUR - 60)
    assert detail(client, made["product_id"])["status"] == "PENDING"
    client.advance(120)
    shown = detail(client, made["product_id"])
    assert (shown["status"], shown["audit"]["status"]) == ("ACTIVATE", "APPROVED")
    assert START + HALF_AN_HOUR <= shown["update_time"] < START + HALF_AN_HOUR + 60
    assert {sku["status_info"]["status"] for sku in shown["skus"]} == {"NORMAL"}


def test_a_title_that_asks_for_it_is_refused(client: Client) -> None:
    shown = live(client, poster(client, title="Reject me, a Poster"))
    assert (shown["status"], shown["audit"]["status"], shown["product_status"]) == ("FAILED", "FAILED", "DRAFT")
    assert shown["audit_failed_reasons"][0]["reasons"] == ['The title contains "reject me".']


def test_webhooks_tell_of_a_review(client: Client) -> None:
    first = live(client)["id"]
    second = create(client)["product_id"]
    client.control("POST", f"/products/{second}/reject", {"reason": "blurred picture"})
    statuses = [(each["product_id"], each["status"], each["suspended_reason"]) for each in told(client, STATUS)]
    assert (int(first), "PRODUCT_FIRST_PASS_REVIEW", "") in statuses
    assert statuses[-1] == (int(second), "PRODUCT_AUDIT_FAILURE", "blurred picture")
    audits = [(each["product_id"], each["audit"]["status"]) for each in told(client, "PRODUCT_AUDIT_STATUS_CHANGE")]
    assert [status for product, status in audits if product == int(first)] == ["AUDITING", "APPROVED"]
    assert [status for product, status in audits if product == int(second)] == ["AUDITING", "FAILED"]


STATUS = "PRODUCT_STATUS_CHANGE"


def test_a_reviewer_can_be_quicker(client: Client) -> None:
    made = create(client)
    assert client.control("POST", f"/products/{made['product_id']}/approve")["status"] == "ACTIVATE"
    told_before = len(told(client, STATUS))
    client.advance(HALF_AN_HOUR)
    assert len(told(client, STATUS)) == told_before + 1  # the listing that was under review when the world began


def test_there_is_no_review_without_a_submission(client: Client) -> None:
    made = create(client, save_mode="AS_DRAFT")
    for action in ("approve", "reject"):
        reply = client.http.post(f"/_sandbox/products/{made['product_id']}/{action}", json={})
        assert (reply.status_code, "not under review" in reply.json()["error"]) == (400, True)
    client.advance(HALF_AN_HOUR)
    assert detail(client, made["product_id"])["status"] == "DRAFT"


def test_the_opening_listing_under_review_passes_too(client: Client) -> None:
    path = "/product/202502/products/search"
    pending = client.data("POST", path, {"page_size": 1}, {"status": "PENDING"})["products"][0]["id"]
    client.advance(HALF_AN_HOUR)
    assert detail(client, pending)["status"] == "ACTIVATE"


def test_an_edit_of_a_live_listing_is_reviewed_beside_it(client: Client) -> None:
    before = live(client)
    answer = edit(client, before["id"], title="Morning Pier Art Poster")
    assert answer["audit"]["status"] == "AUDITING"
    shown = detail(client, before["id"])
    assert (shown["title"], shown["status"], shown["audit"]["status"]) == (before["title"], "ACTIVATE", "AUDITING")
    waiting = detail(client, before["id"], return_under_review_version="true")
    assert waiting["title"] == "Morning Pier Art Poster"
    client.advance(HALF_AN_HOUR)
    shown = detail(client, before["id"])
    assert (shown["title"], shown["audit"]["status"]) == ("Morning Pier Art Poster", "APPROVED")
    assert [sku["id"] for sku in shown["skus"]] == [sku["id"] for sku in before["skus"]]
    nothing = client.call("GET", f"/product/202309/products/{before['id']}", {"return_under_review_version": "true"})
    assert nothing["code"] == 12052547


def test_a_refused_edit_leaves_the_live_listing_and_becomes_its_draft(client: Client) -> None:
    before = live(client)
    edit(client, before["id"], title="Reject me")
    client.advance(HALF_AN_HOUR)
    shown = detail(client, before["id"])
    assert (shown["title"], shown["status"]) == (before["title"], "ACTIVATE")
    assert (shown["audit"]["status"], shown["has_draft"]) == ("FAILED", True)
    assert detail(client, before["id"], return_draft_version="true")["title"] == "Reject me"
    edit(client, before["id"], title="Fine again")
    client.advance(HALF_AN_HOUR)
    shown = detail(client, before["id"])
    assert (shown["title"], shown["has_draft"], shown["audit_failed_reasons"]) == ("Fine again", False, [])


def test_an_edit_during_a_review_starts_it_anew(client: Client) -> None:
    before = live(client)
    edit(client, before["id"], title="Second thought")
    client.advance(HALF_AN_HOUR - 60)
    edit(client, before["id"], title="Third thought")
    client.advance(120)
    assert detail(client, before["id"])["title"] == before["title"]
    client.advance(HALF_AN_HOUR)
    assert detail(client, before["id"])["title"] == "Third thought"


def test_what_buyers_do_not_see_changes_at_once(client: Client) -> None:
    before = live(client)
    skus = [{"id": sku["id"], "seller_sku": f"NEW-{place}"} for place, sku in enumerate(before["skus"])]
    answer = edit(client, before["id"], skus=skus, external_product_id="PSP-9")
    assert answer["audit"]["status"] == "APPROVED"
    shown = detail(client, before["id"])
    assert [sku["seller_sku"] for sku in shown["skus"]] == ["NEW-0", "NEW-1"]
    assert shown["external_product_id"] == "PSP-9"


def test_prices_of_an_edit_do_not_wait_for_the_review(client: Client) -> None:
    before = live(client)
    price = {"amount": "25.5", "currency": "USD"}
    skus = [{"id": sku["id"], "seller_sku": sku["seller_sku"], "price": price} for sku in before["skus"]]
    edit(client, before["id"], title="Morning Pier Art Poster", skus=skus)
    assert detail(client, before["id"])["skus"][0]["price"]["sale_price"] == "25.5"
    stock = [{"quantity": 7, "warehouse_id": before["skus"][0]["inventory"][0]["warehouse_id"]}]
    path = f"/product/202309/products/{before['id']}/inventory/update"
    client.data("POST", path, None, {"skus": [{"id": before["skus"][0]["id"], "inventory": stock}]})
    client.advance(HALF_AN_HOUR)
    sku = detail(client, before["id"])["skus"][0]
    assert (sku["price"]["sale_price"], sku["inventory"][0]["quantity"]) == ("25.5", 7)


def test_a_new_category_is_told(client: Client) -> None:
    before = live(client)
    body = tee(client, skus=[{"id": sku["id"], "seller_sku": sku["seller_sku"]} for sku in before["skus"]])
    client.data("PUT", f"/product/202509/products/{before['id']}", None, body)
    assert told(client, "PRODUCT_CATEGORY_CHANGE") == []
    client.advance(HALF_AN_HOUR)
    moved = told(client, "PRODUCT_CATEGORY_CHANGE")
    assert [(each["previous_category_id"], each["current_category_id"]) for each in moved] == [("600349", "601226")]


@pytest.mark.parametrize("status", ["SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"])
def test_a_hidden_listing_goes_through_review_to_be_shown(client: Client, status: str) -> None:
    product_id = live(client)["id"]
    client.control("POST", f"/products/{product_id}/set-status", {"status": status})
    assert detail(client, product_id)["audit"]["status"] == "NONE"
    assert client.data("POST", "/product/202309/products/activate", None, {"product_ids": [product_id]}) == {}
    shown = detail(client, product_id)
    assert (shown["status"], shown["product_status"]) == ("PENDING", status)
    client.advance(HALF_AN_HOUR)
    assert detail(client, product_id)["status"] == "ACTIVATE"
    assert told(client, STATUS)[-1]["status"] == "PRODUCT_STATUS_CHANGED"


def edit(client: Client, product_id: str, **members: object) -> dict[str, object]:
    return client.data("POST", f"/product/202509/products/{product_id}/partial_edit", None, members)
