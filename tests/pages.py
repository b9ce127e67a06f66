"""What a page must be for everybody: on a phone and on a desk, in light and in dark, by keyboard alone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
HEIGHT = 740
ENOUGH = 4.5
"""WCAG AA: how much lighter or darker than what is behind it a text must be."""

# The contrast of every text with what is behind it; large text may do with less, which no page here makes use of.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parts = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b].map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = parts(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const said = [...document.querySelectorAll("body *")].filter(each =>
    [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) && each.checkVisibility());
  return said.map(each => {
    const [a, b] = [light(parts(getComputedStyle(each).color)), light(behind(each))].sort((x, y) => y - x);
    return [each.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
  });
}"""
# Where the keyboard is: whether that is shown, can be seen, and is not covered by something else.
FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const top = document.elementFromPoint(x, y);
  return {
    what: at === document.body ? "" : (at.labels?.[0] ?? at).innerText.trim().split("\\n")[0],
    shown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: !!top && (at.contains(top) || top.contains(at)),
  };
}"""


def seen_by_everybody(page: "Page", name: str) -> None:
    """Looks at a page in every way, and takes pictures where somebody wants to look.

    `SCREENSHOTS=/tmp/pages pytest tests/connecting/test_in_chromium.py`
    """
    size = page.viewport_size
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        _picture(page, f"{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        pale = [each for each in page.evaluate(CONTRASTS) if each[1] < ENOUGH]
        assert pale == [], (name, scheme)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    if size:
        page.set_viewport_size(size)


def by_keyboard(page: "Page") -> list[str]:
    """What the tab key leads to, in its order; each is shown and can be seen."""
    places = []
    while True:
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUS)
        if not place["what"] or place["what"] in places:
            return places
        assert place["shown"], place
        assert place["seen"], place
        places.append(place["what"])


def _picture(page: "Page", name: str) -> None:
    if wanted := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(wanted) / f"{name}.png", full_page=True)


def chromium_page(browser: "Browser", width: int = LOOKS[0][0]) -> Iterator["Page"]:
    """A page whose every error counts."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    yield page
    page.close()
    assert errors == []


CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip


def chromium_browser() -> Iterator["Browser"]:
    """Debian's Chromium, or a reason to skip."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


def nothing_serious(page: "Page") -> None:
    """What axe finds on a page that shuts somebody out: nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
