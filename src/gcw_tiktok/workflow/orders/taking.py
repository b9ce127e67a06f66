"""One order as TikTok sent it, brought into ours."""

import json
from collections.abc import Mapping

from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK, OPEN
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.workflow.orders import changes, elsewhere, holds, kinds, reviewing, sealed, stages
from gcw_tiktok.workflow.orders.changes import Change
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.orders.sealed import Wish
from gcw_tiktok.workflow.production import stopping
from gcw_tiktok.workflow.trying import trials

STAGE_OF = {
    "AWAITING_COLLECTION": Stage.SHIPPED,
    "IN_TRANSIT": Stage.IN_TRANSIT,
    "DELIVERED": Stage.DELIVERED,
    "COMPLETED": Stage.DELIVERED,
    "CANCELLED": Stage.CANCELED,
}
"""TikTok's statuses that decide a line's stage; before shipping, the stage is ours to say."""


def take_in(desk: Desk, received: tiktok_orders.Received) -> str:
    """Stores one order as TikTok sent it: `new`, `changed`, or `same`. An older answer changes nothing."""
    told = received.order
    assert told is not None
    order = desk.orders.get(told.id) or _open(desk, told)
    new = not order.content
    if (told.update_time, desk.tiktok_now) < (order.updated_at, order.read_at):
        return "same"
    before, shipped_by = (order.status, order.content), order.shipping_type
    _copy_facts(desk, order, told)
    purged = is_purged(order)
    standing = elsewhere.seen(desk.lines_of(order)) if order.released_at else {}
    found = _copy_lines(desk, order, told)
    if not (purged and stages.is_over(desk.lines_of(order))):  # of what is over, nothing is kept once it was purged
        changed, plain = _copy_recipient(desk, order, told, received.wishes or {})
        found += changed
        order.sealed_raw = desk.seal.close(received.as_json, desk.purpose(order, "raw"))
        order.content = _content(desk, order, told, plain)
    found += [] if new else changes.of_shipping(shipped_by, order.shipping_type)
    if order.released_at and before[1] != order.content:
        reviewing.ask_for_decision(desk, order, found)
        stopping.note(desk, order)
    alarmed = elsewhere.notice(desk, order, standing)
    order.stage = stages.shown(desk.lines_of(order))
    if new:
        desk.note(order, "taken in", status=order.status)
        return "new"
    if before == (order.status, order.content):
        return "changed" if alarmed else "same"
    what = f"{order.status} at TikTok" if before[0] != order.status else "changed at TikTok"
    facts = {"changes": [one.facts() for one in found]} if found else {}
    desk.note(order, what, "; ".join(one.sentence for one in found), status=order.status, **facts)
    return "changed"


def is_purged(order: Order) -> bool:
    """Whether its recipient was known or could have been, and was forgotten."""
    return bool(order.content) and order.sealed_raw is None


def _open(desk: Desk, told: tiktok_orders.Order) -> Order:
    """A row for an order that is not known yet; its `content` is empty until it has been taken in."""
    return desk.open_order(
        order_id=told.id,
        status=told.status,
        test=trials.is_own(desk.session, desk.store, desk.act.now, told.id, told.buyer_message),
        placed_at=told.create_time,
        updated_at=told.update_time,
        read_at=desk.tiktok_now,
    )


def _copy_facts(desk: Desk, order: Order, told: tiktok_orders.Order) -> None:
    order.status = told.status
    order.order_type = told.order_type
    order.shipping_type = told.shipping_type
    order.fulfillment_type = told.fulfillment_type
    order.delivery_option_id = told.delivery_option_id
    order.skips_hold = not told.is_on_hold_order
    order.cancel_requested = told.is_buyer_request_cancel
    order.placed_at = told.create_time
    order.paid_at = told.paid_time
    order.updated_at = told.update_time
    order.read_at = desk.tiktok_now
    order.ship_by = told.ship_by
    kinds.fill(order, told)
    order.combine_group, order.combined = told.auto_combine_group_id, told.split_or_combine_tag


def _copy_recipient(
    desk: Desk, order: Order, told: tiktok_orders.Order, wished: Mapping[str, str]
) -> tuple[list[Change], bytes]:
    """A masked address never overwrites a clear one; but a change that we may not see makes ours stale. What changed
    comes back, and what is sealed now; what production has stays in it until a person has decided about it."""
    plain = sealed.plain(desk.seal, desk.store, order)
    kept = sealed.read(plain)
    before, was_known = dict(kept), order.recipient_known
    personal = _wishes(kept.get("wishes", {}), told, wished)
    address = told.recipient_address
    if address is not None and not address.is_masked:
        kept = {"address": address.model_dump(), "message": told.buyer_message}
        order.recipient_known = True
    elif told.has_updated_recipient_address:
        order.recipient_known = False
    if told.buyer_message:
        kept["message"] = told.buyer_message
    if personal:
        kept["wishes"] = personal
    else:
        kept.pop("wishes", None)
    hidden = was_known and not order.recipient_known
    found = list(changes.of_recipient(before, kept, hidden=hidden))
    in_work = any(line.stage in IN_WORK for line in desk.lines_of(order))
    if in_work and any(one.what in ("address", "message") for one in found):
        kept.setdefault(sealed.GIVEN, {name: before.get(name) for name in ("address", "message")})
    elif not in_work:
        kept.pop(sealed.GIVEN, None)
    if kept != before:
        plain = sealed.written(kept)
        order.sealed_recipient = desk.seal.close(plain, desk.purpose(order, "recipient"))
    return found, plain


def _wishes(known: dict[str, Wish], told: tiktok_orders.Order, wished: Mapping[str, str]) -> dict[str, Wish]:
    """What each personalised line is to show: as told now, else as it was told before under the same id."""
    kept = {}
    for line in told.line_items:
        before = known.get(line.id, {})
        if line.id in wished:
            kept[line.id] = {"id": line.pod_info_id, "text": wished[line.id]}
        elif before and before["id"] == line.pod_info_id:
            kept[line.id] = before
    return kept


def _copy_lines(desk: Desk, order: Order, told: tiktok_orders.Order) -> list[Change]:
    """Writes the lines; what changed comes back."""
    known = {line.line_id: line for line in desk.lines_of(order)}
    found: list[Change] = []
    aside: list[Change] = []
    for sent in told.line_items:
        line = known.get(sent.id)
        if line is None:
            line = desk.add_line(order, line_id=sent.id, sku_id=sent.sku_id)
        was, before = line.stage, (line.sku_id, line.seller_sku or line.sku_id)
        _copy_line(line, sent, told.status, told.shipping_type)
        if sent.id not in known:
            found += [changes.added(line)] if known else []
        elif line.sku_id != before[0]:
            found.append(changes.variant(line, before[1], given=was in IN_WORK))
        left_out = line.stage != was == Stage.RECEIVED and line.ignored_id is not None
        gone = _gone(line, was, left_out=left_out)
        if gone and (known or gone.what == "cancelled"):
            (aside if left_out else found).append(gone)
    return found + (aside if any(line.stage in IN_WORK for line in known.values()) else [])


def _gone(line: Line, was: Stage, *, left_out: bool) -> Change | None:
    """That it is not to be made here any more. What is `left_out` somebody else makes, and sends."""
    if line.stage == Stage.CANCELED and left_out:
        return changes.gone(line, "a unit that is not made here was cancelled", "cancelled")
    if line.stage == Stage.CANCELED and was in IN_WORK:
        return changes.gone(line, "{} was cancelled", "cancelled")
    if line.stage in GONE_OUT and was in OPEN and not left_out:
        return changes.gone(line, "{} was shipped outside gcw", "shipped")
    return None


def _copy_line(line: Line, sent: tiktok_orders.Line, order_status: str, shipping_type: str) -> None:
    line.product_id, line.sku_id, line.seller_sku = sent.product_id, sent.sku_id, sent.seller_sku
    line.product_name, line.sku_name = sent.product_name, sent.sku_name
    line.status = sent.display_status
    line.gift = sent.is_gift
    line.personalised = sent.is_pod_customized
    line.package_id, line.tracking_number = sent.package_id, sent.tracking_number
    line.carrier = sent.shipping_provider_name
    told = STAGE_OF.get(order_status) if order_status == tiktok_orders.CANCELLED else STAGE_OF.get(sent.display_status)
    if told is None and sent.tracking_number and sent.package_id:
        told = Stage.SHIPPED
    told = told or (STAGE_OF.get(order_status) if not sent.display_status else None)
    if told == Stage.SHIPPED and shipping_type == holds.TIKTOK and line.connection_id is not None:
        return  # its label is bought, and it is made here: it has left when the carrier has it
    if told is not None and told in NEXT[line.stage]:
        line.stage = told


def _content(desk: Desk, order: Order, told: tiktok_orders.Order, plain: bytes) -> str:
    """Everything that decides what is printed and where it goes, as a keyed hash. `plain` is what is sealed."""
    lines = sorted(
        (one.id, one.sku_id, one.is_cancelled or told.status == tiktok_orders.CANCELLED, one.pod_info_id)
        for one in told.line_items
    )
    facts = [lines, told.shipping_type, told.fulfillment_type, order.recipient_known]
    return desk.seal.mark(json.dumps(facts).encode() + sealed.of_now(plain))


def recipient(seal: Seal, store: Store, order: Order) -> dict[str, object]:
    """The unsealed recipient: the buyer's `message`, and the `address` as TikTok sent it unless it is stale."""
    kept = sealed.kept(seal, store, order)
    return kept if order.recipient_known else {"message": kept.get("message", "")}
