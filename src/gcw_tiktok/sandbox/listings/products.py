"""A listing as the sandbox keeps it: what the seller wrote, in versions, and where the platform's review stands."""

from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(slots=True)
class Value:
    """A value of a sales attribute, with the pictures that show it."""

    id: str
    name: str
    image: str = ""
    more_images: tuple[str, ...] = ()


@dataclass(slots=True)
class Axis:
    """A sales attribute, and by name the values that the listing's variants have of it."""

    id: str
    name: str
    values: dict[str, Value]


@dataclass(slots=True)
class Sku:
    """One variant of a listing. Price is in cents; `values` are names, one for each axis of the listing.

    `more` holds the members that sellers may add, in the form in which they send them.
    """

    id: str
    seller_sku: str
    price: int
    quantity: int
    values: tuple[str, ...]
    more: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        return ", ".join(self.values) or "Default"

    def sell_one(self) -> bool:
        """Whether a unit was in stock and is no longer."""
        if self.quantity == 0:
            return False
        self.quantity -= 1
        return True


@dataclass(slots=True)
class Version:
    """What a listing says. `content` is in the form in which sellers send it, without the variants."""

    content: Json
    axes: list[Axis]
    skus: list[Sku]

    @property
    def title(self) -> str:
        return str(self.content["title"])

    def sku(self, sku_id: str) -> Sku | None:
        """The variant with this id, or None."""
        return next((sku for sku in self.skus if sku.id == sku_id), None)

    def values_of(self, sku: Sku) -> list[tuple[Axis, Value]]:
        """The variant's place on each axis."""
        return [(axis, axis.values[name]) for axis, name in zip(self.axes, sku.values, strict=True)]


class Writer(Protocol):
    """Who knows what a listing says that the world began with."""

    def write(self, product: "Product") -> Version: ...


@dataclass(slots=True)
class Product:
    """A listing. What it says is worked out by `writer` on first use: a large world starts quickly.

    A live listing keeps what buyers see in `version` while an edit of it is in `under_review`.
    """

    id: str
    number: int
    status: str
    create_time: int
    update_time: int
    writer: Writer | None = None
    draft: Version | None = None
    under_review: Version | None = None
    unreviewed_status: str = "DRAFT"
    """What it is beside the review, while `status` tells of the review."""
    failures: list[Json] = field(default_factory=list)
    review_due: int = 0
    pod_templates: list[Json] = field(default_factory=list)
    _version: Version | None = None

    @property
    def version(self) -> Version:
        """What is live, or would be."""
        if self._version is None:
            if self.writer is None:
                raise LookupError(f"Nothing was written for {self.id}.")
            self._version = self.writer.write(self)
        return self._version

    @version.setter
    def version(self, version: Version) -> None:
        self._version = version
        self.writer = None

    @property
    def is_edited(self) -> bool:
        """Whether a seller wrote it, rather than the world when it began."""
        return self.writer is None

    @property
    def title(self) -> str:
        return self.version.title

    @property
    def skus(self) -> list[Sku]:
        return self.version.skus

    @property
    def image(self) -> str:
        """The uri of the first picture."""
        return str(self.version.content["main_images"][0]["uri"])

    @property
    def product_status(self) -> str:
        """The status without the review."""
        return self.unreviewed_status if self.status in ("PENDING", "FAILED") else self.status

    @property
    def audit(self) -> str:
        """Where the review of the listing, or of the edit of a live one, stands."""
        if self.status == "PENDING" or self.under_review:
            return "AUDITING"
        if self.status == "FAILED" or self.failures:
            return "FAILED"
        return "APPROVED" if self.status == "ACTIVATE" else "NONE"

    def versions(self) -> list[Version]:
        """Everything that is written of it, the base first."""
        return [self.version, *(each for each in (self.under_review, self.draft) if each)]
