"""Which kind of order it is, and what that means for making it."""

from collections.abc import Iterator

from gcw_tiktok.store.tables import Order, OrderKind
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.orders import holds

OF_TYPE = {
    "PRE_ORDER": OrderKind.PRE_ORDER,
    "MADE_TO_ORDER": OrderKind.MADE_TO_ORDER,
    "BACK_ORDER": OrderKind.BACK_ORDER,
}
NOT_OURS = "TikTok sends it from its own warehouse: it is recorded, and nothing of it is made here."
AGAIN = {OrderKind.REPLACEMENT: "in place of", OrderKind.EXCHANGE: "in exchange for"}


def of(told: tiktok_orders.Order) -> OrderKind:
    """The first kind that fits what TikTok says of an order."""
    if told.fulfillment_type not in holds.OURS:
        return OrderKind.FULFILLED_BY_TIKTOK
    if told.is_sample_order:
        return OrderKind.SAMPLE
    if told.is_replacement_order:
        return OrderKind.REPLACEMENT
    if told.is_exchange_order:
        return OrderKind.EXCHANGE
    if all(line.is_gift for line in told.line_items):
        return OrderKind.GIFT
    return OF_TYPE.get(told.order_type, OrderKind.NORMAL)


def fill(order: Order, told: tiktok_orders.Order) -> None:
    """Writes down the kind and what belongs to it."""
    order.kind = of(told)
    order.replaces = told.replaced_order_id or told.exchange_source_order_id
    order.starts_at = told.release_date
    order.handling = told.handling_duration.in_words if told.handling_duration else ""


def facts(order: Order) -> Iterator[str]:
    """What is particular to an order of this kind, a sentence each."""
    if order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        yield NOT_OURS
    if order.kind == OrderKind.SAMPLE:
        yield "A free sample for a creator."
    if order.replaces:
        yield f"It is sent {AGAIN.get(order.kind, 'for')} order {order.replaces}."
    if order.kind == OrderKind.GIFT:
        yield "All of it comes free with another purchase; it is made and sent like what is bought."
    if order.starts_at:
        yield f"A pre-order: TikTok holds it until {times.shown(order.starts_at)}, and then it may start."
    if order.handling:
        yield f"It has a handling time of {order.handling}; its ship-by is TikTok's own."
