"""Listings are shown, hidden, deleted and brought back, up to 20 at once; each failure is told by itself."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls.products import of_shop, wrong_status
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import news, review
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCT_DELETES, PRODUCT_WRITES, Json, route

Move = Callable[[Call, Product], None]
NO_REPEAT = "A listing that is already there is a failure like any other wrong status."


@route("POST", "/product/202309/products/activate", DOCUMENTED, PRODUCT_WRITES, guess=NO_REPEAT)
def activate(call: Call) -> Json:
    """Hidden listings go to review and then live."""

    def move(call: Call, product: Product) -> None:
        _from(product, "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED")
        review.submit(call.world, call.shop, product, call.world.now())

    return _each(call, move)


@route("POST", "/product/202309/products/deactivate", DOCUMENTED, PRODUCT_WRITES, guess=NO_REPEAT)
def deactivate(call: Call) -> Json:
    """Live listings are hidden from buyers; an edit under review is given up."""

    def move(call: Call, product: Product) -> None:
        _from(product, "ACTIVATE")
        product.draft, product.under_review = product.draft or product.under_review, None
        _become(call, product, "SELLER_DEACTIVATED")

    return _each(call, move)


@route("POST", "/product/202309/products/recover", DOCUMENTED, PRODUCT_DELETES, guess=NO_REPEAT)
def recover(call: Call) -> Json:
    """Deleted listings come back hidden."""

    def move(call: Call, product: Product) -> None:
        _from(product, "DELETED")
        _become(call, product, "SELLER_DEACTIVATED")

    return _each(call, move)


@route("DELETE", "/product/202309/products", DOCUMENTED, PRODUCT_DELETES, guess=NO_REPEAT)
def delete(call: Call) -> Json:
    """Listings are deleted, whatever they are, unless the platform has frozen them."""

    def move(call: Call, product: Product) -> None:
        if product.status in ("FREEZE", "DELETED"):
            raise wrong_status()
        product.draft = product.under_review = None
        _become(call, product, "DELETED")

    return _each(call, move)


def _from(product: Product, *statuses: str) -> None:
    if product.status not in statuses:
        raise wrong_status()


def _become(call: Call, product: Product, status: str) -> None:
    product.status, product.failures = status, []
    review.touch(call.shop, product, call.world.now())
    news.status(call.world, call.shop, product)


def _each(call: Call, move: Move) -> Json:
    errors, moved = [], []
    for product_id in dict.fromkeys(call.body["product_ids"]):
        try:
            move(call, of_shop(call, product_id))
            moved.append(product_id)
        except Refusal as refusal:
            errors.append(_error(call, product_id, refusal))
    if moved:
        call.effect = f"{call.route.parts[-1]} of {', '.join(moved)}"
    return {"errors": errors} if errors else {}


def _error(call: Call, product_id: str, refusal: Refusal) -> Json:
    """Only what is shown has several reasons; the other calls tell theirs as the failure itself."""
    reason = {"code": refusal.code, "message": refusal.message}
    if call.route.handler is activate:
        checked = {"product_id": product_id, "extra_errors": [reason]}
        return {"code": 12052990, "message": "Check failed", "detail": checked}
    return reason | {"detail": {"product_id": product_id}}
