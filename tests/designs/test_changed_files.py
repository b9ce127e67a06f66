"""A file that changed at its address is noticed, and printed only when somebody says so."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from conftest import Gcw
from filehost import FileHost, file_host

STORE, SKU = "Paper Harbor", "POSTER-HARBOR-18X24-MATTE"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"


def poster(colour: str, width: int = 2_800, height: int = 3_720) -> bytes:
    into = BytesIO()
    Image.new("RGB", (width, height), colour).save(into, "JPEG", quality=30)
    return into.getvalue()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileHost]:
    monkeypatch.setenv("GCW_PRIVATE_DESIGN_URLS", "true")
    with file_host() as host:
        host.files["/poster.jpg"] = poster("red")
        yield host


@pytest.fixture
def url(host: FileHost) -> str:
    return host.address("/poster.jpg")


def designs(gcw: Gcw, sku: str = SKU) -> list[str]:
    """The hashes that a variant printed, newest version first."""
    versions = gcw("products", "show", STORE, sku, "--json").json["versions"]
    return [file["sha256"] for one in versions for file in one["designs"].values()]


class TestConnecting:
    def test_a_changed_file_is_refused_until_it_is_accepted(self, connected: Gcw, host: FileHost, url: str) -> None:
        connected("products", "connect", STORE, SKU, UID, "--design", url)
        host.files["/poster.jpg"] = poster("blue")
        for dry in ([], ["--dry-run"]):
            ran = connected.fails(4, "products", "connect", STORE, SKU, UID, "--design", url, "--json", *dry)
            assert ran.error["code"] == "design_changed"
            assert "another one since" in ran.error["message"]
            assert "1 variant prints the former" in ran.error["message"]
            assert ran.error["hint"] == "To use the new one: --accept-changed"
        [former] = designs(connected)
        connected("products", "connect", STORE, SKU, UID, "--design", url, "--accept-changed", "--dry-run")
        assert designs(connected) == [former]
        ran = connected("products", "connect", STORE, SKU, UID, "--design", url, "--accept-changed", "--json")
        assert ran.json["version"] == 2
        assert designs(connected)[1] == former != designs(connected)[0]
        assert "nothing was changed" in connected("products", "connect", STORE, SKU, UID, "--design", url).stderr

    def test_the_same_file_is_asked_for_and_not_fetched_again(self, connected: Gcw, host: FileHost, url: str) -> None:
        for _ in range(3):
            connected("products", "connect", STORE, SKU, UID, "--design", url)
        assert host.asked == {("/poster.jpg", 200): 1, ("/poster.jpg", 304): 2}

    def test_a_file_that_did_not_fit_may_be_mended_in_its_place(self, connected: Gcw, host: FileHost, url: str) -> None:
        host.files["/poster.jpg"] = poster("red", 270, 360)
        assert connected.fails(4, "products", "connect", STORE, SKU, UID, "--design", url, "--json").error["code"] == (
            "design_unfit"
        )
        host.files["/poster.jpg"] = poster("red")
        connected("products", "connect", STORE, SKU, UID, "--design", url)

    def test_a_path_is_taken_as_it_is(self, connected: Gcw, tmp_path: Path) -> None:
        path = tmp_path / "poster.jpg"
        for colour in ("red", "blue"):
            path.write_bytes(poster(colour))
            connected("products", "connect", STORE, SKU, UID, "--design", str(path))
        assert len(set(designs(connected))) == 2
