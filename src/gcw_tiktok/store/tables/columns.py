"""What all tables share: their base, and kinds of column."""

from typing import Any

from sqlalchemy import BigInteger, Enum, text
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """The base of all tables. Rows are not validated, so their validators are not built: every start would pay."""

    model_config = {"defer_build": True}


def seconds(**more: Any) -> Any:
    """A moment as Unix seconds; 64 bits, because TikTok grants authorizations past the year 2038."""
    return Field(sa_type=BigInteger, **more)


def big(**more: Any) -> Any:
    """A number that may outgrow 32 bits."""
    return Field(sa_type=BigInteger, **more)


def since(value: str) -> dict[str, Any]:
    """For a column that older databases gain: what its rows of before have in it."""
    return {"server_default": text(value)}


def word(kind: type, **more: Any) -> Any:
    """An enum kept as its value in plain text, so that a new member needs no change of the database."""
    stored = Enum(kind, native_enum=False, length=32, values_callable=lambda members: [m.value for m in members])
    return Field(sa_type=stored, **more)
