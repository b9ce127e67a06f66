"""Writes new versions of what variants print: thousands with a few statements, in the words of either engine."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlmodel import Session

from gcw_tiktok.workflow.history import Act

if TYPE_CHECKING:
    from gcw_tiktok.workflow.listings.connections import Pinned
    from gcw_tiktok.workflow.listings.many import Alike

VARIANT_ID, NEWEST = attrgetter("variant_id"), attrgetter("newest")


def begin(session: Session, changes: Sequence["Alike"], act: Act, why: str) -> None:
    """Begins these; the caller has ended the versions before."""
    _tie_designs(session, changes, _begin(session, changes, act, why))


def _begin(session: Session, changes: Sequence["Alike"], act: Act, why: str) -> dict[int, int]:
    """The new connections, by variant, in their order. One statement for each product UID and version: of those a file
    has few, and variants by the thousand."""
    alike: dict[tuple[str, int], list[int]] = defaultdict(list)
    for standings, uid, _ in changes:
        for newest in set(map(NEWEST, standings)):
            alike[uid, newest + 1] += [one.variant_id for one in standings if one.newest == newest]
    dialect = session.get_bind().dialect.name
    ids = list(_free_ids(session, dialect, sum(map(len, alike.values()))))
    given: list[dict[str, Any]] = []
    begun: dict[int, int] = {}
    for (uid, version), variants in alike.items():
        variants.sort()  # as the indexes are
        mine = ids[len(begun) : len(begun) + len(variants)]
        begun.update(zip(variants, mine, strict=True))
        both = {"first": mine[0]} if dialect == "sqlite" else {"ids": json.dumps(mine)}
        said = {"version": version, "uid": uid, "now": act.now, "who": act.who, "why": why or None}
        given.append({"variants": json.dumps(variants), **both, **said})
    session.connection().execute(text(BEGIN[dialect]), given)
    return begun


def _free_ids(session: Session, dialect: str, count: int) -> Iterable[int]:
    """So many ids for new connections. In SQLite whoever writes is alone, and ids run on from the highest."""
    if dialect == "sqlite":
        first = session.connection().execute(text("SELECT coalesce(max(id), 0) + 1 FROM connection")).scalar_one()
        return range(first, first + count)
    query = "SELECT nextval(pg_get_serial_sequence('connection', 'id')) FROM generate_series(1, :count)"
    return session.connection().execute(text(query), {"count": count}).scalars()


def _tie_designs(session: Session, changes: Sequence["Alike"], begun: Mapping[int, int]) -> None:
    """Ties each new connection to what it prints. Many print the same: that is given once, and of each connection only
    which of them it is."""
    files = [(number, *_as_columns(one)) for number, same in enumerate(changes) for one in same.pinned]
    if not files:
        return
    connection = session.connection()
    alike = {variant: number for number, same in enumerate(changes) for variant in map(VARIANT_ID, same.standings)}
    given: dict[str, Any] = {"alike": json.dumps([alike[variant] for variant in begun])}
    if connection.dialect.name == "sqlite":
        _lay_out(connection, files)
        given["first"] = next(iter(begun.values()))
    else:
        given |= {"ids": json.dumps(list(begun.values())), "files": json.dumps(files)}
    connection.execute(text(TIE[connection.dialect.name]), given)


def _as_columns(one: "Pinned") -> tuple[str | None, ...]:
    placement = json.dumps(one.placement.as_json()) if one.placement else None
    return one.area, one.sha256, one.source, placement, one.print_sha256


def _lay_out(connection: Connection, files: Sequence[tuple[Any, ...]]) -> None:
    """SQLite takes longest over what it has to unpack from JSON."""
    for statement in LAY_OUT:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("INSERT INTO temp.file VALUES (?, ?, ?, ?, ?, ?)", list(files))


BEGIN = {
    "sqlite": """
        INSERT INTO connection (id, variant_id, version, product_uid, made_at, made_by, why)
        SELECT :first + key, value, :version, :uid, :now, :who, :why FROM json_each(:variants)
    """,
    "postgresql": """
        INSERT INTO connection (id, variant_id, version, product_uid, made_at, made_by, why)
        SELECT CAST(row.id AS bigint), CAST(row.variant AS bigint), CAST(:version AS integer), CAST(:uid AS text),
            CAST(:now AS bigint), CAST(:who AS text), CAST(:why AS text)
        FROM ROWS FROM (
            json_array_elements_text(CAST(:ids AS json)), json_array_elements_text(CAST(:variants AS json))
        ) AS row(id, variant)
    """,
}
"""New connections of many variants, all with one product UID."""

LAY_OUT = (
    """
        CREATE TEMP TABLE IF NOT EXISTS file (
            alike INTEGER, area TEXT, sha256 TEXT, source TEXT, placement TEXT, print_sha256 TEXT,
            PRIMARY KEY (alike, area)
        ) WITHOUT ROWID
    """,
    "DELETE FROM temp.file",
)

TIE = {
    "sqlite": """
        INSERT INTO connection_design (connection_id, area, sha256, source, placement, print_sha256)
        SELECT :first + given.key, area, sha256, source, placement, print_sha256
        FROM json_each(:alike) AS given CROSS JOIN temp.file ON file.alike = given.value
    """,
    "postgresql": """
        INSERT INTO connection_design (connection_id, area, sha256, source, placement, print_sha256)
        SELECT CAST(given.id AS bigint), file ->> 1, file ->> 2, file ->> 3, CAST(file ->> 4 AS json), file ->> 5
        FROM ROWS FROM (
            json_array_elements_text(CAST(:ids AS json)), json_array_elements_text(CAST(:alike AS json))
        ) AS given(id, alike)
        JOIN json_array_elements(CAST(:files AS json)) AS file ON file ->> 0 = given.alike
    """,
}
"""What many connections print: those with these ids, one after the other, each with the files that its number stands
for. In SQLite their ids run on from the first."""
