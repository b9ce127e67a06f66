"""GelatoConnect's postbacks: nothing without the secret, kept before they are answered, each counted once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from conftest import Gcw
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import OutboxEntry
from gcw_tiktok.web import postbacks as pages
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.production import postbacks
from orders.shop import NUMBER, Shop

SECRET = "a-secret-that-nobody-guesses"
FLOOR = "Main floor"


class Letterbox:
    """What `gcw serve` answers, without its process."""

    def __init__(self, shop: Shop) -> None:
        self._gcw = Runtime(transport=shop.sandbox.transport)
        facility: dict[str, Any] = shop.gcw("facility", "postbacks", FLOOR, "--json", stdin=SECRET).json
        self.path = str(facility["path"])
        app = Flask("serve")
        app.register_blueprint(pages.postbacks(self._take))
        self.http: FlaskClient = app.test_client()

    def _take(self, facility: int, body: bytes, offered: Any) -> None:
        gcw = self._gcw
        postbacks.take(gcw.database, gcw.seal, gcw.vault, Act("gcw", 1), facility, body, offered)

    def post(self, told: Any, *, path: str = "", **headers: str) -> int:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()} or {"X-Gcw-Secret": SECRET}
        return self.http.post(path or self.path, data=body, headers=headers).status_code

    def says(self, order_id: str, status: str, **more: Any) -> int:
        return self.post({"orderReferenceId": f"TTS-{order_id}", "status": status, **more})

    def forget(self, now: int) -> None:
        postbacks.forget_old(self._gcw.database, now)

    def close(self) -> None:
        self._gcw.close()


@pytest.fixture
def letterbox(shop: Shop) -> Iterator[Letterbox]:
    found = Letterbox(shop)
    yield found
    found.close()


def kept(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    with shop.session() as session:
        return [
            (one.state, one.payload) for one in session.exec(select(OutboxEntry).where(OutboxEntry.kind == "postback"))
        ]


def test_what_is_posted_moves_the_order_once(either_shop: Shop) -> None:
    letterbox = Letterbox(either_shop)
    try:
        order_id = either_shop.released()
        assert letterbox.says(order_id, "printed") == 200
        assert either_shop.stage(order_id) == "created", "it is recorded first"
        assert letterbox.says(order_id, "printed") == 200
        assert [state for state, _ in kept(either_shop)] == ["written"]
        (row,) = either_shop.gcw("orders", "collect", "--json").json
        assert (row["order"], row["stage"], row["result"]) == (order_id, "printed", "moved")
        assert letterbox.says(order_id, "printed") == 200
        assert either_shop.gcw("orders", "collect", "--json").json == []
        assert kept(either_shop) == [("done", {"facility": 1})], "what came is kept no longer"
    finally:
        letterbox.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Gcw_Secret": SECRET},
        {"X_API_KEY": SECRET},
        {"Authorization": SECRET},
        {"Authorization": f"Bearer {SECRET}"},
    ],
)
def test_the_secret_comes_in_any_usual_header(shop: Shop, letterbox: Letterbox, headers: dict[str, str]) -> None:
    assert letterbox.post({"orderReferenceId": "TTS-1", "status": "printed"}, **headers) == 200


def test_or_last_in_the_address(letterbox: Letterbox) -> None:
    told = {"orderReferenceId": "TTS-1", "status": "printed"}
    assert letterbox.post(told, path=f"{letterbox.path}/{SECRET}", Accept="*/*") == 200
    assert letterbox.post(told, path=f"{letterbox.path}/{SECRET}x", Accept="*/*") == 401


@pytest.mark.parametrize("path", ["", "/postbacks/2", "/postbacks/99999999999999999999"])
@pytest.mark.parametrize("secret", ["", "another", SECRET[:-1], f"{SECRET}x", "é"])
def test_without_the_secret_nothing_is_kept(shop: Shop, letterbox: Letterbox, path: str, secret: str) -> None:
    told = {"orderReferenceId": "TTS-1", "status": "printed"}
    assert letterbox.post(told, path=path, X_Gcw_Secret=secret.encode().decode("latin-1")) == 401
    assert kept(shop) == []


def test_another_facilitys_secret_is_none(shop: Shop, letterbox: Letterbox, tmp_path: Path) -> None:
    shop.gcw("facility", "add", "Other", "--hand-off", f"folder:{tmp_path / 'other'}")
    assert letterbox.post({"orderReferenceId": "TTS-1", "status": "printed"}, path="/postbacks/2") == 401
    shop.gcw("facility", "postbacks", FLOOR, "--off")
    assert letterbox.says("1", "printed") == 401
    assert kept(shop) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<order/>", 400),
        (b"[]", 400),
        (b"[1]", 400),
        (b'{"status": "printed"}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"orderReferenceId": "TTS-1", "comment": "' + b"x" * postbacks.LARGEST + b'"}', 413),
    ],
)
def test_what_is_no_report_is_refused(shop: Shop, letterbox: Letterbox, body: bytes, status: int) -> None:
    assert letterbox.post(body) == status
    assert kept(shop) == []


@given(st.binary(max_size=300) | st.recursive(st.none() | st.text(max_size=9), st.lists, max_leaves=5).map(json.dumps))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_answered(letterbox: Letterbox, body: Any) -> None:
    assert letterbox.post(body if isinstance(body, bytes) else body.encode()) in (200, 400)


def test_gelatoconnects_own_words_are_understood(shop: Shop, letterbox: Letterbox) -> None:
    order_id = shop.released(2)
    first, second = shop.lines(order_id)
    package = {
        "customer": {"id": "c", "referenceId": "C-17"},
        "order": {"id": "gc-1", "referenceId": f"TTS-{order_id}", "metadata": []},
        "package": {"id": "p", "items": [{"id": "i", "quantity": 1, "referenceId": first}], "status": "packaged"},
        "shipment": {"tracking": {"code": NUMBER, "url": "https://example.com"}},
    }
    updated = {
        "event": "order_status_updated",
        "orderReferenceId": f"TTS-{order_id}",
        "fulfillmentStatus": "printed",
        "items": [
            {
                "itemReferenceId": second,
                "fulfillmentStatus": "shipped",
                "fulfillments": [{"trackingCode": NUMBER}],
            }
        ],
    }
    assert letterbox.post(package) == letterbox.post(updated) == 200
    rows = shop.gcw("orders", "collect", "--json").json
    assert [line["stage"] for line in shop.order(order_id)["lines"]] == ["packaged", "packaged"]
    assert NUMBER in rows[-1]["command"]


def test_what_cannot_be_so_is_told_and_closed(shop: Shop, letterbox: Letterbox) -> None:
    assert letterbox.says("577000000000000009", "printed") == 200
    ran = shop.gcw.fails(4, "orders", "collect", "--json")
    assert "was handed over here" in ran.error["message"]
    assert [state for state, _ in kept(shop)] == ["void"]
    assert shop.gcw("orders", "collect", "--json").json == []


def test_what_was_acted_on_long_ago_is_forgotten_and_what_waits_is_not(shop: Shop, letterbox: Letterbox) -> None:
    order_id = shop.released()
    letterbox.says(order_id, "printed")
    shop.gcw("orders", "collect")
    letterbox.says(order_id, "packaged")
    letterbox.forget(postbacks.KEPT_SECONDS - 60)
    assert [state for state, _ in kept(shop)] == ["done", "written"]
    letterbox.forget(postbacks.KEPT_SECONDS + 60)
    assert [state for state, _ in kept(shop)] == ["written"]


def test_what_is_kept_shows_nothing_of_what_came(shop: Shop, letterbox: Letterbox) -> None:
    letterbox.says("1", "printed", name="Ana Vale")
    ((state, payload),) = kept(shop)
    assert state == "written"
    assert "Ana" not in json.dumps(payload)
    database = (shop.home / "profiles" / "default" / "gcw.db").read_bytes()
    assert b"Ana Vale" not in database
    assert SECRET.encode() not in database


def test_many_at_once_are_kept_once(either_shop: Shop) -> None:
    letterbox = Letterbox(either_shop)
    try:
        order_id = either_shop.released()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: letterbox.says(order_id, "printed"), range(16)))
        assert set(answers) == {200}
        assert len(kept(either_shop)) == 1
    finally:
        letterbox.close()


def test_orders_are_known_by_the_places_that_the_facility_had(shop: Shop, letterbox: Letterbox, tmp_path: Path) -> None:
    order_id = shop.released()
    shop.gcw("facility", "edit", FLOOR, "--hand-off", f"folder:{tmp_path / 'new'}", "--yes")
    letterbox.says(order_id, "printed")
    shop.gcw("orders", "collect")
    assert shop.stage(order_id) == "printed"


def test_the_secret_is_shown_nowhere(gcw: Gcw, tmp_path: Path) -> None:
    gcw("facility", "add", FLOOR, "--hand-off", f"folder:{tmp_path / 'in'}")
    ran = gcw("facility", "postbacks", FLOOR, stdin=SECRET)
    told = ran.stdout + ran.stderr + gcw("facility", "show", FLOOR, "--json").stdout
    assert SECRET not in told
    assert "/postbacks/1" in told


def test_a_unit_that_is_not_made_takes_no_news_of_the_others_away(shop: Shop, letterbox: Letterbox) -> None:
    order_id = shop.released(2)
    first, second = sorted(shop.lines(order_id))
    shop.do(order_id, "cancel", line_ids=[first])
    shop.gcw("orders", "pull")
    items = [{"itemReferenceId": one, "status": "printed"} for one in (first, second)]
    assert letterbox.post({"orderReferenceId": f"TTS-{order_id}", "items": items}) == 200
    assert shop.gcw.run("orders", "collect").code == 7
    stages = {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]}
    assert stages == {first: "canceled", second: "printed"}
    with shop.session() as session:
        (state,) = session.exec(select(OutboxEntry.state).where(OutboxEntry.kind == "postback"))
    assert state == "void"
