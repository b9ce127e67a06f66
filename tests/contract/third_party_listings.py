"""What the app does with listings: from the category to the deletion."""

import io
from importlib import import_module
from typing import Any

from contract.third_party import App, Json, model
from sandbox.sellers_desk import HALF_AN_HOUR, POSTERS, TEES, picture

V2 = "v2"


async def upload(app: App) -> str:
    file = import_module("tiktok_shop_api.generated.types").File(io.BytesIO(picture()), "front.png", "image/png")
    request = import_module("tiktok_shop_api.generated.models").UploadProductImageRequest(file)
    return str((await app.say(app.shop.products.upload_product_image(body=request))).uri)


def sku(warehouse_id: str, color: str, **members: Any) -> Json:
    return {
        "seller_sku": f"PIER-{color}",
        "price": {"amount": "21.99", "currency": "USD"},
        "inventory": [{"warehouse_id": warehouse_id, "quantity": 50}],
        "sales_attributes": [{"id": "100000", "value_name": color}],
        **members,
    }


async def poster(app: App) -> Json:
    """A listing with two variants that nothing is wrong with."""
    warehouses = (await app.say(app.shop.logistics.get_warehouse_list())).warehouses
    sales = next(each.id for each in warehouses if each.type_ == "SALES_WAREHOUSE")
    return {
        "title": "Evening Pier Art Poster",
        "description": "<p>Printed after you order.</p>",
        "category_id": POSTERS,
        "main_images": [{"uri": await upload(app)}],
        "product_attributes": [{"id": "100157", "values": [{"id": "1000057"}]}],
        "package_weight": {"value": "0.6", "unit": "POUND"},
        "package_dimensions": {"length": "26", "width": "4", "height": "4", "unit": "INCH"},
        "skus": [sku(sales, "Red"), sku(sales, "Blue")],
    }


async def live(app: App) -> Any:
    """The detail of a new listing after its review."""
    wish = model("CreateProductRequest", category_version=V2, **await poster(app))
    made = await app.say(app.shop.products.create_product(body=wish))
    app.control("/clock", advance=HALF_AN_HOUR)
    return await app.say(app.shop.products.get_product(made.product_id))


async def before_a_listing(app: App) -> None:
    products = app.shop.products
    assert not any(each.is_failed for each in (await app.say(products.check_listing_prerequisites())).check_results)
    assert (await app.say(products.get_categories(category_version=V2))).categories
    assert await app.say(products.get_category_rules(TEES, category_version=V2))
    assert (await app.say(products.get_category_attributes(TEES, category_version=V2))).attributes
    wish = model("RecommendCategoryRequest", product_title="Cotton T-Shirt", category_version=V2)
    assert (await app.say(products.recommend_category(body=wish))).leaf_category_id == TEES
    made = await app.say(products.create_custom_brands(body=model("CreateCustomBrandsRequest", name="Evening Pier")))
    found = await app.say(products.get_brands(brand_name="Evening Pier", page_size=20, category_version=V2))
    assert [each.id for each in found.brands] == [made.id]
    await size_charts(app)


async def size_charts(app: App) -> None:
    products = app.shop.products
    wish = model(
        "CreateSizeChartV2Request",
        category_id=TEES,
        size_chart_mode="REUSABLE_TEMPLATE",
        template_name="Relaxed tees",
        size_chart_data={
            "measurement_type": "PRODUCT_MEASUREMENTS",
            "unit_system": "IMPERIAL",
            "table": {"headers": [{"name": "Chest"}], "rows": [{"cells": [{"value": "20"}]}]},
        },
    )
    made = await app.say(products.create_size_chart_v2(body=wish))
    search = model("SearchSizeChartsRequest", keyword="relaxed")
    found = await app.say(products.search_size_charts(body=search, page_size=20))
    assert [each.template_id for each in found.size_chart] == [made.size_chart_id]


async def writing(app: App) -> None:
    products = app.shop.products
    body = await poster(app)
    checked = await app.say(products.check_product_listing(body=model("CheckProductListingRequest", **body)))
    assert checked.check_result == "PASS"
    made = await live(app)
    assert made.status == "ACTIVATE"
    skus = [{"id": each.id, **sent} for each, sent in zip(made.skus, body["skus"], strict=True)]
    edit = model("EditProductRequest", category_version=V2, **body | {"title": "Night Pier", "skus": skus})
    await app.say(products.edit_product(made.id, body=edit))
    app.control("/clock", advance=HALF_AN_HOUR)
    part = model("PartialEditProductRequest", title="Morning Pier")
    await app.say(products.partial_edit_product(made.id, body=part))
    app.control("/clock", advance=HALF_AN_HOUR)
    assert (await app.say(products.get_product(made.id))).title == "Morning Pier"
    await stock(app, [each["id"] for each in skus], made.id)


async def stock(app: App, skus: list[str], product_id: str) -> None:
    products = app.shop.products
    prices = [{"id": each, "price": {"amount": "19.99", "currency": "USD"}} for each in skus]
    await app.say(products.update_price(product_id, body=model("UpdatePriceRequest", skus=prices)))
    left = [{"id": each, "inventory": [{"quantity": 9}]} for each in skus]
    await app.say(products.update_inventory(product_id, body=model("UpdateInventoryRequest", skus=left)))
    found = await app.say(products.inventory_search(body=model("InventorySearchRequest", product_ids=[product_id])))
    assert {each.total_available_quantity for each in found.inventory[0].skus} == {9}


async def showing_and_hiding(app: App) -> None:
    products = app.shop.products
    ids = {"product_ids": [(await live(app)).id]}
    await app.say(products.deactivate_products(body=model("DeactivateProductsRequest", **ids)))
    await app.say(products.activate_products(body=model("ActivateProductsRequest", **ids)))
    again = await app.say(products.activate_products(body=model("ActivateProductsRequest", **ids)))
    assert [each.detail.product_id for each in again.errors] == ids["product_ids"]
    await app.say(products.delete_products(body=model("DeleteProductsRequest", **ids)))
    await app.say(products.recover_products(body=model("RecoverProductsRequest", **ids)))


LISTINGS = (before_a_listing, writing, showing_and_hiding)
