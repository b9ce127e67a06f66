"""The main road, by the front door: from an empty folder to a shipped order."""

import json
from pathlib import Path

from conftest import EXAMPLES, Gcw, Sandbox

SKU = "POSTER-HARBOR-18X24-MATTE"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"


def test_an_order_is_printed_and_shipped(connected: Gcw, sandbox: Sandbox, tmp_path: Path) -> None:
    gcw = connected
    gcw("products", "connect", "Paper Harbor", SKU, UID, "--design", str(POSTER))
    order_id = sandbox.order(SKU, 2)

    assert gcw("orders", "pull", "--json").json[0] | {"store": ""} == {
        "store": "",
        "new": 1,
        "changed": 0,
        "ready": 0,
        "held": 1,
        "set_aside": {},
        "approved": [],
        "gap": None,
        "alarms": {},
    }
    assert gcw("orders", "show", order_id, "--json").json["holds"][0]["reason"] == "tiktok_on_hold"

    sandbox.control("POST", "clock", {"advance": 3700})
    assert gcw("orders", "pull", "--json").json[0]["ready"] == 1
    released = gcw("orders", "release", "--json").json
    assert [one["result"] for one in released] == ["released"]

    folder = tmp_path / "hand-off" / f"TTS-{order_id}"
    document = json.loads((folder / "order.json").read_text())
    assert [item["quantity"] for item in document["items"]] == [1, 1]
    design = folder / document["items"][0]["files"][0]["url"]
    assert design.read_bytes() == POSTER.read_bytes()
    assert (folder / "job-ticket.pdf").read_bytes().startswith(b"%PDF")

    gcw("orders", "advance", order_id, "--to", "packaged")
    shipped = gcw(
        "orders", "ship", order_id, "--carrier", "usps", "--tracking", "9400 1000 0000 0000 0000 13", "--json"
    )
    assert shipped.json["package_id"]
    lines = sandbox.orders()[order_id]["line_items"]
    assert {line["tracking_number"] for line in lines} == {"9400100000000000000013"}
    assert gcw("orders", "show", order_id, "--json").json["stage"] == "shipped"
