"""Notes which units buyers sent back. TikTok does not say so of the order: only its returns tell."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import NEXT, Order, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.returns import Return
from gcw_tiktok.workflow.orders import stages
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.orders.means import Means

EVERY_SECONDS = 6 * 3600
"""How often a store's returns are looked through, beside the webhooks about them."""
OVERLAP_SECONDS = 300
PORTION = 50


def read(means: Means, order_ids: Sequence[str]) -> None:
    """Notes what was sent back of these orders."""
    _note(means, returns.search_returns(means.client, order_ids=order_ids))


def look_through(means: Means) -> None:
    """Notes what was sent back since the last time, now and then, where something has left that could be."""
    now = tiktok_time(means.client, means.act)
    with means.database.view() as session:
        since = session.get_one(Store, means.store.id).returns_cursor
        if now - since < EVERY_SECONDS or not _anything_left(session, means.store):
            return
    start = since - OVERLAP_SECONDS if since else means.store.connected_at
    _note(means, returns.search_returns(means.client, updated_from=start))
    with means.database.session() as session:
        store = session.get_one(Store, means.store.id, with_for_update={"key_share": True})
        store.returns_cursor = max(store.returns_cursor, now)
        session.add(store)


def _anything_left(session: Session, store: Store) -> bool:
    gone = select(Order.id).where(Order.store_id == store.id, col(Order.stage).in_(GONE_OUT))
    return session.exec(gone.limit(1)).first() is not None


def _note(means: Means, found: Iterable[Return]) -> None:
    back = (one for one in found if one.came_back)
    while portion := list(islice(back, PORTION)):
        with means.database.session() as session:
            store = session.get_one(Store, means.store.id)
            desk = Desk(session, store, means.seal, means.act, tiktok_time(means.client, means.act))
            desk.load(list({one.order_id for one in portion}))
            for one in portion:
                if order := desk.orders.get(one.order_id):
                    _take_back(desk, order, one)


def _take_back(desk: Desk, order: Order, told: Return) -> None:
    """Once: a unit that was returned stays so."""
    back = [
        line for line in desk.lines_of(order) if line.line_id in told.line_ids and Stage.RETURNED in NEXT[line.stage]
    ]
    for line in back:
        line.stage = Stage.RETURNED
    if back:
        order.stage = stages.shown(desk.lines_of(order))
        units = f"{len(back)} {'unit' if len(back) == 1 else 'units'}: {told.return_reason_text or told.return_type}"
        desk.note(order, "returned", units, return_id=told.return_id, lines=[line.line_id for line in back])
