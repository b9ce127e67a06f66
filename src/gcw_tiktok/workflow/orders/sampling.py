"""What becomes of the free samples that a store's creators order: held, made, or left to somebody else."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Hold, HoldReason, IgnoreScope, Order, OrderKind, SamplePolicy, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import ignoring
from gcw_tiktok.workflow.orders import reviewing
from gcw_tiktok.workflow.orders.desk import Desk

PORTION = 500
"""Orders that are looked at in one transaction."""
WHY = "The store leaves samples to somebody else."


def set_policy(session: Session, act: Act, store: Store, policy: SamplePolicy) -> bool:
    """Changes what becomes of a store's samples; whether it was another policy before."""
    if store.samples == policy:
        return False
    before, store.samples = store.samples, policy
    session.add(store)
    place = (IgnoreScope.SAMPLES, store.shop_id)
    ignoring.end(session, act, store, [place])
    if policy == SamplePolicy.IGNORE:
        ignoring.start(session, act, store, place, WHY)
    history.record(session, act, f"store:{store.shop_id}", f"samples: {policy}", f"It was {before} before.")
    return True


def look_again(database: Database, seal: Seal, act: Act, store: Store) -> Mapping[str, int]:
    """Works out anew what holds the samples that wait: how many are ready, held, and not made here."""
    waiting = (Order.store_id == store.id, Order.kind == OrderKind.SAMPLE, col(Order.stage).in_(OPEN))
    with database.view() as session:
        ids = session.exec(select(Order.order_id).where(*waiting).order_by(col(Order.id))).all()
    for start in range(0, len(ids), PORTION):
        _review(database, seal, act, store, ids[start : start + PORTION])
    with database.view() as session:
        left = session.exec(select(Order.stage, Order.id).where(*waiting)).all()
        undecided = select(Hold.order_pk).where(Hold.reason == HoldReason.SAMPLE_POLICY)
        held = set(session.exec(undecided)) & {key for _, key in left}
    return {"waiting": len(left), "to_decide": len(held)}


def _review(database: Database, seal: Seal, act: Act, store: Store, ids: Sequence[str]) -> None:
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, act.now)
        desk.load(ids)
        for order in desk.orders.values():
            desk.tiktok_now = order.read_at  # no hour ends early
            reviewing.review(desk, [order])
