"""Buyers order."""

from gcw_tiktok.sandbox.doings import Json, NotPossible, wished_shop, wishes
from gcw_tiktok.sandbox.sales.orders import HOLD_SECONDS, Line, Order, make_line
from gcw_tiktok.sandbox.sales.people import Buyer
from gcw_tiktok.sandbox.shops import Shop, find_sku
from gcw_tiktok.sandbox.world import World

STATUSES = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
MOST_UNITS = 500


def order(world: World, wish: Json) -> Json:
    """A buyer orders: paid now and on hold, unless said otherwise. `count` makes several alike."""
    shop = _shop(world, wish)
    wish = wishes.as_sold(world, shop, wish)
    made = [_order(world, shop, wish) for _ in range(max(int(wish.get("count", 1)), 1))]
    return {"order_id": made[0].id, "order_ids": [each.id for each in made], "status": made[0].status}


def _order(world: World, shop: Shop, wish: Json) -> Order:
    terms, status = wishes.terms(world, wish), _status(wish)
    shipping_type = wish.get("shipping_type", "TIKTOK" if terms.by_tiktok else shop.shipping_type)
    if shipping_type not in ("SELLER", "TIKTOK"):
        raise NotPossible("The shipping type is SELLER or TIKTOK.")
    # An order that went through the hold was placed and paid an hour ago at least.
    held = status == "AWAITING_SHIPMENT" and wish.get("is_on_hold_order", True)
    placed = world.now() - HOLD_SECONDS if held else world.now()
    buyer = _buyer(world, wish)
    made = Order(
        id=world.mint.next("order"),
        shop=shop,
        buyer=buyer,
        address=buyer.address,
        lines=[],
        create_time=placed,
        update_time=world.now(),
        status=status,
        shipping_type=shipping_type,
        is_on_hold_order=bool(wish.get("is_on_hold_order", True)),
        is_sample_order=bool(wish.get("is_sample_order", False)),
        terms=terms,
        replaced_order_id=wishes.earlier(world, wish, "replaced_order_id"),
        exchange_source_order_id=wishes.earlier(world, wish, "exchange_source_order_id"),
        paid_time=0 if status == "UNPAID" else placed,
        buyer_message=str(wish.get("buyer_message", "")),
        extra=wish.get("extra"),
    )
    _fill(world, made, wish)
    world.place(made)
    return made


def _status(wish: Json) -> str:
    usual = "ON_HOLD" if wish.get("is_on_hold_order", True) else "AWAITING_SHIPMENT"
    status = str(wish.get("status") or usual)
    if status not in STATUSES:
        raise NotPossible(f"An order cannot begin as {status}.")
    return status


def _fill(world: World, made: Order, wish: Json) -> None:
    """A line for each unit, those of the replaced order where no others are wished for."""
    replaced = world.orders.get(made.replaced_order_id)
    if replaced and not wish.get("lines"):
        wanted = [{"sku_id": line.sku_id} for line in replaced.lines]
    else:
        wanted = wish.get("lines") or [{}]
    if sum(int(line.get("quantity", 1)) for line in wanted) > MOST_UNITS:
        raise NotPossible(f"An order has at most {MOST_UNITS} units.")
    free = made.is_sample_order or replaced is not None
    for line in wanted:
        made.lines += _units(world, made, line, free)


def _units(world: World, made: Order, line: Json, free: bool) -> list[Line]:
    product, sku = wishes.variant(made.shop, line)
    quantity = int(line.get("quantity", 1))
    if quantity < 1:
        raise NotPossible("A line has one unit at least.")
    is_gift = bool(line.get("is_gift", False))
    units = []
    for _ in range(quantity):
        unit = make_line(world.mint.next("line"), product, sku, made.status, free or is_gift)
        unit.is_gift = is_gift
        unit.personalisation = wishes.personalisation(world, product, sku, line)
        unit.components = wishes.components(world, made.shop, line)
        unit.extra = line.get("extra")
        unit.from_stock = sku.sell_one()
        units.append(unit)
    return units


def _buyer(world: World, wish: Json) -> Buyer:
    """Whom the wish names, who got what is replaced or exchanged, or anybody."""
    named = [str(wish.get(member, "")) for member in ("replaced_order_id", "exchange_source_order_id")]
    earlier = next((found for order_id in named if (found := world.orders.get(order_id))), None)
    if earlier:
        return earlier.buyer
    if "buyer_user_id" not in wish:
        return world.some_buyer()
    wanted = [buyer for buyer in world.buyers if buyer.user_id == wish["buyer_user_id"]]
    if not wanted:
        raise NotPossible(f"There is no buyer {wish['buyer_user_id']}.")
    return wanted[0]


def _shop(world: World, wish: Json) -> Shop:
    """The wished-for shop, else the first that has the first wished-for variant."""
    if "shop_id" in wish:
        return wished_shop(world, wish)
    name = wishes.name((wish.get("lines") or [{}])[0])
    selling = (shop for shop in world.shops() if name and find_sku(shop, name))
    return next(selling, wished_shop(world, wish))
