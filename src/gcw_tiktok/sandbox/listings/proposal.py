"""What a seller wants a listing to say, before it is known whether the rules allow it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gcw_tiktok.sandbox.listings import categories
from gcw_tiktok.sandbox.listings.categories import Category
from gcw_tiktok.sandbox.listings.products import Json, Product, Version
from gcw_tiktok.sandbox.shops import Shop

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

NOT_CONTENT = frozenset({"idempotency_key", "locale", "pod_info", "save_mode", "skus"})


@dataclass
class Proposal:
    """A whole listing in the form in which sellers send it.

    `skus` is None where the variants stay as they are. `before` is the version that is edited, if there is one.
    `warnings` collects what is left out of it without refusing the rest.
    """

    world: "World"
    shop: Shop
    content: Json
    skus: list[Json] | None
    is_draft: bool = False
    product: Product | None = None
    before: Version | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def category(self) -> Category | None:
        return categories.BY_ID.get(self.content["category_id"])

    @property
    def variants(self) -> list[Json]:
        """The sent variants; none where they stay as they are."""
        return self.skus or []

    def drop(self, member: str, value: Any, reason: str) -> None:
        """Notes that a member's value is not kept."""
        self.warnings.append(
            f"The [{member}]:{value} field is incorrect and has been automatically cleared by the system. "
            f"Reason: [{reason}]. You can edit it later."
        )

    def others(self) -> Iterator[Product]:
        """The shop's other listings that a seller wrote and that are not deleted."""
        return (
            each
            for each in self.shop.products
            if each.is_edited and each is not self.product and each.status != "DELETED"
        )


def content_of(body: Json) -> Json:
    """The members of a request that belong to a listing's content."""
    return {name: value for name, value in body.items() if name not in NOT_CONTENT}
