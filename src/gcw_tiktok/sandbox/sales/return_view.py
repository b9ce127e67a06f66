"""Returns as the API shows them."""

from typing import Any

from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales import refunds
from gcw_tiktok.sandbox.sales.order_view import IMAGES
from gcw_tiktok.sandbox.sales.orders import Component, Line, Order
from gcw_tiktok.sandbox.sales.returning import RETURN, Return
from gcw_tiktok.sandbox.shops import PRINT_FLOOR

NEWEST = "202603"
IMAGE_SIDE = 200  # pixels
Json = dict[str, Any]


def shown(request: Return, version: str) -> Json:
    """A return; members that have nothing to say are left out."""
    view: Json = {
        "return_id": request.id,
        "order_id": request.order.id,
        "return_type": request.type,
        "return_status": request.status,
        "role": request.role,
        "return_reason": request.reason.name,
        "return_reason_text": request.reason.text,
        "create_time": request.create_time,
        "update_time": request.update_time,
        "refund_amount": request.refund.shown,
        "return_line_items": [
            unit(line, request.order, line_id, "return", version)
            for line_id, line in zip(request.line_ids, request.lines, strict=True)
        ],
        "can_buyer_keep_item": request.type != RETURN or request.keeps_item,
        "is_combined_return": False,
        "discount_amount": [_discounts(request)],
    }
    if request.arbitration:
        view["arbitration_status"] = request.arbitration
    if request.next_action:
        view["seller_next_action_response"] = [{"action": request.next_action, "deadline": request.deadline}]
    if version != "202309":
        view["is_quick_refund"] = False
    return view | _offer(request) | _way_back(request)


def newer(request: Return) -> Json:
    """The same in the words of the calls about requests."""
    view = shown(request, NEWEST)
    (discount,) = view.pop("discount_amount")
    view |= {"discount": {name: amount for name, amount in discount.items() if name != "currency"}}
    view["buyer_keep_item"] = view.pop("can_buyer_keep_item")
    for fee in view.pop("shipping_fee_amount", []):
        view["shipping_fee"] = {f"{name}_amount": amount for name, amount in fee.items() if name != "currency"}
    if part := view.pop("partial_refund", None):
        view["partial_refund_amount"] = {"partial_refund_total": part["amount"], "currency": part["currency"]}
    if request.new_order_id:
        view["reshipment_order_id"] = request.new_order_id
    return view


def unit(line: Line, order: Order, line_id: str, kind: str, version: str) -> Json:
    """A unit as cancellations and returns show it, each with its own names; newer versions look into bundles."""
    names = {f"{kind}_line_item_id": line_id, "order_line_item_id": line.id}
    shown = _ware(line) | {"refund_amount": refunds.of_unit(order, line).shown} | names
    if line.components and version != "202309":
        shown[f"{kind}_sub_line_items"] = [
            _ware(part)
            | {"refund_amount": refunds.of_part(order, part).shown, "sub_order_line_item_id": part.id}
            | {f"{kind}_sub_line_item_id": str(int(line_id) + number)}
            | names
            for number, part in enumerate(line.components, 1)
        ]
    return shown


def _ware(of: Line | Component) -> Json:
    return {
        "sku_id": of.sku_id,
        "sku_name": of.sku_name,
        "seller_sku": of.seller_sku,
        "product_name": of.product_name,
        "product_image": {"url": f"{IMAGES}{of.image}~tplv-200.jpeg", "width": IMAGE_SIDE, "height": IMAGE_SIDE},
    }


def _discounts(request: Return) -> Json:
    return {
        "currency": request.order.shop.currency,
        "product_seller_discount": text(sum(line.seller_discount for line in request.lines)),
        "product_platform_discount": "0",
        "shipping_fee_seller_discount": "0",
        "shipping_fee_platform_discount": "0",
    }


def _offer(request: Return) -> Json:
    if not request.offer:
        return {}
    return {
        "seller_proposed_return_type": "PARTIAL_REFUND",
        "partial_refund": {"amount": text(request.offer.total), "currency": request.offer.currency},
        "buyer_rejected_partial_refund": request.offer_refused,
    }


def _way_back(request: Return) -> Json:
    if request.type != RETURN:
        return {}
    way: Json = {
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_method": "PLATFORM_SHIPPED",
        "return_shipping_document_type": "SHIPPING_LABEL",
        "return_warehouse_address": {"full_address": PRINT_FLOOR.full},
        "shipping_fee_amount": [
            {
                "currency": request.order.shop.currency,
                "buyer_paid_return_shipping_fee": "0",
                "seller_paid_return_shipping_fee": "0",
                "platform_paid_return_shipping_fee": "0",
            }
        ],
    }
    if request.parcel:
        way |= {
            "return_tracking_number": request.parcel.tracking_number,
            "return_provider_id": request.parcel.provider_id,
            "return_provider_name": request.parcel.provider_name,
        }
    return way
