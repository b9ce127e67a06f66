"""Moments in words. Inside gcw a moment is Unix seconds; people read UTC in ISO 8601."""

from datetime import UTC, datetime


def shown(moment: int | None) -> str:
    """`2026-11-23 15:02Z`, or nothing."""
    if moment is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%MZ}"
    except (ValueError, OverflowError, OSError):  # no date can be that far away
        return f"{moment} s"


def span(seconds: int) -> str:
    """How long, in the largest unit that says enough: `40 s`, `12 min`, `3 h`, `5 d`."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= 2 * length:
            return f"{round(seconds / length)} {unit}"
    return f"{seconds} s"


def lasting(seconds: int) -> str:
    """How long, in its two largest units: `6 h 30 min`, `3 d 4 h`."""
    for large, small, unit, part in (("d", "h", 86_400, 3_600), ("h", "min", 3_600, 60)):
        if seconds >= unit:
            rest = seconds % unit // part
            return f"{seconds // unit} {large}" + (f" {rest} {small}" if rest else "")
    return span(seconds)


def ago(moment: int | None, now: int) -> str:
    """`5 min ago`, or nothing."""
    return "" if moment is None else f"{span(max(now - moment, 0))} ago"


def iso(moment: int | None) -> str:
    """`2026-11-23T15:02:00Z`, or nothing: for other programs."""
    return "" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
