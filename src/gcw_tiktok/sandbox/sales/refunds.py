"""What comes back to a buyer, in cents."""

from collections.abc import Iterable
from dataclasses import dataclass

from gcw_tiktok.sandbox.money import share, text
from gcw_tiktok.sandbox.sales.orders import Component, Line, Order, bill

DONE_AFTER = 86_400  # guessed: how long a refund is under way
Json = dict[str, object]


@dataclass(frozen=True)
class Refund:
    """Parts of a refund. A refund of a part has no tax and no postage of its own."""

    currency: str
    goods: int
    tax: int = 0
    shipping: int = 0

    @property
    def total(self) -> int:
        return self.goods + self.tax + self.shipping

    @property
    def shown(self) -> Json:
        return {
            "currency": self.currency,
            "refund_shipping_fee": text(self.shipping),
            "refund_subtotal": text(self.goods),
            "refund_tax": text(self.tax),
            "refund_total": text(self.total),
        }


def of_units(order: Order, lines: Iterable[Line]) -> Refund:
    """What some units cost with their tax. The postage comes back with the last units of an order that are left."""
    if not order.paid_time:
        return Refund(order.shop.currency, 0)
    lines = list(lines)
    rate = order.address.place.tax
    owed = bill(order)
    whole = all(line in lines or line.status == "CANCELLED" for line in order.lines)
    return Refund(
        order.shop.currency,
        sum(line.sale_price for line in lines),
        sum(share(line.sale_price, rate) for line in lines),
        owed.shipping - owed.shipping_discount if whole else 0,
    )


def of_part(order: Order, part: Component) -> Refund:
    """What one part of a bundle cost."""
    return Refund(order.shop.currency, part.price, share(part.price, order.address.place.tax))


def of_unit(order: Order, line: Line) -> Refund:
    """What one unit cost, without postage."""
    return Refund(order.shop.currency, line.sale_price, share(line.sale_price, order.address.place.tax))
