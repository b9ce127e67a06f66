"""Inserts many new rows at once, straight through the driver.

SQLAlchemy looks at each value of each row on its way; here only the values of columns that need it are brought into the
engine's form, a whole column at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, LargeBinary
from sqlalchemy import Table as Columns
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

MARKS = {"qmark": "?", "pyformat": "%s"}
"""What stands for a value in a statement, by the driver's way of writing it."""


class _Way(NamedTuple):
    """How the rows of one table get into one engine."""

    statement: str
    values_of: Callable[[object], tuple[Any, ...]]
    conversions: Mapping[int, Callable[[Any], Any]]
    """By the place of a column: how the engine wants its values."""


def insert(connection: Connection, table: type[SQLModel], rows: Sequence[object]) -> None:
    """Writes objects that have the table's columns as attributes. The database gives them their ids."""
    if not rows:
        return
    way = _way(table, connection.dialect)
    columns: list[Any] = list(zip(*map(way.values_of, rows), strict=True))
    for place, convert in way.conversions.items():
        columns[place] = map(convert, columns[place])
    connection.exec_driver_sql(way.statement, list(zip(*columns, strict=True)))


@lru_cache(maxsize=32)
def _way(table: type[SQLModel], dialect: Dialect) -> _Way:
    known: Columns = table.__table__  # type: ignore[attr-defined]
    columns = [column for column in known.columns if column.name != "id"]
    quoted = ", ".join(dialect.identifier_preparer.quote(column.name) for column in columns)
    marks = ", ".join([MARKS[dialect.paramstyle]] * len(columns))
    name = dialect.identifier_preparer.format_table(known)
    statement = f"INSERT INTO {name} ({quoted}) VALUES ({marks})"  # noqa: S608  names of our own tables only
    conversions = [_conversion(column.type, dialect) for column in columns]
    needed = {place: convert for place, convert in enumerate(conversions) if convert is not None}
    return _Way(statement, attrgetter(*(column.name for column in columns)), needed)


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Bytes go in as they are: both drivers take them, and SQLAlchemy would wrap each value."""
    return None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
