"""What of a recipient's address TikTok Shop shows: the rules by status and shipping type, for US orders."""

from typing import Any

from gcw_tiktok.sandbox.sales.orders import Order
from gcw_tiktok.sandbox.sales.people import Address

KEPT_AFTER_COMPLETION = 30 * 86_400
HIDDEN = frozenset({"UNPAID", "CANCELLED"})
Json = dict[str, Any]


def recipient(order: Order, now: int) -> Json:
    """The `recipient_address` of an order as the API shows it at a time."""
    if order.status == "ON_HOLD":
        return _empty(order.shop.region)
    shown = in_clear(order.address, order.shop.region)
    if order.terms.by_tiktok:
        return _warehouse_only(shown, order.status in HIDDEN)
    if order.status in HIDDEN or _long_completed(order, now):
        return _fully_masked(shown)
    if order.shipping_type == "TIKTOK":
        masked = _masked(shown, ("phone_number", "address_detail", "address_line1", "address_line2"))
        return masked | {"full_address": f"{masked['address_detail']}, {order.address.place.full}"}
    return shown


def in_clear(address: Address, region: str) -> Json:
    """The whole address."""
    place = address.place
    levels = (
        ("Country", "United States"),
        ("State", place.state),
        ("County", place.county.removesuffix(" County")),
        ("City", place.city),
    )
    return {
        "name": address.name,
        "first_name": address.first_name,
        "last_name": address.last_name,
        "first_name_local_script": "",
        "last_name_local_script": "",
        "phone_number": address.phone_number,
        "full_address": address.full,
        "address_detail": address.detail,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "address_line3": "",
        "address_line4": "",
        "postal_code": place.postal_code,
        "region_code": region,
        "delivery_preferences": {"drop_off_location": address.drop_off},
        "district_info": [
            {"address_level": f"L{level}", "address_level_name": label, "address_name": name}
            for level, (label, name) in enumerate(levels)
        ],
    }


def _long_completed(order: Order, now: int) -> bool:
    return order.status == "COMPLETED" and now >= order.completed_time + KEPT_AFTER_COMPLETION


def _empty(region: str) -> Json:
    texts = (
        *("name", "first_name", "last_name", "first_name_local_script", "last_name_local_script"),
        *("phone_number", "full_address", "address_detail", "postal_code"),
        *(f"address_line{number}" for number in range(1, 5)),
    )
    empty: Json = dict.fromkeys(texts, "")
    return empty | {"region_code": region, "district_info": [], "delivery_preferences": {"drop_off_location": ""}}


def _fully_masked(shown: Json) -> Json:
    names = ("name", "first_name", "last_name", "phone_number", "postal_code")
    lines = ("address_detail", "address_line1", "address_line2", "full_address")
    masked = _masked(shown, names + lines)
    masked["delivery_preferences"] = {"drop_off_location": _stars(shown["delivery_preferences"]["drop_off_location"])}
    masked["district_info"] = [
        level | {"address_name": _stars(level["address_name"])} if level["address_level"] == "L3" else level
        for level in shown["district_info"]
    ]
    return masked


def _warehouse_only(shown: Json, is_hidden: bool) -> Json:
    """What a seller learns of an order that TikTok's own warehouse sends: the region, and later the town."""
    masked = _fully_masked(shown)
    return masked if is_hidden else masked | {"district_info": shown["district_info"]}


def _masked(shown: Json, members: tuple[str, ...]) -> Json:
    masked = shown | {member: _stars(shown[member]) for member in members}
    if "phone_number" in members:
        masked["phone_number"] = _phone(shown["phone_number"])
    return masked


def _stars(text: str) -> str:
    """The first letter of each word, then stars: as many as keep the length a secret."""
    return " ".join(word[0] + "***" for word in text.split())


def _phone(number: str) -> str:
    return number[:7] + "*****" + number[-2:]
