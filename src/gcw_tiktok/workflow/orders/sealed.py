"""What is kept sealed of an order: its recipient, and what the buyer personalised."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Order, Store

Wish = dict[str, str]
GIVEN = "given"
"""Under this stands the address and the message that production has, where they changed since."""


def plain(seal: Seal, store: Store, order: Order) -> bytes:
    """All of it, the stale as well, as it was sealed; empty where nothing is kept."""
    if order.sealed_recipient is None:
        return b""
    return seal.open(order.sealed_recipient, f"recipient {store.shop_id}/{order.order_id}")


def read(plain: bytes) -> dict[str, Any]:
    """The same as it was before it was sealed."""
    return dict(json.loads(plain)) if plain else {}


def written(kept: Mapping[str, object]) -> bytes:
    """What is kept, as it is sealed."""
    try:
        return to_json(kept)
    except ValueError:  # half a character, which strict JSON cannot spell
        return json.dumps(kept).encode()


def kept(seal: Seal, store: Store, order: Order) -> dict[str, object]:
    """All of it, the stale as well; empty where nothing is kept."""
    return read(plain(seal, store, order))


def of_now(plain: bytes) -> bytes:
    """What is kept, without what production has that is no longer so."""
    if f'"{GIVEN}"'.encode() not in plain:
        return plain
    found: dict[str, object] = json.loads(plain)
    found.pop(GIVEN, None)
    return written(found)


def wishes(seal: Seal, store: Store, order: Order) -> dict[str, Wish]:
    """By line id: TikTok's `id` of what the buyer personalised, and its `text` as it came."""
    found: Any = kept(seal, store, order).get("wishes", {})
    return dict(found)
