"""Authorized shops, and what little there is to know about a seller."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.routes import AUTHORIZED, DOCUMENTED, SHOP, VERIFIED, Json, route


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


@route("DELETE", "/authorization/202403/shops", DOCUMENTED, AUTHORIZED)
def deauthorize(call: Call) -> Json:
    """Ends the seller's authorization. That it ends for all of a seller's shops at once is a guess."""
    call.world.authorizations.withdraw(call.grant.seller)
    call.effect = f"seller {call.grant.seller.handle} is no longer authorized"
    return {}


@route("GET", "/seller/202309/shops", DOCUMENTED, SHOP, cipher=False)
def active_shops(call: Call) -> Json:
    """Ids and regions only."""
    return {"shops": [{"id": shop.id, "region": shop.region} for shop in call.grant.seller.shops]}


@route("GET", "/seller/202309/permissions", DOCUMENTED, SHOP, cipher=False)
def permissions(call: Call) -> Json:
    """Only cross-border sellers may list in several markets at once."""
    cross_border = call.grant.seller.shops[0].seller_type == "CROSS_BORDER"
    return {"permissions": ["MANAGE_GLOBAL_PRODUCT"] if cross_border else []}
