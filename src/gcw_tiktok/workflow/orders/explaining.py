"""The story of one order on one timeline, and what happens next. Pure: facts in, sentences out; nothing of a
recipient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gcw_tiktok.store.tables import (
    Connection,
    Event,
    Hold,
    Ignored,
    Line,
    Notification,
    Order,
    OrderKind,
    OutboxEntry,
    Shipment,
    Stage,
    Store,
)
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import notifications, outbox, times
from gcw_tiktok.workflow.orders import holds, kinds, stages
from gcw_tiktok.workflow.shipping import leaving

BUYER, TIKTOK, GCW = "the buyer", "TikTok", "gcw"
PULL = "gcw orders pull"
AT_REST = frozenset({Stage.CANCELED, Stage.RETURNED, Stage.DELIVERED})
DEEDS = {
    outbox.HAND_OFF: "hand-off",
    outbox.SHIP: "tracking number to TikTok",
    outbox.CORRECT: "correction of a tracking number",
    outbox.LABEL: "purchase of TikTok's label",
    outbox.GIVE_LABEL: "label to production",
    outbox.CANCEL: "cancellation",
    outbox.ANSWER: "answer to the buyer's request to cancel",
    outbox.STOP: "notice of cancelled units to production",
}


@dataclass(frozen=True)
class Facts:
    """All that gcw knows of one order, but for the recipient."""

    order: Order
    store: Store
    lines: Sequence[Line] = ()
    events: Sequence[Event] = ()
    holds: Sequence[Hold] = ()
    connections: dict[str, Connection] = field(default_factory=dict)
    """What each line printed, or would print if it were released now; by line id."""
    ignored: Sequence[Ignored] = ()
    effects: Sequence[OutboxEntry] = ()
    shipments: Sequence[Shipment] = ()
    notifications: Sequence[Notification] = ()


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: int
    who: str
    what: str
    sentence: str = ""


@dataclass(frozen=True)
class Step:
    """What happens next, by itself or by a command."""

    sentence: str
    command: str = ""


def timeline(facts: Facts) -> list[Entry]:
    """Everything that happened, oldest first; what happened in one second stands in the order of cause and effect."""
    found = [
        *_at_tiktok(facts),
        *_decided(facts),
        *_pushed(facts),
        *_recorded(facts),
        *_holding(facts),
        *_unconfirmed(facts),
        *_left_elsewhere(facts),
    ]
    return sorted(found, key=lambda entry: entry.at)


def following(facts: Facts) -> Step:
    """The next event, or the command that brings the order on."""
    order = facts.order
    doubtful = [one for one in facts.effects if one.state == outbox.WRITTEN]
    if doubtful and order.stage not in AT_REST:
        return _finish_effect(order, doubtful[0])
    if nothing := _why_nothing(facts):
        return Step(nothing)
    if facts.holds:
        return Step(" ".join(hold.sentence for hold in facts.holds), facts.holds[0].command)
    if order.stage in OPEN:
        return _before_release(order)
    if order.stage in IN_WORK:
        return _in_the_house(order, facts.lines)
    return Step("The parcel is on its way; pulling notes when TikTok says that it has arrived.", PULL)


def _why_nothing(facts: Facts) -> str:
    """Why gcw does nothing more with the order; empty where it does."""
    if facts.order.stage in AT_REST:
        return f"Nothing: it is {facts.order.stage}."
    if facts.order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        return f"Nothing. {kinds.NOT_OURS}"
    if stages.is_ignored(facts.lines):
        return f"Nothing: everything in it is ignored, so nothing of it is made here.{_who_ships(facts)}"
    return ""


def _who_ships(facts: Facts) -> str:
    """What TikTok waits for all the same."""
    if facts.order.stage not in OPEN:
        return ""
    by = f" by {times.shown(facts.order.ship_by)}" if facts.order.ship_by else ""
    ship = f"gcw orders ship {facts.order.order_id} --line LINE --carrier NAME --tracking NUMBER"
    return f" TikTok wants a tracking number for it{by} all the same: from whoever sends it, or by `{ship}`."


def _before_release(order: Order) -> Step:
    if leaving.by_tiktok(order) and order.released_at and order.status not in holds.TO_MAKE:
        return Step(
            f"TikTok says {order.status}: its label is bought, and gcw hands it over no more. Have it made again from "
            "the folder that production has, or cancel it.",
            f"gcw orders cancel {order.order_id} --reason REASON",
        )
    if order.stage == Stage.FAILED:
        return Step(
            "Production failed; it waits until somebody has it made again.", f"gcw orders retry {order.order_id}"
        )
    if order.stage == Stage.PASSED:
        by = f" It must leave by {times.shown(order.ship_by)}." if order.ship_by else ""
        sentence = f"Nothing holds it. It is read from TikTok once more and handed over when it is released.{by}"
        return Step(sentence, f"gcw orders release {order.order_id}")
    return Step(f"TikTok says {order.status}; it goes on when TikTok says that it is to be shipped.", PULL)


def _in_the_house(order: Order, lines: Sequence[Line]) -> Step:
    by = f" It must leave by {times.shown(order.ship_by)}." if order.ship_by else ""
    ship = leaving.command(order, lines)
    if leaving.by_tiktok(order):
        return Step(f"It is {order.stage}. {leaving.sentence(order, lines)}{by}", ship)
    if order.stage == Stage.PACKAGED:
        return Step(f"It is packaged and waits for its tracking number.{by}", ship)
    return Step(f"It is {order.stage}; production says when it is further, or ships it.{by}", ship)


def _finish_effect(order: Order, entry: OutboxEntry) -> Step:
    begun = f"The {DEEDS.get(entry.kind, entry.kind)} was begun and never confirmed"
    if entry.kind == outbox.HAND_OFF:
        return Step(f"{begun}; the next release finds out what became of it.", f"gcw orders release {order.order_id}")
    if entry.kind in (outbox.ANSWER, outbox.STOP):
        return Step(f"{begun}; the next pull finishes it.", PULL)
    if entry.kind == outbox.CANCEL:
        again = f"gcw orders cancel {order.order_id} --reason {entry.payload['reason']}"
        return Step(f"{begun}; the same command again looks at TikTok before it sends.", again)
    if entry.kind in (outbox.LABEL, outbox.GIVE_LABEL):
        return Step(f"{begun}; the same command again looks before it does more.", f"gcw orders label {order.order_id}")
    carrier, number = entry.payload.get("carrier", "NAME"), entry.payload.get("tracking_number", "NUMBER")
    correct = " --correct" if entry.kind == outbox.CORRECT else ""
    command = f'gcw orders ship {order.order_id}{correct} --carrier "{carrier}" --tracking {number}'
    return Step(f"{begun}; the same command again looks at TikTok before it sends.", command)


def _at_tiktok(facts: Facts) -> Iterator[Entry]:
    order = facts.order
    particular = " ".join([f"{len(facts.lines)} units.", *kinds.facts(order)])
    yield Entry(order.placed_at, BUYER, "placed", particular)
    if order.paid_at:
        yield Entry(order.paid_at, BUYER, "paid")


def _decided(facts: Facts) -> Iterator[Entry]:
    """Which version each line prints, who made it and when; and what is not printed here."""
    for connection in {one.id: one for one in facts.connections.values()}.values():
        mine = [line for line in facts.lines if facts.connections.get(line.line_id) is connection]
        printed = [line for line in mine if line.connection_id == connection.id]
        name = mine[0].seller_sku or mine[0].sku_id
        verb = "printed" if printed else "will print"
        why = f" ({connection.why})" if connection.why else ""
        sentence = f"{len(mine)} of {name} {verb} {connection.product_uid}, version {connection.version}{why}."
        yield Entry(connection.made_at, connection.made_by or GCW, "connected", sentence)
    for ignored in facts.ignored:
        count = sum(line.ignored_id == ignored.id for line in facts.lines)
        sentence = f"{count} units are not printed here, by {ignored.scope}. {ignored.why}".strip()
        yield Entry(ignored.made_at, ignored.made_by or GCW, "ignored", sentence)


def _pushed(facts: Facts) -> Iterator[Entry]:
    for one in facts.notifications:
        sentence = f"{notifications.topic(one.type)}: {one.state}. {one.trouble}".strip()
        yield Entry(one.received_at, TIKTOK, "webhook", sentence)


def _recorded(facts: Facts) -> Iterator[Entry]:
    for event in facts.events:
        if event.what == holds.LIFTED:
            since = int(event.data.get("since") or event.at)
            yield Entry(since, GCW, f"held: {event.data.get('reason', '')}", event.why)
            yield Entry(event.at, event.who, f"{holds.LIFTED}: {event.data.get('reason', '')}")
        else:
            yield Entry(event.at, event.who, event.what, _said(event))


def _said(event: Event) -> str:
    if event.what == "shipped":
        parcel = f"{event.data.get('lines', '')} units by {event.data.get('carrier', '')} "
        return f"{parcel}{event.data.get('tracking_number', '')}. {event.why}".strip()
    if event.what.startswith("label bought"):
        price = f" for {event.data['price']} {event.data.get('currency', '')}" if event.data.get("price") else ""
        by = event.data.get("service") or event.data.get("carrier", "")
        said = f"{event.data.get('lines', '')} units by {by}{price}, {event.data.get('tracking_number', '')}."
        return f"{said} {event.why}".strip()
    if event.what == "handed over":
        where = event.data.get("folder") or f"as {event.data.get('reference', '')}"
        return f"{event.why} {where}".strip()
    if event.what == "taken in":
        return f"{event.data.get('status', '')} at TikTok"
    return event.why


def _holding(facts: Facts) -> Iterator[Entry]:
    for hold in facts.holds:
        yield Entry(hold.since, GCW, f"held: {hold.reason}", hold.sentence)


def _unconfirmed(facts: Facts) -> Iterator[Entry]:
    """Effects that were begun and of which the history tells nothing more. What production answered to a hand-off is
    not repeated: it may quote the address."""
    for one in facts.effects:
        deed, why = DEEDS.get(one.kind, one.kind), "" if one.kind == outbox.HAND_OFF else one.trouble
        if one.state == outbox.WRITTEN:
            yield Entry(one.written_at, GCW, f"{deed} begun", why)
        elif one.state == outbox.VOID:
            yield Entry(one.written_at, GCW, f"{deed} given up", why)


def _left_elsewhere(facts: Facts) -> Iterator[Entry]:
    """Parcels of which gcw did not tell TikTok itself."""
    ours = {shipment.tracking_number for shipment in facts.shipments}
    others = {(line.carrier, line.tracking_number) for line in facts.lines if line.tracking_number not in (*ours, "")}
    for carrier, number in sorted(others):
        yield Entry(facts.order.updated_at, TIKTOK, "shipped outside gcw", f"{carrier} {number}".strip())
