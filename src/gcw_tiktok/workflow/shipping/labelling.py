"""Leads orders that TikTok ships to their labels: bought, fetched, given to production."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from sqlmodel import col, select

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Hold, HoldReason, Line, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import FORWARD, IN_WORK
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import claims, holds
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.production import label_files
from gcw_tiktok.workflow.production.label_files import Parcel
from gcw_tiktok.workflow.shipping import labels, leaving, ready
from gcw_tiktok.workflow.shipping.labels import Plan, Wish

BOUGHT, KNOWN, WOULD_BUY, FAILED = "bought", "known", "would buy", "failed"


@dataclass(frozen=True)
class Labelled:
    """What became of one parcel, or would."""

    order_id: str
    result: str
    number: int = 0
    of: int | None = None
    units: int = 0
    service: str = ""
    carrier: str = ""
    price: str = ""
    currency: str = ""
    box: str = ""
    tracking_number: str = ""
    package_id: str = ""
    file: str = ""
    """Where the label lies in the hand-off; empty where it is to be given by hand."""
    together: tuple[str, ...] = ()
    """The other orders in the parcel."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Marked to travel with it, and not in this parcel: order id → why."""
    error: GcwError | None = None


def label(
    means: Means, ids: Sequence[str], wish: Wish, since: Stage, *, named: bool, dry_run: bool = False
) -> list[Labelled]:
    """The parcels of these orders; where none are `named`, of all that wait for a label and are `since` so far.
    One order's failure does not stop the others."""
    found: list[Labelled] = []
    for order_id in ids if named else waiting(means.database, means.store, since):
        if any(one.order_id == order_id and one.result in (BOUGHT, WOULD_BUY) for one in found):
            continue  # with one that it travels with
        try:
            found += _one(means, order_id, wish, dry_run=dry_run)
        except GcwError as error:
            found.append(Labelled(order_id, FAILED, error=error))
    return found


def waiting(database: Database, store: Store, since: Stage) -> list[str]:
    """Orders that TikTok ships, that are so far, and of which something is still to be bought, fetched or given; the
    earliest ship-by first. Those about which something is to be decided wait for that."""
    far_enough = IN_WORK & set(FORWARD[FORWARD.index(since) :])
    undecided = select(Hold.order_pk).where(Hold.reason == HoldReason.NEEDS_DECISION)
    query = select(Order).where(
        Order.store_id == store.id,
        Order.shipping_type == holds.TIKTOK,
        col(Order.stage).in_(far_enough),
        col(Order.fulfillment_type).in_(holds.OURS),
        col(Order.cancel_requested).is_(False),
        col(Order.test).is_(False),
        col(Order.id).not_in(undecided),
    )
    with database.view() as session:
        orders = session.exec(query.order_by(col(Order.ship_by), col(Order.id))).all()
        begun = set(
            session.exec(
                select(OutboxEntry.order_pk).where(
                    OutboxEntry.state == outbox.WRITTEN, col(OutboxEntry.kind).in_((outbox.LABEL, outbox.GIVE_LABEL))
                )
            )
        )
        return [
            order.order_id
            for order in orders
            if order.id in begun
            or not leaving.is_labelled(session.exec(select(Line).where(Line.order_pk == order.id)).all())
            or any(not parcel.fetched and not parcel.gone for parcel in label_files.parcels_of(session, order))
        ]


def _one(means: Means, order_id: str, wish: Wish, *, dry_run: bool) -> list[Labelled]:
    wanted = labels.plan(means, order_id, wish)
    before = {one.package_id for one in _parcels(means, order_id)}
    if wanted and dry_run:
        return _planned(wanted)
    if wanted:
        labels.buy(means, wanted, anyway=wish.anyway)
    others = ready.sharers(means, order_id)
    found = []
    for one in [order_id, *others]:
        if not dry_run:
            trouble = label_files.fetch(means, one)
            label_files.give(means, one)
            if trouble:
                raise trouble
        if one == order_id or (wanted and one in wanted.parts):
            found += [_told(means, parcel, wanted, before) for parcel in _parcels(means, one)]
    return found


def _parcels(means: Means, order_id: str) -> list[Parcel]:
    with means.database.view() as session:
        return label_files.parcels_of(session, claims.find(session, means.store, order_id))


def _planned(wanted: Plan) -> list[Labelled]:
    """One for each order in the box; the price is the first one's."""
    chosen = wanted.chosen
    first = Labelled(
        wanted.order_id,
        WOULD_BUY,
        units=len(wanted.line_ids),
        service=chosen.name,
        carrier=chosen.shipping_provider_name,
        price="" if chosen.price is None else str(chosen.price),
        currency=chosen.currency,
        box=str(wanted.box),
        together=tuple(wanted.sharing.parts),
        left_out=wanted.sharing.left_out,
    )
    others = [
        replace(
            first,
            order_id=order_id,
            units=len(line_ids),
            price="",
            currency="",
            together=tuple(one for one in wanted.parts if one != order_id),
            left_out={},
        )
        for order_id, line_ids in wanted.sharing.parts.items()
    ]
    return [first, *others]


def _told(means: Means, one: Parcel, wanted: Plan | None, before: Set[str]) -> Labelled:
    """A parcel as it is now; with its price where it was bought this moment, once where several orders are in it."""
    fresh = one.package_id not in before
    with means.database.view() as session:
        key = f"give-label/{means.store.shop_id}/{one.package_id}"
        given = outbox.find(session, key)
        first = wanted is not None and fresh and one.order_id == wanted.order_id
        paid = wanted.chosen if wanted and first else None
        return Labelled(
            one.order_id,
            BOUGHT if fresh else KNOWN,
            number=one.number,
            of=one.of,
            units=one.units,
            service=one.service,
            carrier=one.carrier,
            price=str(paid.price) if paid and paid.price is not None else "",
            currency=paid.currency if paid else "",
            box=str(wanted.box) if wanted and fresh else "",
            tracking_number=one.tracking_number,
            package_id=one.package_id,
            file=str((given.answer or {}).get("file", "")) if given else "",
            together=one.together,
            left_out=wanted.sharing.left_out if wanted and first else {},
        )
