"""A person has looked at what a buyer personalised, and lets it be printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Line, Order
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import reviewing, views, wishes
from gcw_tiktok.workflow.orders.desk import Desk


@dataclass(frozen=True)
class Approved:
    """What was approved, and what holds the order still."""

    order: str
    lines: list[str]
    stage: str
    holds: list[str]


def approve(database: Database, seal: Seal, act: Act, wanted: str, line_ids: Sequence[str]) -> Approved:
    """Approves what is personalised on these lines, or on all; as it is now: what changes later is asked for again."""
    with database.session() as session:
        found = views.find(session, wanted)
        desk = Desk(session, stores.of_order(session, found), seal, act, act.now)
        desk.load([found.order_id])
        order = desk.orders[found.order_id]
        desk.tiktok_now = order.read_at  # no hour ends early
        lines = _chosen(desk, order, line_ids)
        known = wishes.of_order(seal, desk.store, order)
        unread = [line.line_id for line in lines if line.line_id not in known]
        if unread:
            raise BadInput(f"TikTok has not shown what is wanted on {', '.join(unread)}.", "Run `gcw orders pull`.")
        marks = {line.line_id: wishes.mark(seal, known[line.line_id]) for line in lines}
        approved = wishes.look_up(desk, [order])[order.order_id].approved
        if fresh := {line_id: mark for line_id, mark in marks.items() if line_id not in approved}:
            desk.note(order, wishes.APPROVED, marks=fresh)
            session.flush()
        reviewing.review(desk, [order])
        held = sorted(hold.reason.value for hold in desk.holds_of(order))
        return Approved(order.order_id, sorted(marks), order.stage.value, held)


def _chosen(desk: Desk, order: Order, line_ids: Sequence[str]) -> list[Line]:
    waiting = [line for line in desk.lines_of(order) if line.personalised and line.stage in OPEN]
    strangers = sorted(set(line_ids) - {line.line_id for line in waiting})
    if strangers or not waiting:
        what = f"Line {strangers[0]}" if strangers else "No line"
        raise BadInput(
            f"{what} of order {order.order_id} waits for approval of what the buyer personalised.",
            f"See `gcw orders show {order.order_id}`.",
        )
    return [line for line in waiting if not line_ids or line.line_id in line_ids]
