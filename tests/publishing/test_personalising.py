"""Templates for buyers' wishes are made from print areas, and the wishes find their print areas again."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import EXAMPLES
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.publishing import personalising
from gcw_tiktok.workflow.publishing.personalising import Wishes
from publishing.conftest import Shop
from sandbox.client import Client

FRONT = PrintArea("front", True, 300, 400, 3, 150, ("png",), safe_mm=10, personalise=("text", "image"))
SLEEVE = PrintArea("left-sleeve", False, 80, 80, 0, 150, ("png",), personalise=("text",))
BACK = PrintArea("back", False, 300, 400, 0, 150, ("png",))
LINE = ("order_line_id", "product_id", "sku_id", "pod_order_data_id")


def test_a_surface_for_each_area_that_buyers_may_personalise() -> None:
    front, sleeve = personalising.surfaces([FRONT, BACK, SLEEVE])
    assert (front["external_surface_id"], sleeve["external_surface_id"]) == ("front", "left-sleeve")
    image, text = front["custom_areas"]
    assert (image["external_area_id"], image["area_type"]) == ("front/image", "IMAGE")
    assert (text["external_area_id"], text["area_type"]) == ("front/text", "TEXT")
    assert [one["external_area_id"] for one in sleeve["custom_areas"]] == ["left-sleeve/text"]
    assert (image["is_required"], sleeve["custom_areas"][0]["is_required"]) == (True, False)


def test_what_buyers_add_stays_within_the_safe_area_and_prints_sharply() -> None:
    image, text = personalising.surfaces([FRONT])[0]["custom_areas"]
    assert personalising.canvas(FRONT) == (750, 1000)
    place, below = image["area_placement"], text["area_placement"]
    assert (place["x_coordinate"], place["y_coordinate"], place["width"]) == ("25.00", "25.00", "700.00")
    assert float(place["y_coordinate"]) + float(place["height"]) == float(below["y_coordinate"])
    assert float(below["y_coordinate"]) + float(below["height"]) == 975
    assert image["image_area"]["min_width"] == round(280 / 25.4 * 150)


def test_the_background_shows_the_area_in_its_shape() -> None:
    import io

    with Image.open(io.BytesIO(personalising.background(FRONT))) as picture:
        assert (picture.format, picture.size) == ("PNG", (750, 1000))
    thin = PrintArea("edge", True, 1000, 5, 0, 150, ("png",), safe_mm=10, personalise=("text",))
    assert personalising.canvas(thin) == (1000, 100)


def test_at_most_ten_surfaces() -> None:
    many = [PrintArea(f"page-{number}", True, 10, 10, 0, 150, (), personalise=("text",)) for number in range(12)]
    assert len(personalising.surfaces(many)) == 10


@pytest.mark.parametrize(
    ("custom", "wishes"),
    [
        ({"text_area": {"text": "Ada"}}, Wishes(texts=("Ada",))),
        ({"text_area": "Ada"}, Wishes(texts=("Ada",))),
        ({"image_area": {"image": {"url": "https://a.example/1.png"}}}, Wishes(images=("https://a.example/1.png",))),
        (
            {"image_area": {"image": {"urls": ["https://a.example/1.png", "x"]}}},
            Wishes(images=("https://a.example/1.png",)),
        ),
        ({"image_area": {"uri": "tos/1"}}, Wishes(images=("tos/1",))),
        ({"image_area": "https://a.example/1.png"}, Wishes(images=("https://a.example/1.png",))),
    ],
)
def test_wishes_are_read_however_they_are_told(custom: Any, wishes: Wishes) -> None:
    within = {"surfaces": [{"external_surface_id": "front", "custom_areas": [custom]}]}
    assert personalising.areas_of(json.dumps(within)) == {"front": wishes}
    assert personalising.areas_of({"pod_templates": [within]}) == {"front": wishes}
    without = {"surfaces": [{"custom_areas": [custom | {"external_area_id": "front/text"}]}]}
    assert personalising.areas_of(without) == {"front": wishes}
    lost = {"surfaces": [{"custom_areas": [custom]}]}
    assert personalising.areas_of(lost) == {"": wishes}, "a wish without a place is not lost"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["surfaces", "custom_areas", "text_area", "image"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_breaks_the_reading(document: Any) -> None:
    assert isinstance(personalising.areas_of(document), dict)
    assert personalising.areas_of(json.dumps(document)) == personalising.areas_of(document) or isinstance(document, str)


def let_personalise(quick: Shop) -> None:
    """The poster's model lets buyers put a text and a picture on it."""
    text = (EXAMPLES / "wall-art.yaml").read_text("utf-8")
    changed = re.sub(r"^( +)bleed_mm:", r"\1personalise: [text, image]\n\1bleed_mm:", text, flags=re.MULTILINE)
    quick.gcw("catalog", "import", "-", stdin=changed)


def test_a_personalised_order_finds_its_print_areas(quick: Shop) -> None:
    let_personalise(quick)
    assert quick.refused(4)["code"] == "handling_days_missing"
    made = quick.add(handling_days="5")
    (listing,) = quick.at_tiktok()
    (template,) = listing.pod_templates
    assert sorted(template["sku_ids"]) == sorted(sku.id for sku in listing.skus)
    assert template["surfaces"][0]["external_surface_id"] == "default"
    wish = {"default/text": "Ada", "default/image": "https://a.example/ada.png"}
    order_id = quick.sandbox.order(lines=[{"seller_sku": made["variants"][0], "customization": wish}])
    detail = _detail(quick, order_id)
    assert personalising.areas_of(detail) == {"default": Wishes(texts=("Ada",), images=("https://a.example/ada.png",))}
    assert quick.add(handling_days="5") == made
    assert len(listing.pod_templates) == 1


def test_buyers_need_not_be_let(quick: Shop) -> None:
    let_personalise(quick)
    quick.add("--no-personalise")
    assert quick.at_tiktok()[0].pod_templates == []


def _detail(quick: Shop, order_id: str) -> str:
    client = Client(quick.sandbox.world, quick.sandbox.transport)
    client.connect()
    order = client.order(order_id)
    line = order["line_items"][0]
    keys = dict(zip(LINE, (line["id"], line["product_id"], line["sku_id"], line["pod_info_id"]), strict=True))
    body = {"main_order_id": order_id, "query_order_lines": [keys]}
    found = client.data("POST", "/order/202606/pod_details/search", None, body)
    client.http.close()
    return str(found["pod_details"][0]["pod_detail"])
