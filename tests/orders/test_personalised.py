"""What a buyer personalised is fetched, kept sealed, looked at by a person, and printed as it was approved."""

import json
from io import BytesIO

import pikepdf
import pytest
from sqlmodel import select

from gcw_tiktok.sandbox.sales.orders import Personalisation
from gcw_tiktok.store.tables import Event, Order
from orders.shop import SKU, Json, Shop

NAME, PHOTO = "Ada Lovelace", "https://example.com/ada.png"
WISH = {"surfaces": [{"external_surface_id": "front", "custom_areas": [
    {"external_area_id": "front/text", "area_type": "TEXT", "text_area": {"text": NAME}},
    {"external_area_id": "front/image", "area_type": "IMAGE", "image_area": {"image": {"url": PHOTO}}},
]}]}  # fmt: skip
CALLS = ("/fulfillment/202606/pod_details/get", "/order/202606/pod_details/search")


def ordered(shop: Shop, wish: Json = WISH) -> str:
    """An order of one unit that is personalised, and one that is not; its free-cancel hour is over."""
    lines = [{"seller_sku": SKU, "customization": wish}, {"seller_sku": SKU}]
    order_id = str(shop.sandbox.control("POST", "orders", {"lines": lines})["order_ids"][0])
    shop.do(order_id, "end-hold")
    return order_id


def change(shop: Shop, order_id: str, text: str) -> None:
    """The buyer has second thoughts."""
    order = shop.sold(order_id)
    assert order is not None
    wish = json.loads(json.dumps(WISH).replace(NAME, text))
    for line in order.lines:
        if line.personalisation:
            line.personalisation = Personalisation(line.personalisation.id, wish)
    order.update_time = shop.world.now()


def commands(shop: Shop, order_id: str) -> list[str]:
    return [hold["command"] for hold in shop.order(order_id)["holds"]]


def wished(shop: Shop, order_id: str) -> str:
    (item,) = [one for one in shop.document(order_id)["items"] if "metadata" in one]
    (fact,) = item["metadata"]
    assert fact["key"] == "personalisation"
    return str(fact["value"])


def test_it_is_held_until_somebody_approves_it_and_then_goes_to_production(either_shop: Shop) -> None:
    shop = either_shop
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == ["design_problem"]
    assert commands(shop, order_id) == [f"gcw orders approve {order_id}"]
    assert (
        shop.gcw.fails(4, "orders", "release", order_id, "--yes", "--json").error["hint"].startswith("gcw orders app")
    )
    approved = shop.gcw("orders", "approve", order_id, "--json").json
    (line,) = approved["lines"]
    assert (approved["stage"], approved["holds"]) == ("passed", [])
    assert line in shop.lines(order_id)
    shop.gcw("orders", "release", order_id)
    assert json.loads(wished(shop, order_id)) == WISH
    ticket = (shop.hand_off / f"TTS-{order_id}" / "job-ticket.pdf").read_bytes()
    with pikepdf.open(BytesIO(ticket)) as pdf:
        drawn = [page.Contents.read_bytes() for page in pdf.pages]
    assert sum(b"PERSONALISED front: " + NAME.encode() in page for page in drawn) == 1


def test_it_is_shown_only_where_somebody_asks(shop: Shop) -> None:
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    (line,) = [one for one in shop.order(order_id)["lines"] if one["personalised"]]
    assert line["wishes"] == [{"area": "front", "letters": [len(NAME)], "images": 1}]
    shop.gcw("orders", "approve", order_id)
    quiet = [shop.gcw("orders", "show", order_id), shop.gcw("orders", "show", order_id, "--json")]
    quiet += [shop.gcw("orders", "list", "--json"), shop.gcw("--verbose", "orders", "pull", "--since", "1d")]
    assert not [word for ran in quiet for word in (NAME, PHOTO) if word in ran.stdout + ran.stderr]
    with shop.session() as session:
        assert not [one for one in session.exec(select(Event)) if NAME in json.dumps([one.what, one.why, one.data])]
        assert NAME.encode() not in (session.exec(select(Order)).one().sealed_recipient or b"")
    asked = shop.gcw("orders", "show", order_id, "--with-recipient", "--json").json
    (shown,) = [one["wishes"] for one in asked["lines"] if one["personalised"]]
    assert shown == [{"area": "front", "letters": [len(NAME)], "images": 1, "texts": [NAME], "addresses": [PHOTO]}]
    assert NAME in shop.gcw("orders", "show", order_id, "--with-recipient").stdout


def test_what_changes_after_it_was_approved_is_asked_for_again(either_shop: Shop) -> None:
    shop = either_shop
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    shop.gcw("orders", "approve", order_id)
    assert shop.stage(order_id) == "passed"
    shop.advance(10)
    change(shop, order_id, "Charles Babbage")
    assert "approve" in shop.gcw.fails(4, "orders", "release", order_id, "--json").error["hint"]
    assert shop.folders() == []
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == ["design_problem"]
    shop.gcw("orders", "approve", order_id)
    shop.gcw("orders", "release", order_id)
    assert "Charles Babbage" in wished(shop, order_id)
    shop.advance(10)
    change(shop, order_id, "Mary Somerville")
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == ["needs_decision"]


def test_what_cannot_be_fetched_holds_its_order_alone_and_is_asked_for_again(either_shop: Shop) -> None:
    shop = either_shop
    for path in CALLS:
        shop.fault(path, "status", status=500, times=20)
    order_id, other = ordered(shop), shop.sandbox.ready_order(SKU)
    (pulled,) = shop.gcw("orders", "pull", "--json").json
    assert (pulled["new"], pulled["set_aside"]) == (2, {})
    assert (shop.stage(other), shop.holds(order_id)) == ("passed", ["design_problem"])
    assert commands(shop, order_id) == ["gcw orders pull"]
    assert "has not shown" in shop.gcw.fails(4, "orders", "approve", order_id).stderr
    shop.sandbox.control("DELETE", "faults")
    shop.gcw("orders", "pull")
    assert commands(shop, order_id) == [f"gcw orders approve {order_id}"]


def test_the_call_of_the_order_domain_helps_out(shop: Shop) -> None:
    shop.fault(CALLS[0], "status", status=500, times=20)
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    assert commands(shop, order_id) == [f"gcw orders approve {order_id}"]


def test_at_the_gate_it_must_be_shown_once_more(shop: Shop) -> None:
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    shop.gcw("orders", "approve", order_id)
    for path in CALLS:
        shop.fault(path, "status", status=500, times=20)
    assert "once more" in shop.gcw.fails(4, "orders", "release", order_id).stderr
    assert shop.folders() == []
    shop.sandbox.control("DELETE", "faults")
    assert shop.gcw("orders", "release", order_id, "--json").json[0]["result"] == "released"


@pytest.mark.parametrize("words", [(), ("--line", "1")])
def test_only_what_waits_for_it_can_be_approved(shop: Shop, words: tuple[str, ...]) -> None:
    plain = shop.ready()
    assert "waits for approval" in shop.gcw.fails(4, "orders", "approve", plain, *words).stderr


def test_a_purge_forgets_it_too(shop: Shop) -> None:
    order_id = ordered(shop)
    shop.gcw("orders", "pull")
    shop.gcw("orders", "approve", order_id)
    shop.gcw("orders", "release", order_id)
    shop.gcw(*shop.ship(order_id))
    shop.gcw("orders", "pull")
    shop.advance(31 * 86_400)
    shop.gcw.offset += 31 * 86_400
    assert shop.gcw("privacy", "purge", "--older-than", "30d", "--json").json[0]["orders"] == 1
    folder = shop.hand_off / f"TTS-{order_id}"
    assert NAME not in (folder / "order.json").read_text()
    assert not (folder / "job-ticket.pdf").exists()
    (line,) = [one for one in shop.order(order_id)["lines"] if one["personalised"]]
    assert line["wishes"] == []
