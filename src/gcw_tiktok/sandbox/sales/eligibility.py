"""What may still be asked for about each unit of an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.sales import cancelling, returning
from gcw_tiktok.sandbox.sales.orders import Line, Order
from gcw_tiktok.sandbox.sales.reasons import Reasons

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

CANCEL = "CANCEL"
REQUEST_TYPES = (CANCEL, returning.REFUND, returning.RETURN)


@dataclass(frozen=True)
class Verdict:
    """Whether some units, all of one variant, may be asked for in one way."""

    sku_id: str
    request_type: str
    lines: list[Line]
    refusal: Refusal | None
    reasons: Reasons


def verdicts(world: "World", order: Order, role: str, request_types: tuple[str, ...]) -> Iterator[Verdict]:
    """One for each variant, way and outcome, in the order of the units."""
    for sku_id in dict.fromkeys(line.sku_id for line in order.lines):
        alike = [line for line in order.lines if line.sku_id == sku_id]
        for kind in request_types:
            by_outcome: dict[int, tuple[Refusal | None, list[Line]]] = {}
            for line in alike:
                refusal = _refusal(world, order, line, role, kind)
                by_outcome.setdefault(refusal.code if refusal else 0, (refusal, []))[1].append(line)
            for refusal, lines in by_outcome.values():
                yield Verdict(sku_id, kind, lines, refusal, {} if refusal else reasons_for(order, kind, role))


def reasons_for(order: Order, kind: str, role: str) -> Reasons:
    """What may be given as reason."""
    if kind != CANCEL:
        return returning.reasons_for(kind, role)
    return cancelling.buyers_reasons(order) if role == "BUYER" else cancelling.sellers_reasons(order)


def _refusal(world: "World", order: Order, line: Line, role: str, kind: str) -> Refusal | None:
    if line.status in ("CANCELLED", "COMPLETED"):
        return business(25001051, "The unit is completed or cancelled.")
    if order.cancel_requested_at or returning.running(world, line):
        return business(25001011, "A cancellation or return of the unit is running or done already.")
    fits = _may_cancel(order, line, role) if kind == CANCEL else returning.fits_status(kind, role, line.status)
    return None if fits else business(25001003, "The order status does not allow it.")


def _may_cancel(order: Order, line: Line, role: str) -> bool:
    return line.status in cancelling.UNSHIPPED if role == "BUYER" else cancelling.may_cancel(order, line)
