"""An order's money by the names that the price detail has for it."""

from typing import Any

from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales.orders import Line, Order, bill

Json = dict[str, Any]


def detail(order: Order) -> Json:
    """The whole order, then unit by unit. Shipping belongs to the order alone."""
    owed = bill(order)
    shipping = owed.shipping - owed.shipping_discount
    lines = [_line(line, tax, order) for line, tax in zip(order.lines, owed.taxes, strict=True)]
    return {
        **_goods(owed.original, owed.seller_discount, owed.tax, order),
        "total": text(owed.original + owed.shipping),
        "payment": text(owed.total),
        "shipping_list_price": text(owed.shipping),
        "shipping_sale_price": text(shipping),
        "shipping_fee_deduction_platform": text(owed.shipping_discount),
        "shipping_fee_deduction_seller": "0",
        "line_items": lines,
    }


def _line(line: Line, tax: int, order: Order) -> Json:
    gift = text(line.price) if line.is_gift else "0"
    return {
        "id": line.id,
        **_goods(line.price, line.seller_discount, tax, order),
        "total": text(line.price),
        "payment": text(line.sale_price + tax),
        "sku_gift_original_price": gift,
        "sku_gift_net_price": gift,
    }


def _goods(price: int, discount: int, tax: int, order: Order) -> Json:
    return {
        "currency": order.shop.currency,
        "sku_list_price": text(price),
        "sku_sale_price": text(price - discount),
        "subtotal": text(price - discount + tax),
        "subtotal_deduction_seller": text(discount),
        "subtotal_deduction_platform": "0",
        "subtotal_tax_amount": text(tax),
        "tax_amount": text(tax),
        "tax_rate": f"{order.address.place.tax / 10_000:.4f}",
        "net_price_amount": text(price - discount + tax),
    }
