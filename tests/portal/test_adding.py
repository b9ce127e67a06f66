"""A product is added on the pages: begun, filled in, checked, published, followed, mended, copied."""

import io
import re
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bulk.conftest import POSTER, Host, host
from conftest import EXAMPLES, Gcw, Sandbox
from portal.visit import Pages, Visitor, pages_of
from publishing.conftest import picture

__all__ = ["host"]
TITLE = "Evening Pier Art Poster"
LARGE = [
    "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver",
    "flat_product_pf_18x24-inch_pt_200-gsm-coated-glossy_cl_4-0_ver",
]
START = "/stores/1/products/add"
POSTERS = "Home Supplies"


@pytest.fixture
def pages(connected: Gcw, host: Host, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages, where whoever waits makes the sandbox's time pass."""
    connected.sleep = lambda seconds: sandbox.control("POST", "clock", {"advance": int(seconds) * 60})
    with pages_of(connected, sandbox) as found:
        yield found


class Adding:
    """Somebody who adds a product."""

    def __init__(self, pages: Pages, visitor: Visitor, start: str = START) -> None:
        self.pages, self.visitor, self.start, self.here = pages, visitor, start, ""

    def begin(self, product: str = "Harbor Poster") -> "Adding":
        self.visitor.get(self.start)
        there = self.visitor.post(self.start, product=product).headers["Location"]
        self.here = there.removesuffix("/design")
        self.visitor.get(there)
        return self

    def design(self, status: int = 302, **changes: Any) -> None:
        given: dict[str, Any] = {
            "title": TITLE,
            "description": "Printed after you order.\n\nOn <200> gsm.",
            "price": "24.99",
            "sell": LARGE,
            "weight": "0.6 lb",
            "size": "26 x 4 x 4 in",
            "pictures": "drawn",
            "file 0": (io.BytesIO(POSTER), "harbor.pdf"),
        } | changes
        self.visitor.get(f"{self.here}/design")
        self.visitor.post(
            f"{self.here}/design", status, **{name: one for name, one in given.items() if one is not None}
        )

    def category(self, **given: Any) -> None:
        """Says that what TikTok recommends is right, and fills in what it asks for."""
        self.visitor.get(f"{self.here}/category")
        found = re.search(r'name="category" value="(\d+)"', self.visitor.seen)
        assert found, self.visitor.text
        self.visitor.post(f"{self.here}/category", category=found[1])
        self.attributes(**given)

    def attributes(self, status: int = 302, **given: Any) -> None:
        self.visitor.get(f"{self.here}/category")
        ids = {
            name: one
            for one, name in re.findall(r'<label for="attribute-(\d+)">([^<]+?)(?: <|</label)', self.visitor.seen)
        }
        fields = {
            f"attribute {ids[name]}": value for name, value in ({"Material": "Paper"} | given).items() if name in ids
        }
        more = {name: value for name, value in given.items() if name not in ids}
        self.visitor.post(f"{self.here}/category", status, **fields, **more)

    def check(self) -> str:
        self.visitor.get(f"{self.here}/check")
        self.visitor.post(f"{self.here}/check")
        self.pages.done()
        self.visitor.get(f"{self.here}/check")
        return self.visitor.text

    def publish(self) -> str:
        self.visitor.get(f"{self.here}/check")
        self.visitor.post(f"{self.here}/publish")
        self.pages.done()
        self.visitor.get(self.here)
        return self.visitor.text

    def all(self, **changes: Any) -> str:
        """From the beginning to what TikTok says."""
        self.begin()
        self.design(**changes)
        self.category()
        assert "Nothing speaks against it" in self.check()
        return self.publish()


@pytest.fixture
def adding(pages: Pages) -> Adding:
    return Adding(pages, pages.admin())


def at_tiktok(pages: Pages, title: str = TITLE) -> list[Any]:
    shop = next(pages.sandbox.world.shops())
    return [product for product in shop.products if product.version.title == title]


def publications(pages: Pages) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pages.gcw("products", "publications", "--json").json
    return found


def test_a_product_is_added_from_the_catalog_until_it_is_on_sale(pages: Pages, adding: Adding) -> None:
    adding.begin()
    assert "Design and texts" in adding.visitor.text
    adding.design()
    adding.visitor.get(adding.here + "/category")
    assert "TikTok recommends" in adding.visitor.text
    assert "Posters & Prints" in adding.visitor.text
    adding.category()
    text = adding.check()
    assert "Nothing speaks against it" in text
    assert "EVENING-PIER-ART-POSTER-18X24-IN-MATTE" in text
    assert at_tiktok(pages) == [], "nothing is sent before it is published"
    assert "It is on sale" in adding.publish()
    (listing,) = at_tiktok(pages)
    assert listing.status == "ACTIVATE"
    assert listing.version.content["description"] == "<p>Printed after you order.</p><p>On &lt;200&gt; gsm.</p>"
    assert [(sku.values, sku.price) for sku in listing.skus] == [
        (("18x24 in", "matte"), 2499),
        (("18x24 in", "glossy"), 2499),
    ]
    variants = [one for one in pages.gcw("products", "list", "Paper Harbor", "--json").json if one["listing"] == TITLE]
    assert {one["product_uid"] for one in variants} == set(LARGE)
    assert {one["connection"] for one in variants} == {"connected"}


def test_published_twice_it_is_listed_once(pages: Pages, adding: Adding) -> None:
    adding.all()
    adding.publish()
    assert len(at_tiktok(pages)) == 1
    again = Adding(pages, adding.visitor).begin()
    again.design(400)
    assert "has or adds a listing with this title already" in again.visitor.text
    assert len(at_tiktok(pages)) == 1


def test_what_was_typed_is_kept_and_can_be_taken_up_again(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design(**{"price": None, f"price {LARGE[0]}": "19.99", f"price {LARGE[1]}": "21"})
    other = pages.visitor().sign_in("ada@harbor.example")
    other.get(START)
    assert TITLE in other.text
    answer = other.get(adding.here, status=302)
    other.get(answer.headers["Location"].replace("/category", "/design"))
    assert f'value="{TITLE}"' in other.seen
    assert "Now: harbor.pdf" in other.text
    assert re.search(rf'name="price {LARGE[1]}"[^>]* value="21.00"', other.seen)
    assert other.seen.count('name="sell"') == 6
    assert other.seen.count(" checked>") - 1 == 2, "and the radio button of pictures"


def test_what_cannot_be_used_is_said_and_all_else_is_kept(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design(400, price="24.999")
    assert "'24.999' is no price" in adding.visitor.text
    assert 'value="24.999"' in adding.visitor.seen, "what was typed stands there still"
    adding.visitor.get(adding.here + "/design")
    assert f'value="{TITLE}"' in adding.visitor.seen
    assert "Now: harbor.pdf" in adding.visitor.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "needs a title"),
        ({"weight": "heavy"}, "is no weight"),
        ({"size": "big"}, "is no size"),
        ({"sell": []}, "No variant is chosen"),
        ({"price": ""}, "has no price"),
        ({"file 0": None, "link 0": "/etc/passwd"}, "A link begins with https://"),
        ({"file 0": None, "link 0": "file:///etc/passwd"}, "A link begins with https://"),
        ({"file 0": (io.BytesIO(b"text"), "a.pdf")}, "is no PDF"),
        ({"images": (io.BytesIO(b"text"), "a.png")}, "is no picture that TikTok takes"),
    ],
)
def test_each_field_says_what_is_wrong(adding: Adding, changes: dict[str, Any], said: str) -> None:
    adding.begin()
    adding.design(400, **changes)
    assert said in adding.visitor.text
    assert "gcw " not in adding.visitor.text
    assert "--" not in adding.visitor.text


def test_everything_that_is_missing_is_named_before_tiktok_refuses(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design(**{"file 0": None, "weight": "", "size": ""})
    adding.category()
    text = adding.check()
    assert "things are to be mended" in text
    for words in ("has no design for default", "weight is missing", "package's size"):
        assert words in text
    assert "gcw " not in text
    assert "--" not in text
    adding.publish()
    assert publications(pages)[0]["state"] == "written"
    assert at_tiktok(pages) == []


def test_required_attributes_are_asked_for_by_name(adding: Adding) -> None:
    adding.begin()
    adding.design()
    adding.category()
    adding.attributes(Material="")
    assert "The category asks for Material: Paper, Canvas, Metal" in adding.check()


def test_a_size_chart_is_asked_for_and_colours_are_tiktoks(pages: Pages, adding: Adding, tmp_path: Path) -> None:
    pages.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    adding.begin("Harbor Tee")
    uids = re.findall(r'name="sell" value="([^"]+)"', adding.visitor.seen)
    front = (EXAMPLES / "designs" / "harbor-tee-front.png").read_bytes()
    adding.design(**{"title": "Harbor T-Shirt", "sell": uids[:3], "file 0": (io.BytesIO(front), "tee.png")})
    adding.visitor.get(adding.here + "/category?search=t-shirts")
    found = re.findall(r'name="category" value="(\d*)"', adding.visitor.seen)
    assert found == ["601226", "601226", "601265"], "what is recommended, then what has the word"
    adding.visitor.post(adding.here + "/category", category="601226")
    adding.visitor.get(adding.here + "/category")
    assert "Size chart" in adding.visitor.text
    assert "Let buyers personalise it" in adding.visitor.text
    adding.attributes(Material="Cotton", personalise="on")
    text = adding.check()
    assert "The category asks for a size chart." in text
    assert "made to order" in text
    chart = picture(tmp_path / "chart.png", 1200, 1200).read_bytes()
    adding.attributes(Material="Cotton", size_chart=(io.BytesIO(chart), "chart.png"))
    assert "Nothing speaks against it" in adding.check()
    assert "It is on sale" in adding.publish()
    assert len(at_tiktok(pages, "Harbor T-Shirt")) == 1


def test_a_listing_is_rejected_mended_and_sent_again(pages: Pages, adding: Adding) -> None:
    text = adding.all(title="Reject me, Evening Pier Poster")
    assert "TikTok rejected it" in text
    assert 'The title contains "reject me".' in text
    (row,) = publications(pages)
    assert (row["state"], row["connected"]) == ("rejected", True)
    adding.publish()
    assert "Nothing of it has changed since." in adding.visitor.text
    adding.visitor.get(adding.here + "/design")
    assert "Mend it here, then send it again." in adding.visitor.text
    adding.design(**{"file 0": None})
    assert "Nothing speaks against it" in adding.check()
    assert "It is on sale" in adding.publish()
    (listing,) = at_tiktok(pages)
    assert listing.status == "ACTIVATE"
    assert [one["state"] for one in publications(pages)] == ["active"]


def test_what_tiktok_does_not_take_is_told_in_its_words_and_mended(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design(title="Pier \N{EARTH GLOBE AMERICAS}")
    adding.category()
    adding.check()
    assert "TikTok did not take it" in adding.publish()
    assert "gcw " not in adding.visitor.text
    adding.design(**{"title": "Pier", "file 0": None})
    adding.check()
    assert "It is on sale" in adding.publish()


def test_the_review_goes_on_after_the_page_was_left(
    pages: Pages, adding: Adding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gcw_tiktok.workflow.storefronts import listing_work

    monkeypatch.setattr(listing_work, "FOLLOW_SECONDS", 0)
    assert "TikTok reviews it" in adding.all()
    adding.visitor.post(adding.here + "/look")
    adding.visitor.get(adding.here)
    assert "TikTok says nothing new." in adding.visitor.text
    pages.sandbox.control("POST", "clock", {"advance": 3600})
    adding.visitor.post(adding.here + "/look")
    adding.visitor.get(adding.here)
    assert "It is on sale" in adding.visitor.text
    adding.visitor.get(adding.here + "/design", status=400)
    adding.visitor.get(adding.here + "/category", status=400)
    adding.visitor.post(adding.here + "/publish")
    assert len(at_tiktok(pages)) == 1


def test_pictures_are_drawn_from_the_design_and_drawn_anew_when_it_changes(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design()
    adding.category()
    adding.check()
    found = re.findall(r'<img src="([^"]+)"', adding.visitor.seen)
    assert found == [adding.here + "/pictures/0"], "matte and glossy look alike"
    first = adding.visitor.get(found[0]).get_data()
    assert first.startswith(b"\xff\xd8\xff")
    adding.design(**{"file 0": (io.BytesIO(square("teal")), "square.png"), "place 0": "fill"})
    assert "Nothing speaks against it" in adding.check()
    second = adding.visitor.get(found[0]).get_data()
    assert second != first
    adding.visitor.get(adding.here + "/pictures/1", status=404)
    assert "It is on sale" in adding.publish()
    (listing,) = at_tiktok(pages)
    (row,) = publications(pages)
    shown = pages.gcw("products", "show", "Paper Harbor", listing.skus[0].seller_sku, "--json").json
    assert shown["versions"][0]["designs"]["default"]["placement"]["mode"] == "fill"
    assert row["connected"]


def test_pictures_of_ones_own_and_a_link_do_as_well(pages: Pages, adding: Adding, host: Host, tmp_path: Path) -> None:
    own = picture(tmp_path / "pier.png").read_bytes()
    link = host.put("harbor.pdf")
    adding.begin()
    adding.design(**{"file 0": None, "link 0": link, "images": (io.BytesIO(own), "pier.png")})
    adding.category()
    assert "Nothing speaks against it" in adding.check()
    assert adding.visitor.get(adding.here + "/pictures/0").get_data() == own
    adding.design(**{"file 0": None, "link 0": link, "pictures": "own"})
    assert "Nothing speaks against it" in adding.check()
    assert adding.visitor.get(adding.here + "/pictures/0").get_data() == own, "they stay"
    assert "It is on sale" in adding.publish()


def square(colour: str) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (4000, 4000), colour).save(content, "PNG")
    return content.getvalue()


def test_a_picture_file_that_is_not_the_pages_is_shown_to_nobody(pages: Pages, adding: Adding, tmp_path: Path) -> None:
    """A listing that was begun in a terminal names files of the PSP's machine."""
    own, design = picture(tmp_path / "pier.png"), EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
    words = ("--product", "Harbor Poster", "--title", TITLE, "--description", "Text", "--price", "9",
             "--image", str(own), "--design", str(design), "--weight", "0.6lb", "--size", "26x4x4in",
             "--attribute", "Material=Paper", "--variants", "18x24 in", "--yes", "--no-wait")  # fmt: skip
    pages.gcw("products", "add", "Paper Harbor", *words)
    adding.visitor.get(START)
    adding.visitor.get(f"{START}/1")
    assert "TikTok reviews it" in adding.visitor.text
    assert str(tmp_path) not in adding.visitor.seen
    adding.visitor.get(f"{START}/1/pictures/0", status=404)


@pytest.fixture
def second(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> str:
    """Another store of Paper Harbor's."""
    monkeypatch.setattr(webbrowser, "open", pages.sandbox.allow("tidewater"))
    code = next(shop.code for shop in pages.sandbox.world.shops() if shop.name.startswith("Tidewater"))
    pages.gcw("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor", "--shop", code)
    return "/stores/2/products/add"


def test_a_product_of_another_store_of_the_customer_is_listed_here_as_well(
    pages: Pages, adding: Adding, second: str
) -> None:
    adding.all()
    there = Adding(pages, adding.visitor, second)
    there.visitor.get(second)
    listing = re.search(rf'<option value="(\d+)">{TITLE}', there.visitor.seen)
    assert listing
    answer = there.visitor.post(second + "/copy", listing=listing[1])
    pages.done()
    there.visitor.get(answer.headers["Location"], status=302)
    there.here = there.visitor.get(answer.headers["Location"], status=302).headers["Location"].removesuffix("/design")
    there.visitor.get(there.here + "/design")
    assert f'value="{TITLE}"' in there.visitor.seen
    assert "Now: harbor.pdf" in there.visitor.text
    assert "Nothing speaks against it" in there.check()
    assert "It is on sale" in there.publish()
    for shop in pages.sandbox.world.shops():
        mine = [product for product in shop.products if product.version.title == TITLE]
        assert [one.status for one in mine] in (["ACTIVATE"], [])
    shown = pages.gcw("products", "show", "Tidewater", "EVENING-PIER-ART-POSTER-18X24-IN-MATTE", "--json").json
    assert shown["versions"][0]["designs"]["default"]["source"].startswith("upload:")


def test_what_is_another_customers_is_not_there(pages: Pages, adding: Adding, second: str) -> None:
    adding.all()
    pages.gcw("customer", "add", "Other House", "--storefronts")
    other = pages.admin("eve@other.example", "Other House")
    other.get("/stores")
    there = ("", "/design", "/category", "/check", "/pictures/0")
    for path in (START, *(adding.here + one for one in there)):
        other.get(path, status=404)
    for path in (
        START,
        START + "/copy",
        *(adding.here + one for one in ("/design", "/category", "/check", "/publish", "/look", "/discard")),
    ):
        other.post(path, 404)
    admin = adding.visitor
    for path in ("", "/design", "/check", "/pictures/0"):
        admin.get(adding.here.replace("/stores/1/", "/stores/2/") + path, status=404)
    assert len(at_tiktok(pages)) == 1


def test_no_product_is_offered_that_is_for_others_only(pages: Pages, adding: Adding) -> None:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    pages.gcw("catalog", "product", "withdraw", "Harbor Poster", "--yes")
    adding.visitor.get(START)
    assert 'value="Harbor Poster"' not in adding.visitor.seen
    adding.visitor.post(START, 400, product="Harbor Poster")


def test_what_was_begun_can_be_discarded_and_what_tiktok_has_cannot(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.visitor.post(adding.here + "/discard")
    adding.visitor.get(adding.here, status=404)
    adding.all()
    adding.visitor.get(START)
    adding.visitor.post(adding.here + "/discard", 400)
    assert len(publications(pages)) == 1


def test_a_store_that_is_not_connected_any_more_says_so(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design()
    pages.gcw("store", "disconnect", "Paper Harbor", "--yes")
    adding.visitor.get(adding.here + "/category", status=400)
    assert "is not connected any more" in adding.visitor.text
    adding.visitor.get(START)


def test_what_was_begun_on_the_pages_can_be_gone_on_with_in_a_terminal(pages: Pages, adding: Adding) -> None:
    adding.begin()
    adding.design()
    (row,) = publications(pages)
    assert (row["reference"], row["state"], row["category"]) == ("EVENING-PIER-ART-POSTER", "written", [])
    ran = pages.gcw.fails(4, "products", "publish", str(row["id"]), "--yes", "--json").error
    assert "no picture" in ran["message"]
