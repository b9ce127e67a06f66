"""What is sent a second time is printed a second time: a replacement is an order of its own."""

import pytest

from orders.shop import NUMBER, Shop

DAY, HOUR = 86_400, 3_600


@pytest.mark.parametrize("kind", ["REPLACEMENT", "EXCHANGE"])
def test_a_replacement_is_printed_like_any_order_after_its_hour(shop: Shop, kind: str) -> None:
    first = shop.ready(2)
    shop.gcw("orders", "release")
    shop.gcw("orders", "ship", first, "--carrier", "USPS", "--tracking", NUMBER)
    shop.do(first, "deliver")
    asked = shop.do(first, "request-return", type=kind)
    shop.advance(DAY)  # nobody answers, so the platform grants it
    (request,) = shop.sandbox.control("GET", "state?parts=returns")["returns"]
    assert (request["id"], request["status"]) == (asked["return_id"], f"{kind}_REQUEST_COMPLETE")
    again = request["new_order_id"]
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release")
    assert f"TTS-{again}" not in shop.folders()  # it skipped the hold, so the buyer may still change their mind
    shop.advance(HOUR)
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release")
    assert len(shop.document(again)["items"]) == 2
    assert shop.stage(again) != shop.stage(first)
