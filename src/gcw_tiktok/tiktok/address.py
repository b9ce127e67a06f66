"""Where an order goes, and whether TikTok shows it."""

from pydantic import Field

from gcw_tiktok.tiktok.payload import Payload
from gcw_tiktok.tiktok.us_states import CODES, STATES

HIDDEN = "*"


class District(Payload):
    """One level of an address; in the US: L0 country, L1 state, L2 county, L3 city."""

    address_level: str = ""
    address_name: str = ""
    iso_code: str = ""


class Preferences(Payload):
    """What the buyer asks of the carrier."""

    drop_off_location: str = ""


class Address(Payload):
    """The recipient. TikTok masks it or leaves it empty depending on status and kind of shipping."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    full_address: str = ""
    address_detail: str = ""
    address_line1: str = ""
    address_line2: str = ""
    postal_code: str = ""
    region_code: str = ""
    district_info: list[District] = Field(default_factory=list)
    delivery_preferences: Preferences = Preferences()

    @property
    def recipient(self) -> str:
        return self.name or f"{self.first_name} {self.last_name}".strip()

    @property
    def street(self) -> str:
        return self.address_line1 or self.address_detail

    @property
    def city(self) -> str:
        return self._level("L3").address_name

    @property
    def state(self) -> str:
        """Two letters for a state, district, territory or military state of the US; else TikTok's name."""
        level = self._level("L1")
        name = level.address_name.strip()
        if known := STATES.get(name.casefold()):
            return known
        candidates = (name.upper(), level.iso_code.upper()[-2:])
        fallback = self.region_code if not name and self.region_code in CODES else name
        return next((code for code in candidates if code in CODES), fallback)

    @property
    def missing(self) -> list[str]:
        """Which parts a parcel needs and TikTok does not show."""
        parts = {
            "name": self.recipient,
            "street": self.street,
            "city": self.city,
            "state": self.state,
            "postal code": self.postal_code,
        }
        return [part for part, value in parts.items() if not value.strip() or HIDDEN in value]

    @property
    def is_masked(self) -> bool:
        """Whether this is no address to send a parcel to: starred out anywhere that matters, or incomplete."""
        shown = f"{self.phone_number} {self.full_address} {self.address_detail} {self.address_line2}"
        return HIDDEN in shown or bool(self.missing)

    def _level(self, level: str) -> District:
        for one in self.district_info:
            if one.address_level == level:
                return one
        return NOWHERE


NOWHERE = District()
