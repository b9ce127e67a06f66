"""From what a seller sends to a version of a listing: checked, completed, and with ids of its own."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings import content_rules, sku_rules
from gcw_tiktok.sandbox.listings.leaving_out import leave_out
from gcw_tiktok.sandbox.listings.products import Axis, Json, Sku, Value, Version
from gcw_tiktok.sandbox.listings.proposal import Proposal
from gcw_tiktok.sandbox.refusals import Refusal

OWN_MEMBERS = frozenset({"id", "inventory", "price", "sales_attributes", "seller_sku"})
"""Of a variant; the other members are kept as they are sent."""


def complaints(wanted: Proposal) -> Iterator[Refusal]:
    """Everything that is wrong with it, the most basic first."""
    _name_known_values(wanted)
    leave_out(wanted)
    for rule in (*content_rules.RULES, *sku_rules.RULES):
        yield from rule(wanted)


def written(wanted: Proposal) -> Version:
    """The version that is proposed, or the first complaint."""
    complaint = next(complaints(wanted), None)
    if complaint:
        raise complaint
    if wanted.skus is None and wanted.before:
        return Version(wanted.content, wanted.before.axes, [_as_today(wanted, sku) for sku in wanted.before.skus])
    axes = _axes(wanted)
    return Version(wanted.content, axes, [_sku(wanted, sent, axes) for sent in wanted.variants])


def cents(price: Json) -> int:
    """What a buyer pays, of a price as sellers send it."""
    return int(Decimal(price.get("amount") or price["sale_price"]) * 100)


def units(inventory: list[Json]) -> int:
    """How many there are in all warehouses."""
    return sum(entry.get("quantity", 0) for entry in inventory)


def _name_known_values(wanted: Proposal) -> None:
    """Makes known variants and values say their names, so that they can be compared with new ones."""
    before = wanted.before
    if before is None:
        return
    names = {value.id: name for axis in before.axes for name, value in axis.values.items()}
    for sku in wanted.variants:
        old = before.sku(sku.get("id", ""))
        if old and "sales_attributes" not in sku:
            pairs = before.values_of(old)
            sku["sales_attributes"] = [{"id": axis.id, "value_id": value.id} for axis, value in pairs]
        for attribute in sku.get("sales_attributes", []):
            if attribute.get("value_id") in names:
                attribute["value_name"] = names[attribute["value_id"]]


def _axes(wanted: Proposal) -> list[Axis]:
    """The attributes in the order of the first variant; what the listing had keeps its ids."""
    old = {key: axis for axis in (wanted.before.axes if wanted.before else []) for key in (axis.id, axis.name)}
    made: dict[str, Axis] = {}
    for sent in (each for sku in wanted.variants for each in sku.get("sales_attributes", [])):
        key = sent.get("id") or sent["name"]
        if key not in made:
            made[key] = _axis(wanted, sent, old.get(key))
        _put_value(wanted.world.mint, made[key], sent, old.get(key))
    return list(made.values())


def _axis(wanted: Proposal, sent: Json, old: Axis | None) -> Axis:
    known = wanted.category.attributes if wanted.category else ()
    built_in = next(
        (each for each in known if each.sales and sent.get("id", sent.get("name")) in (each.id, each.name)), None
    )
    found = built_in or old
    if found:
        return Axis(found.id, found.name, {})
    return Axis(wanted.world.mint.next("attribute"), sent["name"], {})


def _put_value(mint: Mint, axis: Axis, sent: Json, old: Axis | None) -> None:
    name = sent["value_name"]
    image = sent.get("sku_img", {}).get("uri", "")
    more = tuple(each["uri"] for each in sent.get("supplementary_sku_images", []))
    if name not in axis.values:
        known = old.values.get(name) if old else None
        axis.values[name] = Value(known.id if known else mint.next("new_value"), name, image, more)
    elif image or more:
        axis.values[name] = Value(axis.values[name].id, name, image, more)


def _sku(wanted: Proposal, sent: Json, axes: list[Axis]) -> Sku:
    before = wanted.before.sku(sent["id"]) if wanted.before and "id" in sent else None
    old = _as_today(wanted, before) if before else None
    by_key = {each.get("id") or each["name"]: each["value_name"] for each in sent.get("sales_attributes", [])}
    more = {name: value for name, value in sent.items() if name not in OWN_MEMBERS}
    backorder = sku_rules.backorder(sent["inventory"]) if "inventory" in sent else _of(old).more.get("backorder")
    if backorder:
        more["backorder"] = backorder
    return Sku(
        id=old.id if old else wanted.world.mint.next("new_sku"),
        seller_sku=sent.get("seller_sku", ""),
        price=cents(sent["price"]) if "price" in sent else _of(old).price,
        quantity=units(sent["inventory"]) if "inventory" in sent else _of(old).quantity,
        values=tuple(_value_on(axis, by_key) for axis in axes),
        more=more,
    )


def _as_today(wanted: Proposal, sku: Sku) -> Sku:
    """A copy with the price and stock of the base, which may have changed since a draft of it was written."""
    base = wanted.product.version.sku(sku.id) if wanted.product else None
    return replace(sku, price=base.price, quantity=base.quantity) if base else replace(sku)


def _value_on(axis: Axis, by_key: dict[str, str]) -> str:
    return by_key[axis.id] if axis.id in by_key else by_key[axis.name]


def _of(old: Sku | None) -> Sku:
    if old is None:
        raise LookupError("A new variant has a price and an inventory.")
    return old
