"""What production was given of an order, hand-off by hand-off, and what of it is still to be made there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Order, OutboxEntry
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.production import handoff


@dataclass(frozen=True)
class HandOff:
    """One time that an order, or a part of it, was given to production."""

    entry: OutboxEntry
    reference: str
    given: frozenset[str]
    """TikTok's line ids."""
    newest: frozenset[str]
    """Those that were not handed over anew since."""
    stopped: frozenset[str]
    """Those that a decision has stopped here."""

    @property
    def place(self) -> str:
        """The folder; empty where it was another carrier."""
        return str(self.entry.answer.get("folder", ""))


def of_order(session: Session, order: Order) -> list[HandOff]:
    """Every hand-off that was carried out, oldest first."""
    kinds = (outbox.HAND_OFF, outbox.STOP)
    mine = select(OutboxEntry).where(OutboxEntry.order_pk == order.id, col(OutboxEntry.kind).in_(kinds))
    entries = session.exec(mine.order_by(col(OutboxEntry.id))).all()
    done = [one for one in entries if one.kind == outbox.HAND_OFF and one.state == outbox.DONE]
    stops = [one for one in entries if one.kind == outbox.STOP and one.state != outbox.VOID]
    return [_hand_off(order, done, number, stops) for number in range(len(done))]


def _hand_off(order: Order, done: Sequence[OutboxEntry], number: int, stops: Sequence[OutboxEntry]) -> HandOff:
    entry = done[number]
    given = frozenset(entry.payload["lines"])
    later = {line_id for one in done[number + 1 :] for line_id in one.payload["lines"]}
    stopped = {line_id for one in stops if one.payload.get("hand_off") == entry.key for line_id in one.payload["lines"]}
    return HandOff(entry, handoff.reference(order.order_id, number + 1), given, given - later, frozenset(stopped))
