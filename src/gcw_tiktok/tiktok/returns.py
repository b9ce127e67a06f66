"""Cancellations: asked for, granted, withdrawn."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.payload import Moment, Payload

PAGE = 50
IDS_A_CALL = 50
PENDING = "CANCELLATION_REQUEST_PENDING"
WITHDRAWN = "CANCELLATION_REQUEST_CANCELLED"

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
    def deadline(self) -> int | None:
        """When TikTok answers in the seller's stead."""
        return min((one.deadline for one in self.next_actions if one.deadline), default=None)

    @property
    def line_ids(self) -> list[str]:
        """The units concerned; none named means the whole order."""
        return [line.order_line_item_id for line in self.cancel_line_items if line.order_line_item_id]


def search_cancellations(
    client: Client, *, order_ids: Sequence[str] = (), updated_from: int | None = None
) -> Iterator[Cancellation]:
    """Cancellations of these orders, or of all, changed since; oldest change first in each group of orders."""
    filters = {} if updated_from is None else {"update_time_ge": updated_from}
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
