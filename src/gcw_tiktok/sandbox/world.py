"""The pretend TikTok Shop itself: its sellers, shops, listings and orders, and what time does to them."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gcw_tiktok.sandbox.agenda import Agenda
from gcw_tiktok.sandbox.authorizations import SCOPES, Authorizations
from gcw_tiktok.sandbox.clock import Clock, Wall
from gcw_tiktok.sandbox.deliveries import Deliveries
from gcw_tiktok.sandbox.events import TOPICS, Events
from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings import review
from gcw_tiktok.sandbox.listings.brands import Brand, house_brands
from gcw_tiktok.sandbox.listings.catalog import Catalog
from gcw_tiktok.sandbox.listings.images import Image
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.sandbox.sales import cancelling, progress
from gcw_tiktok.sandbox.sales.cancelling import Cancellation
from gcw_tiktok.sandbox.sales.orders import Order, Package
from gcw_tiktok.sandbox.sales.people import Buyer, make_buyers
from gcw_tiktok.sandbox.sales.returning import Return
from gcw_tiktok.sandbox.sales.seeding import HOUR, Seeder
from gcw_tiktok.sandbox.shelf import Shelf, Window
from gcw_tiktok.sandbox.shops import Seller, Shop, make_sellers

DEFAULT_REDIRECT = "http://127.0.0.1:8765/callback"
SMALL_SHOP = 4  # listings of the shops beside the first
MOST_BUYERS = 400
QUIET = {9: "DRAFT", 10: "SELLER_DEACTIVATED", 11: "PENDING"}
MONTHS = 120 * 86_400
Json = dict[str, Any]


@dataclass
class App:
    """The app that asks for access, as Partner Center knows it. Without `webhook_url` only shops have addresses."""

    key: str
    secret: str
    service_id: str
    redirect_url: str
    webhook_url: str = ""
    webhook_topics: list[str] = field(default_factory=lambda: list(TOPICS))
    scopes: tuple[str, ...] = tuple(SCOPES)
    regions: tuple[str, ...] = ()
    """Whose sellers may allow it; empty means everybody's."""
    allowed_ips: tuple[str, ...] = ()
    """Which addresses may call for it; empty means all."""
    refresh_rotation: str = "strict"
    """`lenient` lets a refresh token be used again."""


class World:
    """All of it. The same seed and start time make the same world; hold `lock` while using it."""

    def __init__(
        self,
        *,
        seed: int = 1,
        now: int | None = None,
        products: int = 12,
        orders: int = 12,
        redirect_url: str = DEFAULT_REDIRECT,
        refresh_rotation: str = "strict",
        wall: Wall = time.time,
    ) -> None:
        self.seed = seed
        self.app = _app(Mint(seed), redirect_url)
        self.app.refresh_rotation = refresh_rotation
        self.lock = threading.RLock()
        self._start, self._wall = now, wall
        self._counts = products, orders
        self.reset()

    def reset(self) -> None:
        """Makes everything anew, the clock included; only the app keeps its settings."""
        self.clock = Clock(self._start, self._wall)
        self.mint = Mint(self.seed)
        self.rng = Random(f"world:{self.seed}")
        self.authorizations = Authorizations(self.mint)
        self.agenda = Agenda()
        self.events = Events(self)
        self.deliveries = Deliveries()
        self.remembered: dict[tuple[str, ...], Json] = {}
        """What was answered to writes with an idempotency key."""
        self.orders: Shelf[Order] = Shelf()
        self.orders_of: dict[str, Shelf[Order]] = {}
        self.packages: dict[str, Package] = {}
        self.packages_of: dict[str, Shelf[Package]] = {}
        self.references: dict[tuple[str, str], Json] = {}
        """What sellers' own systems call an order, by its id and the system's name."""
        self.tracked: dict[str, list[str]] = {}
        self._drafts: dict[tuple[str, ...], str] = {}
        self.cancellations: Shelf[Cancellation] = Shelf()
        self.returns: Shelf[Return] = Shelf()
        self.images: dict[str, Image] = {}
        self._drawn: set[str] = set()
        self.brands: dict[str, Brand] = house_brands()
        self.catalog = Catalog(self.mint)
        self.sellers = make_sellers(self.mint)
        self._stock()
        self._sell()

    def now(self) -> int:
        """The virtual time."""
        return self.clock.now()

    def catch_up(self) -> None:
        """Lets everything happen that was due by now."""
        self.agenda.run(self, self.now())

    def shops(self) -> Iterator[Shop]:
        """Every shop of every seller."""
        return (shop for seller in self.sellers for shop in seller.shops)

    def shop(self, shop_id: str) -> Shop | None:
        """The shop with this id, or None."""
        return next((shop for shop in self.shops() if shop.id == shop_id), None)

    def seller(self, name: str) -> Seller | None:
        """The seller with this handle, name or id, or with a shop of this name or id; None if there is none."""
        return next((each for each in self.sellers if name in each.names), None)

    def place(self, order: Order) -> None:
        """Takes a new order in."""
        self.orders.add(order)
        self.orders_of[order.shop.id].add(order)
        progress.settled(self, order, order.update_time)
        self._tell_status(order, order.update_time)

    def touch(self, order: Order, when: int) -> None:
        """Notes that an order changed; times of one order never run backwards."""
        before, order.update_time = order.update_time, max(order.update_time, when)
        for shelf in (self.orders, self.orders_of[order.shop.id]):
            shelf.moved(order, before)
        progress.settled(self, order, when)
        self._restock(order)
        self._tell_status(order, when)

    def knows_image(self, uri: str) -> bool:
        """Whether a picture was uploaded, or belongs to a listing that the world began with."""
        return uri in self.images or uri in self._first_images()

    def pack(self, package: Package) -> None:
        """Takes a new package in."""
        self.packages[package.id] = package
        self.packages_of[package.orders[0].shop.id].add(package)

    def touch_package(self, package: Package, when: int) -> None:
        """Notes that a package changed."""
        before, package.update_time = package.update_time, max(package.update_time, when)
        self.packages_of[package.orders[0].shop.id].moved(package, before)

    def recent_orders(self, shop: Shop, since: int) -> Iterator[Order]:
        """The shop's orders placed since then."""
        return self.orders_of[shop.id].walk(Window(start=since))

    def draft_id(self, key: tuple[str, ...]) -> str:
        """The id of what does not exist yet: always the same for the same key."""
        if key not in self._drafts:
            self._drafts[key] = self.mint.next("draft")
        return self._drafts[key]

    def draft_key(self, draft_id: str) -> tuple[str, ...] | None:
        """What a draft's id stands for."""
        return next((key for key, known in self._drafts.items() if known == draft_id), None)

    def some_buyer(self) -> Buyer:
        """Anybody."""
        return self.rng.choice(self.buyers)

    def _tell_status(self, order: Order, when: int) -> None:
        """Webhooks say CANCEL where the API says CANCELLED, and know no PARTIALLY_SHIPPING."""
        if order.status in (order.told, "PARTIALLY_SHIPPING"):
            return
        order.told = order.status
        data = {
            "order_id": order.id,
            "order_status": "CANCEL" if order.status == "CANCELLED" else order.status,
            "is_on_hold_order": order.is_on_hold_order,
            "update_time": order.update_time,
        }
        self.events.tell("ORDER_STATUS_CHANGE", order.shop.id, when, data)

    def _restock(self, order: Order) -> None:
        """Puts back what was taken for units that are cancelled."""
        for line in order.lines:
            if line.from_stock and line.status == "CANCELLED":
                line.from_stock = False
                product = order.shop.products.get(line.product_id)
                sku = product.version.sku(line.sku_id) if product else None
                if sku:
                    sku.quantity += 1

    def _stock(self) -> None:
        first, *others = self.shops()
        number = self._counts[0]
        first.products.fill([self._product(place, _status(place)) for place in range(number)])
        for shop in others:
            empty = shop.name.startswith("Empty")
            statuses = ["DRAFT" if empty else "ACTIVATE"] * SMALL_SHOP
            shop.products.fill([self._product(number + place, each) for place, each in enumerate(statuses)])
            number += SMALL_SHOP

    def _product(self, number: int, status: str) -> Product:
        created = self.now() - MONTHS + number * 7_919 % (MONTHS - 30 * 86_400)
        product = self.catalog.product(number, status, created)
        if status == "PENDING":
            review.wait(self, product, self.now())
        return product

    def _first_images(self) -> set[str]:
        if not self._drawn:
            self._drawn = {self.catalog.image(each.id) for shop in self.shops() for each in shop.products}
        return self._drawn

    def _sell(self) -> None:
        count = self._counts[1]
        self.buyers = make_buyers(min(max(count, 24), MOST_BUYERS), self.mint, self.rng)
        self.orders_of = {shop.id: Shelf() for shop in self.shops()}
        self.packages_of = {shop.id: Shelf("order_pay_time") for shop in self.shops()}
        first = next(self.shops())
        orders = Seeder(first, self.buyers, self.mint, self.now(), self.seed).orders(count)
        self.orders.fill(orders)
        self.orders_of[first.id].fill(orders)
        packages = [package for order in orders for package in order.packages]
        self.packages.update((package.id, package) for package in packages)
        self.packages_of[first.id].fill(packages)
        for order in orders:
            order.told = order.settled = order.status
            progress.plan_for(self, order)
            for package in order.packages:
                package.settled = package.status
                self.tracked[package.tracking_number] = [order.id]
                progress.plan_package(self, package)
        self._request_cancellations(orders)

    def _request_cancellations(self, orders: list[Order]) -> None:
        """The last of the opening orders has a buyer who changed their mind an hour ago."""
        if len(orders) > len(QUIET) + 8:
            cancelling.by_buyer(self, orders[11], self.now() - HOUR)


def _app(mint: Mint, redirect_url: str) -> App:
    return App(
        "sandbox" + mint.digest("app_key")[:8],
        "sandbox-secret-" + mint.digest("app_secret")[:24],
        mint.at("service", 0),
        redirect_url,
    )


def _status(number: int) -> str:
    if number in QUIET:
        return QUIET[number]
    return {17: "DRAFT", 33: "SELLER_DEACTIVATED"}.get(number % 50, "ACTIVATE") if number > 11 else "ACTIVATE"
