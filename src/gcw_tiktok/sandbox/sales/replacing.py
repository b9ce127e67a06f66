"""Units that are sent once more: a replacement or an exchange is a new order, to be made like any other."""

from dataclasses import replace
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.sales.orders import Line, Order, make_line
from gcw_tiktok.sandbox.sales.returning import EXCHANGE, Return
from gcw_tiktok.sandbox.shops import Shop, find_sku

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World


def send_again(world: "World", request: Return, when: int) -> Order:
    """The new order: paid with nothing, to where the old one went, and without the buyer's free hour (guessed)."""
    old = request.order
    exchanged = request.type == EXCHANGE
    made = Order(
        id=world.mint.next("order"),
        shop=old.shop,
        buyer=old.buyer,
        address=old.address,
        lines=[_again(world, old.shop, line, request.wanted_sku) for line in request.lines],
        create_time=when,
        update_time=when,
        status="AWAITING_SHIPMENT",
        shipping_type=old.shipping_type,
        is_on_hold_order=False,
        paid_time=when,
        replaced_order_id="" if exchanged else old.id,
        exchange_source_order_id=old.id if exchanged else "",
    )
    world.place(made)
    request.new_order_id = made.id
    return made


def _again(world: "World", shop: Shop, line: Line, wanted_sku: str) -> Line:
    """A unit like the old one, or of the variant that the buyer wants instead; it costs nothing."""
    found = find_sku(shop, wanted_sku) if wanted_sku else None
    line_id = world.mint.next("line")
    if found:
        new = make_line(line_id, *found, "AWAITING_SHIPMENT")
        new.seller_discount = new.price
        return new
    return replace(
        line,
        id=line_id,
        status="AWAITING_SHIPMENT",
        seller_discount=line.price,
        package=None,
        cancel_reason="",
        cancel_user="",
    )
