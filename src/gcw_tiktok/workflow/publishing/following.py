"""Follows a listing until it is on sale or rejected, and connects its variants before it can be bought."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Listing, Publication, PublicationState, Store, Variant
from gcw_tiktok.tiktok import products, publishing
from gcw_tiktok.tiktok.errors import TikTokRefused
from gcw_tiktok.tiktok.publishing import Standing
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, syncing
from gcw_tiktok.workflow.publishing import designs
from gcw_tiktok.workflow.publishing.preparing import Means
from gcw_tiktok.workflow.publishing.sending import note

FIRST_WAIT, LONGEST_WAIT, FACTOR = 5.0, 60.0, 1.5
"""Seconds between two looks, growing."""
STATES = {
    "ACTIVATE": PublicationState.ACTIVE,
    "PENDING": PublicationState.REVIEWING,
    "DRAFT": PublicationState.DRAFT,
    "FAILED": PublicationState.REJECTED,
    "PLATFORM_DEACTIVATED": PublicationState.REJECTED,
    "FREEZE": PublicationState.REJECTED,
    "SELLER_DEACTIVATED": PublicationState.ACTIVE,
    "DELETED": PublicationState.GONE,
}
"""What TikTok's status of a listing means for its publication."""
TOLD = {
    "PLATFORM_DEACTIVATED": "TikTok has taken it off sale.",
    "FREEZE": "TikTok has frozen it.",
    "SELLER_DEACTIVATED": "The seller has taken it off sale.",
}


def settle(means: Means, row: Publication) -> Publication:
    """Takes the listing in as TikTok has it, connects its variants and says what buyers may personalise."""
    if not row.product_id or row.state == PublicationState.GONE:
        return row
    syncing.sync_one(means.database, means.client, means.store, means.act, row.product_id)
    if row.connected_at is None:
        with means.database.session() as session:
            fresh = session.get_one(Publication, row.id, with_for_update=True)
            row = _connect(session, means.store, means.act, fresh)
    return _set_templates(means, row)


def _set_templates(means: Means, row: Publication) -> Publication:
    """The ids of the variants are known only now. Said twice it is the same."""
    if not row.plan["templates"] or row.plan.get("customized"):
        return row
    ids = {sku.seller_sku: sku.id for sku in publishing.standing(means.client, row.product_id).skus}
    sent = [_template(one, ids, row.plan["uploads"]) for one in row.plan["templates"]]
    publishing.set_customization(means.client, row.product_id, sent)
    with means.database.session() as session:
        fresh = session.get_one(Publication, row.id, with_for_update=True)
        fresh.plan = fresh.plan | {"customized": True}
        session.add(fresh)
    return fresh


def _template(kept: Mapping[str, Any], ids: Mapping[str, str], uploads: Mapping[str, str]) -> dict[str, Any]:
    surfaces = [
        surface | {"background_image": {"uri": uploads[surface["background_image"]["file"]]}}
        for surface in kept["surfaces"]
    ]
    sku_ids = [ids[seller_sku] for seller_sku in kept["seller_skus"] if seller_sku in ids]
    return {"template_name": kept["template_name"], "sku_ids": sku_ids, "surfaces": surfaces}


def complete(session: Session, store: Store, act: Act) -> list[Publication]:
    """Connects what a run that was killed had published and not connected yet; the listings were just read."""
    left = select(Publication).where(Publication.store_id == store.id, col(Publication.connected_at).is_(None))
    done = []
    for row in session.exec(left.with_for_update()).all():
        if not row.product_id and row.state == PublicationState.SENDING:
            _recognise(session, store, row)
        if row.product_id and _connect(session, store, act, row).connected_at is not None:
            done.append(row)
    return done


def _recognise(session: Session, store: Store, row: Publication) -> None:
    """The listing that was on its way when gcw ended is the one with its seller SKUs, which were free before."""
    query = (
        select(Listing.product_id, Variant.seller_sku)
        .join(Variant, col(Variant.listing_id) == Listing.id)
        .where(Listing.store_id == store.id, col(Variant.seller_sku).in_(row.plan["prints"]))
        .where(col(Variant.gone_at).is_(None))
    )
    found = session.exec(query).all()
    if len({product_id for product_id, _ in found}) == 1 and {sku for _, sku in found} == row.plan["prints"].keys():
        row.product_id = found[0][0]
        is_draft = row.plan["body"]["save_mode"] == "AS_DRAFT"
        row.state = PublicationState.DRAFT if is_draft else PublicationState.REVIEWING
        session.add(row)


def _connect(session: Session, store: Store, act: Act, row: Publication) -> Publication:
    """Ties each variant to what was decided and pinned for its seller SKU."""
    query = (
        select(Variant)
        .join(Listing, col(Variant.listing_id) == Listing.id)
        .where(Listing.store_id == store.id, Listing.product_id == row.product_id, col(Variant.gone_at).is_(None))
    )
    found = {variant.seller_sku: variant for variant in session.exec(query)}
    prints = row.plan["prints"]
    for seller_sku, what in prints.items():
        if seller_sku in found:
            pinned = [designs.from_kept(one) for one in what["designs"]]
            connections.connect(
                session, act, store, found[seller_sku], what["uid"], pinned, f"published as {row.reference}"
            )
    if prints.keys() <= found.keys():
        row.connected_at = act.now
        session.add(row)
    return row


def follow(
    means: Means, row: Publication, timeout: float, told: Callable[[Publication], None] = lambda row: None
) -> Publication:
    """The listing once TikTok has decided, or as it is when `timeout` seconds of waiting are over."""
    waited, wait = 0.0, FIRST_WAIT
    while row.state == PublicationState.REVIEWING and waited < timeout:
        told(row)
        wait = min(wait, timeout - waited)
        means.sleep(wait)
        waited, wait = waited + wait, min(wait * FACTOR, LONGEST_WAIT)
        row = look(means, row)
    return settle(means, row) if waited else row


def look(means: Means, row: Publication) -> Publication:
    """The listing with what TikTok says of it now, where TikTok has it."""
    if not row.product_id:
        return row
    state, reason = _standing(means, row)
    if (state, reason) == (row.state, row.reason):
        return row
    return note(means, row, state, reason)


def _standing(means: Means, row: Publication) -> tuple[PublicationState, str]:
    try:
        found = publishing.standing(means.client, row.product_id)
    except TikTokRefused as error:
        if error.tiktok_code in products.UNKNOWN:
            return PublicationState.GONE, "TikTok has no such listing any more."
        if error.tiktok_code != products.NOT_SHOWN:
            raise
        return _hidden(means, row)
    return STATES.get(found.status, row.state), _reason(found)


def _hidden(means: Means, row: Publication) -> tuple[PublicationState, str]:
    """Deleted and frozen listings are not shown, but found."""
    rows = publishing.with_seller_skus(means.client, _some_skus(row))
    if any(found.id == row.product_id for found in rows):
        return PublicationState.REJECTED, TOLD["FREEZE"]
    return PublicationState.GONE, "TikTok has no such listing any more."


def _some_skus(row: Publication) -> Sequence[str]:
    return list(row.plan["prints"])[: publishing.MOST_SELLER_SKUS]


def _reason(found: Standing) -> str:
    return found.reason or TOLD.get(found.status, "")
