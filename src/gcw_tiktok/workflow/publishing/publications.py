"""What gcw publishes: found, listed, and changed on request."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Publication, Store
from gcw_tiktok.workflow.publishing.wanted import Wanted, from_json


def find(session: Session, publication_id: int) -> tuple[Publication, Store]:
    """The publication with this id and its store, which gcw may act for."""
    from gcw_tiktok.workflow import stores

    row = session.get(Publication, publication_id)
    if row is None:
        raise BadInput(
            f"There is no publication {publication_id}.", "See `gcw products publications`.", code="unknown_name"
        )
    return row, stores.find_connected(session, session.get_one(Store, row.store_id).shop_id)


def listed(session: Session, store: Store | None) -> Sequence[tuple[Publication, Store]]:
    """All publications, or those of one store, newest first."""
    query = select(Publication, Store).join(Store, col(Publication.store_id) == Store.id)
    if store:
        query = query.where(Publication.store_id == store.id)
    return session.exec(query.order_by(col(Publication.id).desc())).all()


def any_unconnected(session: Session, store: Store) -> bool:
    """Whether the variants of some publication of the store are not connected yet."""
    left = select(Publication.id).where(Publication.store_id == store.id, col(Publication.connected_at).is_(None))
    return session.exec(left.limit(1)).first() is not None


def changed(row: Publication, changes: Mapping[str, Any]) -> Wanted:
    """What was asked for, with changes; its reference stays, for that is what it is known by."""
    kept = {name: value for name, value in changes.items() if name not in ("reference", "product")}
    return from_json(row.request).with_changes(kept)
