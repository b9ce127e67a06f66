"""Webhooks at the door: what TikTok signed is kept, once and byte for byte; the rest is turned away; all in time."""

import gzip
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from conftest import Gcw, new_postgres_database
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Notification, NotificationState
from gcw_tiktok.tiktok.signing import sign_webhook
from gcw_tiktok.web import receiver as receivers
from gcw_tiktok.workflow import notifications, recording
from gcw_tiktok.workflow.recording import Recorder
from webhooks.pushes import Receiving, id_of, push, receiving

VECTORS = json.loads((Path(__file__).parent.parent / "tiktok" / "webhook_vectors.json").read_text())
ORDER = "576653688135258178"


@pytest.mark.parametrize("vector", VECTORS, ids=[one["name"] for one in VECTORS])
def test_what_tiktok_signed_is_kept_byte_for_byte(
    vector: dict[str, str], home: Path, gcw: Gcw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCW_TIKTOK_APP_KEY", vector["app_key"])
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", vector["app_secret"])
    runtime = Runtime()
    body = vector["body"].encode()
    with receiving(runtime) as place:
        answer = place.send(body, vector["expected_authorization"])
        assert (answer.status_code, answer.content) == (200, b"")
        (row,) = place.rows()
        assert notifications.raw(runtime.seal, row) == body
        assert (row.type, row.shop_id) == (json.loads(body)["type"], json.loads(body).get("shop_id", ""))
        assert row.state == NotificationState.RECORDED
        assert body not in row.sealed_raw


def test_a_delivery_that_comes_again_is_recorded_once(receiver: Receiving) -> None:
    body = push(1, "7495", order_id=ORDER)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(receiver.send, [body] * 24))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    assert [row.notification_id for row in receiver.rows()] == [id_of(body)]


def test_a_delivery_without_an_id_is_known_by_its_body(receiver: Receiving) -> None:
    body, other = (push(1, "7495", id="", order_id=order) for order in (ORDER, "5766"))
    for one in (body, other, body):
        receiver.sends(one)
    first, second = receiver.rows()
    assert first.notification_id.startswith("sha256:")
    assert first.notification_id != second.notification_id


def test_ids_beyond_53_bits_survive_as_numbers_and_as_text(receiver: Receiving) -> None:
    receiver.sends(push(5, "7495540735365777507", product_id=1729592969712207008))
    receiver.sends(b'{"type":1,"shop_id":7495540735365777507,"data":{"order_id":"576653688135258178"}}')
    assert [row.subjects for row in receiver.rows()] == [["product:1729592969712207008"], [f"order:{ORDER}"]]
    assert {row.shop_id for row in receiver.rows()} == {"7495540735365777507"}


@pytest.mark.parametrize("kind", [13, 27, 64, 68, 4711])
def test_topics_that_gcw_knows_nothing_of_are_kept_too(receiver: Receiving, kind: int) -> None:
    receiver.sends(push(kind, "7495", anything={"at": ["all"]}))
    assert [row.type for row in receiver.rows()] == [kind]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"type": {}}', b"[" * 100_000, b'{"type":1,"data":"none"}'],
    ids=["empty", "torn", "list", "text", "bytes", "no type", "deep", "no data"],
)
def test_what_tiktok_signed_and_nobody_can_read_is_kept_and_ignored(receiver: Receiving, body: bytes) -> None:
    receiver.sends(body)
    (row,) = receiver.rows()
    assert row.type == 0
    assert "webhook" in row.trouble


def test_what_tiktok_did_not_sign_is_turned_away(receiver: Receiving) -> None:
    body = push(1, "7495", order_id=ORDER)
    right = sign_webhook(receiver.key, receiver.secret, body)
    wrong = [
        (body, ""),
        (body, sign_webhook(receiver.key, "another secret", body)),
        (body, sign_webhook("another key", receiver.secret, body)),
        (body, right[:-1]),
        (body, f"Bearer {right}"),
        (body, "\N{LATIN SMALL LETTER E WITH ACUTE}" * 64),
        (body[:-1], right),
        (body.replace(b"576", b"577"), right),
        (body + b"\n", right),
        (gzip.compress(body), right),
    ]
    for sent, signature in wrong:
        answer = receiver.send(sent, signature.encode("latin-1"))
        assert (answer.status_code, answer.content) == (401, b"")
    assert httpx.post(receiver.address + receivers.PATH, content=body).status_code == 401
    assert receiver.rows() == []


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/json; charset=utf-8", "multipart/form-data"])
def test_whatever_the_body_is_called_it_is_read(receiver: Receiving, content_type: str) -> None:
    body = push(1, "7495", order_id=ORDER)
    assert receiver.send(body, **{"content-type": content_type}).status_code == 200
    assert len(receiver.rows()) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_posts_are_webhooks(receiver: Receiving, method: str) -> None:
    assert receiver.http.request(method, receiver.address + receivers.PATH).status_code == 405
    assert receiver.http.request(method, receiver.address + "/elsewhere").status_code == 404


@pytest.mark.parametrize("size", [receivers.LARGEST_BODY + 1, 3 << 20])
def test_a_huge_body_is_turned_away(receiver: Receiving, size: int) -> None:
    body = push(1, "7495", order_id=ORDER, more="x" * size)
    with suppress(httpx.TransportError):  # it may not even be read to its end
        assert receiver.send(body).status_code == 413
    assert receiver.rows() == []
    receiver.sends(push(1, "7495", order_id=ORDER, more="x" * (receivers.LARGEST_BODY - 1000)))


def test_a_body_that_comes_in_chunks_is_read(receiver: Receiving) -> None:
    body = push(1, "7495", order_id=ORDER)

    def chunks() -> Iterator[bytes]:
        yield body[:20]
        yield body[20:]

    headers = {"authorization": sign_webhook(receiver.key, receiver.secret, body)}
    assert httpx.post(receiver.address + receivers.PATH, content=chunks(), headers=headers).status_code == 200
    assert len(receiver.rows()) == 1


def test_it_says_that_it_lives_and_that_it_can_work(receiver: Receiving) -> None:
    assert httpx.get(f"{receiver.address}/healthz").status_code == 200
    assert httpx.get(f"{receiver.address}/readyz").status_code == 200


def timed(place: Receiving, bodies: list[bytes]) -> list[tuple[int, float]]:
    """Sends all of them at once: the answers, and after how many seconds they came."""

    def send(body: bytes) -> tuple[int, float]:
        start = time.monotonic()
        return place.send(body).status_code, time.monotonic() - start

    with ThreadPoolExecutor(60) as threads:
        return list(threads.map(send, bodies))


def test_while_sqlite_lets_nobody_in_webhooks_are_kept_beside_it(home: Path, app: None) -> None:
    with receiving(Runtime()) as place:
        bodies = [push(1, "7495", order_id=ORDER) for _ in range(60)]
        with place.database.session():
            answers = timed(place, bodies)
        assert {status for status, _ in answers} == {200}
        assert max(seconds for _, seconds in answers) < 3
        assert {row.notification_id for row in place.rows()} == {id_of(body) for body in bodies}


def test_while_postgresql_lets_nobody_in_all_are_told_in_time_to_send_again(
    home: Path, app: None, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCW_DATABASE_URL", new_postgres_database(postgres_server))
    with receiving(Runtime()) as place:
        bodies = [push(1, "7495", order_id=ORDER) for _ in range(60)]
        with place.database.engine.begin() as connection:
            connection.execute(text("LOCK TABLE notification"))
            answers = timed(place, bodies)
        assert {status for status, _ in answers} == {503}
        assert max(seconds for _, seconds in answers) < 3
        assert place.rows() == []
        for body in bodies[:3]:
            place.sends(body)
        assert len(place.rows()) == 3


def test_neither_bodies_nor_secrets_are_in_the_log(
    receiver: Receiving, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = push(14, "7495", content="Meet me at the harbour")
    receiver.sends(body)
    receiver.send(body, "wrong" * 8)
    receiver.send(body[:-5])
    said = caplog.text + "".join(capfd.readouterr())
    for secret in ("harbour", receiver.secret, sign_webhook(receiver.key, receiver.secret, body), "wrongwrong"):
        assert secret not in said


ids = st.one_of(st.text(), st.integers(), st.none(), st.integers(min_value=2**53, max_value=2**70))
members = st.dictionaries(st.sampled_from(["order_id", "product_id", "package_list", "x"]), st.recursive(ids, st.lists))
bodies = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(st.integers(), st.text(), st.none(), st.sampled_from([1, 4, 5, 6, 7])),
        "tts_notification_id": ids,
        "shop_id": ids,
        "seller_open_id": ids,
        "timestamp": st.one_of(st.integers(), st.text()),
        "data": st.one_of(members, st.none(), st.text()),
    },
)


@pytest.fixture
def recorder(home: Path, app: None) -> Iterator[Recorder]:
    runtime = Runtime()
    found = Recorder(runtime.profile.database_url, runtime.seal, runtime.app, runtime.clock)
    yield found
    found.close()
    runtime.close()


@given(st.one_of(st.binary(), bodies.map(lambda body: json.dumps(body).encode())))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_tiktok_signs_can_be_recorded(recorder: Recorder, body: bytes) -> None:
    app, database = recorder._app, recorder._patient
    assert recorder.take(body, sign_webhook(app.key, app.secret, body)) is None
    (receipt,) = recording.take_up(database, lambda: recorder._seal)
    with database.view() as session:
        key = receipt.notification.notification_id
        row = session.exec(select(Notification).where(Notification.notification_id == key)).one()
    if receipt.new:
        assert notifications.raw(recorder._seal, row) == body
    for subject in row.subjects:
        kind, _, number = subject.partition(":")
        assert kind in ("order", "product")
        assert number.isascii()
        assert number.isdigit()
