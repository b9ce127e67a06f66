"""When an order has to be where, by how it was sold."""

from gcw_tiktok.sandbox.sales import business_days
from gcw_tiktok.sandbox.sales.orders import HOLD_SECONDS, USUAL, Order, Terms

DAY = 86_400
HANDLED = frozenset({"MADE_TO_ORDER", "BACK_ORDER"})


def of(order: Order) -> dict[str, int]:
    """The deadline members of an order; none before it is paid."""
    if not order.paid_time:
        return {}
    if order.terms is USUAL:
        return business_days.clocks(order.paid_time)
    return _special(order.paid_time, order.terms)


def hold_end(order: Order) -> int:
    """When an order leaves the hold by itself: after the buyer's hour, and not before its release."""
    return max(order.paid_time + HOLD_SECONDS, order.terms.release_date)


def _special(paid_time: int, terms: Terms) -> dict[str, int]:
    if terms.order_type == "PRE_ORDER":
        return business_days.clocks(max(paid_time, terms.release_date), business_days.PRE_ORDER)
    if terms.order_type not in HANDLED:
        return business_days.clocks(paid_time)
    if terms.handling_type == "CALENDAR_DAY":
        return business_days.clocks(paid_time + terms.handling_days * DAY, business_days.made_to_order(0))
    return business_days.clocks(paid_time, business_days.made_to_order(terms.handling_days))
