"""Buyers who do not exist, at addresses that look as US addresses do."""

from dataclasses import dataclass
from random import Random

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.words import words

FIRST_NAMES = words(
    """
    Ada Amara Beatriz Caleb Carmen Dana Desmond Elena Emmett Farah Felix Grace Hana Hugo Imani Ivan June
    Kenji Lena Lucas Maya Milo Nadia Noah Olive Owen Priya Quinn Rafael Rosa Samir Selma Theo Uma Viktor
    Wren Xavier Yara Zoe
    """
)
LAST_NAMES = words(
    """
    Abbott Alvarado Bergstrom Boyd Castellano Chen Delacroix Dunn Eastman Fairweather Fontaine Gallagher
    Hargrove Ibarra Jansen Kowalski Lindqvist Marlowe Nakamura Okafor Pemberton Quigley Rasmussen Sandoval
    Thackeray Underhill Vance Whitlock Yamada Zimmer
    """
)
STREETS = words(
    """
    Alder Birch Cedar Chestnut Dogwood Elm Fern Hawthorn Hickory Juniper Larch Linden Magnolia Maple Poplar
    Redbud Spruce Sycamore Walnut Willow
    """
)
WAYS = ("St", "Ave", "Ln", "Dr", "Ct", "Rd")


@dataclass(frozen=True)
class Place:
    """A town with its levels, its telephone area and its sales tax in hundredths of a percent."""

    city: str
    county: str
    state: str
    postal_code: str
    area_code: str
    tax: int

    @property
    def full(self) -> str:
        return f"{self.city}, {self.county}, {self.state}, United States {self.postal_code}"


PLACES = (
    Place("Cincinnati", "Hamilton County", "Ohio", "45202", "513", 780),
    Place("Columbus", "Franklin County", "Ohio", "43215", "614", 750),
    Place("Austin", "Travis County", "Texas", "78704", "512", 825),
    Place("Portland", "Multnomah County", "Oregon", "97214", "503", 0),
    Place("Newark", "Essex County", "New Jersey", "07102", "973", 663),
    Place("Boise", "Ada County", "Idaho", "83702", "208", 600),
    Place("Savannah", "Chatham County", "Georgia", "31401", "912", 700),
    Place("Duluth", "St. Louis County", "Minnesota", "55802", "218", 888),
    Place("Tucson", "Pima County", "Arizona", "85701", "520", 870),
    Place("Burlington", "Chittenden County", "Vermont", "05401", "802", 700),
    Place("Baton Rouge", "East Baton Rouge Parish", "Louisiana", "70802", "225", 1000),
    Place("Washington", "District of Columbia", "District of Columbia", "20001", "202", 600),
)


@dataclass(frozen=True)
class Address:
    """Where a parcel goes and to whom."""

    first_name: str
    last_name: str
    phone_number: str
    line1: str
    line2: str
    place: Place
    drop_off: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def detail(self) -> str:
        return ", ".join(filter(None, (self.line1, self.line2)))

    @property
    def full(self) -> str:
        return f"{self.detail}, {self.place.full}"


@dataclass(frozen=True)
class Buyer:
    """One who orders; TikTok Shop passes messages on through a relay address."""

    user_id: str
    email: str
    address: Address


def make_buyers(count: int, mint: Mint, rng: Random) -> list[Buyer]:
    """As many buyers as asked for."""
    return [_buyer(mint, rng) for _ in range(count)]


def _buyer(mint: Mint, rng: Random) -> Buyer:
    user_id = mint.next("buyer")
    relay = mint.digest("relay", user_id)[:22].upper()
    return Buyer(user_id, f"v2b{relay}@chat.seller.tiktok.com", _address(rng))


def _address(rng: Random) -> Address:
    place = rng.choice(PLACES)
    home = f"{rng.randrange(1, 9900)} {rng.choice(STREETS)} {rng.choice(WAYS)}"
    unit = rng.choice(("", "", "", f"Apt {rng.randrange(1, 40)}", f"Unit {rng.randrange(1, 20)}"))
    # 555-0100 to 555-0199 are set aside for fiction.
    phone = f"(+1){place.area_code}-555-01{rng.randrange(100):02}"
    names = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    return Address(*names, phone, home, unit, place, rng.choice(("", "", "Front Door", "Mailroom")))
