"""Print on demand: what buyers wanted on their units."""

import json

import pytest

from sandbox.client import Client
from sandbox.shipping import Json

CALLS = {"/order/202606/pod_details/search": "pod_detail", "/fulfillment/202606/pod_details/get": "pod_info_json"}
EDIT = "/product/202509/products/{}/partial_edit"


def asked(order: Json) -> Json:
    """The body that asks for every personalised unit of an order."""
    lines = [
        {
            "order_line_id": line["id"],
            "product_id": line["product_id"],
            "sku_id": line["sku_id"],
            "pod_order_data_id": line["pod_info_id"],
        }
        for line in order["line_items"]
        if line["is_pod_customized"]
    ]
    return {"main_order_id": order["id"], "query_order_lines": lines}


def areas(document: Json) -> dict[str, Json]:
    return {area["external_area_id"]: area for surface in document["surfaces"] for area in surface["custom_areas"]}


@pytest.mark.parametrize(("path", "member"), CALLS.items())
def test_a_wish_comes_as_json_in_a_string(client: Client, path: str, member: str) -> None:
    wish = {"name": "Ada", "photo": "https://example.com/ada.png"}
    order = client.buy_ready(lines=[{"customization": wish}, {}])
    first, second = order["line_items"]
    assert first["is_pod_customized"]
    assert not second["is_pod_customized"]
    assert "pod_info_id" not in second
    data = client.data("POST", path, {}, asked(order))
    assert data["status_code"] == 0
    (found,) = data["pod_details"]
    assert found["order_line_id"] == first["id"]
    inside = areas(json.loads(found[member]))
    assert inside["name"]["text_area"] == {"text": "Ada"}
    assert inside["photo"]["image_area"] == {"image": {"url": "https://example.com/ada.png"}}


def template(sku_ids: list[str]) -> Json:
    placement = {"x_coordinate": "1.00", "y_coordinate": "2.00", "width": "3.00", "height": "4.00"}
    placement["rotate_degree"] = "0.00"
    text = {
        "area_name": "Name",
        "external_area_id": "FRONT-TEXT",
        "area_type": "TEXT",
        "is_required": True,
        "area_placement": placement,
        "text_area": {"default_text": "YOUR NAME", "max_text_length": 20, "align_type": "CENTER"},
    }
    image = {
        "area_name": "Photo",
        "external_area_id": "FRONT-IMAGE",
        "area_type": "IMAGE",
        "is_required": False,
        "area_placement": placement,
        "image_area": {"min_width": 1500, "min_height": 1500},
    }
    surface = {"surface_name": "Front", "external_surface_id": "FRONT", "custom_areas": [image, text]}
    return {"template_name": "Front", "remark": "", "sku_ids": sku_ids, "surfaces": [surface]}


def test_the_listings_template_is_filled_in(client: Client) -> None:
    product = next(each for each in next(client.world.shops()).products if each.status == "ACTIVATE")
    with_template, without = product.skus[0].id, product.skus[1].id
    body = {"pod_info": {"pod_templates": [template([with_template])]}}
    client.data("POST", EDIT.format(product.id), {}, body)
    wish = {"FRONT-IMAGE": "https://example.com/cat.png", "Name": {"text": "Ada", "color": "#C00000"}}
    lines = [
        {"sku_id": with_template, "customization": wish},
        {"sku_id": with_template, "customization": {}},
        {"sku_id": without, "customization": {"FRONT-TEXT": "Bob"}},
    ]
    order = client.buy_ready(lines=lines)
    data = client.data("POST", "/order/202606/pod_details/search", {}, asked(order))
    filled, empty, free = (json.loads(each["pod_detail"]) for each in data["pod_details"])
    shown = client.data("GET", f"/product/202309/products/{product.id}")["pod_info"]["pod_templates"][0]
    assert filled["pod_template_id"] == shown["pod_template_id"]
    assert filled["surfaces"][0]["external_surface_id"] == "FRONT"
    assert areas(filled)["FRONT-TEXT"]["text_area"] == {"text": "Ada", "color": "#C00000"}
    assert areas(filled)["FRONT-IMAGE"]["image_area"]["image"]["url"] == "https://example.com/cat.png"
    assert list(areas(filled)) == ["FRONT-IMAGE", "FRONT-TEXT"], "the order is that of the layers"
    assert areas(empty)["FRONT-TEXT"]["text_area"] == {"text": "YOUR NAME"}
    assert areas(empty)["FRONT-IMAGE"]["image_area"] == {}
    assert areas(free)["FRONT-TEXT"]["text_area"] == {"text": "Bob"}


def test_a_whole_document_stays_as_it_is(client: Client) -> None:
    wish = {"surfaces": [{"anything": ["goes", 1]}]}
    order = client.buy_ready(lines=[{"customization": wish}])
    data = client.data("POST", "/order/202606/pod_details/search", {}, asked(order))
    assert json.loads(data["pod_details"][0]["pod_detail"]) == wish


@pytest.mark.parametrize("path", CALLS)
def test_keys_that_do_not_belong_together_find_nothing(client: Client, path: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 2, "customization": {"name": "Ada"}}])
    good = asked(order)
    assert len(client.data("POST", path, {}, good)["pod_details"]) == 2
    for member in good["query_order_lines"][0]:
        wrong = {**good, "query_order_lines": [{**good["query_order_lines"][0], member: "42"}]}
        data = client.data("POST", path, {}, wrong)
        assert data == {"status_code": 1, "pod_details": []}
        del wrong["query_order_lines"][0][member]
        assert client.call("POST", path, {}, wrong)["code"] == 36009004
    mixed = {**good, "query_order_lines": [*good["query_order_lines"], wrong_line(good)]}
    data = client.data("POST", path, {}, mixed)
    assert (data["status_code"], len(data["pod_details"])) == (1, 2)
    client.connect("tidewater")
    assert client.data("POST", path, {}, good)["status_code"] == 1


def wrong_line(good: Json) -> Json:
    return {**good["query_order_lines"][0], "sku_id": "42"}
