"""A category's attributes: what a listing says of them, and how its variants differ."""

from collections.abc import Sequence
from typing import Any

from gcw_tiktok.tiktok.categories import Attribute
from gcw_tiktok.workflow.publishing.complaints import Complaints
from gcw_tiktok.workflow.publishing.wanted import Wanted

Json = dict[str, Any]
MOST_SHOWN = 12
SAME_AS = {"colour": "color"}


def of_product(wanted: Wanted, known: Sequence[Attribute], complaints: Complaints) -> list[Json]:
    """What is given, with TikTok's ids; what the category asks for besides is named with its values."""
    properties = [one for one in known if not one.of_variants]
    given: dict[str, list[str]] = {}
    for text in wanted.attribute:
        name, equals, value = text.partition("=")
        found = _find(properties, name)
        if found is None or not equals or not value.strip():
            why = f"The category has no attribute {name.strip()!r}" if equals else f"{text!r} is not NAME=VALUE"
            names = ", ".join(one.name for one in properties) or "none"
            complaints.add("attribute_unknown", f"{why}.", f"Its attributes: {names}.")
        else:
            given.setdefault(found.id, []).append(value.strip())
    missing = [one for one in properties if one.is_required and one.id not in given and not wanted.draft]
    for one in missing:
        complaints.add(
            "attributes_missing",
            f"The category asks for {one.name}: {_values(one)}.",
            f'Add --attribute "{one.name}=VALUE".',
        )
    return [_with_values(one, given[one.id], complaints) for one in properties if one.id in given]


def of_variant(name: str, value: str, known: Sequence[Attribute]) -> Json:
    """One choice of a variant: TikTok's own attribute where it has one of that name, else ours."""
    found = _find([one for one in known if one.of_variants], name)
    built_in = next((one for one in found.values if one.name.casefold() == value.casefold()), None) if found else None
    choice: Json = {"id": found.id} if found else {"name": name[:1].upper() + name[1:]}
    return choice | ({"value_id": built_in.id} if built_in else {}) | {"value_name": value}


def _find(known: Sequence[Attribute], name: str) -> Attribute | None:
    wanted = name.strip().casefold()
    same = {wanted, SAME_AS.get(wanted, wanted)}
    return next((one for one in known if one.id == wanted or one.name.casefold() in same), None)


def _with_values(attribute: Attribute, given: Sequence[str], complaints: Complaints) -> Json:
    values: list[Json] = []
    for text in given:
        built_in = next((one for one in attribute.values if text.casefold() in (one.id, one.name.casefold())), None)
        if built_in:
            values.append({"id": built_in.id})
        elif attribute.is_customizable or not attribute.values:
            values.append({"name": text})
        else:
            complaints.add("attribute_unknown", f"{attribute.name} cannot be {text!r}: {_values(attribute)}.")
    if len(given) > 1 and not attribute.is_multiple_selection:
        complaints.add("attribute_unknown", f"{attribute.name} takes one value, not {', '.join(given)}.")
    return {"id": attribute.id, "values": values}


def _values(attribute: Attribute) -> str:
    names = [one.name for one in attribute.values]
    shown = ", ".join(names[:MOST_SHOWN]) + (f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else "")
    if not shown:
        return "any text"
    return shown + (", or a text of your own" if attribute.is_customizable else "")
