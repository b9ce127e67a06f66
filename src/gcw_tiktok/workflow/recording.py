"""Takes webhooks in: checked, sealed and kept before TikTok is answered, and never slowly."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import SQLITE, Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Notification
from gcw_tiktok.tiktok import webhooks
from gcw_tiktok.workflow.inbox import Inbox
from gcw_tiktok.workflow.tokens import App

PATIENCE = 1.5
"""Seconds to wait for PostgreSQL: TikTok wants its answer within three."""
HURRY = 0.1
"""The same while it lets nobody in, so that those who come later do not wait behind others."""
AT_ONCE = 200
"""Webhooks that are taken out of the inbox in one transaction."""
LARGEST_TYPE, LARGEST_MOMENT = 2**31 - 1, 2**63 - 1
"""What the columns hold on both engines."""


@dataclass(frozen=True)
class Receipt:
    """What was recorded. `new` is False where TikTok sent it once more."""

    notification: Notification
    new: bool


class Recorder:
    """Keeps genuine webhooks: in PostgreSQL at once; beside SQLite in an inbox, from which `take_up` moves them."""

    def __init__(self, url: str, seal: Seal, app: App, clock: Callable[[], float]) -> None:
        self._seal, self._app, self._clock = seal, app, clock
        self._inbox = inbox(url)
        self._patient, self._hurried = Database(url, PATIENCE), Database(url, HURRY)
        self._stuck = False

    def take(self, body: bytes, authorization: str) -> Receipt | None:
        """Kept when this returns; None where it lies in the inbox. `Refused` where the signature is not
        TikTok's, `TryAgain` where it could not be kept: then TikTok sends it again."""
        webhooks.check(body, authorization, self._app.key, self._app.secret)
        if self._inbox:
            self._inbox.put(body, self._seal, self._clock())
            return None
        return self._insert(read(body, self._seal, int(self._clock())))

    def ready(self) -> None:
        """Fails where the database cannot be read."""
        with self._hurried.view() as session:
            session.exec(select(Notification.id).limit(1)).first()

    def close(self) -> None:
        self._patient.close()
        self._hurried.close()

    def _insert(self, row: Notification) -> Receipt:
        try:
            with (self._hurried if self._stuck else self._patient).session() as session:
                session.add(row)
        except IntegrityError:  # the database refuses a second one
            return Receipt(row, new=False)
        except TryAgain:
            self._stuck = True
            raise
        self._stuck = False
        return Receipt(row, new=True)


def inbox(url: str) -> Inbox | None:
    """The inbox beside an SQLite database."""
    return Inbox(Path(f"{url.removeprefix(SQLITE)}-webhooks")) if url.startswith(SQLITE) else None


def take_up(database: Database, seal: Callable[[], Seal]) -> list[Receipt]:
    """Moves what lies in the inbox into the database. Killed in between, it moves nothing twice."""
    found = inbox(database.url)
    if found is None or found.empty:
        return []
    receipts: list[Receipt] = []
    while letters := found.letters(seal(), AT_ONCE):
        rows = [read(letter.body, seal(), letter.received_at) for letter in letters]
        with database.session() as session:
            receipts += _add(session, rows)
        found.take_out(letters)
    return receipts


def _add(session: Session, rows: Sequence[Notification]) -> list[Receipt]:
    keys = [row.notification_id for row in rows]
    known = set(session.exec(select(Notification.notification_id).where(col(Notification.notification_id).in_(keys))))
    receipts = []
    for row in rows:
        new = row.notification_id not in known
        known.add(row.notification_id)
        if new:
            session.add(row)
        receipts.append(Receipt(row, new))
    return receipts


def read(body: bytes, seal: Seal, now: int) -> Notification:
    """The row for a genuine webhook, whatever is in it; what cannot be read is kept all the same."""
    try:
        push, trouble = webhooks.parse(body), ""
    except BadInput as error:
        push, trouble = webhooks.Notification(type=0), str(error)
    key = _word(push.tts_notification_id) or f"sha256:{hashlib.sha256(body).hexdigest()}"
    return Notification(
        notification_id=key,
        type=push.type if 0 <= push.type <= LARGEST_TYPE else 0,
        shop_id=_word(push.shop_id),
        open_id=_word(push.seller_open_id),
        subjects=subjects(push),
        pushed_at=push.timestamp if 0 < push.timestamp <= LARGEST_MOMENT else None,
        received_at=now,
        sealed_raw=seal.close(body, purpose(key)),
        trouble=trouble,
    )


def subjects(push: webhooks.Notification) -> list[str]:
    """What it speaks of, in the words of events."""
    found = [f"order:{order_id}" for order_id in push.order_ids]
    return [*found, f"product:{push.product_id}"] if push.product_id else found


def purpose(key: str) -> str:
    """What a sealed body is bound to."""
    return f"notification {key}"


def _word(text: str) -> str:
    """An id as TikTok writes them; anything else counts as none."""
    return text if text.isascii() and text.isprintable() and len(text) <= 128 else ""
