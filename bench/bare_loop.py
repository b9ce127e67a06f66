"""The requests that a pull or a sync makes, signed and sent one after another, their answers thrown away."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

from gcw_tiktok.tiktok.signing import sign

ACCESS = json.loads(sys.argv[1])
HTTP = httpx.Client(timeout=60)


def call(method: str, path: str, body: object = None, **query: str) -> Any:
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    query |= {"app_key": ACCESS["app_key"], "timestamp": str(int(time.time())), "shop_cipher": ACCESS["cipher"]}
    query["sign"] = sign(ACCESS["app_secret"], path, query.items(), content, "application/json")
    headers = {"x-tts-access-token": ACCESS["token"], "content-type": "application/json"}
    answer = HTTP.request(method, ACCESS["api_url"] + path, params=query, content=content, headers=headers).json()
    assert answer["code"] == 0, answer
    return answer["data"]


def pages(path: str, body: object, key: str, **query: str) -> Iterator[list[Any]]:
    token = ""
    while True:
        data = call("POST", path, body, page_size="100", **query, **({"page_token": token} if token else {}))
        yield data.get(key, [])
        token = data.get("next_page_token", "")
        if not token:
            return


def orders() -> None:
    since = int(time.time()) - 400 * 86_400
    by_update = {"sort_field": "update_time", "sort_order": "ASC"}
    for page in pages("/order/202309/orders/search", {"update_time_ge": since}, "orders", **by_update):
        ids = [order["id"] for order in page]
        for start in range(0, len(ids), 50):
            call("GET", "/order/202507/orders", ids=",".join(ids[start : start + 50]))


def products() -> None:
    for page in pages("/product/202502/products/search", {"status": "ALL"}, "products"):
        for product in page:
            call("GET", f"/product/202309/products/{product['id']}")


{"orders": orders, "products": products}[sys.argv[2]]()
