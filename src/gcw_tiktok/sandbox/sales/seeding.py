"""The orders a world starts with: first one of every status, then as many as asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.sales.carriers import CARRIERS
from gcw_tiktok.sandbox.sales.orders import HOLD_SECONDS, USUAL, Order, Package, Terms, make_line
from gcw_tiktok.sandbox.sales.people import Buyer
from gcw_tiktok.sandbox.shops import Shop

HOUR, DAY = 3_600, 86_400
MESSAGES = ("Please wrap it, it is a gift!", "Could you sign the back?", "Leave it with the neighbor, thanks")
MADE_FIRST = Terms(order_type="MADE_TO_ORDER", handling_days=3)
SUBSCRIBED = Terms(is_subscription_order=True)
LATE_REASON = "No longer needed"


@dataclass(frozen=True)
class Script:
    """How one opening order looks: its status, its age in seconds, and how many units of it were bought."""

    status: str
    age: int
    units: int = 1
    shipping_type: str = "SELLER"
    message: bool = False
    cancel_requested: bool = False
    gift: bool = False
    terms: Terms = USUAL


OPENING = (
    Script("UNPAID", 10 * 60),
    Script("ON_HOLD", 20 * 60, units=2),
    Script("AWAITING_SHIPMENT", 3 * HOUR),
    Script("AWAITING_SHIPMENT", 5 * HOUR, units=3, message=True),
    Script("AWAITING_SHIPMENT", 8 * HOUR, units=2, shipping_type="TIKTOK"),
    Script("PARTIALLY_SHIPPING", 20 * HOUR, units=3),
    Script("AWAITING_COLLECTION", 26 * HOUR, units=2),
    Script("IN_TRANSIT", 3 * DAY),
    Script("DELIVERED", 7 * DAY, units=2),
    Script("COMPLETED", 50 * DAY),
    Script("CANCELLED", 30 * HOUR),
    Script("AWAITING_SHIPMENT", 12 * HOUR, cancel_requested=True),
)
# When, after payment, an order that got that far was shipped, collected, delivered and completed.
SHIPPED_AFTER, COLLECTED_AFTER, DELIVERED_AFTER, COMPLETED_AFTER = 18 * HOUR, 38 * HOUR, 5 * DAY, 35 * DAY


def script(number: int, count: int) -> Script:
    """What the `number`th of `count` orders is like: one of each status first, then a crowd with all sorts in it."""
    if number < len(OPENING):
        return OPENING[number]
    plan = _in_crowd(number, count)
    if all(number % every for every in (19, 35, 43, 47)):
        return plan
    terms = MADE_FIRST if number % 43 == 0 else SUBSCRIBED if number % 47 == 0 else USUAL
    return replace(plan, message=number % 19 == 0, gift=number % 35 == 0, terms=terms)


def _in_crowd(number: int, count: int) -> Script:
    """How far an order of the crowd has come. Half of them wait for shipment."""
    rest = max(count - len(OPENING), 1)
    place = (number - len(OPENING)) / rest
    units = 1 + (number % 5 == 0) + (number % 11 == 0)
    if place < 0.5:
        return Script("AWAITING_SHIPMENT", 2 * HOUR + int(place * 2 * 28 * HOUR) // 60 * 60, units)
    age = 40 * HOUR + int((place - 0.5) * 2 * 45 * DAY) // 60 * 60
    if number % 37 == 0:
        return Script("CANCELLED", age, units)
    return Script(_reached(age), age, units)


def _reached(age: int) -> str:
    if age > COMPLETED_AFTER:
        return "COMPLETED"
    if age > DELIVERED_AFTER + DAY:
        return "DELIVERED"
    return "IN_TRANSIT" if age > COLLECTED_AFTER + HOUR else "AWAITING_COLLECTION"


class Seeder:
    """Writes orders for one shop."""

    def __init__(self, shop: Shop, buyers: Sequence[Buyer], mint: Mint, now: int, seed: int) -> None:
        self.shop = shop
        self.buyers = buyers
        self.mint = mint
        self.now = now
        self.rng = Random(f"orders:{seed}")
        self.products = [each for each in shop.products if each.status == "ACTIVATE"]

    def orders(self, count: int) -> list[Order]:
        """The opening orders, none when the shop sells nothing."""
        return [self._order(number, count) for number in range(count)] if self.products else []

    def _order(self, number: int, count: int) -> Order:
        plan = script(number, count)
        created = self.now - plan.age
        buyer = self.buyers[int(self.rng.random() * len(self.buyers))]
        order = Order(
            id=self.mint.next("order"),
            shop=self.shop,
            buyer=buyer,
            address=buyer.address,
            lines=[],
            create_time=created,
            update_time=created,
            status=plan.status,
            shipping_type=plan.shipping_type,
            terms=plan.terms,
            paid_time=0 if plan.status == "UNPAID" else created + 5 + number % 20,
            buyer_message=MESSAGES[number % len(MESSAGES)] if plan.message else "",
        )
        self._add_units(order, plan)
        self._play(order, plan)
        return order

    def _add_units(self, order: Order, plan: Script) -> None:
        """Two of one variant, then others: buyers often take a pair."""
        product, sku = self._pick()
        for place in range(plan.units):
            if place > 1:
                product, sku = self._pick()
            is_gift = plan.gift and place == plan.units - 1
            line = make_line(self.mint.next("line"), product, sku, "AWAITING_SHIPMENT", free=is_gift)
            line.is_gift = is_gift
            order.lines.append(line)

    def _pick(self) -> tuple[Product, Sku]:
        product = self.products[int(self.rng.random() * len(self.products))]
        return product, product.skus[int(self.rng.random() * len(product.skus))]

    def _play(self, order: Order, plan: Script) -> None:
        order.update_time = order.paid_time or order.create_time
        if plan.status in ("UNPAID", "ON_HOLD"):
            order.advance(plan.status)
            return
        order.update_time = order.paid_time + HOLD_SECONDS
        if plan.status == "CANCELLED":
            self._cancel(order)
        elif plan.status != "AWAITING_SHIPMENT":
            self._ship(order, plan)

    def _cancel(self, order: Order) -> None:
        order.cancel_time = order.update_time = order.paid_time + HOLD_SECONDS // 2
        order.cancel_reason, order.cancel_initiator = LATE_REASON, "BUYER"
        for line in order.lines:
            line.status, line.cancel_reason, line.cancel_user = "CANCELLED", LATE_REASON, "BUYER"
        order.settle()

    def _ship(self, order: Order, plan: Script) -> None:
        shipped = order.lines[:1] if plan.status == "PARTIALLY_SHIPPING" else list(order.lines)
        at = order.rts_time = order.update_time = order.paid_time + SHIPPED_AFTER
        tracking = f"9400{int(self.rng.random() * 10**18):018}"
        package = Package(self.mint.next("package"), [order], shipped, at, at, tracking, CARRIERS[0], at)
        order.packages.append(package)
        status = "AWAITING_COLLECTION" if plan.status == "PARTIALLY_SHIPPING" else plan.status
        for line in shipped:
            line.package, line.status = package, status
        order.settle()
        self._stamp(order, package)

    def _stamp(self, order: Order, package: Package) -> None:
        milestones = (
            ("IN_TRANSIT", "collection_time", COLLECTED_AFTER),
            ("DELIVERED", "delivery_time", DELIVERED_AFTER),
            ("COMPLETED", "completed_time", COMPLETED_AFTER),
        )
        reached = [status for status, _, _ in milestones]
        if order.status not in reached:
            return
        for _, member, after in milestones[: reached.index(order.status) + 1]:
            order.update_time = order.paid_time + after
            setattr(order, member, order.update_time)
        package.collection_time, package.delivery_time = order.collection_time, order.delivery_time
        package.update_time = order.delivery_time or order.collection_time
