"""What TikTok Shop demands of a listing beside its variants. Each rule yields its complaints."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser

from gcw_tiktok.sandbox.listings.catalog import IMAGE_ROOM
from gcw_tiktok.sandbox.listings.images import MAIN_SIDES
from gcw_tiktok.sandbox.listings.products import Json
from gcw_tiktok.sandbox.listings.proposal import Proposal
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.shops import Shop

MOST_IMAGES_IN_TEXT = 30
MOST_LETTERS = {"key_product_features": 1_500, "search_terms": 250}
PLACES = {"POUND": 2, "KILOGRAM": 3}
SYSTEMS = {"POUND": "INCH", "KILOGRAM": "CENTIMETER"}
EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
OTHER_SCRIPTS = re.compile("[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufaff]")
ENTITY = re.compile(r"&#?\w+;")
REPEATED = re.compile(r"(.)\1{9,}")


def category(wanted: Proposal) -> Iterator[Refusal]:
    """A leaf of the right tree in which the shop may list."""
    found = wanted.category
    if found is None:
        yield business(12052023, "The category does not exist.")
    elif not found.is_leaf:
        yield business(12052024, "The category is not a leaf category.")
    elif found.permission == "PROHIBITED":
        yield business(12052220, "Products of this category are prohibited.")
    elif found.permission == "INVITE_ONLY":
        yield business(12052223, "The category is restricted. Apply for access in the Qualification Center.")
    elif found.permission == "NON_MAIN_CATEGORY":
        yield business(12052226, "The category is not among the shop's main categories.")


def title(wanted: Proposal) -> Iterator[Refusal]:
    """Words in the language of the market; its length is the description's matter."""
    text = wanted.content["title"]
    if OTHER_SCRIPTS.search(text):
        yield business(12052266, "The product title must be in English.")
    elif not re.search(r"[^\W_]", text) or EMOJI.search(text) or ENTITY.search(text) or REPEATED.search(text):
        yield business(
            12052931,
            "The product title must not consist of symbols only, contain emojis or HTML entities, "
            "or repeat a character more than 9 times.",
        )


def description(wanted: Proposal) -> Iterator[Refusal]:
    """HTML whose pictures were uploaded."""
    text = wanted.content["description"]
    if not text.strip() and not wanted.is_draft:
        yield business(12052015, "The product description is required.")
    sources = _Pictures.of(text)
    if len(sources) > MOST_IMAGES_IN_TEXT:
        yield business(12052056, f"The description must not have more than {MOST_IMAGES_IN_TEXT} images.")
    if not all(_is_hosted(wanted, source) for source in sources):
        yield business(12052340, "Images in the description must be uploaded to TikTok Shop.")


class _Pictures(HTMLParser):
    """Collects where the pictures of a text come from."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    @classmethod
    def of(cls, text: str) -> list[str]:
        reader = cls()
        reader.feed(text)
        reader.close()
        return reader.sources

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.sources.append(dict(attrs).get("src") or "")


def _is_hosted(wanted: Proposal, source: str) -> bool:
    found = re.search(rf"{IMAGE_ROOM}/[0-9a-f]{{32}}", source)
    return found is not None and wanted.world.knows_image(found[0])


def images(wanted: Proposal) -> Iterator[Refusal]:
    """Uploaded pictures, the main ones large enough."""
    for sent in wanted.content["main_images"]:
        uri = sent["uri"]
        if not wanted.world.knows_image(uri):
            yield business(12052722, f"The image uri {uri} does not exist. Upload the image first.")
            return
        image = wanted.world.images.get(uri)
        if image and min(image.width, image.height) < MAIN_SIDES[0]:
            yield business(12052301, f"Main images must have at least {MAIN_SIDES[0]} pixels on each side.")
        elif image and max(image.width, image.height) > MAIN_SIDES[1]:
            yield business(12052302, f"Main images must not have more than {MAIN_SIDES[1]} pixels on a side.")


def brand(wanted: Proposal) -> Iterator[Refusal]:
    """Famous ones need their owner's leave, which no seller of the sandbox has."""
    found = wanted.world.brands.get(wanted.content.get("brand_id", ""))
    if found and found.is_first_tier:
        yield business(12052201, f"The brand {found.name} needs an authorization.")


def required_attributes(wanted: Proposal) -> Iterator[Refusal]:
    """Every attribute that the category requires."""
    given = {each["id"] for each in wanted.content.get("product_attributes", [])}
    demanded = wanted.category.attributes if wanted.category and not wanted.is_draft else ()
    missing = [each.name for each in demanded if each.required and each.id not in given]
    if missing:
        yield business(12052104, f"The required attribute {', '.join(missing)} is missing.")


def size_chart(wanted: Proposal) -> Iterator[Refusal]:
    """A picture or a template, where the category wants one."""
    chart = wanted.content.get("size_chart") or {}
    image, template = chart.get("image", {}).get("uri"), chart.get("template", {}).get("id")
    if image and not wanted.world.knows_image(image):
        yield business(12052670, "The uri of the size chart image is invalid.")
    if template and template not in wanted.shop.size_charts:
        yield business(12052128, "The size chart template does not exist.")
    if wanted.category and wanted.category.needs_size_chart and not (image or template) and not wanted.is_draft:
        yield business(12052673, "The category requires a size chart.")


def package(wanted: Proposal) -> Iterator[Refusal]:
    """Weight and size of the parcel, in one system of units."""
    weight, size = wanted.content.get("package_weight"), wanted.content.get("package_dimensions")
    yield from measures(wanted.shop, weight, size)
    if wanted.is_draft:
        return
    if not weight and not (wanted.variants and all(sku.get("sku_weight") for sku in wanted.variants)):
        yield business(12019011, "The package weight is required.")
    if not size and wanted.category and wanted.category.needs_dimensions:
        yield business(12019012, "The category requires the package dimensions.")


def measures(shop: Shop, weight: Json | None, size: Json | None) -> Iterator[Refusal]:
    """Positive numbers in units that go together and, outside of the US, are metric."""
    if shop.region != "US" and "POUND" in (weight or {}).values():
        yield business(12019060, "The weight must be in KILOGRAM.")
    if shop.region != "US" and "INCH" in (size or {}).values():
        yield business(12019061, "The dimensions must be in CENTIMETER.")
    if weight and len(weight["value"].partition(".")[2]) > PLACES[weight["unit"]]:
        yield business(12052181, f"The weight has too many decimal places for {weight['unit']}.")
    if weight and Decimal(weight["value"]) <= 0:
        yield business(12019011, "The weight must be positive.")
    if size and any(Decimal(size[side]) <= 0 for side in ("length", "width", "height")):
        yield business(12019012, "The dimensions must be positive.")
    if weight and size and SYSTEMS[weight["unit"]] != size["unit"]:
        yield business(12052915, "Weight and dimensions must use the same system of measurement.")


def texts(wanted: Proposal) -> Iterator[Refusal]:
    """Features and search terms that are not too long in all."""
    for member, most in MOST_LETTERS.items():
        if sum(map(len, wanted.content.get(member, []))) > most:
            yield business(12052910, f"{member} must not have more than {most} characters in all.")


def external_id(wanted: Proposal) -> Iterator[Refusal]:
    """No other listing of the shop has it."""
    given = wanted.content.get("external_product_id")
    if given and any(each.version.content.get("external_product_id") == given for each in wanted.others()):
        yield business(12052996, f"The external product id {given} is used by another product.")


RULES = (category, title, description, images, brand, required_attributes, size_chart, package, texts, external_id)
