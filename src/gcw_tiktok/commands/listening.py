"""What `gcw webhooks listen` does: shows events as they arrive and passes them on."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.commands.foreground import until_told
from gcw_tiktok.commands.options import act
from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.tiktok import webhooks as pushes
from gcw_tiktok.workflow import notifications, recording, stores, times, webhooks

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store

HOST = "127.0.0.1"
OURS_TO_SET = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "te"})
"""Headers that belong to the way of a request, not to what is sent."""
OK, NOT_TIKTOKS, NO_RECEIVER = 200, 401, 502


def listen(
    gcw: Runtime,
    names: Sequence[str],
    wanted: Sequence[str],
    *,
    forward_to: str,
    port: int,
    bodies: bool,
    as_json: bool,
) -> None:
    """Serves until it is told to stop."""
    from gcw_tiktok.web import receiver, serving

    topics = webhooks.topics(wanted)
    if forward_to:
        webhooks.must_be_web_address(forward_to)
    ear = Ear(gcw, forward_to, bodies=bodies, as_json=as_json)
    found = _stores(gcw, names)
    with until_told() as stop, serving.serving(receiver.relay(ear.hear), HOST, port) as base:
        address = base + receiver.PATH
        near = webhooks.is_near(gcw.app.api_url)
        with _registered(gcw, found, topics, address) if near else ExitStack():
            _say_ready(address, [store.name for store in found] if near else [], forward_to, as_json)
            stop.wait()


class Ear:
    """Hears events: checks each, passes it on, and tells of it in a line."""

    def __init__(self, gcw: Runtime, forward_to: str, *, bodies: bool, as_json: bool) -> None:
        self._app, self._http, self._forward_to = gcw.app, gcw.http, forward_to
        self._now, self._bodies, self._as_json = gcw.now, bodies, as_json
        self._printing = threading.Lock()
        with gcw.database.view() as session:
            self._names = notifications.store_names(session)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> int:
        """What TikTok is answered: what the program behind it says, so that TikTok repeats what it refused."""
        try:
            pushes.check(body, headers.get("Authorization", ""), self._app.key, self._app.secret)
        except Refused as error:
            with self._printing:
                output.warning(f"{error} It was answered {NOT_TIKTOKS} and not passed on.")
            return NOT_TIKTOKS
        start = time.perf_counter()
        status, why = self._pass_on(body, headers)
        took = round((time.perf_counter() - start) * 1000)
        with self._printing:
            self._tell(body, status, took, why)
        return status

    def _pass_on(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        if not self._forward_to:
            return OK, ""
        kept = {name: value for name, value in headers.items() if name.lower() not in OURS_TO_SET}
        try:
            status = pushes.deliver(self._http, self._forward_to, body, kept).status_code
            return status, "" if status == OK else f"TikTok wants {OK}, and will send it again."
        except TryAgain as error:
            return NO_RECEIVER, str(error)

    def _tell(self, body: bytes, status: int, took: int, why: str) -> None:
        try:
            push = pushes.parse(body)
        except BadInput as error:
            push, why = pushes.Notification(type=0), why or str(error)
        line: dict[str, Any] = {
            "at": times.iso(self._now()),
            "id": push.tts_notification_id,
            "topic": notifications.topic(push.type),
            "store": self._names.get(push.shop_id, push.shop_id),
            "about": recording.subjects(push),
        }
        line |= {"status": status, "ms": took} if self._forward_to else {}
        line |= {"why": why} if why else {}
        self._print(line, body)

    def _print(self, line: dict[str, Any], body: bytes) -> None:
        words = " ".join([line["at"][11:], line["topic"], line["store"], *line["about"]])
        words += f" -> {line['status']} ({line['ms']} ms)" if "status" in line else ""
        words += f" {line['why']}" if "why" in line else ""
        if self._as_json:
            output.line(line | ({"body": _readable(body)} if self._bodies else {}))
        elif self._bodies:
            output.note(words)
            output.line(_readable(body))
        else:
            output.text(words)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {"raw": body.decode(errors="replace")}


def _stores(gcw: Runtime, names: Sequence[str]) -> list["Store"]:
    with gcw.database.view() as session:
        return [stores.find_connected(session, name) for name in names] or stores.connected(session)


@contextmanager
def _registered(gcw: Runtime, found: Sequence["Store"], topics: Sequence[str], address: str) -> Iterator[None]:
    """The sandbox pushes to us until the block ends; then where it pushed before."""
    made: list[tuple[Store, list[webhooks.Change]]] = []
    try:
        for store in found:
            client = gcw.client_for(store)
            made.append(
                (store, webhooks.register(gcw.database, client, store, act(gcw), address, topics, dry_run=False))
            )
        yield
    finally:
        for store, changes in made:
            try:
                webhooks.put_back(gcw.client_for(store), changes)
            except GcwError as error:
                output.warning(f"{store.name} may still push to {address}: {error}")


def _say_ready(address: str, registered: Sequence[str], forward_to: str, as_json: bool) -> None:
    told = {"address": address, "forward_to": forward_to, "stores": list(registered)}
    if as_json:
        output.line(told)
        return
    output.note(f"Listening at {address}" + (f", passing on to {forward_to}." if forward_to else "."))
    if registered:
        output.note(f"Registered for {', '.join(registered)} until this ends. Ctrl-C ends it.")
    else:
        output.note(
            f"TikTok cannot reach this machine by itself: lead a public https address to {address}, "
            "and register that with `gcw webhooks register STORE --url URL`. Ctrl-C ends it."
        )
