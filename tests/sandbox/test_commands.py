"""What a trainer types: `gcw sandbox …`, against a sandbox in process."""

import json
from pathlib import Path

import httpx

from conftest import SANDBOX, Gcw, Sandbox
from gcw_tiktok.sandbox import server
from gcw_tiktok.sandbox.faults import KINDS

POSTER = "POSTER-HARBOR-18X24-MATTE"
ORDERS = "ORDER_STATUS_CHANGE"


LENGTHS = {"61m": 3_660, "90": 90, "45s": 45, "3h": 10_800, "2d": 172_800, "1d12h": 129_600, "1d1h1s": 90_001}


def test_the_clock_moves_by_any_length(gcw: Gcw, sandbox: Sandbox) -> None:
    ahead = 0
    for length, seconds in LENGTHS.items():
        ahead += seconds
        told = gcw("sandbox", "clock", "advance", length, "--json").json
        assert (told["ahead"], told["now"]) == (ahead, sandbox.world.now())
    assert gcw("sandbox", "clock", "show", "--json").json["ahead"] == ahead


def test_the_clock_moves_to_a_moment_but_never_back(gcw: Gcw, sandbox: Sandbox) -> None:
    assert gcw("sandbox", "clock", "advance", "--to", "2028-11-28T09:00", "--json").json["utc"] == "2028-11-28 09:00Z"
    told = gcw("sandbox", "clock", "advance", "--to", "2028-11-28T09:00-08:00").stdout
    assert "2028-11-28 17:00Z" in told
    assert "forward" in gcw.fails(4, "sandbox", "clock", "advance", "--to", "2028-11-28T09:00").stderr


def test_what_is_no_length_of_time(gcw: Gcw) -> None:
    for length in ("soon", "1.5h", "5m1d", "m", "1w"):
        assert "no length of time" in gcw.fails(4, "sandbox", "clock", "advance", length).stderr
    assert gcw.fails(2, "sandbox", "clock", "advance").stderr
    assert gcw.fails(2, "sandbox", "clock", "advance", "-5m").stderr
    assert gcw.fails(2, "sandbox", "clock", "advance", "5m", "--to", "2028-11-28").stderr
    assert "no moment" in gcw.fails(4, "sandbox", "clock", "advance", "--to", "tomorrow").stderr


def test_orders_of_every_sort(gcw: Gcw, sandbox: Sandbox) -> None:
    def buy(*words: str) -> list[dict[str, object]]:
        placed = gcw("sandbox", "order", "--sku", POSTER, *words, "--json").json
        return [sandbox.orders()[order_id] for order_id in placed["order_ids"]]

    (order,) = buy("--quantity", "2", "--tiktok-shipping", "--message", "For Ada")
    assert (order["status"], order["shipping_type"], order["buyer_message"]) == ("ON_HOLD", "TIKTOK", "For Ada")
    assert len(order["line_items"]) == 2  # type: ignore[arg-type]
    assert [each["status"] for each in buy("--ready", "--count", "3")] == ["AWAITING_SHIPMENT"] * 3
    assert buy("--unpaid")[0]["status"] == "UNPAID"
    assert buy("--sample")[0]["is_sample_order"] is True
    personal = buy("--personal", "Name=Ada", "--personal", "Photo=https://example.com/ada.png")[0]
    assert personal["line_items"][0]["is_pod_customized"] is True  # type: ignore[index]
    assert "names its area" in gcw.fails(4, "sandbox", "order", "--sku", POSTER, "--personal", "Ada").stderr
    assert gcw.fails(2, "sandbox", "order", "--sku", POSTER, "--ready", "--unpaid").stderr
    assert gcw.fails(4, "sandbox", "order", "--sku", POSTER, "--sku", POSTER, "--quantity", "1").stderr
    assert "NOTHING" in gcw.fails(4, "sandbox", "order", "--sku", "NOTHING").stderr


def test_an_order_in_a_named_shop(gcw: Gcw, sandbox: Sandbox) -> None:
    shop = next(each for each in sandbox.world.shops() if each.name == "Tidewater Goods")
    sku = next(iter(shop.products)).skus[0].seller_sku
    for name in (shop.id, shop.code, shop.name):
        placed = gcw("sandbox", "order", "--sku", sku, "--shop", name, "--json").json
        assert sandbox.orders()[placed["order_id"]]["shop_id"] == shop.id
    assert "no shop" in gcw.fails(4, "sandbox", "order", "--sku", sku, "--shop", "Nobody").stderr


def test_faults_are_added_listed_and_cleared(gcw: Gcw, sandbox: Sandbox) -> None:
    made = gcw("sandbox", "faults", "add", "reset_after", "--match", "POST /order", "--times", "2", "--json").json
    assert made["does"].startswith("cuts the connection after")
    options = (
        "--rate",
        "0.5",
        "--seed",
        "4",
        "--status",
        "500",
        "--shop",
        "Thames Prints",
        "--code",
        "7",
        "--message",
        "No",
    )
    gcw("sandbox", "faults", "add", "slow", *options, "--retry-after", "9", "--seconds", "0.5")
    listed = gcw("sandbox", "faults", "list", "--json").json
    assert [(each["kind"], each["times"], each["rate"]) for each in listed] == [
        ("reset_after", 2, 1),
        ("slow", None, 0.5),
    ]
    assert (listed[1]["status"], listed[1]["code"], listed[1]["retry_after"]) == (500, 7, 9)
    assert sandbox.world.shop(listed[1]["shop_id"]).name == "Thames Prints"  # type: ignore[union-attr]
    assert "no shop" in gcw.fails(4, "sandbox", "faults", "add", "slow", "--shop", "Nobody").stderr
    assert "reset_after" in gcw("sandbox", "faults", "list").stdout
    gcw("sandbox", "faults", "clear", str(made["id"]))
    assert "no fault" in gcw.fails(4, "sandbox", "faults", "clear", str(made["id"])).stderr
    assert len(gcw("sandbox", "faults", "list", "--json").json) == 1
    gcw("sandbox", "faults", "clear")
    assert gcw("sandbox", "faults", "list", "--json").json == []
    assert "faults add" in gcw("sandbox", "faults", "list").stderr
    assert gcw.fails(2, "sandbox", "faults", "add", "earthquake").stderr


def test_every_kind_of_fault_can_be_typed(gcw: Gcw) -> None:
    for kind in sorted(KINDS):
        assert gcw("sandbox", "faults", "add", kind, "--json").json["kind"] == kind


def test_a_saved_world_is_loaded_and_started_from(gcw: Gcw, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "lesson.json"
    order_id = sandbox.order(POSTER)
    gcw("sandbox", "clock", "advance", "10m")
    saved = gcw("sandbox", "save", str(file), "--json").json
    assert saved["bytes"] == file.stat().st_size
    sandbox.control("POST", "reset")
    assert sandbox.orders() == {}
    told = gcw("sandbox", "load", str(file), "--json").json
    assert told["now"] == saved["now"]
    assert set(sandbox.orders()) == {order_id}
    begun = server.opened(server.Wanted(world=json.loads(file.read_text())))
    assert [order.id for order in begun.world.orders] == [order_id]
    assert begun.world.app == sandbox.world.app


def test_files_that_are_no_saved_worlds_are_refused_in_words(gcw: Gcw, tmp_path: Path) -> None:
    file = tmp_path / "lesson.json"
    for content in ("", "[1]", "{", "[" * 100_000, '{"format": "gcw-sandbox", "version": 1}', "{}"):
        file.write_text(content)
        assert gcw.fails(4, "sandbox", "load", str(file)).stderr
        assert gcw.fails(4, "sandbox", "start", "--load", str(file), "--port", "0").stderr
    assert "cannot be read" in gcw.fails(4, "sandbox", "load", str(tmp_path / "none.json")).stderr
    assert "cannot be written" in gcw.fails(4, "sandbox", "save", str(tmp_path / "none" / "x.json")).stderr


def test_the_state_is_told_by_shop_and_in_full(gcw: Gcw, sandbox: Sandbox) -> None:
    shown = gcw("sandbox", "state").stdout
    assert "paper-harbor" in shown
    assert "Tidewater Goods" in shown
    assert set(gcw("sandbox", "state", "orders", "now", "--json").json) == {"orders", "now"}
    assert gcw.fails(2, "sandbox", "state", "orders").stderr


def test_the_journal_shows_the_newest_and_follows(gcw: Gcw, sandbox: Sandbox) -> None:
    with httpx.Client(transport=sandbox.transport, base_url=SANDBOX) as http:
        for number in range(5):
            http.get(f"/order/202309/orders/{number}")
        assert len(gcw("sandbox", "journal", "--last", "2", "--json").json) == 2
        assert gcw("sandbox", "journal", "--path", "orders/3", "--json").json[0]["path"].endswith("/3")

        naps: list[float] = []

        def nap(seconds: float) -> None:
            """The third one is cut short by Ctrl-C; a request comes during each of the others."""
            naps.append(seconds)
            if len(naps) % 3 == 0:
                raise KeyboardInterrupt
            http.get(f"/order/202309/orders/9{len(naps)}")

        gcw.sleep = nap
        ran = gcw.fails(130, "sandbox", "journal", "--follow", "--last", "1")
        assert [line.split()[2].rpartition("/")[2] for line in ran.stdout.splitlines()] == ["4", "91", "92"]
        ran = gcw.fails(130, "sandbox", "journal", "--follow", "--last", "1", "--json")
        assert [json.loads(line)["path"][-2:] for line in ran.stdout.splitlines()] == ["92", "94", "95"]


def test_webhooks_are_triggered_and_listed(gcw: Gcw, sandbox: Sandbox) -> None:
    assert "--webhook-url" in gcw("sandbox", "webhooks", "list").stderr
    world = sandbox.world
    code = sandbox.control("POST", "authorizations", {"seller": "paper-harbor"})["code"]
    world.authorizations.exchange(code, world.now())
    sandbox.control("POST", "app", {"webhook_url": "http://localhost:1/hook"})
    told = gcw("sandbox", "webhooks", "trigger", ORDERS, "--data", '{"order_id": "5"}', "--json").json
    assert (told["type"], told["data"]) == (1, {"order_id": "5"})
    assert gcw("sandbox", "webhooks", "trigger", "37", "--shop", "Paper Harbor Prints", "--json").json["type"] == 37
    listed = gcw("sandbox", "webhooks", "list", "--json").json
    assert (listed[0]["topic"], listed[0]["state"]) == (ORDERS, "waiting")
    assert "localhost:1/hook" in gcw("sandbox", "webhooks", "list").stdout
    assert "JSON" in gcw.fails(4, "sandbox", "webhooks", "trigger", ORDERS, "--data", "{").stderr
    assert "no topic" in gcw.fails(4, "sandbox", "webhooks", "trigger", "NEWS").stderr


def test_scenarios_are_listed_and_say_what_to_do(gcw: Gcw, sandbox: Sandbox) -> None:
    names = [each["name"] for each in gcw("sandbox", "scenario", "--list", "--json").json]
    assert "hold-then-cancel" in gcw("sandbox", "scenario", "--list").stdout
    told = gcw("sandbox", "scenario", names[0], "--sku", POSTER, "--json").json
    assert sandbox.orders()[told["ids"]["order_id"]]["line_items"][0]["seller_sku"] == POSTER
    ran = gcw("sandbox", "scenario", names[0], "--shop", "Tidewater Goods")
    assert "clock advance" in ran.stderr
    assert "order id" in ran.stdout
    assert "--list" in gcw.fails(2, "sandbox", "scenario").stderr
    assert "there are hold-then-cancel" in gcw.fails(4, "sandbox", "scenario", "earthquake").stderr
