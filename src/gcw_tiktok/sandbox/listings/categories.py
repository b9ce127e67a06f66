"""The part of TikTok Shop's category tree (version v2) that printers use, with each category's rules and attributes.

Ids of posters, mugs and T-shirts are those of the US tree; the others, and which rule holds where, are made up.
"""

import re
from dataclasses import dataclass

from gcw_tiktok.sandbox.listings.products import Json
from gcw_tiktok.sandbox.words import words

ROOT = "0"


@dataclass(frozen=True)
class Attribute:
    """A property of a product or, with `sales`, one that variants differ in. `values` are the built-in ones."""

    id: str
    name: str
    values: tuple[tuple[str, str], ...] = ()
    sales: bool = False
    required: bool = False
    multiple: bool = False
    customizable: bool = True

    def value(self, value_id: str) -> str | None:
        """The name of a built-in value."""
        return dict(self.values).get(value_id)


@dataclass(frozen=True)
class Category:
    """A node of the tree and what listings in it must have."""

    id: str
    parent_id: str
    name: str
    is_leaf: bool = False
    permission: str = "AVAILABLE"
    needs_size_chart: bool = False
    takes_size_chart: bool = False
    needs_dimensions: bool = False
    special_types: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    keywords: tuple[str, ...] = ()

    def attribute(self, attribute_id: str) -> Attribute | None:
        """The attribute with this id, or None."""
        return next((each for each in self.attributes if each.id == attribute_id), None)


def _material(*values: tuple[str, str]) -> Attribute:
    return Attribute("100157", "Material", values, required=True, multiple=True)


COLOR = Attribute("100000", "Color", sales=True)
SIZE = Attribute("100007", "Size", sales=True)
PAPER_TYPE = Attribute("100398", "Paper", sales=True)
STYLE = Attribute("100089", "Style", sales=True)
CLOTH = _material(("1000039", "Cotton"), ("1000059", "Polyester"), ("1000101", "Cotton Blend"))
PAPER = _material(("1000057", "Paper"), ("1000062", "Canvas"), ("1000064", "Metal"))
CERAMIC = _material(("1000021", "Ceramic"), ("1000023", "Stainless Steel"), ("1000025", "Glass"))
PATTERN = Attribute("100393", "Pattern", (("1000512", "Graphic"), ("1000513", "Solid"), ("1000514", "Letter")))
FRAMED = Attribute("100402", "Framed", (("1001201", "Yes"), ("1001202", "No")), customizable=False)
DISHWASHER = Attribute("100411", "Dishwasher Safe", (("1001301", "Yes"), ("1001302", "No")), customizable=False)

PRINTED = ("PRE_ORDER", "MADE_TO_ORDER", "CUSTOM")
WEAR, PRINTS = (CLOTH, PATTERN, COLOR, SIZE, STYLE), (PAPER, FRAMED, SIZE, PAPER_TYPE, COLOR, STYLE)
DRINKING = (CERAMIC, DISHWASHER, SIZE, COLOR, STYLE)


def _branch(category_id: str, parent_id: str, name: str) -> Category:
    return Category(category_id, parent_id, name)


def _wear(category_id: str, parent_id: str, name: str, keywords: str) -> Category:
    return Category(
        category_id, parent_id, name, True, needs_size_chart=True, takes_size_chart=True, special_types=PRINTED,
        attributes=WEAR, keywords=tuple(words(keywords)),
    )  # fmt: skip


def _print(category_id: str, name: str, keywords: str) -> Category:
    return Category(
        category_id, "852104", name, True, needs_dimensions=True, special_types=PRINTED, attributes=PRINTS,
        keywords=tuple(words(keywords)),
    )  # fmt: skip


def _cup(category_id: str, name: str, keywords: str) -> Category:
    return Category(
        category_id, "809608", name, True, needs_dimensions=True, special_types=PRINTED, attributes=DRINKING,
        keywords=tuple(words(keywords)),
    )  # fmt: skip


_NODES = (
    _branch("600001", ROOT, "Home Supplies"),
    _branch("852104", "600001", "Home Decor"),
    _print("600349", "Posters & Prints", "poster print canvas art wall"),
    _print("600341", "Photo Frames", "frame"),
    _branch("600024", ROOT, "Kitchenware"),
    _branch("809608", "600024", "Cups & Drinkware"),
    _cup("600160", "Mugs", "mug cup coffee tea"),
    _cup("600168", "Tumblers", "tumbler bottle flask"),
    _branch("824328", ROOT, "Menswear & Underwear"),
    _branch("842248", "824328", "Men's Tops"),
    _wear("601226", "842248", "T-shirts", "tee t-shirt tshirt shirt"),
    _wear("601234", "842248", "Hoodies & Sweatshirts", "hoodie sweatshirt sweater"),
    _branch("601152", ROOT, "Womenswear & Underwear"),
    _branch("842888", "601152", "Women's Tops"),
    _wear("601265", "842888", "T-shirts", "women ladies"),
    _branch("951432", ROOT, "Collectibles"),
    Category("951944", "951432", "Trading Cards", True, "INVITE_ONLY", keywords=("card",)),
    Category("951950", "951432", "Coins & Money", True, "PROHIBITED", keywords=("coin",)),
    Category("952008", "951432", "Autographs", True, "NON_MAIN_CATEGORY", keywords=("autograph", "signed")),
)
BY_ID = {each.id: each for each in _NODES}


def listed(keyword: str = "", prohibited: bool = False) -> list[Category]:
    """The tree from its roots down: all of it, or the branches that lead to categories with a word in their name."""
    shown = [each for each in _NODES if prohibited or each.permission != "PROHIBITED"]
    if not keyword:
        return shown
    wanted = {up.id for each in shown if keyword.lower() in each.name.lower() for up in chain(each.id)}
    return [each for each in shown if each.id in wanted]


def chain(category_id: str) -> list[Category]:
    """The way from the root to a category; empty when there is no such category."""
    way: list[Category] = []
    node = BY_ID.get(category_id)
    while node:
        way.insert(0, node)
        node = BY_ID.get(node.parent_id)
    return way


def recommended(text: str) -> Category:
    """The leaf that fits a title best; posters where nothing speaks for another."""
    spoken = set(re.findall(r"[a-z-]+", text.lower()))
    leaves = [each for each in _NODES if each.is_leaf and each.permission == "AVAILABLE"]
    return max(leaves, key=lambda leaf: len(spoken & set(leaf.keywords)))


def shown(category: Category) -> Json:
    """A node as the API lists it."""
    return {
        "id": category.id,
        "is_leaf": category.is_leaf,
        "local_name": category.name,
        "parent_id": category.parent_id,
        "permission_statuses": [category.permission],
    }
