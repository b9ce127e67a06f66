"""The connector of GelatoConnect to which a shop hands over, and what production does behind it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from torture.connector import CANCEL, CONTROL, ORDER

Json = dict[str, Any]
SECRET = "a-secret-that-postbacks-come-with"
FAULTS: tuple[Json, ...] = (
    {"kind": "limit"},
    {"kind": "error", "status": 503},
    {"kind": "error", "status": 408},
    {"kind": "error after", "status": 502},
    {"kind": "error after", "status": 500},
    {"kind": "refuse"},
    {"kind": "cut"},
    {"kind": "cut after"},
    {"kind": "cut after"},
    {"kind": "slow", "seconds": 0.1},
    {"kind": "garbled"},
    {"kind": "torn"},
)
CALLS = ("", "submit", "submit", "show", "cancel")
NEXT: Mapping[str, tuple[str, ...]] = {
    "created": ("in_production",) * 6 + ("printed", "failed", "canceled"),
    "in_production": ("printed",) * 6 + ("packaged", "failed", "canceled"),
    "printed": ("packaged",) * 6 + ("shipped", "in_production", "canceled"),
    "packaged": ("shipped",) * 6 + ("in_production", "canceled"),
}
"""What follows what at GelatoConnect, the likely more often."""


@dataclass(frozen=True)
class Far:
    """The stand-in, a process of its own."""

    url: str

    @property
    def hand_off(self) -> str:
        return f"gelatoconnect:{self.url}{ORDER}"

    @property
    def cancel_url(self) -> str:
        return f"{self.url}{CANCEL}"

    def control(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = httpx.request(method, f"{self.url}{CONTROL}/{path}", json=body, timeout=60)
        return answer.raise_for_status().json()

    def books(self) -> Json:
        found: Json = self.control("GET", "books")
        return found

    def mend(self) -> None:
        self.control("DELETE", "faults")


@contextmanager
def started() -> Iterator[Far]:
    """A connector until the block ends."""
    command = [sys.executable, "-W", "ignore", "-m", "torture.connector"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parent.parent
    ) as process:
        try:
            assert process.stdout is not None
            yield Far(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


class Production:
    """What happens at GelatoConnect by itself, by a seed's dice, and what it posts of it to `gcw serve`."""

    def __init__(self, far: Far, dice: Random, postbacks: str) -> None:
        self._far, self._dice, self._postbacks = far, dice, postbacks
        self._kept: list[Json] = []
        """Postbacks that come late."""

    def begin(self) -> None:
        """A new day, with habits of its own."""
        self._far.control(
            "POST",
            "begin",
            {
                "reads_back": self._dice.random() < 0.7,
                "by_unit": self._dice.random() < 0.5,
                "refusal": self._dice.choice([400, 409]),
            },
        )

    def spoil(self) -> str:
        """Something will go wrong there."""
        times = self._dice.choice([1, 1, 2, 4])
        wish = {**self._dice.choice(FAULTS), "call": self._dice.choice(CALLS), "times": times}
        self._far.control("POST", "faults", wish)
        return f"connector's fault {wish}"

    def go_on(self) -> str:
        """An order comes further there, or ends."""
        moving = [one for one in self._far.books()["orders"] if self._movable(one)]
        if not moving:
            return "production has nothing to do"
        order = self._dice.choice(moving)
        units = sorted(unit for unit, status in order["units"].items() if status in NEXT)
        status = self._dice.choice(NEXT[order["units"][units[0]]])
        alike = [unit for unit in units if status in NEXT[order["units"][unit]]]
        part = [self._dice.choice(alike)] if self._dice.random() < 0.2 else alike
        tracking = f"9400{self._dice.randint(10**17, 10**18 - 1)}" if status == "shipped" else ""
        wish = {"reference": order["reference"], "units": part, "status": status, "tracking": tracking}
        return f"production {wish}; {self._tell(self._far.control('POST', 'move', wish))}"

    @staticmethod
    def _movable(order: Json) -> bool:
        return not order["stopped"] and any(status in NEXT for status in order["units"].values())

    def _tell(self, told: Json) -> str:
        """Posted at once, late, twice or never."""
        how = self._dice.choice(["posted"] * 4 + ["late", "late", "twice", "never", "never"])
        if how == "late":
            self._kept.append(told)
        if how in ("posted", "twice"):
            now, self._kept = [told] * (1 + (how == "twice")) + self._kept, []
            for one in now:
                self._post(one)
        return how

    def _post(self, told: Json) -> None:
        """Nobody may be there to take it."""
        with suppress(httpx.HTTPError):
            httpx.post(self._postbacks, json=told, headers={"X-Gcw-Secret": SECRET}, timeout=10)
