"""Gives a released order to a facility: one folder an order, there complete or not at all."""

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.tiktok.address import Address
from gcw_tiktok.workflow import times

DOCUMENT = "order.json"
TICKET = "job-ticket.pdf"
LABEL = "shipping-label"
TRIES = 3
"""How often a file is added where another process adds one too."""
ASIDE = ".gcw-partial"
"""Within the hand-off, so that moving a complete folder out of it is one step; hot folders skip hidden names."""


@dataclass(frozen=True)
class UnitDesign:
    """The pinned file of one print area, and the area's size on this variant."""

    area: str
    path: Path
    width_mm: float
    height_mm: float
    address: str = ""
    """Where others can fetch exactly this file, as far as gcw knows."""
    why_no_address: str = ""


@dataclass(frozen=True)
class Unit:
    """One unit to print: a line with the connection version that it is printed with."""

    line_id: str
    product_uid: str
    product: str
    variant: str
    seller_sku: str
    designs: Sequence[UnitDesign]
    personalisation: str = field(default="", repr=False)
    """TikTok's text of what the buyer wants on this unit, as it came."""


@dataclass(frozen=True)
class Released:
    """All that a facility needs to make an order."""

    key: str
    order_id: str
    store: str
    customer: str
    facility: str
    currency: str
    ship_by: int | None
    address: Mapping[str, Any] = field(repr=False)
    """As GelatoConnect's order format has it; empty where TikTok ships."""
    message: str = field(repr=False)
    units: Sequence[Unit]
    reference: str
    """What production calls the order."""
    customer_reference: str = ""
    """The customer's number in the PSP's own system."""
    kind: str = ""
    """What is special about the order, such as `sample`; empty for a normal one."""
    replaces: str = ""
    """The earlier order that it is sent once more for."""
    travels_with: Sequence[str] = ()
    """What production calls the orders that share its box."""
    by_tiktok: bool = False
    """TikTok ships it: its label comes into the folder later, before it is packed."""


def reference(order_id: str, time: int = 1) -> str:
    """Ours for the order; what is made another time has a number of its own."""
    return f"TTS-{order_id}" if time == 1 else f"TTS-{order_id}-{time}"


def label_name(number: int) -> str:
    """The file of the label of an order's parcel, counted from 1."""
    return f"{LABEL}.pdf" if number == 1 else f"{LABEL}-{number}.pdf"


def document(order: Released, addresses: Mapping[Path, str] | None = None) -> dict[str, Any]:
    """GelatoConnect's *Submit Order*, one item for each unit. Without addresses of the designs, it has file names."""
    names = file_names(order.units) if addresses is None else addresses
    items = [
        {
            "itemReferenceId": unit.line_id,
            "productUid": unit.product_uid,
            "quantity": 1,
            "files": [{"type": one.area, "url": names[one.path]} for one in unit.designs],
            **_personalisation(unit),
        }
        for unit in order.units
    ]
    told: dict[str, Any] = {
        "orderReferenceId": order.reference,
        "orderType": "order",
        "preventDuplicate": True,
        "currency": order.currency,
        "items": items,
        "metadata": _metadata(order),
    }
    if order.address:
        told["shippingAddress"] = dict(order.address)
    return told


def _personalisation(unit: Unit) -> dict[str, Any]:
    told = unit.personalisation
    return {"metadata": [{"key": "personalisation", "value": told}]} if told else {}


def shipping_address(address: object) -> dict[str, str]:
    """TikTok's address in GelatoConnect's words; empty when there is none."""
    if not isinstance(address, dict):
        return {}
    told = Address.model_validate(address)
    parts = {
        "firstName": told.first_name or told.recipient,
        "lastName": told.last_name,
        "addressLine1": told.street,
        "addressLine2": told.address_line2,
        "city": told.city,
        "state": told.state,
        "postCode": told.postal_code,
        "country": told.region_code or "US",
        "phone": told.phone_number,
    }
    return {name: value for name, value in parts.items() if value}


def _metadata(order: Released) -> list[dict[str, str]]:
    facts = {
        "gcwKey": order.key,
        "store": order.store,
        "customer": order.customer,
        "tiktokOrderId": order.order_id,
        "shipBy": times.iso(order.ship_by),
        "buyerMessage": order.message,
        "orderKind": order.kind,
        "replacesOrderId": order.replaces,
        "travelsWith": ", ".join(order.travels_with),
        "shipping": f"TikTok's label, {label_name(1)}" if order.by_tiktok else "",
    }
    return [{"key": name, "value": value} for name, value in facts.items() if value]


def file_names(units: Sequence[Unit]) -> dict[Path, str]:
    """A name for each design file: safe for hot folders, and never taken from outside."""
    names: dict[Path, str] = {}
    for unit in units:
        for one in unit.designs:
            stem = f"{safe(unit.seller_sku or unit.product_uid, 40)}_{safe(one.area, 20)}_{one.path.stem[:8]}"
            names.setdefault(one.path, f"{stem}{one.path.suffix}")
    return names


def safe(text: str, longest: int) -> str:
    """Letters, digits, `-` and `.` only; what was lost is told apart by a piece of its hash."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:longest]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def begin(folder: Path, reference: str) -> str:
    """Makes the place aside where an order's folder is written; its name.

    It is there until the folder is complete and moved out of it, so that whoever looks after a crash can
    tell: while it is there, production has nothing; once it is gone, production had the folder.
    """
    aside = folder / ASIDE / f"{reference}.{uuid.uuid4().hex[:12]}"
    try:
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        aside.mkdir(mode=0o700)
    except OSError as error:
        raise _unwritable(folder, reference, error) from error
    return aside.name


def begun(folder: Path, aside: str) -> bool:
    """Whether an order's folder was still being written when its writer was killed."""
    try:
        if not (folder / ASIDE).is_dir():
            raise FileNotFoundError(errno.ENOENT, "it is not there, or not mounted")
        return (folder / ASIDE / aside).is_dir()
    except OSError as error:
        raise _unwritable(folder, aside, error) from error


def left_behind(folder: Path) -> dict[str, str]:
    """Reference → order id of every order of which something was begun and not completed."""
    with suppress(OSError):
        references = [left.name.partition(".")[0] for left in (folder / ASIDE).iterdir()]
        return {one: one.removeprefix("TTS-").partition("-")[0] for one in references}
    return {}


def sweep(folder: Path, reference: str, keep: str = "") -> None:
    """Removes what was begun for an order and not completed, but for `keep`."""
    for left in (folder / ASIDE).glob(f"{reference}.*"):
        if left.name != keep:
            dead = left.with_name(f"{reference}.{uuid.uuid4().hex[:12]}")
            with suppress(OSError):
                left.rename(dead)  # taken from its writer first, who could otherwise move half of it into place
                shutil.rmtree(dead)


def place(folder: Path, aside: str, order: Released, ticket: bytes) -> Path:
    """The order's folder, complete: written in the place aside, then moved. One that is there stays as it is."""
    target = folder / order.reference
    try:
        sweep(folder, order.reference, keep=aside)
        _fill(folder / ASIDE / aside, order, ticket)
        (folder / ASIDE / aside).rename(target)  # fails when another process was faster
        _flush(folder)
    except OSError as error:
        if found := placed(folder, order.reference, order.key):
            return found
        raise _unwritable(folder, order.reference, error) from error
    return target


def add(place: Path, name: str, content: bytes) -> bool:
    """Whether an order's folder has this file now; it has not where production took the folder away. The file is
    written aside and moved in; one of that name is replaced, and nothing else is touched."""
    trouble: OSError = FileNotFoundError(errno.ENOENT, "it is not there, or not mounted")
    for _ in range(TRIES):
        try:
            return _added(place, name, content)
        except FileNotFoundError as error:  # another gcw that adds to it as well has swept what we wrote aside
            trouble = error
        except OSError as error:
            raise _unwritable(place.parent, place.name, error) from error
    raise _unwritable(place.parent, place.name, trouble) from trouble


def _added(place: Path, name: str, content: bytes) -> bool:
    folder, reference = place.parent, place.name
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "it is not there, or not mounted")
    if not place.is_dir():
        return False
    aside = folder / ASIDE / begin(folder, reference)
    _write(aside / name, content)
    (aside / name).replace(place / name)
    _flush(place)
    sweep(folder, reference)
    return True


def placed(folder: Path, reference: str, key: str) -> Path | None:
    """The folder of an order that was handed over under this key; None when there is none."""
    target = folder / reference
    try:
        if not target.exists():
            return None
        told = json.loads((target / DOCUMENT).read_bytes())
        kept = {one["key"]: one["value"] for one in told["metadata"]}
    except PermissionError as error:
        raise _unwritable(folder, reference, error) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{target} is there, but it is no hand-off of gcw's.", "Move it aside and run it again."
        ) from error
    if kept.get("gcwKey") != key:
        raise BadInput(f"{target} holds another hand-off of this order.", "Move it aside and run it again.")
    return target


def _unwritable(folder: Path, reference: str, error: OSError) -> TryAgain:
    return TryAgain(
        f"{reference.partition('.')[0]} could not be written to {folder}: {error.strerror or error}.",
        "Make room or mend the folder, then run `gcw orders release` again.",
    )


def _fill(aside: Path, order: Released, ticket: bytes) -> None:
    for source, name in file_names(order.units).items():
        content = source.read_bytes()
        if hashlib.sha256(content).hexdigest() != source.stem:
            raise BadInput(f"The pinned design {source} was changed or is damaged.", "Restore it from a backup.")
        _write(aside / name, content)
    _write(aside / TICKET, ticket)
    _write(aside / DOCUMENT, (json.dumps(document(order), indent=2, ensure_ascii=False) + "\n").encode())
    _flush(aside)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Makes names durable; not every platform can."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
