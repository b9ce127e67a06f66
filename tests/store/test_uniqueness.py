"""What must never be there twice is refused by the database itself, whatever the code does."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    Authorization,
    Connection,
    Customer,
    CustomerProduct,
    Facility,
    Hold,
    HoldReason,
    Line,
    Listing,
    Order,
    OutboxEntry,
    ProductModel,
    ProductUid,
    SetAside,
    Shipment,
    Store,
    Variant,
)

UID = "poster_18x24"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session in which one of everything exists, each with the id 1; `other` store has the id 2."""
    with database.session() as session:
        for rows in (
            [
                Customer(name="Paper Harbor", created_at=1),
                Facility(name="Main floor", hand_off="folder:/x", created_at=1),
            ],
            [Authorization(open_id="o", api_url="https://x", access_expires_at=1, refresh_expires_at=1, granted_at=1)],
            [store("7495"), store("7496")],
            [ProductModel(name="Poster"), Listing(store_id=1, product_id="1729")],
            [CustomerProduct(name="Poster", model_id=1)],
            [ProductUid(uid=UID, product_id=1), variant()],
            [Connection(variant_id=1, version=1, product_uid=UID, made_at=1), order()],
            [line(), shipment(), effect(), Hold(order_pk=1, reason=HoldReason.UNPAID, sentence="", since=1)],
            [SetAside(store_id=1, order_id="577", reason="", since=1)],
        ):
            session.add_all(rows)
            session.flush()
        session.commit()
        yield session
        session.rollback()


def store(shop_id: str) -> Store:
    return Store(
        shop_id=shop_id,
        name="Paper Harbor",
        cipher="c",
        customer_id=1,
        facility_id=1,
        authorization_id=1,
        connected_at=1,
        orders_cursor=1,
    )


def order(store_id: int = 1, order_id: str = "576") -> Order:
    return Order(store_id=store_id, order_id=order_id, status="UNPAID", placed_at=1, updated_at=1, read_at=1)


def line(store_id: int = 1, line_id: str = "5761") -> Line:
    return Line(store_id=store_id, order_pk=1, line_id=line_id, sku_id="1730")


def shipment(store_id: int = 1, package_id: str | None = "1152") -> Shipment:
    return Shipment(
        store_id=store_id,
        order_pk=1,
        package_id=package_id,
        carrier_id="1",
        carrier="USPS",
        tracking_number="9400",
        line_ids="5761",
    )


def variant(store_id: int = 1, sku_id: str = "1730") -> Variant:
    return Variant(store_id=store_id, listing_id=1, sku_id=sku_id)


def effect(key: str = "release/576") -> OutboxEntry:
    return OutboxEntry(key=key, kind="release", order_pk=1, written_at=1)


def connection(version: int = 2, ended_at: int | None = None) -> Connection:
    return Connection(variant_id=1, version=version, product_uid=UID, made_at=1, ended_at=ended_at)


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(lambda: order(), id="an order of a store"),
        pytest.param(lambda: line(), id="a line of a store"),
        pytest.param(lambda: shipment(), id="a package of a store"),
        pytest.param(lambda: variant(), id="a sku of a store"),
        pytest.param(lambda: Listing(store_id=1, product_id="1729"), id="a listing of a store"),
        pytest.param(lambda: effect(), id="an effect outside"),
        pytest.param(lambda: connection(), id="a second current connection of a variant"),
        pytest.param(lambda: connection(version=1, ended_at=1), id="a version of a connection"),
        pytest.param(lambda: Hold(order_pk=1, reason=HoldReason.UNPAID, sentence="", since=1), id="a hold's reason"),
        pytest.param(lambda: SetAside(store_id=1, order_id="577", reason="", since=1), id="an order set aside"),
        pytest.param(lambda: store("7495"), id="a shop"),
        pytest.param(lambda: Customer(name="Paper Harbor", created_at=1), id="a customer's name"),
        pytest.param(lambda: Facility(name="Main floor", hand_off="", created_at=1), id="a facility's name"),
    ],
)
def test_a_twin_is_refused(session: Session, twin: object) -> None:
    session.add(twin())  # type: ignore[operator]
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        session.flush()


@pytest.mark.parametrize(
    "sibling",
    [
        pytest.param(lambda: order(store_id=2), id="the same order id in another store"),
        pytest.param(lambda: line(store_id=2), id="the same line id in another store"),
        pytest.param(lambda: shipment(store_id=2), id="the same package id in another store"),
        pytest.param(lambda: variant(store_id=2), id="the same sku id in another store"),
        pytest.param(lambda: shipment(package_id=None), id="a parcel that TikTok has not numbered yet"),
        pytest.param(lambda: connection(ended_at=9), id="an ended version of a connection"),
    ],
)
def test_a_sibling_is_not(session: Session, sibling: object) -> None:
    session.add(sibling())  # type: ignore[operator]
    session.flush()


@pytest.mark.parametrize(
    "orphan",
    [
        pytest.param(lambda: order(store_id=99), id="an order"),
        pytest.param(lambda: variant(store_id=99, sku_id="1"), id="a variant"),
        pytest.param(
            lambda: Connection(variant_id=1, version=9, product_uid="none", made_at=1, ended_at=1), id="a uid"
        ),
    ],
)
def test_an_orphan_is_refused(session: Session, orphan: object) -> None:
    session.add(orphan())  # type: ignore[operator]
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.flush()


def test_moments_past_2038_and_tiktoks_long_ids_are_kept(session: Session) -> None:
    far, long = 9_999_999_999, "9" * 19
    row: SQLModel = order(order_id=long)
    row.placed_at = far  # type: ignore[attr-defined]
    session.add(row)
    session.flush()
    session.expire(row)
    assert (row.placed_at, row.order_id) == (far, long)  # type: ignore[attr-defined]
