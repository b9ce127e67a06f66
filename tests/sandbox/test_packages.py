from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import START, Client
from sandbox.shipping import (
    DAY,
    NUMBER,
    OTHER_NUMBER,
    SELF,
    UPS,
    USPS,
    Json,
    combine,
    drafts_of,
    ids,
    mark_shipped,
    package,
    ship_package,
    split,
    told,
    twins,
)

SEARCH = "/fulfillment/202309/packages/search"


def search(client: Client, body: Json | None = None, **query: Any) -> list[Json]:
    found: list[Json] = client.data("POST", SEARCH, {"page_size": 50, **query}, body)["packages"]
    return found


@pytest.mark.parametrize("sort_field", ["create_time", "update_time", "order_pay_time"])
@pytest.mark.parametrize("sort_order", ["ASC", "DESC"])
def test_packages_come_in_pages(make_client: Callable[..., Client], sort_field: str, sort_order: str) -> None:
    client = make_client(orders=200)
    client.connect()
    found: list[Json] = []
    token, total = "", 0
    while token or not found:
        query = {"page_size": 7, "sort_field": sort_field, "sort_order": sort_order}
        data = client.data("POST", SEARCH, query | ({"page_token": token} if token else {}))
        found += data["packages"]
        token, total = data["next_page_token"], data["total_count"]
    assert len({each["id"] for each in found}) == len(found) == total > 50
    if sort_field != "order_pay_time":
        times = [each[sort_field] for each in found]
        assert times == sorted(times, reverse=sort_order == "DESC")
    else:
        paid = {order.id: order.paid_time for order in client.world.orders}
        times = [paid[each["orders"][0]["id"]] for each in found]
        assert times == sorted(times, reverse=sort_order == "DESC")


@pytest.mark.parametrize("page_size", ["0", "51"])
def test_pages_of_packages_hold_fifty_at_most(client: Client, page_size: str) -> None:
    assert client.call("POST", SEARCH, {"page_size": page_size})["code"] == 36009004


def test_packages_are_found_by_status_and_time(make_client: Callable[..., Client]) -> None:
    client = make_client(orders=80)
    client.connect()
    everything = search(client)
    for status in ("PROCESSING", "FULFILLING", "COMPLETED"):
        expected = [each["id"] for each in everything if each["status"] == status]
        assert [each["id"] for each in search(client, {"package_status": status})] == expected != []
    recent = search(client, {"update_time_ge": START - DAY}, sort_field="update_time")
    assert recent
    assert all(each["update_time"] >= START - DAY for each in recent)


def test_packages_of_other_shops_are_not_found(client: Client) -> None:
    mine = search(client)[0]["id"]
    client.connect("tidewater")
    assert search(client) == []
    assert client.call("GET", f"/fulfillment/202309/packages/{mine}")["code"] == 10006402
    assert ship_package(client, mine, **SELF)["code"] == 21011028


def test_a_package_changes_as_it_travels(client: Client) -> None:
    order_id = client.buy_ready()["id"]
    package_id = mark_shipped(client, order_id)["data"]["package_id"]
    seen = []
    for action in ("", "collect", "deliver"):
        client.advance(60)
        if action:
            client.control("POST", f"/orders/{order_id}/{action}")
        shown = package(client, package_id)
        seen.append((shown["package_status"], shown["package_sub_status"], shown["update_time"]))
        assert search(client, sort_field="update_time")[0]["id"] == package_id
    assert [each[:2] for each in seen] == [("PROCESSING", "RTS"), ("FULFILLING", "TTS"), ("COMPLETED", "DELIVERED")]
    assert seen[0][2] < seen[1][2] < seen[2][2]


def test_parcels_of_one_order_travel_by_themselves(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    first, second = ids(order)
    mark_shipped(client, order["id"], order_line_item_ids=[first])
    client.advance(DAY + 60)
    client.connect()
    partly = client.order(order["id"])
    assert partly["status"] == "PARTIALLY_SHIPPING"
    assert [line["display_status"] for line in partly["line_items"]] == ["IN_TRANSIT", "AWAITING_SHIPMENT"]
    mark_shipped(client, order["id"], order_line_item_ids=[second], tracking_number=OTHER_NUMBER)
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"
    client.advance(DAY)
    client.connect()
    assert client.order(order["id"])["status"] == "IN_TRANSIT"


def test_a_cancelled_parcel_is_shown_as_cancelled(client: Client) -> None:
    order = client.buy_ready()
    package_id = mark_shipped(client, order["id"])["data"]["package_id"]
    client.control("POST", f"/orders/{order['id']}/cancel")
    assert package(client, package_id)["package_status"] == "CANCELLED"
    assert ship_package(client, package_id, **SELF)["code"] == 21011041
    assert [each["id"] for each in search(client, {"package_status": "CANCELLED"})] == [package_id]


def test_several_packages_are_shipped_in_one_call(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    first, second = ids(order)
    boxes = [each["id"] for each in split(client, order["id"], [first], [second])["data"]["packages"]]
    wanted = [{"id": boxes[0], **SELF}, {"id": boxes[1]}, {"id": "42", **SELF}]
    answer = client.data("POST", "/fulfillment/202309/packages/ship", {}, {"packages": wanted})
    assert [(each["code"], each["detail"]["package_id"]) for each in answer["errors"]] == [
        (21011022, boxes[1]),
        (21011028, "42"),
    ]
    assert client.order(order["id"])["status"] == "PARTIALLY_SHIPPING"
    again = client.data("POST", "/fulfillment/202309/packages/ship", {}, {"packages": wanted[:1]})
    assert again["errors"][0]["code"] == 21011020


def test_a_split_order_shows_its_packages_before_they_are_shipped(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 3}])
    first, second, third = ids(order)
    answer = split(client, order["id"], [first, second], [third])["data"]
    assert [each["splittable_group_id"] for each in answer["packages"]] == ["box-0", "box-1"]
    boxes = [each["id"] for each in answer["packages"]]
    shown = client.order(order["id"])
    assert (shown["status"], shown["split_or_combine_tag"]) == ("AWAITING_SHIPMENT", "SPLIT")
    assert [each["id"] for each in shown["packages"]] == boxes
    assert [line["package_id"] for line in shown["line_items"]] == [boxes[0], boxes[0], boxes[1]]
    assert {line["package_status"] for line in shown["line_items"]} == {"TO_FULFILL"}
    assert "tracking_number" not in shown["line_items"][0]
    event = told(client, "PACKAGE_UPDATE")[-1]
    assert (event["sc_type"], event["role_type"]) == ("SPLIT", "ROLE_SELLER")
    assert [each["package_id"] for each in event["package_list"]] == boxes
    assert mark_shipped(client, order["id"])["code"] == 21011048
    assert ship_package(client, boxes[0], **SELF)["code"] == 0
    rest = mark_shipped(client, order["id"], order_line_item_ids=[third], tracking_number=OTHER_NUMBER)
    assert rest["data"]["package_id"] == boxes[1]
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"


def test_units_shipped_otherwise_leave_their_draft(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 3}])
    first, second, third = ids(order)
    drafts = [each["id"] for each in split(client, order["id"], [first, second], [third])["data"]["packages"]]
    shipped = mark_shipped(client, order["id"], order_line_item_ids=[second, third])["data"]["package_id"]
    assert shipped not in drafts
    assert package(client, drafts[0])["order_line_item_ids"] == [first]
    assert package(client, drafts[1])["package_status"] == "CANCELLED"
    assert {each["id"] for each in client.order(order["id"])["packages"]} == {drafts[0], shipped}


def test_bundles_can_be_named_in_the_newer_form_of_splitting(client: Client) -> None:
    bundle = {"bundle": [{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}]}
    order = client.buy_ready(lines=[bundle, {}])
    bundled, single = order["line_items"]
    assert bundled["combined_listing_skus"][0]["sku_count"] == 2
    parts = [each["id"] for each in bundled["sub_item_info"]]
    path = f"/fulfillment/202309/orders/{order['id']}/split"
    some = [{"order_line_id": bundled["id"], "sub_item_id": parts[0]}]
    group = {"id": "a", "order_line_list": some}
    assert client.call("POST", path, {}, {"splittable_groups_v2": [group]})["code"] == 21011012
    group["order_line_list"] = [{"order_line_id": bundled["id"], "sub_item_id": part} for part in parts]
    other = {"id": "b", "order_line_list": [{"order_line_id": single["id"]}]}
    made = client.data("POST", path, {}, {"splittable_groups_v2": [group, other]})["packages"]
    shown = client.order(order["id"])["line_items"][0]
    assert shown["package_id"] == made[0]["id"] == shown["sub_item_info"][0]["package_id"]
    body = {
        "order_line_list": group["order_line_list"],
        "shipping_info_list": [{"tracking_number": NUMBER, "shipping_provider_id": USPS}],
    }
    shipped = client.data("POST", f"/fulfillment/202610/orders/{order['id']}/packages", {}, body)
    assert shipped["package_id"] == made[0]["id"]


def test_what_cannot_be_split(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    first, second = ids(order)
    assert split(client, order["id"], [first], ["42"])["code"] == 21011005
    assert split(client, order["id"], [first], [first, second])["code"] == 21011005
    assert client.call("POST", f"/fulfillment/202309/orders/{order['id']}/split", {}, {})["code"] == 36009004
    assert split(client, "42", [first])["code"] == 21011028
    held = client.buy(lines=[{"quantity": 2}])
    assert split(client, held, ids(client.order(held))[:1])["code"] == 21011044
    single = client.buy_ready()
    assert split(client, single["id"], ids(single))["code"] == 21011035
    large = client.buy_ready(lines=[{"quantity": 101}])["id"]
    asked = {"order_ids": ",".join([order["id"], held, single["id"], large, "42"])}
    found = client.data("GET", "/fulfillment/202309/orders/split_attributes", asked)["split_attributes"]
    told_of = {each["order_id"]: (each["can_split"], each["must_split"], "reason" in each) for each in found}
    assert told_of == {
        order["id"]: (True, False, False),
        held: (False, False, True),
        single["id"]: (False, False, True),
        large: (True, True, False),
    }


def test_orders_of_one_buyer_can_be_combined(client: Client) -> None:
    a, b = twins(client, lines=[{"quantity": 2}])
    draft = drafts_of(client, a)[0]
    assert sorted(draft["order_ids"]) == sorted([a["id"], b["id"]])
    assert drafts_of(client, a) == [draft]
    made = combine(client, draft["id"], draft["order_ids"])
    assert made["errors"] == []
    combined = made["packages"][0]
    assert combined["id"] != draft["id"]
    for order in (a, b):
        shown = client.order(order["id"])
        assert (shown["status"], shown["split_or_combine_tag"]) == ("AWAITING_SHIPMENT", "COMBINED")
        assert shown["packages"] == [{"id": combined["id"]}]
        assert mark_shipped(client, order["id"])["code"] == 21011033
        assert split(client, order["id"], ids(order)[:1])["code"] == 21011035
    event = told(client, "PACKAGE_UPDATE")[-1]
    assert event["sc_type"] == "COMBINE"
    assert sorted(event["package_list"][0]["order_id_list"]) == sorted(draft["order_ids"])
    assert drafts_of(client, a) == []
    assert ship_package(client, combined["id"], **SELF)["code"] == 0
    numbers = {client.order(order["id"])["tracking_number"] for order in (a, b)}
    assert numbers == {NUMBER}
    shown = package(client, combined["id"])
    assert (shown["split_and_combine_tag"], len(shown["order_line_item_ids"])) == ("COMBINE", 4)
    truth = next(
        each for each in client.control("GET", "/state?parts=packages")["packages"] if each["id"] == combined["id"]
    )
    assert (truth["status"], sorted(truth["order_ids"])) == ("PROCESSING", sorted(draft["order_ids"]))
    better = {"tracking_number": "1Z12345E0291980793", "shipping_provider_id": UPS}
    path = f"/fulfillment/202309/packages/{combined['id']}/shipping_info/update"
    assert client.call("POST", path, {}, better)["code"] == 0
    assert {client.order(order["id"])["shipping_provider"] for order in (a, b)} == {"UPS"}


def test_drafts_come_in_pages(client: Client) -> None:
    for _ in range(3):
        twins(client)
    path, seen, token = "/fulfillment/202309/combinable_packages/search", [], ""
    while token or not seen:
        data = client.data("GET", path, {"page_size": 1, **({"page_token": token} if token else {})})
        seen += [each["id"] for each in data["combinable_packages"]]
        token = data["next_page_token"]
        assert data["total_count"] >= 3
    assert len(set(seen)) == len(seen) == data["total_count"]


def test_what_cannot_be_combined(client: Client) -> None:
    a, b = twins(client)
    stranger = client.buy_ready()["id"]
    draft = drafts_of(client, a)[0]["id"]
    held = client.buy(buyer_user_id=a["user_id"])
    for draft_id, order_ids, code in (
        (draft, [a["id"], stranger], 21011031),
        (draft, [a["id"]], 21011031),
        (draft, [a["id"], held], 21011044),
        ("42", [a["id"], b["id"]], 21011028),
    ):
        answer = combine(client, draft_id, order_ids)
        assert answer["packages"] == []
        assert answer["errors"][0]["code"] == code
        assert answer["errors"][0]["detail"]["package_id"] == draft_id
    client.control("POST", f"/orders/{b['id']}/request-cancel")
    assert drafts_of(client, a) == []


def test_orders_leave_a_combined_package(client: Client) -> None:
    a, b, c = twins(client, 3)
    draft = drafts_of(client, a)[0]
    combined = combine(client, draft["id"], [])["packages"][0]["id"]
    path = f"/fulfillment/202309/packages/{combined}/uncombine"
    assert client.call("POST", path, {}, {"order_ids": ["42"]})["code"] == 21011029
    left = client.data("POST", path, {}, {"order_ids": [a["id"]]})["packages"]
    assert [each["order_ids"] for each in left] == [[a["id"]]]
    assert client.order(a["id"])["packages"] == [{"id": left[0]["id"]}]
    assert client.order(a["id"])["split_or_combine_tag"] == ""
    assert client.order(b["id"])["packages"] == [{"id": combined}]
    assert told(client, "PACKAGE_UPDATE")[-1]["sc_type"] == "CANCEL_COMBINE"
    rest = client.data("POST", path, {}, {"order_ids": [b["id"]]})["packages"]
    assert sorted(each["order_ids"][0] for each in rest) == sorted([b["id"], c["id"]])
    assert package(client, combined)["package_status"] == "CANCELLED"
    assert client.call("POST", path, {}, {})["code"] == 21011005
    assert mark_shipped(client, a["id"])["data"]["package_id"] == left[0]["id"]


def test_a_cancelled_or_moved_order_leaves_the_combined_package(client: Client) -> None:
    a, b, c = twins(client, 3)
    combined = combine(client, drafts_of(client, a)[0]["id"], [])["packages"][0]["id"]
    client.control("POST", f"/orders/{a['id']}/cancel")
    assert told(client, "PACKAGE_UPDATE")[-1]["sc_type"] == "PARTLY_CANCEL_SPLIT"
    client.control("POST", f"/orders/{b['id']}/edit-address", {"line1": "7 New Pier"})
    event = told(client, "PACKAGE_UPDATE")[-1]
    assert (event["sc_type"], event["role_type"]) == ("ADDRESS_UPDATE_SPLIT", "ROLE_USER")
    assert [each["id"] for each in package(client, combined)["orders"]] == [c["id"]]
    assert client.order(b["id"])["packages"] == []
    assert client.order(c["id"])["split_or_combine_tag"] == ""
    assert mark_shipped(client, c["id"])["code"] == 0


def test_orders_placed_soon_after_each_other_are_grouped_where_the_seller_wants_it(client: Client) -> None:
    shop_id = client.control("GET", "/state?parts=shops")["shops"][0]["id"]
    a = client.order(client.buy())
    assert "auto_combine_group_id" not in client.order(client.buy(buyer_user_id=a["user_id"]))
    client.control("POST", f"/shops/{shop_id}/settings", {"combine_window": 1800})
    client.advance(3600)
    first = client.buy(buyer_user_id=a["user_id"])
    client.advance(1700)
    second = client.buy(buyer_user_id=a["user_id"])
    client.advance(3700)
    late = client.buy(buyer_user_id=a["user_id"])
    groups = [client.order(order_id).get("auto_combine_group_id") for order_id in (first, second, late)]
    assert groups[0] == groups[1] is not None
    assert groups[2] is None
    assert client.order(second)["status"] == "AWAITING_SHIPMENT"
    client.control("POST", f"/orders/{second}/edit-address")
    assert "auto_combine_group_id" not in client.order(second)


def test_held_orders_are_refused_by_every_call_that_would_move_them(client: Client) -> None:
    held = client.buy(lines=[{"quantity": 2}])
    line = ids(client.order(held))[0]
    info = {"tracking_number": NUMBER, "shipping_provider_id": USPS}
    body = {"shipping_info_list": [info]}
    assert mark_shipped(client, held)["code"] == 21011044
    assert client.call("POST", f"/fulfillment/202610/orders/{held}/packages", {}, body)["code"] == 21011044
    assert split(client, held, [line])["code"] == 21011044
    tiktok = client.buy(shipping_type="TIKTOK")
    for version, wanted in (("202309", {"order_id": tiktok}), ("202512", {"ship_type": "1", "order_id": tiktok})):
        assert client.call("POST", f"/fulfillment/{version}/packages", {}, wanted)["code"] == 21011044


def test_tracking_is_corrected_in_the_newest_form_too(client: Client) -> None:
    package_id = mark_shipped(client, client.buy_ready()["id"])["data"]["package_id"]
    path = f"/fulfillment/202610/packages/{package_id}/shipping_info/update"
    info = {"tracking_number": "1Z12345E0291980793", "shipping_provider_id": UPS, "note": "sorry"}
    assert client.call("POST", path, {}, {"shipping_info_list": [info, info]})["code"] == 21011012
    assert client.call("POST", path, {}, {"shipping_info_list": [info]})["code"] == 0
    assert client.call("POST", path, {}, {"shipping_info_list": [info]})["code"] == 21011051
    assert package(client, package_id)["tracking_number"] == "1Z12345E0291980793"


def test_corrections_need_a_shipped_package(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    box = split(client, order["id"], ids(order)[:1])["data"]["packages"][0]["id"]
    info = {"tracking_number": NUMBER, "shipping_provider_id": USPS}
    path = f"/fulfillment/202309/packages/{box}/shipping_info/update"
    assert client.call("POST", path, {}, info)["code"] == 21011043


def test_events_of_carriers_can_be_followed(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    old, new = (f"/{place}/orders/{order['id']}/tracking" for place in ("fulfillment/202309", "logistics/202604"))
    assert client.data("GET", old)["tracking"] == []
    assert client.data("GET", new)["logistics_details"] == []
    for line, number in zip(ids(order), (NUMBER, OTHER_NUMBER), strict=True):
        mark_shipped(client, order["id"], order_line_item_ids=[line], tracking_number=number)
    client.advance(3 * DAY)
    client.connect()
    scans = client.data("GET", old)["tracking"]
    times = [scan["update_time_millis"] for scan in scans]
    assert times == sorted(times, reverse=True)
    assert max(times) <= client.world.now() * 1000
    client.advance(2 * DAY)
    client.connect()
    details = client.data("GET", new)
    assert {each["newest_tracking_no"] for each in details["logistics_details"]} == {NUMBER, OTHER_NUMBER}
    for each in details["logistics_details"]:
        assert each["carrier_name"] == "USPS"
        assert each["track_list"][0]["action_code_name"] == "DELIVERED"
        assert len(each["track_list"]) == 5


def test_cancelled_units_stay_behind_when_orders_part(client: Client) -> None:
    a, b = twins(client, lines=[{"quantity": 2}])
    combined = combine(client, drafts_of(client, a)[0]["id"], [])["packages"][0]["id"]
    client.control("POST", f"/orders/{a['id']}/cancel", {"line_ids": ids(a)[:1]})
    left = client.data("POST", f"/fulfillment/202309/packages/{combined}/uncombine", {}, {})["packages"]
    assert {each["order_ids"][0] for each in left} == {a["id"], b["id"]}
    gone, kept = client.order(a["id"])["line_items"]
    assert "package_id" not in gone
    assert [{"id": kept["package_id"]}] == client.order(a["id"])["packages"]
