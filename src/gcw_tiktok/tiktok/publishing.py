"""Listings written to a shop: created, edited, read back, and followed through TikTok's review."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from gcw_tiktok.tiktok import products
from gcw_tiktok.tiktok.client import Client, path_part
from gcw_tiktok.tiktok.payload import Payload

Json = dict[str, Any]
MOST_SELLER_SKUS = 10
"""That one search may name."""
KEY = "idempotency_key"


class WrittenSku(Payload):
    """A variant with the id that TikTok gave it; matched by seller SKU, never by place."""

    id: str
    seller_sku: str = ""


class Remark(Payload):
    """A value that TikTok dropped or replaced without refusing the rest."""

    message: str = ""


class Written(Payload):
    """What came of a creation or an edit."""

    product_id: str
    skus: list[WrittenSku] = Field(default_factory=list)
    warnings: list[Remark] = Field(default_factory=list)


class Audit(Payload):
    """Where TikTok's review stands."""

    status: str = ""
    pre_approved_reasons: list[str] = Field(default_factory=list)
    not_submitted_reasons: list[str] = Field(default_factory=list)


class Failure(Payload):
    """Why the review refused, as far as one part of the listing is concerned."""

    position: str = ""
    reasons: list[str] = Field(default_factory=list)
    suggestions: list[str] = Field(default_factory=list)

    @property
    def sentence(self) -> str:
        """ "Product Name: Too long. Shorten it." """
        said = " ".join(_ended(words) for words in (*self.reasons, *self.suggestions) if words.strip())
        return f"{self.position}: {said}" if self.position and said else said or self.position


class Named(Payload):
    """Something with a name of TikTok's or of the seller's."""

    id: str = ""
    name: str = ""


class Node(products.Category):
    """One step from the root of TikTok's categories to the leaf."""

    id: str = ""


class Property(Payload):
    """What a listing says of one attribute of its category."""

    id: str
    values: list[Named] = Field(default_factory=list)


class Weight(Payload):
    """Of the package."""

    value: str = ""
    unit: str = ""


class Size(Payload):
    """Of the package."""

    length: str = ""
    width: str = ""
    height: str = ""
    unit: str = ""


class SizeChart(Payload):
    """A picture, or a template of the seller's."""

    image: products.Image = products.Image()
    template: Named = Named()


class Handling(Payload):
    """How long making takes."""

    handling_duration_days: int = 0


class PreSale(Payload):
    """Whether and how a variant is made only after it is ordered."""

    type: str = ""
    fulfillment_type: Handling = Handling()


class SoldSku(products.Sku):
    """A variant with how it is sold."""

    pre_sale: PreSale = PreSale()


class Standing(products.Product):
    """A listing with where its review stands."""

    audit: Audit = Audit()
    audit_failed_reasons: list[Failure] = Field(default_factory=list)
    external_product_id: str = ""
    description: str = ""
    category_chains: list[Node] = Field(default_factory=list)  # type: ignore[assignment]  # with ids
    product_attributes: list[Property] = Field(default_factory=list)
    package_weight: Weight = Weight()
    package_dimensions: Size = Size()
    size_chart: SizeChart = SizeChart()
    skus: list[SoldSku] = Field(default_factory=list)  # type: ignore[assignment]  # with how they are sold

    @property
    def reason(self) -> str:
        """Why TikTok refused it, or what it waits for; in TikTok's words."""
        if self.audit_failed_reasons:
            return " ".join(filter(None, (one.sentence for one in self.audit_failed_reasons)))
        return ", ".join([*self.audit.pre_approved_reasons, *self.audit.not_submitted_reasons])


def create(client: Client, body: Json, key: str) -> Written:
    """Makes a listing. Under the same `key` TikTok makes no second one; whether for ever, it does not say."""
    path = "/product/{version}/products"
    return Written.parse(client.call("create_product", "POST", path, json=body | {KEY: key}, repeatable=False))


def edit(client: Client, product_id: str, body: Json) -> Written:
    """Makes the listing what `body` says, whole. Done twice it is the same listing."""
    path = f"/product/{{version}}/products/{path_part(product_id)}"
    return Written.parse(client.call("edit_product", "PUT", path, json=body, repeatable=True))


def set_customization(client: Client, product_id: str, templates: Sequence[Mapping[str, Any]]) -> None:
    """Says what buyers may personalise, in place of what was said before."""
    path = f"/product/{{version}}/products/{path_part(product_id)}/partial_edit"
    body = {"pod_info": {"pod_templates": list(templates)}}
    client.call("set_customization", "POST", path, json=body, repeatable=True)


def standing(client: Client, product_id: str) -> Standing:
    """One listing as it stands now."""
    path = f"/product/{{version}}/products/{path_part(product_id)}"
    return Standing.parse(client.call("product_detail", "GET", path, repeatable=True))


def with_seller_skus(client: Client, seller_skus: Sequence[str]) -> Iterator[products.ProductRow]:
    """The shop's listings that have a variant with one of these seller SKUs, deleted ones aside."""
    for start in range(0, len(seller_skus), MOST_SELLER_SKUS):
        asked = {"status": "ALL", "seller_skus": list(seller_skus[start : start + MOST_SELLER_SKUS])}
        pages = client.pages(
            "search_products",
            "POST",
            "/product/{version}/products/search",
            "products",
            params={"page_size": products.PAGE},
            json=asked,
        )
        for row in map(products.ProductRow.parse, pages):
            if row.status != "DELETED":
                yield row


def _ended(words: str) -> str:
    return words.strip() if words.strip().endswith((".", "!", "?")) else f"{words.strip()}."
