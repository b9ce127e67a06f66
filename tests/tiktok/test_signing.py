import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.tiktok.client import Signature
from gcw_tiktok.tiktok.signing import sign, sign_webhook, webhook_is_genuine
from tiktok.far_side import FarSide, envelope

HERE = Path(__file__).parent
REQUESTS: list[dict[str, Any]] = json.loads((HERE / "signing_vectors.json").read_text("utf-8"))
WEBHOOKS: list[dict[str, Any]] = json.loads((HERE / "webhook_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_request_signatures_match_the_known_answers(vector: dict[str, Any]) -> None:
    signature = sign(
        vector["app_secret"],
        vector["path"],
        vector["query"].items(),
        (vector["body"] or "").encode(),
        vector["content_type"],
    )
    assert (signature == vector["expected_sign"]) is vector["verified"]


@pytest.mark.parametrize("vector", WEBHOOKS, ids=lambda vector: vector["name"])
def test_webhook_signatures_match_the_known_answers(vector: dict[str, Any]) -> None:
    body = vector["body"].encode()
    expected = vector["expected_authorization"]
    assert sign_webhook(vector["app_key"], vector["app_secret"], body) == expected
    assert webhook_is_genuine(vector["app_key"], vector["app_secret"], body, expected)
    assert not webhook_is_genuine(vector["app_key"], vector["app_secret"], body + b" ", expected)


@pytest.mark.parametrize(
    "vector", [one for one in REQUESTS if "app_key" in one["query"]], ids=lambda vector: vector["name"]
)
def test_a_sent_request_carries_the_known_signature(vector: dict[str, Any]) -> None:
    query = dict(vector["query"])
    app_key, timestamp = query.pop("app_key"), query.pop("timestamp")
    signature = Signature(app_key, vector["app_secret"], lambda: float(timestamp))
    body = vector["body"].encode() if vector["body"] else b""
    sent = signature.signed(f"https://api.example.test{vector['path']}", query, body, vector["content_type"])
    assert sent.path == vector["path"]
    values = sent.params.get_list("sign")
    assert (values[-1] == vector["expected_sign"]) is vector["verified"]


@given(
    st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3),
    st.dictionaries(st.text("abc_", min_size=1), st.text(min_size=1), max_size=3),
)
def test_what_is_signed_is_what_the_far_side_reads(body: dict[str, str], params: dict[str, str]) -> None:
    far = FarSide().will(envelope({}))
    far.client().call(
        "search_orders", "POST", "/order/{version}/orders/search", params=params, json=body, repeatable=True
    )
    request = far.requests[0]
    query = request.url.params.multi_items()
    expected = sign("secret", request.url.path, query, request.content)
    assert dict(query)["sign"] == expected
    assert json.loads(request.content) == body
