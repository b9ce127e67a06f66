"""Buyers order."""

from gcw_tiktok.sandbox.doings import Json, NotPossible, wished_shop
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.sales.orders import HOLD_SECONDS, Order, make_line
from gcw_tiktok.sandbox.shops import Shop, find_sku
from gcw_tiktok.sandbox.world import World

Chosen = tuple[Product, Sku, int, Json | None]
MOST_UNITS = 500


def order(world: World, wish: Json) -> Json:
    """A buyer orders: paid now and on hold, unless said otherwise. `count` makes several alike."""
    shop = wished_shop(world, wish) if "shop_id" in wish else _shop_selling(world, wish)
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
    if found[0].status != "ACTIVATE":
        raise NotPossible(f"Listing {found[0].id} is {found[0].status}; nobody can buy {name}.")
    return *found, quantity, line.get("extra")


def _shop_selling(world: World, wish: Json) -> Shop:
    """The first shop that has the first wished-for variant."""
    name = _name((wish.get("lines") or [{}])[0])
    selling = (shop for shop in world.shops() if name and find_sku(shop, name))
    return next(selling, wished_shop(world, wish))
