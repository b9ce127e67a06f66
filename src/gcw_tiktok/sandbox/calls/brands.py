"""Brands are listed and made."""

from gcw_tiktok.sandbox.calls import searching
from gcw_tiktok.sandbox.calls.categories import check_tree
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings.brands import Brand
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCT_WRITES, PRODUCTS, Json, route

MOST, MOST_A_DAY, DAY = 1_000, 50, 86_400


@route("GET", "/product/202309/brands", DOCUMENTED, PRODUCTS, guess="No seller is authorized for any brand.")
def listed(call: Call) -> Json:
    """A page of the brands whose names begin as asked for."""
    if "category_id" in call.parameters:
        check_tree(call, call.parameters)
    beginning = call.parameters.get("brand_name", "").lower()
    found = [
        each
        for each in call.world.brands.values()
        if each.name.lower().startswith(beginning) and not call.parameters.get("is_authorized")
    ]
    page, token = searching.part(call, found)
    return {"brands": [_shown(each) for each in page], "next_page_token": token, "total_count": len(found)}


@route(
    "POST", "/product/202309/brands", DOCUMENTED, PRODUCT_WRITES, cipher=False,
    guess="A name that exists gives the brand that has it. The code of too many brands.",
)  # fmt: skip
def make(call: Call) -> Json:
    """A brand of the seller's own, at most 50 a day and 1000 in all."""
    brands, now = call.world.brands, call.world.now()
    same = next((each for each in brands.values() if each.name.lower() == call.body["name"].lower()), None)
    if same:
        return {"id": same.id}
    made = [each.made for each in brands.values() if each.made]
    if len(made) >= MOST or sum(now - each < DAY for each in made) >= MOST_A_DAY:
        raise business(12052910, "No more than 50 brands a day and 1000 in all may be created.")
    brand = Brand(call.world.mint.next("brand"), call.body["name"], made=now)
    brands[brand.id] = brand
    call.effect = f"brand {brand.name} created"
    return {"id": brand.id}


def _shown(brand: Brand) -> Json:
    return {
        "authorized_status": "UNAUTHORIEZD",  # TikTok Shop spells it so
        "id": brand.id,
        "is_t1_brand": brand.is_first_tier,
        "name": brand.name,
    }
