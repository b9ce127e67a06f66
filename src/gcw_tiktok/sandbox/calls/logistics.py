"""Warehouses, delivery options and carriers."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, EITHER, LOGISTICS, Json, route
from gcw_tiktok.sandbox.sales.carriers import CARRIERS
from gcw_tiktok.sandbox.shops import PRINT_FLOOR, DeliveryOption


@route("GET", "/logistics/202309/warehouses", DOCUMENTED, LOGISTICS)
def warehouses(call: Call) -> Json:
    """One warehouse to sell from and one for returns."""
    shop = call.shop
    selling = _warehouse(shop.warehouse_id, "Main print floor", "SALES_WAREHOUSE", True)
    returns = _warehouse(shop.return_warehouse_id, "Returns desk", "RETURN_WAREHOUSE", False)
    return {"warehouses": [selling, returns]}


@route("GET", "/logistics/202309/warehouses/{warehouse_id}/delivery_options", DOCUMENTED, LOGISTICS)
def delivery_options(call: Call) -> Json:
    """How parcels may leave a warehouse."""
    if call.parameters["warehouse_id"] not in (call.shop.warehouse_id, call.shop.return_warehouse_id):
        raise business(11034009, "The warehouse does not exist.")
    return {"delivery_options": [_option(each) for each in call.shop.delivery_options]}


@route("GET", "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers", DOCUMENTED, EITHER)
def shipping_providers(call: Call) -> Json:
    """The carriers a seller may name with a delivery option of their own."""
    wanted = call.parameters["delivery_option_id"]
    option = next((each for each in call.shop.delivery_options if each.id == wanted), None)
    if option is None:
        raise business(21008116, "The delivery option id is invalid.")
    if option.shipping_type == "TIKTOK":
        raise business(21008117, "The delivery option is shipped by TikTok; there are no shipping providers.")
    return {"shipping_providers": [{"id": carrier.id, "name": carrier.name} for carrier in CARRIERS]}


def _warehouse(warehouse_id: str, name: str, kind: str, default: bool) -> Json:
    place = PRINT_FLOOR.place
    return {
        "id": warehouse_id,
        "name": name,
        "entity_id": "",
        "type": kind,
        "sub_type": "DOMESTIC_WAREHOUSE",
        "effect_status": "ENABLED",
        "is_default": default,
        "address": {
            "region": "United States",
            "region_code": "US",
            "state": place.state,
            "city": place.city,
            "distict": place.county,  # TikTok Shop spells it so
            "town": "",
            "full_address": PRINT_FLOOR.full,
            "postal_code": place.postal_code,
            "contact_person": PRINT_FLOOR.name,
            "phone_number": "(+1)614*****00",
            "address_line1": PRINT_FLOOR.line1,
            "address_line2": PRINT_FLOOR.line2,
        },
    }


def _option(option: DeliveryOption) -> Json:
    return {
        "id": option.id,
        "name": option.name,
        "type": option.type,
        "description": "",
        "dimension_limit": {"max_height": 27, "max_length": 27, "max_width": 17, "unit": "INCH"},
        "weight_limit": {"max_weight": 70, "min_weight": 0, "unit": "POUND"},
        "platform": ["TIKTOK_SHOP"],
    }
