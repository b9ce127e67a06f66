"""Gives a statement thousands of values as one parameter, on either engine."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import JSON, String, bindparam, cast, func, select
from sqlmodel import Session


def listed(session: Session, values: Collection[str | int]) -> Any:
    """A query of these values, to stand behind IN: databases limit how many parameters one statement may have."""
    parameter = bindparam("listed", json.dumps(list(values)), String, unique=True)
    if session.get_bind().dialect.name == "sqlite":
        return select(func.json_each(parameter).table_valued("value").c.value)
    given = func.json_array_elements_text(cast(parameter, JSON)).table_valued("value")
    return select(given.c.value)
