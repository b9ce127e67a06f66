"""What TikTok Shop demands of a listing's variants. Each rule yields its complaints."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from gcw_tiktok.sandbox.listings.content_rules import measures
from gcw_tiktok.sandbox.listings.products import Json
from gcw_tiktok.sandbox.listings.proposal import Proposal
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.shops import Shop

DEAREST = Decimal(7600)
DAY = 86_400
LONGEST_URL = 500
MADE_TO_ORDER_DAYS, CUSTOM_DAYS, RELEASE_DAYS = (3, 14), (3, 30), (3, 60)
NOT_FOR_THE_SELLER = {
    "MADE_TO_ORDER": (12052278, "The shop may not list made-to-order products in this category."),
    "PRE_ORDER": (12052702, "The shop may not list pre-order products in this category."),
    "CUSTOM": (12052268, "The shop may not list custom products in this category."),
}


def known_ids(wanted: Proposal) -> Iterator[Refusal]:
    """Ids name variants that the listing has, each once."""
    ids = [sku["id"] for sku in wanted.variants if "id" in sku]
    known = {sku.id for sku in wanted.before.skus} if wanted.before else set()
    if not set(ids) <= known:
        yield business(12052557, "The SKU id does not belong to the product.")
    if len(ids) > len(set(ids)):
        yield business(12052553, "A SKU id is given more than once.")


def sales_attributes(wanted: Proposal) -> Iterator[Refusal]:
    """The same attributes on every variant, no combination twice, pictures on one attribute only."""
    sets = [_names(sku) for sku in wanted.variants]
    if len({tuple(sorted(names)) for names in sets}) > 1 or (len(sets) > 1 and not sets[0]):
        yield business(12052550, "Every SKU must have all of the sales attributes.")
    if any(len(names) > len(set(names)) for names in sets):
        yield business(12052560, "A SKU has a sales attribute more than once.")
    chosen = [_combination(sku) for sku in wanted.variants]
    if len(chosen) > len(set(chosen)) and all(sets):
        yield business(12052560, "Two SKUs have the same sales attributes.")
    if any(not _value(each) for sku in wanted.variants for each in sku.get("sales_attributes", [])):
        yield business(12019019, "A sales attribute has no value.")
    pictured = {_name(each) for sku in wanted.variants for each in sku.get("sales_attributes", []) if "sku_img" in each}
    if len(pictured) > 1:
        yield business(12052528, "Only one sales attribute may have images.")


def known_attributes(wanted: Proposal) -> Iterator[Refusal]:
    """Built-in attributes belong to the category; ids of values to the listing."""
    known = {axis.id for axis in wanted.before.axes} if wanted.before else set()
    values = {value.id for axis in wanted.before.axes for value in axis.values.values()} if wanted.before else set()
    known |= {each.id for each in wanted.category.attributes if each.sales} if wanted.category else set()
    sent = [each for sku in wanted.variants for each in sku.get("sales_attributes", [])]
    if any(each.get("id") and each["id"] not in known for each in sent):
        yield business(12052527, "A sales attribute id does not exist in the category.")
    # No attribute of the sandbox's categories has built-in values, so an id without a name must be the listing's own.
    if any(each.get("value_id") and each["value_id"] not in values and not each.get("value_name") for each in sent):
        yield business(12052529, "A sales attribute value id does not exist.")


def pictures(wanted: Proposal) -> Iterator[Refusal]:
    """Uploaded ones."""
    sent = [each for sku in wanted.variants for each in sku.get("sales_attributes", [])]
    uris = [image["uri"] for each in sent for image in (*_one(each.get("sku_img")), *_more(each))]
    if not all(wanted.world.knows_image(uri) for uri in uris):
        yield business(12052722, "The uri of a SKU image does not exist. Upload the image first.")


def prices(wanted: Proposal) -> Iterator[Refusal]:
    """One for every new variant, in the shop's currency."""
    for sku in wanted.variants:
        if "price" in sku:
            yield from price(wanted.shop, sku["price"])
        elif "id" not in sku:
            yield business(12052571, "The price of a SKU is missing.")


def price(shop: Shop, sent: Json) -> Iterator[Refusal]:
    """An amount that buyers can pay. Local sellers name `amount`, cross-border ones may name `sale_price`."""
    if sent["currency"] != shop.currency:
        yield business(12052084, f"The currency must be {shop.currency}.")
    wanted = sent.get("amount") or (sent.get("sale_price") if shop.seller_type == "CROSS_BORDER" else None)
    if not wanted or Decimal(wanted) < Decimal("0.01") or len(wanted.partition(".")[2].rstrip("0")) > 2:
        yield business(12052073, "The price must be a positive amount with at most 2 decimal places.")
    elif Decimal(wanted) > DEAREST:
        yield business(12052570, f"The price must not exceed {DEAREST}.")


def stock(wanted: Proposal) -> Iterator[Refusal]:
    """Of every new variant, in warehouses that sell."""
    for sku in wanted.variants:
        if "inventory" in sku:
            yield from inventory(wanted.shop, sku["inventory"], bool(sku.get("pre_sale")))
        elif "id" not in sku:
            yield business(12052096, "A SKU has no warehouse.")


def inventory(shop: Shop, sent: list[Json], is_pre_sale: bool) -> Iterator[Refusal]:
    """Known sales warehouses, each once; back-orders with their handling time and never of pre-sale variants."""
    for entry in sent:
        warehouse = entry.get("warehouse_id", shop.warehouse_id)
        if warehouse == shop.return_warehouse_id:
            yield business(12052530, "The warehouse is not a sales warehouse.")
        elif warehouse != shop.warehouse_id:
            yield business(12052097, "The warehouse does not exist.")
        if bool(entry.get("backorder_quantity")) != bool(entry.get("handling_time")):
            yield business(12052310, "backorder_quantity and handling_time must be given together.")
        if entry.get("backorder_quantity") and is_pre_sale:
            yield business(12052309, "Pre-sale products cannot have a back-order quantity.")
    if max(Counter(entry.get("warehouse_id") for entry in sent).values()) > 1:
        yield business(12052530, "A warehouse is given more than once.")


def backorder(sent: list[Json]) -> Json:
    """What may be sold beyond the stock, and how long that takes; empty where nothing."""
    entries = [entry for entry in sent if entry.get("backorder_quantity")]
    return {name: entries[0][name] for name in ("backorder_quantity", "handling_time")} if entries else {}


def pre_sales(wanted: Proposal) -> Iterator[Refusal]:
    """Only what the category and the seller allow, within its times."""
    allowed = allowed_special_types(wanted)
    for sku in wanted.variants:
        sale = sku.get("pre_sale")
        if not sale:
            continue
        if sale["type"] not in allowed:
            yield business(*NOT_FOR_THE_SELLER[sale["type"]])
        yield from _times(sale, wanted.world.now())


def allowed_special_types(wanted: Proposal) -> tuple[str, ...]:
    """The pre-sale types of the category. Cross-border sellers have none: which sellers do is a guess."""
    return wanted.category.special_types if wanted.category and wanted.shop.seller_type == "LOCAL" else ()


def _times(sale: Json, now: int) -> Iterator[Refusal]:
    days, release = (sale["fulfillment_type"].get(name) for name in ("handling_duration_days", "release_date"))
    if sale["type"] == "PRE_ORDER":
        if release is None:
            yield business(12019098, "A pre-order needs a release_date.")
        elif not RELEASE_DAYS[0] * DAY <= release - now <= RELEASE_DAYS[1] * DAY:
            yield business(12052269, "The release date must be 3 to 60 days ahead.")
        return
    least, most = MADE_TO_ORDER_DAYS if sale["type"] == "MADE_TO_ORDER" else CUSTOM_DAYS
    if days is None:
        yield business(12019097, "handling_duration_days is required.")
    elif not least <= days <= most:
        yield business(12052275, f"handling_duration_days must be {least} to {most} business days.")


def kinds_of_sale(wanted: Proposal) -> Iterator[Refusal]:
    """Once live, a variant neither becomes nor stops being a pre-order, nor comes to be made to order."""
    live = wanted.product.version if wanted.product and wanted.product.product_status != "DRAFT" else None
    for sku in wanted.variants if live else ():
        old = live.sku(sku.get("id", "")) if live else None
        if old is None:
            continue
        before, after = (each.get("pre_sale", {}).get("type", "") for each in (old.more, sku))
        if before != after and before == "PRE_ORDER":
            yield business(12052273, "A pre-order cannot become another kind of product.")
        elif before != after and after == "PRE_ORDER":
            yield business(12052315, "A product that is on sale cannot become a pre-order.")
        elif not before and after:
            yield business(12052314, f"A product that is on sale cannot become {after}.")


def external_urls(wanted: Proposal) -> Iterator[Refusal]:
    """Addresses of at most 500 characters."""
    if any(len(url) > LONGEST_URL for sku in wanted.variants for url in sku.get("external_urls", [])):
        yield business(12052910, f"An external URL must not have more than {LONGEST_URL} characters.")


def own_measures(wanted: Proposal) -> Iterator[Refusal]:
    """A variant's own weight and size."""
    for sku in wanted.variants:
        yield from measures(wanted.shop, sku.get("sku_weight"), sku.get("sku_dimensions"))


def external_ids(wanted: Proposal) -> Iterator[Refusal]:
    """No two variants of the shop have the same one."""
    sent = [sku["external_sku_id"] for sku in wanted.variants if sku.get("external_sku_id")]
    if not sent:
        return
    taken = {sku.more.get("external_sku_id") for each in wanted.others() for sku in each.skus}
    if len(sent) > len(set(sent)) or taken & set(sent):
        yield business(12052996, "An external SKU id is used by another SKU.")


def _name(attribute: Json) -> str:
    return str(attribute.get("id") or attribute.get("name"))


def _names(sku: Json) -> list[str]:
    return [_name(each) for each in sku.get("sales_attributes", [])]


def _value(attribute: Json) -> str:
    return str(attribute.get("value_name") or attribute.get("value_id") or "")


def _combination(sku: Json) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_name(each), _value(each)) for each in sku.get("sales_attributes", [])))


def _one(image: Json | None) -> tuple[Json, ...]:
    return (image,) if image else ()


def _more(attribute: Json) -> list[Json]:
    more: list[Json] = attribute.get("supplementary_sku_images", [])
    return more


RULES = (
    known_ids,
    sales_attributes,
    known_attributes,
    pictures,
    prices,
    stock,
    pre_sales,
    kinds_of_sale,
    own_measures,
    external_urls,
    external_ids,
)
