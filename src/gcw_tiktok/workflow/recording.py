"""Takes webhooks in: checked, sealed and stored before TikTok is answered, and never slowly."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Notification
from gcw_tiktok.tiktok import webhooks
from gcw_tiktok.workflow.tokens import App

PATIENCE = 1.2
"""Seconds to wait for one's turn, and as many for the database: TikTok wants its answer within three."""
HURRY = 0.1
"""The same while the database lets nobody in, so that those who come later do not wait behind others."""
LARGEST = 2**31 - 1
"""What a column of numbers holds on both engines."""


@dataclass(frozen=True)
class Receipt:
    """What was recorded. `new` is False where TikTok sent it once more."""

    notification: Notification
    new: bool


class Recorder:
    """Records genuine webhooks. Where the database stays busy it says so in time, and TikTok sends them again."""

    def __init__(self, url: str, seal: Seal, app: App, clock: Callable[[], float]) -> None:
        self._patient, self._hurried = Database(url, PATIENCE), Database(url, HURRY)
        self._one_by_one = self._patient.engine.dialect.name == "sqlite"
        self._seal, self._app, self._clock = seal, app, clock
        self._turn = threading.Lock()
        self._stuck = False

    def take(self, body: bytes, authorization: str) -> Receipt:
        """Recorded when this returns. `Refused` where the signature is not TikTok's, `TryAgain` where the
        database is busy for too long."""
        webhooks.check(body, authorization, self._app.key, self._app.secret)
        row = read(body, self._seal, int(self._clock()))
        with self._in_turn():
            try:
                new = _insert(self._hurried if self._stuck else self._patient, row)
            except TryAgain:
                self._stuck = True
                raise
            self._stuck = False
        return Receipt(row, new)

    def ready(self) -> None:
        """Fails where the database cannot be read."""
        with self._hurried.view() as session:
            session.exec(select(Notification.id).limit(1)).first()

    def close(self) -> None:
        self._patient.close()
        self._hurried.close()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """SQLite lets one writer in at a time and has no queue for the others; here is one."""
        if not self._one_by_one:
            yield
            return
        if not self._turn.acquire(timeout=HURRY if self._stuck else PATIENCE):
            raise TryAgain("Too many webhooks wait for the database.")
        try:
            yield
        finally:
            self._turn.release()


def read(body: bytes, seal: Seal, now: int) -> Notification:
    """The row for a genuine webhook, whatever is in it; what cannot be read is kept all the same."""
    try:
        push, trouble = webhooks.parse(body), ""
    except BadInput as error:
        push, trouble = webhooks.Notification(type=0), str(error)
    key = _word(push.tts_notification_id) or f"sha256:{hashlib.sha256(body).hexdigest()}"
    return Notification(
        notification_id=key,
        type=push.type if 0 <= push.type <= LARGEST else 0,
        shop_id=_word(push.shop_id),
        open_id=_word(push.seller_open_id),
        subjects=subjects(push),
        pushed_at=push.timestamp if 0 < push.timestamp <= LARGEST**2 else None,
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


def _insert(database: Database, row: Notification) -> bool:
    """Whether it is new; the database refuses a second one."""
    try:
        with database.session() as session:
            session.add(row)
    except IntegrityError:
        return False
    return True


def _word(text: str) -> str:
    """An id as TikTok writes them; anything else counts as none."""
    return text if text.isascii() and text.isprintable() and len(text) <= 128 else ""
