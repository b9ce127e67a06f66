"""What production says of released orders: stages moved by hand."""

from collections.abc import Sequence

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import NEXT, Line, Order, Stage
from gcw_tiktok.store.tables.stages import BY_HAND, FORWARD, IN_WORK, least_advanced
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import stages
from gcw_tiktok.workflow.shipping import leaving


def advance(session: Session, act: Act, order: Order, to: Stage | None) -> Stage:
    """Moves the order's units in work to `to`, or one stage on, along the table of moves."""
    order = session.get_one(Order, order.id, with_for_update={"key_share": True}, populate_existing=True)
    lines = [line for line in session.exec(select(Line).where(Line.order_pk == order.id)) if line.stage in IN_WORK]
    if not lines:
        raise BadInput(f"Order {order.order_id} is {order.stage}: nothing of it is in work.", _hint(order))
    target = to or _following(order, lines)
    if target not in BY_HAND:
        raise BadInput(f"{target} cannot be said by hand.", f"Stages for --to: {', '.join(sorted(BY_HAND))}.")
    for line in lines:
        for step in way(line.stage, target, order):
            line.stage = step
        session.add(line)
    everything = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    order.stage = stages.shown(everything)
    session.add(order)
    history.record(session, act, f"order:{order.order_id}", f"now {target}")
    return order.stage


def _following(order: Order, lines: Sequence[Line]) -> Stage:
    stage = least_advanced([line.stage for line in lines])
    following = FORWARD[FORWARD.index(stage) + 1]
    if following not in BY_HAND:
        raise BadInput(
            f"Order {order.order_id} is {stage}; it goes on when it has left. {leaving.sentence(order, lines)}".strip(),
            f"Run `{leaving.command(order, lines)}`.",
        )
    return following


def way(stage: Stage, target: Stage, order: Order) -> list[Stage]:
    """The moves from one stage to another: forward through every stage between, or one allowed move."""
    if stage == target:
        return []
    if target in NEXT[stage]:
        return [target]
    if {stage, target} <= set(FORWARD) and FORWARD.index(target) > FORWARD.index(stage):
        return list(FORWARD[FORWARD.index(stage) + 1 : FORWARD.index(target) + 1])
    raise BadInput(f"Order {order.order_id} is {stage}; it cannot become {target}.")


def _hint(order: Order) -> str:
    if order.stage in (Stage.RECEIVED, Stage.PASSED):
        return f"Run `gcw orders release {order.order_id}` first."
    return f"See `gcw orders show {order.order_id}`."
