"""The design editor: files and links are brought in, laid out, checked and connected, each customer's its own."""

import json
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from werkzeug.test import TestResponse

from conftest import EXAMPLES
from designs import corpus
from filehost import FileHost, file_host
from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Job
from gcw_tiktok.web.portal import design_form
from gcw_tiktok.web.portal import designing as pages_of_designs
from gcw_tiktok.workflow.designs import pinning, printing
from gcw_tiktok.workflow.storefronts import designing, jobs
from portal.designs import DESIGNS, SKU, STORE, TEE, UID, Place, file, form_of, photo, place_of, prints, sisters_of
from portal.visit import Pages, Visitor

PDF = (DESIGNS / "harbor-poster-18x24.pdf").read_bytes()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, a page waits until what it began has ended."""
    monkeypatch.setattr(pages_of_designs, "WAIT_SECONDS", 60.0)


@pytest.fixture
def place(pages: Pages) -> Place:
    return place_of(pages)


@pytest.fixture
def admin(pages: Pages) -> Visitor:
    return pages.admin()


def brought(admin: Visitor, place: Place, content: bytes, name: str, uid: str = UID) -> dict[str, str]:
    """The form after a file was uploaded and shown."""
    admin.get(place.path(uid))
    admin.post(place.path(uid), 200, **form_of(admin), do="look", **{"0.file": file(content, name)})
    return form_of(admin)


def test_an_uploaded_file_is_placed_and_connected(pages: Pages, admin: Visitor, place: Place) -> None:
    form = brought(admin, place, photo(), "harbor view.png")
    assert "harbor view.png" in admin.text
    assert "PNG, 2000 \N{MULTIPLICATION SIGN} 1500 pixels" in admin.text
    assert "Too coarse to print: 62 dpi" in admin.text
    assert form["0.mode"] == "fill", "what has another shape fills the area, for it has bleed"
    wanted = form | {"0.scale": "40", "0.x": "-12.5", "0.y": "8", "0.rotate": "90", "0.mode": "fit"}
    answer = admin.post(place.path(), do="connect", **wanted)
    assert answer.headers["Location"].startswith(place.back)
    (now,) = prints(pages)
    design = now["designs"]["default"]
    assert now["product_uid"] == UID
    assert now["by"] == "ada@harbor.example"
    assert design["placement"] == {"mode": "fit", "scale": 0.4, "x_mm": -12.5, "y_mm": 8.0, "rotate": 90}
    assert design["source"].endswith("/harbor%20view.png")
    with pikepdf.open(pages.portal.designs / f"{design['print_sha256']}.pdf") as pdf:
        width, height = (float(one) / 72 * 25.4 for one in list(pdf.pages[0].mediabox)[2:])
    assert (round(width, 2), round(height, 2)) == (463.55, 615.95)


def test_a_file_made_for_the_area_is_printed_as_it_is(pages: Pages, admin: Visitor, place: Place) -> None:
    """Without a script: one form with the file in it, and nothing that would have to be looked at first."""
    admin.get(place.path())
    admin.post(place.path(), 302, **form_of(admin), do="connect", **{"0.file": file(PDF, "poster.pdf")})
    design = prints(pages)[0]["designs"]["default"]
    assert (design["placement"], design["print_sha256"]) == (None, None)
    admin.get("/stores")
    assert "Connected:" in admin.text


def test_what_may_disappoint_is_looked_at_before_it_is_connected(pages: Pages, admin: Visitor, place: Place) -> None:
    admin.get(place.path())
    fields = form_of(admin) | {"0.mode": "fit"}
    admin.post(place.path(), 200, **fields, do="connect", **{"0.file": file(photo(6000, 4000, "JPEG"), "wide.jpg")})
    assert "choose Connect once more" in admin.text
    assert "mm free at the top and bottom" in admin.text
    assert prints(pages) == []
    admin.post(place.path(), 302, **form_of(admin), do="connect")
    assert prints(pages)[0]["designs"]["default"]["placement"]["mode"] == "fit"


def test_what_takes_long_is_looked_on_at(
    pages: Pages, admin: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_of_designs, "WAIT_SECONDS", 0.0)
    begin, make = threading.Event(), printing.compose

    def slow(*given: Any) -> bytes:
        begin.wait(30)
        return make(*given)

    monkeypatch.setattr(printing, "compose", slow)
    form = brought(admin, place, photo(5475, 7275, "JPEG"), "sharp.jpg") | {"0.mode": "fit", "0.scale": "90"}
    there = admin.post(place.path(), 302, do="connect", **form).headers["Location"]
    admin.get(there)
    assert "Making your design ready for print" in admin.text
    admin.post(place.path(), 400, do="connect", **form)
    assert "This is at work already." in admin.text
    begin.set()
    pages.done()
    assert admin.get(there, status=302).headers["Location"].startswith(place.back)
    assert prints(pages)[0]["designs"]["default"]["placement"]["scale"] == 0.9
    pages.gcw("customer", "add", "Other House", "--storefronts")
    pages.admin("eve@other.example", "Other House").get(there, status=404)


def test_what_fails_on_the_way_is_said(
    pages: Pages, admin: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bytes:
        raise BadInput("No print-ready file can be made of the design.", "Export it anew.")

    monkeypatch.setattr(printing, "compose", fail)
    form = brought(admin, place, photo(5475, 7275, "JPEG"), "sharp.jpg") | {"0.mode": "fit", "0.scale": "90"}
    admin.post(place.path(), 400, do="connect", **form)
    assert "No print-ready file can be made of the design. Export it anew." in admin.text
    assert form_of(admin)["0.scale"] == "90"
    monkeypatch.setattr(pages_of_designs, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(
        jobs.Jobs, "ended", lambda self, job_id, within: Job(id=job_id, kind="", started_by="", started_at=0, beat_at=0)
    )
    there = admin.post(place.path(), 302, do="connect", **form).headers["Location"]
    pages.done()
    admin.get(there)
    assert "It was not connected" in admin.text
    assert place.path().replace("&", "&amp;") in admin.seen


def test_the_editor_begins_with_what_is_connected(pages: Pages, admin: Visitor, place: Place) -> None:
    pages.gcw("products", "connect", STORE, SKU, UID, "--design", str(DESIGNS / "harbor-poster-18x24.pdf"))
    pages.gcw("design", "place", STORE, SKU, "--scale", "1.23456789", "--x", "-5", "--rotate", "180")
    admin.get(place.path())
    form = form_of(admin)
    assert (form["0.x"], form["0.rotate"], form["0.mode"]) == ("-5", "180", "fill")
    admin.post(place.path(), 302, do="connect", **form)
    assert len(prints(pages)) == 2, "what was not touched is no new version"
    admin.get("/stores")
    assert "nothing was changed" in admin.text
    admin.get(place.path())
    admin.post(place.path(), 302, do="connect", **form_of(admin) | {"0.x": "-6"})
    now = prints(pages)[0]
    assert now["designs"]["default"]["placement"]["x_mm"] == -6
    admin.get(place.path(place_uid := UID.replace("matte", "glossy")))
    assert "Needs a design" in admin.text, place_uid


def test_further_variants_of_the_listing_print_the_same(pages: Pages, admin: Visitor, place: Place) -> None:
    sisters = sisters_of(pages, place)
    also = tuple(one.id or 0 for one in sisters)
    path = place.path(also=also)
    admin.get(path)
    admin.post(path, 302, **form_of(admin), do="connect", **{"0.file": file(PDF, "poster.pdf")})
    assert len(sisters) > 1
    shas = {prints(pages, one.sku_id)[0]["designs"]["default"]["sha256"] for one in sisters}
    assert shas == {prints(pages)[0]["designs"]["default"]["sha256"]}
    admin.get("/stores")
    assert f"Connected: {len(also) + 1} variants print Harbor Poster" in admin.text


def test_variants_of_other_listings_do_not_come_along(pages: Pages, admin: Visitor, place: Place) -> None:
    other = next(
        one for one in pages.gcw("products", "list", STORE, "--json").json if "POSTER" not in one["seller_sku"]
    )
    admin.get(place.path(also=(place_of(pages, other["seller_sku"]).variant_id,)), status=404)
    admin.get(place.path(also=(999_999,)), status=404)
    admin.get(place.path() + "&also=x", status=404)


def test_a_product_that_may_not_be_ordered_has_no_editor(pages: Pages, admin: Visitor, place: Place) -> None:
    admin.get(place.path("no-such-uid"), status=400)
    assert "There is no product UID" in admin.text
    assert "gcw " not in admin.text


def test_a_product_from_stock_is_connected_without_a_design(pages: Pages, admin: Visitor, place: Place) -> None:
    pages.gcw("catalog", "import", str(EXAMPLES / "drinkware.yaml"))
    uid = next(one["uid"] for one in pages.gcw("catalog", "uids", "--json").json if "gift-box" in one["uid"])
    admin.get(place.path(uid))
    assert "No design needed" in admin.text
    admin.post(place.path(uid), 302, do="connect")
    assert prints(pages)[0]["product_uid"] == uid


class TestSeveralAreas:
    @pytest.fixture
    def tee(self, pages: Pages, place: Place) -> str:
        pages.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
        return place.path(TEE)

    def test_each_is_filled_by_itself(self, pages: Pages, admin: Visitor, tee: str) -> None:
        admin.get(tee)
        shirt = (DESIGNS / "harbor-tee-front.png").read_bytes()
        admin.post(tee, 200, **form_of(admin), do="look", **{"0.file": file(shirt, "front.png")})
        form = form_of(admin) | {"0.y": "-20", "0.mode": "fit", "0.scale": "80"}
        admin.post(tee, 200, **form, do="look", **{"1.file": file(corpus.svg(), "back.svg")})
        form = form_of(admin)
        assert (form["0.y"], form["0.scale"]) == ("-20", "80")
        admin.post(tee, 302, **form, do="connect")
        designs = prints(pages)[0]["designs"]
        assert designs["front"]["placement"] == {"mode": "fit", "scale": 0.8, "x_mm": 0, "y_mm": -20, "rotate": 0}
        assert designs["back"]["print_sha256"], "presses read no SVG"
        assert "neck-inner" not in designs

    def test_a_bad_file_loses_nothing_of_the_others(self, pages: Pages, admin: Visitor, tee: str) -> None:
        admin.get(tee)
        shirt = (DESIGNS / "harbor-tee-front.png").read_bytes()
        admin.post(tee, 200, **form_of(admin), do="look", **{"0.file": file(shirt, "front.png")})
        form = form_of(admin) | {"0.y": "-20", "0.mode": "fit"}
        admin.post(tee, 400, **form, do="connect", **{"1.file": file(b"GIF89a" + b"\0" * 40, "back.gif")})
        assert "back.gif is GIF, which has too few colours to print." in admin.text
        assert form_of(admin)["0.y"] == "-20"
        assert prints(pages) == []

    def test_what_has_to_be_filled_is_said(self, admin: Visitor, tee: str) -> None:
        admin.get(tee)
        admin.post(tee, 400, **form_of(admin), do="connect")
        assert "A design is missing for the front." in admin.text

    def test_a_design_is_taken_away_again(self, pages: Pages, admin: Visitor, tee: str) -> None:
        admin.get(tee)
        shirt = (DESIGNS / "harbor-tee-front.png").read_bytes()
        both = {"0.file": file(shirt, "front.png"), "1.file": file(shirt, "back.png")}
        admin.post(tee, 200, **form_of(admin), do="look", **both)
        admin.post(tee, 200, **form_of(admin), remove="1")
        admin.post(tee, 302, **form_of(admin), do="connect")
        assert list(prints(pages)[0]["designs"]) == ["front"]


BAD = {
    "empty.png": (b"", "is empty"),
    "page.pdf": (b"<html><body>Sign in</body></html>", "is a web page"),
    "bomb.png": (corpus.png(60_000, 60_000), "at most 250,000,000 can be read"),
    "cut.pdf": (PDF[:-3000], "is cut off"),
    "locked.pdf": (corpus.protected(user="secret"), "is protected by a password"),
    "renamed.png": (PDF, "is not what it is called"),
    "photo.heic": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_printed_at_all_ends_in_a_sentence(admin: Visitor, place: Place, name: str) -> None:
    content, said = BAD[name]
    admin.get(place.path())
    admin.post(place.path(), 400, **form_of(admin), do="look", **{"0.file": file(content, name)})
    assert said in admin.text
    assert form_of(admin)["0.design"] == ""


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (photo(400, 500), "small.png", "Too coarse to print"),
        (corpus.svg(), "drawing.svg", "The print area takes pdf, png, jpeg, tiff, not svg."),
        (corpus.protected(), "locked.pdf", "It is protected"),
    ],
)
def test_what_may_not_be_printed_here_is_shown_and_not_connected(
    pages: Pages, admin: Visitor, place: Place, content: bytes, name: str, said: str
) -> None:
    form = brought(admin, place, content, name)
    assert said in admin.text
    admin.post(place.path(), 400, do="connect", **form)
    assert said in admin.text
    assert "gcw " not in admin.text
    assert prints(pages) == []


@pytest.mark.parametrize(
    "wrong", [{"0.scale": "big"}, {"0.scale": "0"}, {"0.x": "1e99"}, {"0.y": "nan"}, {"0.rotate": "45"}]
)
def test_numbers_that_make_no_sense_are_refused_in_words(admin: Visitor, place: Place, wrong: dict[str, str]) -> None:
    form = brought(admin, place, PDF, "poster.pdf")
    admin.post(place.path(), 400, do="connect", **form | wrong | {"0.mode": "fill"})
    assert "notice bad" in admin.seen
    assert form_of(admin)["0.design"], "the file is still there"


class TestChecking:
    """What a script asks while somebody moves a design."""

    def check(self, admin: Visitor, place: Place, form: dict[str, str], status: int = 200) -> Any:
        answer = admin.post(place.path(what="/check"), status, number="0", **form)
        return json.loads(answer.get_data(as_text=True))

    def test_it_says_where_it_lies_how_sharp_it_is_and_what_is_wrong(self, admin: Visitor, place: Place) -> None:
        form = brought(admin, place, photo(5475, 7275, "JPEG"), "sharp.jpg")
        told = self.check(admin, place, form)
        assert told["placement"] is None
        assert round(told["dpi"]) == 300
        assert told["box"] == pytest.approx({"left": -3.175, "top": -3.175, "width": 463.55, "height": 615.95}, abs=0.1)
        assert {one["level"] for one in told["checks"]} == {"pass"}
        told = self.check(admin, place, form | {"0.mode": "fill", "0.scale": "250", "0.x": "2000"})
        assert told["dpi"] == pytest.approx(120, abs=0.1)
        assert {one["check"]: one["level"] for one in told["checks"] if one["level"] != "pass"} == {
            "shape": "fail", "dpi": "fail",
        }  # fmt: skip
        assert "Move it back onto the print area." in told["findings"]

    def test_moving_what_was_as_the_file_says_places_it(self, admin: Visitor, place: Place) -> None:
        form = brought(admin, place, PDF, "poster.pdf")
        assert form["0.mode"] == "file"
        told = self.check(admin, place, form | {"0.x": "4"})
        assert told["placement"] == {"mode": "fill", "scale": 1, "x_mm": 4, "y_mm": 0, "rotate": 0}

    def test_it_needs_a_design_and_a_token(self, admin: Visitor, place: Place) -> None:
        admin.get(place.path())
        fields, asked = form_of(admin) | {"number": "0"}, {"Accept": "application/json"}
        answer = admin.client.post(place.path(what="/check"), data=fields, headers=asked)
        assert (answer.status_code, answer.json["error"]["message"]) == (400, "There is no design here yet.")  # type: ignore[index]
        form = brought(admin, place, PDF, "poster.pdf") | {"number": "0"}
        answer = admin.client.post(place.path(what="/check"), data=form | {"csrf_token": ""}, headers=asked)
        assert answer.status_code == 400
        admin.post(place.path(what="/check"), 404, **form | {"number": "7"})


def test_the_browser_gets_a_picture_and_never_the_file(admin: Visitor, place: Place) -> None:
    for content, name in ((PDF, "poster.pdf"), (corpus.svg(), "drawing.svg"), (photo(3000, 1500), "wide.png")):
        form = brought(admin, place, content, name)
        answer = admin.get(place.path(what=f"/picture/{form['0.design']}"))
        assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
        with Image.open(BytesIO(answer.get_data())) as shown:
            assert 990 <= max(shown.size) <= 1_001
    assert shown.size == (1000, 500)


def test_a_part_comes_back_by_itself_for_a_script(admin: Visitor, place: Place) -> None:
    admin.get(place.path())
    fields = form_of(admin) | {"number": "0"}
    answer = admin.post(place.path(what="/area"), 200, **fields, **{"0.file": file(PDF, "poster.pdf")})
    assert answer.headers["X-Design-Part"] == "0"
    assert "<html" not in admin.seen
    assert "poster.pdf" in admin.text
    answer = admin.post(place.path(what="/area"), 400, **fields, **{"0.file": file(b"x", "poster.pdf")})
    assert answer.headers["X-Design-Part"] == "0"
    assert "is no PDF, PNG, JPEG, TIFF or SVG file." in admin.text


class TestLinks:
    @pytest.fixture
    def host(self, pages: Pages) -> Any:
        with file_host() as found:
            yield found

    def fetched(self, admin: Visitor, place: Place, link: str, status: int = 200, **more: str) -> TestResponse:
        admin.get(place.path())
        return admin.post(place.path(), status, **form_of(admin) | {"0.link": link, "do": "look"} | more)

    def allow_private(self, pages: Pages) -> None:
        from dataclasses import replace

        pages.app.extensions["portal"] = replace(pages.portal, allow_private=True)

    def test_the_file_behind_a_link_is_connected(
        self, pages: Pages, admin: Visitor, place: Place, host: FileHost
    ) -> None:
        self.allow_private(pages)
        host.files["/poster.pdf"] = PDF
        self.fetched(admin, place, host.address("/poster.pdf"))
        admin.post(place.path(), 302, **form_of(admin), do="connect")
        assert prints(pages)[0]["designs"]["default"]["source"] == host.address("/poster.pdf")

    def test_another_file_at_the_same_link_is_used_when_that_is_meant(
        self, pages: Pages, admin: Visitor, place: Place, host: FileHost
    ) -> None:
        self.allow_private(pages)
        link = host.address("/poster")
        host.files["/poster"] = PDF
        self.fetched(admin, place, link)
        admin.post(place.path(), 302, **form_of(admin), do="connect")
        host.files["/poster"] = photo(5475, 7275, "JPEG")
        self.fetched(admin, place, link, 400)
        assert "another one than when it was used last" in admin.text
        assert "Use the file that is there now" in admin.text
        self.fetched(admin, place, link, 200, **{"0.changed": "1"})
        assert "JPEG" in admin.text

    @pytest.mark.parametrize(
        ("link", "said"),
        [
            ("https://www.dropbox.com/s/abc/poster.pdf?dl=0", "https://www.dropbox.com/s/abc/poster.pdf?dl=1"),
            ("http://127.0.0.1:9/poster.pdf", "is in a private network"),
            ("/etc/passwd", "A link begins with https://."),
            (f"upload://{'0' * 64}.pdf/poster.pdf", "A link begins with https://."),
            ("file:///etc/passwd", "A link begins with https://."),
            ("https://no-such-host.invalid/a.pdf", "no-such-host.invalid"),
        ],
    )
    def test_what_a_link_may_not_be(self, admin: Visitor, place: Place, link: str, said: str) -> None:
        self.fetched(admin, place, link, 400)
        assert said in admin.text
        assert "setting" not in admin.text
        assert form_of(admin)["0.link"] == link, "what was typed is still there"

    def test_a_slow_link_ends(
        self, pages: Pages, admin: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch, host: FileHost
    ) -> None:
        self.allow_private(pages)
        monkeypatch.setattr(designing, "LINK_SECONDS", -1.0)
        self.fetched(admin, place, host.address("/poster.pdf"), 400)
        assert "The link took longer" in admin.text


class TestOthers:
    """Nothing of one customer's can be reached or used by another."""

    @pytest.fixture
    def eve(self, pages: Pages) -> Visitor:
        pages.gcw("customer", "add", "Other House", "--storefronts")
        return pages.admin("eve@other.example", "Other House")

    def test_no_address_is_there_for_them(self, admin: Visitor, eve: Visitor, place: Place) -> None:
        form = brought(admin, place, PDF, "poster.pdf")
        eve.get("/stores")
        eve.get(place.path(), status=404)
        eve.get(place.path(what=f"/picture/{form['0.design']}"), status=404)
        for what in ("", "/area", "/check"):
            eve.post(place.path(what=what), 404, **form | {"csrf_token": eve.token, "number": "0", "do": "connect"})

    def test_no_design_of_theirs_is_taken(self, pages: Pages, admin: Visitor, place: Place) -> None:
        """Not even by who knows a file's hash and has a seal for it, which another customer was given."""
        form = brought(admin, place, PDF, "poster.pdf")
        with pages.app.app_context():
            owner, sha256, source = design_form.seal().loads(form["0.design"])
            foreign = design_form.seal().dumps([owner + 1, sha256, source])
        for wrong in (foreign, form["0.design"] + "x", "nonsense", sha256):
            admin.post(place.path(), 404, **form | {"0.design": wrong, "do": "connect"})
            admin.get(place.path(what=f"/picture/{wrong}"), status=404)
        assert prints(pages) == []

    def test_nobody_who_is_not_signed_in_gets_anything(self, pages: Pages, place: Place) -> None:
        visitor = pages.visitor()
        visitor.get("/sign-in")
        assert "/sign-in" in visitor.get(place.path(), status=302).headers["Location"]
        assert "/sign-in" in visitor.post(place.path(), do="connect").headers["Location"]

    def test_an_operator_may_do_it_for_them(self, pages: Pages, place: Place) -> None:
        operator = pages.operator()
        form = brought(operator, place, PDF, "poster.pdf")
        operator.post(place.path(), 302, do="connect", **form)
        assert prints(pages)[0]["by"] == "op@printers.example"


class TestLimits:
    def test_a_file_that_is_too_large_is_refused(
        self, admin: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pinning, "MOST_BYTES", 1_000)
        admin.get(place.path())
        admin.post(place.path(), 400, **form_of(admin), do="look", **{"0.file": file(PDF, "poster.pdf")})
        assert "poster.pdf is larger than" in admin.text

    def test_a_form_that_is_too_large_is_not_even_read(
        self, pages: Pages, admin: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages.app.view_functions["designing.send"], "largest_request", 1_000)
        admin.get(place.path())
        admin.post(place.path(), 413, **form_of(admin), do="look", **{"0.file": file(PDF, "poster.pdf")})
        assert "The file is larger than 200 MB" in admin.text

    def test_who_is_not_signed_in_may_send_no_large_form(self, pages: Pages, place: Place) -> None:
        visitor = pages.visitor()
        visitor.get("/sign-in")
        visitor.post(place.path(), 413, **{"0.file": file(b"\0" * (2 << 20), "poster.pdf")})

    def test_other_pages_take_no_large_form(self, admin: Visitor) -> None:
        admin.get("/stores")
        admin.post("/stores/connect", 413, file=file(b"\0" * (2 << 20), "poster.pdf"))


def test_an_uploaded_design_can_be_used_again_by_its_source(
    pages: Pages, admin: Visitor, place: Place, tmp_path: Path
) -> None:
    """What copies a connection goes by its source; an upload has no other place than the folder of designs."""
    form = brought(admin, place, PDF, "harbor poster.pdf")
    admin.post(place.path(), 302, do="connect", **form)
    source = prints(pages)[0]["designs"]["default"]["source"]
    sister = sisters_of(pages, place)[0]
    pages.gcw("products", "connect", STORE, sister.sku_id, UID, "--design", source)
    assert prints(pages, sister.sku_id)[0]["designs"]["default"]["sha256"] in source
    gone = f"upload://{'0' * 64}.pdf/poster.pdf"
    ran = pages.gcw.fails(4, "products", "connect", STORE, sister.sku_id, UID, "--design", gone)
    assert "poster.pdf was uploaded once and is not here any more." in ran.stderr
