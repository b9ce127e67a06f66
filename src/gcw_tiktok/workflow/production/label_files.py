"""TikTok's labels as files: fetched once, kept sealed, given to production with the order."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, Interrupted, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment, Stage, Store
from gcw_tiktok.tiktok import labels
from gcw_tiktok.workflow import history, outbox, stores
from gcw_tiktok.workflow.designs import whole_pdfs
from gcw_tiktok.workflow.designs.fetching import Fetcher, Limits
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, groups, taking, views
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.production import handed, handoff

MOST_BYTES = 10 * 1024 * 1024
LONGEST_SECONDS = 60.0
TRIES = 3
"""How often a label that did not come whole is fetched, each time from an address that is asked for anew."""
PARCELS = "parcels.json"
WITH_CARRIER = frozenset({Stage.IN_TRANSIT, Stage.DELIVERED, Stage.RETURNED})
WRITTEN_AGAIN = "label written to a file"
PURPOSE = "label"


@dataclass(frozen=True)
class Parcel:
    """A parcel of an order with TikTok's label."""

    order_id: str
    number: int
    of: int | None
    """How many parcels the order has; None while some of it is in none."""
    units: int
    package_id: str
    service: str
    carrier: str
    tracking_number: str
    fetched: bool
    gone: bool
    """Its carrier has it: TikTok shows its label no more, and nobody needs it."""
    file: str
    """The label's name in the hand-off folder."""
    owner: str
    """The order under which it was bought: the label lies in its folder, once."""
    together: tuple[str, ...] = ()
    """The other orders in the parcel."""


def parcels_of(session: Session, order: Order) -> list[Parcel]:
    """The order's parcels, in the order in which their labels were bought."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id, Line.stage != Stage.CANCELED)).all()
    rows = _shipments(session, order, lines)
    whole = {line.package_id for line in lines if line.ignored_id is None} <= {row.package_id for row in rows}
    return [
        Parcel(
            order_id=order.order_id,
            number=number,
            of=len(rows) if whole else None,
            units=sum(line.package_id == row.package_id for line in lines),
            package_id=row.package_id or "",
            service=row.service,
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            fetched=row.sealed_label is not None,
            gone=all(line.stage in WITH_CARRIER for line in lines if line.package_id == row.package_id),
            file=handoff.label_name(number) if row.order_pk == order.id else _name(session, row),
            owner=session.get_one(Order, row.order_pk).order_id,
            together=_others(session, order, row),
        )
        for number, row in enumerate(rows, 1)
    ]


def _name(session: Session, row: Shipment) -> str:
    """The label's name in the folder of the order under which it was bought."""
    owner = session.get_one(Order, row.order_pk)
    lines = session.exec(select(Line).where(Line.order_pk == owner.id, Line.stage != Stage.CANCELED)).all()
    packages = [one.package_id for one in _shipments(session, owner, lines)]
    return handoff.label_name(packages.index(row.package_id) + 1 if row.package_id in packages else 1)


def _others(session: Session, order: Order, row: Shipment) -> tuple[str, ...]:
    inside = select(Line.order_pk).where(
        Line.store_id == order.store_id, Line.package_id == row.package_id, Line.stage != Stage.CANCELED
    )
    found = select(Order.order_id).where(col(Order.id).in_(inside), Order.id != order.id)
    return tuple(session.exec(found.order_by(col(Order.id))))


def fetch(means: Means, order_id: str) -> GcwError | None:
    """Fetches the labels of the order that gcw does not have yet; the first trouble, such as `TryAgain` while a carrier
    still makes one. A label that cannot be had keeps back no other."""
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        missing = [one for one in parcels_of(session, order) if not one.fetched]
        if missing and taking.is_purged(order):
            raise BadInput(f"The recipient of order {order_id} was forgotten, and a label would show it again.")
    troubles: list[GcwError] = []
    for package_id in [one.package_id for one in missing if not one.gone]:
        try:
            number, pdf = _read(means, package_id)
        except Interrupted:
            raise
        except GcwError as error:
            troubles.append(error)
        else:
            _keep(means, package_id, number, pdf)
    return next(iter(troubles), None)


def give(means: Means, order_id: str) -> list[str]:
    """Puts the labels that production has not got yet into the order's hand-off folder; where they lie now. Empty
    where there was something to give and there is no folder to put it into."""
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        waiting = outbox.unconfirmed(session, outbox.GIVE_LABEL, [order.id or 0])
        found = {one.package_id: one for one in parcels_of(session, order)}
        parcels = json.dumps(_told(session, order), indent=2) + "\n"
        work = [
            (entry, found[package_id], _folder(session, order, package_id), _open(session, means, package_id))
            for entry in waiting
            if (package_id := str(entry.payload["package_id"])) in found
        ]
    places = []
    for entry, parcel, folder, pdf in work:
        place = ""
        files = {PARCELS: parcels.encode()}
        if parcel.owner == order_id:  # in one folder only, lest it is printed for two parcels
            files = {parcel.file: pdf, **files}
        if folder and pdf and _added(order_id, Path(folder), files):
            place = str(Path(folder) / next(iter(files)))
        places.append(place)
        _note_given(means, order_id, entry, place)
    return places


def write_again(database: Database, seal: Seal, act: Act, wanted: str) -> bytes:
    """All labels of an order in one PDF, from what is kept; the history tells that somebody took them out."""
    with database.session() as session:
        order = views.find(session, wanted)
        store = stores.of_order(session, order)
        found = [one for one in parcels_of(session, order) if one.fetched]
        if not found:
            raise BadInput(
                f"gcw has no label of order {order.order_id}.", f"Buy and fetch it: gcw orders label {order.order_id}"
            )
        pdfs = [_unsealed(session, seal, store, one.package_id) for one in found]
        history.record(session, act, f"order:{order.order_id}", WRITTEN_AGAIN)
    return whole_pdfs.joined(pdfs)


def _shipments(session: Session, order: Order, lines: Sequence[Line]) -> list[Shipment]:
    """Those in which live units travel; one may be bought under another order that travels in the same parcel."""
    mine = {line.package_id for line in lines} - {""}
    found = select(Shipment).where(Shipment.store_id == order.store_id, col(Shipment.package_id).in_(mine))
    return list(session.exec(found.order_by(col(Shipment.id))))


def _read(means: Means, package_id: str) -> tuple[str, bytes]:
    """The tracking number and the label, fetched at once: its address is good for a day."""
    for _ in range(TRIES):
        document = labels.document(means.client, package_id)
        pdf = _fetched(means, document.doc_url)
        if whole_pdfs.is_whole(pdf):
            return document.tracking_number, pdf
    raise TryAgain(
        f"The label of package {package_id} is bought, but TikTok did not send it as a whole PDF.",
        "Run the same command again: it only fetches the label.",
    )


def _fetched(means: Means, url: str) -> bytes:
    """From TikTok's API itself, or from the public internet; from nowhere else."""
    if means.client.is_own(url):
        return means.client.fetch(url, MOST_BYTES)
    into = io.BytesIO()
    try:
        Fetcher(Limits(size=MOST_BYTES, seconds=LONGEST_SECONDS)).fetch(url, into)
    except BadInput as error:
        raise Refused(f"The label cannot be fetched from the address that TikTok gives: {error}") from error
    return into.getvalue()


def _keep(means: Means, package_id: str, number: str, pdf: bytes) -> None:
    """Seals the label, and writes down that production is to have it."""
    with means.database.session() as session:
        row = session.exec(_row(means.store, package_id)).one()
        owner = session.get_one(Order, row.order_pk, with_for_update={"key_share": True}, populate_existing=True)
        session.refresh(row)
        if row.sealed_label is not None:  # another process was faster
            return
        row.sealed_label = means.seal.close(pdf, _purpose(means.store, package_id))
        row.tracking_number = row.tracking_number or number
        session.add(row)
        inside = select(Line).where(Line.store_id == means.store.id, Line.package_id == package_id)
        for line in session.exec(inside):
            line.tracking_number = line.tracking_number or row.tracking_number
            session.add(line)
        key = f"give-label/{means.store.shop_id}/{package_id}"
        outbox.write(session, key, outbox.GIVE_LABEL, owner, {"package_id": package_id}, means.act.now)
        for other in _others(session, owner, row):
            order = claims.find(session, means.store, other)
            outbox.write(session, f"{key}/{other}", outbox.GIVE_LABEL, order, {"package_id": package_id}, means.act.now)


def _added(order_id: str, folder: Path, files: dict[str, bytes]) -> bool:
    """Whether they are in the folder now; not where production took it away."""
    try:
        return all(handoff.add(folder, name, content) for name, content in files.items())
    except TryAgain as error:
        error.hint = f"The label is bought. Mend the folder, then run `gcw orders label {order_id}` again."
        raise


def _note_given(means: Means, order_id: str, entry: OutboxEntry, place: str) -> None:
    with means.database.session() as session:
        fresh = session.get_one(OutboxEntry, entry.id, with_for_update=True)
        if fresh.state == outbox.DONE:
            return
        outbox.done(session, fresh, means.act.now, {"file": place})
        what = "label given to production" if place else "label to be given by hand"
        history.record(session, means.act, f"order:{order_id}", what, file=place)


def _folder(session: Session, order: Order, package_id: str) -> str:
    """The newest folder in which units of the parcel were handed over."""
    mine = select(Line.line_id).where(Line.order_pk == order.id, Line.package_id == package_id)
    inside = set(session.exec(mine))
    return next((one.place for one in reversed(handed.of_order(session, order)) if inside & one.newest), "")


def _told(session: Session, order: Order) -> dict[str, Any]:
    """What the folder says of the parcels; nothing in it depends on when it is written."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id).order_by(col(Line.line_id))).all()
    return {
        "tiktokOrderId": order.order_id,
        "parcels": [
            {
                "parcel": one.number,
                "of": one.of,
                "label": one.file,
                "carrier": one.carrier,
                "service": one.service,
                "trackingNumber": one.tracking_number,
                "items": [line.line_id for line in lines if line.package_id == one.package_id],
                **_shared(session, order, one),
            }
            for one in parcels_of(session, order)
        ],
    }


def _shared(session: Session, order: Order, one: Parcel) -> dict[str, Any]:
    """What packing needs to know of a parcel in which several orders travel: the folders of the others, and in which
    one the label lies."""
    names = {
        other: groups.handed_over_as(session, session.exec(_of_store(order, other)).one())
        for other in {*one.together, one.owner} - {order.order_id}
    }
    shared = {"travelsWith": sorted(names[other] for other in one.together)} if one.together else {}
    return shared | ({"labelIn": names[one.owner]} if one.owner in names else {})


def _of_store(order: Order, order_id: str) -> Any:
    return select(Order).where(Order.store_id == order.store_id, Order.order_id == order_id)


def _open(session: Session, means: Means, package_id: str) -> bytes:
    return _unsealed(session, means.seal, means.store, package_id)


def _unsealed(session: Session, seal: Seal, store: Store, package_id: str) -> bytes:
    row = session.exec(_row(store, package_id)).one()
    return b"" if row.sealed_label is None else seal.open(row.sealed_label, _purpose(store, package_id))


def _row(store: Store, package_id: str) -> Any:
    return select(Shipment).where(Shipment.store_id == store.id, Shipment.package_id == package_id)


def _purpose(store: Store, package_id: str) -> str:
    return f"{PURPOSE} {store.shop_id}/{package_id}"
