"""gcw orders watch as a process of its own, beside others on the same database."""

import json
import signal
import time

from connecting.conftest import street as street
from webhooks.process import running
from webhooks.test_serve import Town
from webhooks.test_serve import either_town as either_town
from webhooks.test_serve import town as town


def test_a_webhook_that_another_process_recorded_is_told_at_once(either_town: Town) -> None:
    town = either_town
    with (
        running("serve", "--port", "0", "--poll", "0") as serve,
        running("orders", "watch", "--every", "3600") as watch,
    ):
        town.gcw("orders", "pull")
        order_id = town.order()
        assert serve.send(town.of_order(order_id), town.world.app).status_code == 200
        new = watch.until(event="new", order=order_id)
        assert (new["status"], new["store"]) == ("ON_HOLD", "Paper Harbor Prints")
        assert watch.until(event="held", order=order_id)["why"].startswith("tiktok_on_hold")
        watch.signal(signal.SIGINT)
        assert watch.ends() == 130


def test_what_other_processes_do_to_orders_is_told(either_town: Town) -> None:
    town = either_town
    order_id = town.order()
    with running("orders", "watch", "--every", "3600") as watch:
        watch.until(event="new", order=order_id)
        town.gcw("orders", "hold", order_id, "--why", "Paper is out")
        assert watch.until(order=order_id, event="held by hand")["who"]
        assert "Paper is out" in watch.until(order=order_id, event="held")["why"]
        town.control("POST", f"orders/{order_id}/end-hold", {})
        town.gcw("orders", "pull")
        assert watch.until(order=order_id, event="changed")["why"] == "AWAITING_SHIPMENT"


def test_ctrl_c_ends_it_at_once_while_tiktok_is_silent_and_the_next_run_does_the_rest(either_town: Town) -> None:
    town = either_town
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "0") as serve, town.world.lock:
        serve.send(town.of_order(order_id), town.world.app)
        town.waits_for_tiktok()
        serve.signal(signal.SIGKILL)
        serve.ends()
    with town.world.lock, running("orders", "watch", "--every", "1") as watch:
        began = time.monotonic()
        watch.signal(signal.SIGINT)
        assert watch.ends() == 130
        assert time.monotonic() - began < 5
        assert json.loads(watch.said.splitlines()[-1])["error"]["code"] == "interrupted"
        assert "Traceback" not in watch.said
    town.gcw("orders", "pull")
    assert town.stage(order_id) == "received"


def test_a_store_is_read_again_by_itself_once_its_owner_has_authorized_it_again(town: Town) -> None:
    with running("orders", "watch", "--every", "1") as watch:
        watch.until(event="new", order=town.order())
        with town.world.lock:
            town.world.authorizations.withdraw(town.world.sellers[0])
        trouble = watch.until(event="trouble")
        assert (trouble["store"], trouble["code"]) == ("Paper Harbor Prints", "not_authorized")
        order_id = town.order()
        town.gcw("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor")
        watch.until(event="new", order=order_id)
