"""What TikTok says about listing in a category of a shop, read before anything is decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gcw_tiktok.errors import BadInput, Refused
from gcw_tiktok.tiktok import categories, logistics
from gcw_tiktok.tiktok.categories import Attribute, Category, Rules
from gcw_tiktok.tiktok.client import Client

Confirm = Callable[[Sequence[str]], bool]
"""Whether a recommended category, as the way from the root, is the right one."""
SALES_WAREHOUSE = "SALES_WAREHOUSE"


@dataclass(frozen=True)
class Place:
    """The category of a listing, with the way to it from the root."""

    category: str
    way: tuple[str, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """What a listing in this place must and may have."""

    place: Place
    rules: Rules
    attributes: tuple[Attribute, ...]
    warehouse_id: str


def about(client: Client, place: Place) -> Knowledge:
    """The category's rules and attributes, and the warehouse that sells."""
    return Knowledge(
        place,
        categories.rules(client, place.category),
        tuple(categories.attributes(client, place.category)),
        _warehouse(logistics.warehouses(client)),
    )


def recommended(client: Client, title: str, description: str, confirm: Confirm) -> Place:
    """The category that TikTok recommends, once it is confirmed."""
    way = categories.recommend(client, title, description)
    if not way:
        raise Refused("TikTok recommends no category for this title.", "Name one with --category.", code="no_category")
    _must_be_open(way[-1])
    place = Place(way[-1].id, tuple(one.name for one in way))
    if not confirm(place.way):
        raise BadInput(f"{way[-1].name} was not confirmed.", "Name another one with --category.", code="no_category")
    return place


def named(client: Client, category_id: str) -> Place:
    """The category with this id; `BadInput` where TikTok has no such leaf."""
    found = {one.id: one for one in categories.tree(client)}
    leaf = found.get(category_id)
    if leaf is None or not leaf.is_leaf:
        why = "is no category of TikTok's" if leaf is None else f"({leaf.name}) has categories below it"
        raise BadInput(
            f"{category_id} {why}.", "Leave --category out to see what TikTok recommends.", code="no_category"
        )
    _must_be_open(leaf)
    return _place(leaf, found)


def search(client: Client, words: str, most: int) -> list[Place]:
    """Categories where the shop may list and whose way from the root has all of these words; short ways first."""
    found = {one.id: one for one in categories.tree(client)}
    places = [_place(one, found) for one in found.values() if one.is_leaf and one.is_open]
    wanted = words.casefold().split()
    fitting = [one for one in places if all(word in " ".join(one.way).casefold() for word in wanted)]
    return sorted(fitting, key=lambda one: (len(" ".join(one.way)), one.way))[:most]


def _place(leaf: Category, found: Mapping[str, Category]) -> Place:
    """A leaf with the way to it."""
    way = [leaf]
    while (above := found.get(way[0].parent_id)) and above not in way:
        way.insert(0, above)
    return Place(leaf.id, tuple(one.name for one in way))


def _must_be_open(leaf: Category) -> None:
    if not leaf.is_open:
        raise Refused(
            f"The shop may not list in {leaf.name}: TikTok says {', '.join(leaf.permission_statuses)}.",
            "Name another category, or apply for this one in Seller Center.",
            code="category_closed",
        )


def _warehouse(found: Sequence[logistics.Warehouse]) -> str:
    """The default one of those that sell and are in use."""
    selling = [one for one in found if one.type in (SALES_WAREHOUSE, "") and one.effect_status in ("ENABLED", "")]
    if not selling:
        raise Refused("The shop has no warehouse to sell from.", "Set one up in Seller Center.", code="no_warehouse")
    return max(selling, key=lambda one: one.is_default).id
