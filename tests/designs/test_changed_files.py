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


@pytest.fixture(autouse=True)
def _both_databases(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)


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


GLOSSY = "POSTER-HARBOR-18X24-GLOSSY"
GLOSSY_UID = UID.replace("matte", "glossy")


class TestRechecking:
    def test_every_address_that_is_printed_from_is_asked(self, connected: Gcw, host: FileHost, url: str) -> None:
        other = host.address("/other.jpg")
        host.files["/other.jpg"] = poster("green")
        connected("products", "connect", STORE, SKU, UID, "--design", url)
        connected("products", "connect", STORE, GLOSSY, GLOSSY_UID, "--design", other)
        told = connected("design", "recheck", "--json").json
        assert {(one["address"], one["status"], one["variants"]) for one in told} == {
            (url, "unchanged", 1), (other, "unchanged", 1)
        }  # fmt: skip
        assert host.asked["/poster.jpg", 304] == 1
        assert connected("design", "recheck").stdout == "", "a table for people has what is not as it was"
        host.files["/poster.jpg"] = poster("blue")
        del host.files["/other.jpg"]
        before = designs(connected)
        ran = connected.fails(8, "design", "recheck", STORE, "--json")
        assert {one["address"]: one["status"] for one in ran.json} == {url: "changed", other: "gone"}
        assert "1 give another file than is printed, 1 none" in ran.error["message"]
        assert "gcw design accept" in ran.error["hint"]
        assert designs(connected) == before, "nothing that is printed changes"
        assert "changed,1,20" in connected.fails(8, "design", "recheck", "--csv").stdout
        del host.files["/poster.jpg"]
        since = next(one["since"] for one in ran.json if one["address"] == url)
        assert since

    def test_a_host_that_is_down_is_no_finding(self, connected: Gcw, host: FileHost, url: str) -> None:
        connected("products", "connect", STORE, SKU, UID, "--design", url)
        host.down = True
        ran = connected.fails(6, "design", "recheck", "--json")
        assert [one["status"] for one in ran.json] == ["unreachable"]
        assert connected.sleeps[-2:] == [1.0, 4.0]

    def test_where_nothing_is_printed_from_the_net_it_says_so(self, connected: Gcw) -> None:
        assert connected("design", "recheck", "--json").json == []
        assert "Nothing is printed from an address" in connected("design", "recheck").stderr


class TestAccepting:
    @pytest.fixture
    def changed(self, connected: Gcw, host: FileHost, url: str) -> Gcw:
        """Two variants print from an address whose file is another one since, and that was noticed."""
        connected("products", "connect", STORE, SKU, UID, "--design", url)
        connected("products", "connect", STORE, GLOSSY, GLOSSY_UID, "--design", url)
        host.files["/poster.jpg"] = poster("blue")
        connected.fails(8, "design", "recheck")
        return connected

    def test_everything_moves_in_one_step(self, changed: Gcw, url: str) -> None:
        [former] = designs(changed)
        dry = changed("design", "accept", url, "--dry-run", "--json").json
        assert [one["version"] for one in dry["variants"]] == [2, 2]
        assert designs(changed) == [former]
        done = changed("design", "accept", url[:-5], "--json").json
        assert done["variants"] == dry["variants"]
        for sku in (SKU, GLOSSY):
            assert designs(changed, sku) == [done["sha256"], former]
        assert "give the files that are printed" in changed("design", "recheck").stderr
        assert changed("design", "accept", url, "--json").json["variants"] == []
        changed("products", "connect", STORE, SKU, UID, "--design", url)

    def test_the_file_that_was_looked_at_is_taken_though_there_is_another_since(
        self, changed: Gcw, host: FileHost, url: str
    ) -> None:
        asked = sum(host.asked.values())
        host.files["/poster.jpg"] = poster("yellow")
        changed("design", "accept", url)
        assert sum(host.asked.values()) == asked
        changed.fails(8, "design", "recheck")

    def test_a_file_that_does_not_fit_moves_nothing(self, connected: Gcw, host: FileHost, url: str) -> None:
        connected("products", "connect", STORE, SKU, UID, "--design", url)
        host.files["/poster.jpg"] = poster("blue", 280, 372)
        connected.fails(8, "design", "recheck")
        [former] = designs(connected)
        for dry in ([], ["--dry-run"]):
            assert "Too coarse" in connected.fails(4, "design", "accept", url, "--json", *dry).error["message"]
        assert designs(connected) == [former]

    def test_an_address_that_nothing_is_printed_from_is_unknown(self, changed: Gcw, url: str) -> None:
        assert changed.fails(4, "design", "accept", "https://example.com/x", "--json").error["code"] == "unknown_name"

    def test_a_variant_that_was_accepted_alone_does_not_hide_the_others(self, changed: Gcw, url: str) -> None:
        changed("products", "connect", STORE, SKU, UID, "--design", url, "--accept-changed")
        ran = changed.fails(8, "design", "recheck", "--json")
        assert [(one["status"], one["variants"]) for one in ran.json] == [("changed", 1)]
        assert len(changed("design", "accept", url, "--json").json["variants"]) == 1

    def test_what_was_placed_stays_placed_and_is_made_print_ready_anew(
        self, connected: Gcw, host: FileHost, url: str
    ) -> None:
        connected("products", "connect", STORE, SKU, UID, "--design", url, "--place", "fit")
        host.files["/poster.jpg"] = poster("blue")
        connected.fails(8, "design", "recheck")
        connected("design", "accept", url)
        new, old = connected("products", "show", STORE, SKU, "--json").json["versions"]
        (now,), (before,) = new["designs"].values(), old["designs"].values()
        assert now["placement"] == before["placement"]
        assert now["placement"]
        assert now["sha256"] != before["sha256"]
        assert now["print_sha256"] != before["print_sha256"]
        assert now["print_sha256"]
