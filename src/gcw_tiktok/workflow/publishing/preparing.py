"""Brings together what a listing needs before anything is sent: TikTok's rules, pictures, pinned designs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization, Customer, Listing, Store, Variant
from gcw_tiktok.tiktok import shops
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.images import CUSTOMIZATION, MAIN, SIZE_CHART
from gcw_tiktok.workflow import naming
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableProduct, PrintArea
from gcw_tiktok.workflow.designs import sources
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.publishing import designs, drafting, knowledge, personalising, pictures, texts
from gcw_tiktok.workflow.publishing.complaints import Complaints
from gcw_tiktok.workflow.publishing.designs import Pinner
from gcw_tiktok.workflow.publishing.drafting import Draft
from gcw_tiktok.workflow.publishing.knowledge import Confirm, Place
from gcw_tiktok.workflow.publishing.pictures import Picture
from gcw_tiktok.workflow.publishing.wanted import Wanted

Pinnings = Mapping[str, Sequence[Pinned]]
"""Pinned designs by UID."""
NONE: Pinnings = MappingProxyType({})
CURRENCIES = {"US": "USD", "GB": "GBP"}


@dataclass(frozen=True)
class Means:
    """What it takes to publish in one store."""

    database: Database
    client: Client
    store: Store
    act: Act
    designs: Path
    allow_private: bool
    sleep: Callable[[float], None]
    confirm: Confirm
    warn: Callable[[str], None] = lambda words: None
    say: Callable[[str], None] = lambda words: None


@dataclass(frozen=True)
class Prepared:
    """A listing that may be sent: nothing that gcw can know of speaks against it."""

    wanted: Wanted
    draft: Draft
    place: Place
    images: tuple[Picture, ...]
    size_chart: Picture | None
    pinned: dict[str, list[Pinned]]
    """By seller SKU."""
    templates: list[dict[str, Any]]
    """What buyers may personalise, by seller SKU where TikTok wants ids."""
    backgrounds: dict[str, Picture]
    """The pictures that the templates name, by that name."""

    def body(self) -> dict[str, Any]:
        """What would be sent, with files where TikTok would have pictures."""
        chart = {"size_chart": {"image": {"file": self.size_chart.label}}} if self.size_chart else {}
        templates = {"pod_info": {"pod_templates": self.templates}} if self.templates else {}
        return self.draft.body | {"main_images": [{"file": one.label} for one in self.images]} | chart | templates

    def variants(self) -> list[dict[str, Any]]:
        """Each variant as it would be sold and printed."""
        return [
            {
                "seller_sku": one.seller_sku,
                "variant": " / ".join(one.uid.values.values()),
                "price": one.price,
                "stock": one.stock,
                "product_uid": one.uid.uid,
                "designs": {each.area: each.source for each in self.pinned[one.seller_sku]},
            }
            for one in self.draft.variants
        ]


def prepare(
    means: Means, wanted: Wanted, place: Place | None, product_id: str = "", before: Pinnings = NONE
) -> Prepared:
    """Reads what TikTok and the catalog say, decides, and pins; `BadInput` tells everything that is missing.

    `place` is a category that was confirmed before, `product_id` the listing that is mended, and `before` what was
    pinned already.
    """
    with means.database.view() as session:
        _must_be_allowed(session, means.store)
        product = _product(session, means.store, wanted.product)
        currency = _currency(session, means.store)
    for words in texts.faults_of_title(wanted.title):
        raise BadInput(words, "Write --title.", code="title_unfit")
    place = _place(means, wanted, place)
    draft = drafting.draft(wanted, product, knowledge.about(means.client, place), currency)
    complaints = draft.complaints
    with means.database.view() as session:
        _check_seller_skus(session, means.store, draft, product_id, complaints)
    images = [found for one in draft.images if (found := _picture(one, MAIN, complaints))]
    chart = _picture(draft.size_chart, SIZE_CHART, complaints) if draft.size_chart else None
    placed = designs.placements(wanted, product.uids, complaints)
    pinner = Pinner(partial(_bring, means), before, placed, means.designs)
    pinned = {one.seller_sku: pinner.pin(one.uid, one.designs, complaints) for one in draft.variants}
    complaints.raise_any()
    for words in pinner.warnings:
        means.warn(words)
    templates, backgrounds = _templates(draft) if wanted.personalise else ([], {})
    return Prepared(wanted, draft, place, tuple(images), chart, pinned, templates, backgrounds)


def _templates(draft: Draft) -> tuple[list[dict[str, Any]], dict[str, Picture]]:
    """A template for each group of variants whose print areas are alike."""
    groups: dict[tuple[PrintArea, ...], list[str]] = {}
    for one in draft.variants:
        groups.setdefault(tuple(area for area in one.uid.areas if area.personalise), []).append(one.seller_sku)
    templates: list[dict[str, Any]] = []
    backgrounds: dict[str, Picture] = {}
    for areas, seller_skus in groups.items():
        surfaces = personalising.surfaces(areas)
        for area, surface in zip(areas, surfaces, strict=False):
            picture = pictures.of(personalising.background(area), f"The print area {area.name}", CUSTOMIZATION)
            backgrounds[picture.name] = picture
            surface["background_image"] = {"file": picture.name}
        if surfaces:
            name = f"{draft.body['external_product_id']} {len(templates) + 1}"
            templates.append({"template_name": name, "seller_skus": seller_skus, "surfaces": surfaces})
    return templates, backgrounds


def _bring(means: Means, source: str) -> Stored:
    return sources.one(
        means.database, source, means.designs, means.act, allow_private=means.allow_private, sleep=means.sleep
    )


def _must_be_allowed(session: Session, store: Store) -> None:
    granted = session.get_one(Authorization, store.authorization_id).scopes
    if not shops.may_publish(granted):
        raise SetupMissing(
            f"{store.name} does not let gcw publish listings.",
            "Enable Product Modify for your app in Partner Center, then run `gcw store connect` so that the shop's "
            "owner allows it.",
            code="not_authorized",
        )


def _product(session: Session, store: Store, wanted: str) -> OrderableProduct:
    """The catalog product, if the store's customer may order it."""
    customer = session.get_one(Customer, store.customer_id)
    offered = offer.orderable(session, store.customer_id)
    see = f'gcw catalog show --customer "{customer.name}"'
    return naming.choose("product", wanted, offered, lambda product: (product.name,), see)


def _place(means: Means, wanted: Wanted, known: Place | None) -> Place:
    if known and wanted.category in ("", known.category):
        return known
    if wanted.category:
        return knowledge.named(means.client, wanted.category)
    return knowledge.recommended(means.client, wanted.title.strip(), texts.as_html(wanted.description), means.confirm)


def _picture(source: str, use_case: str, complaints: Complaints) -> Picture | None:
    try:
        return pictures.read(source, use_case)
    except BadInput as error:
        complaints.add(error.code, str(error), error.hint)
        return None


def _currency(session: Session, store: Store) -> str:
    """The one that the store's listings have, else its country's."""
    query = select(Variant.currency).where(Variant.store_id == store.id, Variant.currency != "")
    return session.exec(query.limit(1)).first() or CURRENCIES.get(store.region, "USD")


def _check_seller_skus(session: Session, store: Store, draft: Draft, product_id: str, complaints: Complaints) -> None:
    """A seller SKU stands for one variant of a store, or nobody could tell orders apart."""
    skus = [one.seller_sku for one in draft.variants if one.seller_sku]
    query = (
        select(Variant.seller_sku, Listing.title)
        .join(Listing, col(Variant.listing_id) == Listing.id)
        .where(Variant.store_id == store.id, col(Variant.seller_sku).in_(skus))
        .where(col(Variant.gone_at).is_(None), Listing.product_id != product_id)
    )
    taken = session.exec(query).all()
    if taken:
        complaints.add(
            "seller_sku_taken",
            f"{store.name} has {', '.join(sorted({sku for sku, _ in taken}))} already, in {taken[0][1]!r}.",
            "Give the new listing another --reference.",
        )
