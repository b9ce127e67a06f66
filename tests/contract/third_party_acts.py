"""What the app does in a day."""

from contract.third_party import App, model
from contract.third_party_listings import LISTINGS
from contract.third_party_orders import ORDERS
from contract.third_party_returns import RETURNS
from contract.third_party_shipping import SHIPPING, USPS


async def selling(app: App) -> None:
    shop = app.shop
    assert (await app.say(shop.seller.get_active_shops())).shops
    await app.say(shop.seller.get_global_product_permission())
    warehouses = (await app.say(shop.logistics.get_warehouse_list())).warehouses
    sales = next(each for each in warehouses if each.type_ == "SALES_WAREHOUSE")
    options = (await app.say(shop.logistics.get_warehouse_delivery_options(sales.id))).delivery_options
    by_type = {each.type_: each for each in options}
    carriers = await app.say(shop.logistics.get_shipping_providers(by_type["SEND_BY_SELLER"].id))
    assert USPS in {each.id for each in carriers.shipping_providers}


async def listings(app: App) -> None:
    wish = model("SearchProductsRequest", status="ALL")
    first = await app.say(app.shop.products.search_products(body=wish, page_size=5))
    more = app.shop.products.search_products(body=wish, page_size=5, page_token=first.next_page_token)
    second = await app.say(more)
    assert not {each.id for each in first.products} & {each.id for each in second.products}
    for product in first.products:
        assert (await app.say(app.shop.products.get_product(product.id))).title == product.title


async def orders(app: App) -> None:
    for _ in range(3):
        app.control("/orders", lines=[{"quantity": 2}])
    seen: list[str] = []
    token = ""
    while token or not seen:
        made = app.shop.orders.get_order_list(
            body=model("GetOrderListRequest", order_status="ON_HOLD"), page_size=2, page_token=token
        )
        page = await app.say(made)
        seen += [each.id for each in page.orders]
        token = page.next_page_token or ""
    assert len(seen) == len(set(seen)) == page.total_count
    detail = await app.say(app.shop.orders.get_order_detail(ids=seen[:50]))
    assert {each.id for each in detail.orders} == set(seen[:50])


async def events(app: App) -> None:
    hook = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://print.example/hook"}
    await app.say(app.shop.event.update_shop_webhook(body=model("UpdateShopWebhookRequest", **hook)))
    assert [each.address for each in (await app.say(app.shop.event.get_shop_webhooks())).webhooks] == [hook["address"]]
    gone = model("DeleteWebhookForAnEventRequest", event_type="ORDER_STATUS_CHANGE")
    await app.say(app.shop.event.delete_webhook_for_an_event(body=gone))


EVERYTHING = (selling, listings, *LISTINGS, orders, *ORDERS, *SHIPPING, *RETURNS, events)
