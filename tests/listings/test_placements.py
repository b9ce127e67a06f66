"""`gcw design place` and `gcw design preview`: where designs lie, in versions, and what that looks like."""

import io
import json
import os
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from conftest import EXAMPLES, Gcw, Sandbox, configured, set_up
from gcw_tiktok.workflow.designs import printing
from listings.conftest import CONNECT, DESIGNS, POSTER, SKU, STORE, UID

TEE = "t-shirt_size_m_color_navy_fit_unisex"
MUG = "mug_size_11-oz_color_white"
SHIRT, WRAP = DESIGNS / "harbor-tee-front.png", DESIGNS / "harbor-mug-wrap.jpg"


@pytest.fixture
def poster(connected: Gcw) -> Gcw:
    connected(*map(str, CONNECT))
    return connected


@pytest.fixture
def goods(connected: Gcw) -> Gcw:
    for name in ("apparel", "drinkware"):
        connected("catalog", "import", str(EXAMPLES / f"{name}.yaml"))
    return connected


def place(gcw: Gcw, *words: str, sku: str = SKU) -> dict[str, Any]:
    found: dict[str, Any] = gcw("design", "place", STORE, sku, *words, "--json").json
    return found


def versions(gcw: Gcw, sku: str = SKU) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gcw("products", "show", STORE, sku, "--json").json["versions"]
    return found


def designs(home: Path) -> Path:
    return home / "profiles" / "default" / "designs"


def test_placing_makes_a_version_with_a_print_ready_file(poster: Gcw, home: Path) -> None:
    made = place(poster, "--scale", "1.2", "--x", "-5", "--y", "3", "--rotate", "180")
    assert made["placement"] == {"mode": "fill", "scale": 1.2, "x_mm": -5.0, "y_mm": 3.0, "rotate": 180}
    assert (made["version"], made["before"], made["dry_run"]) == (2, None, False)
    now, first = versions(poster)
    assert first["designs"]["default"]["print_sha256"] is None
    assert now["designs"]["default"]["sha256"] == first["designs"]["default"]["sha256"]
    assert now["designs"]["default"]["placement"] == made["placement"]
    ready = designs(home) / f"{now['designs']['default']['print_sha256']}.pdf"
    assert stat.S_IMODE(ready.stat().st_mode) == 0o600
    with pikepdf.open(ready) as pdf:
        width, height = (float(one) / 72 * 25.4 for one in list(pdf.pages[0].mediabox)[2:])
        assert (round(width, 2), round(height, 2)) == (463.55, 615.95)
    shown = poster("products", "show", STORE, SKU)
    assert "fill, 120 %, turned 180 degrees, 5 mm left, 3 mm down" in shown.stdout


def test_what_is_not_given_stays_and_the_same_again_is_no_version(poster: Gcw) -> None:
    place(poster, "--scale", "1.2")
    assert place(poster, "--x", "4")["placement"]["scale"] == 1.2
    assert place(poster, "--fit")["placement"] == {"mode": "fit", "scale": 1.2, "x_mm": 4.0, "y_mm": 0.0, "rotate": 0}
    assert place(poster)["version"] == place(poster, "--fit")["version"] == 4
    assert "nothing was changed" in poster("design", "place", STORE, SKU).stderr
    assert place(poster, "--reset", "--rotate", "180")["placement"] == {
        "mode": "fill", "scale": 1.0, "x_mm": 0.0, "y_mm": 0.0, "rotate": 180,
    }  # fmt: skip
    back = place(poster, "--reset")
    assert (back["version"], back["placement"]) == (6, None)
    assert versions(poster)[0]["designs"] == versions(poster)[5]["designs"]


def test_dry_run_changes_nothing(poster: Gcw, home: Path) -> None:
    before, files = versions(poster), sorted(designs(home).rglob("*"))
    ran = poster("design", "place", STORE, SKU, "--scale", "0.5", "--dry-run", "--json")
    assert (ran.json["dry_run"], ran.json["version"], ran.json["placement"]["scale"]) == (True, None, 0.5)
    assert "leaves up to" in ran.stderr
    assert "Nothing was stored" in ran.stderr
    assert (versions(poster), sorted(designs(home).rglob("*"))) == (before, files)


def test_a_picture_scaled_until_it_is_too_coarse_is_refused(goods: Gcw) -> None:
    goods("products", "connect", STORE, SKU, MUG, "--design", str(WRAP))
    made = place(goods, "--fill", "--scale", "1.5")
    assert (made["dpi_before"], made["dpi"]) == (300.0, 200.0)
    verdicts = {one["check"]: one["verdict"] for one in made["checks"]}
    assert (verdicts["shape"], verdicts["dpi"]) == ("warn", "warn")
    refused = goods.fails(4, "design", "place", STORE, SKU, "--scale", "2.5", "--json")
    assert refused.error["code"] == "design_unfit"
    assert "Too coarse to print: 120 dpi" in refused.error["message"]
    assert len(versions(goods)) == 2


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("--fit", "--fill"), 2, "exclude each other"),
    (("--rotate", "45"), 4, "cannot be turned by 45 degrees"),
    (("--scale", "0"), 4, "cannot be scaled by 0"),
    (("--scale", "nan"), 4, "cannot be scaled by nan"),
    (("--x", "inf"), 4, "far outside"),
    (("--x", "470"), 4, "nothing would be printed"),
    (("back",), 4, "There is no design on back"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "sentence"), REFUSED)
def test_refused(poster: Gcw, words: tuple[str, ...], code: int, sentence: str) -> None:
    before = versions(poster)
    assert sentence in poster.fails(code, "design", "place", STORE, SKU, *words, "--json").error["message"]
    assert versions(poster) == before


def test_what_is_not_connected_or_takes_no_design_cannot_be_placed(goods: Gcw) -> None:
    refused = goods.fails(4, "design", "place", STORE, SKU, "--json").error
    assert "is not connected" in refused["message"]
    assert "gcw products connect" in refused["hint"]
    box = goods("catalog", "uids", "Gift Box", "--json").json[0]["uid"]
    goods("products", "connect", STORE, SKU, box)
    assert "comes from stock" in goods.fails(4, "design", "place", STORE, SKU, "--json").error["message"]


def test_of_several_areas_one_is_named_and_the_others_stay(goods: Gcw) -> None:
    goods("products", "connect", STORE, SKU, TEE, "--design", str(SHIRT), "--design", f"back={SHIRT}")
    assert "Name one after the SKU" in goods.fails(4, "design", "place", STORE, SKU, "--json").error["hint"]
    assert place(goods, "back", "--scale", "0.4")["area"] == "back"
    now, before = versions(goods)
    assert now["designs"]["front"] == before["designs"]["front"]
    assert now["designs"]["back"]["print_sha256"]


def test_a_design_of_another_shape_is_connected_where_it_is_placed(connected: Gcw, tmp_path: Path) -> None:
    square = tmp_path / "square.png"
    Image.new("RGB", (4000, 4000), "teal").save(square)
    connect = ("products", "connect", STORE, SKU, UID, "--design", str(square))
    assert "has another shape" in connected.fails(4, *connect, "--json").error["message"]
    ran = connected(*connect, "--place", "fill", "--json")
    assert "cut off at the left and right" in ran.stderr
    assert ran.json["placed"] == {"default": "fill"}
    (one,) = versions(connected)
    assert one["designs"]["default"]["print_sha256"]
    ran = connected(*connect, "--place", "default=fit")
    assert "free at the top and bottom" in ran.stderr
    assert "no print area back" in connected.fails(4, *connect, "--place", "back=fit").stderr
    assert "Use fit or fill" in connected.fails(4, *connect, "--place", "default=middle").stderr
    connected.fails(2, "products", "connect", STORE, SKU, "--like", SKU, "--place", "fit")


def test_the_same_design_placed_the_same_way_is_made_once(poster: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "POSTER-HARBOR-18X24-GLOSSY"
    made: list[object] = []
    compose = printing.compose
    monkeypatch.setattr(printing, "compose", lambda *given: made.append(given) or compose(*given))
    place(poster, "--scale", "1.1")
    poster("products", "connect", STORE, other, UID, "--design", str(POSTER))
    place(poster, "--scale", "1.1", sku=other)
    assert len(made) == 1
    first, second = (versions(poster, sku)[0]["designs"]["default"]["print_sha256"] for sku in (SKU, other))
    assert first == second


def test_like_takes_the_placement_along(poster: Gcw) -> None:
    place(poster, "--scale", "1.1")
    other = "POSTER-HARBOR-18X24-GLOSSY"
    poster("products", "connect", STORE, other, "--like", SKU)
    assert versions(poster, other)[0]["designs"] == versions(poster)[0]["designs"]


def test_the_history_tells_who_placed_what(poster: Gcw, home: Path) -> None:
    place(poster, "--scale", "1.1")
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.workflow import history

    runtime = Runtime()
    with runtime.database.view() as session:
        (sku_id,) = {one["sku_id"] for one in poster("products", "list", STORE, "--json").json if one["version"]}
        told = [event.why for event in history.of(session, f"sku:{sku_id}")]
    runtime.close()
    assert told[-1] == "default placed: fill, 110 %"


def preview(gcw: Gcw, tmp_path: Path, *words: str) -> Image.Image:
    into = tmp_path / "preview.png"
    told = gcw("design", "preview", *words, "-o", str(into), "--json").json
    assert told["file"] == str(into)
    assert stat.S_IMODE(into.stat().st_mode) == 0o600
    with Image.open(into) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGB")


def test_a_connected_design_as_it_will_be_printed(poster: Gcw, tmp_path: Path) -> None:
    shown = preview(poster, tmp_path, STORE, SKU, "--width", "600")
    assert shown.width == 600
    left, top = 24, 24  # the margin
    assert shown.getpixel((left + 276, top + 300)) == (255, 241, 201)  # the sun
    assert shown.getpixel((left, top + 300)) == (220, 38, 38)  # the edge of the bleed
    assert shown.getpixel((5, 5)) == (243, 244, 246)
    place(poster, "--rotate", "180", "--scale", "0.5")
    turned = preview(poster, tmp_path, STORE, SKU, "--width", "600")
    assert turned.getpixel((left + 276, top + 20)) == (255, 255, 255)  # paper
    assert turned.getpixel((left + 276, top + 430)) == (255, 241, 201)
    tried = preview(poster, tmp_path, STORE, SKU, "--width", "600", "--scale", "1", "--rotate", "0")
    assert tried.tobytes() != turned.tobytes()
    assert len(versions(poster)) == 2, "looking changes nothing"


@pytest.mark.parametrize(("uid", "file", "ground"), [(TEE, SHIRT, (0, 0, 128)), (MUG, WRAP, None)])
def test_a_file_that_is_not_connected_yet(
    goods: Gcw, tmp_path: Path, uid: str, file: Path, ground: tuple[int, int, int] | None
) -> None:
    shown = preview(goods, tmp_path, str(file), "--product", uid, "--width", "400")
    if ground:
        assert shown.getpixel((30, 30)) == ground
    assert not list((tmp_path / "home").rglob("designs/*")), "a file that is only looked at is not kept"


def test_an_unknown_colour_is_shown_on_checks(goods: Gcw, tmp_path: Path) -> None:
    (tmp_path / "bag.yaml").write_text(
        "models:\n  - {name: Bag, print_areas: [{name: front, required: true, formats: [png], min_dpi: 50, "
        "width_mm: 381, height_mm: 457.2}]}\nproducts:\n  - {name: Bag, model: Bag, customers: all}\n"
    )
    goods("catalog", "import", str(tmp_path / "bag.yaml"))
    uid = goods("catalog", "uids", "Bag", "--json").json[0]["uid"]
    shown = preview(goods, tmp_path, str(SHIRT), "--product", uid, "--width", "600")
    corner = {shown.getpixel((x, 40)) for x in range(30, 80)}
    assert corner == {(238, 240, 243), (203, 208, 216)}


def test_a_picture_goes_into_a_pipe(goods: Gcw, home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "gcw_tiktok", "design", "preview", str(WRAP), "--product", MUG, "-o", "-"],
        capture_output=True,
        timeout=60,
        env=dict(os.environ),
    )
    assert ran.returncode == 0, ran.stderr
    with Image.open(io.BytesIO(ran.stdout)) as picture:
        assert picture.width == 1200


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(gcw: Gcw, *words: str) -> str:
    from gcw_tiktok.cli import command
    from gcw_tiktok.runtime import Runtime

    shown = Terminal()
    with redirect_stdout(shown), redirect_stderr(shown), pytest.raises(SystemExit):
        command(Runtime(transport=gcw.transport)).main(list(words))
    return shown.getvalue()


def test_in_a_terminal_it_is_shown_there(goods: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLUMNS": "60", "LINES": "40", "TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    words = ("design", "preview", str(WRAP), "--product", MUG)
    rows = [row for row in at_a_terminal(goods, *words).splitlines() if "\N{UPPER HALF BLOCK}" in row]
    assert {row.count("\N{UPPER HALF BLOCK}") for row in rows} == {60}
    assert len(rows) == 12  # 60 columns of 228.6 x 88.9 mm, two pixels in a character
    assert "48;2;" in rows[3]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "Add -o FILE.png" in at_a_terminal(goods, *words)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((STORE, SKU), 2, "needs a terminal"),
        ((STORE, "-o", "x.png"), 2, "Name a store and a SKU"),
        ((STORE, SKU, "--product", UID, "-o", "x.png"), 2, "Name a store and a SKU"),
        ((STORE, SKU, "-o", "-"), 2, "cannot both go to stdout"),
        ((STORE, SKU, "-o", "/nowhere/at/all/x.png"), 4, "cannot be written"),
        (("nothing.pdf", "--product", UID, "-o", "x.png"), 4, "does not exist"),
        ((str(POSTER), "--product", UID, "--area", "back", "-o", "x.png"), 4, "no print area back"),
        ((str(POSTER), "--product", "no-such-uid", "-o", "x.png"), 4, "There is no product UID"),
    ],
)
def test_no_preview(poster: Gcw, words: tuple[str, ...], code: int, sentence: str) -> None:
    ran = poster.fails(code, "design", "preview", *words, "--json")
    assert sentence in json.loads(ran.stderr.strip().splitlines()[-1])["error"]["message"]
    assert not Path("x.png").exists()


def test_a_drawing_always_goes_to_production_as_a_print_ready_file(connected: Gcw, home: Path, tmp_path: Path) -> None:
    (tmp_path / "sticker.yaml").write_text(
        "models:\n  - {name: Sticker, print_areas: [{name: front, required: true, formats: [svg, pdf], min_dpi: 100, "
        "bleed_mm: 2, width_mm: 60, height_mm: 40}]}\nproducts:\n  - {name: Sticker, model: Sticker, customers: all}\n"
    )
    connected("catalog", "import", str(tmp_path / "sticker.yaml"))
    uid = connected("catalog", "uids", "Sticker", "--json").json[0]["uid"]
    drawing = tmp_path / "sticker.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="64mm" height="44mm" viewBox="0 0 64 44">'
        '<rect width="64" height="44" fill="#d1495b"/></svg>'
    )
    connected("products", "connect", STORE, SKU, uid, "--design", str(drawing))
    (one,) = versions(connected)
    front = one["designs"]["front"]
    assert (front["placement"], front["type"]) == (None, "image/svg+xml")
    with pikepdf.open(designs(home) / f"{front['print_sha256']}.pdf") as pdf:
        image = pdf.pages[0].obj.Resources.XObject.Design
        assert int(image.Width) == 756  # 64 mm at 300 dpi
        assert int(image.Height) == pytest.approx(520, abs=1)
    placed = place(connected, "--scale", "2")
    assert placed["dpi"] is None
    back = place(connected, "--reset")
    assert versions(connected)[0]["designs"]["front"] == front
    assert back["version"] == 3


def test_on_either_database(
    database_url: str, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    gcw = set_up(configured(sandbox), sandbox, tmp_path / "hand-off", monkeypatch)
    gcw(*map(str, CONNECT))
    assert place(gcw, "--scale", "0.9", "--x", "1.5")["version"] == 2
    assert place(gcw, "--scale", "0.9")["version"] == 2
    assert versions(gcw)[0]["designs"]["default"]["placement"]["x_mm"] == 1.5
    assert place(gcw, "--reset")["version"] == 3
