"""Buys TikTok's label for a parcel: once, however often it is run or killed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment
from gcw_tiktok.tiktok import labels
from gcw_tiktok.tiktok.errors import AlreadyDone, BadRequest, OutcomeUnknown
from gcw_tiktok.tiktok.labels import Box, Package, Service
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import claims, intake
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import boxes, labelled, ready
from gcw_tiktok.workflow.shipping.ready import ALONE, Sharing

DEFAULT, CHEAPEST, FASTEST = "default", "cheapest", "fastest"
UNPRICED = Decimal(10**9)
SLOWEST = 10**6


@dataclass(frozen=True)
class Wish:
    """What is wanted of a parcel. `anyway` accepts a pending decision."""

    service: str = DEFAULT
    """A service's id or name, or one of the words above."""
    box: Box = labels.NO_BOX
    line_ids: tuple[str, ...] = ()
    anyway: bool = False
    alone: bool = False
    """Whatever TikTok marked to travel with it."""


@dataclass(frozen=True)
class Plan:
    """Which units travel in one parcel, by which service."""

    order_id: str
    line_ids: tuple[str, ...]
    whole: bool
    """They are all that is left of the order."""
    box: Box
    services: Sequence[Service]
    chosen: Service
    sharing: Sharing = ALONE
    """The other orders in the box."""

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The units in the box, by order."""
        return {self.order_id: self.line_ids, **self.sharing.parts}


def plan(means: Means, order_id: str, wish: Wish) -> Plan | None:
    """What would be bought, from what TikTok offers now; None where a label is there for all of it already."""
    with means.database.view() as session:
        ready.may_label(session, means.store, order_id, anyway=wish.anyway)  # before TikTok is asked
    together = not wish.alone and not wish.line_ids
    _refresh(means, [order_id, *(ready.marked(means, order_id) if together else [])])
    with means.database.view() as session:
        order = ready.may_label(session, means.store, order_id, anyway=wish.anyway)
        wanted, live = ready.units(session, order, wish.line_ids)
    missing = _without_label(means, order_id, wanted)
    if not missing:
        return None
    line_ids = tuple(sorted(line.line_id for line in missing))
    whole = set(line_ids) == live
    sharing = _bound(means, order_id, missing, wish) or (
        ready.sharing(means, order_id) if together and whole else ALONE
    )
    box = _box(means, [*missing, *_lines(means, sharing)], wish.box)
    try:
        offered = labels.services(means.client, order_id, line_ids, box)
    except BadRequest as error:
        raise _about_box(error, box) from error
    return Plan(order_id, line_ids, whole, box, offered, choose(offered, wish.service), sharing)


def _bound(means: Means, order_id: str, missing: Sequence[Line], wish: Wish) -> Sharing | None:
    """Those with which TikTok has put the order into one package, which is only drafted; None where it has not."""
    for package_id in sorted({line.package_id for line in missing} - {""}):
        others = labels.package(means.client, package_id).order_ids
        if len(others) > 1:
            if wish.alone or wish.line_ids:
                raise ready.cannot_part(order_id, [one for one in others if one != order_id])
            _refresh(means, others)
            return ready.bound(means, order_id, others, anyway=wish.anyway)
    return None


def _lines(means: Means, sharing: Sharing) -> list[Line]:
    line_ids = [line_id for ids in sharing.parts.values() for line_id in ids]
    with means.database.view() as session:
        mine = select(Line).where(Line.store_id == means.store.id, col(Line.line_id).in_(line_ids))
        return list(session.exec(mine.order_by(col(Line.id)))) if line_ids else []


def choose(offered: Sequence[Service], wanted: str) -> Service:
    """The service that is meant; by default TikTok's own choice, else the cheapest."""
    if not offered:
        raise Refused("TikTok offers no service for this parcel.", "Give --weight and --size, or split it with --line.")
    cheapest = min(offered, key=lambda one: (_price(one), not one.is_default, one.name, one.id))
    if wanted == CHEAPEST:
        return cheapest
    if wanted == FASTEST:
        return min(offered, key=lambda one: (_days(one), _price(one), one.name, one.id))
    if wanted == DEFAULT:
        return next((one for one in offered if one.is_default), cheapest)
    plain = wanted.strip().casefold()
    for matches in (
        [one for one in offered if one.id == plain],
        [one for one in offered if one.name.casefold() == plain],
        [one for one in offered if plain and one.name.casefold().startswith(plain)],
    ):
        if len(matches) == 1:
            return matches[0]
    listed = "; ".join(f"{one.name} ({one.id})" for one in offered)
    raise BadInput(f"No service offered for this parcel is {wanted!r}.", f"Services: {listed}.", code="service")


def buy(means: Means, wanted: Plan, *, anyway: bool = False) -> None:
    """Buys the label. Where the answer is lost, TikTok itself is asked what became of it."""
    entries = _write(means, wanted, anyway)
    try:
        package = _create(means, wanted)
    except (OutcomeUnknown, AlreadyDone) as error:
        if _read_back(means, wanted):
            return
        _note(means, entries, TryAgain(str(error)))
        raise TryAgain(
            f"TikTok did not confirm the label of order {wanted.order_id}, and does not show it yet.",
            "Run the same command again in a minute: it looks before it buys.",
            request_id=error.request_id,
        ) from error
    except GcwError as error:
        _note(means, entries, error)
        if isinstance(error, BadRequest):
            error = _about_box(error, wanted.box)
        if wanted.sharing.parts:
            alone = f"To buy one for this order alone: gcw orders label {wanted.order_id} --alone"
            error.hint = f"{error.hint} {alone}".strip()
        raise error
    _confirm(means, wanted.parts, package)


def _note(means: Means, entries: Sequence[OutboxEntry], error: GcwError) -> None:
    for entry in entries:
        claims.note_trouble(means.database, entry, error)


def _create(means: Means, wanted: Plan) -> Package:
    """The package with its label. Whether creating it buys the label TikTok's pages disagree about; where it only
    drafts the package, the label is bought by shipping that."""
    service = wanted.chosen.id
    if wanted.sharing.parts:
        package_id = labels.create_shared_package(means.client, list(wanted.parts), wanted.box, service)
    else:
        package_id = labels.create_package(
            means.client, wanted.order_id, wanted.line_ids, wanted.box, service, whole=wanted.whole
        )
    found = _look(means, package_id)
    if found.package_status == labels.DRAFT:
        labels.ship_package(means.client, package_id)
        found = _look(means, package_id)
    return found


def _look(means: Means, package_id: str) -> Package:
    """A package after something was done to it: if it cannot be read, nobody knows yet what came of that."""
    try:
        return labels.package(means.client, package_id)
    except GcwError as error:
        raise OutcomeUnknown(str(error), error.hint, request_id=error.request_id, kind="unknown") from error


def _read_back(means: Means, wanted: Plan) -> bool:
    """Whether TikTok has a label for all of it by now; then that is noted."""
    _refresh(means, list(wanted.parts))
    missing: list[Line] = []
    for order_id, line_ids in wanted.parts.items():
        with means.database.view() as session:
            mine = select(Line).where(Line.store_id == means.store.id, col(Line.line_id).in_(line_ids))
            lines = session.exec(mine).all()
        missing += _without_label(means, order_id, lines)
    return not missing


def _refresh(means: Means, order_ids: Sequence[str]) -> None:
    report = intake.fetch(means.database, means.client, means.seal, means.store, means.act, order_ids)
    for order_id in sorted(set(report.set_aside) & set(order_ids)):
        raise Refused(
            f"TikTok's answer about order {order_id} cannot be used: {report.set_aside[order_id]}.",
            "Run `gcw orders retry`.",
        )


def _without_label(means: Means, order_id: str, lines: Sequence[Line]) -> list[Line]:
    """Those of which TikTok has no label; what it has is noted. A package that is only drafted counts for nothing."""
    with means.database.view() as session:
        known = select(Shipment.package_id).where(Shipment.store_id == means.store.id)
        labelled = set(session.exec(known.where(col(Shipment.package_id).in_({line.package_id for line in lines}))))
    for package_id in sorted({line.package_id for line in lines} - labelled - {""}):
        package = labels.package(means.client, package_id)
        if package.has_label:
            inside = [line.line_id for line in lines if line.package_id == package_id]
            _confirm(means, {order_id: package.order_line_item_ids or inside}, package)
            labelled.add(package_id)
    return [line for line in lines if line.package_id not in labelled]


def _box(means: Means, lines: Sequence[Line], said: Box) -> Box:
    if said.pounds and said.inches:
        return said
    known = boxes.of_listings(means.client, lines)
    return Box(said.pounds or known.pounds, said.inches or known.inches)


def _about_box(error: BadRequest, box: Box) -> BadRequest:
    """Most of what TikTok cannot use here is the box, or an address that nobody but the buyer can mend."""
    error.hint = f"The parcel was said to be {box or 'of unknown weight and size'}: try --weight, --size or --line."
    return error


def _price(service: Service) -> Decimal:
    return UNPRICED if service.price is None else service.price


def _days(service: Service) -> int:
    return SLOWEST if service.latest_delivery_days is None else service.latest_delivery_days


def _write(means: Means, wanted: Plan, anyway: bool) -> list[OutboxEntry]:
    """Writes the purchase down before TikTok hears of it, for each order in the box. Units of which a label was bought
    and given up are bought another under a key of their own."""
    told = {
        "service_id": wanted.chosen.id,
        "service": wanted.chosen.name,
        "price": "" if wanted.chosen.price is None else str(wanted.chosen.price),
        "currency": wanted.chosen.currency,
        "carrier_id": wanted.chosen.shipping_provider_id,
        "carrier": wanted.chosen.shipping_provider_name,
        "box": str(wanted.box),
    }
    if wanted.sharing.parts:
        told["together"] = ",".join(wanted.parts)
    with means.database.session() as session:
        orders = {order_id: claims.take(session, means.store, order_id) for order_id in sorted(wanted.parts)}
        for order_id, order in orders.items():
            accepted = anyway and (wanted.sharing.bound or order_id == wanted.order_id)
            ready.may_label(session, means.store, order_id, anyway=accepted)
            if why := claims.why_not(session, order):
                raise TryAgain(f"Order {order_id}: {why}", "Run `gcw orders pull`, then the same command again.")
        return [_entry(session, means, orders[order_id], line_ids, told) for order_id, line_ids in wanted.parts.items()]


def _entry(
    session: Session, means: Means, order: Order, line_ids: Sequence[str], told: Mapping[str, str]
) -> OutboxEntry:
    units = hashlib.sha256(",".join(line_ids).encode()).hexdigest()[:12]
    first = key = f"label/{means.store.shop_id}/{order.order_id}/{units}"
    time = 1
    while (before := outbox.find(session, key)) and before.state == outbox.DONE:
        time, key = time + 1, f"{first}/{time + 1}"
    return outbox.write(session, key, outbox.LABEL, order, {"lines": list(line_ids), **told}, means.act.now)


def _confirm(means: Means, parts: Mapping[str, Sequence[str]], package: Package) -> None:
    """Notes that the label is bought, unless that is noted already; of all orders in the box at once."""
    with means.database.session() as session:
        desk = means.desk(session, list(parts))
        for order_id, line_ids in parts.items():
            order = desk.orders[order_id]
            lines = [line for line in desk.lines_of(order) if line.line_id in line_ids]
            for line in lines:
                line.package_id = package.package_id
                line.tracking_number = package.tracking_number or line.tracking_number
                line.carrier = package.shipping_provider_name or line.carrier
                session.add(line)
            labelled.keep(desk, order, lines, package.shipping_provider_id)
            session.flush()
