"""What it takes to work on a store's orders, here and at TikTok."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Store
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.production import stopping
from gcw_tiktok.workflow.production.stopping import CancelThere


@dataclass(frozen=True)
class Means:
    """The database, the store with its client at TikTok, and who does it when."""

    database: Database
    client: Client
    seal: Seal
    store: Store
    act: Act
    cancel_there: CancelThere = stopping.by_hand
    """Tells a connector of what is cancelled."""

    def desk(self, session: Session, order_ids: Sequence[str]) -> Desk:
        """These orders, to be worked on by TikTok's newest time."""
        store, now = session.get_one(Store, self.store.id), tiktok_time(self.client, self.act)
        desk = Desk(session, store, self.seal, self.act, now)
        desk.load(order_ids)
        return desk
