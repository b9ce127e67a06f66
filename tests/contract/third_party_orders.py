"""What the app asks about orders beside their status: prices, its own numbers, wishes, labels."""

import json
from importlib import import_module

from contract.third_party import App, model
from contract.third_party_shipping import order, ready_order


async def prices(app: App) -> None:
    order_id = ready_order(app, lines=[{"quantity": 2}])
    told = await app.say(app.shop.orders.get_order_price_details(order_id))
    assert told.payment == (await order(app, order_id)).payment.total_amount


async def own_numbers(app: App) -> None:
    orders, models = app.shop.orders, import_module("tiktok_shop_api.generated.models")
    order_id = ready_order(app)
    (unit,) = (await order(app, order_id)).line_items
    mine = {"id": "PSP-1", "platform": "SHOPIFY", "line_items": [{"id": "PSP-1-1", "origin_id": unit.id}]}
    wish = model("AddExternalOrderReferencesRequest", orders=[{"id": order_id, "external_order": mine}])
    assert not (await app.say(orders.add_external_order_references(body=wish))).errors
    platform = models.GetExternalOrderReferencesPlatform("SHOPIFY")
    kept = await app.say(orders.get_external_order_references(order_id, platform=platform))
    assert [each.id for each in kept.external_orders] == ["PSP-1"]
    there = models.SearchOrdersByExternalOrderReferencePlatform("SHOPIFY")
    search = orders.search_orders_by_external_order_reference(platform=there, external_order_id="PSP-1")
    assert [each.id for each in (await app.say(search)).orders] == [order_id]


async def wishes(app: App) -> None:
    order_id = ready_order(app, lines=[{"customization": {"name": "Ada"}}])
    (unit,) = (await order(app, order_id)).line_items
    keys = {"order_line_id": unit.id, "product_id": unit.product_id, "sku_id": unit.sku_id}
    body = {"main_order_id": order_id, "query_order_lines": [keys | {"pod_order_data_id": unit.pod_info_id}]}
    first = model("SearchPODCustomizationDetailsRequest", **body)
    (found,) = (await app.say(app.shop.orders.search_pod_customization_details(body=first))).pod_details
    second = model("GetPODCustomizationDetailsRequest", **body)
    (same,) = (await app.say(app.shop.fulfillment.get_pod_customization_details(body=second))).pod_details
    assert "Ada" in json.dumps(json.loads(found.pod_detail))
    assert same.pod_info_json == found.pod_detail


async def labels(app: App) -> None:
    fulfillment = app.shop.fulfillment
    wish = model("CreatePackagesRequest", ship_type="1", order_id=ready_order(app, shipping_type="TIKTOK"))
    bought = (await app.say(fulfillment.create_packages(body=wish))).package_id
    told = await app.say(fulfillment.get_package_shipping_document(bought, document_type="SHIPPING_LABEL"))
    assert app.http.get(told.doc_url).content.startswith(b"%PDF")


ORDERS = (prices, own_numbers, wishes, labels)
