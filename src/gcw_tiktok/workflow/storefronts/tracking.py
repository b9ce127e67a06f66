"""Where anybody can follow a parcel: the public pages of the carriers that most parcels in the US go with."""

import re
from urllib.parse import quote

PAGES = {
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "ups": "https://www.ups.com/track?tracknum=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "dhl": "https://www.dhl.com/us-en/home/tracking.html?tracking-id=",
}


def page(carrier: str, number: str) -> str:
    """The address that shows where the parcel is; empty where no page of its carrier is known."""
    words = re.split(r"[^a-z0-9]+", carrier.casefold())
    known = next((PAGES[word] for word in words if word in PAGES), "")
    return known + quote("".join(number.split()), safe="") if known and number else ""
