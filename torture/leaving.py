"""Holds what gcw did about labels, numbers and their corrections against TikTok's books and the floor."""

import json
from collections import Counter
from collections.abc import Collection, Iterator

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Event, Order, OutboxEntry, Shipment
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import reviewing, taking
from gcw_tiktok.workflow.production.label_files import PARCELS
from torture.floor import Floor, Json
from torture.verdict import LABELLED, Truth

BUY, CORRECT = "/fulfillment/202512/packages", "/shipping_info/update"


def counted(session: Session, truth: Truth) -> Counter[str]:
    """How much there was of what this looks at."""
    shared = Counter(one["tracking_number"] for one in truth.packages if one["tracking_number"])
    decisions = select(func.count()).where(Event.what == reviewing.DECIDED)
    return Counter(
        {
            "labels": sum(one["has_tiktok_label"] for one in truth.packages),
            "shared boxes": sum(times > 1 for times in shared.values()),
            "corrections": len(truth.done(CORRECT)),
            "decisions": session.exec(decisions).one(),
        }
    )


def of_labels(session: Session, truth: Truth, floor: Floor) -> Iterator[str]:
    """Each parcel that TikTok ships was bought once, is on record once, and production has its label."""
    bought = Counter(line for one in truth.done(BUY) for line in _bought(truth, one["body"]))
    yield from (f"a label for unit {line} was bought {times} times" for line, times in bought.items() if times > 1)
    rows = {one.package_id: one for one in session.exec(select(Shipment))}
    on_record = {one for one in _done(session, outbox.LABEL, "package_id") if one}
    for parcel in truth.packages:
        if not parcel["has_tiktok_label"]:
            continue
        row = rows.get(parcel["id"])
        if row is None or parcel["id"] not in on_record:
            yield f"the label of package {parcel['id']} was bought and is not on record"
        elif parcel["status"] != "CANCELLED":
            yield from _of_label_file(session, truth, floor, parcel, row)


def _done(session: Session, kind: str, what: str) -> list[str]:
    query = select(OutboxEntry).where(OutboxEntry.kind == kind, OutboxEntry.state == outbox.DONE)
    return [str(entry.answer.get(what, "")) for entry in session.exec(query)]


def _bought(truth: Truth, body: Json) -> list[str]:
    """The units of a purchase; those of the whole order where none are named."""
    told = json.dumps(body)
    known = [line["id"] for order in truth.orders.values() for line in order["line_items"]]
    named = [line for line in known if line in told]
    of_order = [order for order in truth.orders if order in told]
    return named or [line["id"] for order in of_order for line in truth.orders[order]["line_items"]]


def _of_label_file(session: Session, truth: Truth, floor: Floor, parcel: Json, row: Shipment) -> Iterator[str]:
    """Its label is kept, and lies where its units are made, unless production took that away."""
    order = session.get_one(Order, row.order_pk)
    if taking.is_purged(order) or not set(parcel["order_line_item_ids"]) & truth.live(order.order_id):
        return
    units = {line["id"]: line["display_status"] for line in truth.orders[order.order_id]["line_items"]}
    if all(units.get(line) not in (None, LABELLED) for line in parcel["order_line_item_ids"]):
        return  # its carrier has it, and TikTok shows its label no more
    if row.sealed_label is None:
        yield f"the label of package {parcel['id']} was never fetched"
        return
    mine = [one for one in floor.all if set(parcel["order_line_item_ids"]) & one.units]
    if any(one.is_here for one in mine) and not any(
        parcel["tracking_number"] in path.read_text() for one in mine if one.folder for path in one.folder.glob(PARCELS)
    ):
        yield f"production has no label of package {parcel['id']}"


def of_parcels(session: Session, truth: Truth) -> Iterator[str]:
    """Parcels are remembered as TikTok has them; each was corrected once, and so it is remembered; whoever shares a
    number lives together."""
    corrected = Counter(one["path"].split("/")[4] for one in truth.done(CORRECT))
    packages = {one["id"]: one for one in truth.packages}
    for row in session.exec(select(Shipment).where(col(Shipment.package_id).in_(packages))):
        parcel = packages[row.package_id or ""]
        if row.tracking_number != parcel["tracking_number"]:
            yield f"package {row.package_id} is {parcel['tracking_number']} at TikTok, not {row.tracking_number}"
        if (row.corrected_at is not None) != bool(corrected[parcel["id"]]):
            yield f"package {row.package_id} was corrected {corrected[parcel['id']]} times; here {row.corrected_at}"
        if corrected[parcel["id"]] > 1:
            yield f"package {row.package_id} was corrected {corrected[parcel['id']]} times"


def of_ended_well(session: Session, numbers: Collection[str]) -> Iterator[str]:
    """Nothing that was to leave under these numbers is left, since the commands that told them ended well."""
    open_ = (OutboxEntry.kind == outbox.SHIP, OutboxEntry.state == outbox.WRITTEN)
    for entry in session.exec(select(OutboxEntry).where(*open_)):
        if entry.payload["tracking_number"] in numbers:
            yield f"{entry.key} is left, though its command ended well"
