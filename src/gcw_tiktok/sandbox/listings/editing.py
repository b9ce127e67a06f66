"""What an edit does to a listing: at once, after a review, or not before it is submitted."""

from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.listings import news, review
from gcw_tiktok.sandbox.listings.products import Json, Product, Version
from gcw_tiktok.sandbox.shops import Shop

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

# What buyers see is reviewed. Prices, stock, seller SKUs, ids of other systems and measures take effect at once.
REVIEWED = (
    "brand_id",
    "category_id",
    "certifications",
    "description",
    "key_product_features",
    "main_images",
    "product_attributes",
    "size_chart",
    "title",
    "video",
)
ABOUT_THE_REQUEST = frozenset({"category_version", "idempotency_key", "locale", "save_mode"})
NEVER_LIVE = ("DRAFT", "PENDING", "FAILED")


def newest(product: Product) -> Version:
    """What the next edit starts from: the draft, else the version under review, else the base."""
    return product.draft or product.under_review or product.version


def save(
    world: "World", shop: Shop, product: Product, version: Version, sent: Json, is_draft: bool
) -> None:  # fmt: skip
    """Puts a version where it belongs and tells of it."""
    now = world.now()
    if is_draft:
        _keep_as_draft(product, version)
    elif product.status == "ACTIVATE" and _reviewed(version) == _reviewed(product.version):
        product.version, product.draft, product.under_review = version, None, None
    elif product.status == "ACTIVATE":
        _take_numbers(product.version, version)
        product.draft, product.under_review = None, version
        review.submit(world, shop, product, now)
    else:
        product.version, product.draft = version, None
        review.submit(world, shop, product, now)
    review.touch(shop, product, now)
    news.changed(world, shop, product, {name: value for name, value in sent.items() if name not in ABOUT_THE_REQUEST})


def _keep_as_draft(product: Product, version: Version) -> None:
    """Beside what was once live; in place of what never was, which leaves the review."""
    if product.product_status in NEVER_LIVE:
        product.version, product.status, product.failures = version, "DRAFT", []
    else:
        product.draft = version


def _reviewed(version: Version) -> Json:
    """What of a version a reviewer looks at."""
    axes = [(axis.name, sorted((each.name, each.image) for each in axis.values.values())) for axis in version.axes]
    variants = sorted((sku.id, str(sku.more.get("pre_sale", ""))) for sku in version.skus)
    seen = {name: version.content[name] for name in REVIEWED if version.content.get(name)}
    return seen | {"axes": axes, "variants": variants}


def _take_numbers(live: Version, version: Version) -> None:
    """Prices and stock of an edit hold at once, whatever the review says."""
    for sku in version.skus:
        old = live.sku(sku.id)
        if old:
            old.price, old.quantity = sku.price, sku.quantity
