"""How TikTok Shipping gets its packages: picked up at a booked time, or dropped off."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import business_days
from gcw_tiktok.sandbox.sales.orders import Package

FIRST_HOUR, HOURS, SLOTS = 9, 4, 6  # Pacific time; two slots a day
LAST_CALL = 2 * 3_600
Json = dict[str, Any]
Slot = tuple[int, int]


def slots(now: int) -> list[Slot]:
    """The pickup slots of the next three business days, two a day."""
    day = datetime.fromtimestamp(now, UTC).astimezone(business_days.PACIFIC)
    found: list[Slot] = []
    while len(found) < SLOTS:
        if business_days.is_business_day(day.date()):
            start = day.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
            found += [_slot(start), _slot(start + timedelta(hours=HOURS))]
        day += timedelta(days=1)
    return found


def is_open(slot: Slot, now: int) -> bool:
    """Whether a slot can still be booked."""
    return slot[0] >= now + LAST_CALL


def shown(now: int) -> Json:
    """What the calls for time slots answer. The misspelt name is TikTok Shop's."""
    return {
        "can_pickup": True,
        "can_drop_off": True,
        "can_van_collection": False,
        "drop_off_point_url": "",
        "pickup_slots": [
            {"start_time": slot[0], "end_time": slot[1], "avaliable": is_open(slot, now)} for slot in slots(now)
        ],
    }


@dataclass(frozen=True)
class Handover:
    """A way to hand packages over; only a pickup has a slot."""

    method: str
    slot: Slot | None = None

    def note(self, package: Package) -> None:
        """The package is handed over in this way."""
        package.handover_method, package.pickup_slot = self.method, self.slot


def asked(wish: Json, now: int) -> Handover:
    """What a body asks for: dropped off, unless a pickup is booked."""
    method, named = wish.get("handover_method", "DROP_OFF"), wish.get("pickup_slot")
    if method != "PICKUP":
        return Handover(method)
    if not named:
        raise business(21004017, "A pickup needs a pickup slot.")
    slot = (named.get("start_time", 0), named.get("end_time", 0))
    if slot not in slots(now) or not is_open(slot, now):
        raise business(21011053, "The pickup slot cannot be booked.")
    return Handover(method, slot)


def _slot(start: datetime) -> Slot:
    return int(start.timestamp()), int((start + timedelta(hours=HOURS)).timestamp())
