"""The platform's review: what waits for it, when it ends, and what becomes of the listing then."""

from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.agenda import step
from gcw_tiktok.sandbox.listings import news
from gcw_tiktok.sandbox.listings.products import Json, Product, Version
from gcw_tiktok.sandbox.listings.readiness import BANK_ACCOUNT
from gcw_tiktok.sandbox.shops import Shop, find_product

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

REVIEW_SECONDS = 30 * 60
REFUSED_WORDS = "reject me"
"""A title with these words does not pass; whatever its case."""


def submit(world: "World", shop: Shop, product: Product, when: int) -> None:
    """Sends the listing, or the waiting edit of a live one, to review. A review under way begins anew."""
    if product.under_review is None:
        product.unreviewed_status = product.product_status
        product.status = "PENDING"
    product.failures = []
    touch(shop, product, when)
    if BANK_ACCOUNT not in shop.unready:
        wait(world, product, when)
    news.audit(world, shop, product)


def wait(world: "World", product: Product, when: int) -> None:
    """Plans the end of the review."""
    product.review_due = when + REVIEW_SECONDS
    world.agenda.plan(product.review_due, "end_review", product.id)


@step
def end_review(world: "World", product_id: str, when: int) -> None:
    """Passes what nobody has decided about yet, unless its title asks for a refusal."""
    found = find_product(world.shops(), product_id)
    if found is None or found[1].review_due != when or found[1].audit != "AUDITING":
        return
    shop, product = found
    if REFUSED_WORDS in (product.under_review or product.version).title.lower():
        reject(world, shop, product, f'The title contains "{REFUSED_WORDS}".', when)
    else:
        approve(world, shop, product, when)


def approve(world: "World", shop: Shop, product: Product, when: int) -> None:
    """The listing goes live, or the edit of a live one replaces what buyers see."""
    is_first = product.status == "PENDING" and product.unreviewed_status == "DRAFT"
    before = product.version.content["category_id"]
    if product.under_review:
        publish(product, product.under_review)
    product.status, product.failures, product.review_due = "ACTIVATE", [], 0
    touch(shop, product, when)
    if product.version.content["category_id"] != before:
        news.recategorized(world, shop, product, before)
    news.audit(world, shop, product)
    news.status(world, shop, product, news.FIRST_PASS if is_first else news.CHANGED)


def publish(product: Product, version: Version) -> None:
    """Makes a version the base. Prices and stock are those of today, not of the day it was sent."""
    for sku in version.skus:
        old = product.version.sku(sku.id)
        if old:
            sku.price, sku.quantity = old.price, old.quantity
    product.version, product.under_review = version, None


def reject(world: "World", shop: Shop, product: Product, reason: str, when: int) -> None:
    """The listing fails; a refused edit of a live one becomes its draft, and what is live stays."""
    if product.under_review:
        product.draft, product.under_review = product.draft or product.under_review, None
    else:
        product.status = "FAILED"
    product.failures, product.review_due = [_failure(reason)], 0
    touch(shop, product, when)
    news.audit(world, shop, product)
    news.status(world, shop, product, news.REFUSED, reason)


def _failure(reason: str) -> Json:
    return {
        "listing_platform": "TIKTOK_SHOP",
        "position": "Product Name",
        "reasons": [reason],
        "suggestions": ["Correct the listing and send it again."],
    }


def touch(shop: Shop, product: Product, when: int) -> None:
    """Notes that a listing changed; its times never run backwards."""
    before, product.update_time = product.update_time, max(when, product.update_time)
    shop.products.moved(product, before)
