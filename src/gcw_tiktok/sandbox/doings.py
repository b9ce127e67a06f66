"""What control calls make happen: things that buyers, sellers and carriers do outside of the API."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gcw_tiktok.sandbox import agenda, cancelling
from gcw_tiktok.sandbox.catalog import Product, Sku
from gcw_tiktok.sandbox.orders import HOLD_SECONDS, Order, make_line
from gcw_tiktok.sandbox.shops import Shop, find_sku
from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]
Action = Callable[[World, str, Json], Json]
Chosen = tuple[Product, Sku, int, Json | None]
MOST_UNITS = 500


class NotPossible(Exception):
    """The wish makes no sense in the present world."""


def advance(world: World, wish: Json) -> Json:
    """Moves the clock and lets happen what was due."""
    now = world.clock.advance(int(wish.get("advance", 0)))
    world.catch_up()
    return {"now": now}


def configure(world: World, wish: Json) -> Json:
    """Changes the app's settings in Partner Center: where the consent page leads."""
    world.app.redirect_url = str(wish.get("redirect_url", world.app.redirect_url))
    return {"redirect_url": world.app.redirect_url}


def order(world: World, wish: Json) -> Json:
    """A buyer orders: paid now and on hold, unless said otherwise. `count` makes several alike."""
    shop = _shop(world, wish) if "shop_id" in wish else _shop_selling(world, wish)
    made = [_order(world, shop, wish) for _ in range(max(int(wish.get("count", 1)), 1))]
    return {"order_id": made[0].id, "order_ids": [each.id for each in made], "status": made[0].status}


def _order(world: World, shop: Shop, wish: Json) -> Order:
    now = world.now()
    status = wish.get("status") or ("ON_HOLD" if wish.get("is_on_hold_order", True) else "AWAITING_SHIPMENT")
    if status not in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"):
        raise NotPossible(f"An order cannot begin as {status}.")
    if wish.get("shipping_type", "SELLER") not in ("SELLER", "TIKTOK"):
        raise NotPossible("The shipping type is SELLER or TIKTOK.")
    # An order that went through the hold was placed and paid an hour ago at least.
    held = status == "AWAITING_SHIPMENT" and wish.get("is_on_hold_order", True)
    placed = now - HOLD_SECONDS if held else now
    buyer = world.some_buyer()
    made = Order(
        id=world.mint.next("order"),
        shop=shop,
        buyer=buyer,
        address=buyer.address,
        lines=[],
        create_time=placed,
        update_time=now,
        status=status,
        shipping_type=wish.get("shipping_type", "SELLER"),
        is_on_hold_order=bool(wish.get("is_on_hold_order", True)),
        is_sample_order=bool(wish.get("is_sample_order", False)),
        paid_time=0 if status == "UNPAID" else placed,
        buyer_message=str(wish.get("buyer_message", "")),
        extra=wish.get("extra"),
    )
    for product, sku, quantity, extra in _chosen(shop, wish):
        for _ in range(quantity):
            line = make_line(world.mint.next("line"), product, sku, status, made.is_sample_order)
            line.extra = extra
            made.lines.append(line)
    world.place(made)
    return made


def _chosen(shop: Shop, wish: Json) -> list[Chosen]:
    lines = wish.get("lines") or [{}]
    chosen = [_line(shop, line) for line in lines]
    if sum(quantity for _, _, quantity, _ in chosen) > MOST_UNITS:
        raise NotPossible(f"An order has at most {MOST_UNITS} units.")
    return chosen


def _name(line: Json) -> str:
    return str(line.get("sku_id") or line.get("seller_sku") or "")


def _line(shop: Shop, line: Json) -> Chosen:
    """The wished-for variant; without a name, the first one on sale."""
    name = _name(line)
    quantity = int(line.get("quantity", 1))
    if name:
        found = find_sku(shop, name)
    else:
        on_sale = (product for product in shop.products if product.status == "ACTIVATE")
        found = next(((product, product.skus[0]) for product in on_sale), None)
    if found is None or quantity < 1:
        raise NotPossible(f"Shop {shop.name} has no variant {name or 'on sale'}.")
    return *found, quantity, line.get("extra")


def _shop_selling(world: World, wish: Json) -> Shop:
    """The first shop that has the first wished-for variant."""
    name = _name((wish.get("lines") or [{}])[0])
    selling = (shop for shop in world.shops() if name and find_sku(shop, name))
    return next(selling, _shop(world, wish))


def _shop(world: World, wish: Json) -> Shop:
    wanted = wish.get("shop_id") or next(world.shops()).id
    shop = world.shop(wanted)
    if shop is None:
        raise NotPossible(f"There is no shop {wanted}.")
    return shop


def _find(world: World, order_id: str) -> Order:
    found = world.orders.get(order_id)
    if found is None:
        raise NotPossible(f"There is no order {order_id}.")
    return found


def _must(order: Order, *statuses: str) -> None:
    if order.status not in statuses:
        raise NotPossible(f"Order {order.id} is {order.status}.")


def _shown(order: Order) -> Json:
    return {"order_id": order.id, "status": order.status, "update_time": order.update_time}


def pay(world: World, order_id: str, _: Json) -> Json:
    """The buyer pays; the hold begins, unless the order skips it."""
    found = _find(world, order_id)
    _must(found, "UNPAID")
    found.paid_time = world.now()
    found.advance("ON_HOLD" if found.is_on_hold_order else "AWAITING_SHIPMENT")
    world.touch(found, world.now())
    world.agenda.plan_for(found)
    return _shown(found)


def end_hold(world: World, order_id: str, _: Json) -> Json:
    """The hour is over early."""
    found = _find(world, order_id)
    _must(found, "ON_HOLD")
    agenda.end_hold(world, found, world.now())
    return _shown(found)


def request_cancel(world: World, order_id: str, _: Json) -> Json:
    """The buyer wants to cancel."""
    made = cancelling.by_buyer(world, _find(world, order_id), world.now())
    return _shown(made.order) | {"cancel_id": made.id, "cancel_status": made.status}


def cancel(world: World, order_id: str, wish: Json) -> Json:
    """The seller cancels in Seller Center: the whole order, or `line_ids` of it."""
    found = _find(world, order_id)
    reasons = cancelling.SELLER_REASONS["UNPAID" if found.status == "UNPAID" else "PAID"]
    reason = wish.get("reason", next(iter(reasons)))
    made = cancelling.by_seller(world, found, wish.get("line_ids", []), reason, world.now())
    return _shown(found) | {"cancel_id": made.id, "cancel_status": made.status}


def edit_address(world: World, order_id: str, wish: Json) -> Json:
    """The buyer moves: another street, or what the wish names."""
    found = _find(world, order_id)
    _must(found, "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
    known = ("first_name", "last_name", "phone_number", "line1", "line2")
    fields: Json = {name: str(wish[name]) for name in known if name in wish}
    found.address = replace(found.address, **(fields or {"line1": "1 New Harbor Sq", "line2": ""}))
    found.address_updated = True
    world.touch(found, world.now())
    return _shown(found)


def collect(world: World, order_id: str, _: Json) -> Json:
    """The carrier scans the parcels."""
    return _carry(world, order_id, ("AWAITING_COLLECTION",), [agenda.collect])


def deliver(world: World, order_id: str, _: Json) -> Json:
    """The parcels arrive."""
    return _carry(world, order_id, ("AWAITING_COLLECTION", "IN_TRANSIT"), [agenda.collect, agenda.deliver])


def complete(world: World, order_id: str, _: Json) -> Json:
    """The time for returns is over."""
    return _carry(world, order_id, ("DELIVERED",), [agenda.complete])


def _carry(world: World, order_id: str, statuses: tuple[str, ...], steps: list[agenda.Step]) -> Json:
    found = _find(world, order_id)
    _must(found, *statuses)
    for step in steps:
        step(world, found, world.now())
    return _shown(found)


def hide_listings(world: World, wish: Json) -> Json:
    """Makes a shop's listing search come back empty, or whole again."""
    shop = _shop(world, wish)
    shop.listings_hidden = bool(wish.get("hidden", True))
    return {"shop_id": shop.id, "hidden": shop.listings_hidden}


def _listing(world: World, product_id: str) -> tuple[Shop, Product]:
    for shop in world.shops():
        found = shop.products.get(product_id)
        if found:
            return shop, found
    raise NotPossible(f"There is no product {product_id}.")


def _changed(world: World, shop: Shop, product: Product) -> Json:
    before, product.update_time = product.update_time, max(world.now(), product.update_time)
    shop.products.moved(product, before)
    skus = [{"id": sku.id, "seller_sku": sku.seller_sku} for sku in product.skus]
    return {"product_id": product.id, "status": product.status, "title": product.title, "skus": skus}


def retitle(world: World, product_id: str, wish: Json) -> Json:
    """The seller gives the listing another title."""
    shop, product = _listing(world, product_id)
    product.title = str(wish.get("title", product.title + " (new)"))
    return _changed(world, shop, product)


def remove(world: World, product_id: str, _: Json) -> Json:
    """The seller deletes the listing."""
    shop, product = _listing(world, product_id)
    product.status = "DELETED"
    return _changed(world, shop, product)


def set_status(world: World, product_id: str, wish: Json) -> Json:
    """The listing gets another status."""
    shop, product = _listing(world, product_id)
    product.status = str(wish["status"]) if "status" in wish else product.status
    return _changed(world, shop, product)


def rekey(world: World, product_id: str, _: Json) -> Json:
    """The seller edits the variants so that all of them get new ids."""
    shop, product = _listing(world, product_id)
    for sku in product.skus:
        sku.id = world.mint.next("new_sku")
    return _changed(world, shop, product)


def set_seller_sku(world: World, product_id: str, wish: Json) -> Json:
    """The seller renames a variant; without `sku_id`, the first one."""
    shop, product = _listing(world, product_id)
    wanted = wish.get("sku_id", product.skus[0].id)
    found = [sku for sku in product.skus if sku.id == wanted]
    if not found:
        raise NotPossible(f"Product {product_id} has no variant {wanted}.")
    found[0].seller_sku = str(wish.get("seller_sku", ""))
    return _changed(world, shop, product)


ORDER_ACTIONS: dict[str, Action] = {
    "pay": pay,
    "end-hold": end_hold,
    "request-cancel": request_cancel,
    "cancel": cancel,
    "edit-address": edit_address,
    "collect": collect,
    "deliver": deliver,
    "complete": complete,
}
PRODUCT_ACTIONS: dict[str, Action] = {
    "retitle": retitle,
    "remove": remove,
    "rekey": rekey,
    "set-seller-sku": set_seller_sku,
    "set-status": set_status,
}
