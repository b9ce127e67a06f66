"""Packages come into being, go apart, and are told of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.sales.orders import Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

SELLER, BUYER, PLATFORM = "ROLE_SELLER", "ROLE_USER", "ROLE_SYSTEM"


def drafts(order: Order) -> list[Package]:
    """The order's packages that are not shipped yet: made by splitting or combining."""
    return [package for package in order.packages if package.status == "TO_FULFILL"]


def combined(order: Order) -> Package | None:
    """The unshipped package that the order shares with others."""
    return next((package for package in drafts(order) if package.is_combined), None)


def pack(world: "World", orders: list[Order], lines: list[Line], when: int) -> Package:
    """A new package around some units; drafts that they lie in lose them."""
    package = Package(world.mint.next("package"), list(orders), list(lines), when, when)
    for draft in {id(line.package): line.package for line in lines if line.package}.values():
        take_out(world, draft, lines, when)
    for line in lines:
        line.package = package
    for order in orders:
        order.packages.append(package)
    package.settled = package.status
    world.pack(package)
    return package


def around(world: "World", orders: list[Order], lines: list[Line], when: int) -> Package:
    """The draft that holds just these units, or a new package around them."""
    held = lines[0].package
    if held and held.status == "TO_FULFILL" and {line.id for line in held.live()} == {line.id for line in lines}:
        return held
    return pack(world, orders, lines, when)


def tell(world: "World", change: str, role: str, packages: Iterable[Package], when: int) -> None:
    """Tells that packages were split or combined, and by whom."""
    listed = list(packages)
    data = {
        "sc_type": change,
        "role_type": role,
        "package_list": [
            {"package_id": package.id, "order_id_list": [order.id for order in package.orders]} for package in listed
        ],
        "update_time": when,
    }
    world.events.tell("PACKAGE_UPDATE", listed[0].orders[0].shop.id, when, data)


def take_out(world: "World", package: Package, lines: list[Line], when: int) -> None:
    """Some units are in this package no longer, nor then the orders that have nothing else in it."""
    _drop(package, lines)
    gone = [order for order in package.orders if not any(line.package is package for line in order.live())]
    for order in gone:
        _drop(package, order.lines)  # cancelled units that lay there
        order.packages.remove(package)
    # A package of nobody remembers whose it was.
    package.orders = [order for order in package.orders if order not in gone] or package.orders
    package.settled = package.status
    world.touch_package(package, when)


def _drop(package: Package, lines: list[Line]) -> None:
    for line in lines:
        if line.package is package:
            package.lines.remove(line)
            line.package = None
