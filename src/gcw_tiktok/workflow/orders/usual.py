"""When an ordinary order would have to leave by TikTok's published rule.

It checks the ship-by that TikTok gives with the order, and stands in only where TikTok gives none.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gcw_tiktok.store.tables import Order, OrderKind

if TYPE_CHECKING:
    import holidays

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where TikTok's days end, at 11:59:59 PM."""
BUSINESS_DAYS = 2
ORDINARY = frozenset({OrderKind.NORMAL, OrderKind.GIFT, OrderKind.SAMPLE, OrderKind.REPLACEMENT, OrderKind.EXCHANGE})
"""Of what is made or stocked after it is ordered, the shop says how long it takes; gcw does not know that."""


def ship_by(order: Order) -> int | None:
    """The end of the second business day after it was paid, in Unix seconds; None for kinds with rules of their own."""
    if order.kind not in ORDINARY:
        return None
    day = datetime.fromtimestamp(order.paid_at or order.placed_at, UTC).astimezone(PACIFIC).date()
    for _ in range(BUSINESS_DAYS):
        day = _next_business_day(day)
    return int(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=PACIFIC).timestamp())


def doubt(order: Order) -> str:
    """What is odd about TikTok's ship-by: that there is none, or that it leaves less time than the rule."""
    expected = ship_by(order)
    if expected is None or (order.ship_by and order.ship_by >= expected):
        return ""
    if order.ship_by:
        return f"TikTok gives less than the usual {BUSINESS_DAYS} business days."
    return f"TikTok gives no ship-by; the usual {BUSINESS_DAYS} business days are counted."


def _next_business_day(day: date) -> date:
    """Monday to Friday without US federal holidays."""
    day += timedelta(days=1)
    while day.weekday() >= 5 or day in _federal():
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=1)
def _federal() -> "holidays.HolidayBase":
    import holidays  # takes a while to load, and is needed for orders at risk only

    return holidays.country_holidays("US")
