"""A shipping label."""

from itertools import pairwise

from reportlab.graphics.barcode.code128 import Code128

from gcw_tiktok.sandbox.documents.sheets import Sheet
from gcw_tiktok.sandbox.sales.orders import Package
from gcw_tiktok.sandbox.sales.people import Address
from gcw_tiktok.sandbox.shops import PRINT_FLOOR

EDGE = 14.0
QUIET = 10  # modules left white on either side of a barcode
UNITS = {"POUND": "lb", "GRAM": "g"}
SAMPLE = "SANDBOX SAMPLE - NO POSTAGE PAID - DO NOT MAIL"


def draw(sheet: Sheet, package: Package) -> None:
    """The service, both addresses, and the tracking number as bars and as digits."""
    label, carrier = package.label, package.carrier
    if label is None or carrier is None:
        raise ValueError(f"Package {package.id} has no label.")
    grown = sheet.width / 298  # the layout is made for A6
    _header(sheet, grown, label.service_name, carrier.name)
    _addresses(sheet, grown, package)
    _barcode(sheet, grown, package.tracking_number, carrier.name)
    weight = f"{package.weight['value']} {UNITS[package.weight['unit']]}" if package.weight else ""
    foot = f"Package {package.id}   {weight}"
    sheet.text(EDGE, sheet.height - 24 * grown, 7 * grown, foot)
    sheet.text(EDGE, sheet.height - 12 * grown, 7 * grown, SAMPLE, bold=True)


def _header(sheet: Sheet, grown: float, service: str, carrier: str) -> None:
    sheet.text(EDGE, 44 * grown, 40 * grown, service.removeprefix(carrier).strip()[:1], bold=True)
    sheet.text(64 * grown, 26 * grown, 9 * grown, "TikTok Shipping")
    sheet.text(64 * grown, 44 * grown, 14 * grown, carrier, bold=True)
    _rule(sheet, 54 * grown)
    _centered(sheet, 70 * grown, 13 * grown, service.upper())
    _rule(sheet, 78 * grown)


def _addresses(sheet: Sheet, grown: float, package: Package) -> None:
    y = 92 * grown
    for line in lines(PRINT_FLOOR):
        sheet.text(EDGE, y, 8 * grown, line)
        y += 10 * grown
    y = 160 * grown
    sheet.text(EDGE, y, 8 * grown, "SHIP TO:")
    for line in lines(package.orders[0].address):
        y += 15 * grown
        sheet.text(EDGE + 34 * grown, y, fitting(sheet, line, 12 * grown, EDGE + 34 * grown), line, bold=True)


def _barcode(sheet: Sheet, grown: float, number: str, carrier: str) -> None:
    top, height = sheet.height - 150 * grown, 72 * grown
    _rule(sheet, top - 24 * grown, 2.5 * grown)
    _centered(sheet, top - 9 * grown, 10 * grown, f"{carrier} TRACKING #")
    bars = modules(number)
    total = sum(width for width, _ in bars)
    narrow = (sheet.width - 2 * EDGE) / (total + 2 * QUIET)
    x = EDGE + QUIET * narrow
    for width, black in bars:
        if black:
            sheet.fill(x, top, width * narrow, height)
        x += width * narrow
    _centered(sheet, top + height + 16 * grown, 12 * grown, grouped(number))
    _rule(sheet, top + height + 26 * grown, 2.5 * grown)


def lines(address: Address) -> list[str]:
    """An address as it is written on a parcel."""
    place = address.place
    town = f"{place.city}, {place.state} {place.postal_code}"
    return [line for line in (address.name, address.line1, address.line2, town) if line]


def modules(number: str) -> list[tuple[int, bool]]:
    """The widths of a Code 128 barcode's bars and gaps, each with whether it is black."""
    code = Code128(number)
    code.validate()
    code.encode()
    code.decompose()
    return [("abcd".index(mark.lower()) + 1, mark.isupper()) for mark in code.decomposed]


def grouped(number: str) -> str:
    """The number in groups of four, for people."""
    cuts = [*range(0, len(number), 4), len(number)]
    return " ".join(number[start:end] for start, end in pairwise(cuts))


def fitting(sheet: Sheet, text: str, size: float, left: float) -> float:
    """The size at which a line still ends at the edge."""
    room = sheet.width - left - EDGE
    return min(size, size * room / max(sheet.width_of(text, size, bold=True), 1))


def _centered(sheet: Sheet, y: float, size: float, text: str) -> None:
    shown = fitting(sheet, text, size, EDGE)
    sheet.text((sheet.width - sheet.width_of(text, shown, bold=True)) / 2, y, shown, text, bold=True)


def _rule(sheet: Sheet, y: float, thickness: float = 1.0) -> None:
    sheet.fill(EDGE, y, sheet.width - 2 * EDGE, thickness)
