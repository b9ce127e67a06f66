"""Why somebody cancels, sends back or refuses: the names that programs see and the texts that people read.

TikTok Shop publishes no whole list of the names about returns: those without `_seller` are made by their pattern.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why: the machine name and the text shown to people."""

    name: str
    text: str


Reasons = dict[str, Reason]


def _named(prefix: str, **texts: str) -> Reasons:
    return {reason.name: reason for reason in (Reason(prefix + ending, text) for ending, text in texts.items())}


TOO_LATE = Reason("system_cancel_order_reason_shipping_timeout", "Seller did not ship on time")
NOT_PAID = Reason("system_cancel_unpaid_time_out", "Buyer did not pay on time")
SELLER_CANCELS_UNPAID = _named(
    "seller_cancel_unpaid_reason_",
    out_of_stock="Out of stock",
    wrong_price="Pricing error",
    buyer_hasnt_paid_within_time_allowed="Buyer did not pay on time",
    buyer_requested_cancellation="Buyer requested cancellation",
)
SELLER_CANCELS_PAID = _named(
    "seller_cancel_", reason_out_of_stock="Out of stock", reason_wrong_price="Pricing error"
) | _named(
    "seller_cancel_paid_reason_",
    address_not_deliver="Unable to deliver to buyer address",
    buyer_requested_cancellation="Buyer requested cancellation",
)
OUT_OF_STOCK = frozenset({"seller_cancel_unpaid_reason_out_of_stock", "seller_cancel_reason_out_of_stock"})

BUYER_CANCELS_UNPAID = _named(
    "ecom_order_unpaid_canceled_reason_",
    no_longer_needed="No longer needed",
    better_price="Better price available",
    created_by_mistakes="Order created by mistake",
    wrong_delivery_info="Need to change the delivery information",
    payment_method_not_available="Payment method not available",
    other="Other",
)
BUYER_CANCELS_PAID = _named(
    "ecom_order_to_ship_canceled_reason_",
    no_longer_needed="No longer needed",
    better_price="Better price available",
    created_by_mistakes="Order created by mistake",
    wrong_delivery_info="Need to change the delivery information",
    change_payment_method="Need to change the payment method",
    forgot_to_apply_coupons="Forgot to use a coupon",
    discount_not_expected="Discount not as expected",
    high_delivery_costs="High delivery costs",
    not_shipped_on_time="Not shipped on time",
)

BUYER_REFUNDS = _named(
    "ecom_order_delivered_refund_reason_",
    missing_product="Item or part of it is missing",
    not_received="Package was not received",
    damaged="Item arrived damaged",
)
BUYER_RETURNS = _named(
    "ecom_order_delivered_refund_and_return_reason_",
    damaged="Item arrived damaged",
    wrong_product="Wrong item was sent",
    not_as_described="Item is not as described",
    no_longer_needed="No longer needed",
)
SELLER_REFUNDS = _named("ecom_order_delivered_refund_reason_", missing_product_seller="Item or part of it is missing")
SELLER_RETURNS = _named(
    "ecom_order_delivered_refund_and_return_reason_",
    wrong_product_seller="Wrong item was sent",
    damaged_seller="Item arrived damaged",
)

REJECTS_CANCELLATION = (
    _named("ecom_reverse_reject_cancel_reason_", product_packed="Item has been packed")
    | _named(
        "seller_reject_apply_",
        product_has_been_packed="Item has been packed",
        unable_to_change_address="Unable to change the address",
        you_have_reached_an_agreement_with_the_buyer="Buyer agreed to keep the order",
    )
    | _named(
        "order_manage_list_action_respond_popup_reject_reason_",
        invalid_cancellation_reason="Reason for the cancellation is not valid",
        buyer_agree="Buyer agreed to keep the order",
    )
)
REJECTS_RETURN = (
    _named(
        "ecom_reverse_reject_refund_request_",
        package_delivery_multiple_boxes="Order travels in several packages",
    )
    | _named(
        "seller_reject_apply_",
        you_have_reached_an_agreement_with_the_buyer="Buyer agreed to keep the item",
        package_has_not_exceeded_estimated_delivery_time="Package is not late yet",
    )
    | _named("order_manage_list_action_respond_popup_reject_reason_", delivered="Package was delivered")
)
REJECTS_PARCEL = _named(
    "ecom_reverse_reject_receive_package_reason_",
    not_received="Package did not come back",
    damaged_by_buyer="Item came back damaged",
    wrong_item="Another item came back",
)

EVERYTHING: Reasons = {
    name: reason
    for table in (
        SELLER_CANCELS_UNPAID,
        SELLER_CANCELS_PAID,
        BUYER_CANCELS_UNPAID,
        BUYER_CANCELS_PAID,
        BUYER_REFUNDS,
        BUYER_RETURNS,
        SELLER_REFUNDS,
        SELLER_RETURNS,
        REJECTS_CANCELLATION,
        REJECTS_RETURN,
        REJECTS_PARCEL,
    )
    for name, reason in table.items()
}
OF_SELLER: Reasons = SELLER_CANCELS_UNPAID | SELLER_CANCELS_PAID | SELLER_REFUNDS | SELLER_RETURNS
