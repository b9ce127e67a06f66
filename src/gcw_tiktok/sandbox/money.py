"""Money is whole cents inside the sandbox and a decimal string outside."""

from decimal import Decimal


def text(cents: int) -> str:
    """The decimal string TikTok Shop writes: no trailing zeros, so "21.99", "4.5" and "0"."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole}.{rest:02}".rstrip("0").rstrip(".")


def share(cents: int, basis_points: int) -> int:
    """So many hundredths of a percent of an amount, rounded half up."""
    return (cents * basis_points + 5_000) // 10_000


def cents(decimal: str) -> int:
    """Whole cents of a decimal string; what is smaller is cut off."""
    return int(Decimal(decimal) * 100)
