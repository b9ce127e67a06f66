"""Corrects the tracking number of a parcel at TikTok, which takes that once and for 72 hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment, Stage, Store
from gcw_tiktok.tiktok import fulfillment, logistics
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok.errors import AlreadyDone, OutcomeUnknown, TikTokRefused
from gcw_tiktok.tiktok.logistics import Provider
from gcw_tiktok.workflow import outbox, times
from gcw_tiktok.workflow.orders import claims, holds
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import advice, parcels, shipping

WINDOW = 72 * 3600
"""How long after shipping TikTok takes a correction."""


@dataclass(frozen=True)
class Corrected:
    """What TikTok knows of a parcel now, and what it knew."""

    order_id: str
    package_id: str
    carrier: str
    tracking_number: str
    was: str
    lines: int
    known_before: bool = False
    """TikTok had it already; nothing was sent."""


@dataclass(frozen=True)
class Correction:
    """What is to be known of a parcel."""

    order_id: str
    package_id: str
    line_ids: tuple[str, ...]
    was: str
    tracking_number: str
    carrier: Provider

    def key(self, store: Store) -> str:
        return f"correct/{store.shop_id}/{self.package_id}/{self.tracking_number}/{self.carrier.id}"

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "lines": list(self.line_ids),
            "package_id": self.package_id,
            "carrier_id": self.carrier.id,
            "carrier": self.carrier.name,
            "tracking_number": self.tracking_number,
            "was": self.was,
        }


def correct(
    means: Means,
    order_id: str,
    *,
    carrier: str,
    tracking_number: str,
    parcel: str = "",
    anyway: bool = False,
) -> Corrected:
    """Gives the order's parcel, or the one that is named, another number. `anyway` accepts one that looks wrong."""
    number = shipping.clean_number(tracking_number)
    with means.database.view() as session:
        order, lines = _choose(session, means.store, order_id, parcel)
        delivery_option = order.delivery_option_id
    provider = logistics.find_provider(logistics.shipping_providers(means.client, delivery_option), carrier)
    package_id = lines[0].package_id
    ids = tuple(sorted(line.line_id for line in lines))
    wish = Correction(order_id, package_id, ids, lines[0].tracking_number, number, provider)
    if not _is_there(means, wish):
        with means.database.view() as session:
            _must_be_open(session, means.store, order_id, package_id, means.act.now)
        shipping.must_be_right(number, provider, anyway)
        entry = _write(means, wish)
        _tell(means, wish, entry)
        return _confirm(means, wish, known_before=False)
    return _confirm(means, wish, known_before=True)


def _choose(session: Session, store: Store, order_id: str, parcel: str) -> tuple[Order, Sequence[Line]]:
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == order_id)).one()
    if order.shipping_type == holds.TIKTOK:
        raise BadInput(f"TikTok ships order {order_id} with its own label; it sets the tracking number itself.")
    known = parcels.of_lines(session.exec(select(Line).where(Line.order_pk == order.id)).all())
    if not known:
        command = f"gcw orders ship {order_id} --carrier NAME --tracking NUMBER"
        raise BadInput(f"Nothing of order {order_id} has left, so there is nothing to correct.", f"Run `{command}`.")
    by_name = {place: lines for position, lines in enumerate(known, 1) for place in _names(position, lines)}
    if parcel and parcel.strip() in by_name:
        return order, by_name[parcel.strip()]
    if len(known) == 1 and not parcel:
        return order, known[0]
    listed = "; ".join(
        f"{position}: {lines[0].carrier} {lines[0].tracking_number}, {len(lines)} units"
        for position, lines in enumerate(known, 1)
    )
    fault = f"has no parcel {parcel}" if parcel else f"left in {len(known)} parcels"
    raise BadInput(f"Order {order_id} {fault}: {listed}.", "Name one with --parcel.", code="parcel")


def _names(position: int, lines: Sequence[Line]) -> tuple[str, ...]:
    """How a parcel may be called: its place among the order's, TikTok's id of it, or its tracking number."""
    return str(position), lines[0].package_id, lines[0].tracking_number


def _must_be_open(session: Session, store: Store, order_id: str, package_id: str, now: int) -> None:
    """Refuses what TikTok would, from what is known here."""
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == order_id)).one()
    lines = session.exec(select(Line).where(Line.order_pk == order.id, Line.package_id == package_id)).all()
    mine = (Shipment.store_id == store.id, Shipment.package_id == package_id)
    told = session.exec(select(Shipment).where(*mine)).first()
    number = lines[0].tracking_number if lines else ""
    tell = f"Tell the buyer the right number in Seller Center's chat; the parcel keeps {number} at TikTok."
    if told and told.corrected_at is not None:
        raise BadInput(
            f"The number of this parcel was corrected on {times.shown(told.corrected_at)}, and TikTok takes one "
            "correction.",
            tell,
            code="corrected",
        )
    if told and told.told_at is not None and now > told.told_at + WINDOW:
        raise BadInput(
            f"TikTok was told of this parcel on {times.shown(told.told_at)} and takes corrections for 72 hours.",
            tell,
            code="too_late",
        )
    if lines and all(line.stage in (Stage.DELIVERED, Stage.RETURNED, Stage.CANCELED) for line in lines):
        raise BadInput(f"This parcel is {lines[0].stage}; its number can no longer be corrected.", code="too_late")


def _is_there(means: Means, wish: Correction) -> bool:
    """Whether TikTok shows the parcel under the new number; refused where it shows neither that nor the old one."""
    received = shipping.look(means, wish.order_id, settle=True)
    told = [line for line in received.line_items if line.id in wish.line_ids]
    if told and all(_has(line, wish) for line in told):
        return True
    strange = sorted({line.tracking_number for line in told} - {wish.was, wish.tracking_number})
    if strange or not told or {line.package_id for line in told} != {wish.package_id}:
        numbers = ", ".join(filter(None, strange)) or "none of its units"
        raise Refused(
            f"TikTok shows {numbers} for this parcel of order {wish.order_id} by now. Nothing was sent.",
            f"See `gcw orders show {wish.order_id}`; another program may ship for this shop.",
        )
    return False


def _has(line: tiktok_orders.Line, wish: Correction) -> bool:
    named = {line.shipping_provider_id, line.shipping_provider_name} - {""}
    return line.tracking_number == wish.tracking_number and (
        not named or bool(named & {wish.carrier.id, wish.carrier.name})
    )


def _write(means: Means, wish: Correction) -> OutboxEntry:
    """Writes the effect down before TikTok hears of it."""
    with means.database.session() as session:
        mine = select(Order).where(Order.store_id == means.store.id, Order.order_id == wish.order_id)
        order = session.exec(mine.with_for_update(key_share=True)).one()
        return outbox.write(session, wish.key(means.store), outbox.CORRECT, order, wish.payload, means.act.now)


def _tell(means: Means, wish: Correction, entry: OutboxEntry) -> None:
    """Sends it; where the answer is lost, TikTok itself is asked what became of it."""
    try:
        fulfillment.correct(means.client, wish.package_id, wish.tracking_number, wish.carrier.id)
    except GcwError as error:
        open_question = isinstance(error, OutcomeUnknown | AlreadyDone | TikTokRefused)  # another gcw may have done it
        if open_question and _is_there(means, wish):
            return
        unsure = isinstance(error, OutcomeUnknown | AlreadyDone)
        claims.note_trouble(means.database, entry, TryAgain(str(error)) if unsure else error)
        if unsure:
            raise TryAgain(
                f"TikTok did not confirm the correction of order {wish.order_id}, and still shows {wish.was}.",
                "Run the same command again: it looks before it sends.",
                request_id=error.request_id,
            ) from error
        advice.advise(error, wish.order_id)
        raise


def _confirm(means: Means, wish: Correction, *, known_before: bool) -> Corrected:
    with means.database.session() as session:
        desk = means.desk(session, [wish.order_id])
        order = desk.orders[wish.order_id]
        for line in desk.lines_of(order):
            if line.line_id in wish.line_ids:
                line.tracking_number, line.carrier = wish.tracking_number, wish.carrier.name
                session.add(line)
        entry = outbox.find(session, wish.key(means.store))
        if entry is not None:
            parcels.corrected(desk, order, entry)
        was = entry.payload["was"] if entry else wish.was
    return Corrected(
        wish.order_id,
        wish.package_id,
        wish.carrier.name,
        wish.tracking_number,
        was,
        len(wish.line_ids),
        known_before,
    )
