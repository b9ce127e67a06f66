"""US business days and the ship-by clocks that follow from them; days end at 11:59:59 PM Pacific."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
UNCOLLECTED_AFTER, UNDELIVERED_AFTER = 2, 15  # not published: business days after the rule for shipping


@dataclass(frozen=True)
class Rule:
    """Within how many business days to dispatch and to deliver, and when what was not dispatched is cancelled."""

    dispatch: int
    delivery: int
    cancelled: int


REGULAR = Rule(2, 6, 7)
PRE_ORDER = REGULAR  # counted from the release; what is published about it is not clear


def made_to_order(handling_days: int) -> Rule:
    """The rule for what has to be made first: all is counted from the end of the handling time."""
    return Rule(handling_days + 1, handling_days + 5, handling_days + 5)


def clocks(start: int, rule: Rule = REGULAR) -> dict[str, int]:
    """The deadline members of an order whose clocks start then: as a rule, when it was paid."""
    day = datetime.fromtimestamp(start, UTC).astimezone(PACIFIC).date()
    return _clocks(day, rule)


@lru_cache(maxsize=2048)
def _clocks(start: date, rule: Rule) -> dict[str, int]:
    dispatch = _end_of(_after(start, rule.dispatch))
    return {
        "rts_sla_time": dispatch,
        # Since January 2026 a regular US order has to be handed over, not only labelled, by then.
        "tts_sla_time": dispatch,
        "delivery_sla_time": _end_of(_after(start, rule.delivery)),
        "shipping_due_time": _end_of(_after(start, rule.cancelled)),
        "collection_due_time": _end_of(_after(start, rule.cancelled + UNCOLLECTED_AFTER)),
        "delivery_due_time": _end_of(_after(start, rule.cancelled + UNDELIVERED_AFTER)),
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
