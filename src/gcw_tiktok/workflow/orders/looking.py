"""Shows a recipient to somebody who asks for it, and writes down that somebody did."""

from typing import Any

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Order
from gcw_tiktok.workflow import history, stores
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import sealed, taking, views, wishes
from gcw_tiktok.workflow.production import handoff

LOOKED_AT = "recipient looked at"


def recipient(database: Database, seal: Seal, act: Act, wanted: str) -> dict[str, Any]:
    """The address, as it is handed to production, and the buyer's message; what is not known is empty."""
    with database.session() as session:
        order: Order = views.find(session, wanted)
        known = taking.recipient(seal, stores.of_order(session, order), order)
        history.record(session, act, f"order:{order.order_id}", LOOKED_AT)
    return {"address": handoff.shipping_address(known.get("address")), "message": str(known.get("message", ""))}


def given(database: Database, seal: Seal, act: Act, wanted: str) -> dict[str, Any]:
    """The address and the message that production has, where they changed since, and those of now."""
    now = recipient(database, seal, act, wanted)
    with database.view() as session:
        order = views.find(session, wanted)
        kept = sealed.kept(seal, stores.of_order(session, order), order).get(sealed.GIVEN)
    before: dict[str, Any] = kept if isinstance(kept, dict) else {}
    if not before:
        return {}
    address = handoff.shipping_address(before.get("address"))
    return {
        "before": {"address": address, "message": str(before.get("message") or "")},
        "after": now,
    }


def personalised(database: Database, seal: Seal, wanted: str, *, in_full: bool) -> dict[str, list[dict[str, Any]]]:
    """By line id, what buyers personalised: print areas and how much is on them, and what only `in_full`."""
    with database.view() as session:
        order = views.find(session, wanted)
        known = wishes.of_order(seal, stores.of_order(session, order), order)
    return {line_id: wishes.shown(text, in_full=in_full) for line_id, text in known.items()}
