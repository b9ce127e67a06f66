"""How listings are counted into tabs, on both databases."""

import pytest

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    Authorization,
    Connection,
    Customer,
    CustomerProduct,
    Facility,
    Ignored,
    IgnoreScope,
    Listing,
    ProductModel,
    ProductUid,
    Store,
    Variant,
)
from gcw_tiktok.workflow.storefronts import products
from gcw_tiktok.workflow.storefronts.products import Tab

KINDS = {
    "a whole one": ("connected", "connected"),
    "b half": ("connected", "waiting"),
    "c bare": ("waiting", "waiting"),
    "d left out": ("ignored", "ignored"),
    "e mixed": ("connected", "ignored"),
    "f whole listing": ("listing", "connected"),
    "g gone": ("gone", "connected"),
}
"""By title, what becomes of its variants."""


@pytest.fixture
def stocked(database: Database) -> Database:
    with database.session() as session:
        session.add(Customer(id=1, name="Paper Harbor", created_at=1))
        session.add(Facility(id=1, name="Main floor", hand_off="folder:/x", created_at=1))
        times = {"access_expires_at": 1, "refresh_expires_at": 1, "granted_at": 1}
        session.add(Authorization(id=1, open_id="o", api_url="x", **times))
        session.flush()
        of = {"customer_id": 1, "facility_id": 1, "authorization_id": 1, "connected_at": 1, "orders_cursor": 1}
        for number in (1, 2):
            session.add(Store(id=number, shop_id=str(number), name=f"S{number}", cipher="c", **of))
        session.add(ProductModel(id=1, name="M"))
        session.flush()
        session.add(CustomerProduct(id=1, name="P", model_id=1))
        session.flush()
        session.add(ProductUid(uid="U", product_id=1))
        for number, (title, kinds) in enumerate(KINDS.items(), 1):
            on_sale = "DRAFT" if title == "c bare" else "ACTIVATE"
            session.add(Listing(id=number, store_id=1, product_id=f"17{number}", title=title, status=on_sale))
            session.flush()
            for place, kind in enumerate(kinds):
                _variant(session, number, 10 * number + place, kind)
    return database


def _variant(session, listing: int, number: int, kind: str) -> None:  # type: ignore[no-untyped-def]
    sku = {"sku_id": f"18{number}", "seller_sku": f"SKU-{number}_x"}
    session.add(Variant(id=number, store_id=1, listing_id=listing, gone_at=5 if kind == "gone" else None, **sku))
    session.flush()
    if kind == "connected":
        session.add(Connection(variant_id=number, version=1, product_uid="U", made_at=1))
        session.add(Connection(variant_id=number, version=2, product_uid="U", made_at=1, ended_at=2))
    if kind in ("ignored", "listing"):
        scope = IgnoreScope.VARIANT if kind == "ignored" else IgnoreScope.LISTING
        subject = sku["sku_id"] if kind == "ignored" else f"17{listing}"
        session.add(Ignored(store_id=1, scope=scope, subject=subject, version=1, made_at=1))
        session.add(
            Ignored(store_id=1, scope=IgnoreScope.VARIANT, subject="18999", version=number, made_at=1, ended_at=2)
        )


def test_each_listing_stands_in_one_tab(stocked: Database) -> None:
    with stocked.view() as view:
        found = {tab: products.page(view, 1, tab, "", 1) for tab in Tab}
    titles = {tab: [row.title[0] for row in page.rows] for tab, page in found.items()}
    assert titles == {
        Tab.ALL: ["a", "b", "c", "d", "e", "f", "g"],
        Tab.CONNECTED: ["a", "e", "f", "g"],
        Tab.WAITING: ["b", "c"],
        Tab.IGNORED: ["d"],
    }
    assert found[Tab.ALL].counts == {tab: len(titles[tab]) for tab in Tab}
    mixed = next(row for row in found[Tab.ALL].rows if row.title == "e mixed")
    assert (mixed.variants, mixed.connected, mixed.ignored) == (2, 1, 1)


def test_the_share_is_of_what_buyers_can_order(stocked: Database) -> None:
    with stocked.view() as view:
        page, shares = products.page(view, 1, Tab.IGNORED, "", 1), products.shares(view, [1, 2])
    assert page.share == shares[1]
    assert shares[1].sentence == "6 of 7 variants connected."
    assert shares[2].sentence == "No products yet."


@pytest.mark.parametrize(
    ("search", "found"),
    [("WHOLE", "af"), ("whole listing", "f"), ("sku-31_", "c"), ("1710", ""), ("174", "d"), ("1850", "e"), ("%", "")],
)
def test_a_search_finds_titles_skus_and_ids(stocked: Database, search: str, found: str) -> None:
    with stocked.view() as view:
        page = products.page(view, 1, Tab.ALL, search, 1)
    assert "".join(row.title[0] for row in page.rows) == found
