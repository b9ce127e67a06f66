"""The differences that are known, from docs/oracles.yaml: each with what the sandbox does and why."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contract.exchanges import Difference

DOCS = Path(__file__).parents[2] / "docs"
CALLS = DOCS / "oracle_calls.yaml"
BETWEEN_DESCRIPTIONS = " there"
"""How a finding ends that two descriptions compared give, and no exchange."""


@cache
def table() -> Any:
    return yaml.safe_load((DOCS / "oracles.yaml").read_text("utf-8"))


@cache
def calls() -> dict[str, list[str]]:
    """The calls of the sandbox that each oracle describes."""
    found: dict[str, list[str]] = yaml.safe_load(CALLS.read_text("utf-8"))
    return found


@cache
def explained() -> frozenset[Difference]:
    return frozenset(
        Difference(call, entry["part"], member, entry["oracle"], entry["finds"])
        for entry in table()["differences"]
        for call in entry["calls"]
        for member in entry["members"]
    )


def unexplained(differences: Iterable[Difference]) -> Iterator[Difference]:
    return (each for each in differences if each not in explained())
