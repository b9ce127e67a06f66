"""What carries a released order to a facility: into a folder, or to GelatoConnect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gcw_tiktok.errors import Refused, TryAgain
from gcw_tiktok.workflow.production import handoff, units
from gcw_tiktok.workflow.production.handoff import Released


@dataclass(frozen=True)
class Placed:
    """An order that production has."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    """What the outbox and the history keep of it."""
    doubt: str = ""
    """What a person has to look at."""

    @property
    def folder(self) -> str:
        return str(self.answer.get("folder", ""))


class Unsure(TryAgain):
    """The order may have been handed over: the next run reads back before it repeats anything."""


class CannotTell(Refused):
    """Reading back does not tell whether production has the order."""


class Carrier(Protocol):
    """One way to hand an order over, whole or not at all."""

    where: str
    """What finds the same place again, whatever becomes of the facility."""

    def begin(self, reference: str) -> str:
        """A name for this attempt, by which a later run can ask for what became of it."""

    def earlier(self, reference: str, key: str, attempt: str) -> Placed | None:
        """What an attempt came to whose process was killed; None when production has nothing of it.
        `CannotTell` when nobody knows."""

    def place(self, attempt: str, order: Released) -> Placed:
        """Hands over. `Unsure` when the order may be there all the same; any other failure means that it is not."""

    def sweep(self, reference: str, keep: str = "") -> None:
        """Removes what was begun and not completed, but for `keep`."""

    def left_behind(self) -> dict[str, str]:
        """Reference → order id of what was begun and not completed."""


Opener = Callable[[str], Carrier]
"""Finds the carrier for what a facility says of its hand-off, or the outbox of an earlier one."""


class Folder:
    """One folder an order, on a disk or a share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = str(path)

    def begin(self, reference: str) -> str:
        return handoff.begin(self._path, reference)

    def earlier(self, reference: str, key: str, attempt: str) -> Placed | None:
        where = handoff.placed(self._path, reference, key)
        if where is None and handoff.begun(self._path, attempt):
            return None
        doubt = "" if where else "Its folder was taken away before gcw could note the hand-off. Is it in production?"
        return Placed({"folder": str(where or self._path / reference)}, doubt)

    def place(self, attempt: str, order: Released) -> Placed:
        where = handoff.place(self._path, attempt, order, units.ticket(order))
        return Placed({"folder": str(where)})

    def sweep(self, reference: str, keep: str = "") -> None:
        handoff.sweep(self._path, reference, keep)

    def left_behind(self) -> dict[str, str]:
        return handoff.left_behind(self._path)


def folder(hand_off: str) -> Carrier:
    """The carrier for `folder:PATH`, or a path alone."""
    return Folder(Path(hand_off.removeprefix("folder:")))
