"""Listings that a print shop would have: posters, mugs and shirts, with variants made when looked at."""

from dataclasses import dataclass, field
from itertools import product as combinations

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.words import words

MOTIFS = words(
    """
    Harbor Dunes Lighthouse Meadow Canyon Orchard Glacier Prairie Lagoon Summit Willow Ember Drift Cove
    Heron Juniper Marsh Mesa Tundra Delta Aurora Basin Bluff Cascade Fjord Grove Inlet Karst Ridge Shoal
    """
)
VARIANT_ROOM = 128  # ids set aside for each listing, whose variants are made when they are looked at


@dataclass(frozen=True)
class Axis:
    """A sales attribute and its values, each with the code used in seller SKUs and its surcharge in cents."""

    id: str
    name: str
    values: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Kind:
    """A sort of product: what its listings have in common."""

    prefix: str
    title: str
    material: str
    price: int
    axes: tuple[Axis, ...]
    categories: tuple[tuple[str, str], ...]
    weight: str
    size: tuple[str, str, str]


POSTER = Kind(
    "POSTER",
    "{} Art Poster, Museum Quality Wall Print",
    "Paper",
    1499,
    (
        Axis(
            "100007",
            "Size",
            (("12x16 in", "12X16", 0), ("18x24 in", "18X24", 700), ("24x36 in", "24X36", 1500)),
        ),
        Axis("100398", "Paper", (("Matte", "MATTE", 0), ("Glossy", "GLOSSY", 200))),
    ),
    (("600001", "Home Supplies"), ("852104", "Home Decor"), ("600349", "Posters & Prints")),
    "0.6",
    ("26", "4", "4"),
)
MUG = Kind(
    "MUG",
    "{} Ceramic Coffee Mug",
    "Ceramic",
    1599,
    (
        Axis("100007", "Size", (("11 oz", "11OZ", 0), ("15 oz", "15OZ", 300))),
        Axis("100000", "Color", (("White", "WHITE", 0), ("Black", "BLACK", 100))),
    ),
    (("600024", "Kitchenware"), ("809608", "Cups & Drinkware"), ("600160", "Mugs")),
    "1.1",
    ("6", "5", "5"),
)
TEE = Kind(
    "TEE",
    "{} Unisex Cotton T-Shirt",
    "Cotton",
    2199,
    (
        Axis(
            "100000",
            "Color",
            (("Black", "BLACK", 0), ("White", "WHITE", 0), ("Navy", "NAVY", 0), ("Sand", "SAND", 0)),
        ),
        Axis(
            "100007",
            "Size",
            (("S", "S", 0), ("M", "M", 0), ("L", "L", 0), ("XL", "XL", 0), ("2XL", "2XL", 200)),
        ),
    ),
    (("824328", "Menswear & Underwear"), ("842248", "Men's Tops"), ("601226", "T-shirts")),
    "0.45",
    ("12", "9", "1"),
)
KINDS = (POSTER, MUG, TEE)


@dataclass(slots=True)
class Sku:
    """One variant of a listing."""

    id: str
    seller_sku: str
    price: int
    quantity: int
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        return ", ".join(self.values)


@dataclass(slots=True)
class Product:
    """A listing. Its variants are worked out on first use: a large world starts quickly."""

    id: str
    number: int
    kind: Kind
    title: str
    status: str
    create_time: int
    update_time: int
    mint: Mint
    _skus: list[Sku] = field(default_factory=list)

    @property
    def motif(self) -> str:
        """The design's name; numbered from the second round through the list on."""
        round_, place = divmod(self.number // len(KINDS), len(MOTIFS))
        return MOTIFS[place] + (f" {round_ + 1}" if round_ else "")

    @property
    def audit(self) -> str:
        """Where the review stands."""
        return {"DRAFT": "NONE", "PENDING": "AUDITING", "FAILED": "FAILED"}.get(self.status, "APPROVED")

    @property
    def image(self) -> str:
        """The part of an image address that is this listing's own."""
        return f"tos-useast5-i-sandbox-tx/{self.mint.digest('image', self.id)[:32]}"

    @property
    def skus(self) -> list[Sku]:
        if not self._skus:
            choices = combinations(*(axis.values for axis in self.kind.axes))
            self._skus = [self._variant(place, chosen) for place, chosen in enumerate(choices)]
        return self._skus

    def _variant(self, place: int, chosen: tuple[tuple[str, str, int], ...]) -> Sku:
        code = "-".join((self.kind.prefix, self.motif.upper().replace(" ", "-"), *(each[1] for each in chosen)))
        price = self.kind.price + sum(each[2] for each in chosen)
        quantity = 40 + (self.number * 37 + place * 11) % 460
        sku_id = self.mint.at("sku", self.number * VARIANT_ROOM + place)
        return Sku(sku_id, code, price, quantity, tuple(each[0] for each in chosen))


def make_product(number: int, status: str, created: int, mint: Mint) -> Product:
    """The `number`th listing of the world."""
    kind = KINDS[number % len(KINDS)]
    product = Product(
        id=mint.at("product", number),
        number=number,
        kind=kind,
        title="",
        status=status,
        create_time=created,
        update_time=created + 3_600 + number * 48_271 % 600_000,
        mint=mint,
    )
    product.title = kind.title.format(product.motif)
    return product
