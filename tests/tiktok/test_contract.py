"""What the client sends is what the API description asks for, at every version it may fall back to."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from contract import exchanges
from contract.known import unexplained
from contract.marks import needs_an_oracle
from gcw_tiktok.tiktok import (
    categories,
    fulfillment,
    images,
    labels,
    logistics,
    orders,
    personalisations,
    products,
    publishing,
    returns,
    shops,
    webhooks,
)
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.codes_from_openapi import DESCRIPTION
from gcw_tiktok.tiktok.errors import TikTokRefused
from gcw_tiktok.tiktok.versions import VERSIONS
from tiktok.far_side import FarSide, envelope

LISTING: dict[str, Any] = {
    "title": "Evening Pier",
    "description": "<p>A poster.</p>",
    "category_id": "600349",
    "category_version": "v2",
    "main_images": [{"uri": "tos-useast5-i-example-tx/0f1e2d3c4b5a"}],
    "package_weight": {"value": "0.6", "unit": "POUND"},
    "skus": [
        {
            "seller_sku": "PIER-S",
            "price": {"amount": "21.99", "currency": "USD"},
            "inventory": [{"warehouse_id": "7001", "quantity": 5}],
            "sales_attributes": [{"name": "Size", "value_name": "S"}],
            "pre_sale": {"type": "MADE_TO_ORDER", "fulfillment_type": {"handling_duration_days": 5}},
        }
    ],
}
TEMPLATE: dict[str, Any] = {"template_name": "Pier", "sku_ids": ["19"], "surfaces": [{"surface_name": "Front"}]}
PERSONALISED = orders.Order.model_validate(
    {
        "id": "1",
        "status": "AWAITING_SHIPMENT",
        "line_items": [
            {"id": "2", "product_id": "3", "sku_id": "4", "is_pod_customized": True, "pod_info_id": "5"},
            {"id": "6", "product_id": "3", "sku_id": "4"},
        ],
    }
)
BOX = labels.Box(Decimal("0.6"), (Decimal(12), Decimal(9), Decimal(2)))
CALLS: dict[str, Callable[[Client], object]] = {
    "authorized_shops": shops.authorized,
    "seller_permissions": shops.permissions,
    "search_products": lambda client: list(products.search(client, updated_since=5)),
    "product_detail": lambda client: products.detail(client, "17"),
    "categories": categories.tree,
    "recommend_category": lambda client: categories.recommend(client, "Evening Pier", "<p>A poster.</p>"),
    "category_rules": lambda client: categories.rules(client, "600349"),
    "category_attributes": lambda client: categories.attributes(client, "600349"),
    "upload_image": lambda client: images.upload(client, b"picture", "image/png"),
    "create_product": lambda client: publishing.create(client, LISTING, "6f1f7f0e-5d0a-4d7e-9b2c-0d3f9c1a7e55"),
    "edit_product": lambda client: publishing.edit(client, "17", LISTING),
    "set_customization": lambda client: publishing.set_customization(client, "17", [TEMPLATE]),
    "search_orders": lambda client: list(orders.search(client, updated_from=5, updated_to=9)),
    "order_detail": lambda client: list(orders.detail(client, ["1", "2"])),
    "pod_details": lambda client: personalisations.as_fulfillment(client, PERSONALISED),
    "search_pod_details": lambda client: personalisations.as_orders(client, PERSONALISED),
    "mark_shipped": lambda client: fulfillment.mark_shipped(client, "1", ["2", "3"], "9400", "7117"),
    "correct_parcel": lambda client: fulfillment.correct(client, "1153", "9400", "7117"),
    "shipping_services": lambda client: labels.services(client, "1", ["2"], BOX),
    "create_package": lambda client: labels.create_package(client, "1", ["2"], BOX, "5", whole=False),
    "create_shared_package": lambda client: labels.create_shared_package(client, ["1", "2"], BOX, "5"),
    "ship_package": lambda client: labels.ship_package(client, "1153"),
    "package_detail": lambda client: labels.package(client, "1153"),
    "shipping_document": lambda client: labels.document(client, "1153"),
    "warehouses": logistics.warehouses,
    "delivery_options": lambda client: logistics.delivery_options(client, "1"),
    "shipping_providers": lambda client: logistics.shipping_providers(client, "1"),
    "search_cancellations": lambda client: list(returns.search_cancellations(client, order_ids=["1"], updated_from=5)),
    "search_returns": lambda client: list(returns.search_returns(client, order_ids=["1"], updated_from=5)),
    "approve_cancellation": lambda client: returns.approve(client, "4", "key"),
    "reject_cancellation": lambda client: returns.reject(client, "4", "key", "packed", "Shipped with USPS 9400."),
    "reject_reasons": lambda client: returns.reject_reasons(client, "4"),
    "aftersale_eligibility": lambda client: returns.may_cancel(client, "1"),
    "cancel_order": lambda client: returns.cancel(client, "1", "seller_cancel_reason_out_of_stock", ["2"]),
    "registered_webhooks": webhooks.registered,
    "register_webhook": lambda client: webhooks.register(client, "PACKAGE_UPDATE", "https://a.example"),
    "remove_webhook": lambda client: webhooks.remove(client, "PACKAGE_UPDATE"),
}


@pytest.fixture(scope="module")
def description() -> Any:
    return yaml.load(DESCRIPTION.read_text("utf-8"), yaml.CSafeLoader)


def test_every_call_is_covered() -> None:
    assert set(CALLS) == set(VERSIONS)


@pytest.mark.parametrize("call", CALLS)
def test_requests_satisfy_the_description(far: FarSide, description: Any, call: str) -> None:
    far.will(envelope(code=36009014, message="version not supported", status=400))
    with pytest.raises(TikTokRefused):
        CALLS[call](far.client())
    assert len(far.requests) == len(VERSIONS[call])
    for request in far.requests:
        operation = found(description, request)
        check_body(description, operation, request)
        check_query(description, operation, request)


@needs_an_oracle
@pytest.mark.parametrize("call", CALLS)
def test_requests_satisfy_what_others_say_of_the_api(far: FarSide, call: str) -> None:
    far.will(envelope(code=36009014, message="version not supported", status=400))
    with pytest.raises(TikTokRefused):
        CALLS[call](far.client())
    for request in far.requests:
        exchange = exchanges.read(request, None)
        assert exchange, f"the sandbox does not know {request.url.path}"
        assert not list(unexplained(exchanges.odd_in_request(exchange)))


def found(description: Any, request: httpx.Request) -> Any:
    for path, operations in description["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, request.url.path) and request.method.lower() in operations:
            return operations[request.method.lower()]
    raise AssertionError(f"{request.method} {request.url.path} is not described")


def check_body(description: Any, operation: Any, request: httpx.Request) -> None:
    if "requestBody" not in operation:
        assert request.content == b""
        return
    if request.headers["content-type"].startswith("multipart/form-data"):
        assert "multipart/form-data" in operation["requestBody"]["content"]
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": description["components"]}
    jsonschema.Draft202012Validator(whole).validate(json.loads(request.content))


def check_query(description: Any, operation: Any, request: httpx.Request) -> None:
    described = dict(parameters(description, operation))
    sent = set(request.url.params)
    assert sent <= set(described)
    assert {name for name, required in described.items() if required} <= sent
    assert ("shop_cipher" in sent) == ("shop_cipher" in described)


def parameters(description: Any, operation: Any) -> Iterator[tuple[str, bool]]:
    for parameter in operation["parameters"]:
        if "$ref" in parameter:
            parameter = description["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] == "query":
            yield parameter["name"], parameter.get("required", False)
