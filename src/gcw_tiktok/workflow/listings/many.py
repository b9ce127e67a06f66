"""Connects many variants at once: what `connections.connect` does for one, in a few statements for thousands."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, cast, select, text, update
from sqlmodel import Session, col

from gcw_tiktok.store.listed import listed
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, IgnoreScope, Store, Variant
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import beginning, ignoring
from gcw_tiktok.workflow.listings.connections import Decision, Pinned, Printed

AT_ONCE = 5_000
Wish = tuple[str, Sequence[Pinned]]
"""A product UID and what each print area gets."""


class Standing(NamedTuple):
    """A variant, and what it prints now."""

    sku_id: str
    variant_id: int
    store_id: int
    gone_at: int | None
    replaced_by: str | None
    newest: int = 0
    """The version of its newest connection, ended or not; 0 without one."""
    current: Decision | None = None
    sources: Mapping[str, str] = {}
    """Where each print area's design was pinned from."""


class Variants(NamedTuple):
    """Variants of one store, whatever they print: what there is to know of thousands of them."""

    store_id: int
    numbers: Mapping[str, int]
    """By SKU id, as the database numbers them."""
    gone: Mapping[str, tuple[int, str | None]]
    """Those that TikTok no longer lists, by SKU id: since when, and what it lists in their place."""

    def bare(self, sku_id: str) -> Standing:
        """One of them, as if it had never printed anything."""
        gone_at, replaced_by = self.gone.get(sku_id, (None, None))
        return Standing(sku_id, self.numbers[sku_id], self.store_id, gone_at, replaced_by)


class Change(NamedTuple):
    """A variant that is to print something else from now on."""

    standing: Standing
    product_uid: str
    pinned: Sequence[Pinned]


class Batch(NamedTuple):
    """Variants of one store that are to print something else from now on, column by column."""

    sku_ids: Sequence[str]
    variant_ids: Sequence[int]
    wishes: Sequence[Wish]
    """What each is to print; quickest where those that print the same share one."""
    former: Mapping[int, Standing]
    """Those that print or printed something, by the variant's number."""


def standings(session: Session, store_id: int, sku_ids: Iterable[str], *, lock: bool = False) -> dict[str, Standing]:
    """The variants of a store with these SKU ids, by SKU id. Locked, nobody else connects them until the end."""
    found = find(session, store_id, sku_ids)
    printing = with_versions(session, [found], lock=lock)
    return {sku_id: printing.get(number) or found.bare(sku_id) for sku_id, number in found.numbers.items()}


def find(session: Session, store_id: int, sku_ids: Iterable[str]) -> Variants:
    """The variants of a store with these SKU ids."""
    connection = session.connection()
    given = {"store": store_id, "ids": json.dumps(list(sku_ids))}
    numbers, gone = connection.execute(text(FIND[connection.dialect.name]), given).one()
    return Variants(store_id, json.loads(numbers), json.loads(gone))


def with_versions(session: Session, found: Sequence[Variants], *, lock: bool = False) -> dict[int, Standing]:
    """Those of the variants that print or printed something, with that, by number."""
    ids = list(chain.from_iterable(variants.numbers.values() for variants in found))
    if lock:
        _lock(session, ids)
    versions = _versions(session, ids)
    return {
        number: _with_versions(variants.bare(sku_id), versions[number])
        for variants in (found if versions else ())
        for sku_id, number in variants.numbers.items()
        if number in versions
    }


def connect_many(
    session: Session, act: Act, store: Store, wanted: Mapping[str, Wish], why: str = ""
) -> dict[str, bool]:
    """Ties each of these variants, by SKU id, to what it prints; whether that is a new version, or was so already.

    SKU ids that the store does not have are left out.
    """
    assert store.id is not None
    done: dict[str, bool] = {}
    for some in _some(list(wanted)):
        changes = []
        for sku_id, standing in standings(session, store.id, some, lock=True).items():
            uid, pinned = wanted[sku_id]
            done[sku_id] = not _prints(standing.current, uid, pinned)
            if done[sku_id]:
                changes.append(Change(standing, uid, pinned))
        write(session, act, store, together(changes), why)
    return done


def together(changes: Iterable[Change]) -> Batch:
    """The same changes as one batch."""
    changes = list(changes)
    wishes: dict[tuple[str, int], Wish] = {}
    return Batch(
        [one.standing.sku_id for one in changes],
        [one.standing.variant_id for one in changes],
        [wishes.setdefault((uid, id(pinned)), (uid, pinned)) for _, uid, pinned in changes],
        {one.standing.variant_id: one.standing for one in changes if one.standing.newest},
    )


def write(session: Session, act: Act, store: Store, batch: Batch, why: str = "") -> None:
    """Makes each of these a new version and ends the former. What they print was read locked in the same
    transaction."""
    if not batch.variant_ids:
        return
    wishes = list(dict(zip(map(id, batch.wishes), batch.wishes, strict=True)).values())  # few are unlike
    _record_files(session, wishes, act.now)
    ended = [one.current.connection_id for one in batch.former.values() if one.current]
    _end(session, ended, act)
    ignoring.end(session, act, store, ((IgnoreScope.VARIANT, one) for one in batch.sku_ids), "It was connected.")
    beginning.begin(session, batch, wishes, act, why)
    subject, count = f"store:{store.shop_id}", len(batch.variant_ids)
    history.record(session, act, subject, "connected", why, variants=count, connected_before=len(ended))


def _lock(session: Session, variant_ids: Sequence[int]) -> None:
    """Always in the same order: two imports must not wait for each other. SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    mine = col(Variant.id).in_(_numbers(listed(session, variant_ids)))
    wanted = select(col(Variant.id)).where(mine).order_by(col(Variant.id)).with_for_update(key_share=True)
    session.connection().execute(wanted).all()


def _versions(session: Session, variant_ids: Sequence[int]) -> dict[int, list[Any]]:
    """By variant, a row for each version of its connection, and for the current one a row for each design."""
    if not _any_connected(session, variant_ids):
        return {}
    entities: tuple[Any, ...] = (
        *(Connection.variant_id, Connection.id, Connection.version, Connection.ended_at, Connection.product_uid),
        *(ConnectionDesign.area, ConnectionDesign.sha256, ConnectionDesign.source),
        *(ConnectionDesign.placement, ConnectionDesign.print_sha256),
    )
    query = (
        select(*entities)
        .select_from(Connection)
        .outerjoin(
            ConnectionDesign,
            (col(ConnectionDesign.connection_id) == Connection.id) & col(Connection.ended_at).is_(None),
        )
        .where(col(Connection.variant_id).in_(_numbers(listed(session, variant_ids))))
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.connection().execute(query).all():
        found[row[0]].append(row)
    return found


def _any_connected(session: Session, variant_ids: Sequence[int]) -> bool:
    """Whether any of the variants from the first to the last was ever connected. What was synced together has ids
    in a row, so a first import need not look for each."""
    if not variant_ids:
        return False
    query = text("SELECT 1 FROM connection WHERE variant_id BETWEEN :first AND :last LIMIT 1")
    between = {"first": min(variant_ids), "last": max(variant_ids)}
    return session.connection().execute(query, between).first() is not None


def _with_versions(standing: Standing, rows: Sequence[Any]) -> Standing:
    newest = max(row[2] for row in rows)
    current = [row for row in rows if row[3] is None]
    if not current:
        return standing._replace(newest=newest)
    files = [row for row in current if row[5] is not None]
    printed = {row[5]: Printed(row[6], Placement(**row[8]) if row[8] else None, row[9]) for row in files}
    decision = Decision(current[0][1], current[0][2], current[0][4], printed)
    return standing._replace(newest=newest, current=decision, sources={row[5]: row[7] for row in files})


def _prints(current: Decision | None, uid: str, pinned: Sequence[Pinned]) -> bool:
    return (
        current is not None
        and current.product_uid == uid
        and current.designs == {one.area: one.printed for one in pinned}
    )


def _record_files(session: Session, wishes: Iterable[Wish], now: int) -> None:
    files = {
        stored.sha256: stored for _, pinned in wishes for one in pinned for stored in (one.stored, one.ready) if stored
    }
    if not files:
        return
    kept = select(col(Design.sha256)).where(col(Design.sha256).in_(listed(session, files)))
    known = set(session.connection().execute(kept.with_for_update(read=True, key_share=True)).scalars())
    for digest in sorted(files.keys() - known):
        pinning.record(session, files[digest], now)


def _end(session: Session, connection_ids: Sequence[int], act: Act) -> None:
    if connection_ids:
        wanted = col(Connection.id).in_(_numbers(listed(session, connection_ids)))
        session.connection().execute(update(Connection).where(wanted).values(ended_at=act.now))


FIND = {
    "sqlite": """
        SELECT json_group_object(sku_id, variant.id),
            json_group_object(sku_id, json_array(gone_at, replaced_by)) FILTER (WHERE gone_at IS NOT NULL)
        FROM json_each(:ids) AS given CROSS JOIN variant ON store_id = :store AND sku_id = given.value
    """,
    "postgresql": """
        SELECT CAST(coalesce(json_object_agg(sku_id, id), '{}') AS text),
            CAST(coalesce(
                json_object_agg(sku_id, json_build_array(gone_at, replaced_by)) FILTER (WHERE gone_at IS NOT NULL), '{}'
            ) AS text)
        FROM json_array_elements_text(CAST(:ids AS json)) AS given JOIN variant ON store_id = :store AND sku_id = given
    """,
}
"""Variants by their ids, all in one row: row by row, each would wait until no other thread runs Python. CROSS has
SQLite look them up in the order of the ids."""


def _numbers(values: Any) -> Any:
    (value,) = values.selected_columns
    return select(cast(value, BigInteger)).select_from(*values.get_final_froms())


def _some(things: Sequence[str]) -> Iterator[Sequence[str]]:
    return (things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE))
