"""Templates for what buyers may personalise, set by a partial edit and shown with the listing."""

from typing import Any

from gcw_tiktok.sandbox.listings import pod
from sandbox.client import Client, Json
from sandbox.sellers_desk import changed, detail, live, refused, template


def path(product_id: str, version: str = "202509") -> str:
    return f"/product/{version}/products/{product_id}/partial_edit"


def save(client: Client, product_id: str, *templates: Json, **members: Any) -> Json:
    return client.data("POST", path(product_id), None, {"pod_info": {"pod_templates": list(templates)}} | members)


def test_templates_are_shown_with_ids_and_addresses(client: Client) -> None:
    shown = live(client)
    red, blue = (each["id"] for each in shown["skus"])
    sent = template(client, red)
    answer = save(client, shown["id"], sent, template(client, blue))
    assert answer["audit"]["status"] == "APPROVED"
    first, second = detail(client, shown["id"])["pod_info"]["pod_templates"]
    assert first["pod_template_id"] != second["pod_template_id"]
    assert first["surfaces"][0]["external_surface_id"] == "FRONT"
    areas = first["surfaces"][0]["custom_areas"]
    assert [each["area_type"] for each in areas] == ["IMAGE", "TEXT"]
    uri = sent["surfaces"][0]["background_image"]["uri"]
    assert first["surfaces"][0]["background_image"]["uri"] == areas[0]["image_area"]["default_image"]["uri"] == uri
    assert client.http.get(areas[0]["image_area"]["default_image"]["urls"][0]).status_code == 200


def test_a_template_keeps_its_id(client: Client) -> None:
    shown = live(client)
    save(client, shown["id"], template(client, shown["skus"][0]["id"]))
    first = detail(client, shown["id"])["pod_info"]["pod_templates"][0]["pod_template_id"]
    save(client, shown["id"], template(client, shown["skus"][1]["id"]) | {"pod_template_id": first})
    after = detail(client, shown["id"])["pod_info"]["pod_templates"]
    assert [(each["pod_template_id"], each["sku_ids"]) for each in after] == [(first, [shown["skus"][1]["id"]])]
    product = next(client.world.shops()).products.get(shown["id"])
    assert product
    assert pod.template_of(product, shown["skus"][0]["id"]) is None
    assert (pod.template_of(product, shown["skus"][1]["id"]) or {})["pod_template_id"] == first
    save(client, shown["id"])
    assert "pod_info" not in detail(client, shown["id"])


def test_a_variant_is_in_one_template(client: Client) -> None:
    shown = live(client)
    red = shown["skus"][0]["id"]
    both = {"pod_info": {"pod_templates": [template(client, red), template(client, red)]}}
    assert refused(client, both, path(shown["id"])) == 12052910


def test_limits(client: Client) -> None:
    shown = live(client)
    one = template(client, shown["skus"][0]["id"])
    surface = one["surfaces"][0]

    def code(changed_template: Json) -> int:
        return refused(client, {"pod_info": {"pod_templates": [changed_template]}}, path(shown["id"]))

    assert code(one | {"surfaces": [surface] * 10}) == 0
    assert code(one | {"surfaces": [surface] * 11}) == 12052910
    assert code(one | {"surfaces": [surface | {"custom_areas": surface["custom_areas"] * 6}]}) == 12052910
    assert code(one | {"sku_ids": ["42"]}) == 12052557
    assert code(changed(one, "surfaces.0.background_image.uri", "unknown")) == 12052722
    assert code(changed(one, "surfaces.0.custom_areas.0.area_type", "VIDEO")) == 12052910


def test_the_older_version_knows_no_templates(client: Client) -> None:
    shown = live(client)
    body = {"pod_info": {"pod_templates": [template(client, shown["skus"][0]["id"])]}}
    assert refused(client, body, path(shown["id"], "202309")) == 12052910
