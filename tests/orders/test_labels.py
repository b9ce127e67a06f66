"""Orders that TikTok ships: produced without an address, their label bought once, fetched, given to production."""

import io
import json
import shutil
import stat
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.sandbox.sales import parcels
from gcw_tiktok.store.tables import Order, OutboxEntry, Shipment, Stage, Store
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import labelling, labels
from orders import at_once
from orders.connector import connect
from orders.shop import Json, Shop

CREATE = "POST /fulfillment/202512/packages"
DOCUMENT = "shipping_documents"
LABEL = "shipping-label.pdf"


def released(shop: Shop, quantity: int = 1, **more: Any) -> str:
    return shop.released(quantity, shipping_type="TIKTOK", **more)


def label(shop: Shop, order_id: str, *more: str) -> list[Json]:
    found: list[Json] = shop.gcw("orders", "label", order_id, *more, "--json").json
    return found


def services(shop: Shop, order_id: str, *more: str) -> list[Json]:
    found: list[Json] = shop.gcw("orders", "services", order_id, *more, "--json").json
    return found


def folder(shop: Shop, order_id: str) -> Path:
    return shop.hand_off / f"TTS-{order_id}"


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def name_of_buyer(shop: Shop, order_id: str) -> str:
    order = shop.sold(order_id)
    assert order
    return order.address.name


def effects(shop: Shop, kind: str = "label") -> list[str]:
    with shop.session() as session:
        query = select(OutboxEntry.state).where(OutboxEntry.kind == kind)
        return list(session.exec(query.order_by(col(OutboxEntry.id))))


def bodies(shop: Shop, path: str = "/packages") -> list[Json]:
    return [entry["body"] for entry in shop.sandbox.journal(path) if entry["method"] == "POST"]


def test_it_is_produced_without_an_address_and_its_label_is_bought_and_given_to_production(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(2, shipping_type="TIKTOK")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("passed", [])
    shop.gcw("orders", "release")
    document = shop.document(order_id)
    assert "shippingAddress" not in document
    assert {"key": "shipping", "value": f"TikTok's label, {LABEL}"} in document["metadata"]
    assert "TikTok label" in words((folder(shop, order_id) / "job-ticket.pdf").read_bytes())
    assert shop.told() == []

    (row,) = label(shop, order_id)
    assert (row["result"], row["parcel"], row["units"], row["file"]) == (
        "bought", "1 of 1", 2, str(folder(shop, order_id) / LABEL),
    )  # fmt: skip
    pdf = (folder(shop, order_id) / LABEL).read_bytes()
    assert name_of_buyer(shop, order_id) in words(pdf)
    told = json.loads((folder(shop, order_id) / "parcels.json").read_text())
    assert told["parcels"] == [
        {
            "parcel": 1, "of": 1, "label": LABEL, "carrier": row["carrier"], "service": row["service"],
            "trackingNumber": row["tracking_number"], "items": sorted(shop.lines(order_id)),
        }
    ]  # fmt: skip
    assert shop.told() == [f"package {row['package_id']}: label bought for 2 unit(s)"]
    assert effects(shop) == effects(shop, "give_label") == ["done"]
    assert shop.left_aside() == []


def test_it_has_left_when_the_carrier_took_it_and_not_when_the_label_is_bought(shop: Shop) -> None:
    order_id = released(shop)
    label(shop, order_id)
    shop.gcw("orders", "pull")
    assert (shop.order(order_id)["status"], shop.stage(order_id)) == ("AWAITING_COLLECTION", "created")
    for stage in ("in_production", "printed", "packaged"):
        assert shop.gcw("orders", "advance", order_id, "--json").json["stage"] == stage
    shop.advance(3 * 86_400)
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) in ("in_transit", "delivered")
    assert shop.holds(order_id) == []
    assert shop.gcw("orders", "audit", "--json").code == 0


def test_what_was_bought_is_not_bought_again(shop: Shop) -> None:
    order_id = released(shop)
    (bought,) = label(shop, order_id)
    assert services(shop, order_id) == []
    (known,) = label(shop, order_id, "--service", "fastest")
    assert known == bought | {"result": "known", "price": "", "box": ""}
    assert len(shop.told()) == 1


def test_the_services_are_tiktoks_and_the_default_is_its_own_choice(shop: Shop) -> None:
    order_id = released(shop)
    offered = services(shop, order_id)
    assert [one["chosen"] for one in offered] == [True, False, False, False]
    assert {"service", "id", "carrier", "price", "currency", "days"} < set(offered[0])
    assert shop.told() == []
    (dry,) = label(shop, order_id, "--dry-run")
    assert (dry["result"], dry["service"]) == ("would buy", offered[0]["service"])
    assert dry["price"] == f"{offered[0]['price']} USD"
    assert shop.told() == []


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("cheapest", "USPS Ground Advantage"),
        ("fastest", "FedEx 2Day"),
        ("USPS Priority Mail", "USPS Priority Mail"),
        ("ups", "UPS Ground"),
    ],
)
def test_a_service_is_chosen_by_its_name_or_what_it_is(shop: Shop, said: str, service: str) -> None:
    order_id = released(shop)
    by_id = {one["service"]: one["id"] for one in services(shop, order_id)}
    (row,) = label(shop, order_id, "--service", said)
    assert row["service"] == service
    assert bodies(shop)[-1]["shipping_service_id"] == by_id[service]


def test_a_service_that_is_not_offered_is_refused_with_those_that_are(shop: Shop) -> None:
    order_id = released(shop)
    ran = shop.gcw.fails(4, "orders", "label", order_id, "--service", "Pigeon", "--json")
    assert "USPS Priority Mail" in ran.error["hint"]
    assert shop.gcw.fails(4, "orders", "label", order_id, "--service", "usps", "--json").error["code"] == "service"
    assert shop.told() == []


def test_weight_and_size_are_the_listings_or_as_they_are_said(shop: Shop) -> None:
    order_id = released(shop, 2)
    services(shop, order_id)
    services(shop, order_id, "--weight", "24oz", "--size", "12.7x10.16x5.08cm")
    ours, said = (body for body in bodies(shop, "shipping_services"))
    assert ours["weight"]["unit"] == "POUND"
    assert set(ours["dimension"]) == {"length", "width", "height", "unit"}
    assert said["weight"] == {"value": "1.5", "unit": "POUND"}
    assert said["dimension"] == {"length": "5", "width": "4", "height": "2", "unit": "INCH"}
    label(shop, order_id, "--weight", "2lb")
    bought = bodies(shop)[-1]
    assert (bought["weight"]["value"], bought["dimension"]) == ("2", ours["dimension"])


@pytest.mark.parametrize(
    "words", [("--weight", "heavy"), ("--size", "6x5in"), ("--weight", "0lb"), ("--size", "0x1x1in")]
)
def test_what_is_no_weight_or_size_is_bad_input(shop: Shop, words: tuple[str, str]) -> None:
    order_id = released(shop)
    shop.gcw.fails(4, "orders", "services", order_id, *words)
    assert bodies(shop, "shipping_services") == []


def test_a_parcel_that_is_too_heavy_says_what_to_change(shop: Shop) -> None:
    order_id = released(shop)
    ran = shop.gcw.fails(4, "orders", "label", order_id, "--weight", "400lb", "--json")
    assert "400 lb" in ran.error["hint"]
    assert "--weight" in ran.error["hint"]
    assert shop.told() == []


def test_a_listing_that_tells_no_weight_leaves_it_to_tiktok(shop: Shop) -> None:
    order_id = released(shop)

    def forget(request: httpx.Request, answer: Json) -> Json | None:
        if "/product/" not in request.url.path or not answer["data"]:
            return None
        answer["data"].pop("package_weight", None)
        for sku in answer["data"].get("skus", []):
            sku.pop("sku_weight", None)
        return answer

    shop.relay.change = forget
    label(shop, order_id)
    assert "weight" not in bodies(shop)[-1]
    assert "dimension" in bodies(shop)[-1]


def test_parcels_of_one_order_are_counted(shop: Shop) -> None:
    order_id = released(shop, 3)
    first, *rest = shop.lines(order_id)
    (one,) = label(shop, order_id, "--line", first)
    assert (one["parcel"], one["units"], one["file"]) == ("1", 1, str(folder(shop, order_id) / LABEL))
    assert bodies(shop)[-1]["ship_type"] == "2"
    told = label(shop, order_id)
    assert [(row["parcel"], row["units"], row["result"]) for row in told] == [
        ("1 of 2", 1, "known"), ("2 of 2", 2, "bought"),
    ]  # fmt: skip
    assert [Path(row["file"]).name for row in told] == [LABEL, "shipping-label-2.pdf"]
    assert {line["order_line_id"] for line in bodies(shop)[-1]["order_line_item"]} == set(rest)
    shown = json.loads((folder(shop, order_id) / "parcels.json").read_text())["parcels"]
    assert [(one["parcel"], one["of"], len(one["items"])) for one in shown] == [(1, 2, 1), (2, 2, 2)]
    assert len(shop.told()) == 2
    out = shop.home / "both.pdf"
    shop.gcw("orders", "label", order_id, "-o", str(out))
    assert len(PdfReader(out).pages) == 2


def test_a_parcel_that_left_before_its_label_was_fetched_keeps_back_no_other(shop: Shop) -> None:
    order_id = released(shop, 2)
    first, second = shop.lines(order_id)
    shop.fault(DOCUMENT, "code", code=11034037, message="The label is not ready.", times=5)
    shop.gcw.fails(6, "orders", "label", order_id, "--line", first)
    shop.do(order_id, "collect")
    shop.gcw("orders", "pull")
    told = label(shop, order_id)
    assert [(row["parcel"], row["result"]) for row in told] == [("1 of 2", "known"), ("2 of 2", "bought")]
    assert sorted(path.name for path in folder(shop, order_id).glob("*label*")) == ["shipping-label-2.pdf"]
    assert shop.gcw("orders", "label", "--from", "created", "--json").json == []
    assert shop.order(order_id)["lines"][1]["stage"] == "created", second


def test_a_label_that_cannot_be_had_keeps_back_no_other(shop: Shop) -> None:
    order_id = released(shop, 2)
    shop.fault(DOCUMENT, "code", code=11034037, message="The label is not ready.", times=5)
    shop.gcw.fails(6, "orders", "label", order_id, "--line", shop.lines(order_id)[0])
    shop.fault(DOCUMENT, "code", code=21042102, message="There is none.")
    shop.gcw.fails(5, "orders", "label", order_id)
    assert sorted(path.name for path in folder(shop, order_id).glob("*label*")) == ["shipping-label-2.pdf"]
    label(shop, order_id)
    assert len(list(folder(shop, order_id).glob("*label*"))) == 2
    assert len(shop.told()) == 2


def test_all_that_are_far_enough_are_labelled_and_no_others(shop: Shop) -> None:
    printed, young, undecided = released(shop), released(shop), released(shop)
    for order_id in (printed, undecided):
        shop.gcw("orders", "advance", order_id, "--to", "printed")
    shop.do(undecided, "request-cancel")
    shop.gcw("orders", "pull")
    assert [row["order"] for row in shop.gcw("orders", "label", "--json").json] == [printed]
    assert shop.gcw("orders", "label", "--json").json == []
    assert [row["order"] for row in shop.gcw("orders", "label", "--from", "created", "--json").json] == [young]
    assert len(shop.told()) == 2


def test_one_that_fails_stops_no_other(shop: Shop) -> None:
    first, second = released(shop), released(shop)
    shop.fault(CREATE, "code", code=21042067, message="The carrier refuses it.")
    ran = shop.gcw.fails(7, "orders", "label", first, second, "--json")
    assert [(row["order"], row["result"]) for row in ran.json] == [(first, "failed"), (second, "bought")]
    assert "21042067" in ran.json[0]["why"]


def test_a_label_is_written_again_for_its_owner_only_and_that_is_on_record(either_shop: Shop) -> None:
    shop = either_shop
    order_id = released(shop)
    shop.gcw.fails(4, "orders", "label", order_id, "-o", str(shop.home / "label.pdf"))
    label(shop, order_id)
    out = shop.home / "label.pdf"
    out.write_bytes(b"old")
    out.chmod(0o644)
    asked = len(shop.sandbox.journal())
    shop.gcw("orders", "label", order_id, "-o", str(out))
    assert out.read_bytes() == (folder(shop, order_id) / LABEL).read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(shop.sandbox.journal()) == asked
    assert shop.history(order_id)[-1] == "label written to a file"


def test_no_one_reads_it_in_the_database_or_in_what_is_shown(shop: Shop) -> None:
    order_id = released(shop)
    ran = shop.gcw("--verbose", "orders", "label", order_id)
    name = name_of_buyer(shop, order_id)
    shown = shop.gcw("orders", "show", order_id, "--json").stdout + shop.gcw("orders", "explain", order_id).stdout
    with shop.session() as session:
        row = session.exec(select(Shipment)).one()
        assert row.sealed_label
        assert b"%PDF" not in row.sealed_label
        told = repr([(one.payload, one.answer, one.trouble) for one in session.exec(select(OutboxEntry))])
    for text in (ran.stdout, ran.stderr, shown, told):
        assert name not in text
        assert "token=" not in text


# What must not be bought


def test_what_was_never_released_gets_no_label(shop: Shop) -> None:
    order_id = shop.ready(shipping_type="TIKTOK")
    assert "never released" in shop.gcw.fails(4, "orders", "label", order_id).stderr
    assert shop.requests()[-1].startswith("GET /order")  # of the pull: nothing was asked about labels
    assert shop.told() == []


def test_what_the_seller_ships_gets_no_label(shop: Shop) -> None:
    order_id = shop.released()
    assert "orders ship" in shop.gcw.fails(4, "orders", "label", order_id).stderr
    assert "orders ship" in shop.gcw.fails(4, "orders", "services", order_id).stderr


def test_a_buyer_who_asks_to_cancel_stops_the_purchase_until_somebody_decides(shop: Shop) -> None:
    order_id = released(shop)
    shop.do(order_id, "request-cancel")  # nobody has pulled since
    ran = shop.gcw.fails(4, "orders", "label", order_id, "--json")
    assert ran.error["code"] == "needs_decision"
    assert shop.told() == []
    label(shop, order_id, "--yes")
    assert len(shop.told()) == 1


def test_what_is_cancelled_gets_no_label_and_production_is_told(shop: Shop) -> None:
    order_id = released(shop)
    shop.do(order_id, "cancel")
    shop.gcw.fails(4, "orders", "label", order_id, "--yes")
    assert shop.told() == []


def test_a_cancel_after_the_label_reaches_production(shop: Shop) -> None:
    order_id = released(shop)
    label(shop, order_id)
    shop.gcw("orders", "pull")
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "canceled"
    assert json.loads((folder(shop, order_id) / "CANCELLED.json").read_text())["wholeOrder"] is True
    shop.gcw.fails(4, "orders", "label", order_id)


def test_a_part_by_accident_is_refused(shop: Shop) -> None:
    order_id = released(shop, 2)
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    ran = shop.gcw.fails(4, "orders", "label", order_id)
    assert "--line" in ran.stderr
    assert shop.told() == []


def test_what_fails_after_its_label_was_bought_has_not_left(shop: Shop) -> None:
    """With its label TikTok counts it as shipped; gcw does not, and hands nothing over anew by itself."""
    order_id = released(shop)
    label(shop, order_id)
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "failed"
    told = shop.gcw("orders", "explain", order_id, "--json").json["next"]
    assert "made again from the folder" in told["sentence"]
    shop.gcw("orders", "release")
    assert shop.folders() == [f"TTS-{order_id}"]


# Faults


def lose(shop: Shop, *, happened: bool, what: str = "/202512/packages", after: bool = False) -> None:
    """The answer of the next purchase is lost, and `after` it all others as well."""
    struck = []

    def cut(request: httpx.Request) -> None:
        struck.append(request)
        raise httpx.ReadError("cut", request=request)

    def before(request: httpx.Request) -> None:
        if (after and struck and "_sandbox" not in request.url.path) or (
            not happened and not struck and request.url.path.endswith(what)
        ):
            cut(request)

    def change(request: httpx.Request, answer: Json) -> Json | None:
        if happened and not struck and request.url.path.endswith(what):
            cut(request)
        return None

    shop.relay.before, shop.relay.change = before, change


def mend(shop: Shop) -> None:
    shop.relay.before, shop.relay.change = lambda request: None, lambda request, answer: None


def test_a_lost_answer_is_read_back(either_shop: Shop) -> None:
    shop = either_shop
    order_id = released(shop, 2)
    lose(shop, happened=True)
    (row,) = label(shop, order_id)
    assert row["service"] == "USPS Ground Advantage"
    assert len(shop.told()) == 1
    assert effects(shop) == ["done"]
    assert shop.history(order_id).count("label bought") == 1


def test_an_answer_that_never_came_and_nothing_happened(shop: Shop) -> None:
    order_id = released(shop)
    lose(shop, happened=False)
    ran = shop.gcw.fails(6, "orders", "label", order_id, "--json")
    assert "looks before it buys" in ran.error["hint"]
    assert (effects(shop), shop.told()) == (["written"], [])
    told = shop.gcw("orders", "explain", order_id, "--json").json["next"]
    assert told["command"] == f"gcw orders label {order_id}"
    assert [one["order"] for one in shop.gcw("status", "--json").json["unconfirmed"]["label"]] == [order_id]
    label(shop, order_id)
    assert (effects(shop), len(shop.told())) == (["done"], 1)


def test_a_pull_closes_a_purchase_whose_answer_was_lost_for_good(shop: Shop) -> None:
    order_id = released(shop)
    lose(shop, happened=True, after=True)
    shop.gcw.fails(6, "orders", "label", order_id)
    mend(shop)
    assert effects(shop) == ["written"]
    shop.gcw("orders", "pull")
    assert effects(shop) == ["done"]
    (row,) = label(shop, order_id)  # only fetches the label
    assert (row["service"], row["file"]) == ("USPS Ground Advantage", str(folder(shop, order_id) / LABEL))
    assert len(shop.told()) == 1


def test_bought_already_is_read_back_and_counts(shop: Shop) -> None:
    """Another program, or Seller Center, was first."""
    order_id = released(shop)

    def meanwhile(request: httpx.Request) -> None:
        if request.url.path.endswith("/202512/packages"):
            shop.relay.before = lambda request: None
            other = Runtime(transport=shop.relay)
            try:
                with other.database.view() as session:
                    store = session.exec(select(Store)).one()
                client = other.client_for(store)
                client.call(
                    "create_package", "POST", "/fulfillment/202309/packages",
                    json={"order_id": order_id}, repeatable=False,
                )  # fmt: skip
            finally:
                other.close()

    shop.relay.before = meanwhile
    (row,) = label(shop, order_id)
    assert row["package_id"]
    assert len(shop.told()) == 1
    assert (folder(shop, order_id) / LABEL).is_file()


def test_a_label_from_seller_center_is_fetched_and_not_bought_again(shop: Shop) -> None:
    order_id = released(shop)
    other = Runtime(transport=shop.relay)
    with other.database.view() as session:
        store = session.exec(select(Store)).one()
    body = {"order_id": order_id}
    other.client_for(store).call("create_package", "POST", "/fulfillment/202309/packages", json=body, repeatable=False)
    other.close()
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "created"
    (row,) = label(shop, order_id)
    assert Path(row["file"]).is_file()
    assert "label bought outside gcw" in shop.history(order_id)
    assert len(shop.told()) == 1


@pytest.mark.parametrize(
    ("code", "exit_code", "state"),
    [(21042057, 5, "void"), (21004008, 4, "void"), (11021014, 4, "void"), (21030005, 6, "written")],
)
def test_a_refusal_is_told_and_the_next_run_may_succeed(shop: Shop, code: int, exit_code: int, state: str) -> None:
    order_id = released(shop)
    shop.fault(CREATE, "code", code=code, message="No.")
    shop.gcw.fails(exit_code, "orders", "label", order_id)
    assert (effects(shop), shop.told()) == ([state], [])
    label(shop, order_id)
    assert (effects(shop), len(shop.told())) == (["done"], 1)


def test_a_rate_limit_is_waited_out(shop: Shop) -> None:
    order_id = released(shop)
    shop.fault(CREATE, "rate_limit", retry_after=2)
    label(shop, order_id)
    assert len(shop.told()) == 1


def test_while_the_carrier_makes_the_label_it_is_asked_again(shop: Shop) -> None:
    order_id = released(shop)
    shop.fault(DOCUMENT, "code", code=11034037, message="The label is not ready.", times=2)
    label(shop, order_id)
    assert (folder(shop, order_id) / LABEL).is_file()


def test_a_label_that_takes_long_is_fetched_by_the_next_run(shop: Shop) -> None:
    order_id = released(shop)
    shop.fault(DOCUMENT, "code", code=11034037, message="The label is not ready.", times=5)
    shop.gcw.fails(6, "orders", "label", order_id)
    assert (effects(shop), len(shop.told())) == (["done"], 1)
    assert not (folder(shop, order_id) / LABEL).exists()
    label(shop, order_id)
    assert (folder(shop, order_id) / LABEL).is_file()
    assert len(shop.told()) == 1


class Torn(httpx.BaseTransport):
    """Sends documents otherwise than the sandbox does, so many times."""

    def __init__(self, inner: httpx.BaseTransport, content: bytes | None, times: int) -> None:
        self.inner, self.content, self.times = inner, content, times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        if not request.url.path.startswith("/documents/") or not self.times:
            return response
        self.times -= 1
        whole = response.read()
        spoiled = whole[:-200] if self.content is None else self.content
        return httpx.Response(200, content=spoiled, headers={"content-type": "application/pdf"})


@pytest.mark.parametrize(
    "content", [None, b"<html>no</html>", b"%PDF-1.4 nothing\n%%EOF"], ids=["torn", "page", "hollow"]
)
def test_what_is_no_whole_pdf_is_fetched_again_and_never_kept(shop: Shop, content: bytes | None) -> None:
    order_id = released(shop)
    shop.relay.inner = Torn(shop.relay.inner, content, times=3)
    shop.gcw.fails(6, "orders", "label", order_id)
    assert not (folder(shop, order_id) / LABEL).exists()
    with shop.session() as session:
        assert session.exec(select(Shipment.sealed_label)).one() is None
    shop.relay.inner.times = 1
    label(shop, order_id)
    assert name_of_buyer(shop, order_id) in words((folder(shop, order_id) / LABEL).read_bytes())
    assert len(shop.told()) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/label.pdf", "http://169.254.169.254/latest", "file:///etc/passwd"])
def test_an_address_that_leads_elsewhere_is_not_followed(shop: Shop, url: str) -> None:
    order_id = released(shop)

    def lead(request: httpx.Request, answer: Json) -> Json | None:
        if DOCUMENT not in request.url.path:
            return None
        answer["data"]["doc_url"] = f"{url}?token=secret"
        return answer

    shop.relay.change = lead
    ran = shop.gcw.fails(5, "orders", "label", order_id)
    assert "address that TikTok gives" in ran.stderr
    assert "secret" not in ran.stderr


def test_a_package_that_is_only_drafted_is_shipped(shop: Shop) -> None:
    """Some say that creating a package by the newer call does not buy the label yet."""
    order_id = released(shop)

    class Drafting(httpx.BaseTransport):
        def __init__(self, inner: httpx.BaseTransport) -> None:
            self.inner = inner

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/202512/packages"):
                return self.inner.handle_request(request)
            order = shop.sold(order_id)
            assert order
            drafted = parcels.pack(shop.world, [order], order.live(), int(shop.world.now()))
            body = {"code": 0, "message": "Success", "request_id": "1", "data": {"package_id": drafted.id}}
            return httpx.Response(200, json=body, headers={"date": formatdate(shop.gcw.clock(), usegmt=True)})

    shop.relay.inner = Drafting(shop.relay.inner)
    (row,) = label(shop, order_id)
    assert row["tracking_number"]
    assert (folder(shop, order_id) / LABEL).is_file()


def test_where_the_newest_version_is_unknown_the_older_one_is_used(shop: Shop) -> None:
    order_id = released(shop, 2)
    shop.fault(CREATE, "code", code=36009009, message="Invalid path", times=2)
    first, second = shop.lines(order_id)
    label(shop, order_id, "--line", first)
    assert bodies(shop)[-1]["order_line_item_ids"] == [first]
    label(shop, order_id)
    assert bodies(shop)[-1]["order_line_item_ids"] == [second]
    assert len(shop.told()) == 2


def test_two_at_once_buy_one_label(either_shop: Shop) -> None:
    shop = either_shop
    order_id = released(shop, 2)

    def work(gcw: Runtime, store: Store) -> list[labelling.Labelled]:
        means = Means(gcw.database, gcw.client_for(store), gcw.seal, store, Act("test", gcw.now()))
        return labelling.label(means, [order_id], labels.Wish(), Stage.PRINTED, named=True)

    told = at_once.run(shop, work, meet=lambda request: request.url.path.endswith("/shipping_services/query"))
    assert [row.error for rows in told for row in rows] == [None, None]
    assert len({row.package_id for rows in told for row in rows}) == 1
    assert len(shop.told()) == 1
    assert shop.history(order_id).count("label bought") == 1
    assert shop.history(order_id).count("label given to production") == 1


# Around it


def test_production_that_took_the_folder_is_told_by_hand(shop: Shop) -> None:
    order_id = released(shop)
    shutil.move(folder(shop, order_id), shop.home.parent / f"taken-{order_id}")
    ran = shop.gcw("orders", "label", order_id)
    assert f"gcw orders label {order_id} -o" in ran.stderr
    assert "label to be given by hand" in shop.history(order_id)
    assert shop.folders() == []


def test_a_hand_off_that_cannot_be_written_is_tried_again(shop: Shop) -> None:
    order_id = released(shop)
    away = shop.home.parent / f"away-{order_id}"
    shop.hand_off.rename(away)
    try:
        ran = shop.gcw.fails(6, "orders", "label", order_id)
        assert "gcw orders label" in ran.stderr
    finally:
        away.rename(shop.hand_off)
    label(shop, order_id)
    assert (folder(shop, order_id) / LABEL).is_file()
    assert len(shop.told()) == 1


def test_gelatoconnect_takes_no_label_so_the_order_is_held(shop: Shop) -> None:
    intake, _ = connect(shop)
    order_id = shop.ready(shipping_type="TIKTOK")
    assert shop.holds(order_id) == ["manual"]
    assert "neither a label" in shop.order(order_id)["holds"][0]["sentence"]
    assert intake.seen == []
    shop.gcw("orders", "release", order_id, "--yes")
    assert "shippingAddress" not in intake.seen[0]["body"]
    ran = shop.gcw("orders", "label", order_id)
    assert "-o label.pdf" in ran.stderr
    out = shop.home / "label.pdf"
    shop.gcw("orders", "label", order_id, "-o", str(out))
    assert out.read_bytes().startswith(b"%PDF")


def due_soon(shop: Shop) -> None:
    with shop.session() as session:
        session.exec(select(Order)).one().ship_by = int(shop.gcw.clock()) + 3600


def test_at_risk_and_explain_and_ship_name_the_label(shop: Shop) -> None:
    order_id = released(shop)
    due_soon(shop)
    (risk,) = shop.gcw.fails(8, "orders", "at-risk", "--json").json
    assert risk["command"] == f"gcw orders label {order_id}"
    assert "not bought yet" in risk["why"]
    assert f"gcw orders label {order_id}" in shop.gcw.fails(4, *shop.ship(order_id)).stderr
    assert shop.gcw("orders", "explain", order_id, "--json").json["next"]["command"] == f"gcw orders label {order_id}"
    label(shop, order_id)
    due_soon(shop)
    (risk,) = shop.gcw.fails(8, "orders", "at-risk", "--json").json
    assert "USPS takes it" in risk["why"]
    assert risk["command"] == "gcw orders pull"
    story = shop.gcw("orders", "explain", order_id, "--json").json
    told = {one["what"]: one["sentence"] for one in story["timeline"]}
    assert told["label bought"].startswith("1 units by USPS")
    assert "shipped outside gcw" not in told


def test_what_production_reports_as_shipped_leads_to_the_label(shop: Shop) -> None:
    order_id = released(shop)
    results = shop.hand_off / "results"
    results.mkdir(exist_ok=True)
    (results / "a.json").write_text(json.dumps({"orderReferenceId": f"TTS-{order_id}", "status": "shipped"}))
    (row,) = shop.gcw("orders", "collect", "--json").json
    assert (row["stage"], row["command"]) == ("packaged", f"gcw orders label {order_id}")


def test_a_purge_forgets_labels_in_the_database_and_in_folders(either_shop: Shop) -> None:
    shop = either_shop
    order_id = released(shop)
    label(shop, order_id)
    shop.gcw("orders", "pull")
    shop.advance(3 * 86_400)
    shop.do(order_id, "deliver")
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "delivered"
    shop.advance(31 * 86_400)
    shop.gcw.offset += 34 * 86_400
    (row,) = shop.gcw("privacy", "purge", "--older-than", "30d", "--json").json
    assert (row["orders"], row["folders"]) == (1, 1)
    with shop.session() as session:
        assert session.exec(select(Shipment.sealed_label)).one() is None
    assert sorted(path.suffix for path in folder(shop, order_id).iterdir()) == [".json", ".json", ".pdf", ".pdf"]
    assert not (folder(shop, order_id) / LABEL).exists()
    shop.gcw.fails(4, "orders", "label", order_id, "-o", str(shop.home / "label.pdf"))
    assert "forgotten" in shop.gcw.fails(4, "orders", "label", order_id).stderr
    with shop.session() as session:
        assert session.exec(select(Shipment.sealed_label)).one() is None


def test_disconnecting_forgets_labels_too(shop: Shop) -> None:
    order_id = released(shop)
    label(shop, order_id)
    shop.gcw("store", "disconnect", "Paper Harbor", "--yes")
    with shop.session() as session:
        assert session.exec(select(Shipment.sealed_label)).one() is None
    assert not (folder(shop, order_id) / LABEL).exists()
