"""What a wish for an order says of its terms and its units."""

from gcw_tiktok.sandbox.doings import Json, NotPossible
from gcw_tiktok.sandbox.listings import pod
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.sales import personalising
from gcw_tiktok.sandbox.sales.orders import USUAL, Component, Personalisation, Terms
from gcw_tiktok.sandbox.shops import Shop, find_sku
from gcw_tiktok.sandbox.world import World

ORDER_TYPES = ("NORMAL", "PRE_ORDER", "MADE_TO_ORDER", "BACK_ORDER", "ZERO_LOTTERY", "AUCTION")
FULFILLMENT_TYPES = ("FULFILLMENT_BY_SELLER", "FULFILLMENT_BY_TIKTOK")
HANDLING_DAYS, RELEASE_AFTER = 5, 14 * 86_400  # where the wish names the kind alone


def as_sold(world: World, shop: Shop, wish: Json) -> Json:
    """The wish with the terms on which its first variant is sold, unless it names others.

    That a custom variant makes the order a made-to-order one is a guess.
    """
    lines = wish.get("lines")
    if not lines:
        return wish
    _, sku = variant(shop, lines[0])
    sale, back = sku.more.get("pre_sale"), sku.more.get("backorder")
    if sale and sale["type"] == "PRE_ORDER":
        release = sale["fulfillment_type"]["release_date"]
        return {"order_type": "PRE_ORDER", "release_date": release} | wish if release > world.now() else wish
    if sale:
        days = sale["fulfillment_type"]["handling_duration_days"]
        return {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": days}} | wish
    if back and sku.quantity == 0:
        return {"order_type": "BACK_ORDER", "handling_duration": {"days": back["handling_time"]}} | wish
    return wish


def terms(world: World, wish: Json) -> Terms:
    """How the order is sold: named as in the API, times as Unix seconds."""
    order_type = str(wish.get("order_type", "NORMAL"))
    fulfillment = str(wish.get("fulfillment_type", "FULFILLMENT_BY_SELLER"))
    if order_type not in ORDER_TYPES or fulfillment not in FULFILLMENT_TYPES:
        raise NotPossible(f"The order type is one of {', '.join(ORDER_TYPES)}; fulfilled by seller or by TikTok.")
    handling = wish.get("handling_duration") or {}
    made = Terms(
        order_type=order_type,
        handling_days=int(handling.get("days", HANDLING_DAYS)) if order_type in ("MADE_TO_ORDER", "BACK_ORDER") else 0,
        handling_type=str(handling.get("type", "BUSINESS_DAY")),
        release_date=int(wish.get("release_date", world.now() + RELEASE_AFTER)) if order_type == "PRE_ORDER" else 0,
        fulfillment_type=fulfillment,
        is_subscription_order=bool(wish.get("is_subscription_order", False)),
    )
    if made.handling_type not in ("BUSINESS_DAY", "CALENDAR_DAY"):
        raise NotPossible("Handling takes BUSINESS_DAY or CALENDAR_DAY.")
    return USUAL if made == USUAL else made


def earlier(world: World, wish: Json, member: str) -> str:
    """The id of the order that a member names; empty when it names none."""
    order_id = str(wish.get(member, ""))
    if order_id and world.orders.get(order_id) is None:
        raise NotPossible(f"There is no order {order_id}.")
    return order_id


def name(line: Json) -> str:
    """The id or seller SKU of the wished-for variant; empty when any will do."""
    return str(line.get("sku_id") or line.get("seller_sku") or "")


def variant(shop: Shop, line: Json) -> tuple[Product, Sku]:
    """The wished-for variant; without a name, the first one on sale."""
    wanted = name(line)
    if wanted:
        found = find_sku(shop, wanted)
    else:
        on_sale = (product for product in shop.products if product.status == "ACTIVATE")
        found = next(((product, product.skus[0]) for product in on_sale), None)
    if found is None:
        raise NotPossible(f"Shop {shop.name} has no variant {wanted or 'on sale'}.")
    if found[0].status != "ACTIVATE":
        raise NotPossible(f"Listing {found[0].id} is {found[0].status}; nobody can buy {wanted}.")
    return found


def personalisation(world: World, product: Product, sku: Sku, line: Json) -> Personalisation | None:
    """What the buyer wants on the unit."""
    wanted = line.get("customization")
    if wanted is None:
        return None
    if not isinstance(wanted, dict):
        raise NotPossible("The customization is an object.")
    document = personalising.document(pod.template_of(product, sku.id), wanted)
    return Personalisation(world.mint.next("personalisation"), document)


def components(world: World, shop: Shop, line: Json) -> tuple[Component, ...]:
    """The units inside a unit of a virtual bundle: `bundle` lists variants and quantities."""
    made = []
    for part in line.get("bundle", ()):
        product, sku = variant(shop, part)
        for _ in range(int(part.get("quantity", 1))):
            made.append(
                Component(
                    id=world.mint.next("component"),
                    product_id=product.id,
                    product_name=product.title,
                    sku_id=sku.id,
                    sku_name=sku.name,
                    seller_sku=sku.seller_sku,
                    image=product.image,
                    price=sku.price,
                )
            )
    return tuple(made)
