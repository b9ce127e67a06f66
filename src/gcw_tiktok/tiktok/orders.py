"""A shop's orders. TikTok sends one line for each unit."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, AliasChoices, Field, ValidationError
from pydantic_core import core_schema, to_json

from gcw_tiktok.tiktok.address import Address
from gcw_tiktok.tiktok.answers import Shape, parts, shape
from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.errors import BadRequest, TikTokRefused
from gcw_tiktok.tiktok.payload import Filled, Moment, Money, Payload, fault, whole

PAGE = 100
IDS_A_CALL = 50
CANCELLED = "CANCELLED"

Status = Annotated[str, AfterValidator(lambda status: CANCELLED if status == "CANCEL" else status)]
"""TikTok's word for how far an order is; webhooks say CANCEL where the API says CANCELLED."""


class BundlePart(Payload):
    """What a virtual bundle is made of: so many of this variant in one unit."""

    product_id: str = ""
    sku_id: str = ""
    seller_sku: str = ""
    sku_count: int = 1


class SubItem(Payload):
    """One unit inside a virtual bundle, shipped and cancelled under its own id."""

    id: Filled
    product_id: str = ""
    sku_id: str = ""
    seller_sku: str = ""
    display_status: Status = ""
    package_id: str = ""
    tracking_number: str = ""


class Line(Payload):
    """One unit of an order."""

    id: Filled
    product_id: str = ""
    product_name: str = ""
    sku_id: str = ""
    sku_name: str = ""
    seller_sku: str = ""
    display_status: Status = ""
    package_id: str = ""
    tracking_number: str = ""
    shipping_provider_id: str = ""
    shipping_provider_name: str = ""
    is_gift: bool = False
    is_pod_customized: bool = False
    pod_info_id: str = ""
    combined_listing_skus: list[BundlePart] = Field(default_factory=list)
    sub_item_info: list[SubItem] = Field(default_factory=list)

    @property
    def is_cancelled(self) -> bool:
        return self.display_status == CANCELLED

    @property
    def is_bundle(self) -> bool:
        return bool(self.combined_listing_skus or self.sub_item_info)


class Parcel(Payload):
    """A package of TikTok's that the order is in."""

    id: str = ""


class Payment(Payload):
    """What the buyer pays."""

    currency: str = ""
    total_amount: Money = None


class Handling(Payload):
    """How long a seller may take to make it first."""

    days: str = ""
    type: str = ""

    @property
    def in_words(self) -> str:
        """`3 business days`."""
        kind = self.type.removesuffix("_DAY").lower()
        return " ".join(filter(None, [self.days, kind, "day" if self.days == "1" else "days"])) if self.days else ""


class Order(Payload):
    """An order with all its units. Times are Unix seconds, deadlines included."""

    id: Filled
    status: Annotated[Status, Field(min_length=1)]
    line_items: list[Line] = Field(min_length=1)

    create_time: int = 0
    update_time: int = 0
    paid_time: Moment = None
    release_date: Moment = None
    rts_sla_time: Moment = None
    tts_sla_time: Moment = None

    order_type: str = ""
    handling_duration: Handling | None = None
    shipping_type: str = ""
    fulfillment_type: str = ""
    delivery_option_id: str = ""
    packages: list[Parcel] = Field(default_factory=list)
    split_or_combine_tag: str = ""
    auto_combine_group_id: str = ""

    recipient_address: Address | None = Field(default=None, repr=False)
    has_updated_recipient_address: bool = False
    buyer_message: str = Field(default="", repr=False)
    payment: Payment = Payment()

    is_on_hold_order: bool = False
    is_buyer_request_cancel: bool = False
    is_sample_order: bool = False
    is_replacement_order: bool = False
    replaced_order_id: str = ""
    is_exchange_order: bool = False
    exchange_source_order_id: Filled = Field(
        default="", validation_alias=AliasChoices("exchange_source_order_id", "exchange_order_source_id")
    )

    @property
    def ship_by(self) -> int | None:
        """The earlier of TikTok's deadlines for shipping and for handing over."""
        return min((due for due in (self.rts_sla_time, self.tts_sla_time) if due), default=None)

    @property
    def live_lines(self) -> list[Line]:
        return [line for line in self.line_items if not line.is_cancelled]

    @property
    def is_masked(self) -> bool:
        """Whether TikTok shows no usable address."""
        return self.recipient_address is None or self.recipient_address.is_masked


class Found(NamedTuple):
    """An order as the search finds it: enough to know that its detail should be read."""

    id: str
    update_time: int
    status: str
    line_ids: tuple[str, ...] = ()
    """Empty where the search does not show them."""


@dataclass(frozen=True)
class Received:
    """One order as TikTok sent it, read or not: `fault` says why not."""

    id: str
    raw: dict[str, Any] = field(repr=False)
    order: Order | None
    fault: str = ""
    wishes: dict[str, str] | None = field(default=None, repr=False)
    """By line id, what the buyer personalised; None where nobody asked."""

    @property
    def as_json(self) -> bytes:
        """TikTok's answer about it, to be kept."""
        try:
            return to_json(self.raw)
        except ValueError:  # half a character, say, which JSON can spell
            return json.dumps(self.raw).encode()


def search(client: Client, *, updated_from: int | None, updated_to: int | None = None) -> Iterator[Found]:
    """Orders changed in [from, to), oldest change first. The update time may move while pages are read."""
    window = {"update_time_ge": updated_from, "update_time_lt": updated_to}
    rows = client.pages(
        "search_orders",
        "POST",
        "/order/{version}/orders/search",
        "orders",
        params={"page_size": PAGE, "sort_field": "update_time", "sort_order": "ASC"},
        json={name: moment for name, moment in window.items() if moment is not None},
        wanted=_found(),
    )
    for row in rows:
        lines = tuple(str(line.get("id") or "") for line in entries(row, "line_items"))
        yield Found(str(row.get("id") or ""), whole(row.get("update_time")), str(row.get("status") or ""), lines)


@cache
def _found() -> Shape:
    """What is read of a search, which answers with whole orders."""
    row = parts("id", "update_time", "status", line_items=core_schema.list_schema(parts("id")))
    return shape(parts("next_page_token", orders=core_schema.list_schema(row)))


def detail(client: Client, ids: Sequence[str]) -> Iterator[Received]:
    """Each order in full, in the order asked for; one that cannot be had or read comes with its fault."""
    for start in range(0, len(ids), IDS_A_CALL):
        yield from _group(client, ids[start : start + IDS_A_CALL])


def _group(client: Client, ids: Sequence[str]) -> Iterator[Received]:
    """Up to 50 orders. Where one makes TikTok refuse them all, halves find it."""
    try:
        data = client.call(
            "order_detail", "GET", "/order/{version}/orders", params={"ids": ",".join(ids)}, repeatable=True
        )
    except (TikTokRefused, BadRequest) as error:
        if error.kind == "version":
            raise
        if len(ids) == 1:
            yield Received(ids[0], {}, None, str(error))
            return
        half = len(ids) // 2
        yield from _group(client, ids[:half])
        yield from _group(client, ids[half:])
        return
    returned = {str(raw.get("id") or ""): raw for raw in entries(data, "orders")}
    for order_id in ids:
        raw = returned.get(order_id)
        yield read(raw) if raw is not None else Received(order_id, {}, None, "not returned")


def read(raw: dict[str, Any]) -> Received:
    """One order out of TikTok's JSON."""
    order_id = str(raw.get("id") or "")
    try:
        return Received(order_id, raw, Order.read(raw))
    except ValidationError as error:
        return Received(order_id, raw, None, fault(error))
