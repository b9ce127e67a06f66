"""Authorized shops, and what little there is to know about a seller."""

from gcw_tiktok.sandbox import authorizations
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.routes import AUTHORIZED, DOCUMENTED, SHOP, VERIFIED, Json, route
from gcw_tiktok.sandbox.shops import ACTIVE, STATUS_CODES


@route("GET", "/authorization/202309/shops", VERIFIED, AUTHORIZED, cipher=False)
def authorized_shops(call: Call) -> Json:
    """The shops that the token's seller connected, each with its cipher."""
    shops = [
        {
            "cipher": shop.cipher,
            "code": shop.code,
            "id": shop.id,
            "name": shop.name,
            "region": shop.region,
            "seller_type": shop.seller_type,
        }
        for shop in call.grant.seller.shops
    ]
    return {"shops": shops}


@route(
    "DELETE",
    "/authorization/202403/shops",
    DOCUMENTED,
    AUTHORIZED,
    guess="The permission ends for all of a seller's shops at once, and webhooks tell of it as they do when the seller"
    " takes it away. Tokens are then unknown: 36009004, and 36004005 for a refresh token.",
)
def deauthorize(call: Call) -> Json:
    """Ends the seller's authorization."""
    authorizations.withdraw(call.world, call.grant.seller, call.world.now())
    call.effect = f"seller {call.grant.seller.handle} is no longer authorized"
    return {}


@route("GET", "/seller/202309/shops", DOCUMENTED, SHOP, cipher=False)
def active_shops(call: Call) -> Json:
    """Ids and regions only."""
    active = (shop for shop in call.grant.seller.shops if shop.status == ACTIVE)
    return {"shops": [{"id": shop.id, "region": shop.region} for shop in active]}


@route("GET", "/seller/202309/permissions", DOCUMENTED, SHOP, cipher=False)
def permissions(call: Call) -> Json:
    """Only cross-border sellers may list in several markets at once."""
    cross_border = call.grant.seller.shops[0].seller_type == "CROSS_BORDER"
    return {"permissions": ["MANAGE_GLOBAL_PRODUCT"] if cross_border else []}


@route(
    "GET",
    "/seller/202508/status",
    DOCUMENTED,
    SHOP,
    cipher=False,
    guess="Its scope is not documented. The call is answered for inactive sellers too.",
)
def status(call: Call) -> Json:
    """Whether the seller and each shop are active, as numbers in text."""
    seller = call.grant.seller
    return {
        "seller_status_data": {
            "partner_channel": "1",
            "seller_status": STATUS_CODES[seller.status],
            "tax_form_status": "2",
            "shop_statuses": [{"shop_id": shop.id, "shop_status": STATUS_CODES[shop.status]} for shop in seller.shops],
        }
    }
