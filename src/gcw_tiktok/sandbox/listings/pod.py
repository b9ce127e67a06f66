"""Print on demand: what buyers may personalise on which variants of a listing."""

from collections.abc import Callable, Iterator

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings.products import Json, Product
from gcw_tiktok.sandbox.listings.proposal import Proposal
from gcw_tiktok.sandbox.refusals import Refusal, business

PICTURES = ("background_image", "mask_image")
"""Of a surface; an image area has `default_image` besides."""


def complaints(wanted: Proposal, templates: list[Json], known_skus: set[str]) -> Iterator[Refusal]:
    """What is wrong with the templates of a listing with these variants."""
    ids = [sku_id for template in templates for sku_id in template.get("sku_ids", [])]
    if not set(ids) <= known_skus:
        yield business(12052557, "A SKU of the customization template does not belong to the product.")
    if len(ids) > len(set(ids)):
        yield business(12052910, "A SKU may be in one customization template only.")
    if not all(wanted.world.knows_image(uri) for template in templates for uri in _uris(template)):
        yield business(12052722, "An image of the customization template does not exist. Upload the image first.")


def _uris(template: Json) -> Iterator[str]:
    for surface in template.get("surfaces", []):
        yield from (surface[name]["uri"] for name in PICTURES if name in surface)
        for area in surface.get("custom_areas", []):
            if "default_image" in area.get("image_area", {}):
                yield area["image_area"]["default_image"]["uri"]


def kept(mint: Mint, product: Product, templates: list[Json]) -> list[Json]:
    """The templates with their ids: those that the listing has keep theirs, all others get new ones."""
    known = {each["pod_template_id"] for each in product.pod_templates}
    return [
        each if each.get("pod_template_id") in known else each | {"pod_template_id": mint.next("pod_template")}
        for each in templates
    ]


def template_of(product: Product, sku_id: str) -> Json | None:
    """What buyers of a variant may personalise, as it was sent; None where nothing."""
    return next((each for each in product.pod_templates if sku_id in each.get("sku_ids", [])), None)


def shown_templates(templates: list[Json], image: Callable[[str], Json]) -> list[Json]:
    """Templates with the addresses of their pictures, which `image` knows."""
    return [each | {"surfaces": [_surface(one, image) for one in each.get("surfaces", [])]} for each in templates]


def _surface(surface: Json, image: Callable[[str], Json]) -> Json:
    pictures = {name: image(surface[name]["uri"]) for name in PICTURES if name in surface}
    return surface | pictures | {"custom_areas": [_area(each, image) for each in surface.get("custom_areas", [])]}


def _area(area: Json, image: Callable[[str], Json]) -> Json:
    default = area.get("image_area", {}).get("default_image")
    if not default:
        return area
    return area | {"image_area": area["image_area"] | {"default_image": image(default["uri"])}}
