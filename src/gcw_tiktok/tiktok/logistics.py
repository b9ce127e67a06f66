"""A shop's warehouses, its ways of delivery, and the carriers it may name."""

import difflib
from collections.abc import Sequence

from gcw_tiktok.errors import BadInput
from gcw_tiktok.tiktok.client import Client, entries, path_part
from gcw_tiktok.tiktok.payload import Payload


class Warehouse(Payload):
    """One of TikTok's warehouses of the shop."""

    id: str
    name: str = ""
    type: str = ""
    sub_type: str = ""
    effect_status: str = ""
    is_default: bool = False


class DeliveryOption(Payload):
    """One way of delivery that a buyer may choose."""

    id: str
    name: str = ""
    type: str = ""


class Provider(Payload):
    """A carrier."""

    id: str
    name: str = ""


def warehouses(client: Client) -> list[Warehouse]:
    """All warehouses, those for returns included."""
    data = client.call("warehouses", "GET", "/logistics/{version}/warehouses", repeatable=True)
    return [Warehouse.parse(entry) for entry in entries(data, "warehouses")]


def delivery_options(client: Client, warehouse_id: str) -> list[DeliveryOption]:
    """What orders from this warehouse may use."""
    path = f"/logistics/{{version}}/warehouses/{path_part(warehouse_id)}/delivery_options"
    data = client.call("delivery_options", "GET", path, params={"scope": "WAREHOUSE"}, repeatable=True)
    return [DeliveryOption.parse(entry) for entry in entries(data, "delivery_options")]


def shipping_providers(client: Client, delivery_option_id: str) -> list[Provider]:
    """The carriers that may be named for orders with this delivery option."""
    path = f"/logistics/{{version}}/delivery_options/{path_part(delivery_option_id)}/shipping_providers"
    data = client.call("shipping_providers", "GET", path, repeatable=True)
    return [Provider.parse(entry) for entry in entries(data, "shipping_providers")]


def find_provider(providers: Sequence[Provider], wanted: str) -> Provider:
    """The carrier with this id or name, or the only one whose name starts so."""
    plain = _plain(wanted)
    if not plain:
        raise BadInput("No carrier was named.", f"This order's carriers: {_names(providers)}.")
    tests = (
        lambda one: one.id == wanted.strip(),
        lambda one: _plain(one.name) == plain,
        lambda one: _plain(one.name).startswith(plain),
    )
    for fits in tests:
        matching = [one for one in providers if fits(one)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise BadInput(f'"{wanted}" may be any of: {_names(matching)}.', "Name the carrier by its id.")
    raise _unknown(providers, wanted)


def _unknown(providers: Sequence[Provider], wanted: str) -> BadInput:
    names = {_plain(one.name): one for one in providers}
    near = [names[name] for name in difflib.get_close_matches(_plain(wanted), names)]
    hint = f"Did you mean {_names(near)}?" if near else f"This order's carriers: {_names(providers)}."
    return BadInput(f'No carrier of this order is called "{wanted}".', hint)


def _names(providers: Sequence[Provider]) -> str:
    return ", ".join(f"{one.name} ({one.id})" for one in providers) or "none"


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
