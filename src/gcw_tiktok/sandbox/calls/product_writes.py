"""Listings are created and edited."""

from gcw_tiktok.sandbox.calls.products import UNREADABLE, of_shop, wrong_status
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import editing, news, pod, readiness, review
from gcw_tiktok.sandbox.listings.products import Product, Version
from gcw_tiktok.sandbox.listings.proposal import Proposal, content_of
from gcw_tiktok.sandbox.listings.writing import complaints, written
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCT_WRITES, PRODUCTS, VERIFIED, Json, route

REVIEW = "A review takes 30 minutes and passes, unless the title contains the words “reject me”."
EDITED = (
    "A refused edit of a live listing becomes its draft; an edit of a deactivated one sends it to review as a whole; "
    "variants that are not sent are gone."
)
MOST_SKUS = 100


@route(
    "POST", "/product/202309/products", VERIFIED, PRODUCT_WRITES,
    guess=f"{REVIEW} More than 100 SKUs are refused, though TikTok's pages also speak of 300 in the US. "
    "A draft may lack what only a live listing needs.",
)  # fmt: skip
def create(call: Call) -> Json:
    """A new listing: a draft, or one that goes to review at once."""
    _check_tree(call, call.body.get("category_version", "v1"))
    wanted = _proposal(call, content_of(call.body))
    if not wanted.is_draft:
        _check_readiness(call)
    now = call.world.now()
    version = written(wanted)
    product = Product(call.world.mint.next("new_product"), len(call.shop.products), "DRAFT", now, now)
    product.version = version
    call.shop.products.add(product)
    news.created(call.world, call.shop, product)
    if not wanted.is_draft:
        review.submit(call.world, call.shop, product, now)
    call.effect = f"product {product.id} created as {product.status}"
    return _answer(product, version, wanted)


@route("POST", "/product/202309/products/listing_check", DOCUMENTED, PRODUCTS)
def check(call: Call) -> Json:
    """Everything that creating such a listing would be refused for."""
    if "category_version" in call.body:  # TikTok's schema of this call does not have it
        _check_tree(call, call.body["category_version"])
    found = list(complaints(_proposal(call, content_of(call.body))))
    reasons = [{"code": each.code, "message": each.message} for each in found]
    return {"check_result": "FAILED" if reasons else "PASS", "fail_reasons": reasons}


@route("PUT", "/product/202309/products/{product_id}", DOCUMENTED, PRODUCT_WRITES, guess=EDITED)
@route("PUT", "/product/202509/products/{product_id}", DOCUMENTED, PRODUCT_WRITES, guess=EDITED)
def edit(call: Call) -> Json:
    """The listing as it is sent; what is left out is gone, but for prices and stock."""
    product = _editable(call)
    _check_tree(call, call.body.get("category_version", "v1"))
    return _save(call, product, _proposal(call, content_of(call.body), product))


@route("POST", "/product/202309/products/{product_id}/partial_edit", DOCUMENTED, PRODUCT_WRITES, guess=EDITED)
@route(
    "POST", "/product/202509/products/{product_id}/partial_edit", DOCUMENTED, PRODUCT_WRITES,
    guess=f"{EDITED} Customization templates are replaced as a whole, take effect without a review, "
    "and are taken for variants that are not made to order.",
)  # fmt: skip
def partial_edit(call: Call) -> Json:
    """The listing with the sent members replaced. Its category stays."""
    product = _editable(call)
    sent = content_of(call.body)
    if sent.pop("category_id", None) not in (None, product.version.content["category_id"]):
        raise business(12052922, "The category cannot be changed by a partial edit.")
    if call.route.version == "202309" and "pod_info" in call.body:
        raise business(12052910, "pod_info is not a member of this version.")
    before = editing.newest(product)
    answer = _save(call, product, _proposal(call, before.content | sent, product))
    return {name: value for name, value in answer.items() if name != "warnings" or value}


def _check_readiness(call: Call) -> None:
    complaint = next(readiness.complaints(call.shop), None)
    if complaint:
        raise complaint


def _editable(call: Call) -> Product:
    product = of_shop(call, call.in_path["product_id"])
    if product.status in UNREADABLE:
        raise wrong_status()
    return product


def _check_tree(call: Call, version: str) -> None:
    """US shops have had the tree v2 only since 2024; of other markets either is taken."""
    if call.shop.region == "US" and version != "v2":
        raise business(12052217, "The category_version must be v2.")


def _proposal(call: Call, content: Json, product: Product | None = None) -> Proposal:
    skus = call.body.get("skus")
    if skus and len(skus) > MOST_SKUS:
        raise business(12052050, f"A product must not have more than {MOST_SKUS} SKUs.")
    return Proposal(
        world=call.world,
        shop=call.shop,
        content=content,
        skus=skus,
        is_draft=call.body.get("save_mode") == "AS_DRAFT",
        product=product,
        before=editing.newest(product) if product else None,
    )


def _save(call: Call, product: Product, wanted: Proposal) -> Json:
    version = written(wanted)
    templates = call.body.get("pod_info", {}).get("pod_templates")
    if templates is not None:
        known = {sku.id for each in (*product.versions(), version) for sku in each.skus}
        complaint = next(pod.complaints(wanted, templates, known), None)
        if complaint:
            raise complaint
        product.pod_templates = pod.kept(call.world.mint, product, templates)
    editing.save(call.world, call.shop, product, version, call.body, wanted.is_draft)
    call.effect = f"product {product.id} edited, now {product.status}, review {product.audit}"
    return _answer(product, version, wanted) | {"audit": {"status": product.audit}}


def _answer(product: Product, version: Version, wanted: Proposal) -> Json:
    skus = [
        {
            "id": sku.id,
            "seller_sku": sku.seller_sku,
            "sales_attributes": [{"id": axis.id, "value_id": value.id} for axis, value in version.values_of(sku)],
            **({"external_sku_id": sku.more["external_sku_id"]} if "external_sku_id" in sku.more else {}),
        }
        for sku in version.skus
    ]
    return {
        "product_id": product.id,
        "skus": skus,
        "warnings": [{"message": message} for message in wanted.warnings],
    }
