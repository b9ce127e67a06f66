"""What TikTok pushes, signed as it signs; and somebody who receives it."""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlmodel import col, select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Notification
from gcw_tiktok.tiktok.signing import sign_webhook
from gcw_tiktok.web import receiver
from gcw_tiktok.web.serving import serving
from gcw_tiktok.workflow import acting, alive, recording
from gcw_tiktok.workflow.acting import Means
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.recording import Recorder
from orders.killing import Killed
from orders.shop import Shop

NUMBERS = itertools.count(7380066284010030890)
Json = dict[str, Any]


def push(kind: int, shop_id: str = "", *, id: str | None = None, open_id: str = "", **data: Any) -> bytes:
    """A webhook's body as TikTok writes it; each has an id of its own."""
    body: Json = {"type": kind, "tts_notification_id": str(next(NUMBERS)) if id is None else id}
    body |= {"shop_id": shop_id} if shop_id else {}
    body |= {"seller_open_id": open_id} if open_id else {}
    return json.dumps(body | {"timestamp": 1795446000, "data": data}, separators=(",", ":")).encode()


def id_of(body: bytes) -> str:
    return str(json.loads(body)["tts_notification_id"])


@dataclass(frozen=True)
class Receiving:
    """A receiver that really listens."""

    address: str
    key: str
    secret: str
    database: Database
    seal: Seal
    http: httpx.Client

    def send(self, body: bytes, authorization: str | bytes | None = None, **headers: str) -> httpx.Response:
        """Posts as TikTok does; a signature that is given is taken instead of the right one."""
        signature = sign_webhook(self.key, self.secret, body) if authorization is None else authorization
        told: dict[str, Any] = {"content-type": "application/json", "authorization": signature, **headers}
        return self.http.post(self.address + receiver.PATH, content=body, headers=told)

    def sends(self, body: bytes) -> None:
        answer = self.send(body)
        assert (answer.status_code, answer.content) == (200, b"")

    def rows(self) -> list[Notification]:
        recording.take_up(self.database, lambda: self.seal)
        with self.database.view() as session:
            return list(session.exec(select(Notification).order_by(col(Notification.id))))


@contextmanager
def receiving(runtime: Runtime) -> Iterator[Receiving]:
    """gcw's receiver without the rest of `gcw serve`: what arrives is recorded and waits."""
    recorder = Recorder(runtime.profile.database_url, runtime.seal, runtime.app, runtime.clock)

    def take(body: bytes, authorization: str) -> None:
        recorder.take(body, authorization)

    try:
        with (
            serving(receiver.create_app(take, recorder.ready), "127.0.0.1", 0) as address,
            httpx.Client(verify=False, timeout=10) as http,  # without certificates, which take long to load
        ):
            yield Receiving(address, runtime.app.key, runtime.app.secret, runtime.database, runtime.seal, http)
    finally:
        recorder.close()
        runtime.close()


def runtime_of(shop: Shop) -> Runtime:
    """Another gcw on the same machine."""
    return Runtime(clock=shop.gcw.clock, sleep=shop.gcw.sleeps.append, transport=shop.sandbox.transport)


def received(shop: Shop, *bodies: bytes) -> list[str]:
    """Has them arrive at gcw's receiver; their ids."""
    with receiving(runtime_of(shop)) as place:
        for body in bodies:
            place.sends(body)
        place.rows()
    return [id_of(body) for body in bodies]


def event(shop: Shop, notification_id: str) -> Json:
    """What gcw says of one notification."""
    listed: list[Json] = shop.gcw("webhooks", "events", "--last", "1000", "--json").json
    (found,) = [one for one in listed if one["id"] == notification_id]
    return found


def shop_id(shop: Shop) -> str:
    found: str = shop.gcw("store", "list", "--json").json[0]["shop_id"]
    return found


def on_postgresql() -> bool:
    return os.environ.get("GCW_DATABASE_URL", "").startswith("postgresql")


@contextmanager
def standing(shop: Shop) -> Iterator[Means]:
    """A gcw that can act, as `gcw serve` does."""
    runtime = runtime_of(shop)
    running = runtime.profile.folder / "running"
    act = partial(Act, "gcw")
    try:
        with alive.sign(running) as holder:
            yield Means(runtime.database, runtime.seal, runtime.client_for, lambda: act(runtime.now()), running, holder)
    finally:
        runtime.close()


def killed_with_all_in_hand(shop: Shop) -> None:
    """A gcw takes what is due and is killed before it acts."""
    with suppress(Killed), standing(shop) as killed:
        (place,) = acting.waiting(killed)
        assert acting._take(killed, place, None)
        raise Killed
