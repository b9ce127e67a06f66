"""Splitting an order into packages before it is shipped."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import parcels, shipping
from gcw_tiktok.sandbox.sales.labels import UNITS_PER_PACKAGE
from gcw_tiktok.sandbox.sales.orders import Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]
Group = tuple[str, Sequence[str]]
"""The caller's label of a future package, and the ids of the units in it."""


def attributes(order: Order) -> Json:
    """Whether an order can or must be split, with reasons."""
    reason = _obstacle(order)
    shown: Json = {"order_id": order.id, "can_split": not reason, "must_split": False}
    if reason:
        shown["reason"] = reason
    elif len(_open(order)) > UNITS_PER_PACKAGE:
        limit = {"type": "TOTAL_COUNT_LIMITATION", "max_count": str(UNITS_PER_PACKAGE)}
        shown |= {"must_split": True, "must_split_reasons": [limit]}
    return shown


def split(world: "World", order: Order, groups: list[Group], when: int) -> list[Package]:
    """A package for each group. Units in no group stay without one."""
    shipping.check_open(order)
    reason = _obstacle(order)
    if reason:
        raise business(21011035, reason)
    by_id = {line.id: line for line in _open(order)}
    named = Counter(line_id for _, line_ids in groups for line_id in line_ids)
    if not by_id.keys() >= named.keys() or max(named.values()) > 1:
        raise business(21011005, "Each unit must belong to the order, wait for shipment, and be named once.")
    if len({label for label, _ in groups}) < len(groups):
        raise business(21011005, "The groups need different ids.")
    made = [parcels.pack(world, [order], [by_id[each] for each in line_ids], when) for _, line_ids in groups]
    world.touch(order, when)
    parcels.tell(world, "SPLIT", parcels.SELLER, made, when)
    return made


def _open(order: Order) -> list[Line]:
    return [line for line in order.live() if line.status == "AWAITING_SHIPMENT"]


def _obstacle(order: Order) -> str:
    """Why an order cannot be split, or nothing."""
    if order.status == "CANCELLED":
        return "Order has been cancelled"
    if order.terms.by_tiktok:
        return "Order is fulfilled by TikTok"
    if order.status not in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
        return "Order is not awaiting shipment"
    if parcels.combined(order):
        return "Order is part of a combined package"
    return "" if len(_open(order)) > 1 else "Order has a single unit to ship"
