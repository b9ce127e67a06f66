"""Times in which nobody pulled a store's orders: the next pull takes in what changed meanwhile, and says so."""

from dataclasses import dataclass

from sqlmodel import Session, func, select

from gcw_tiktok.store.tables import Order, Store
from gcw_tiktok.workflow import history, times
from gcw_tiktok.workflow.history import Act

SHORT_SECONDS = 3600
"""A time no longer than this is no gap: it is how people pull by hand."""
MISSED = 3
"""Polls that must have been missed."""
FILLED = "gap filled"


@dataclass(frozen=True)
class Gap:
    """A time without a pull, in Unix seconds, and how many orders changed in it."""

    start: int
    end: int
    orders: int

    @property
    def sentence(self) -> str:
        when = f"from {times.shown(self.start)} to {times.shown(self.end)} ({times.lasting(self.end - self.start)})"
        count = f"{self.orders} {'order' if self.orders == 1 else 'orders'} of that time"
        return f"Nothing was pulled {when}; {count} {'is' if self.orders == 1 else 'are'} taken in."


def close(session: Session, act: Act, store: Store, every: int) -> Gap | None:
    """Notes that all that TikTok had was taken in, and the gap that this ends. `every` is the time between two polls,
    in seconds; 0 where nobody polls. Of several that pull at once, one finds it."""
    last, store.pulled_at = store.pulled_at, act.now
    session.add(store)
    if last is None or act.now - last <= max(SHORT_SECONDS, MISSED * every):
        return None
    changed = select(func.count()).where(Order.store_id == store.id, Order.updated_at >= last)
    gap = Gap(last, act.now, session.exec(changed).one())
    facts = {"start": gap.start, "end": gap.end, "orders": gap.orders}
    history.record(session, act, f"store:{store.shop_id}", FILLED, gap.sentence, **facts)
    return gap


def facts(gap: Gap | None) -> dict[str, object] | None:
    """For other programs."""
    if gap is None:
        return None
    ends = {"from": times.iso(gap.start), "to": times.iso(gap.end), "seconds": gap.end - gap.start}
    return {**ends, "orders": gap.orders, "sentence": gap.sentence}
