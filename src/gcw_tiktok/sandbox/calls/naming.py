"""How bodies name the units they mean: by line item ids, or by lines that may name parts of bundles."""

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import Json
from gcw_tiktok.sandbox.sales.orders import Order


def ids(body: Json) -> tuple[str, ...]:
    """The older way."""
    return tuple(dict.fromkeys(body.get("order_line_item_ids", ())))


def lines(order: Order, body: Json, member: str) -> tuple[str, ...]:
    """The newer way. A unit of a bundle counts as named when all its parts are, or none by itself."""
    parts: dict[str, set[str]] = {}
    for named in body.get(member, ()):
        parts.setdefault(named["order_line_id"], set()).add(named.get("sub_item_id", ""))
    inside = {line.id: {part.id for part in line.components} for line in order.lines}
    for line_id, wanted in parts.items():
        if wanted != {""} and wanted != inside.get(line_id):
            raise business(21011012, "The parts of a bundle travel together.")
    return tuple(parts)
