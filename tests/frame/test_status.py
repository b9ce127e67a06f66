"""gcw status: one screen about everything, without asking TikTok."""

import httpx
import pytest

from conftest import Gcw, Sandbox

STORE = "Paper Harbor Prints"
SKU = "POSTER-HARBOR-18X24-MATTE"
DAY = 86_400


class Nobody(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"status asked {request.url}")


def store(gcw: Gcw) -> dict[str, object]:
    before, gcw.transport = gcw.transport, Nobody()
    found: list[dict[str, object]] = gcw("status", "--json").json["stores"]
    gcw.transport = before
    return found[0]


def test_without_an_app_it_names_the_command_that_sets_it_up(home: object) -> None:
    error = Gcw(None).fails(3, "status", "--json").error
    assert (error["code"], error["hint"]) == ("setup", "Run `gcw app configure`.")


def test_what_to_do_first(gcw: Gcw, tmp_path: object) -> None:
    assert gcw("status").stderr == "No store is connected yet. Next: gcw customer add NAME --storefronts\n"
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    assert "gcw facility add NAME --hand-off folder:PATH" in gcw("status").stderr
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path}")
    assert "gcw store connect --customer NAME --facility NAME" in gcw("status").stderr
    assert gcw("status", "--json").json["next"] == "gcw store connect --customer NAME --facility NAME"


def test_a_store_with_its_orders_and_its_permission(connected: Gcw, sandbox: Sandbox) -> None:
    assert store(connected)["pulled_at"] == ""
    sandbox.order(SKU)
    connected("orders", "pull")
    connected.offset += 60
    told = store(connected)
    assert (told["name"], told["status"], told["customer"], told["facility"]) == (
        STORE, "connected", "Paper Harbor", "Main floor",
    )  # fmt: skip
    assert told["orders"] == {"ready": 0, "held": 1, "set_aside": 0, "at_work": 0}
    assert (told["token_days"], told["permission_days"]) == (6, 364)
    assert told["pulled_at"]
    assert told["synced_at"]
    shown = connected("status")
    assert "1 held" in shown.stdout
    assert "364 d" in shown.stdout
    assert "gcw orders list --held" in shown.stderr


def test_what_is_ready_and_what_is_at_work(connected: Gcw, sandbox: Sandbox, tmp_path: object) -> None:
    from conftest import EXAMPLES
    from orders.shop import UID

    poster = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
    connected("products", "connect", "Paper Harbor", SKU, UID, "--design", str(poster))
    first = sandbox.ready_order(SKU)
    sandbox.ready_order(SKU)
    connected("orders", "pull")
    assert store(connected)["orders"] == {"ready": 2, "held": 0, "set_aside": 0, "at_work": 0}
    connected("orders", "release", first)
    assert store(connected)["orders"] == {"ready": 1, "held": 0, "set_aside": 0, "at_work": 1}
    assert "1 ready: gcw orders release" in connected("status").stderr


def test_an_order_that_is_set_aside(connected: Gcw, sandbox: Sandbox) -> None:
    order_id = sandbox.order(SKU)
    with_bad_order = Bad(sandbox.transport, order_id)
    connected.transport = with_bad_order
    connected.fails(7, "orders", "pull")
    assert store(connected)["orders"]["set_aside"] == 1  # type: ignore[index]


class Bad(httpx.BaseTransport):
    """Leaves the lines out of one order."""

    def __init__(self, inner: httpx.BaseTransport, order_id: str) -> None:
        self._inner, self._order_id = inner, order_id

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if not request.url.path.endswith("/orders"):
            return response
        answer = httpx.Response(200, content=response.read()).json()
        answer["data"]["orders"] = [{"id": self._order_id, "line_items": "nonsense"}]
        return httpx.Response(200, json=answer, headers={"date": response.headers["date"]})


def test_a_limit_is_seen_from_another_process(connected: Gcw, sandbox: Sandbox) -> None:
    assert store(connected)["rate_limit"] == {"wait": 0, "requests_a_second": None, "refused_at": ""}
    sandbox.control("POST", "faults", {"match": "/orders/search", "kind": "rate_limit", "times": 1, "retry_after": 900})
    connected.fails(6, "orders", "pull")
    told = store(connected)["rate_limit"]
    assert 890 <= told["wait"] <= 900  # type: ignore[index]
    assert told["requests_a_second"] == 0.5  # type: ignore[index]
    assert "none for 15 min" in connected("status").stdout
    connected.offset += 1000
    assert "0.5/s since 17 min" in connected("status").stdout
    connected.offset += 3600
    assert store(connected)["rate_limit"]["requests_a_second"] is None  # type: ignore[index]


def test_a_permission_that_has_ended_names_the_command(connected: Gcw, sandbox: Sandbox) -> None:
    sandbox.world.authorizations.withdraw(sandbox.world.sellers[0])
    connected.fails(3, "orders", "pull")
    ran = connected("status")
    assert "reauthorize" in ran.stdout
    assert "gcw store connect --customer 'Paper Harbor' --facility 'Main floor'" in ran.stderr
    assert store(connected)["permission_days"] is None


@pytest.mark.parametrize(("offset", "side"), [(412, "ahead of"), (-412, "behind")])
def test_a_wrong_clock_is_told_until_it_is_right(offset: int, side: str, connected: Gcw, sandbox: Sandbox) -> None:
    connected.offset = offset
    ran = connected("orders", "pull")
    assert f"s {side} TikTok's; gcw corrects for it. Let the system set its clock." in ran.stderr
    assert f"s {side} TikTok's when it was asked last; gcw corrects for it" in connected("status").stdout
    assert abs(abs(connected("status", "--json").json["clock_behind"]) - 412) <= 2
    connected.offset = 1000
    sandbox.control("POST", "clock", {"advance": 1000})
    connected("orders", "pull")
    assert connected("status", "--json").json["clock_behind"] == 0


def test_a_lost_answer_waits_to_be_looked_at(connected: Gcw, sandbox: Sandbox) -> None:
    from conftest import EXAMPLES
    from orders.shop import NUMBER, UID

    poster = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
    connected("products", "connect", "Paper Harbor", SKU, UID, "--design", str(poster))
    order_id = sandbox.ready_order(SKU)
    connected("orders", "pull")
    connected("orders", "release")
    sandbox.control("POST", "faults", {"match": "/packages", "kind": "status", "status": 503})
    ship = ("orders", "ship", order_id, "--carrier", "USPS", "--tracking", NUMBER)
    connected.fails(6, *ship)
    assert [one["order"] for one in connected("status", "--json").json["unconfirmed"]["ship"]] == [order_id]
    assert f"tracking of order {order_id} is not sure" in connected("status").stderr
    sandbox.control("DELETE", "faults")
    connected(*ship)
    assert connected("status", "--json").json["unconfirmed"] == {"hand_off": [], "ship": []}
