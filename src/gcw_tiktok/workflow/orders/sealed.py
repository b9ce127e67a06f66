"""What is kept sealed of an order: its recipient, and what the buyer personalised."""

import json
from typing import Any

from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Order, Store

Wish = dict[str, str]


def kept(seal: Seal, store: Store, order: Order) -> dict[str, object]:
    """All of it, the stale as well; empty where nothing is kept."""
    if order.sealed_recipient is None:
        return {}
    plain = seal.open(order.sealed_recipient, f"recipient {store.shop_id}/{order.order_id}")
    found: dict[str, object] = json.loads(plain)
    return found


def wishes(seal: Seal, store: Store, order: Order) -> dict[str, Wish]:
    """By line id: TikTok's `id` of what the buyer personalised, and its `text` as it came."""
    found: Any = kept(seal, store, order).get("wishes", {})
    return dict(found)
