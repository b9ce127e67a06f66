"""What buyers had written or put on their units: fetched, kept sealed with the recipient, approved by a person."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from gcw_tiktok.errors import GcwError, Interrupted
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Event, Order, Store
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok import personalisations
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.orders import sealed
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.orders.holds import NOTHING_WISHED, Wished
from gcw_tiktok.workflow.publishing import personalising

APPROVED = "personalisation approved"
"""What the history says; its data holds a keyed hash for each line, so that what changes is asked for again."""
GONE = frozenset({"AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED"})
"""TikTok's statuses of orders of which nothing is to be made."""
WAYS = (personalisations.as_fulfillment, personalisations.as_orders)
"""TikTok does not say which of its two calls is meant for whom; the second is asked what the first does not tell."""


def with_wishes(client: Client, received: Iterable[tiktok_orders.Received]) -> list[tiktok_orders.Received]:
    """The same orders, those still to be made with what their buyers personalised. An answer that cannot be had
    stops nothing: the order is held until it can."""
    return [_with_wishes(client, one) for one in received]


def _with_wishes(client: Client, received: tiktok_orders.Received) -> tiktok_orders.Received:
    order = received.order
    if order is None or order.status in GONE or not personalisations.personalised(order):
        return received
    wanted = {line.id for line in personalisations.personalised(order)}
    found: dict[str, str] = {}
    for ask in WAYS:
        try:
            found = ask(client, order) | found
        except Interrupted:
            raise
        except GcwError:
            continue
        if wanted <= set(found):
            break
    return replace(received, wishes=found)


def unread(received: tiktok_orders.Received) -> set[str]:
    """The lines of which TikTok did not show what was personalised."""
    asked = personalisations.personalised(received.order) if received.order else []
    return {line.id for line in asked} - set(received.wishes or {})


def of_order(seal: Seal, store: Store, order: Order) -> dict[str, str]:
    """TikTok's text by line id, as it came."""
    return {line_id: wish["text"] for line_id, wish in sealed.wishes(seal, store, order).items()}


def in_words(text: str) -> tuple[str, ...]:
    """A line for each print area, for the job ticket."""
    found = personalising.areas_of(text)
    return tuple(f"{area}: {', '.join((*one.texts, *one.images))}".removeprefix(": ") for area, one in found.items())


def shown(text: str, *, in_full: bool) -> list[dict[str, Any]]:
    """What is wished on each print area: how much of it, and what only `in_full`."""
    rows = []
    for area, one in (personalising.areas_of(text) or {"": personalising.Wishes((text,))}).items():
        row: dict[str, Any] = {"area": area, "letters": [len(words) for words in one.texts], "images": len(one.images)}
        rows.append(row | ({"texts": list(one.texts), "addresses": list(one.images)} if in_full else {}))
    return rows


def look_up(desk: Desk, orders: Iterable[Order]) -> dict[str, Wished]:
    """By order id, for those with personalised lines: which of them are known, and which were approved as they are."""
    concerned = [order for order in orders if any(line.personalised for line in desk.lines_of(order))]
    if not concerned:
        return {}
    subjects = {f"order:{order.order_id}" for order in concerned}
    events = select(Event).where(col(Event.subject).in_(subjects), Event.what == APPROVED).order_by(col(Event.id))
    marks: dict[str, dict[str, str]] = {}
    for event in desk.session.exec(events):
        marks.setdefault(event.subject, {}).update(event.data.get("marks", {}))
    return {order.order_id: _wished(desk, order, marks.get(f"order:{order.order_id}", {})) for order in concerned}


def mark(seal: Seal, text: str) -> str:
    """Tells one wish from another without telling what it is."""
    return seal.mark(text.encode())


def _wished(desk: Desk, order: Order, marks: Mapping[str, str]) -> Wished:
    known = of_order(desk.seal, desk.store, order)
    if not known:
        return NOTHING_WISHED
    approved = [line_id for line_id, text in known.items() if marks.get(line_id) == mark(desk.seal, text)]
    return Wished(frozenset(known), frozenset(approved))
