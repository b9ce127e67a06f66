"""US business days and the ship-by clocks that follow from them; days end at 11:59:59 PM Pacific."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
DISPATCH_DAYS = 2
DELIVERY_DAYS = 6
CANCELLED_UNSHIPPED_DAYS = 7
CANCELLED_UNCOLLECTED_DAYS = 9  # not published; two days more than the rule for shipping


def clocks(paid_time: int) -> dict[str, int]:
    """The deadline members of an order paid then."""
    day = datetime.fromtimestamp(paid_time, UTC).astimezone(PACIFIC).date()
    return _clocks(day)


@lru_cache(maxsize=512)
def _clocks(paid: date) -> dict[str, int]:
    dispatch = _end_of(_after(paid, DISPATCH_DAYS))
    return {
        "rts_sla_time": dispatch,
        # Since January 2026 a regular US order has to be handed over, not only labelled, by then.
        "tts_sla_time": dispatch,
        "delivery_sla_time": _end_of(_after(paid, DELIVERY_DAYS)),
        "shipping_due_time": _end_of(_after(paid, CANCELLED_UNSHIPPED_DAYS)),
        "collection_due_time": _end_of(_after(paid, CANCELLED_UNCOLLECTED_DAYS)),
    }


def _after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def _end_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=PACIFIC).timestamp())


def is_business_day(day: date) -> bool:
    """Whether it is a weekday and no federal holiday."""
    return day.weekday() < 5 and day not in federal_holidays(day.year)


@lru_cache(maxsize=32)
def federal_holidays(year: int) -> frozenset[date]:
    """The days on which federal offices are closed in a year."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    fixed.append(date(year + 1, 1, 1))  # observed on 31 December when it falls on a Saturday
    floating = [
        _weekday(year, 1, 0, 3),
        _weekday(year, 2, 0, 3),
        _weekday(year, 6, 0, 1) - timedelta(days=7),
        _weekday(year, 9, 0, 1),
        _weekday(year, 10, 0, 2),
        _weekday(year, 11, 3, 4),
    ]
    return frozenset([*map(_observed, fixed), *floating])


def _weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _observed(day: date) -> date:
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)
