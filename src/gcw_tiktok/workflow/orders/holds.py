"""Why an order may not go to production yet. A pure decision: facts in, holds out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gcw_tiktok.store.tables import HoldReason, Line, Order, OrderKind, SamplePolicy, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.listings.connections import Decision
from gcw_tiktok.workflow.orders.changes import OF_RECIPIENT, Change

FREE_CANCEL_SECONDS = 3600
"""How long after paying a buyer may cancel freely. TikTok keeps most orders ON_HOLD for it, but not all."""
TO_MAKE = frozenset({"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"})
OURS = frozenset({"FULFILLMENT_BY_SELLER", ""})
LOOK_AGAIN = "gcw orders pull"
SELLER, TIKTOK = "SELLER", "TIKTOK"
STOP = "Stop what can be stopped."
NO_WAY_FOR_LABELS = (
    "TikTok ships it with its own label and without an address, and GelatoConnect takes neither a label nor, as it is "
    "documented, an order without an address. Hand it over to a folder; or have it sent so, and give packing the label."
)
LIFTED = "no longer held"
"""What an order's history says when a hold ended, with its reason and since when it held."""


@dataclass(frozen=True)
class Due:
    """A hold that the facts call for."""

    reason: HoldReason
    sentence: str
    command: str = ""


@dataclass(frozen=True)
class Wished:
    """Of which lines it is known what their buyer personalised, and of which a person has approved it."""

    known: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()


NOTHING_WISHED = Wished()


def due(
    order: Order,
    lines: Sequence[Line],
    decisions: Mapping[str, Decision],
    store: Store,
    now: int,
    wished: Wished = NOTHING_WISHED,
    *,
    takes_labels: bool = True,
) -> list[Due]:
    """Every hold that follows from the facts. `now` is TikTok's time, not this machine's. Lines that are ignored
    hold nothing. `takes_labels`: whether production can be given TikTok's label with an order."""
    if order.fulfillment_type not in OURS:
        return []
    lines = [line for line in lines if line.ignored_id is None]
    if not any(line.stage in OPEN for line in lines):
        return list(_of_cancelling(order)) if any(line.stage in IN_WORK for line in lines) else []
    return [
        *_of_cancelling(order),
        *by_hand(order),
        *_of_tiktok(order, now),
        *_of_lines([line for line in lines if line.stage in OPEN], decisions, store),
        *_of_wishes(order, [line for line in lines if line.stage in OPEN and line.personalised], wished),
        *_of_samples(order, store),
        *_of_way_out(order, store, takes_labels),
    ]


def after_release(order: Order, lines: Sequence[Line], changes: Sequence[Change]) -> Due | None:
    """What must be decided because the order changed while it is in work, or was cancelled out of it."""
    in_work = any(line.stage in IN_WORK for line in lines)
    told = [one for one in changes if one.given and (in_work or one.what not in OF_RECIPIENT)]
    if not told and (changes or not in_work):
        return None
    what = " and ".join([one.sentence for one in told] or ["the recipient or the way of shipping changed"])
    choice = "Decide whether it is stopped, continues as it is, or is made anew." if in_work else STOP
    sentence = f"{what[:1].upper()}{what[1:]} after the order went to production. {choice}"
    return decision(order, sentence, f"gcw orders decide {order.order_id}")


def decision(order: Order, sentence: str, command: str = "") -> Due:
    """Something that only a person can decide; the command says that it was, and that the order goes on."""
    return Due(HoldReason.NEEDS_DECISION, sentence, command or f"gcw orders release {order.order_id} --yes")


def _of_cancelling(order: Order) -> Iterator[Due]:
    if order.cancel_requested:
        yield Due(
            HoldReason.CANCEL_REQUESTED,
            "The buyer has asked to cancel.",
            f"gcw orders answer {order.order_id} approve",
        )


def _of_tiktok(order: Order, now: int) -> Iterator[Due]:
    if order.status == "UNPAID":
        yield Due(HoldReason.UNPAID, "The buyer has not paid yet.", LOOK_AGAIN)
    elif order.status == "ON_HOLD":
        why = "TikTok holds it while the buyer may still cancel freely."
        if order.starts_at:
            why = f"A pre-order: TikTok holds it until {times.shown(order.starts_at)}."
        yield Due(HoldReason.TIKTOK_ON_HOLD, why, LOOK_AGAIN)
    elif order.skips_hold and order.status in TO_MAKE:
        left = (order.paid_at or order.placed_at) + FREE_CANCEL_SECONDS - now
        if left > 0:
            sentence = (
                f"The buyer may still cancel freely for {times.span(left)}; TikTok does not hold this order for it."
            )
            yield Due(HoldReason.TIKTOK_ON_HOLD, sentence, "gcw orders release, later")


def _of_lines(lines: Sequence[Line], decisions: Mapping[str, Decision], store: Store) -> Iterator[Due]:
    undecided = sorted({line.seller_sku or line.sku_id for line in lines if line.sku_id not in decisions})
    if undecided:
        sentence = f"Not connected: {', '.join(undecided)}."
        yield Due(
            HoldReason.NOT_CONNECTED, sentence, f'gcw products connect "{store.name}" {undecided[0]} UID --design FILE'
        )


def _of_wishes(order: Order, lines: Sequence[Line], wished: Wished) -> Iterator[Due]:
    if any(line.line_id not in wished.known for line in lines):
        sentence = "The buyer personalised it, and TikTok has not shown what is wanted."
        yield Due(HoldReason.DESIGN_PROBLEM, sentence, LOOK_AGAIN)
    waiting = sum(line.line_id in wished.known - wished.approved for line in lines)
    if waiting:
        sentence = f"The buyer personalised it: look at what is wanted on {waiting} of its units, and approve it."
        yield Due(HoldReason.DESIGN_PROBLEM, sentence, f"gcw orders approve {order.order_id}")


def by_hand(order: Order) -> Iterator[Due]:
    """The hold that an operator has put on it."""
    if order.held_why is not None:
        sentence = f"Held by hand: {order.held_why}"
        yield Due(HoldReason.MANUAL, sentence, f"gcw orders release {order.order_id} --yes")


def _of_samples(order: Order, store: Store) -> Iterator[Due]:
    if order.kind == OrderKind.SAMPLE and store.samples == SamplePolicy.HOLD and not order.approved:
        sentence = (
            "It is a free sample for a creator, and somebody decides about each: release it, or settle it for all "
            f'with `gcw store edit "{store.name}" --samples make` or `ignore`.'
        )
        yield Due(HoldReason.SAMPLE_POLICY, sentence, f"gcw orders release {order.order_id} --yes")


def _of_way_out(order: Order, store: Store, takes_labels: bool) -> Iterator[Due]:
    anyway = f"gcw orders release {order.order_id} --yes"
    if order.shipping_type == SELLER or not order.shipping_type:
        # TikTok hides the address of an order that is on hold; that resolves itself.
        if order.status in TO_MAKE and not order.recipient_known:
            yield Due(HoldReason.ADDRESS_MISSING, "TikTok shows no complete address.", "gcw orders pull")
    elif order.shipping_type == TIKTOK:
        if not (takes_labels or order.approved):
            yield Due(HoldReason.MANUAL, NO_WAY_FOR_LABELS, anyway)
    else:
        yield Due(HoldReason.MANUAL, f"gcw cannot ship orders of the kind {order.shipping_type}.", "Use Seller Center")
    if order.placed_at < store.connected_at and not order.approved:
        sentence = "It was placed before the store was connected; somebody else may have made it."
        yield Due(HoldReason.MANUAL, sentence, anyway)
