"""What pages ask of orders, on each engine: the same answers."""

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import HoldReason, Person, Stage
from gcw_tiktok.workflow.orders import deadlines
from gcw_tiktok.workflow.storefronts import deeds, one_order, operators, orders, readings, sight
from gcw_tiktok.workflow.storefronts.orders import Wanted
from orders.shop import NUMBER, OTHER_SKU, SKU, STORE, Shop

WEEK = 7 * 86_400


def test_lists_and_queues_are_the_same_on_each_engine(either_shop: Shop) -> None:
    shop = either_shop
    gone, asked, waiting = shop.released(2), shop.released(), shop.ready(sku=OTHER_SKU)
    shop.gcw(*shop.ship(gone))
    shop.do(asked, "request-cancel")
    shop.gcw("orders", "pull")
    olive = Person(email="olive@printers.example", session_key="one", invited_at=0)
    database = Database(shop.database_url)
    now = int(shop.gcw.clock())
    with database.view() as session:

        def found(**wanted: object) -> list[str]:
            page = orders.page(session, olive, Wanted(**wanted))  # type: ignore[arg-type]
            assert page.total == len(page.rows)
            return [row.order_id for row in page.rows]

        assert found() == [waiting, asked, gone]
        assert found(search=SKU.lower()) == [asked, gone]
        assert found(search=NUMBER[4:]) == [gone]
        assert found(search=waiting[3:]) == [waiting]
        assert found(search="100%") == []
        assert found(stage=Stage.SHIPPED) == [gone]
        assert found(held=True) == [waiting, asked]
        assert found(since=now + WEEK) == []
        assert orders.page(session, olive, Wanted(search=SKU), 99).total == 2

        held = operators.held(session, "")
        assert {row.order.order_id for row in held.rows} == {asked, waiting}
        assert held.counts == {"cancel_requested": 1, "not_connected": 1}
        (row,) = operators.held(session, HoldReason.NOT_CONNECTED).rows
        assert [one.seller_sku for one in row.to_connect] == [OTHER_SKU]
        assert operators.held(session, "failed").rows == []
        assert [order.order_id for order, _ in operators.asked_to_cancel(session)] == [asked]
        (request,) = readings.queue(session, readings.last(session, readings.CANCELLATIONS), now)
        assert (request["order_id"], request["deadline"], request["proposal"]["answer"]) == (asked, None, "decide")
        assert {one.order_id for one in deadlines.due(session, now, WEEK)} == {asked, waiting}
        assert operators.all_customers(session)[0].stores[0].name.startswith(STORE)
        assert operators.all_facilities(session)[0].in_work == 1
        assert operators.health(session, now)["stores"][0]["orders"]["held"] == 2
        assert deeds.last(session, olive, [gone], now) == {}
        whole = one_order.whole(session, olive, *sight.order(session, olive, gone))
        assert [(one.count, one.stage) for one in whole.units] == [(2, Stage.SHIPPED)]
    lines = "".join(orders.spreadsheet(database, olive, Wanted())).splitlines()
    assert [line.split(",")[0] for line in lines] == ["order", waiting, asked, gone]
    database.close()
