"""What production was given, under which reference, and what of it it was told not to make: the same of a hand-off
folder and of a connector."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gcw_tiktok.workflow.production.handoff import ASIDE, DOCUMENT
from gcw_tiktok.workflow.production.results import FOLDER as RESULTS
from gcw_tiktok.workflow.production.stopping import NOTICE

PREFIX = "TTS-"
ENDED = frozenset({"failed", "canceled"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """One hand-off as production has it."""

    name: str
    """Its reference."""
    document: Json | None
    """What was ordered; None where that did not come whole."""
    stopped: frozenset[str] = frozenset()
    """The units that gcw told it not to make."""
    ended: frozenset[str] = frozenset()
    """Those that production itself gave up."""
    folder: Path | None = None
    is_here: bool = False
    """Whether it lies where gcw put it, so that something can be added."""
    number: str = ""
    """Production's own, at a connector."""
    statuses: Mapping[str, str] | None = None
    """How far each unit is, where production says so itself."""

    @property
    def order_id(self) -> str:
        return order_of(self.name)

    @property
    def units(self) -> frozenset[str]:
        return frozenset(item["itemReferenceId"] for item in self.document["items"]) if self.document else frozenset()

    @property
    def street(self) -> str | None:
        address: Json = (self.document or {}).get("shippingAddress", {})
        return address.get("addressLine1")


class Floor:
    """Everything that production was given in one place."""

    def __init__(self, given: Iterable[Given], left_aside: Iterable[str] = ()) -> None:
        self.all = list(given)
        self.given = {one.name: one for one in self.all}
        self.left_aside = list(left_aside)

    @property
    def names(self) -> set[str]:
        return set(self.given)

    @property
    def orders(self) -> set[str]:
        return {one.order_id for one in self.all}


def order_of(name: str) -> str:
    """The order that a hand-off is of."""
    return name.removeprefix(PREFIX).partition("-")[0]


def of_folders(here: Path, taken: Path | None = None) -> Floor:
    """The hand-off folder, and what was taken out of it."""
    places = [here, *([taken] if taken and taken.exists() else [])]
    found = [path for place in places for path in sorted(place.iterdir()) if path.name not in (ASIDE, RESULTS)]
    aside = here / ASIDE
    left = sorted(path.name for path in aside.iterdir()) if aside.exists() else []
    return Floor([_of_folder(path, is_here=path.parent == here) for path in found], left)


def _of_folder(path: Path, *, is_here: bool) -> Given:
    document, notice = path / DOCUMENT, path / NOTICE
    told = json.loads(notice.read_text())["cancelledItems"] if notice.exists() else []
    whole = json.loads(document.read_text()) if document.exists() else None
    return Given(path.name, whole, frozenset(told), folder=path, is_here=is_here)


def of_books(books: Json) -> Floor:
    """What a connector has."""
    return Floor(_of_order(one) for one in books["orders"])


def _of_order(order: Json) -> Given:
    ended = frozenset(unit for unit, status in order["units"].items() if status in ENDED)
    stopped = ended if order["stopped"] else frozenset()
    return Given(order["reference"], order["body"], stopped, ended, number=order["id"], statuses=order["units"])
