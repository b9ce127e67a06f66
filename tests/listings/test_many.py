"""Connecting many variants in a few statements does exactly what connecting each of them does."""

import threading
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    Authorization,
    Connection,
    ConnectionDesign,
    Customer,
    CustomerProduct,
    Design,
    Event,
    Facility,
    IgnoreScope,
    Listing,
    ProductModel,
    ProductUid,
    Store,
    Variant,
)
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, ignoring, many
from gcw_tiktok.workflow.listings.connections import Pinned

SKUS = [f"17310000000000{number:05}" for number in range(12)]
HARBOR, LAKE = "a" * 64, "b" * 64
FRONT = (Pinned("front", HARBOR, "https://example.com/harbor.pdf"),)
BOTH = (*FRONT, Pinned("back", LAKE, "lake.pdf", placement=Placement("fill", 1.5), print_sha256=HARBOR))
NONE: tuple[Pinned, ...] = ()
FIRST, SECOND = Act("ada", 1_790_000_000), Act("bob", 1_790_000_100)


def fill(database: Database) -> Store:
    """A store of a dozen variants, two designs and two product UIDs."""
    now = 1_780_000_000
    with database.session() as session:
        for rows in (
            [Facility(id=1, name="Main", hand_off="folder:/x", created_at=now)],
            [Customer(id=1, name="Paper Harbor", storefronts=True, created_at=now)],
            [
                Authorization(
                    id=1, open_id="o", api_url="http://x", access_expires_at=now, refresh_expires_at=now, granted_at=now
                )
            ],
            [
                Store(
                    id=number,
                    shop_id=f"749500000000000000{number}",
                    name=f"Store {number}",
                    code=f"US{number}",
                    cipher="c",
                    customer_id=1,
                    facility_id=1,
                    authorization_id=1,
                    connected_at=now,
                    orders_cursor=now,
                )
                for number in (1, 2)
            ],
            [ProductModel(id=1, name="Card"), Listing(id=1, store_id=1, product_id="1729")],
            [CustomerProduct(id=1, name="Card", model_id=1)],
            [ProductUid(uid=uid, product_id=1) for uid in ("one", "two")],
            [Design(sha256=one, media_type="application/pdf", size=1, pinned_at=now) for one in (HARBOR, LAKE)],
            [Variant(store_id=1, listing_id=1, sku_id=sku_id) for sku_id in SKUS],
        ):
            for row in rows:
                session.add(row)
            session.flush()
        return session.get_one(Store, 1)


def stored(session: Session) -> list[tuple[Any, ...]]:
    """Every version of every variant with its designs, whatever the ids."""
    found = []
    rows = select(Variant.sku_id, Connection).join(Connection, col(Connection.variant_id) == Variant.id)
    for sku_id, one in session.exec(rows):
        designs = session.exec(select(ConnectionDesign).where(ConnectionDesign.connection_id == one.id)).all()
        printed = sorted((row.model_dump(exclude={"connection_id"}) for row in designs), key=lambda row: row["area"])
        found.append((sku_id, one.version, one.model_dump(exclude={"id", "variant_id"}), printed))
    return sorted(found, key=lambda row: row[:2])


ROUNDS: list[tuple[Act, dict[str, many.Wish]]] = [
    (FIRST, dict.fromkeys(SKUS[:8], ("one", FRONT))),
    (SECOND, {SKUS[0]: ("one", FRONT), SKUS[1]: ("two", FRONT), SKUS[2]: ("one", BOTH), SKUS[9]: ("two", NONE)}),
    (FIRST, {SKUS[2]: ("one", BOTH), SKUS[9]: ("one", NONE), SKUS[3]: ("one", (BOTH[0], BOTH[1]))}),
]


def test_it_does_what_connecting_one_after_another_does(database_url: str, database: Database, tmp_path: Any) -> None:
    store = fill(database)
    for act, wanted in ROUNDS:
        with database.session() as session:
            done = many.connect_many(session, act, store, wanted, "a file")
            assert set(done) == set(wanted)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    fill(other)
    for act, wanted in ROUNDS:
        for sku_id, (uid, pinned) in wanted.items():
            with other.session() as session:
                variant = connections.find_variant(session, store, sku_id)
                connections.connect(session, act, store, variant, uid, pinned, "a file")
    with database.view() as mine, other.view() as theirs:
        assert stored(mine) == stored(theirs)
        assert len(stored(mine)) == 13
    other.close()


def test_what_is_so_already_is_told_and_changes_nothing(database: Database) -> None:
    store = fill(database)
    wanted: dict[str, many.Wish] = dict.fromkeys(SKUS, ("one", BOTH))
    with database.session() as session:
        assert set(many.connect_many(session, FIRST, store, wanted).values()) == {True}
    with database.session() as session:
        before = stored(session)
        assert set(many.connect_many(session, SECOND, store, wanted).values()) == {False}
        assert stored(session) == before
        events = session.exec(select(Event)).all()
    assert [(one.subject, one.what, one.data["variants"]) for one in events] == [
        (f"store:{store.shop_id}", "connected", len(SKUS))
    ]


def test_other_stores_variants_are_left_alone(database: Database) -> None:
    fill(database)
    with database.session() as session:
        other = session.get_one(Store, 2)
        assert many.connect_many(session, FIRST, other, {SKUS[0]: ("one", FRONT), "no such": ("one", FRONT)}) == {}
        assert stored(session) == []


def test_an_ended_connection_is_followed_by_the_next_version(database: Database) -> None:
    store = fill(database)
    with database.session() as session:
        many.connect_many(session, FIRST, store, {SKUS[0]: ("one", FRONT)})
    with database.session() as session:
        connections.disconnect(session, FIRST, connections.find_variant(session, store, SKUS[0]))
    with database.session() as session:
        standing = many.standings(session, 1, [SKUS[0]])[SKUS[0]]
        assert (standing.current, standing.newest) == (None, 1)
        many.connect_many(session, SECOND, store, {SKUS[0]: ("one", FRONT)})
    with database.view() as session:
        assert [row[1] for row in stored(session)] == [1, 2]


def test_at_once_with_others_nothing_is_lost_or_doubled(database: Database) -> None:
    """Both kinds at the same time over the same variants: every variant ends with one current version."""
    store = fill(database)
    failures: list[BaseException] = []

    def several(uid: str) -> None:
        with database.session() as session:
            many.connect_many(session, FIRST, store, dict.fromkeys(SKUS, (uid, FRONT)))

    def single(uid: str) -> None:
        for sku_id in reversed(SKUS):
            with database.session() as session:
                variant = connections.find_variant(session, store, sku_id)
                connections.connect(session, SECOND, store, variant, uid, BOTH)

    def run(work: Any, uid: str) -> None:
        try:
            for _ in range(3):
                work(uid)
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work, uid)) for work in (several, single) for uid in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    with database.view() as session:
        rows = stored(session)
    for sku_id in SKUS:
        versions = [row for row in rows if row[0] == sku_id]
        assert [row[1] for row in versions] == list(range(1, len(versions) + 1)), "no version is missing"
        assert [row[2]["ended_at"] is None for row in versions] == [False] * (len(versions) - 1) + [True]


def test_variants_that_were_ignored_are_so_no_longer_once_they_are_connected(database: Database) -> None:
    store = fill(database)
    assert store.id is not None
    first, second = ((IgnoreScope.VARIANT, sku_id) for sku_id in SKUS[:2])
    with database.session() as session:
        for place in (first, second):
            ignoring.start(session, FIRST, store, place, "Not ours")
    with database.session() as session:
        many.connect_many(session, SECOND, store, {SKUS[0]: ("one", FRONT)})
    with database.view() as session:
        assert set(ignoring.current(session, store.id, [first, second])) == {second}
