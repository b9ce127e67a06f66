"""What cancelling and answering share: an order taken so that the print gate leaves it, and a reason of TikTok's."""

from collections.abc import Mapping

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Order, OutboxEntry, Store
from gcw_tiktok.tiktok.errors import AlreadyDone, TikTokRefused
from gcw_tiktok.workflow import outbox


def find(session: Session, store: Store, order_id: str) -> Order:
    """An order that we hold."""
    found = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == order_id)).first()
    if found is None:
        raise BadInput(f"There is no order {order_id}.", "Take orders in with `gcw orders pull`.", code="unknown_name")
    return found


def take(session: Session, store: Store, order_id: str) -> Order:
    """The order, locked; refused while it is being handed to production. What the transaction writes down is
    seen by the print gate, which looks under the same lock."""
    query = select(Order).where(Order.store_id == store.id, Order.order_id == order_id)
    order = session.exec(query.with_for_update(key_share=True)).one()
    if outbox.unconfirmed(session, outbox.HAND_OFF, [order.id or 0]):
        raise TryAgain(
            f"Order {order_id} is being handed to production just now, or was when gcw was ended.",
            f"Run `gcw orders release {order_id}`, then the same command again.",
        )
    return order


def why_not(session: Session, order: Order) -> str:
    """Why the print gate must leave an order: a cancellation or a stop of it is under way. Nothing where none is."""
    kinds = (outbox.CANCEL, outbox.ANSWER)
    if any(outbox.unconfirmed(session, kind, [order.id or 0]) for kind in kinds):
        return "Its cancellation was begun, and TikTok has not confirmed it yet."
    stops = outbox.unconfirmed(session, outbox.STOP, [order.id or 0])
    if any(entry.payload.get("hand_off") for entry in stops):
        return "Production has not been told yet to stop what it was given of it."
    return ""


def may_have_happened(error: GcwError) -> bool:
    """Whether it must be read back what became of an effect that failed so."""
    return isinstance(error, TryAgain | AlreadyDone | TikTokRefused)


def note_trouble(database: Database, entry: OutboxEntry, error: GcwError) -> None:
    """What TikTok refused has not happened; of all else the next run reads back what became of it."""
    with database.session() as session:
        fresh = session.get_one(OutboxEntry, entry.id, with_for_update=True)
        if fresh.state != outbox.DONE:
            note = outbox.failed if isinstance(error, TryAgain) else outbox.void
            note(session, fresh, str(error))


def choose_reason(offered: Mapping[str, str], given: str, what: str) -> str:
    """The one of TikTok's reasons that is meant: by its name, by how its name ends, or by its text."""
    wanted = given.strip()
    ends = "_" + wanted.lower().replace(" ", "_").replace("-", "_")
    texts = [name for name, text in offered.items() if wanted and text.lower() == wanted.lower()]
    alike = [name for name in offered if wanted and name.lower().endswith(ends)]
    for found in ([name for name in offered if name == wanted], alike, texts):
        if len(found) == 1:
            return found[0]
    fault = f"TikTok does not offer {wanted!r} as a reason for {what}." if wanted else f"Say the reason for {what}."
    raise BadInput(fault, f"--reason is one of: {_listed(offered)}.", code="reason")


def _listed(offered: Mapping[str, str]) -> str:
    return (
        "; ".join(f"{name} ({text})" if text else name for name, text in offered.items()) or "none that TikTok offers"
    )
