"""Listings as the API shows them: a search says less than the detail, and older versions less than newer ones."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.listings import categories
from gcw_tiktok.sandbox.listings.pod import shown_templates
from gcw_tiktok.sandbox.listings.products import Axis, Json, Product, Sku, Value, Version
from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales.order_view import IMAGES
from gcw_tiktok.sandbox.shops import Shop

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

SINCE_202312 = ("audit", "listing_quality_tier")
SINCE_202502 = ("has_draft", "is_not_for_sale", "product_tags", "recommended_categories")
AS_SENT = (
    "external_product_id",
    "key_product_features",
    "package_dimensions",
    "package_weight",
    "scheduled_sale",
    "search_terms",
    "shipping_template_id",
)
SKU_AS_SENT = ("external_list_prices", "external_sku_id", "external_urls", "identifier_code", "list_price", "pre_sale")
SEARCHED_SKU = ("external_sku_id", "pre_sale")


@dataclass(frozen=True)
class View:
    """Shows listings of one shop; their pictures stand at `origin`."""

    world: "World"
    shop: Shop
    origin: str = ""

    def image(self, uri: str) -> Json:
        """A picture with its addresses."""
        uploaded = self.world.images.get(uri)
        base = f"{self.origin}/" if self.origin else IMAGES
        return {
            "height": uploaded.height if uploaded else 1200,
            "thumb_urls": [f"{base}{uri}~tplv-300.jpeg"],
            "uri": uri,
            "urls": [f"{base}{uri}~tplv-origin.jpeg"],
            "width": uploaded.width if uploaded else 1200,
        }

    def summary(self, product: Product, version: Version, since: str) -> Json:
        """A row of a search in one of the call's versions."""
        later = {"202309": SINCE_202312 + SINCE_202502, "202312": SINCE_202502}.get(since, ())
        row: Json = {
            "id": product.id,
            "title": version.title,
            "status": product.status,
            "create_time": product.create_time,
            "update_time": product.update_time,
            "sales_regions": [self.shop.region],
            "skus": [self._sku(sku, product) for sku in version.skus],
            "audit": _audit(product),
            "listing_quality_tier": quality(product),
            "has_draft": product.draft is not None,
            "is_not_for_sale": bool(version.content.get("is_not_for_sale")),
            "product_tags": [],
            "recommended_categories": [],
        }
        for sku, shown in zip(version.skus, row["skus"], strict=True):
            if since != "202502":
                del shown["status_info"]
            else:
                shown.update({name: sku.more[name] for name in SEARCHED_SKU if name in sku.more})
        return {member: value for member, value in row.items() if member not in later}

    def detail(self, product: Product, version: Version | None = None) -> Json:
        """Everything about a listing: its base, or another of its versions."""
        version = version or product.version
        content = version.content
        shown = {
            "id": product.id,
            "title": version.title,
            "status": product.status,
            "product_status": product.product_status,
            "audit": _audit(product),
            "audit_failed_reasons": product.failures,
            "category_chains": [_node(each) for each in categories.chain(content["category_id"])],
            "create_time": product.create_time,
            "update_time": product.update_time,
            "description": content["description"],
            "main_images": [self.image(each["uri"]) for each in content["main_images"]],
            "product_attributes": _attributes(content),
            "listing_quality_tier": quality(product),
            "product_types": ["UNKNOWN"],
            "shipping_insurance_requirement": "NOT_SUPPORTED",
            "skus": [self._full_sku(sku, product, version) for sku in version.skus],
            "has_draft": product.draft is not None,
            "is_not_for_sale": bool(content.get("is_not_for_sale")),
            **dict.fromkeys(("is_cod_allowed", "is_pre_owned", "is_replicated"), False),
            "product_tags": [],
            "recommended_categories": [],
            **{name: content[name] for name in AS_SENT if name in content},
        }
        return shown | self._what_it_has(product, content)

    def _what_it_has(self, product: Product, content: Json) -> Json:
        """Members that are left out where there is nothing to show."""
        shown: Json = {}
        brand = self.world.brands.get(content.get("brand_id", ""))
        if brand:
            shown["brand"] = {"id": brand.id, "name": brand.name}
        chart = content.get("size_chart", {})
        if chart:
            image = {"image": self.image(chart["image"]["uri"])} if "image" in chart else {}
            shown["size_chart"] = image | ({"template": chart["template"]} if "template" in chart else {})
        if "certifications" in content:
            shown["certifications"] = [self._certification(each) for each in content["certifications"]]
        if product.pod_templates:
            shown["pod_info"] = {"pod_templates": shown_templates(product.pod_templates, self.image)}
        return shown

    def _certification(self, sent: Json) -> Json:
        shown = {"title": "Certificate", **sent, "images": [self.image(each["uri"]) for each in sent.get("images", [])]}
        return shown | {"files": [{**each, "urls": []} for each in sent.get("files", [])]}

    def _sku(self, sku: Sku, product: Product) -> Json:
        stock = {"quantity": sku.quantity, "warehouse_id": self.shop.warehouse_id}
        return {
            "id": sku.id,
            "seller_sku": sku.seller_sku,
            "price": {"currency": self.shop.currency, "tax_exclusive_price": text(sku.price)},
            "inventory": [stock | sku.more.get("backorder", {})],
            "status_info": _status_info(product.product_status),
        }

    def _full_sku(self, sku: Sku, product: Product, version: Version) -> Json:
        content = version.content
        measures = {
            "sku_dimensions": sku.more.get("sku_dimensions") or content.get("package_dimensions"),
            "sku_weight": sku.more.get("sku_weight") or content.get("package_weight"),
            "purchase_order_quantity_limit": content.get("purchase_order_quantity_limit"),
        }
        shown = self._sku(sku, product)
        shown["price"]["sale_price"] = text(sku.price)
        return (
            shown
            | {"global_listing_policy": {"inventory_type": "EXCLUSIVE", "price_sync": False}}
            | {"sales_attributes": [self._sales_attribute(axis, value) for axis, value in version.values_of(sku)]}
            | {name: value for name, value in measures.items() if value}
            | {name: sku.more[name] for name in SKU_AS_SENT if name in sku.more}
        )

    def _sales_attribute(self, axis: Axis, value: Value) -> Json:
        shown: Json = {"id": axis.id, "name": axis.name, "value_id": value.id, "value_name": value.name}
        if value.image:
            shown["sku_img"] = self.image(value.image)
        if value.more_images:
            shown["supplementary_sku_images"] = [self.image(uri) for uri in value.more_images]
        return shown


def _status_info(status: str) -> Json:
    if status == "ACTIVATE":
        return {"status": "NORMAL"}
    by = {"SELLER_DEACTIVATED": "SELLER", "PLATFORM_DEACTIVATED": "PLATFORM", "FREEZE": "PLATFORM"}.get(status)
    return {"status": "DEACTIVATED"} | ({"deactivation_source": by} if by else {})


def _attributes(content: Json) -> list[Json]:
    category = categories.BY_ID[content["category_id"]]
    return [
        {
            "id": sent["id"],
            "name": found.name if (found := category.attribute(sent["id"])) else "",
            "values": [{"id": each.get("id", ""), "name": each["name"]} for each in sent["values"]],
        }
        for sent in content.get("product_attributes", [])
    ]


def _audit(product: Product) -> Json:
    return {"pre_approved_reasons": [], "status": product.audit}


def quality(product: Product) -> str:
    """How good TikTok Shop finds the listing."""
    return ("GOOD", "FAIR", "POOR")[product.number % 7 % 3]


def _node(category: categories.Category) -> Json:
    return {
        "id": category.id,
        "is_leaf": category.is_leaf,
        "local_name": category.name,
        "parent_id": category.parent_id,
    }
