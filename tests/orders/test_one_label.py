"""Orders that TikTok ships and that travel together: one label for all that are ready, in one folder."""

import json
from typing import Any

import pytest

from gcw_tiktok.sandbox.sales import combining
from orders.shop import SKU, STORE, Json, Shop
from orders.test_combined import shop_window
from orders.test_labels import CREATE, LABEL, bodies, effects, folder, label, lose, services


def marked(shop: Shop, count: int = 2, *, release: bool = True, **more: Any) -> list[str]:
    """Orders of one buyer that TikTok ships and has marked to travel together."""
    shop_window(shop, 4)
    return of_one_buyer(shop, count, release=release, **more)


def of_one_buyer(shop: Shop, count: int = 2, *, release: bool = True, **more: Any) -> list[str]:
    found: list[str] = []
    for _ in range(count):
        found.append(shop.sandbox.ready_order(SKU, 1, shipping_type="TIKTOK", **more))
        order = shop.sold(found[0])
        assert order
        more["buyer_user_id"] = order.buyer.user_id
    shop.gcw("orders", "pull")
    for order_id in found if release else ():
        shop.gcw("orders", "release", order_id, "--yes")
    return found


def combined(shop: Shop, count: int = 2, *, release: bool = True) -> list[str]:
    """TikTok, or the seller, has put them into one package that is not shipped yet."""
    found = of_one_buyer(shop, count, release=release)
    shop_id = shop.sold(found[0]).shop.id
    (draft,) = combining.combinable(shop.world, shop_id)
    combining.combine(shop.world, shop_id, draft, [], shop.world.now())
    return found


def parcels(shop: Shop, order_id: str) -> list[Json]:
    told: list[Json] = json.loads((folder(shop, order_id) / "parcels.json").read_text())["parcels"]
    return told


def test_one_label_is_bought_for_all_that_are_ready(either_shop: Shop) -> None:
    shop = either_shop
    first, second = marked(shop)
    one, other = label(shop, first)
    assert [one["order"], other["order"]] == [first, second]
    assert one["package_id"] == other["package_id"]
    assert one["tracking_number"] == other["tracking_number"] != ""
    assert (one["result"], other["result"]) == ("bought", "bought")
    assert (bool(one["price"]), other["price"]) == (True, "")
    assert (one["together"], other["together"]) == ([second], [first])
    assert shop.told() == [f"package {one['package_id']}: label bought for 2 unit(s)"]
    assert (bodies(shop)[-1]["ship_type"], bodies(shop)[-1]["order_list_ids"]) == ("3", [first, second])
    assert effects(shop) == effects(shop, "give_label") == ["done", "done"]
    for order_id, with_it in ((first, second), (second, first)):
        story = shop.gcw("orders", "explain", order_id, "--json").json["timeline"]
        (told,) = (entry["sentence"] for entry in story if entry["what"] == "label bought")
        assert told.startswith("1 units by USPS Ground Advantage")
        assert told.endswith(f"{one['tracking_number']}. In one parcel with order {with_it}.")
        assert "shipped outside gcw" not in {entry["what"] for entry in story}


def test_the_label_lies_in_one_folder_and_the_others_say_where(shop: Shop) -> None:
    first, second = marked(shop)
    one, other = label(shop, first)
    assert one["file"] == other["file"] == str(folder(shop, first) / LABEL)
    assert not (folder(shop, second) / LABEL).exists()
    ours, theirs = parcels(shop, first)[0], parcels(shop, second)[0]
    assert (ours["label"], ours["travelsWith"], "labelIn" in ours) == (LABEL, [f"TTS-{second}"], False)
    assert (theirs["label"], theirs["travelsWith"], theirs["labelIn"]) == (LABEL, [f"TTS-{first}"], f"TTS-{first}")
    assert (ours["items"], theirs["items"]) == (shop.lines(first), shop.lines(second))
    out = shop.home / "again.pdf"
    shop.gcw("orders", "label", second, "-o", str(out))
    assert out.read_bytes() == (folder(shop, first) / LABEL).read_bytes()


def test_bought_once_whichever_of_them_is_named(shop: Shop) -> None:
    first, second = marked(shop)
    label(shop, second)
    for order_id in (first, second):
        (row,) = label(shop, order_id)
        assert (row["result"], row["file"]) == ("known", str(folder(shop, second) / LABEL))
    assert shop.gcw("orders", "label", "--from", "created", "--json").json == []
    shop.gcw("orders", "pull")
    assert (shop.holds(first), shop.holds(second)) == ([], [])
    assert len(shop.told()) == 1
    shop.advance(3 * 86_400)
    shop.gcw("orders", "pull")
    assert {shop.stage(first), shop.stage(second)} <= {"in_transit", "delivered"}
    assert shop.gcw("orders", "audit", "--json").code == 0


def test_without_names_they_are_told_once(shop: Shop) -> None:
    found = marked(shop, 3)
    rows = shop.gcw("orders", "label", "--from", "created", "--json").json
    assert sorted(row["order"] for row in rows) == sorted(found)
    assert len(shop.told()) == 1


def test_alone_is_for_that_order_only(shop: Shop) -> None:
    first, second = marked(shop)
    (row,) = label(shop, first, "--alone")
    assert (row["order"], row["together"]) == (first, [])
    assert bodies(shop)[-1]["ship_type"] == "1"
    (row,) = label(shop, second)
    assert row["left_out"] == {first: "a label is bought already"}
    assert len(shop.told()) == 2
    assert "travelsWith" not in parcels(shop, second)[0]


def test_those_that_are_not_ready_are_left_out_and_named(shop: Shop) -> None:
    first, second, third, fourth = marked(shop, 4)
    shop.gcw("orders", "advance", first, "--to", "printed")
    shop.gcw("orders", "advance", second, "--to", "printed")
    shop.gcw("orders", "advance", fourth, "--to", "printed")
    shop.do(fourth, "request-cancel")
    rows = label(shop, first)
    assert [row["order"] for row in rows] == [first, second]
    assert rows[0]["left_out"] == {third: "the stage is created", fourth: "The buyer has asked to cancel"}
    assert "is not in this parcel" in shop.gcw("orders", "services", third).stderr
    assert len(shop.told()) == 1


def test_the_box_is_that_of_all_of_them(shop: Shop) -> None:
    first, second = marked(shop)
    services(shop, first)
    services(shop, first, "--alone")
    both, single = bodies(shop, "shipping_services")
    assert float(both["weight"]["value"]) == pytest.approx(2 * float(single["weight"]["value"]))
    dry = shop.gcw("orders", "label", first, "--dry-run", "--json").json
    assert [(row["order"], row["result"], bool(row["price"])) for row in dry] == [
        (first, "would buy", True), (second, "would buy", False),
    ]  # fmt: skip
    assert shop.told() == []


def test_where_tiktok_refuses_them_in_one_box_the_command_for_one_is_told(shop: Shop) -> None:
    first, second = marked(shop)
    shop.fault(CREATE, "code", code=21011029, message="The orders do not travel to one address.")
    ran = shop.gcw.fails(4, "orders", "label", first, "--json")
    assert f"gcw orders label {first} --alone" in ran.error["hint"]
    assert effects(shop) == ["void", "void"]
    label(shop, first, "--alone")
    label(shop, second)
    assert len(shop.told()) == 2


def test_an_answer_that_is_lost_is_read_back_for_all(shop: Shop) -> None:
    first, second = marked(shop)
    lose(shop, happened=True)
    rows = label(shop, first)
    assert [row["order"] for row in rows] == [first, second]
    assert len(shop.told()) == 1
    assert effects(shop) == ["done", "done"]


def test_a_package_that_tiktok_has_made_gets_its_label(either_shop: Shop) -> None:
    shop = either_shop
    first, second = combined(shop)
    rows = label(shop, first)
    assert [(row["order"], row["result"]) for row in rows] == [(first, "bought"), (second, "bought")]
    package = shop.world.packages_of[shop.sold(first).shop.id]
    assert len([one for one in package if one.label]) == 1
    assert parcels(shop, second)[0]["labelIn"] == f"TTS-{first}"
    assert len(shop.told()) == 1


def test_of_such_a_package_all_must_be_ready(shop: Shop) -> None:
    first, second = combined(shop, release=False)
    shop.gcw("orders", "release", first)
    ran = shop.gcw.fails(4, "orders", "label", first, "--json")
    assert ran.error["code"] == "combined"
    assert second in str(ran.error)
    shop.gcw.fails(4, "orders", "label", first, "--alone")
    assert shop.told() == []
    shop.gcw("orders", "release", second)
    assert len(label(shop, first)) == 2


def test_production_is_told_what_shares_the_box(shop: Shop) -> None:
    first, second = marked(shop, release=False)
    shop.gcw.offset += 4 * 3600
    shop.advance(4 * 3600)
    shop.gcw("orders", "release", "--store", STORE)
    told = {fact["key"]: fact["value"] for fact in shop.document(first)["metadata"]}
    assert told["travelsWith"] == f"TTS-{second}"
