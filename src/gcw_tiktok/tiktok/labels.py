"""TikTok Shipping: what may carry an order, its label, and where that is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from pydantic import Field

from gcw_tiktok.tiktok.client import Client, entries, path_part
from gcw_tiktok.tiktok.payload import Money, Payload

NO_LABEL = frozenset({"TO_FULFILL", "CANCELLED", ""})
"""Statuses of packages of which no label is bought, or none any more."""
DRAFT = "TO_FULFILL"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Box:
    """How heavy and how large a parcel is, in pounds and inches; None where nobody says."""

    pounds: Decimal | None = None
    inches: tuple[Decimal, Decimal, Decimal] | None = None
    """Length, width, height."""

    def members(self) -> dict[str, Any]:
        """What TikTok is told of it; of what is not known, nothing."""
        told: dict[str, Any] = {}
        if self.inches:
            sides = zip(("length", "width", "height"), map(_text, self.inches), strict=True)
            told["dimension"] = {**dict(sides), "unit": "INCH"}
        if self.pounds:
            told["weight"] = {"value": _text(self.pounds), "unit": "POUND"}
        return told

    def __str__(self) -> str:
        size = " x ".join(map(_text, self.inches)) + " in" if self.inches else ""
        return ", ".join(filter(None, [f"{_text(self.pounds)} lb" if self.pounds else "", size]))


NO_BOX = Box()


class Service(Payload):
    """One way to send a parcel. Its id changes, so it is read anew each time."""

    id: str
    name: str = ""
    price: Money = None
    currency: str = ""
    shipping_provider_id: str = ""
    shipping_provider_name: str = ""
    earliest_delivery_days: int | None = None
    latest_delivery_days: int | None = None
    is_default: bool = False


class PackageOrder(Payload):
    """An order of which something lies in a package."""

    id: str


class Package(Payload):
    """A package as TikTok has it."""

    package_id: str
    package_status: str = ""
    tracking_number: str = ""
    shipping_provider_id: str = ""
    shipping_provider_name: str = ""
    order_line_item_ids: list[str] = Field(default_factory=list)
    orders: list[PackageOrder] = Field(default_factory=list)

    @property
    def order_ids(self) -> list[str]:
        """The orders of which something lies in it; several where TikTok has combined them."""
        return [one.id for one in self.orders]

    @property
    def has_label(self) -> bool:
        return self.package_status not in NO_LABEL


class Document(Payload):
    """Where a label can be fetched, for a day."""

    doc_url: str
    tracking_number: str = ""


def services(client: Client, order_id: str, line_ids: Sequence[str], box: Box) -> list[Service]:
    """What may carry these units in one parcel, with TikTok's estimate of the price."""
    path = f"/fulfillment/{{version}}/orders/{path_part(order_id)}/shipping_services/query"
    body = {"order_line_item_ids": list(line_ids), **box.members()}
    data = client.call("shipping_services", "POST", path, json=body, repeatable=True)
    return [Service.parse(entry) for entry in entries(data, "shipping_services")]


def create_package(
    client: Client, order_id: str, line_ids: Sequence[str], box: Box, service_id: str, *, whole: bool
) -> str:
    """Buys a label for the `whole` order or for these units of it; the package's id. Not repeatable: after
    `OutcomeUnknown` read the order first."""

    def body(version: str) -> object:
        more = {**box.members(), "shipping_service_id": service_id}
        if version < "202512":
            return {"order_id": order_id, **({} if whole else {"order_line_item_ids": list(line_ids)}), **more}
        if whole:
            return {"ship_type": "1", "order_id": order_id, **more}
        lines = [{"order_line_id": line_id} for line_id in line_ids]
        return {"ship_type": "2", "order_id": order_id, "order_line_item": lines, **more}

    data = client.call("create_package", "POST", "/fulfillment/{version}/packages", json=body, repeatable=False)
    return str(data.get("package_id") or "")


def create_shared_package(client: Client, order_ids: Sequence[str], box: Box, service_id: str) -> str:
    """Buys one label for several whole orders that travel in one package, also for those that TikTok has put into one
    itself; the package's id. Not repeatable: after `OutcomeUnknown` read the orders first."""
    body = {"ship_type": "3", "order_list_ids": list(order_ids), **box.members(), "shipping_service_id": service_id}
    path = "/fulfillment/{version}/packages"
    data = client.call("create_shared_package", "POST", path, json=body, repeatable=False)
    return str(data.get("package_id") or "")


def ship_package(client: Client, package_id: str) -> None:
    """Has the label bought of a package that TikTok only drafted. Not repeatable."""
    path = f"/fulfillment/{{version}}/packages/{path_part(package_id)}/ship"
    client.call("ship_package", "POST", path, json={}, repeatable=False)


def package(client: Client, package_id: str) -> Package:
    """One package as it is now."""
    path = f"/fulfillment/{{version}}/packages/{path_part(package_id)}"
    return Package.parse(client.call("package_detail", "GET", path, repeatable=True))


def document(client: Client, package_id: str) -> Document:
    """Where the label of a package can be fetched; while its carrier still makes it, asked again for a while."""
    path = f"/fulfillment/{{version}}/packages/{path_part(package_id)}/shipping_documents"
    wanted = {"document_type": "SHIPPING_LABEL"}
    return Document.parse(client.call("shipping_document", "GET", path, params=wanted, repeatable=True))


def _text(number: Decimal) -> str:
    """Two digits at most, never less than it is."""
    rounded = number.quantize(CENT, ROUND_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".")
