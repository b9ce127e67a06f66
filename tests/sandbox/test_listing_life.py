"""Whatever is done to a listing in whatever order, it is what its seller and its reviewers last made of it."""

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client
from sandbox.sellers_desk import HALF_AN_HOUR, create, detail, poster, refused, sku

TITLES = st.sampled_from(["Pier", "Dunes", "Reject me", "Harbor"])
SHOWN = {"ACTIVATE", "SELLER_DEACTIVATED"}
"""What a listing is that has been live."""


class Life(RuleBasedStateMachine):
    """One listing beside what should have become of it: its status, and the titles that are live, reviewed, drafted."""

    @initialize(title=TITLES, is_draft=st.booleans())
    def begin(self, title: str, is_draft: bool) -> None:
        world = World(seed=7, now=START, products=0, orders=0)
        self.client = Client(world, httpx.WSGITransport(app=create_app(world)))
        self.client.connect()
        mode = "AS_DRAFT" if is_draft else "LISTING"
        body = poster(self.client, title=title, save_mode=mode, skus=[sku(self.client)])
        made = create(self.client, body)
        self.id, self.sku = made["product_id"], made["skus"][0]["id"]
        self.base, self.waiting, self.draft = title, "", ""
        self.status = "DRAFT" if is_draft else "PENDING"
        self.price = "21.99"

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.http.close()

    def edit(self, **members: object) -> int:
        return refused(self.client, dict(members), f"/product/202509/products/{self.id}/partial_edit")

    def do(self, method: str, path: str) -> bool:
        answer = self.client.data(method, f"/product/202309/products{path}", None, {"product_ids": [self.id]})
        return not answer

    @rule(title=TITLES)
    def submit(self, title: str) -> None:
        if self.status == "DELETED":
            assert self.edit(title=title) == 12052901
            return
        assert self.edit(title=title) == 0
        self.draft = ""
        if self.status != "ACTIVATE":
            self.base, self.status = title, "PENDING"
        else:
            self.waiting = title if title != self.base else ""

    @precondition(lambda self: self.status != "DELETED")
    @rule(title=TITLES)
    def put_aside(self, title: str) -> None:
        assert self.edit(title=title, save_mode="AS_DRAFT") == 0
        if self.status == "DRAFT" or (self.status in ("PENDING", "FAILED") and not self.was_live()):
            self.base, self.status = title, "DRAFT"
        else:
            self.draft = title

    def was_live(self) -> bool:
        return detail(self.client, self.id)["product_status"] in SHOWN

    @rule()
    def wait(self) -> None:
        self.client.advance(HALF_AN_HOUR)
        self.settle("reject me" not in (self.waiting or self.base).lower())

    @precondition(lambda self: self.waiting or self.status == "PENDING")
    @rule(passes=st.booleans())
    def decide(self, passes: bool) -> None:
        self.client.control("POST", f"/products/{self.id}/{'approve' if passes else 'reject'}")
        self.settle(passes)

    def settle(self, passes: bool) -> None:
        if self.status == "PENDING":
            self.status = "ACTIVATE" if passes else "FAILED"
        elif self.waiting and passes:
            self.base = self.waiting
        elif self.waiting:
            self.draft = self.draft or self.waiting
        self.waiting = ""

    @rule()
    def show(self) -> None:
        assert self.do("POST", "/activate") == (self.status == "SELLER_DEACTIVATED")
        self.status = {"SELLER_DEACTIVATED": "PENDING"}.get(self.status, self.status)

    @rule()
    def hide(self) -> None:
        assert self.do("POST", "/deactivate") == (self.status == "ACTIVATE")
        if self.status == "ACTIVATE":
            self.status, self.draft, self.waiting = "SELLER_DEACTIVATED", self.draft or self.waiting, ""

    @rule()
    def delete(self) -> None:
        assert self.do("DELETE", "") == (self.status != "DELETED")
        self.status, self.draft, self.waiting = "DELETED", "", ""

    @rule()
    def recover(self) -> None:
        assert self.do("POST", "/recover") == (self.status == "DELETED")
        self.status = {"DELETED": "SELLER_DEACTIVATED"}.get(self.status, self.status)

    @rule(price=st.integers(1, 999))
    def reprice(self, price: int) -> None:
        body = {"skus": [{"id": self.sku, "price": {"amount": f"{price}", "currency": "USD"}}]}
        code = refused(self.client, body, f"/product/202309/products/{self.id}/prices/update")
        assert code == (0 if self.status == "ACTIVATE" else 12052901)
        self.price = str(price) if code == 0 else self.price

    @invariant()
    def it_is_what_it_should_be(self) -> None:
        path = "/product/202502/products/search"
        rows = self.client.data("POST", path, {"page_size": 1}, {"status": self.status})["products"]
        assert [(each["id"], each["title"]) for each in rows] == [(self.id, self.base)]
        if self.status == "DELETED":
            return
        shown = detail(self.client, self.id)
        assert (shown["status"], shown["title"], shown["has_draft"]) == (self.status, self.base, bool(self.draft))
        assert (shown["skus"][0]["id"], shown["skus"][0]["price"]["sale_price"]) == (self.sku, self.price)
        assert (shown["audit"]["status"] == "AUDITING") == bool(self.waiting or self.status == "PENDING")
        if self.draft:
            assert detail(self.client, self.id, return_draft_version="true")["title"] == self.draft
        if self.waiting:
            assert detail(self.client, self.id, return_under_review_version="true")["title"] == self.waiting


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
