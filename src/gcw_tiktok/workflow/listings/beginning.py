"""Writes new versions of what variants print: thousands with a few statements, in the words of either engine."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlmodel import Session

from gcw_tiktok.workflow.history import Act

if TYPE_CHECKING:
    from gcw_tiktok.workflow.listings.connections import Pinned
    from gcw_tiktok.workflow.listings.many import Batch, Wish


def begin(session: Session, batch: "Batch", wishes: Sequence["Wish"], act: Act, why: str) -> None:
    """Begins these, `wishes` being those of the batch, each once; the caller has ended the versions before."""
    groups = _alike(batch, wishes)
    ids = list(_free_ids(session, len(batch.variant_ids)))
    _begin(session, groups, ids, act, why)
    _tie_designs(session, wishes, ids, [number for group in groups.values() for _, number in group])


def _alike(batch: "Batch", wishes: Sequence["Wish"]) -> Mapping[tuple[str, int], Sequence[tuple[int, int]]]:
    """The variants, each with the number of its wish, by product UID and version; in the order of the indexes. Of UIDs
    and versions a file has few, and variants by the thousand."""
    numbers = {id(wish): number for number, wish in enumerate(wishes)}
    pairs = sorted(zip(batch.variant_ids, map(numbers.__getitem__, map(id, batch.wishes)), strict=True))
    if not batch.former and len({uid for uid, _ in wishes}) == 1:
        return {(wishes[0][0], 1): pairs}
    groups: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for variant_id, number in pairs:
        former = batch.former.get(variant_id)
        groups[wishes[number][0], former.newest + 1 if former else 1].append((variant_id, number))
    return groups


def _begin(
    session: Session,
    groups: Mapping[tuple[str, int], Sequence[tuple[int, int]]],
    ids: Sequence[int],
    act: Act,
    why: str,
) -> None:
    """The new connections, with these ids in their order; one statement for each group."""
    connection = session.connection()
    given: list[dict[str, Any]] = []
    begun = 0
    for (uid, version), group in groups.items():
        mine = ids[begun : begun + len(group)]
        begun += len(group)
        both = {"first": mine[0]} if connection.dialect.name == "sqlite" else {"ids": json.dumps(mine)}
        said = {"version": version, "uid": uid, "now": act.now, "who": act.who, "why": why or None}
        given.append({"variants": json.dumps([variant_id for variant_id, _ in group]), **both, **said})
    connection.execute(text(BEGIN[connection.dialect.name]), given)


def _free_ids(session: Session, count: int) -> Iterable[int]:
    """So many ids for new connections. In SQLite whoever writes is alone, and ids run on from the highest."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        first = connection.execute(text("SELECT coalesce(max(id), 0) + 1 FROM connection")).scalar_one()
        return range(first, first + count)
    query = "SELECT nextval(pg_get_serial_sequence('connection', 'id')) FROM generate_series(1, :count)"
    return connection.execute(text(query), {"count": count}).scalars()


def _tie_designs(session: Session, wishes: Sequence["Wish"], ids: Sequence[int], which: Sequence[int]) -> None:
    """Ties each new connection to what it prints. Many print the same: that is given once, and of each connection only
    which of them it is."""
    files = [(number, *_as_columns(one)) for number, (_, pinned) in enumerate(wishes) for one in pinned]
    if not files:
        return
    connection = session.connection()
    given: dict[str, Any] = {"alike": json.dumps(which)}
    if connection.dialect.name == "sqlite":
        _lay_out(connection, files)
        given["first"] = ids[0]
    else:
        given |= {"ids": json.dumps(ids), "files": json.dumps(files)}
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
