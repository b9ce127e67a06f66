"""Gives a released order to a facility: one folder an order, there complete or not at all."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.tiktok.address import Address

DOCUMENT = "order.json"
TICKET = "job-ticket.pdf"


@dataclass(frozen=True)
class UnitDesign:
    """The pinned file of one print area, and the area's size on this variant."""

    area: str
    path: Path
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class Unit:
    """One unit to print: a line with the connection version that it is printed with."""

    line_id: str
    product_uid: str
    product: str
    variant: str
    seller_sku: str
    designs: Sequence[UnitDesign]


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

    @property
    def reference(self) -> str:
        return f"TTS-{self.order_id}"


def document(order: Released) -> dict[str, Any]:
    """GelatoConnect's *Submit Order*, with file names in place of addresses. One item for each unit."""
    names = file_names(order.units)
    items = [
        {
            "itemReferenceId": unit.line_id,
            "productUid": unit.product_uid,
            "quantity": 1,
            "files": [{"type": one.area, "url": names[one.path]} for one in unit.designs],
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
        "shipBy": str(order.ship_by or ""),
        "buyerMessage": order.message,
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


def place(folder: Path, order: Released, ticket: bytes) -> Path:
    """The order's folder, complete. Placing the same order again finds it and changes nothing."""
    target = folder / order.reference
    if found := placed(folder, order.reference, order.key):
        return found
    aside = folder / f".{order.reference}.{os.getpid()}.partial"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        _fill(aside, order, ticket)
        aside.rename(target)  # fails when another process was faster: a folder that is not empty stays
        _flush(folder)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if found := placed(folder, order.reference, order.key):
            return found
        raise TryAgain(
            f"Order {order.order_id} could not be written to {folder}: {error.strerror or error}.",
            f"Make room or mend the folder, then: gcw orders release {order.order_id}",
        ) from error
    return target


def placed(folder: Path, reference: str, key: str) -> Path | None:
    """The folder of an order that was handed over under this key; None when there is none."""
    target = folder / reference
    if not target.exists():
        return None
    try:
        told = json.loads((target / DOCUMENT).read_text())
        kept = {one["key"]: one["value"] for one in told["metadata"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{target} is there, but it is no hand-off of gcw's.", "Move it aside and run it again."
        ) from error
    if kept.get("gcwKey") != key:
        raise BadInput(f"{target} holds another hand-off of this order.", "Move it aside and run it again.")
    return target


def _fill(aside: Path, order: Released, ticket: bytes) -> None:
    for source, name in file_names(order.units).items():
        _write(aside / name, source.read_bytes())
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
