"""Decides what a new listing is: its variants and everything that TikTok asks for. Pure: nothing is sent here."""

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid
from gcw_tiktok.workflow.publishing import attributes, choices, designs, measures, texts
from gcw_tiktok.workflow.publishing.choices import For
from gcw_tiktok.workflow.publishing.complaints import Complaints
from gcw_tiktok.workflow.publishing.knowledge import Knowledge
from gcw_tiktok.workflow.publishing.wanted import Wanted, digest, slug

Json = dict[str, Any]
MOST_VARIANTS, MOST_ATTRIBUTES, MOST_PICTURES = 300, 3, 9
LONGEST_SELLER_SKU, LONGEST_NAME, LONGEST_VALUE = 50, 20, 50
STOCK, MOST_STOCK = 9_999, 99_999
DAYS = range(3, 15)
"""Business days in which a made-to-order product may be made."""
DEAREST = Decimal(7600)
"""US dollars that TikTok lets a variant cost."""
MADE_TO_ORDER = "MADE_TO_ORDER"


@dataclass(frozen=True)
class Variant:
    """One variant of the new listing."""

    uid: OrderableUid
    seller_sku: str
    price: str
    stock: int
    designs: dict[str, str]
    """Where the file of each print area comes from."""


@dataclass(frozen=True)
class Draft:
    """The whole listing, but for pictures, which TikTok names when it has them."""

    body: Json
    """What is sent, without pictures."""
    variants: tuple[Variant, ...]
    images: tuple[str, ...]
    size_chart: str = ""
    """The path of a picture."""
    complaints: Complaints = field(default_factory=Complaints)


def draft(wanted: Wanted, product: OrderableProduct, known: Knowledge, currency: str) -> Draft:
    """The listing that is wanted, with everything that speaks against it."""
    complaints = Complaints()
    variants = _variants(wanted, product, complaints)
    body: Json = {
        "title": wanted.title.strip(),
        "description": texts.as_html(wanted.description),
        "category_id": known.place.category,
        "category_version": "v2",
        "external_product_id": wanted.reference,
        "skus": [_sku(wanted, product, one, known, currency) for one in variants],
        **_package(wanted, known, complaints),
    }
    given = attributes.of_product(wanted, known.attributes, complaints)
    if given:
        body["product_attributes"] = given
    _check_texts(body, complaints)
    _check_kind(wanted, known, complaints)
    _check_personalised(wanted, variants, known, complaints)
    chart = _size_chart(wanted, known, body, complaints)
    if not 1 <= len(wanted.image) <= MOST_PICTURES:
        why = f"{len(wanted.image)} pictures are given" if wanted.image else "The listing has no picture"
        complaints.add("image_missing", f"{why}; TikTok wants 1 to {MOST_PICTURES}.", "Give each with --image FILE.")
    return Draft(body, tuple(variants), wanted.image, chart, complaints)


def price_of(wanted: Wanted, product: OrderableProduct, uid: OrderableUid) -> str:
    """What the variant is to cost; empty where that is not said."""
    return _the_one(_prices(wanted, product, Complaints()), uid, "price", Complaints())


def _variants(wanted: Wanted, product: OrderableProduct, complaints: Complaints) -> list[Variant]:
    found = choices.chosen(product, wanted.variants, complaints)
    if not found and not complaints.found:
        complaints.add("no_variants", f"{product.name} has no such variants.", "See `gcw catalog uids`.")
    if len(found) > MOST_VARIANTS:
        complaints.add(
            "too_many_variants",
            f"The listing would have {len(found)} variants; TikTok takes {MOST_VARIANTS}.",
            "Choose some with --variants.",
        )
    names = list(product.variants)
    if len(names) > MOST_ATTRIBUTES:
        complaints.add(
            "too_many_attributes",
            f"{product.name} lets buyers choose {', '.join(names)}; TikTok takes {MOST_ATTRIBUTES} choices.",
        )
    prices = _prices(wanted, product, complaints)
    stock = _stock(wanted, product, complaints)
    sources = designs.of_variants(wanted, product, found, complaints)
    made = []
    for uid, areas in zip(found, sources, strict=True):
        price = _the_one(prices, uid, "price", complaints)
        held = _the_one(stock, uid, "stock", complaints)
        made.append(Variant(uid, _seller_sku(wanted, uid, complaints), price, int(held or STOCK), areas))
    _check_seller_skus(made, complaints)
    return made


def _prices(wanted: Wanted, product: OrderableProduct, complaints: Complaints) -> list[For[str]]:
    hint = "Write --price 24.99, or --price VALUE=24.99 for some of them."
    read: list[For[str]] = []
    for values, text in _split(wanted.price, product, complaints):
        amount = measures.price(text)
        if amount is None or amount > DEAREST:
            complaints.add("price_unfit", f"{text!r} is no price from 0.01 to {DEAREST}.", hint)
        else:
            read.append(For(values, f"{amount}"))
    if not wanted.price:
        complaints.add("price_missing", "The listing has no price.", hint)
    return read


def _stock(wanted: Wanted, product: OrderableProduct, complaints: Complaints) -> list[For[str]]:
    read: list[For[str]] = []
    for values, text in _split(wanted.stock, product, complaints):
        if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_STOCK:
            read.append(For(values, text))
        else:
            complaints.add("stock_unfit", f"{text!r} is no stock from 1 to {MOST_STOCK}.", "Write --stock 500.")
    return read


def _split(given: Sequence[str], product: OrderableProduct, complaints: Complaints) -> list[tuple[frozenset[str], str]]:
    known = choices.known_values(product)
    found = []
    for text in given:
        values, what = choices.split(text, known)
        if values is None:
            value = text.rpartition("=")[0]
            complaints.add(
                "unknown_value", f'{product.name} has no value "{value}".', f"It has: {choices.listed(known)}."
            )
        else:
            found.append((values, what))
    return found


def _the_one(given: Sequence[For[str]], uid: OrderableUid, name: str, complaints: Complaints) -> str:
    """What holds for the variant; nothing where nothing is given, which only a price may not be."""
    found = sorted({one.what for one in choices.best(given, uid)})
    if len(found) > 1:
        complaints.add(
            f"{name}_unclear", f"{uid.variant} has several of {name}: {', '.join(found)}.", "Name it by more values."
        )
    if not found and given and name == "price":
        complaints.add("price_missing", f"{uid.variant} has no price.", "Add --price with the price of all others.")
    return found[0] if found else ""


def _seller_sku(wanted: Wanted, uid: OrderableUid, complaints: Complaints) -> str:
    """Always the same for the same reference and values."""
    words = {name: slug(value) for name, value in uid.values.items()}
    if wanted.seller_sku:
        return _by_pattern(wanted, words | {"reference": wanted.reference, "uid": uid.uid}, complaints)
    whole = "-".join([wanted.reference, *words.values()])
    if len(whole) <= LONGEST_SELLER_SKU:
        return whole
    return f"{whole[: LONGEST_SELLER_SKU - 7].rstrip('-.')}-{digest(whole)}"


def _by_pattern(wanted: Wanted, words: dict[str, str], complaints: Complaints) -> str:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(wanted.seller_sku) if name is not None]
    except ValueError:
        names = ["?"]
    unknown = [name for name in names if name not in words]
    if unknown:
        complaints.add(
            "seller_sku_unfit",
            f"The pattern {wanted.seller_sku!r} names what the product does not have.",
            f"It may name {', '.join(f'{{{name}}}' for name in words)}.",
        )
        return ""
    return "".join(
        text + (words[name] if name is not None else "")
        for text, name, _, _ in string.Formatter().parse(wanted.seller_sku)
    )


def _check_seller_skus(variants: Sequence[Variant], complaints: Complaints) -> None:
    skus = [one.seller_sku for one in variants if one.seller_sku]
    twice = sorted({one for one in skus if skus.count(one) > 1})
    unfit = [one for one in skus if len(one) > LONGEST_SELLER_SKU or any(letter.isspace() for letter in one)]
    hint = "Write --seller-sku with each of the product's attributes in braces."
    if twice:
        complaints.add("seller_sku_unfit", f"Several variants would have the seller SKU {', '.join(twice)}.", hint)
    if unfit:
        complaints.add(
            "seller_sku_unfit",
            f"TikTok takes seller SKUs of at most {LONGEST_SELLER_SKU} characters without blanks, not {unfit[0]!r}.",
            hint,
        )


def _sku(wanted: Wanted, product: OrderableProduct, one: Variant, known: Knowledge, currency: str) -> Json:
    sku: Json = {
        "seller_sku": one.seller_sku,
        "price": {"amount": one.price, "currency": currency},
        "inventory": [{"warehouse_id": known.warehouse_id, "quantity": one.stock}],
    }
    if product.variants:
        sku["sales_attributes"] = [
            attributes.of_variant(name, one.uid.values[name], known.attributes) for name in product.variants
        ]
    if wanted.handling_days:
        days = {"handling_duration_days": wanted.handling_days}
        sku["pre_sale"] = {"type": MADE_TO_ORDER, "fulfillment_type": days}
    return sku


def _package(wanted: Wanted, known: Knowledge, complaints: Complaints) -> Json:
    weight, size = measures.weight(wanted.weight), measures.size(wanted.size)
    if weight is None and (wanted.weight or not wanted.draft):
        why = f"{wanted.weight!r} is no weight" if wanted.weight else "The packed product's weight is missing"
        complaints.add("weight_missing", f"{why}.", "Write --weight 0.6lb, or in oz, kg or g.")
    if size is None and (wanted.size or (known.rules.package_dimension.is_required and not wanted.draft)):
        why = f"{wanted.size!r} is no size" if wanted.size else "The category asks for the package's size"
        complaints.add("size_missing", f"{why}.", "Write --size 26x4x4in (length, width, height), or in cm or mm.")
    if weight and size and measures.SYSTEMS[weight["unit"]] != size["unit"]:
        complaints.add("units_mixed", "TikTok wants weight and size both metric or both not.", "Use lb with in.")
    return ({"package_weight": weight} if weight else {}) | ({"package_dimensions": size} if size else {})


def _check_texts(body: Json, complaints: Complaints) -> None:
    for words in texts.faults_of_description(body["description"]):
        complaints.add("description_unfit", words, "Write --description, or --description @FILE.")
    for sku in body["skus"]:
        for one in sku.get("sales_attributes", []):
            if len(one.get("name", "")) > LONGEST_NAME or len(one["value_name"]) > LONGEST_VALUE:
                complaints.add(
                    "value_unfit",
                    f"TikTok takes choices of {LONGEST_NAME} and values of {LONGEST_VALUE} characters, "
                    f"not {one.get('name', '')} {one['value_name']!r}.",
                )


def _check_kind(wanted: Wanted, known: Knowledge, complaints: Complaints) -> None:
    if wanted.handling_days and MADE_TO_ORDER not in known.rules.allowed_special_product_types:
        complaints.add(
            "made_to_order_not_allowed",
            "TikTok does not let this shop list made-to-order products in this category.",
            "Write --handling-days 0, or ask TikTok for it in Seller Center.",
        )
    elif wanted.handling_days and wanted.handling_days not in DAYS:
        complaints.add(
            "handling_days_unfit",
            f"TikTok takes {DAYS[0]} to {DAYS[-1]} business days to make a product, not {wanted.handling_days}.",
        )
    demanded = [one.name or "a certificate" for one in known.rules.product_certifications if one.is_required]
    if demanded and not wanted.draft:
        complaints.add(
            "certificate_missing",
            f"The category asks for {', '.join(demanded)}, which cannot be sent from here.",
            "Publish with --draft and add it in Seller Center.",
        )


def _check_personalised(wanted: Wanted, variants: Sequence[Variant], known: Knowledge, complaints: Complaints) -> None:
    """TikTok lets buyers personalise made-to-order products only."""
    areas = [area for one in variants for area in one.uid.areas if area.personalise]
    if not areas or not wanted.personalise or wanted.handling_days:
        return
    may = MADE_TO_ORDER in known.rules.allowed_special_product_types
    complaints.add(
        "handling_days_missing",
        f"Buyers may personalise {areas[0].name}, and what they personalise is made to order.",
        f"Write {'--handling-days N, or ' if may else ''}--no-personalise.",
    )


def _size_chart(wanted: Wanted, known: Knowledge, body: Json, complaints: Complaints) -> str:
    """The path of the picture; a template goes into the body."""
    if not wanted.size_chart:
        if known.rules.size_chart.is_required and not wanted.draft:
            complaints.add(
                "size_chart_missing", "The category asks for a size chart.", "Give it with --size-chart FILE."
            )
        return ""
    kind, colon, template = wanted.size_chart.partition(":")
    if colon and kind == "template":
        body["size_chart"] = {"template": {"id": template.strip()}}
        return ""
    return wanted.size_chart
