"""What the guide asks of a test order, check by check, from what gcw remembers and what lies in the folder."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import (
    Connection,
    ConnectionDesign,
    Customer,
    Facility,
    Hold,
    HoldReason,
    Line,
    Order,
    OutboxEntry,
    Shipment,
    Stage,
    Store,
)
from gcw_tiktok.store.tables.stages import FORWARD, GONE_OUT
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import holds, views
from gcw_tiktok.workflow.production import handoff
from gcw_tiktok.workflow.shipping import leaving
from gcw_tiktok.workflow.trying.trials import Part, Trial

PASS, FAIL, WAITING = "pass", "fail", "waiting"
GONE_AT_TIKTOK = frozenset({"AWAITING_COLLECTION", "PARTIALLY_SHIPPING", "IN_TRANSIT", "DELIVERED", "COMPLETED"})
PASSING = frozenset({HoldReason.TIKTOK_ON_HOLD, HoldReason.UNPAID, HoldReason.COMBINING})
"""Holds that time lifts; everything else is for a person to mend."""
NEEDED = ("addressLine1", "city", "state", "postCode", "country")


@dataclass(frozen=True)
class Check:
    """One thing that the guide asks for, and what was found."""

    part: str
    order_id: str
    check: str
    result: str
    found: str
    command: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the checks look at."""

    part: str
    order: Order
    store: Store
    customer: str
    listed: Sequence[Mapping[str, Any]]
    lines: Sequence[Line]
    holds: Sequence[Hold]
    uids: Mapping[str, str]
    """By line: what it is printed as."""
    hashes: Mapping[str, Mapping[str, str]]
    """By line and print area: the file that was pinned for it."""
    hand_offs: Sequence[OutboxEntry]
    folder: Path | None
    document: Mapping[str, Any] = field(repr=False)
    shipments: Sequence[Shipment] = ()
    production: str = ""
    """Where the facility would have had it, were it no test."""

    def check(self, name: str, result: str, found: str, command: str = "") -> Check:
        return Check(self.part, self.order.order_id, name, result, found, command)


def not_bought(store: Store, trial: Trial, found: str, command: str, result: str = WAITING) -> list[Check]:
    """While there is no order: what is to be done for one."""
    return [Check(trial.part, "", "received", result, found, command)]


def prove(session: Session, store: Store, trial: Trial, trouble: str = "", command: str = "") -> list[Check]:
    """The checks of a test order that was bought. `trouble` is what stood in the way of going on."""
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == trial.order_id)).first()
    if order is None:
        hint = "gcw orders pull"
        return [Check(trial.part, trial.order_id, "received", WAITING, "It was bought, and is not here yet.", hint)]
    facts = _facts(session, store, trial, order)
    checks = list(_through(facts) if trial.part == Part.THROUGH else _cancelled(facts))
    return _with_trouble(facts, checks, trouble, command)


def _with_trouble(facts: Facts, checks: list[Check], trouble: str, command: str) -> list[Check]:
    """What waits fails where a person has to mend something first; the first check that waits says what."""
    stuck = [one for one in facts.holds if one.reason not in PASSING]
    if facts.part == Part.CANCEL:
        stuck = [one for one in stuck if one.reason != HoldReason.CANCEL_REQUESTED]
    why = trouble or " ".join(one.sentence for one in stuck)
    if not why:
        return checks
    mend = command if trouble else stuck[0].command
    for number, one in enumerate(checks):
        if one.result == WAITING:
            checks[number] = facts.check(one.check, FAIL, why, mend)
            break
    return checks


def _facts(session: Session, store: Store, trial: Trial, order: Order) -> Facts:
    lines = session.exec(select(Line).where(Line.order_pk == order.id).order_by(col(Line.id))).all()
    made = [line for line in lines if line.connection_id is not None]
    query = select(OutboxEntry).where(OutboxEntry.order_pk == order.id, OutboxEntry.kind == outbox.HAND_OFF)
    handed = session.exec(query.where(OutboxEntry.state != outbox.VOID).order_by(col(OutboxEntry.id))).all()
    placed = handed[-1].answer.get("folder") if handed else None
    folder = Path(placed) if placed else None
    listed = views.listed(session, store, None, held=False, limit=1000, tests=True)
    return Facts(
        part=trial.part.value,
        order=order,
        store=store,
        customer=session.get_one(Customer, store.customer_id).name,
        listed=[row for row in listed if row["order"] == order.order_id],
        lines=lines,
        holds=session.exec(select(Hold).where(Hold.order_pk == order.id).order_by(col(Hold.id))).all(),
        uids={line.line_id: session.get_one(Connection, line.connection_id).product_uid for line in made},
        hashes={line.line_id: _hashes(session, line.connection_id or 0) for line in made},
        hand_offs=handed,
        folder=folder,
        document=_document(folder),
        shipments=session.exec(select(Shipment).where(Shipment.order_pk == order.id)).all(),
        production=session.get_one(Facility, store.facility_id).hand_off,
    )


def _hashes(session: Session, connection_id: int) -> dict[str, str]:
    printed = func.coalesce(ConnectionDesign.print_sha256, ConnectionDesign.sha256)
    rows = select(ConnectionDesign.area, printed).where(ConnectionDesign.connection_id == connection_id)
    return dict(session.exec(rows).all())


def _document(folder: Path | None) -> dict[str, Any]:
    if folder is not None:
        with suppress(OSError, ValueError):
            told = json.loads((folder / handoff.DOCUMENT).read_bytes())
            return told if isinstance(told, dict) else {}
    return {}


def _through(facts: Facts) -> Iterator[Check]:
    yield _received(facts)
    yield _order_intake(facts)
    yield from _of_document(facts)
    yield _production(facts)
    if leaving.by_tiktok(facts.order):
        yield _label(facts)
    yield _shipped(facts)
    yield _seen_at_tiktok(facts)


def _received(facts: Facts) -> Check:
    units = len(facts.lines)
    what = f"{units} unit{'s' if units != 1 else ''}, {facts.order.status} at TikTok"
    if units and facts.order.test:
        return facts.check("received", PASS, what)
    return facts.check("received", FAIL, "It is here, but not as a test order.", "gcw orders list --tests")


def _order_intake(facts: Facts) -> Check:
    if facts.listed:
        row = facts.listed[0]
        return facts.check("order intake", PASS, f"listed as {row['stage']}, {row['units']} to make")
    return facts.check("order intake", FAIL, "`gcw orders list --tests` does not show it.")


def _of_document(facts: Facts) -> Iterator[Check]:
    """What the hand-off says, which production would work by."""
    if facts.folder is None:
        said = " ".join(one.sentence for one in facts.holds) or f"The order is {facts.order.stage}."
        for name in ("customer information", "product specification", "design files", "shipping details", "job ticket"):
            yield facts.check(name, WAITING, said)
        return
    if not facts.document:
        again = f'gcw orders test "{facts.store.name}" --new'
        yield facts.check("customer information", FAIL, f"{facts.folder} holds no {handoff.DOCUMENT}.", again)
        return
    yield _customer(facts)
    yield _products(facts)
    yield _designs(facts)
    yield _shipping_details(facts)
    yield _ticket(facts)


def _customer(facts: Facts) -> Check:
    told = {one.get("key"): one.get("value") for one in facts.document.get("metadata", [])}
    wanted = {"customer": facts.customer, "store": facts.store.name, "tiktokOrderId": facts.order.order_id}
    wrong = [name for name, value in wanted.items() if told.get(name) != value]
    if wrong:
        return facts.check("customer information", FAIL, f"{handoff.DOCUMENT} has another {' and '.join(wrong)}.")
    known = "recipient kept sealed" if facts.order.recipient_known else "no recipient is shown"
    return facts.check("customer information", PASS, f"{facts.customer}, store {facts.store.name}; {known}")


def _products(facts: Facts) -> Check:
    items = facts.document.get("items", [])
    told = {one.get("itemReferenceId"): (one.get("productUid"), one.get("quantity")) for one in items}
    wanted = {line_id: (uid, 1) for line_id, uid in facts.uids.items()}
    if not wanted or told != wanted:
        why = "The items of order.json are not what the units are connected to."
        return facts.check("product specification", FAIL, why, f"gcw orders show {facts.order.order_id}")
    uids = sorted({uid for uid, _ in wanted.values()})
    return facts.check("product specification", PASS, ", ".join(uids))


def _designs(facts: Facts) -> Check:
    """Each unit's files lie in the folder, and are byte for byte those that were pinned."""
    assert facts.folder is not None
    wrong, right = [], 0
    for item in facts.document.get("items", []):
        pinned = dict(facts.hashes.get(str(item.get("itemReferenceId")), {}))
        for file in item.get("files", []):
            wanted = pinned.pop(str(file.get("type")), "")
            if wanted and _hash(facts.folder / Path(str(file.get("url"))).name) == wanted:
                right += 1
            else:
                wrong.append(str(file.get("type")))
        wrong += list(pinned)
    if wrong:
        return facts.check("design files", FAIL, f"Not the pinned file: {', '.join(sorted(set(wrong)))}.")
    return facts.check("design files", PASS, f"{right} as pinned" if right else "the product takes none")


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _shipping_details(facts: Facts) -> Check:
    if facts.order.shipping_type == holds.TIKTOK:
        return facts.check("shipping details", PASS, "TikTok ships it, so that no address is shown")
    address = facts.document.get("shippingAddress", {})
    missing = [name for name in NEEDED if not address.get(name)]
    if missing or not (address.get("firstName") or address.get("lastName")):
        why = f"The address lacks {', '.join(missing) or 'a name'}."
        return facts.check("shipping details", FAIL, why, f"gcw orders show {facts.order.order_id} --with-recipient")
    return facts.check("shipping details", PASS, f"complete address in {address['state']}, {address['country']}")


def _ticket(facts: Facts) -> Check:
    assert facts.folder is not None
    with suppress(OSError):
        if (facts.folder / handoff.TICKET).read_bytes().startswith(b"%PDF-"):
            return facts.check("job ticket", PASS, handoff.TICKET)
    return facts.check("job ticket", FAIL, f"{facts.folder} holds no {handoff.TICKET}.")


def _production(facts: Facts) -> Check:
    stage = facts.order.stage
    if stage in FORWARD and FORWARD.index(stage) >= FORWARD.index(Stage.PACKAGED):
        if _reached_production(facts):
            return facts.check("production", FAIL, f"The facility has it as well: {facts.production}.")
        return facts.check("production", PASS, "followed to packaged; the facility has nothing of it")
    return facts.check("production", WAITING, f"The order is {stage}.")


def _reached_production(facts: Facts) -> bool:
    kind, _, where = facts.production.partition(":")
    name = handoff.reference(facts.order.order_id)
    in_folder = kind == "folder" and (Path(where) / name).exists() and Path(where) / name != facts.folder
    return in_folder or any(entry.payload["folder"] == facts.production for entry in facts.hand_offs)


def _label(facts: Facts) -> Check:
    """TikTok's label is bought, fetched, and lies with the order."""
    packed = facts.order.stage == Stage.PACKAGED
    command = f"gcw orders label {facts.order.order_id}"
    if not facts.shipments:
        said = "TikTok's label is not bought yet." if packed else f"The order is {facts.order.stage}."
        return facts.check("label", WAITING, said, command if packed else "")
    one, name = facts.shipments[-1], handoff.label_name(1)
    if one.sealed_label is None:
        return facts.check("label", WAITING, "It is bought, and not fetched yet.", command)
    if facts.folder is not None:
        with suppress(OSError):
            if (facts.folder / name).read_bytes().startswith(b"%PDF-"):
                return facts.check("label", PASS, f"{one.service or one.carrier}, {name}")
    return facts.check("label", FAIL, f"{facts.folder} holds no {name}.", f"{command} -o label.pdf")


def _shipped(facts: Facts) -> Check:
    if facts.order.stage in GONE_OUT and facts.shipments:
        one = facts.shipments[-1]
        return facts.check("shipped", PASS, f"{one.carrier} {one.tracking_number}")
    if facts.order.stage in GONE_OUT and all(line.tracking_number for line in facts.lines):
        return facts.check("shipped", PASS, f"{facts.lines[0].carrier} {facts.lines[0].tracking_number}")
    packed = facts.order.stage == Stage.PACKAGED
    if packed and leaving.by_tiktok(facts.order) and leaving.is_labelled(facts.lines):
        unit = facts.lines[0]
        return facts.check("shipped", PASS, f"{unit.carrier} {unit.tracking_number}; it waits for its carrier")
    command = leaving.command(facts.order, facts.lines)
    return facts.check("shipped", WAITING, f"The order is {facts.order.stage}.", command if packed else "")


def _seen_at_tiktok(facts: Facts) -> Check:
    """By TikTok's own word for it, and by the number that it shows."""
    told = {one.tracking_number for one in facts.shipments}
    shown = {line.tracking_number for line in facts.lines}
    if facts.order.status in GONE_AT_TIKTOK and shown == (told or shown) and "" not in shown:
        return facts.check("seen at TikTok", PASS, f"{facts.order.status}, {', '.join(sorted(shown))}")
    return facts.check("seen at TikTok", WAITING, f"TikTok says {facts.order.status}.")


def _cancelled(facts: Facts) -> Iterator[Check]:
    order = facts.order
    yield _received(facts)
    gone = order.status == "CANCELLED"
    if gone or order.cancel_requested:
        yield facts.check("cancelled by the buyer", PASS, "at TikTok" if gone else "asked for at TikTok")
    else:
        why = "The buyer has not cancelled it yet: cancel it in the TikTok Shop app."
        yield facts.check("cancelled by the buyer", WAITING, why)
    answer = f"gcw orders answer {order.order_id} approve" if order.cancel_requested else ""
    yield facts.check("cancelled at TikTok", PASS if gone else WAITING, f"TikTok says {order.status}.", answer)
    here = order.stage == Stage.CANCELED
    yield facts.check("cancelled here", PASS if here else WAITING, f"The order is {order.stage}.")
    if facts.hand_offs:
        yield facts.check("nothing made", FAIL, "It was handed over all the same.", f"gcw orders show {order.order_id}")
    else:
        yield facts.check("nothing made", PASS if here else WAITING, "nothing of it was handed over")
