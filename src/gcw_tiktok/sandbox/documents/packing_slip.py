"""A packing slip: what should be in the box."""

from collections import Counter

from gcw_tiktok.sandbox.documents import label
from gcw_tiktok.sandbox.documents.sheets import Sheet
from gcw_tiktok.sandbox.sales.orders import Order, Package

EDGE = label.EDGE
Row = tuple[str, str, bool]
"""What stands left, what stands right, and whether it is bold."""


def draw(sheet: Sheet, package: Package) -> None:
    """The orders with their variants and quantities, on as many pages as it takes."""
    grown = sheet.width / 298
    y = _head(sheet, grown, package)
    for left, right, bold in _rows(package):
        if y > sheet.height - 2 * EDGE:
            sheet.turn()
            y = EDGE + 12 * grown
        sheet.text(EDGE, y, 8 * grown, _cut(sheet, left, 8 * grown, sheet.width - 2 * EDGE - 24 * grown, bold), bold)
        sheet.text(sheet.width - EDGE - 14 * grown, y, 8 * grown, right, bold)
        y += 12 * grown


def _head(sheet: Sheet, grown: float, package: Package) -> float:
    """Draws the upper part; where the list begins comes back."""
    sheet.text(EDGE, 30 * grown, 16 * grown, "Packing slip", bold=True)
    y = 46 * grown
    order = package.orders[0]
    for line in (order.shop.name, f"Package {package.id}", *label.lines(order.address)):
        sheet.text(EDGE, y, 8 * grown, line)
        y += 11 * grown
    sheet.fill(EDGE, y, sheet.width - 2 * EDGE, 1)
    return y + 14 * grown


def _rows(package: Package) -> list[Row]:
    return [row for order in package.orders for row in _order_rows(order, package)]


def _order_rows(order: Order, package: Package) -> list[Row]:
    inside = [line for line in package.live() if line in order.lines]
    counts = Counter((line.seller_sku or line.sku_id, line.sku_name) for line in inside)
    rows: list[Row] = [(f"Order {order.id}", "", True)]
    rows += [(f"{seller_sku}   {name}", f"x {count}", False) for (seller_sku, name), count in counts.items()]
    return rows + ([(f"Note: {order.buyer_message}", "", False)] if order.buyer_message else [])


def _cut(sheet: Sheet, text: str, size: float, room: float, bold: bool) -> str:
    if sheet.width_of(text, size, bold) <= room:
        return text
    while text and sheet.width_of(text + "...", size, bold) > room:
        text = text[:-1]
    return text + "..."
