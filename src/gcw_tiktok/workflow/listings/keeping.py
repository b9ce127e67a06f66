"""Our listings and variants in the database: read and written in groups, however many there are."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session, SQLModel, col

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Store
from gcw_tiktok.tiktok import listed
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings.comparing import (
    Changes,
    KnownVariant,
    RemoteListing,
    compare,
    completed,
)

LISTINGS, VARIANTS = SQLModel.metadata.tables["listing"], SQLModel.metadata.tables["variant"]
AT_ONCE = 500
"""Ids in one query."""
INSERT = """
    INSERT INTO variant (store_id, sku_id, seen_at, listing_id, seller_sku, options, price, currency)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (store_id, sku_id) DO UPDATE SET
        listing_id = excluded.listing_id, seller_sku = excluded.seller_sku, options = excluded.options,
        price = excluded.price, currency = excluded.currency, gone_at = NULL, replaced_by = NULL,
        changed_at = excluded.seen_at
"""
"""One that we know from another listing moves, and keeps its row and what hangs on it."""
UPDATE = """
    UPDATE variant
    SET seller_sku = ?, options = ?, price = ?, currency = ?, changed_at = ?, gone_at = NULL, replaced_by = NULL
    WHERE id = ?
"""


@dataclass
class Known:
    """What we remember of some listings."""

    listings: dict[str, Any] = field(default_factory=dict)
    """Their rows by product id."""
    variants: dict[str, dict[str, KnownVariant]] = field(default_factory=dict)
    """By SKU id, under their product id."""
    row_ids: dict[str, int] = field(default_factory=dict)
    """The variants' rows by SKU id."""


def store_group(database: Database, store: Store, group: Sequence[RemoteListing], act: Act) -> Changes:
    """Compares some listings with ours and writes the columns that TikTok owns, in one transaction: what it writes is
    whole. Connections hang on the variant's row and stay."""
    with writing(database, store) as session:
        known = _known(session, store, group)
        changes = _compare(group, known)
        _write(session, store, group, changes, known, act)
    return changes


def preview_group(database: Database, store: Store, group: Sequence[RemoteListing]) -> Changes:
    """What `store_group` would find."""
    with database.view() as session:
        return _compare(group, _known(session, store, group))


def end_group(database: Database, store: Store, product_ids: Sequence[str], act: Act) -> Changes:
    """Writes down that TikTok no longer has these listings."""
    with writing(database, store) as session:
        known = _recall(session, store, product_ids, product_ids)
        changes = _ended(known)
        _let_go(session, changes, known, act)
        rows = [{"of": known.listings[product_id].id, "gone_at": act.now} for product_id in changes.gone]
        _execute(session, update(LISTINGS).where(LISTINGS.c.id == bindparam("of")), rows)
        _record(session, store, changes, act)
    return changes


def preview_end(database: Database, store: Store, product_ids: Sequence[str]) -> Changes:
    """What `end_group` would find."""
    with database.view() as session:
        return _ended(_recall(session, store, product_ids, product_ids))


def read_at(session: Session, store: Store, product_ids: Sequence[str]) -> dict[str, int]:
    """TikTok's time of change for those of the listings that we hold in full. A listing and its variants are stored
    in one transaction, so where the one is, the others are; but pictures were not looked for at first."""
    columns = LISTINGS.c
    found = select(columns.product_id, columns.updated_at).where(
        columns.store_id == store.id, columns.product_id.in_(product_ids), columns.gone_at.is_(None)
    )
    return _pairs(session, found.where(columns.picture.is_not(None)))


def present(session: Session, store: Store) -> set[str]:
    """The product ids of all listings that TikTok had when it was read last."""
    columns = LISTINGS.c
    found = select(columns.product_id).where(columns.store_id == store.id, columns.gone_at.is_(None))
    return set(session.connection().execute(found).scalars())


def count_living(session: Session, store: Store) -> int:
    """How many listings have a variant."""
    columns = VARIANTS.c
    counted = select(func.count(columns.listing_id.distinct())).where(
        columns.store_id == store.id, columns.gone_at.is_(None)
    )
    return session.connection().execute(counted).scalar_one()


@contextmanager
def writing(database: Database, store: Store) -> Iterator[Session]:
    """A unit of work on the store's listings; another sync of the store waits for it."""
    with database.session() as session:
        session.execute(select(col(Store.id)).where(col(Store.id) == store.id).with_for_update(key_share=True)).one()
        yield session


def _compare(group: Sequence[RemoteListing], known: Known) -> Changes:
    whole = [completed(listing, known.variants.get(listing.product_id, {})) for listing in group]
    return compare(whole, known.variants)


def _ended(known: Known) -> Changes:
    """Listings that are marked as gone already, with all that is theirs, are no news."""
    return compare([], known.variants)


def _known(session: Session, store: Store, group: Sequence[RemoteListing]) -> Known:
    """What is compared with the group: nothing of a variant of what was not read again."""
    read = [listing.product_id for listing in group if listing.variants is not None]
    return _recall(session, store, [listing.product_id for listing in group], read)


def _recall(session: Session, store: Store, product_ids: Sequence[str], whole: Sequence[str]) -> Known:
    """These listings, and the variants of those that are wanted `whole`."""
    known = Known()
    found, connection = LISTINGS.c, session.connection()
    for part in _parts(product_ids):
        rows = select(LISTINGS).where(found.store_id == store.id, found.product_id.in_(part))
        known.listings |= {row.product_id: row for row in connection.execute(rows)}
    names = {known.listings[product_id].id: product_id for product_id in whole if product_id in known.listings}
    known.variants = {name: {} for name in names.values() if known.listings[name].gone_at is None}
    columns = VARIANTS.c
    wanted = (
        columns.id, columns.listing_id, columns.sku_id, columns.seller_sku, columns.options, columns.price,
        columns.currency, columns.gone_at,
    )  # fmt: skip
    for listing_ids in _parts(list(names)):
        for row_id, listing_id, sku_id, seller_sku, options, price, currency, gone_at in connection.execute(
            select(*wanted).where(columns.listing_id.in_(listing_ids))
        ):
            mine = known.variants.setdefault(names[listing_id], {})
            mine[sku_id] = KnownVariant(sku_id, seller_sku, options, price, currency, gone_at is not None)
            known.row_ids[sku_id] = row_id
    return known


def _parts(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _write(
    session: Session, store: Store, group: Sequence[RemoteListing], changes: Changes, known: Known, act: Act
) -> None:
    listing_ids = _write_listings(session, store, group, known)
    remote = {(listing.product_id, one.sku_id): one for listing in changes.listings for one in listing.variants or ()}
    new, changed = [], []
    for change in changes.variants:
        if change.kind == "gone":
            continue
        theirs = _theirs(remote[change.product_id, change.sku_id])
        if change.kind == "changed":
            changed.append((*theirs, act.now, known.row_ids[change.sku_id]))
        else:
            new.append((store.id, change.sku_id, act.now, listing_ids[change.product_id], *theirs))
    _let_go(session, changes, known, act)
    _run(session, UPDATE, changed)
    _run(session, INSERT, new)
    _record(session, store, changes, act)


def _theirs(variant: listed.Variant) -> tuple[Any, ...]:
    """The columns that TikTok owns."""
    price = None if variant.price is None else str(variant.price)
    return variant.seller_sku, _json(tuple(variant.options.items())), price, variant.currency


@lru_cache(10_000)  # a shop's listings have the same choices again and again
def _json(options: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(options))


def _write_listings(session: Session, store: Store, group: Iterable[RemoteListing], known: Known) -> Mapping[str, int]:
    """The rows' ids by product id, once what is new or differs is written."""
    new, changed = [], []
    for listing in group:
        row = known.listings.get(listing.product_id)
        if row is None:
            facts = {"title": listing.title, "status": listing.status, "updated_at": listing.updated_at}
            picture = None if listing.trouble else listing.picture
            new.append({"store_id": store.id, "product_id": listing.product_id, "picture": picture, **facts})
        elif told := _differing(listing, row):
            changed.append({"of": row.id, **told})
    if new:
        _execute(session, insert(LISTINGS), new)
    _execute(session, update(LISTINGS).where(LISTINGS.c.id == bindparam("of")), changed)
    ids = {product_id: row.id for product_id, row in known.listings.items()}
    for part in _parts([row["product_id"] for row in new]):
        made = select(LISTINGS.c.product_id, LISTINGS.c.id).where(
            LISTINGS.c.store_id == store.id, LISTINGS.c.product_id.in_(part)
        )
        ids |= _pairs(session, made)
    return ids


def _differing(listing: RemoteListing, row: Any) -> dict[str, Any]:
    """The listing's columns, where one of them is not as TikTok has it. What was not read again tells a status."""
    if listing.variants is None:
        title, updated_at = row.title, row.updated_at
    else:
        title, updated_at = listing.title, listing.updated_at
    picture = row.picture if listing.variants is None or listing.trouble else listing.picture
    told = {"title": title, "status": listing.status, "updated_at": updated_at, "picture": picture, "gone_at": None}
    return {} if all(getattr(row, name) == value for name, value in told.items()) else told


def _let_go(session: Session, changes: Changes, known: Known, act: Act) -> None:
    """Ends the variants that TikTok no longer has, under those that took their places."""
    ended = [
        {
            "of": known.row_ids[change.was or change.sku_id],
            "gone_at": act.now,
            "replaced_by": change.sku_id if change.was else None,
        }
        for change in changes.variants
        if change.kind in ("gone", "re-keyed")
    ]
    _execute(session, update(VARIANTS).where(VARIANTS.c.id == bindparam("of")), ended)


def _run(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Hands the rows to the driver: SQLAlchemy's care for each value takes longer than the database itself."""
    connection = session.connection()
    if rows:
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        connection.exec_driver_sql(statement.replace("?", mark), list(rows))


def _pairs(session: Session, query: Any) -> dict[str, int]:
    return {name: value for name, value in session.connection().execute(query).all()}  # noqa: C416  rows are no pairs


def _execute(session: Session, statement: Any, rows: Collection[Mapping[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows)  # type: ignore[call-overload]


def _record(session: Session, store: Store, changes: Changes, act: Act) -> None:
    """Writes down what happened, with the rows that it happened to."""
    if changes.variants:
        counts: dict[str, Any] = {**changes.counts()}
        history.record(session, act, f"store:{store.shop_id}", "synced", **counts)
