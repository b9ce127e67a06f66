"""Listings that a print shop would have: posters, mugs and shirts, written when they are looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as combinations

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings.products import Axis, Json, Product, Sku, Value, Version
from gcw_tiktok.sandbox.words import words

MOTIFS = words(
    """
    Harbor Dunes Lighthouse Meadow Canyon Orchard Glacier Prairie Lagoon Summit Willow Ember Drift Cove
    Heron Juniper Marsh Mesa Tundra Delta Aurora Basin Bluff Cascade Fjord Grove Inlet Karst Ridge Shoal
    """
)
VARIANT_ROOM = 128  # ids set aside for each listing, whose variants are made when they are looked at
VALUE_ROOM = 32  # ids set aside for the values of each sales attribute of a listing
IMAGE_ROOM = "tos-useast5-i-sandbox-tx"
HOUSE_BRAND = "7265982318457707330"
SIZE_CHART = "7318000000000000001"


@dataclass(frozen=True)
class Choice:
    """A sales attribute and its values, each with the code used in seller SKUs and its surcharge in cents."""

    id: str
    name: str
    values: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Kind:
    """A sort of product: what its listings have in common."""

    prefix: str
    title: str
    material: Json
    price: int
    choices: tuple[Choice, ...]
    category: str
    weight: str
    size: tuple[str, str, str]
    size_chart: str = ""


POSTER = Kind(
    "POSTER",
    "{} Art Poster, Museum Quality Wall Print",
    {"id": "1000057", "name": "Paper"},
    1499,
    (
        Choice(
            "100007",
            "Size",
            (("12x16 in", "12X16", 0), ("18x24 in", "18X24", 700), ("24x36 in", "24X36", 1500)),
        ),
        Choice("100398", "Paper", (("Matte", "MATTE", 0), ("Glossy", "GLOSSY", 200))),
    ),
    "600349",
    "0.6",
    ("26", "4", "4"),
)
MUG = Kind(
    "MUG",
    "{} Ceramic Coffee Mug",
    {"id": "1000021", "name": "Ceramic"},
    1599,
    (
        Choice("100007", "Size", (("11 oz", "11OZ", 0), ("15 oz", "15OZ", 300))),
        Choice("100000", "Color", (("White", "WHITE", 0), ("Black", "BLACK", 100))),
    ),
    "600160",
    "1.1",
    ("6", "5", "5"),
)
TEE = Kind(
    "TEE",
    "{} Unisex Cotton T-Shirt",
    {"id": "1000039", "name": "Cotton"},
    2199,
    (
        Choice(
            "100000",
            "Color",
            (("Black", "BLACK", 0), ("White", "WHITE", 0), ("Navy", "NAVY", 0), ("Sand", "SAND", 0)),
        ),
        Choice(
            "100007",
            "Size",
            (("S", "S", 0), ("M", "M", 0), ("L", "L", 0), ("XL", "XL", 0), ("2XL", "2XL", 200)),
        ),
    ),
    "601226",
    "0.45",
    ("12", "9", "1"),
    SIZE_CHART,
)
KINDS = (POSTER, MUG, TEE)


class Catalog:
    """Makes the listings that a world starts with."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint

    def product(self, number: int, status: str, created: int) -> Product:
        """The `number`th listing of the world."""
        return Product(
            id=self._mint.at("product", number),
            number=number,
            status=status,
            create_time=created,
            update_time=created + 3_600 + number * 48_271 % 600_000,
            writer=self,
        )

    def write(self, product: Product) -> Version:
        """What the listing says, the same every time."""
        kind = KINDS[product.number % len(KINDS)]
        return Version(self._content(product, kind), self._axes(product.number, kind), list(self._skus(product, kind)))

    def image(self, product_id: str) -> str:
        """The uri of a listing's picture."""
        return f"{IMAGE_ROOM}/{self._mint.digest('image', product_id)[:32]}"

    def _content(self, product: Product, kind: Kind) -> Json:
        title = kind.title.format(_motif(product.number))
        length, width, height = kind.size
        return {
            "title": title,
            "description": f"<p>{title}. Printed after you order.</p>",
            "category_id": kind.category,
            "category_version": "v2",
            "brand_id": HOUSE_BRAND,
            "main_images": [{"uri": self.image(product.id)}],
            "product_attributes": [{"id": "100157", "values": [kind.material]}],
            "package_weight": {"unit": "POUND", "value": kind.weight},
            "package_dimensions": {"height": height, "length": length, "unit": "INCH", "width": width},
            **({"size_chart": {"template": {"id": kind.size_chart}}} if kind.size_chart else {}),
        }

    def _axes(self, number: int, kind: Kind) -> list[Axis]:
        return [
            Axis(choice.id, choice.name, {
                name: Value(self._mint.at("value", number * VARIANT_ROOM + axis * VALUE_ROOM + place), name)
                for place, (name, _, _) in enumerate(choice.values)
            })
            for axis, choice in enumerate(kind.choices)
        ]  # fmt: skip

    def _skus(self, product: Product, kind: Kind) -> Iterator[Sku]:
        stem = f"{kind.prefix}-{_motif(product.number).upper().replace(' ', '-')}"
        for place, chosen in enumerate(combinations(*(choice.values for choice in kind.choices))):
            yield Sku(
                id=self._mint.at("sku", product.number * VARIANT_ROOM + place),
                seller_sku="-".join((stem, *(each[1] for each in chosen))),
                price=kind.price + sum(each[2] for each in chosen),
                quantity=40 + (product.number * 37 + place * 11) % 460,
                values=tuple(each[0] for each in chosen),
            )


def _motif(number: int) -> str:
    """The design's name; numbered from the second round through the list on."""
    round_, place = divmod(number // len(KINDS), len(MOTIFS))
    return MOTIFS[place] + (f" {round_ + 1}" if round_ else "")
