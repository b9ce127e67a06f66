"""How a finished order gets out of the house: the seller names a tracking number, or TikTok sells a label."""

from collections.abc import Sequence

from gcw_tiktok.store.tables import Line, Order
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.workflow.orders import holds


def by_tiktok(order: Order) -> bool:
    """Whether TikTok ships it, with a label of its own."""
    return order.shipping_type == holds.TIKTOK


def is_labelled(lines: Sequence[Line]) -> bool:
    """Whether a label is bought for everything that is in work: TikTok gives a number with it."""
    in_work = [line for line in lines if line.stage in IN_WORK]
    return bool(in_work) and all(line.tracking_number for line in in_work)


def command(order: Order, lines: Sequence[Line], tracking: str = "NUMBER") -> str:
    """The next command on the way out."""
    if not by_tiktok(order):
        return f"gcw orders ship {order.order_id} --carrier NAME --tracking {tracking}"
    return holds.LOOK_AGAIN if is_labelled(lines) else f"gcw orders label {order.order_id}"


def sentence(order: Order, lines: Sequence[Line]) -> str:
    """What it waits for, once it is packaged; empty where the seller ships."""
    if not by_tiktok(order):
        return ""
    if not is_labelled(lines):
        return "TikTok ships it, and its label is not bought yet."
    carriers = ", ".join(sorted({line.carrier for line in lines if line.stage in IN_WORK} - {""})) or "the carrier"
    return f"TikTok's label is bought; it is on its way when {carriers} takes it."
