import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gcw_tiktok.tiktok import orders
from gcw_tiktok.tiktok.address import Address
from gcw_tiktok.tiktok.errors import NotAuthorized
from gcw_tiktok.tiktok.payload import fault
from gcw_tiktok.tiktok.us_states import CODES
from tiktok.far_side import FarSide, envelope

ADDRESS: dict[str, Any] = {
    "name": "Robin Example",
    "phone_number": "(+1)614-555-0100",
    "full_address": "12 Sample St, Columbus, Franklin, Ohio, United States 43004",
    "address_line1": "12 Sample St",
    "address_line2": "",
    "postal_code": "43004",
    "region_code": "US",
    "district_info": [
        {"address_level": "L0", "address_name": "United States"},
        {"address_level": "L1", "address_name": "Ohio", "iso_code": ""},
        {"address_level": "L2", "address_name": "Franklin"},
        {"address_level": "L3", "address_name": "Columbus"},
    ],
}
ORDER: dict[str, Any] = {
    "id": "576900000000001001",
    "status": "AWAITING_SHIPMENT",
    "create_time": 1795200000,
    "update_time": 1795203600,
    "paid_time": 1795200060,
    "is_on_hold_order": True,
    "shipping_type": "SELLER",
    "fulfillment_type": "FULFILLMENT_BY_SELLER",
    "delivery_option_id": "7091",
    "rts_sla_time": 1795600000,
    "tts_sla_time": 1795500000,
    "packages": [],
    "buyer_message": "For Robin",
    "recipient_address": ADDRESS,
    "payment": {"currency": "USD", "total_amount": "22.50"},
    "line_items": [
        {
            "id": "576900000000002001",
            "sku_id": "1729500000000003001",
            "seller_sku": "MUG",
            "display_status": "AWAITING_SHIPMENT",
        },
        {"id": "576900000000002002", "sku_id": "1729500000000003001", "display_status": "CANCELLED"},
    ],
}


def changed(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ORDER), **members}


def good(raw: dict[str, Any]) -> orders.Order:
    received = orders.read(raw)
    assert received.order is not None, received.fault
    return received.order


def test_an_order_is_read() -> None:
    order = good(ORDER)
    assert order.ship_by == 1795500000
    assert [line.id for line in order.live_lines] == ["576900000000002001"]
    assert str(order.payment.total_amount) == "22.50"
    assert order.recipient_address is not None
    assert (order.recipient_address.state, order.recipient_address.city) == ("OH", "Columbus")
    assert not order.is_masked


def test_nulls_empty_strings_numbers_and_novelties_are_forgiven() -> None:
    order = good(
        changed(
            id=576900000000001001,
            status="FLOATING",
            paid_time="",
            rts_sla_time="1795600000",
            tts_sla_time=0,
            release_date="",
            packages=None,
            recipient_address=None,
            delivery_option_id=7001,
            buyer_message=None,
            payment={"total_amount": "n/a"},
            brand_new={"x": 1},
            line_items=[None, {"id": 1, "seller_sku": "", "is_gift": None, "sub_item_info": None}],
        )
    )
    assert order.id == "576900000000001001"
    assert order.status == "FLOATING"
    assert order.paid_time is None
    assert order.ship_by == 1795600000
    assert order.delivery_option_id == "7001"
    assert order.payment.total_amount is None
    assert order.line_items[0].id == "1"
    assert order.is_masked


def test_either_spelling_is_read() -> None:
    assert good(changed(exchange_order_source_id="5")).exchange_source_order_id == "5"
    assert good(changed(exchange_source_order_id="6")).exchange_source_order_id == "6"
    both = changed(exchange_source_order_id="", exchange_order_source_id="7")
    assert good(both).exchange_source_order_id == "7"
    assert good(changed(status="CANCEL")).status == "CANCELLED"


def test_bundles_and_personalised_units_are_told_apart() -> None:
    line = {
        "id": "1",
        "is_pod_customized": True,
        "pod_info_id": 789,
        "combined_listing_skus": [{"sku_id": "2", "sku_count": 3}],
        "sub_item_info": [{"id": "11", "display_status": "CANCEL"}],
    }
    read = good(changed(line_items=[line])).line_items[0]
    assert read.is_bundle
    assert read.combined_listing_skus[0].sku_count == 3
    assert read.sub_item_info[0].display_status == "CANCELLED"
    assert (read.is_pod_customized, read.pod_info_id) == (True, "789")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (changed(status=None), "status"),
        (changed(line_items=[]), "line_items"),
        (changed(line_items=[{"sku_id": "1"}]), r"line_items\.0\.id"),
        (changed(update_time="yesterday of Robin Example"), "update_time"),
    ],
)
def test_what_cannot_be_read_says_why_and_keeps_the_raw(raw: dict[str, Any], fault: str) -> None:
    received = orders.read(raw)
    assert received.order is None
    assert received.raw is raw
    assert re.search(fault, received.fault)
    assert "Robin" not in received.fault


def test_the_buyer_is_not_in_the_repr() -> None:
    shown = repr(orders.read(ORDER))
    assert "Robin" not in shown
    assert "Sample St" not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(ORDER)), JSON))
def test_no_member_can_break_the_reading(members: dict[str, Any]) -> None:
    received = orders.read(changed(**members))
    assert (received.order is None) == bool(received.fault)


def address(**members: Any) -> Address:
    return Address.parse({**ADDRESS, **members})


@pytest.mark.parametrize(
    "members",
    [
        {"name": "R*** E***"},
        {"phone_number": "(+1)614*****00"},
        {"address_line1": "1* S***"},
        {"postal_code": "430**"},
        {"full_address": "***, Ohio"},
        {"name": ""},
        {"address_line1": ""},
        {"postal_code": None},
        {"district_info": []},
        {"district_info": [{"address_level": "L1", "address_name": "Ohio"}]},
    ],
    ids=repr,
)
def test_a_starred_or_incomplete_address_is_masked(members: dict[str, Any]) -> None:
    assert address(**members).is_masked


def test_a_clear_address_is_not_masked() -> None:
    assert address().missing == []
    assert not address().is_masked
    assert not address(name="", first_name="Robin", last_name="Example", phone_number="").is_masked
    assert not address(address_line1="", address_detail="12 Sample St").is_masked


def test_what_is_missing_is_named() -> None:
    assert address(name="", postal_code="4****").missing == ["name", "postal code"]


@pytest.mark.parametrize(
    ("name", "iso", "letters"),
    [
        ("Ohio", "", "OH"),
        ("OHIO ", "", "OH"),
        ("oh", "", "OH"),
        ("District of Columbia", "", "DC"),
        ("Puerto Rico", "", "PR"),
        ("Armed Forces Pacific", "", "AP"),
        ("U.S. Virgin Islands", "", "VI"),
        ("Buckeye", "US-OH", "OH"),
        ("Ontario", "", "Ontario"),
    ],
)
def test_states_become_two_letters(name: str, iso: str, letters: str) -> None:
    district = [{"address_level": "L1", "address_name": name, "iso_code": iso}]
    assert address(district_info=district).state == letters


def test_every_state_district_territory_and_military_state_is_known() -> None:
    assert len(CODES) == 50 + 1 + 5 + 3
    assert address(region_code="GU", district_info=[]).state == "GU"


def test_the_search_walks_by_update_time(far: FarSide) -> None:
    rows = [{"id": 1, "update_time": "5", "status": "ON_HOLD"}, {"id": "2", "update_time": None}]
    far.will(envelope({"orders": rows}))
    found = list(orders.search(far.client(), updated_from=3, updated_to=9))
    assert found == [orders.Found("1", 5, "ON_HOLD"), orders.Found("2", 0, "")]
    params = far.requests[0].url.params
    assert (params["page_size"], params["sort_field"], params["sort_order"]) == ("100", "update_time", "ASC")
    assert far.body() == {"update_time_ge": 3, "update_time_lt": 9}


def test_details_come_in_fifties_and_in_order(far: FarSide) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = request.url.params["ids"].split(",")
        return envelope({"orders": [changed(id=one) for one in reversed(ids) if one != "7"]})

    far.will(answer)
    ids = [str(number) for number in range(120)]
    received = list(orders.detail(far.client(), ids))
    assert [one.id for one in received] == ids
    assert [one.fault for one in received if one.order is None] == ["not returned"]
    assert [len(request.url.params["ids"].split(",")) for request in far.requests] == [50, 50, 20]


def test_one_order_that_tiktok_refuses_does_not_block_the_rest(far: FarSide) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = request.url.params["ids"].split(",")
        if "13" in ids:
            return envelope(code=21008111, message="order of another shop")
        return envelope({"orders": [changed(id=one) for one in ids]})

    far.will(answer)
    received = list(orders.detail(far.client(), [str(number) for number in range(50)]))
    assert [one.id for one in received if one.order is None] == ["13"]
    assert "21008111" in received[13].fault
    assert len(far.requests) < 15


def test_a_lost_authorization_is_nobodys_single_order(far: FarSide) -> None:
    far.will(envelope(code=105005, message="scope"))
    with pytest.raises(NotAuthorized):
        list(orders.detail(far.client(), ["1", "2"]))
    assert len(far.requests) == 1


def test_raw_orders_survive_json() -> None:
    assert json.loads(json.dumps(orders.read(ORDER).raw)) == ORDER


EVERYTHING: dict[str, Any] = {
    **ORDER,
    "release_date": 1795300000,
    "order_type": "PRE_ORDER",
    "handling_duration": {"days": "3", "type": "BUSINESS_DAY"},
    "packages": [{"id": "1153"}],
    "split_or_combine_tag": "COMBINED",
    "auto_combine_group_id": "88",
    "has_updated_recipient_address": False,
    "is_buyer_request_cancel": False,
    "is_sample_order": False,
    "is_replacement_order": True,
    "replaced_order_id": "5771",
    "is_exchange_order": False,
    "exchange_source_order_id": "5772",
    "exchange_order_source_id": "5773",
    "recipient_address": {
        **ADDRESS,
        "first_name": "Robin",
        "last_name": "Example",
        "address_detail": "12 Sample St",
        "delivery_preferences": {"drop_off_location": "porch"},
    },
    "line_items": [
        {
            "id": "576900000000002001",
            "product_id": "1729",
            "product_name": "Mug",
            "sku_id": "1730",
            "sku_name": "White",
            "seller_sku": "MUG",
            "display_status": "CANCEL",
            "package_id": "1153",
            "tracking_number": "9400",
            "shipping_provider_id": "7117",
            "shipping_provider_name": "USPS",
            "is_gift": False,
            "is_pod_customized": True,
            "pod_info_id": "5",
            "combined_listing_skus": [{"product_id": "1", "sku_id": "2", "seller_sku": "A", "sku_count": 2}],
            "sub_item_info": [
                {
                    "id": "6",
                    "product_id": "1",
                    "sku_id": "2",
                    "seller_sku": "A",
                    "display_status": "IN_TRANSIT",
                    "package_id": "1153",
                    "tracking_number": "9400",
                }
            ],
        }
    ],
}


def names(kind: Any) -> set[str]:
    """Under which its parts, and theirs, stand in an answer."""
    found: set[str] = set()
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        found |= set(alias.choices) if alias else {name}
        inside = [one for one in (field.annotation, *get_args(field.annotation)) if hasattr(one, "model_fields")]
        found = found.union(*map(names, inside))
    return found


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inside in members:
        yield (*path, name)
        yield from places(inside, (*path, name))


def outcome(read: Callable[[Any], orders.Order], raw: Any) -> orders.Order | str:
    try:
        return read(raw)
    except ValidationError as error:
        return fault(error)


def test_the_order_with_everything_has_everything() -> None:
    there = {part for path in places(EVERYTHING) for part in path if isinstance(part, str)}
    assert names(orders.Order) <= there
    assert good(EVERYTHING) == orders.Order.model_validate(EVERYTHING)


@given(st.data())
def test_an_order_reads_the_same_wherever_something_in_it_is_null_empty_or_odd(data: st.DataObject) -> None:
    raw = copy.deepcopy(EVERYTHING)
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(list(places(raw))))
        inside: Any = raw
        for part in way:
            inside = inside[part]
        inside[last] = data.draw(st.sampled_from([None, "", 0, 7, "7", [], [None], {}, True, "CANCEL"]))
    assert outcome(orders.Order.read, raw) == outcome(orders.Order.model_validate, raw)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "1", "update_time": 5, "status": "CANCELLED", "line_items": [{"id": "2", "sku_name": "White"}]},
        {"id": 1, "update_time": "5", "status": "CANCELLED", "line_items": [{"id": 2}, None]},
        {"id": "1", "update_time": 5, "status": "CANCELLED", "line_items": [{"id": "2"}], "buyer_message": "\ud83d"},
    ],
)
def test_a_search_finds_the_same_however_its_rows_are_written(row: dict[str, Any]) -> None:
    far = FarSide()
    for rows in ([row, None], [row]):
        body = {"code": 0, "message": "Success", "request_id": "1", "data": {"orders": rows, "next_page_token": ""}}
        far.will(httpx.Response(200, content=json.dumps(body), headers={"content-type": "application/json"}))
    client = far.client()
    for _ in range(2):
        assert list(orders.search(client, updated_from=1)) == [orders.Found("1", 5, "CANCELLED", ("2",))]


@pytest.mark.parametrize("lines", [None, "", {}, [], "absent"])
def test_a_search_without_lines_finds_the_order(lines: Any) -> None:
    row = {"id": "1", "update_time": 5, "status": "UNPAID"} | ({} if lines == "absent" else {"line_items": lines})
    client = FarSide().will(envelope({"orders": [row], "next_page_token": None})).client()
    assert list(orders.search(client, updated_from=1)) == [orders.Found("1", 5, "UNPAID")]
