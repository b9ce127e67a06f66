"""Buys TikTok's label for a parcel: once, however often it is run or killed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.tables import Hold, HoldReason, Line, Order, OutboxEntry, Shipment, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.tiktok import labels
from gcw_tiktok.tiktok.errors import AlreadyDone, BadRequest, OutcomeUnknown
from gcw_tiktok.tiktok.labels import Box, Package, Service
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.cancelling import requests
from gcw_tiktok.workflow.cancelling.answering import Means
from gcw_tiktok.workflow.orders import claims, holds, intake
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.shipping import boxes, labelled, leaving

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


def plan(means: Means, order_id: str, wish: Wish) -> Plan | None:
    """What would be bought, from what TikTok offers now; None where a label is there for all of it already."""
    with means.database.view() as session:
        _may_label(session, means.store, order_id, wish)  # before TikTok is asked
    _refresh(means, order_id)
    with means.database.view() as session:
        order = _may_label(session, means.store, order_id, wish)
        wanted, live = _units(session, order, wish.line_ids)
    missing = _without_label(means, order_id, wanted)
    if not missing:
        return None
    line_ids = tuple(sorted(line.line_id for line in missing))
    whole = set(line_ids) == live
    box = _box(means, missing, wish.box)
    try:
        offered = labels.services(means.client, order_id, line_ids, box)
    except BadRequest as error:
        raise _about_box(error, box) from error
    return Plan(order_id, line_ids, whole, box, offered, choose(offered, wish.service))


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
    entry = _write(means, wanted, anyway)
    try:
        package = _create(means, wanted)
    except (OutcomeUnknown, AlreadyDone) as error:
        if _read_back(means, wanted):
            return
        claims.note_trouble(means.database, entry, TryAgain(str(error)))
        raise TryAgain(
            f"TikTok did not confirm the label of order {wanted.order_id}, and does not show it yet.",
            "Run the same command again in a minute: it looks before it buys.",
            request_id=error.request_id,
        ) from error
    except BadRequest as error:
        claims.note_trouble(means.database, entry, error)
        raise _about_box(error, wanted.box) from error
    except GcwError as error:
        claims.note_trouble(means.database, entry, error)
        raise
    _confirm(means, wanted.order_id, wanted.line_ids, package)


def _create(means: Means, wanted: Plan) -> Package:
    """The package with its label. Whether creating it buys the label TikTok's pages disagree about; where it only
    drafts the package, the label is bought by shipping that."""
    package_id = labels.create_package(
        means.client, wanted.order_id, wanted.line_ids, wanted.box, wanted.chosen.id, whole=wanted.whole
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
    _refresh(means, wanted.order_id)
    with means.database.view() as session:
        mine = select(Line).where(Line.store_id == means.store.id, col(Line.line_id).in_(wanted.line_ids))
        lines = session.exec(mine).all()
    return not _without_label(means, wanted.order_id, lines)


def _refresh(means: Means, order_id: str) -> None:
    report = intake.fetch(means.database, means.client, means.seal, means.store, means.act, [order_id])
    if order_id in report.set_aside:
        raise Refused(
            f"TikTok's answer about order {order_id} cannot be used: {report.set_aside[order_id]}.",
            "Run `gcw orders retry`.",
        )


def _may_label(session: Session, store: Store, order_id: str, wish: Wish) -> Order:
    order = claims.find(session, store, order_id)
    if not leaving.by_tiktok(order):
        hint = f"Tell TikTok its number: gcw orders ship {order_id} --carrier NAME --tracking NUMBER"
        raise BadInput(f"The seller ships order {order_id}; TikTok sells no label for it.", hint)
    if order.fulfillment_type not in holds.OURS:
        raise BadInput(f"TikTok sends order {order_id} from its own warehouse.")
    if order.stage == Stage.CANCELED:
        raise BadInput(f"Order {order_id} is canceled.")
    if order.released_at is None:
        raise BadInput(
            f"Order {order_id} was never released, so nothing of it is made; with a label it would count as shipped.",
            f"Run `gcw orders release {order_id}` first.",
        )
    asked = ["The buyer has asked to cancel."] if order.cancel_requested else []
    query = select(Hold.sentence).where(Hold.order_pk == order.id, Hold.reason == HoldReason.NEEDS_DECISION)
    decide = " ".join([*session.exec(query), *asked])
    if decide and not wish.anyway:
        hint = f"To buy the label all the same: gcw orders label {order_id} --yes"
        raise BadInput(decide, hint, code="needs_decision")
    return order


def _units(session: Session, order: Order, line_ids: Sequence[str]) -> tuple[list[Line], set[str]]:
    """The units that are meant, and the ids of all that the order has."""
    lines = {line.line_id: line for line in session.exec(select(Line).where(Line.order_pk == order.id))}
    for line_id in line_ids:
        if line_id not in lines:
            raise BadInput(f"Order {order.order_id} has no line {line_id}.", f"See `gcw orders show {order.order_id}`.")
    live = [line for line in lines.values() if line.stage != Stage.CANCELED]
    chosen = [lines[line_id] for line_id in dict.fromkeys(line_ids)] or [one for one in live if one.ignored_id is None]
    waiting = [line for line in chosen if line.stage not in IN_WORK and not line.tracking_number]
    if waiting or not chosen:
        raise BadInput(
            f"Not everything of order {order.order_id} is in production: {requests.made(chosen) or 'nothing'}.",
            "Name the units that travel in this parcel with --line.",
        )
    return chosen, {line.line_id for line in live}


def _without_label(means: Means, order_id: str, lines: Sequence[Line]) -> list[Line]:
    """Those of which TikTok has no label; what it has is noted. A package that is only drafted counts for nothing."""
    with means.database.view() as session:
        known = select(Shipment.package_id).where(Shipment.store_id == means.store.id)
        labelled = set(session.exec(known.where(col(Shipment.package_id).in_({line.package_id for line in lines}))))
    for package_id in sorted({line.package_id for line in lines} - labelled - {""}):
        package = labels.package(means.client, package_id)
        if package.has_label:
            inside = [line.line_id for line in lines if line.package_id == package_id]
            _confirm(means, order_id, package.order_line_item_ids or inside, package)
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


def _write(means: Means, wanted: Plan, anyway: bool) -> OutboxEntry:
    """Writes the purchase down before TikTok hears of it. Units of which a label was bought and given up are bought
    another under a key of their own."""
    units = hashlib.sha256(",".join(wanted.line_ids).encode()).hexdigest()[:12]
    key = f"label/{means.store.shop_id}/{wanted.order_id}/{units}"
    payload = {
        "lines": list(wanted.line_ids),
        "service_id": wanted.chosen.id,
        "service": wanted.chosen.name,
        "price": "" if wanted.chosen.price is None else str(wanted.chosen.price),
        "currency": wanted.chosen.currency,
        "carrier_id": wanted.chosen.shipping_provider_id,
        "carrier": wanted.chosen.shipping_provider_name,
        "box": str(wanted.box),
    }
    with means.database.session() as session:
        order = claims.take(session, means.store, wanted.order_id)
        _may_label(session, means.store, wanted.order_id, Wish(anyway=anyway))
        if why := claims.why_not(session, order):
            raise TryAgain(f"Order {wanted.order_id}: {why}", "Run `gcw orders pull`, then the same command again.")
        time = 1
        while (before := outbox.find(session, key)) and before.state == outbox.DONE:
            time, key = time + 1, f"label/{means.store.shop_id}/{wanted.order_id}/{units}/{time + 1}"
        return outbox.write(session, key, outbox.LABEL, order, payload, means.act.now)


def _confirm(means: Means, order_id: str, line_ids: Sequence[str], package: Package) -> None:
    """Notes that the label is bought, unless that is noted already."""
    with means.database.session() as session:
        now = tiktok_time(means.client, means.act)
        desk = Desk(session, session.get_one(Store, means.store.id), means.seal, means.act, now)
        desk.load([order_id])
        order = desk.orders[order_id]
        lines = [line for line in desk.lines_of(order) if line.line_id in line_ids]
        for line in lines:
            line.package_id = package.package_id
            line.tracking_number = package.tracking_number or line.tracking_number
            line.carrier = package.shipping_provider_name or line.carrier
            session.add(line)
        labelled.keep(desk, order, lines, package.shipping_provider_id)
