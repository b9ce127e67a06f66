"""Cancellations: asked for, granted, refused, withdrawn; and what may be asked for. Returns, as far as they came."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from gcw_tiktok.tiktok.client import Client, entries, path_part
from gcw_tiktok.tiktok.payload import Moment, Payload

PAGE = 50
IDS_A_CALL = 50
PENDING = "CANCELLATION_REQUEST_PENDING"
WITHDRAWN = "CANCELLATION_REQUEST_CANCELLED"
GRANTED = frozenset({"CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"})
SENT_BACK = frozenset({"RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE"})
RETURN_AND_REFUND = "RETURN_AND_REFUND"

CancelStatus = Annotated[str, AfterValidator(lambda said: WITHDRAWN if said == "CANCELLATION_REQUEST_CANCEL" else said)]
"""TikTok spells a withdrawn or refused request ..._CANCEL and ..._CANCELLED; here it is always the latter."""


class CancelledLine(Payload):
    """One unit that a cancellation is about."""

    order_line_item_id: str = ""
    sku_id: str = ""


class NextAction(Payload):
    """What the seller has to do, and until when (Unix seconds)."""

    action: str = ""
    deadline: Moment = None


class Cancellation(Payload):
    """One request to cancel an order or some of its units, or its outcome."""

    cancel_id: str
    order_id: str
    cancel_type: str = ""
    cancel_status: CancelStatus = ""
    role: str = ""
    cancel_reason: str = ""
    cancel_reason_text: str = ""
    create_time: int = 0
    update_time: int = 0
    cancel_line_items: list[CancelledLine] = Field(default_factory=list)
    next_actions: list[NextAction] = Field(default_factory=list, alias="seller_next_action_response")

    @property
    def is_pending(self) -> bool:
        """Whether the request still waits for an answer."""
        return self.cancel_status == PENDING

    @property
    def is_granted(self) -> bool:
        """Whether its units are cancelled."""
        return self.cancel_status in GRANTED

    @property
    def deadline(self) -> int | None:
        """When TikTok answers in the seller's stead."""
        return min((one.deadline for one in self.next_actions if one.deadline), default=None)

    @property
    def line_ids(self) -> list[str]:
        """The units concerned; none named means the whole order."""
        return [line.order_line_item_id for line in self.cancel_line_items if line.order_line_item_id]


class ReturnedLine(Payload):
    """One unit that a return is about."""

    order_line_item_id: str = ""


class Return(Payload):
    """One request to give back, refund, replace or exchange units of an order, or its outcome."""

    return_id: str
    order_id: str
    return_type: str = ""
    return_status: str = ""
    return_reason_text: str = ""
    keeps_item: bool = Field(default=False, alias="can_buyer_keep_item")
    return_line_items: list[ReturnedLine] = Field(default_factory=list)

    @property
    def came_back(self) -> bool:
        """Whether the buyer was refunded for units that had to be sent back. A replacement and an exchange are orders
        of their own, and whether the first units come back TikTok does not say."""
        return self.return_type == RETURN_AND_REFUND and self.return_status in SENT_BACK and not self.keeps_item

    @property
    def line_ids(self) -> list[str]:
        """The units concerned."""
        return [line.order_line_item_id for line in self.return_line_items if line.order_line_item_id]


class Reason(Payload):
    """Why a request is refused: the name that TikTok takes, and what people read."""

    name: str
    text: str = ""


class Verdict(Payload):
    """Whether some units may be cancelled by the seller now, and with which reasons."""

    request_type: str = ""
    line_ids: list[str] = Field(default_factory=list, alias="order_line_items_ids")
    eligible: bool = False
    why_not: str = Field(default="", alias="ineligible_reason")
    reasons: list[str] = Field(default_factory=list, alias="available_reason_names")


def search_cancellations(
    client: Client, *, order_ids: Sequence[str] = (), updated_from: int | None = None, pending: bool = False
) -> Iterator[Cancellation]:
    """Cancellations of these orders, or of all, changed since; oldest change first in each group of orders.
    `pending` leaves only those that wait for an answer."""
    filters: dict[str, Any] = {} if updated_from is None else {"update_time_ge": updated_from}
    filters |= {"cancel_status": [PENDING]} if pending else {}
    for start in range(0, max(len(order_ids), 1), IDS_A_CALL):
        group = order_ids[start : start + IDS_A_CALL]
        found = client.pages(
            "search_cancellations",
            "POST",
            "/return_refund/{version}/cancellations/search",
            "cancellations",
            params={"page_size": PAGE, "sort_field": "update_time", "sort_order": "ASC"},
            json={**filters, **({"order_ids": list(group)} if group else {})},
        )
        yield from map(Cancellation.parse, found)


def search_returns(
    client: Client, *, order_ids: Sequence[str] = (), updated_from: int | None = None
) -> Iterator[Return]:
    """Returns of these orders, or of all, changed since; oldest change first in each group of orders."""
    filters: dict[str, Any] = {} if updated_from is None else {"update_time_ge": updated_from}
    for start in range(0, max(len(order_ids), 1), IDS_A_CALL):
        group = order_ids[start : start + IDS_A_CALL]
        found = client.pages(
            "search_returns",
            "POST",
            "/return_refund/{version}/returns/search",
            "return_orders",
            params={"page_size": PAGE, "sort_field": "update_time", "sort_order": "ASC"},
            json={**filters, **({"order_ids": list(group)} if group else {})},
        )
        yield from map(Return.parse, found)


def approve(client: Client, cancel_id: str, key: str) -> None:
    """Grants a buyer's request. Not repeatable: after `OutcomeUnknown` read the request first."""
    path = f"/return_refund/{{version}}/cancellations/{path_part(cancel_id)}/approve"
    client.call("approve_cancellation", "POST", path, params={"idempotency_key": key}, repeatable=False)


def reject(client: Client, cancel_id: str, key: str, reason: str, comment: str) -> None:
    """Refuses a buyer's request with one of the `reject_reasons`. Not repeatable, as `approve`."""
    body = {"reject_reason": reason, **({"comment": comment} if comment else {})}
    path = f"/return_refund/{{version}}/cancellations/{path_part(cancel_id)}/reject"
    client.call("reject_cancellation", "POST", path, params={"idempotency_key": key}, json=body, repeatable=False)


def reject_reasons(client: Client, cancel_id: str) -> list[Reason]:
    """How a refusal of this request may be justified."""
    params = {"return_or_cancel_id": cancel_id}
    data = client.call(
        "reject_reasons", "GET", "/return_refund/{version}/reject_reasons", params=params, repeatable=True
    )
    return [Reason.parse(one) for one in entries(data, "reasons") if one.get("name")]


def may_cancel(client: Client, order_id: str) -> list[Verdict]:
    """Which units of an order the seller may cancel now, and why; each unit in one of them."""
    data = client.call(
        "aftersale_eligibility",
        "GET",
        f"/return_refund/{{version}}/orders/{path_part(order_id)}/aftersale_eligibility",
        params={"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"},
        repeatable=True,
    )
    found = (one for sku in entries(data, "sku_eligibility") for one in entries(sku, "line_item_eligibility"))
    return [verdict for verdict in map(Verdict.parse, found) if verdict.request_type in ("", "CANCEL")]


def cancel(client: Client, order_id: str, reason: str, line_ids: Sequence[str]) -> str:
    """Cancels these units, or the whole order where none is named; TikTok's id of the cancellation.

    Not repeatable: after `OutcomeUnknown` read the order first."""

    def body(version: str) -> object:
        told: dict[str, object] = {"order_id": order_id, "cancel_reason": reason}
        if line_ids and version < "202602":
            told["order_line_item_ids"] = list(line_ids)
        elif line_ids:
            told["order_line_list"] = [{"order_line_item_id": line_id} for line_id in line_ids]
        return told

    data = client.call("cancel_order", "POST", "/return_refund/{version}/cancellations", json=body, repeatable=False)
    return str(data.get("cancel_id") or "")
