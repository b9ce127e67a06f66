"""A listing of another store of the same customer, as what a new one is wanted to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import Connection, Listing, Store, Variant
from gcw_tiktok.tiktok import images, publishing
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.images import MAIN, SIZE_CHART
from gcw_tiktok.tiktok.products import Image
from gcw_tiktok.tiktok.publishing import SoldSku, Standing
from gcw_tiktok.workflow import naming, stores
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableUid
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.publishing import pictures
from gcw_tiktok.workflow.publishing.drafting import MADE_TO_ORDER
from gcw_tiktok.workflow.publishing.measures import SIDES

UNITS = {"POUND": "lb", "KILOGRAM": "kg", "INCH": "in", "CENTIMETER": "cm"}


@dataclass(frozen=True)
class Pattern:
    """A listing that is to be had in another store, and what each of its variants prints."""

    store: Store
    product_id: str
    product: str
    """The catalog product."""
    prints: dict[str, tuple[OrderableUid, list[Pinned]]]
    """By SKU id."""


def pattern(session: Session, target: Store, named: str) -> Pattern:
    """The listing that `STORE:PRODUCT` names; `BadInput` where it cannot be copied to the target."""
    wanted, colon, listing_name = named.partition(":")
    if not colon or not listing_name.strip():
        raise BadInput(f"{named!r} is not STORE:PRODUCT.", "For example: --from 'Paper Harbor:1729382...'")
    store = stores.find_connected(session, wanted)
    if store.customer_id != target.customer_id:
        raise BadInput(
            f"{store.name} and {target.name} belong to different customers.",
            "See `gcw store list`.",
            code="other_customer",
        )
    present = (Listing.store_id == store.id, col(Listing.gone_at).is_(None))
    known = session.exec(select(Listing).where(*present)).all()
    see = f"gcw products list {store.code or store.shop_id}"
    found = naming.choose("listing", listing_name, known, lambda one: (one.title, one.product_id), see)
    prints = _prints(session, store, found)
    products = {uid.product for uid, _ in prints.values()}
    if len(products) != 1:
        why = f"prints several products: {', '.join(sorted(products))}" if products else "has no connected variant"
        raise BadInput(f"{found.title} {why}.", f"Look at `{see}`.", code="not_connected")
    return Pattern(store, found.product_id, products.pop(), prints)


def _prints(session: Session, store: Store, listing: Listing) -> dict[str, tuple[OrderableUid, list[Pinned]]]:
    present = (Variant.listing_id == listing.id, col(Variant.gone_at).is_(None))
    current = select(Variant).join(Connection, col(Connection.variant_id) == Variant.id)
    connected = session.exec(current.where(*present, col(Connection.ended_at).is_(None))).all()
    found = {}
    for variant in connected:
        uid, pinned = connections.like(session, store, variant.sku_id)
        found[variant.sku_id] = (offer.require_uid(session, uid, store.customer_id), pinned)
    return found


def pinned_of(found: Pattern) -> dict[str, list[Pinned]]:
    """What is pinned already, by UID."""
    return {uid.uid: pinned for uid, pinned in found.prints.values()}


def wanted_of(client: Client, found: Pattern, folder: Path) -> dict[str, Any]:
    """What the listing is, in the words of the options; its pictures are brought into the folder."""
    shown = publishing.standing(client, found.product_id)
    sold = [(sku, *found.prints[sku.id]) for sku in shown.skus if sku.id in found.prints]
    return {
        "product": found.product,
        "title": shown.title,
        "description": shown.description,
        "image": [_fetched(client, one, MAIN, folder) for one in shown.main_images],
        "category": shown.category_chains[-1].id if shown.category_chains else "",
        "attribute": [f"{one.id}={value.name}" for one in shown.product_attributes for value in one.values],
        "price": [_for(uid, f"{sku.price}") for sku, uid, _ in sold if sku.price is not None],
        "variants": [", ".join(uid.values.values()) for _, uid, _ in sold if uid.values],
        "design": [_for(uid, one.source, one.area) for _, uid, pinned in sold for one in pinned],
        "handling_days": _handling_days(shown.skus),
        **_package(shown),
        **_size_chart(client, shown, folder),
    }


def _for(uid: OrderableUid, what: str, area: str = "") -> str:
    key = "/".join(part for part in (", ".join(uid.values.values()), area) if part)
    return f"{key}={what}" if key else what


def _handling_days(skus: Sequence[SoldSku]) -> int:
    made = [one.pre_sale for one in skus if one.pre_sale.type == MADE_TO_ORDER]
    return max((one.fulfillment_type.handling_duration_days for one in made), default=0)


def _package(shown: Standing) -> dict[str, str]:
    weight, size = shown.package_weight, shown.package_dimensions
    found = {}
    if weight.value and weight.unit in UNITS:
        found["weight"] = f"{weight.value}{UNITS[weight.unit]}"
    if size.length and size.unit in UNITS:
        found["size"] = "x".join(getattr(size, side) for side in SIDES) + UNITS[size.unit]
    return found


def _size_chart(client: Client, shown: Standing, folder: Path) -> dict[str, str]:
    if shown.size_chart.template.id:
        return {"size_chart": f"template:{shown.size_chart.template.id}"}
    if shown.size_chart.image.urls:
        return {"size_chart": _fetched(client, shown.size_chart.image, SIZE_CHART, folder)}
    return {}


def _fetched(client: Client, image: Image, use_case: str, folder: Path) -> str:
    """The path of a picture that another listing shows; the same picture, the same path."""
    try:
        if not image.urls:
            raise BadInput("TikTok gives no address of a picture.")
        picture = pictures.of(images.download(client, image.urls[0]), image.urls[0], use_case)
    except GcwError as error:
        raise type(error)(
            f"A picture of the listing cannot be copied. {error}", "Give your own with --image."
        ) from error
    return pictures.keep(picture.data, f"{picture.sha256}.{picture.media_type.rpartition('/')[2]}", folder)
