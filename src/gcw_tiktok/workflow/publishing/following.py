"""Follows a listing until it is on sale or rejected, and connects its variants before it can be bought."""

from collections.abc import Callable, Sequence

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
    """Takes the listing in as TikTok has it, and connects its variants if that is still to be done."""
    if not row.product_id:
        return row
    syncing.sync_one(means.database, means.client, means.store, means.act, row.product_id)
    if row.connected_at is not None:
        return row
    with means.database.session() as session:
        return _connect(session, means.store, means.act, session.get_one(Publication, row.id, with_for_update=True))


def complete(session: Session, store: Store, act: Act) -> list[Publication]:
    """Connects what a run that was killed had published and not connected yet; the listings were just read."""
    left = select(Publication).where(Publication.store_id == store.id, col(Publication.connected_at).is_(None))
    return [
        row for row in session.exec(left).all() if row.product_id and _connect(session, store, act, row).connected_at
    ]


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
    row = look(means, row)
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
