"""The design editor in Chromium: by pointer, by keyboard, and with the server's numbers."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import EXAMPLES
from designs import corpus
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import placing
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement
from pages import by_keyboard, nothing_serious, seen_by_everybody
from portal.designs import DESIGNS, TEE, photo, place_of, prints
from portal.visit import PASSWORD, Pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EMAIL = "ada@harbor.example"
LAYS = """() => { const at = name => parseFloat(document.querySelector("svg .frame").getAttribute(name));
  return [at("x"), at("y"), at("width"), at("height")]; }"""


@pytest.fixture
def editor(pages: Pages, address: str, page: "Page") -> "Page":
    """The editor of a poster, with nothing on it yet."""
    pages.add(EMAIL)
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/stores")
    page.goto(address + place_of(pages).path())
    return page


def upload(page: "Page", content: bytes, name: str, part: int = 0) -> None:
    file: Any = {"name": name, "mimeType": "", "buffer": content}
    page.locator(f'[name="{part}.file"]').set_input_files(file)
    page.locator(f'[data-part="{part}"] svg').wait_for()
    page.wait_for_load_state("networkidle")


def checked(page: "Page", part: int = 0) -> dict[str, Any]:
    """What the server said after the pause: everything that was asked is answered."""
    page.locator(f'[data-part="{part}"] [data-findings]:not([aria-busy])').wait_for()
    said: dict[str, Any] = {"findings": page.locator(f'[data-part="{part}"] [data-findings]').inner_text()}
    return said | {"dpi": page.locator(f'[data-part="{part}"] [data-dpi]').inner_text()}


def test_a_design_is_dragged_scaled_and_connected(pages: Pages, editor: "Page") -> None:
    upload(editor, photo(5475, 5475, "JPEG"), "view.jpg")
    assert editor.locator('[name="0.mode"][value="fill"]').is_checked()
    assert checked(editor)["dpi"] == "Prints at 226 dpi"
    box = editor.locator("svg").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = editor.evaluate(LAYS)
    editor.mouse.move(*middle)
    editor.mouse.down()
    editor.mouse.move(middle[0] + 60, middle[1] + 25, steps=5)
    editor.mouse.up()
    after = editor.evaluate(LAYS)
    assert after[0] > before[0] + 20
    assert after[1] > before[1] + 5
    assert after[2:] == before[2:]
    assert float(editor.locator('[name="0.x"]').input_value()) == pytest.approx(after[0] - before[0], abs=0.1)
    assert "mm free at the top" in checked(editor)["findings"]
    editor.get_by_label("Scale, %").fill("200")
    assert editor.locator("[data-dpi]").inner_text() == "Prints at 113 dpi", "at once, before the server is asked"
    assert "Too coarse to print: 113 dpi" in checked(editor)["findings"]
    editor.get_by_label("Fit", exact=True).check()
    assert checked(editor)["dpi"] == "Prints at 304 dpi"
    editor.get_by_role("button", name="Turn right").click()
    editor.get_by_role("button", name="Connect").click()
    editor.wait_for_url(lambda url: "/design" not in url)
    assert prints(pages)[0]["designs"]["default"]["placement"] == {
        "mode": "fit", "scale": 1, "x_mm": 0, "y_mm": 0, "rotate": 90,
    }  # fmt: skip


def test_it_works_by_keyboard_alone(pages: Pages, editor: "Page") -> None:
    upload(editor, (DESIGNS / "harbor-poster-18x24.pdf").read_bytes(), "poster.pdf")
    assert editor.locator('[name="0.mode"][value="file"]').is_checked(), "it was made for this area"
    assert editor.locator("[data-desk]").evaluate("desk => desk === document.activeElement")
    assert editor.locator("[data-dpi]").inner_text() == "Sharp at any size"
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp", "+"):
        editor.keyboard.press(key)
    assert editor.locator('[name="0.x"]').input_value() == "2"
    assert editor.locator('[name="0.y"]').input_value() == "-10"
    assert editor.locator('[name="0.scale"]').input_value() == "102"
    assert editor.locator('[name="0.mode"][value="fill"]').is_checked(), "what was moved is placed"
    checked(editor)
    editor.get_by_role("button", name="Connect").focus()
    editor.keyboard.press("Enter")
    editor.wait_for_url(lambda url: "/design" not in url)
    placed = prints(pages)[0]["designs"]["default"]["placement"]
    assert placed == {"mode": "fill", "scale": 1.02, "x_mm": 2, "y_mm": -10, "rotate": 0}


def test_the_sharpness_of_pictures_in_a_pdf_is_told_as_the_server_finds_it(editor: "Page") -> None:
    inches = 463.55 / 25.4, 615.95 / 25.4
    upload(editor, corpus.pictured((2738, 3638), inches), "poster.pdf")
    assert checked(editor)["dpi"] == "Prints at 150 dpi"
    assert editor.locator("[data-dpi]").get_attribute("data-level") == "warn"
    editor.get_by_label("Scale, %").fill("200")
    assert checked(editor)["dpi"] == "Prints at 75 dpi"
    assert editor.locator("[data-dpi]").get_attribute("data-level") == "fail"


def test_a_corner_scales_it_about_its_middle(editor: "Page") -> None:
    upload(editor, photo(3000, 4000, "JPEG"), "view.jpg")
    editor.get_by_label("Scale, %").fill("50")
    corner = editor.locator("svg .corner").nth(2).bounding_box()
    box = editor.locator("svg").bounding_box()
    assert corner is not None
    assert box is not None
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    editor.mouse.move(x, y)
    editor.mouse.down()
    editor.mouse.move(middle[0] + (x - middle[0]) * 1.5, middle[1] + (y - middle[1]) * 1.5, steps=4)
    editor.mouse.up()
    assert float(editor.locator('[name="0.scale"]').input_value()) == pytest.approx(75, abs=1)
    assert editor.locator('[name="0.x"]').input_value() == "0"


def test_two_fingers_scale_it(editor: "Page") -> None:
    upload(editor, photo(3000, 4000, "JPEG"), "view.jpg")
    box = editor.locator("svg").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    client = editor.context.new_cdp_session(editor)

    def touch(kind: str, *apart: float) -> None:
        points = [{"x": x + sign * one, "y": y, "id": at} for one in apart for at, sign in enumerate((-1, 1))]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    touch("touchMove", 60)
    touch("touchMove", 80)
    touch("touchEnd")
    assert float(editor.locator('[name="0.scale"]').input_value()) == pytest.approx(200, abs=5)


def test_a_bad_file_leaves_the_page_as_it_is(pages: Pages, editor: "Page") -> None:
    pages.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    editor.goto(editor.url.partition("?")[0] + f"?uid={TEE}")
    upload(editor, (DESIGNS / "harbor-tee-front.png").read_bytes(), "front.png")
    editor.locator('[name="0.y"]').fill("-30")
    bad: Any = {"name": "back.png", "mimeType": "image/png", "buffer": b"no picture"}
    editor.locator('[name="1.file"]').set_input_files(bad)
    said = editor.locator('[data-part="1"] [role="alert"]:visible')
    said.wait_for()
    assert "back.png is no PDF, PNG, JPEG, TIFF or SVG file." in said.inner_text()
    assert editor.locator('[name="0.y"]').input_value() == "-30"
    editor.evaluate("document.querySelector('form[data-designing]').dataset.most = 1 << 20")
    large: Any = {"name": "large.png", "mimeType": "image/png", "buffer": b"\0" * (2 << 20)}
    editor.locator('[name="1.file"]').set_input_files(large)
    assert "large.png is larger than 1 MB" in editor.locator('[data-part="1"] [role="alert"]:visible').last.inner_text()


def test_it_works_without_a_script(pages: Pages, address: str, chromium: "Browser") -> None:
    pages.add(EMAIL)
    page = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}).new_page()
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(address + place_of(pages).path())
    file: Any = {"name": "view.jpg", "mimeType": "image/jpeg", "buffer": photo(5475, 5475, "JPEG")}
    page.locator('[name="0.file"]').set_input_files(file)
    page.get_by_label("Fit: all of it shows").check()
    page.get_by_role("button", name="Connect").click()
    assert "mm free at the top and bottom" in page.locator(".findings").inner_text()
    if wanted := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(wanted) / "design-no-script-360.png", full_page=True)
    page.get_by_label("Fill", exact=True).check()
    page.get_by_role("button", name="Connect").click()
    assert "Connected:" in page.locator(".notice").first.inner_text()
    assert prints(pages)[0]["designs"]["default"]["placement"]["mode"] == "fill"
    page.context.close()


AREAS = [
    PrintArea("poster", True, 457.2, 609.6, 3.175, 150, ("png",), 6.35),
    PrintArea("mug", True, 228.6, 88.9, 0, 150, ("png",)),
    PrintArea("label", True, 76.2, 76.2, 1.5, 200, ("png",)),
]
FILES = [
    FileFacts("image/png", "png", 5475, 7275),
    FileFacts("image/jpeg", "jpg", 400, 3000),
    FileFacts("application/pdf", "pdf", 463.55, 615.95),
    FileFacts("image/svg+xml", "svg", 105.83, 52.917),
]
PLACES = [
    Placement(mode, scale, x_mm, y_mm, rotate)  # type: ignore[arg-type]
    for mode in ("fit", "fill")
    for scale, x_mm, y_mm in ((1, 0, 0), (0.37, -12.5, 8.25), (4.2, 200, -0.1))
    for rotate in placing.TURNS
]


def test_the_browser_lays_every_design_as_the_server_does(editor: "Page") -> None:
    both = "([file, area, places]) => places.map(one => [designBox(file, area, one), designDpi(file, area, one)])"
    for area in AREAS:
        sizes = {name: getattr(area, name) for name in ("width_mm", "height_mm", "bleed_mm")}
        for file in FILES:
            size = {"width": file.width, "height": file.height}
            told = editor.evaluate(both, [size, sizes, [one.as_json() for one in PLACES]])
            for placed, (box, dpi) in zip(PLACES, told, strict=True):
                assert box == pytest.approx(vars(placing.box(file, area, placed)), abs=1e-9)
                assert dpi == pytest.approx(placing.effective_dpi(file, area, placed), abs=1e-9)


@pytest.mark.parametrize("uid", [TEE, ""])
def test_everybody_can_use_it(pages: Pages, editor: "Page", uid: str) -> None:
    if uid:
        pages.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
        editor.goto(editor.url.partition("?")[0] + f"?uid={uid}")
    name = "design-tee" if uid else "design-poster"
    seen_by_everybody(editor, f"{name}-empty")
    content = (DESIGNS / "harbor-tee-front.png").read_bytes() if uid else photo(3200, 3600, "JPEG")
    upload(editor, content, "harbor-tee-front.png" if uid else "evening-at-the-harbor.jpg")
    if not uid:
        editor.get_by_label("Scale, %").fill("115")
        editor.get_by_label("Move right, mm").fill("18")
    checked(editor)
    if not uid:
        editor.get_by_role("heading", level=1).click()
        places = by_keyboard(editor)
        assert {"Place the design", "Scale, %", "Move right, mm", "Turned", "Turn right", "Connect"} <= set(places)
    seen_by_everybody(editor, name)
    nothing_serious(editor)
    if wanted := os.environ.get("SCREENSHOTS"):
        for width in (360, 1280):
            editor.set_viewport_size({"width": width, "height": 900})
            editor.screenshot(path=Path(wanted) / f"{name}-whole-{width}.png", full_page=True)
