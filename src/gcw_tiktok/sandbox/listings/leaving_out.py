"""Values that TikTok Shop leaves out of a listing, with a warning, rather than refuse the whole."""

import re
from decimal import Decimal

from gcw_tiktok.sandbox.listings.products import Json
from gcw_tiktok.sandbox.listings.proposal import Proposal

CODE_FORMS = {
    "GTIN": r"\d{14}",
    "EAN": r"\d{8}|\d{13,14}",
    "UPC": r"\d{12}",
    "ISBN": r"\d{13}|\d{9}X",
    "JAN": r"\d{8}|\d{13}",
}
LIST_PRICES = Decimal("0.01"), Decimal(7600)


def leave_out(wanted: Proposal) -> None:
    """Takes from the proposal what cannot be kept and notes a warning for each."""
    _brand(wanted)
    _attributes(wanted)
    for sku in wanted.variants:
        _identifier_code(wanted, sku)
        _list_price(wanted, sku)


def _brand(wanted: Proposal) -> None:
    brand_id = wanted.content.get("brand_id")
    if brand_id and brand_id not in wanted.world.brands:
        wanted.drop("brand_id", brand_id, "Brand does not exist")
        del wanted.content["brand_id"]


def _attributes(wanted: Proposal) -> None:
    if wanted.category and "product_attributes" in wanted.content:
        sent = wanted.content["product_attributes"]
        wanted.content["product_attributes"] = [kept for each in sent if (kept := _attribute(wanted, each))]


def _attribute(wanted: Proposal, sent: Json) -> Json | None:
    """The attribute with its usable values, or None."""
    known = wanted.category.attribute(sent["id"]) if wanted.category else None
    if known is None or known.sales:
        wanted.drop("product_attributes", sent["id"], "Attribute does not exist in this category")
        return None
    values: list[Json] = []
    for value in sent["values"]:
        name = known.value(value["id"]) if value.get("id") else value.get("name") if known.customizable else None
        if name:
            values.append({"id": value["id"], "name": name} if value.get("id") else {"name": name})
        else:
            wanted.drop("product_attributes", value.get("id") or value.get("name"), "Attribute value does not exist")
    return {"id": sent["id"], "values": values if known.multiple else values[:1]} if values else None


def _identifier_code(wanted: Proposal, sku: Json) -> None:
    code = sku.get("identifier_code")
    if code and not re.fullmatch(CODE_FORMS[code["type"]], code["code"]):
        wanted.drop("identifier_code", code["code"], f"Not a valid {code['type']}")
        del sku["identifier_code"]


def _list_price(wanted: Proposal, sku: Json) -> None:
    listed, price = sku.get("list_price"), sku.get("price", {})
    if not listed:
        return
    amount = Decimal(listed["amount"])
    asked = Decimal(price.get("amount") or price.get("sale_price") or 0)
    if not LIST_PRICES[0] <= amount <= LIST_PRICES[1] or amount < asked:
        wanted.drop("list_price", listed["amount"], "List price is out of range or below the price")
        del sku["list_price"]
