"""Brands that listings may carry: some that everybody knows, and those that sellers make."""

from dataclasses import dataclass

from gcw_tiktok.sandbox.listings.catalog import HOUSE_BRAND


@dataclass(frozen=True)
class Brand:
    """A brand. One of the first tier needs the owner's leave; `made` is when a seller made it, 0 for the others."""

    id: str
    name: str
    is_first_tier: bool = False
    made: int = 0


def house_brands() -> dict[str, Brand]:
    """The brands that a world begins with, by id."""
    first = (
        Brand(HOUSE_BRAND, "Paper Harbor"),
        Brand("7265982318457707331", "Tidewater"),
        Brand("7265982318457707332", "Northlight Apparel"),
        Brand("7265982318457707333", "Grand Athletic", is_first_tier=True),
    )
    return {each.id: each for each in first}
