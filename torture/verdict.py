"""Holds what gcw believes and did against what is so: by the sandbox's own books, and on the floor."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Event, Hold, Line, Order, OutboxEntry, SetAside, Shipment
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK, Stage
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders.holds import FREE_CANCEL_SECONDS, TO_MAKE
from torture.floor import PREFIX, Floor, Given, Json, order_of

LABELLED = "AWAITING_COLLECTION"
"""What TikTok ships stays in work until its carrier has it."""
BY_HAND = "production to be told by hand"
ByHand = Mapping[str, set[str]]
NOTHING: ByHand = {}


@dataclass(frozen=True)
class Truth:
    """What the sandbox knows."""

    now: int
    orders: Mapping[str, Json]
    packages: Sequence[Json]
    cancellations: Sequence[Json]
    journal: Sequence[Json] = ()
    """What it was asked and answered, where that was looked up."""

    @classmethod
    def of(cls, state: Json, journal: Sequence[Json] = ()) -> "Truth":
        orders = {order["id"]: order for order in state["orders"]}
        return cls(state["now"], orders, state["packages"], state["cancellations"], journal)

    def by_tiktok(self, order_id: str) -> bool:
        """Whether TikTok ships it, with a label that is bought of it."""
        return bool(self.orders[order_id]["shipping_type"] == "TIKTOK")

    def done(self, path: str) -> list[Json]:
        """The calls of this path that took effect."""
        return [one for one in self.journal if one["effect"] and path in one["path"] and one["method"] == "POST"]

    @property
    def asked_back(self) -> set[str]:
        """Orders whose buyers wait for an answer to their request to cancel."""
        return {one["order_id"] for one in self.cancellations if one["status"].endswith("PENDING")}

    def live(self, order_id: str) -> set[str]:
        """The lines of an order that are not cancelled."""
        return {one["id"] for one in self.orders[order_id]["line_items"] if one["display_status"] != "CANCELLED"}

    def may_be_made(self, order_id: str) -> bool:
        """Whether nothing at TikTok speaks against making it: paid, free of its hour, and asked back by nobody."""
        order = self.orders[order_id]
        hour_over = order["is_on_hold_order"] or order["paid_time"] + FREE_CANCEL_SECONDS <= self.now
        return order["status"] in TO_MAKE and hour_over and order_id not in self.asked_back

    def street(self, order_id: str) -> str:
        return str(self.orders[order_id]["recipient_address"]["address_line1"])


def reference(entry: OutboxEntry) -> str:
    """What production calls a hand-off that was carried out."""
    return str(entry.answer.get("reference") or Path(entry.answer["folder"]).name)


def told_by_hand(session: Session, floor: Floor) -> dict[str, set[str]]:
    """What a person was to tell production not to make, by hand-off: gcw could not, since its folder was taken away or
    its connector did not let it."""
    asked = set(session.exec(select(Event.subject).where(Event.what == BY_HAND)))
    places, found = _places_by_order(session), defaultdict(set)
    for entry in session.exec(select(OutboxEntry).where(OutboxEntry.kind == outbox.STOP)):
        order = session.get_one(Order, entry.order_pk)
        if entry.state != outbox.DONE or f"order:{order.order_id}" not in asked:
            continue
        for key, place in places.get(order.id or 0, {}).items():
            if place not in entry.answer["folders"] and entry.payload.get("hand_off") in (None, key):
                found[Path(place).name].update(entry.payload["lines"])
    for name in floor.names - _on_record(session).keys():
        if is_asked_about(session, name):
            found[name].update(floor.given[name].units)
    return found


def _places_by_order(session: Session) -> Mapping[int, Mapping[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for entry in handed_over(session):
        found[entry.order_pk or 0][entry.key] = str(entry.answer.get("folder") or reference(entry))
    return found


def handed_over(session: Session) -> Sequence[OutboxEntry]:
    """Every hand-off that was carried out, oldest first."""
    query = select(OutboxEntry).where(OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state == outbox.DONE)
    return session.exec(query.order_by(col(OutboxEntry.id))).all()


def _on_record(session: Session) -> Counter[str]:
    return Counter(reference(entry) for entry in handed_over(session))


def is_asked_about(session: Session, name: str) -> bool:
    """Whether a person was told that gcw does not know how it is with this hand-off: by a hold, or when one was
    settled, or when the hand-off was noted."""
    of_order = Order.order_id == order_of(name)
    holds = session.exec(select(Hold.sentence).join(Order, col(Hold.order_pk) == Order.id).where(of_order))
    events = session.exec(select(Event.why).where(Event.subject == f"order:{order_of(name)}"))
    told = re.compile(rf"\b{re.escape(name)}\b(?!-)")
    return any(told.search(words) for words in (*holds, *events))


def of_floor(floor: Floor, by_hand: ByHand = NOTHING) -> Iterator[str]:
    """Whatever was handed over is complete, and no unit is to be made twice: what is made anew was stopped before."""
    times = Counter(one.name for one in floor.all)
    yield from (f"{name} was handed over {count} times" for name, count in times.items() if count > 1)
    yield from (f"{one.name} is incomplete" for one in floor.all if one.document is None)
    counted = Counter(
        unit for one in floor.all for unit in one.units - one.stopped - one.ended - by_hand.get(one.name, set())
    )
    yield from (f"unit {one} is to be made {times} times" for one, times in counted.items() if times > 1)


def of_packages(truth: Truth) -> Iterator[str]:
    """No unit is told to be in two packages."""
    packed = Counter(line for one in truth.packages for line in one["order_line_item_ids"])
    yield from (f"unit {line} is in {times} packages" for line, times in packed.items() if times > 1)


def of_orders(session: Session, truth: Truth) -> Iterator[str]:
    """gcw knows every order, each as it is, and of every unit whether and how it has left."""
    rows = {one.order_id: one for one in session.exec(select(Order))}
    for order_id in session.exec(select(SetAside.order_id)):
        yield f"order {order_id} is set aside"
    for order_id in truth.orders.keys() ^ rows.keys():
        yield f"order {order_id} is known to one side only"
    for order_id, order in rows.items():
        if order_id in truth.orders and order.status != truth.orders[order_id]["status"]:
            yield f"order {order_id} is {truth.orders[order_id]['status']} at TikTok, not {order.status}"
    yield from _of_lines(session, truth)


def _of_lines(session: Session, truth: Truth) -> Iterator[str]:
    parcels = {line: one for one in truth.packages for line in one["order_line_item_ids"]}
    units = {line["id"]: line for order in truth.orders.values() for line in order["line_items"]}
    lines = {line.line_id: line for line in session.exec(select(Line))}
    yield from (f"unit {line_id} is known to one side only" for line_id in units.keys() ^ lines.keys())
    for line_id in units.keys() & lines.keys():
        line, parcel = lines[line_id], parcels.get(line_id)
        cancelled = units[line_id]["display_status"] == "CANCELLED"
        if line.stage in GONE_OUT and not parcel:
            yield f"unit {line_id} is {line.stage} and never left"
        left = parcel and not (parcel["has_tiktok_label"] and units[line_id]["display_status"] == LABELLED)
        if line.stage in IN_WORK | {Stage.RECEIVED, Stage.PASSED} and (left or cancelled):
            yield f"unit {line_id} is {line.stage}, but it {'has left' if left else 'is cancelled'}"
        if parcel and line.tracking_number != parcel["tracking_number"]:
            yield f"unit {line_id} left as {parcel['tracking_number']}, not as {line.tracking_number}"


def of_effects(session: Session, truth: Truth, floor: Floor) -> Iterator[str]:
    """Each hand-off was noted once and is on the floor; each parcel was told once; nothing is left in the air."""
    entries = session.exec(select(OutboxEntry)).all()
    on_record = _on_record(session)
    yield from (f"{one} is on record {times} times" for one, times in on_record.items() if times > 1)
    for one in floor.names - on_record.keys():
        if not is_asked_about(session, one):
            yield f"{one} is on the floor, but not on record"
    yield from (f"{one} is on record, but not on the floor" for one in on_record.keys() - floor.names)
    packed = {line for one in truth.packages for line in one["order_line_item_ids"]}
    for entry in entries:
        told = entry.kind in (outbox.SHIP, outbox.LABEL)
        unsent = (told and not packed & set(entry.payload["lines"])) or entry.kind == outbox.CORRECT
        if entry.state == outbox.WRITTEN and not unsent:
            yield f"{entry.key} is left in the air"
    known = Counter(one for one in session.exec(select(Shipment.package_id)) if one)
    yield from (f"package {one} is remembered {times} times" for one, times in known.items() if times > 1)
    yield from (f"package {one} is unknown to TikTok" for one in known.keys() - {one["id"] for one in truth.packages})
    for order_id in session.exec(select(Order.order_id).where(col(Order.reserved_by).is_not(None))):
        yield f"order {order_id} is left reserved"
    yield from (f"{name} is left half-written" for name in floor.left_aside)


def of_cancelled(session: Session, truth: Truth, floor: Floor) -> Iterator[str]:
    """Production knows of every unit that it was given and that is cancelled; a person where it cannot be told. It was
    told to stop nothing else, unless somebody decided so."""
    shipped = {line for one in truth.packages for line in one["order_line_item_ids"]}
    by_hand, decided = told_by_hand(session, floor), _decided(session)
    for one in floor.all:
        if one.order_id not in truth.orders:
            continue
        live = truth.live(one.order_id)
        silent = one.units - live - shipped - one.stopped - one.ended - by_hand.get(one.name, set())
        silent -= _made_anew(floor, one)
        if silent:
            yield f"production was not told that {len(silent)} units of {one.name} are cancelled"
        if one.stopped & live - decided[one.name]:
            yield f"production was told that live units of {one.name} are cancelled"


def _decided(session: Session) -> Mapping[str, set[str]]:
    """The units that somebody decided to stop, by hand-off."""
    names, found = {one.key: reference(one) for one in handed_over(session)}, defaultdict(set)
    for entry in session.exec(select(OutboxEntry).where(OutboxEntry.kind == outbox.STOP)):
        if entry.payload.get("hand_off") in names:
            found[names[entry.payload["hand_off"]]].update(entry.payload["lines"])
    return found


def _made_anew(floor: Floor, given: Given) -> set[str]:
    """The units that another hand-off of the same order has as well: what is to be made of them is told there."""
    others = [one for one in floor.all if one.name != given.name and one.order_id == given.order_id]
    return {unit for one in others for unit in one.units}


def of_new(before: Truth, after: Truth, floor: Floor, new: set[str], touched: Collection[str]) -> Iterator[str]:
    """What was handed over was to be made, whole and as it is. `touched` orders are left out, since those changed
    meanwhile: nobody can say what the print gate saw."""
    moment = Truth(after.now, before.orders, before.packages, before.cancellations)
    for name in sorted(new):
        order_id = order_of(name)
        if order_id in touched or order_id not in before.orders:
            continue
        if not moment.may_be_made(order_id):
            yield f"{name} was handed over though it was {before.orders[order_id]['status']} or asked back"
        yield from _of_units(before, floor, name)
        street = floor.given[name].street
        wanted = None if before.by_tiktok(order_id) else before.street(order_id)
        if street != wanted:
            yield f"{name} was handed over for {street!r}, not for {wanted!r}"


def _of_units(before: Truth, floor: Floor, name: str) -> Iterator[str]:
    """The first time all of an order's units, later those that are made anew."""
    given, live = floor.given[name].units, before.live(order_of(name))
    packed = {line for one in before.packages for line in one["order_line_item_ids"] if one["tracking_number"]}
    if given - live or (name == f"{PREFIX}{order_of(name)}" and given != live):
        yield f"{name} was handed over with {len(given)} of {len(live)} units"
    if given & packed:
        yield f"{name} was handed over with {len(given & packed)} units that have left"


def of_samples(before: Truth, new: set[str], policy: str, insisted: Collection[str]) -> Iterator[str]:
    """No sample was handed over that the store's policy keeps, but where somebody insisted."""
    for order_id in {order_of(name) for name in new} & before.orders.keys() - set(insisted):
        if policy != "make" and before.orders[order_id]["is_sample_order"]:
            yield f"sample {order_id} was handed over though the store's policy is {policy}"
