"""Pages of operators: what waits for somebody is resolved there, and nobody else gets them."""

import re

import pytest

from gcw_tiktok.store.tables import SetAside
from orders.shop import OTHER_SKU, SKU, STORE
from portal.test_orders import connect, other, released, ship, taken_in
from portal.visit import Pages, Visitor

PAGES = ("/held", "/at-risk", "/cancellations", "/customers", "/facilities", "/health")


def holds(pages: Pages, order_id: str) -> list[str]:
    return [hold["reason"] for hold in pages.gcw("orders", "show", order_id, "--json").json["holds"]]


def stage(pages: Pages, order_id: str) -> str:
    return str(pages.gcw("orders", "show", order_id, "--json").json["stage"])


def do(pages: Pages, operator: Visitor, order_id: str, deed: str, **more: str) -> str:
    """What the order's page says once it is done."""
    operator.get(f"/orders/{order_id}")
    operator.post(f"/orders/{order_id}/do", deed=deed, **more)
    pages.done()
    operator.get(f"/orders/{order_id}")
    return operator.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_operators_is_not_there_for_a_customer(pages: Pages, path: str) -> None:
    pages.admin().get(path, status=404)
    operator = pages.operator()
    operator.get(path)
    assert "Operators" in operator.seen


def test_what_operators_do_is_not_there_for_a_customer(pages: Pages) -> None:
    connect(pages)
    order_id = taken_in(pages)
    admin = pages.admin()
    admin.get("/orders")
    assert 'href="/held"' not in admin.seen
    for path in ("do", "answer", "recipient"):
        admin.post(f"/orders/{order_id}/{path}", 404, deed="hold", why="no", say="approve")
    for path in ("/customers/1/storefronts", "/health/check"):
        admin.post(path, 404, switch="off")
    assert stage(pages, order_id) == "passed"
    eve = other(pages)
    eve.get("/orders")
    eve.post(f"/orders/{order_id}/cancel", 404, reason="seller_cancel_reason_out_of_stock")


def test_an_order_is_held_and_let_go_by_hand(pages: Pages) -> None:
    connect(pages)
    order_id = taken_in(pages)
    operator = pages.operator()
    assert "It is held until somebody lifts it." in do(pages, operator, order_id, "hold", why="Paper is out")
    assert holds(pages, order_id) == ["manual"]
    operator.get("/held?reason=manual")
    assert "Held by hand: Paper is out" in operator.text
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    assert "It waits for somebody to look at it." in admin.text
    assert "Paper is out" not in admin.text, "what operators write for each other"
    operator.get("/held")
    operator.post(f"/orders/{order_id}/do", deed="lift", back="held")
    assert holds(pages, order_id) == []


def test_a_hold_without_a_reason_is_refused(pages: Pages) -> None:
    connect(pages)
    order_id = taken_in(pages)
    operator = pages.operator()
    operator.get("/held")
    operator.post(f"/orders/{order_id}/do", 400, deed="hold", why=" ")
    assert "Write why" in operator.text
    operator.post(f"/orders/{order_id}/do", 404, deed="burn")


def test_an_order_is_released(pages: Pages) -> None:
    connect(pages)
    order_id = taken_in(pages)
    assert "It was handed to production." in do(pages, pages.operator(), order_id, "release")
    assert stage(pages, order_id) == "created"


def test_a_sample_is_released_all_the_same(pages: Pages) -> None:
    connect(pages)
    order_id = pages.sandbox.ready_order(SKU, is_sample_order=True)
    pages.gcw("orders", "pull")
    assert holds(pages, order_id) == ["sample_policy"]
    operator = pages.operator()
    operator.get("/held")
    assert "Release all the same" in operator.text
    do(pages, operator, order_id, "release_anyway")
    assert stage(pages, order_id) == "created"


@pytest.mark.parametrize(
    ("deed", "said", "then"),
    [
        ("continue", "What was released stays as it is.", "created"),
        ("stop", "It waits: release it again, or cancel it.", "received"),
        ("remake", "It was handed over anew.", "created"),
    ],
)
def test_what_changed_is_decided(pages: Pages, deed: str, said: str, then: str) -> None:
    connect(pages)
    order_id = released(pages)
    pages.sandbox.control("POST", f"orders/{order_id}/edit-address", {"line1": "7 Edited Quay", "line2": ""})
    pages.gcw("orders", "pull")
    assert holds(pages, order_id) == ["needs_decision"]
    operator = pages.operator()
    operator.get("/held?reason=needs_decision")
    assert "Make it anew" in operator.text
    assert said in do(pages, operator, order_id, deed)
    assert stage(pages, order_id) == then


def test_a_deed_that_fails_says_why(pages: Pages) -> None:
    order_id = taken_in(pages)
    said = do(pages, pages.operator(), order_id, "release")
    assert f"It stays: Not connected: {SKU}." in said


def test_what_failed_is_made_again(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    pages.gcw("orders", "advance", order_id, "--to", "failed")
    operator = pages.operator()
    operator.get("/held?reason=failed")
    assert "Have it made again" in operator.text
    assert "It is passed now." in do(pages, operator, order_id, "retry")


def test_what_the_buyer_personalised_is_looked_at_and_approved(pages: Pages) -> None:
    connect(pages)
    wish = {"surfaces": [{"external_surface_id": "front", "custom_areas": [
        {"external_area_id": "front/text", "area_type": "TEXT", "text_area": {"text": "Ada Lovelace"}},
    ]}]}  # fmt: skip
    order_id = pages.sandbox.order(lines=[{"seller_sku": SKU, "customization": wish}])
    pages.sandbox.control("POST", f"orders/{order_id}/end-hold", {})
    pages.gcw("orders", "pull")
    assert holds(pages, order_id) == ["design_problem"]
    operator = pages.operator()
    operator.get(f"/orders/{order_id}")
    assert "Ada Lovelace" not in operator.text
    operator.post(f"/orders/{order_id}/recipient", 200)
    assert "Ada Lovelace" in operator.text
    assert "recipient looked at" in [
        one["what"] for one in pages.gcw("orders", "show", order_id, "--json").json["history"]
    ]
    do(pages, operator, order_id, "approve")
    assert holds(pages, order_id) == []
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    assert "Ada Lovelace" not in admin.text
    assert "looked at" not in admin.text


def test_an_order_that_was_set_aside_is_tried_again(pages: Pages) -> None:
    connect(pages)
    order_id = pages.sandbox.ready_order(SKU)
    with pages.portal.database.session() as session:
        session.add(SetAside(store_id=1, order_id=order_id, reason="it cannot be read", since=pages.portal.now()))
    operator = pages.operator()
    operator.get("/held")
    assert "it cannot be read" in operator.text
    operator.post(f"/orders/{order_id}/do", deed="retry", back="held")
    pages.done()
    operator.get("/held")
    assert "it cannot be read" not in operator.text
    assert stage(pages, order_id) == "passed"
    eve = other(pages)
    eve.get("/orders")
    eve.post(f"/orders/{order_id}/cancel", 404)


def test_orders_at_risk_are_listed(pages: Pages) -> None:
    order_id = taken_in(pages)
    operator = pages.operator()
    operator.get("/at-risk?within=168")
    assert order_id in operator.text
    assert f"Not connected: {SKU}." in operator.text
    operator.get("/at-risk?within=nonsense")
    assert "Nothing is at risk" in operator.text


def asked_to_cancel(pages: Pages) -> str:
    """A released order whose buyer asks to cancel."""
    connect(pages)
    order_id = released(pages)
    pages.sandbox.control("POST", f"orders/{order_id}/request-cancel", {})
    pages.gcw("orders", "pull")
    return order_id


def test_a_request_to_cancel_shows_with_its_deadline_and_is_approved(pages: Pages) -> None:
    order_id = asked_to_cancel(pages)
    operator = pages.operator()
    operator.get("/cancellations")
    assert order_id in operator.text, "what the last pull has told shows at once"
    pages.done()
    operator.get("/cancellations")
    assert "Answer by" in operator.text
    assert "To be decided" in operator.text
    operator.post(f"/orders/{order_id}/answer", 200)
    assert "Approve although it is 1 created" in operator.text
    operator.post(f"/orders/{order_id}/answer", say="approve", anyway="yes", back="cancellations")
    pages.done()
    operator.get("/cancellations")
    assert order_id not in operator.text
    assert stage(pages, order_id) == "canceled"


def test_a_request_to_cancel_is_refused_with_a_reason_of_tiktoks(pages: Pages) -> None:
    order_id = asked_to_cancel(pages)
    operator = pages.operator()
    operator.get("/held")
    operator.post(f"/orders/{order_id}/answer", 200)
    reason = re.findall(r'name="reason" value="([^"]+)"', operator.seen)[0]
    operator.post(f"/orders/{order_id}/answer", say="refuse", reason=reason)
    pages.done()
    operator.get(f"/orders/{order_id}")
    assert "The request is refused." in operator.text
    assert stage(pages, order_id) == "created"


def test_what_is_in_production_is_approved_only_with_a_tick(pages: Pages) -> None:
    order_id = asked_to_cancel(pages)
    operator = pages.operator()
    operator.get("/held")
    operator.post(f"/orders/{order_id}/answer", say="approve")
    pages.done()
    operator.get(f"/orders/{order_id}")
    assert "1 created" in operator.text
    assert stage(pages, order_id) == "created"


def test_customers_are_listed_and_switched(pages: Pages) -> None:
    pages.admin()
    operator = pages.operator()
    operator.get("/customers")
    assert "1 active" in operator.text
    operator.post("/customers/1/storefronts", switch="off")
    assert pages.gcw("customer", "list", "--json").json[0]["storefronts"] is False
    operator.get("/customers")
    assert "Nobody of Paper Harbor may sign in any more" in operator.text
    operator.post("/customers/1/storefronts", switch="on")
    assert pages.gcw("customer", "list", "--json").json[0]["storefronts"] is True
    operator.post("/customers/99/storefronts", 404, switch="on")


def test_turning_storefronts_off_ends_the_sessions_of_its_people(pages: Pages) -> None:
    admin, operator = pages.admin(), pages.operator()
    operator.get("/customers")
    operator.post("/customers/1/storefronts", switch="off")
    assert "/sign-in" in admin.get("/orders", status=302).headers["Location"]


def test_facilities_tell_what_is_in_work(pages: Pages) -> None:
    connect(pages)
    released(pages)
    operator = pages.operator()
    operator.get("/facilities")
    assert "Main floor" in operator.text
    assert "Orders in work 1" in operator.text


def test_health_tells_of_every_store_and_checks_it_on_request(pages: Pages) -> None:
    taken_in(pages, OTHER_SKU)
    operator = pages.operator()
    operator.get("/health")
    assert STORE in operator.text
    assert "1 held" in operator.text
    operator.post("/health/check")
    pages.done()
    operator.get("/health")
    assert "app at TikTok" in operator.text
    assert "Well" in operator.text


def test_an_order_that_left_offers_nothing_more(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    ship(pages, order_id)
    operator = pages.operator()
    operator.get(f"/orders/{order_id}")
    assert "Cancel the order" not in operator.text
