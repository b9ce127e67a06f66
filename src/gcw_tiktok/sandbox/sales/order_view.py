"""Orders as the API shows them."""

from collections import Counter
from typing import Any

from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales import deadlines, masking
from gcw_tiktok.sandbox.sales.orders import PACKAGE_STATUS, SHIPPED, USUAL, Component, Line, Order, Terms, bill

IMAGES = "https://p16-oec-ttp.example-cdn.com/"
LINE_STATUS = {"ON_HOLD": "AWAITING_SHIPMENT"}
"""TikTok Shop's lists of what a unit's `display_status` may say have no ON_HOLD."""
Json = dict[str, Any]
USUAL_ORDER: Json = dict.fromkeys(("is_cod", "is_subscription_order"), False)
USUAL_PAYMENT = dict.fromkeys(
    (
        "platform_discount",
        "shipping_fee_seller_discount",
        "shipping_fee_cofunded_discount",
        "shipping_fee_tax",
        "retail_delivery_fee",
    ),
    "0",
)
USUAL_LINE: Json = {
    **dict.fromkeys(("platform_discount", "retail_delivery_fee", "gift_retail_price"), "0"),
    **dict.fromkeys(("is_gift", "is_dangerous_good", "is_pod_customized"), False),
}


def order(order: Order, now: int) -> Json:
    """An order, masked as its status asks for."""
    return _order(order, masking.recipient(order, now))


def unmasked(order: Order) -> Json:
    """An order with its whole address: for control calls only."""
    return _order(order, masking.in_clear(order.address, order.shop.region))


def detail(order_: Order, now: int) -> Json:
    """An order with the members that only the detail call gives."""
    return order(order_, now) | {"payment_method_code": "CREDIT_CARD", "payment_card_type": "Credit"}


def _order(order: Order, recipient: Json) -> Json:
    option = order.shop.option_for(order.shipping_type)
    shown = {
        "id": order.id,
        "status": order.status,
        "order_type": "NORMAL",
        "create_time": order.create_time,
        "update_time": order.update_time,
        "shipping_type": order.shipping_type,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "warehouse_id": order.shop.warehouse_id,
        "commerce_platform": "TIKTOK_SHOP",
        "split_or_combine_tag": _tag(order),
        "user_id": order.buyer.user_id,
        "buyer_email": order.buyer.email,
        "buyer_message": order.buyer_message,
        "seller_note": "",
        "has_updated_recipient_address": order.address_updated,
        "is_on_hold_order": order.is_on_hold_order,
        "is_sample_order": order.is_sample_order,
        "is_buyer_request_cancel": bool(order.cancel_requested_at),
        "payment_method_name": "Credit/debit card",
        "recipient_address": recipient,
        **USUAL_ORDER,
        **_replacing(order),
        **_money(order),
    }
    if order.terms is not USUAL:
        shown |= _terms(order.terms)
    if order.combine_group:
        shown["auto_combine_group_id"] = order.combine_group
    return shown | deadlines.of(order) | _events(order) | _shipment(order) | (order.extra or {})


def _terms(terms: Terms) -> Json:
    """The members of an order that was not sold as usual."""
    shown: Json = {
        "order_type": terms.order_type,
        "fulfillment_type": terms.fulfillment_type,
        "is_subscription_order": terms.is_subscription_order,
    }
    if terms.release_date:
        shown["release_date"] = terms.release_date
    if terms.handling_days:
        shown["handling_duration"] = {"days": str(terms.handling_days), "type": terms.handling_type}
    return shown


def _tag(order: Order) -> str:
    if any(package.is_combined for package in order.packages):
        return "COMBINED"
    return "SPLIT" if len(order.packages) > 1 else ""


def _replacing(order: Order) -> Json:
    """Whether the order stands for another one, and for which."""
    sources = {
        "replaced_order_id": order.replaced_order_id,
        "exchange_source_order_id": order.exchange_source_order_id,
    }
    kinds = {
        "is_replacement_order": bool(order.replaced_order_id),
        "is_exchange_order": bool(order.exchange_source_order_id),
    }
    return kinds | {name: order_id for name, order_id in sources.items() if order_id}


def _money(order: Order) -> Json:
    owed = bill(order)
    payment = {
        "currency": order.shop.currency,
        "original_total_product_price": text(owed.original),
        "seller_discount": text(owed.seller_discount),
        "sub_total": text(owed.sub_total),
        "original_shipping_fee": text(owed.shipping),
        "shipping_fee_platform_discount": text(owed.shipping_discount),
        "shipping_fee": text(owed.shipping - owed.shipping_discount),
        "product_tax": text(owed.tax),
        "tax": text(owed.tax),
        "total_amount": text(owed.total),
        **USUAL_PAYMENT,
    }
    lines = [_line(line, tax, order) for line, tax in zip(order.lines, owed.taxes, strict=True)]
    return {"payment": payment, "line_items": lines}


def _line(line: Line, tax: int, order: Order) -> Json:
    rate = f"{order.address.place.tax / 10_000:.4f}"
    shown = {
        "id": line.id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "sku_id": line.sku_id,
        "sku_name": line.sku_name,
        "sku_type": "NORMAL",
        "seller_sku": line.seller_sku,
        "sku_image": f"{IMAGES}{line.image}~tplv-200.jpeg",
        "display_status": LINE_STATUS.get(line.status, line.status),
        "currency": order.shop.currency,
        "original_price": text(line.price),
        "sale_price": text(line.sale_price),
        "seller_discount": text(line.seller_discount),
        "item_tax": [{"tax_type": "SALES_TAX", "tax_amount": text(tax), "tax_rate": rate}],
        "cancel_reason": line.cancel_reason,
        **USUAL_LINE,
    }
    if line.cancel_user:
        shown["cancel_user"] = line.cancel_user
    if line.is_gift:
        shown |= {"is_gift": True, "gift_retail_price": text(line.price)}
    if line.personalisation:
        shown |= {"is_pod_customized": True, "pod_info_id": line.personalisation.id}
    if line.components:
        shown |= _bundle(line, order)
    return shown | _parcel(line) | (line.extra or {})


def _bundle(line: Line, order: Order) -> Json:
    """What a unit of a virtual bundle is made of: once counted, once piece by piece."""
    counts = Counter(each.sku_id for each in line.components)
    first = {each.sku_id: each for each in reversed(line.components)}
    counted = [
        {
            "product_id": first[sku_id].product_id,
            "sku_id": sku_id,
            "seller_sku": first[sku_id].seller_sku,
            "sku_count": count,
        }
        for sku_id, count in counts.items()
    ]
    return {
        "combined_listing_skus": counted,
        "sub_item_info": [_component(each, line, order) for each in line.components],
    }


def _component(component: Component, line: Line, order: Order) -> Json:
    return {
        "id": component.id,
        "product_id": component.product_id,
        "product_name": component.product_name,
        "sku_id": component.sku_id,
        "sku_name": component.sku_name,
        "seller_sku": component.seller_sku,
        "sku_image": f"{IMAGES}{component.image}~tplv-200.jpeg",
        "display_status": LINE_STATUS.get(line.status, line.status),
        "currency": order.shop.currency,
        "original_price": text(component.price),
        "warehouse_id": order.shop.warehouse_id,
        "is_dangerous_good": False,
        **_parcel(line),
    }


def _parcel(line: Line) -> Json:
    """A US local seller's unit has no package members until it has been shipped."""
    if not line.package:
        return {}
    shown = {"package_id": line.package.id, "package_status": PACKAGE_STATUS[line.status]}
    if not line.package.carrier:
        return shown
    return shown | {
        "tracking_number": line.package.tracking_number,
        "shipping_provider_id": line.package.carrier.id,
        "shipping_provider_name": line.package.carrier.name,
        "rts_time": line.package.ship_time,
    }


def _shipment(order: Order) -> Json:
    shipped = next((package for package in order.packages if package.carrier), None)
    carrier = shipped.carrier if shipped else None
    return {
        "packages": [{"id": package.id} for package in order.packages],
        "shipping_provider": carrier.name if carrier else "",
        "shipping_provider_id": carrier.id if carrier else "",
        "tracking_number": shipped.tracking_number if shipped else "",
    }


def _events(order: Order) -> Json:
    """Moments that have come; those that have not are left out."""
    shipped = order.status in SHIPPED
    moments: Json = {
        "paid_time": order.paid_time,
        "request_cancel_time": order.cancel_requested_at,
        "cancel_time": order.cancel_time,
        "cancel_reason": order.cancel_reason,
        "cancellation_initiator": order.cancel_initiator,
        "rts_time": order.rts_time if shipped else 0,
        "collection_time": order.collection_time,
        "delivery_time": order.delivery_time,
    }
    return {member: moment for member, moment in moments.items() if moment}
