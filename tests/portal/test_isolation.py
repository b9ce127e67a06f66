"""Each customer's people see their own customer only, and a stranger sees nothing: every address is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlmodel import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gcw_tiktok.store.tables import Customer, Design, Facility, Job, Line, Order, Person, Store, Variant
from gcw_tiktok.web.portal import design_form
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.publishing.wanted import Wanted
from gcw_tiktok.workflow.storefronts import adding, bulk, listing_pictures, listing_work, owner_links
from orders.shop import POSTER, SKU, STORE, UID
from portal.visit import Pages, Visitor

OPEN = {
    "static",
    "sign_in.form",
    "sign_in.sign_in",
    "sign_in.sign_out",
    "sign_in.welcome",
    "sign_in.set_password",
    "sign_in.forgotten",
    "sign_in.ask_again",
    "consent.callback",
    "consent.invited",
    "consent.go",
}
"""What may be asked for without a session: each checks for itself, and has tests of its own."""
MOVES_ON = {"sign_in.form"}


@dataclass(frozen=True)
class Address:
    """One address of the portal, with everything in it that Paper Harbor has."""

    endpoint: str
    method: str
    path: str
    names_something: bool
    """Whether an id in it belongs to a customer; without one a page shows the reader's own things."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses(pages: Pages) -> list[Address]:
    """All of them, by the application's own map."""
    ids = _ids(pages)
    return [one for rule in pages.app.url_map.iter_rules() for one in _of(rule, pages.app, ids)]


def _of(rule: Rule, app: Flask, ids: dict[str, str]) -> Iterator[Address]:
    if rule.endpoint in OPEN:
        return
    missing = rule.arguments - set(ids)
    assert not missing, f"{rule}: say in _ids what {missing} of Paper Harbor's is"
    path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: ids[found[1]], rule.rule)
    for method in sorted((rule.methods or set()) & {"GET", "POST"}):
        yield Address(rule.endpoint, method, path, bool(rule.arguments - set(COMMON)))


COMMON = {"kind": "csv", "area": "default", "extension": "csv", "what": "csv", "step": "design", "number": "0"}
"""Parts of addresses that belong to nobody."""


def _ids(pages: Pages) -> dict[str, str]:
    """For each name in an address, something of Paper Harbor's."""
    with pages.portal.database.session() as session:
        customer = session.exec(select(Customer).where(Customer.name == "Paper Harbor")).one()
        store = session.exec(select(Store).where(Store.customer_id == customer.id)).one()
        variant = session.exec(select(Variant).where(Variant.seller_sku == SKU)).one()
        design = session.exec(select(Design)).one()
        order = session.exec(select(Order).where(Order.store_id == store.id)).first()
        assert order is not None
        line = session.exec(select(Line).where(Line.order_pk == order.id)).first()
        assert line is not None
        person = session.exec(select(Person).where(Person.customer_id == customer.id)).first()
        assert person is not None
        now = pages.portal.now()
        for job_id, kind in (("a-job-of-paper-harbors", bulk.IMPORT), ("a-copy-of-paper-harbors", listing_work.COPY)):
            job = Job(id=job_id, kind=kind, customer_id=customer.id, store_id=store.id, started_by=person.email,
                      started_at=now, beat_at=now, file=b"theirs", file_name="result.csv")  # fmt: skip
            session.add(job)
        shown = listing_pictures.take(BytesIO(picture()), "pier.png", listing_pictures.MAIN, pages.portal.pictures)
        wanted = Wanted(product="Harbor Poster", image=(shown,))
        begun = adding.add(session, pages.portal, person, store, wanted, {})
        facility = session.exec(select(Facility)).first()
        assert facility is not None
        return COMMON | {
            "customer_id": str(customer.id),
            "store_id": str(store.id),
            "listing_id": str(variant.listing_id),
            "variant_id": str(variant.id),
            "order_id": order.order_id,
            "line_id": line.line_id,
            "person_id": str(person.id),
            "job_id": "a-job-of-paper-harbors",
            "copy_id": "a-copy-of-paper-harbors",
            "adding_id": str(begun.id),
            "facility_id": str(facility.id),
            "link_id": owner_links.short(owner_links.make(session, Act("op", now), customer, facility)[0]),
            "sealed": _sealed(pages, customer, design),
        }


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (600, 600), "teal").save(content, "PNG")
    return content.getvalue()


def _sealed(pages: Pages, customer: Customer, design: Design) -> str:
    """How the editor's page names a design."""
    with pages.app.app_context():
        return str(design_form.seal().dumps([customer.id, design.sha256, "poster.pdf"]))


@pytest.fixture
def harbor(pages: Pages) -> Pages:
    """Paper Harbor with an order and a person, beside another customer."""
    pages.gcw("products", "connect", STORE, SKU, UID, "--design", str(POSTER))
    pages.sandbox.order(SKU)
    pages.gcw("orders", "pull")
    pages.gcw("customer", "add", "Other House", "--storefronts")
    pages.add("ada@harbor.example")
    return pages


def test_a_stranger_is_led_to_the_sign_in_page_from_everywhere(harbor: Pages) -> None:
    visitor = harbor.visitor()
    visitor.get("/sign-in")
    for one in addresses(harbor):
        answer = _ask(visitor, one)
        assert answer.status_code == 302, one
        assert answer.headers["Location"].startswith("/sign-in"), one


def test_another_customers_admin_finds_nothing_at_any_address(harbor: Pages) -> None:
    eve = harbor.admin("eve@other.example", "Other House")
    eve.get("/stores")
    before = harbor.gcw("orders", "list", "--json").json, harbor.gcw("products", "list", STORE, "--json").json
    tried = [one for one in addresses(harbor) if one.names_something]
    assert tried
    for one in tried:
        assert _ask(eve, one).status_code == 404, one
    assert (harbor.gcw("orders", "list", "--json").json, harbor.gcw("products", "list", STORE, "--json").json) == before


def test_pages_without_an_id_show_another_customer_nothing_of_it(harbor: Pages) -> None:
    eve = harbor.admin("eve@other.example", "Other House")
    order_id = next(iter(harbor.sandbox.orders()))
    for one in addresses(harbor):
        if not one.names_something and one.method == "GET":
            said = _ask(eve, one).get_data(as_text=True)
            for theirs in ("Paper Harbor", "ada@harbor.example", order_id, "POSTER-HARBOR"):
                assert theirs not in said, one


def test_an_operators_pages_are_not_there_for_customers(harbor: Pages) -> None:
    ada = harbor.visitor().sign_in("ada@harbor.example")
    ada.get("/stores")  # its form has the token by which an answer is more than "no token"
    for one in addresses(harbor):
        if one.endpoint.startswith("operators."):
            assert _ask(ada, one).status_code == 404, one


def test_their_own_admin_finds_something_at_every_address(harbor: Pages) -> None:
    """Otherwise 404 would prove nothing."""
    ada = harbor.visitor().sign_in("ada@harbor.example")
    for one in addresses(harbor):
        if one.method == "GET" and not one.endpoint.startswith("operators."):
            assert _ask(ada, one).status_code != 404, one


def test_nothing_is_changed_without_the_forms_token(harbor: Pages) -> None:
    ada = harbor.visitor().sign_in("ada@harbor.example")
    for one in addresses(harbor):
        if one.method == "POST":
            assert ada.client.post(one.path).status_code == 400, one


def _ask(visitor: Visitor, one: Address) -> TestResponse:
    if one.method == "GET":
        return visitor.client.get(one.path, buffered=True)
    return visitor.client.post(one.path, data={"csrf_token": visitor.token})
