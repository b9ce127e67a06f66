"""TikTok Shipping: which services may carry a box, at what price, and buying their labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import carriers, label_numbers, shipping
from gcw_tiktok.sandbox.sales.carriers import Carrier
from gcw_tiktok.sandbox.sales.orders import Label, Line, Order, Package
from gcw_tiktok.sandbox.shops import Shop

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

UNITS_PER_PACKAGE = 100
INCHES = {"INCH": Decimal(1), "CM": Decimal("0.3937"), "CENTIMETER": Decimal("0.3937")}
POUNDS = {"POUND": Decimal(1), "GRAM": Decimal("0.0022046"), "KILOGRAM": Decimal("2.2046")}
UNKNOWN_SIZE = {"length": "10", "width": "8", "height": "4", "unit": "INCH"}
UNKNOWN_WEIGHT = {"value": "1", "unit": "POUND"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """One way to send a box. Prices in cents, weights in pounds, girth (length plus twice the rest) in inches."""

    number: int
    name: str
    carrier: str
    base: int
    per_pound: int
    heaviest: int
    largest: int
    days: tuple[int, int]

    def price(self, pounds: Decimal) -> int:
        """Every pound begun counts."""
        return self.base + self.per_pound * int(pounds.to_integral_value(ROUND_CEILING))


SERVICES = (
    Service(0, "USPS Ground Advantage", "USPS", 412, 75, 70, 130, (2, 5)),
    Service(1, "USPS Priority Mail", "USPS", 745, 110, 70, 108, (1, 3)),
    Service(2, "UPS Ground", "UPS", 689, 82, 150, 165, (1, 5)),
    Service(3, "FedEx 2Day", "FedEx", 1249, 145, 150, 165, (2, 2)),
)


@dataclass(frozen=True)
class Box:
    """How large and heavy a box is, as the API writes it."""

    dimension: dict[str, str]
    weight: dict[str, str]

    @property
    def pounds(self) -> Decimal:
        return Decimal(self.weight["value"]) * POUNDS[self.weight["unit"]]

    @property
    def girth(self) -> Decimal:
        sides = sorted(Decimal(self.dimension[side]) for side in ("length", "width", "height"))
        return (sides[2] + 2 * (sides[0] + sides[1])) * INCHES[self.dimension["unit"]]

    @property
    def is_possible(self) -> bool:
        return self.pounds > 0 and all(Decimal(self.dimension[side]) > 0 for side in ("length", "width", "height"))


SOME_BOX = Box(UNKNOWN_SIZE, UNKNOWN_WEIGHT)


@dataclass(frozen=True)
class Offer:
    """A service with its id in this world and its price for one box, in cents."""

    id: str
    service: Service
    price: int


def box(shop: Shop, lines: Iterable[Line], given: Json) -> Box:
    """The box as the caller described it, else as the listings do: weights added, heights stacked."""
    units = [_of_listing(shop, line) for line in lines]
    weight = sum((Decimal(unit.weight["value"]) for unit in units), Decimal(0))
    sides = {side: max(Decimal(unit.dimension[side]) for unit in units) for side in ("length", "width")}
    sides["height"] = sum((Decimal(unit.dimension["height"]) for unit in units), Decimal(0))
    dimension = {side: _text(value) for side, value in sides.items()} | {"unit": "INCH"}
    made = Box(given.get("dimension") or dimension, given.get("weight") or {"value": _text(weight), "unit": "POUND"})
    if not made.is_possible:
        raise business(21001001, "Weight and dimensions must be more than zero.")
    return made


def offers(world: "World", shop: Shop, wanted: Box) -> list[Offer]:
    """The services that take a box, cheapest first: one alone where TikTok allocates labels by itself."""
    fitting = [each for each in SERVICES if wanted.pounds <= each.heaviest and wanted.girth <= each.largest]
    made = [Offer(service_id(world, each), each, each.price(wanted.pounds)) for each in fitting]
    made.sort(key=lambda offer: offer.price)
    return made[:1] if shop.automatic_labels else made


def service_id(world: "World", service: Service) -> str:
    """Another one in every world: ids of services change, and no client may know them by heart."""
    return world.mint.at("shipping_service", service.number)


def check(order: Order) -> None:
    """Refuses orders that TikTok does not ship, or not now."""
    shipping.check_open(order)
    if order.shipping_type != "TIKTOK":
        raise business(21011012, "The order is shipped by the seller; TikTok Shipping sells no label for it.")


def buy(world: "World", package: Package, wanted: Box, offer: Offer, when: int) -> None:
    """Buys a label: the package awaits its carrier from now on, under a number that the platform set."""
    carrier = carrier_of(offer.service)
    package.label = Label(offer.id, offer.service.name, offer.price, offer.service.days)
    package.dimension, package.weight = wanted.dimension, wanted.weight
    number = label_numbers.of(carrier.name, world.mint.digest("tracking", package.id))
    shipping.send(world, package, number, carrier, when)


def carrier_of(service: Service) -> Carrier:
    """Who drives for a service."""
    return next(carrier for carrier in carriers.CARRIERS if carrier.name == service.carrier)


def choose(world: "World", lines: list[Line], shop: Shop, wanted: Box, service: str) -> Offer:
    """The service with an id, or the cheapest where none is named or TikTok chooses."""
    if len(lines) > UNITS_PER_PACKAGE:
        raise business(11021018, f"A package holds at most {UNITS_PER_PACKAGE} units. Split the order.")
    possible = offers(world, shop, wanted)
    if not possible:
        raise business(11021009, "No shipping service takes a package of this size and weight.")
    if shop.automatic_labels or not service:
        return possible[0]
    found = next((offer for offer in possible if offer.id == service), None)
    if found:
        return found
    if service in [service_id(world, each) for each in SERVICES]:
        raise business(11003011, "The shipping service cannot take this package.")
    raise business(21004008, "The shipping service does not exist.")


def _of_listing(shop: Shop, line: Line) -> Box:
    product = shop.products.get(line.product_id)
    sku = product.version.sku(line.sku_id) if product else None
    content, more = product.version.content if product else {}, sku.more if sku else {}
    size = more.get("sku_dimensions") or content.get("package_dimensions") or UNKNOWN_SIZE
    weight = more.get("sku_weight") or content.get("package_weight") or UNKNOWN_WEIGHT
    inches, pounds = INCHES[size["unit"]], POUNDS[weight["unit"]]
    sides = {side: str(Decimal(size[side]) * inches) for side in ("length", "width", "height")}
    return Box(sides | {"unit": "INCH"}, {"value": str(Decimal(weight["value"]) * pounds), "unit": "POUND"})


def _text(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
