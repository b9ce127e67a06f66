"""What a seller does to list things: uploads pictures and writes listings that pass."""

import io
from copy import deepcopy
from typing import Any

from PIL import Image

from gcw_tiktok.sandbox.listings.catalog import SIZE_CHART
from sandbox.client import Client, Json

POSTERS, MUGS, TEES = "600349", "600160", "601226"
HALF_AN_HOUR = 1_800
PLACE = {"x_coordinate": "320.00", "y_coordinate": "280.00", "width": "560.00", "height": "560.00"}
SIZE_CHART_SENT: Json = {
    "category_id": TEES,
    "size_chart_mode": "REUSABLE_TEMPLATE",
    "template_name": "Heavy Tees",
    "size_chart_data": {
        "measurement_type": "PRODUCT_MEASUREMENTS",
        "unit_system": "IMPERIAL",
        "table": {
            "headers": [{"name": "Size"}, {"name": "Chest"}],
            "rows": [{"cells": [{"value": "M"}, {"value": "20"}]}, {"cells": [{"value": "L"}, {"value": "22"}]}],
        },
    },
}


def picture(width: int = 600, height: int = 600, format: str = "PNG") -> bytes:
    """An image file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, format)
    return file.getvalue()


def send_picture(client: Client, data: bytes, use_case: str = "MAIN_IMAGE") -> Json:
    """The envelope of an upload."""
    return client.send_form("/product/202309/images/upload", {"use_case": use_case}, {"data": ("a.png", data)})


def upload(client: Client, use_case: str = "MAIN_IMAGE", **size: int) -> str:
    """The uri of a picture that was taken."""
    answer = send_picture(client, picture(**size), use_case)
    assert answer["code"] == 0, answer
    return str(answer["data"]["uri"])


def sku(client: Client, color: str = "", **members: Any) -> Json:
    """One variant as it is sent."""
    shop = next(shop for shop in client.world.shops() if shop.cipher == client.cipher)
    attributes = [{"id": "100000", "value_name": color}] if color else []
    return {
        "seller_sku": f"POSTER-NEW-{color or 'ONE'}".upper(),
        "price": {"amount": "21.99", "currency": shop.currency},
        "inventory": [{"warehouse_id": shop.warehouse_id, "quantity": 50}],
        **({"sales_attributes": attributes} if attributes else {}),
        **members,
    }


def poster(client: Client, **members: Any) -> Json:
    """A listing with two variants that nothing is wrong with."""
    wanted: Json = {
        "title": "Evening Pier Art Poster",
        "description": "<p>Printed after you order.</p>",
        "category_id": POSTERS,
        "category_version": "v2",
        "main_images": [{"uri": upload(client)}],
        "product_attributes": [{"id": "100157", "values": [{"id": "1000057"}]}],
        "package_weight": {"value": "0.6", "unit": "POUND"},
        "package_dimensions": {"length": "26", "width": "4", "height": "4", "unit": "INCH"},
        "skus": [sku(client, "Red"), sku(client, "Blue")],
    }
    return wanted | members


def tee(client: Client, **members: Any) -> Json:
    """Apparel: it needs a size chart."""
    cotton = [{"id": "100157", "values": [{"id": "1000039"}]}]
    chart = {"template": {"id": SIZE_CHART}}
    return poster(client, category_id=TEES, product_attributes=cotton, size_chart=chart) | members


def refused(client: Client, body: Json, path: str = "/product/202309/products", method: str = "POST") -> int:
    """The code of a refusal."""
    return int(client.call(method, path, None, body)["code"])


def create(client: Client, body: Json | None = None, **members: Any) -> Json:
    """The data of a creation."""
    return client.data("POST", "/product/202309/products", None, (body or poster(client)) | members)


def live(client: Client, body: Json | None = None) -> Json:
    """The detail of a listing that has passed its review."""
    made = create(client, body)
    client.advance(HALF_AN_HOUR)
    return detail(client, made["product_id"])


def detail(client: Client, product_id: str, **query: str) -> Json:
    return client.data("GET", f"/product/202309/products/{product_id}", query)


def told(client: Client, topic: str) -> list[Json]:
    """What webhooks said of a topic, oldest first."""
    return [event.body["data"] for event in client.world.events if event.topic == topic]


def changed(body: Json, place: str, value: Any) -> Json:
    """A copy with another value at a place such as `skus.0.price.amount`; None removes it."""
    copy = deepcopy(body)
    *way, last = (int(step) if step.isdigit() else step for step in place.split("."))
    target: Any = copy
    for step in way:
        target = target[step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return copy


def template(client: Client, *sku_ids: str) -> Json:
    """What buyers may personalise on these variants."""
    picture = {"uri": upload(client, "CUSTOMIZATION_IMAGE")}
    area: Json = {"area_name": "Photo", "external_area_id": "FRONT-IMG", "area_type": "IMAGE", "is_required": True}
    image = area | {"area_placement": PLACE, "image_area": {"min_width": 1500, "default_image": picture}}
    text = area | {"area_type": "TEXT", "text_area": {"max_text_length": 20, "align_type": "CENTER"}}
    surface = {"surface_name": "Front", "external_surface_id": "FRONT", "background_image": picture}
    return {
        "template_name": "Name it",
        "sku_ids": list(sku_ids),
        "surfaces": [surface | {"custom_areas": [image, text]}],
    }
