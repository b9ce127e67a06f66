"""Rows that are not in the database yet, as plain objects, and their way into it: many with one statement.

Setting a column of a row that the database watches costs ten times as much, and each such row has to be looked after
until it is written. What is new goes in as a draft; what is there already is a watched row.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlmodel import Session, SQLModel

from gcw_tiktok.store import inserting

Row = TypeVar("Row", bound=SQLModel)


def draft(table: type[Row], **values: Any) -> Row:
    """An object with the table's columns as attributes: its defaults, but for `values`."""
    made = _kind(table)()
    made.__dict__ = values
    return cast(Row, made)


def write(session: Session, table: type[Row], drafts: Sequence[Row]) -> None:
    """Inserts them all with one statement; the database gives them their ids."""
    if drafts:
        inserting.insert(session.connection(), table, drafts)


@cache
def _kind(table: type[SQLModel]) -> type:
    return type(f"{table.__name__}Draft", (), {"id": None, **_defaults(table)})


@cache
def _defaults(table: type[SQLModel]) -> dict[str, Any]:
    """What a column holds that is not set. The id is the database's to give."""
    fields = table.model_fields.items()
    return {name: None if one.is_required() else one.get_default() for name, one in fields if name != "id"}
