"""Before a listing is made: is the shop ready, which category, and what does that ask for."""

import json

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import categories, readiness
from gcw_tiktok.sandbox.listings.categories import Attribute, Category
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCTS, Json, route
from gcw_tiktok.sandbox.shops import Shop

MADE_UP = "The tree is a small part of the real one; which rules hold where is made up."


@route("GET", "/product/202312/prerequisites", DOCUMENTED, PRODUCTS)
def prerequisites(call: Call) -> Json:
    """Whether the shop passes each check; every shop does, unless a control call says otherwise."""
    return {"check_results": [{"check_item": item} | _result(call.shop, item) for item in readiness.CHECKS]}


@route("GET", "/product/202309/prerequisites", DOCUMENTED, PRODUCTS)
def older_prerequisites(call: Call) -> Json:
    """The same as JSON within JSON, as this version has it."""

    def said(name: str) -> str:
        result = _result(call.shop, readiness.OLDER_NAMES.get(name, name.upper()))
        return json.dumps({"id": name, "name": name, "check_result": result}, separators=(",", ":"))

    single = {name: said(name) for name in ("bank_account", "contact_info", "status", "tax_info")}
    gne = {name: said(name) for name in ("epr", "product_quantity_limit")}
    names = ("delivery_option", "pickup_warehouse", "return_warehouse", "shipping_template")
    return {"shop": single | {"gne": gne, "logistics": {name: said(name) for name in names}}}


def _result(shop: Shop, item: str) -> Json:
    if item in shop.unready:
        return {"is_failed": True, "fail_reasons": [shop.unready[item]]}
    return {"is_failed": False}


@route("GET", "/product/202309/categories", DOCUMENTED, PRODUCTS, guess=MADE_UP)
def tree(call: Call) -> Json:
    """The tree as a list from its roots down."""
    check_tree(call, call.parameters)
    keyword, prohibited = (
        call.parameters.get("keyword", ""),
        call.parameters.get("include_prohibited_categories", False),
    )
    return {"categories": [categories.shown(each) for each in categories.listed(keyword, prohibited)]}


@route("GET", "/product/202309/categories/{category_id}/rules", DOCUMENTED, PRODUCTS, guess=MADE_UP)
def rules(call: Call) -> Json:
    """What a listing in a category must and may have."""
    category = _leaf(call)
    allowed = category.special_types if call.shop.seller_type == "LOCAL" else ()
    return {
        "allowed_special_product_types": list(allowed),
        "package_dimension": {"is_required": category.needs_dimensions},
        "product_certifications": [],
        "size_chart": {"is_required": category.needs_size_chart, "is_supported": category.takes_size_chart},
    }


@route("GET", "/product/202309/categories/{category_id}/attributes", DOCUMENTED, PRODUCTS, guess=MADE_UP)
def attributes(call: Call) -> Json:
    """A category's attributes, of products and of variants."""
    return {"attributes": [_attribute(each) for each in _leaf(call).attributes]}


@route("POST", "/product/202309/categories/recommend", DOCUMENTED, PRODUCTS, guess="By words of the title.")
def recommend(call: Call) -> Json:
    """The leaf that fits a title, and the way to it."""
    check_tree(call, call.body)
    way = categories.chain(categories.recommended(call.body["product_title"]).id)
    shown = [
        {
            "id": each.id,
            "is_leaf": each.is_leaf,
            "level": level,
            "name": each.name,
            "permission_statuses": [each.permission],
        }
        for level, each in enumerate(way, 1)
    ]
    return {"categories": shown, "leaf_category_id": way[-1].id}


def check_tree(call: Call, asked: Json) -> None:
    """Refuses the tree v1, which is what is asked for by default, in the US."""
    if call.shop.region == "US" and asked.get("category_version", "v1") != "v2":
        raise business(12052217, "The category_version must be v2.")


def _leaf(call: Call) -> Category:
    check_tree(call, call.parameters)
    category = categories.BY_ID.get(call.in_path["category_id"])
    if category is None:
        raise business(12052023, "The category does not exist.")
    if not category.is_leaf:
        raise business(12052024, "The category is not a leaf category.")
    return category


def _attribute(attribute: Attribute) -> Json:
    shown: Json = {
        "id": attribute.id,
        "is_requried": attribute.required,  # TikTok Shop spells it so
        "name": attribute.name,
        "type": "SALES_PROPERTY" if attribute.sales else "PRODUCT_PROPERTY",
        "values": [{"id": value_id, "name": name} for value_id, name in attribute.values],
    }
    if attribute.sales:
        return shown
    return shown | {"is_customizable": attribute.customizable, "is_multiple_selection": attribute.multiple}
