"""What people upload and never use goes again after a while; what anything uses stays, whenever it began to."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import Gcw
from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import ConnectionDesign, Customer, Design, DesignSource, Job, JobState, Store, Variant
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings import many as connecting
from gcw_tiktok.workflow.publishing import pictures
from gcw_tiktok.workflow.storefronts import sweeping, unused
from portal.designs import DESIGNS, SKU, STORE, UID, file, form_of, photo, place_of, prints
from portal.test_adding import Adding
from portal.visit import Pages, Visitor

PDF = DESIGNS / "harbor-poster-18x24.pdf"
DAY = 86_400
SMALL = {"0.mode": "fit", "0.scale": "40"}
"""Sharp enough to be printed."""


def sweep(pages: Pages, *more: str) -> list[str]:
    """The names of the files that went, or would."""
    return [one["file"] for one in pages.gcw("design", "sweep", *more, "--json").json]


def upload(pages: Pages, visitor: Visitor, content: bytes, name: str, sku: str = SKU) -> dict[str, str]:
    """The form after a file was uploaded and shown."""
    place = place_of(pages, sku)
    visitor.get(place.path())
    visitor.post(place.path(), 200, **form_of(visitor), do="look", **{"0.file": file(content, name)})
    return form_of(visitor)


def later(pages: Pages, days: float) -> None:
    pages.gcw.offset += days * DAY


def folder(pages: Pages) -> set[str]:
    """What lies in the folder of designs."""
    return {one.name for one in pages.portal.designs.iterdir() if one.is_file()}


def whole(pages: Pages) -> None:
    """Each file that a connection prints is there."""
    with pages.portal.database.view() as view:
        for one in view.exec(select(ConnectionDesign)):
            for sha256 in filter(None, (one.sha256, one.print_sha256)):
                assert pinning.path_of(view.get_one(Design, sha256), pages.portal.designs).is_file()


def test_what_nothing_uses_goes_after_a_week(either_pages: Pages) -> None:
    pages = either_pages
    upload(pages, pages.admin(), photo(), "harbor view.png")
    later(pages, 6.9)
    assert sweep(pages) == []
    assert "There was nothing to remove." in pages.gcw("design", "sweep").stderr
    later(pages, 0.2)
    (row,) = pages.gcw("design", "sweep", "--dry-run", "--json").json
    assert (row["file"], row["customer"]) == ("harbor view.png", "Paper Harbor")
    assert f"{row['sha256']}.png" in folder(pages), "so far it was only said"
    assert sweep(pages) == ["harbor view.png"]
    assert folder(pages) == set()
    with pages.portal.database.view() as view:
        assert view.exec(select(Design)).all() == []
    assert sweep(pages) == []


def test_brought_once_more_it_begins_anew(pages: Pages) -> None:
    upload(pages, pages.admin(), photo(), "one.png")
    later(pages, 5)
    upload(pages, pages.visitor().sign_in("ada@harbor.example"), photo(), "two.png")
    later(pages, 5)
    assert sweep(pages) == []
    later(pages, 3)
    assert sweep(pages) == ["two.png"]


def test_what_was_ever_connected_stays(either_pages: Pages) -> None:
    """A former version is what its orders were printed with."""
    pages, admin = either_pages, either_pages.admin()
    place = place_of(pages)
    for shade, name in ((2000, "first.png"), (2100, "second.png")):
        form = upload(pages, admin, photo(shade, 1500), name)
        admin.post(place.path(), do="connect", **form | SMALL)
        pages.done()
    pages.gcw("products", "disconnect", STORE, SKU)
    kept = folder(pages)
    later(pages, 30)
    assert sweep(pages) == []
    assert folder(pages) == kept
    assert len(prints(pages)) == 2
    whole(pages)


def test_only_what_was_uploaded_goes(pages: Pages, tmp_path: Path) -> None:
    """Designs of links and of a terminal are in nobody's way, connected or not."""
    act, database = Act("test", pages.portal.now()), pages.portal.database
    by_link, by_hand, both = (tmp_path / f"{name}.png" for name in ("link", "hand", "both"))
    for number, path in enumerate((by_link, by_hand, both)):
        path.write_bytes(photo(300 + number, 200))
    upload(pages, pages.admin(), both.read_bytes(), "both.png")
    with database.session() as session:
        for path in (by_link, by_hand, both):
            design = pinning.pin(session, str(path), pages.portal.designs, act.now)
            if path is not by_hand:
                address = f"https://files.example.com/{path.name}"
                session.add(DesignSource(address=address, sha256=design.sha256, asked_at=act.now))
    later(pages, 30)
    assert sweep(pages) == []
    assert len(folder(pages)) == 3


def test_a_listing_that_is_being_added_keeps_its_files(pages: Pages) -> None:
    adding = Adding(pages, pages.admin()).begin()
    picture = photo(800, 800)
    adding.design(images=(file(picture, "mine.png")), pictures="own")
    (shown,) = pages.portal.pictures.iterdir()
    assert len(folder(pages)) == 1
    later(pages, 30)
    assert sweep(pages) == []
    adding.visitor.sign_in("ada@harbor.example")
    adding.visitor.get(f"{adding.here}/design")
    adding.visitor.post(f"{adding.here}/discard")
    assert sweep(pages, "--dry-run") == sweep(pages) == ["harbor.pdf", shown.name]
    assert folder(pages) == set()
    assert not shown.exists()


def test_a_picture_that_is_wanted_again_stays(pages: Pages, tmp_path: Path) -> None:
    path = Path(pictures.keep(b"picture", f"{'0' * 64}.png", tmp_path))
    before = int(path.stat().st_mtime) + 1
    pictures.keep(b"picture", path.name, tmp_path)
    assert not pictures.remove(path, before - 1)
    assert path.read_bytes() == b"picture"
    assert pictures.remove(path, before + DAY)
    assert not pictures.remove(path, before + DAY), "another process has"
    assert list(tmp_path.glob("*0.png*")) == []


def test_while_pages_are_at_work_for_a_customer_its_files_stay(pages: Pages) -> None:
    upload(pages, pages.admin(), photo(), "old.png")
    later(pages, 8)
    now = pages.portal.now()
    with pages.portal.database.session() as session:
        job = Job(id="1", kind="connecting 1", customer_id=1, started_by="ada", started_at=now, beat_at=now)
        session.add(job)
    assert sweep(pages) == []
    with pages.portal.database.session() as session:
        session.get_one(Job, "1").state = JobState.DONE
    assert sweep(pages) == ["old.png"]


def test_a_form_that_lay_open_too_long_asks_for_the_file_again(pages: Pages) -> None:
    admin, place = pages.admin(), place_of(pages)
    form = upload(pages, admin, photo(), "old.png")
    later(pages, 8)
    sweep(pages)
    admin = pages.visitor().sign_in("ada@harbor.example")
    admin.get(place.path())
    admin.post(place.path(), 400, **form | {"csrf_token": admin.token}, do="connect")
    assert "The file is not here any more. Upload it again." in admin.text
    assert prints(pages) == []


def test_what_lies_on_another_machine_is_left_to_that_for_a_while(pages: Pages) -> None:
    """Where machines share a database and not their folders."""
    upload(pages, pages.admin(), photo(), "there.png")
    (there,) = pages.portal.designs.glob("*.png")
    there.unlink()
    later(pages, 10)
    assert sweep(pages) == []
    later(pages, 5)
    assert sweep(pages) == ["there.png"], "none of them has it any more"


def held(pages: Pages, *, many: bool = False) -> tuple[Callable[[], None], Callable[[], sweeping.Swept]]:
    """An upload of long ago that somebody has before them still: what connects it, alone or as one of many, and what
    sweeps."""
    admin, place = pages.admin(), place_of(pages)
    upload(pages, admin, photo(), "old.png")
    later(pages, 8)
    with pages.portal.database.view() as view:
        design = view.exec(select(Design)).one()
        stored = pinning.kept(design, pages.portal.designs)
        store, variant = view.get_one(Store, place.store_id), view.get_one(Variant, place.variant_id)
    assert stored
    one = connections.Pinned("default", stored.sha256, pinning.address_of(stored, "old.png"), stored)

    def connect() -> None:
        act = Act("ada", pages.portal.now())
        with pages.portal.database.session() as session:
            if many:
                connecting.connect_many(session, act, store, {variant.sku_id: (UID, [one])})
            else:
                connections.connect(session, act, store, variant, UID, [one])

    def clean() -> sweeping.Swept:
        portal = pages.portal
        return sweeping.sweep(portal.database, portal.designs, portal.pictures, Act("gcw", portal.now()), dry_run=False)

    return connect, clean


def test_a_sweep_leaves_alone_what_is_being_connected(either_pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connecting transaction has the file, and is not over yet."""
    connect, clean = held(either_pages)
    has_it, swept, record = threading.Event(), threading.Event(), pinning.record

    def slowly(*given: Any) -> Design:
        found = record(*given)
        has_it.set()
        swept.wait(2)  # SQLite's other writer waits for this one to end
        return found

    monkeypatch.setattr(pinning, "record", slowly)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(connect)
        assert has_it.wait(30)
        assert clean().designs == []
        swept.set()
        first.result(30)
    assert len(prints(either_pages)) == 1
    whole(either_pages)


def test_what_was_connected_after_a_first_look_stays(either_pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at once more when nobody else can refer to it any longer."""
    connect, clean = held(either_pages)
    look, looks = sweeping._old, []

    def then_connected(*given: Any) -> list[unused.Upload]:
        looks.append(look(*given))
        if len(looks) == 1:
            connect()
        return looks[-1]

    monkeypatch.setattr(sweeping, "_old", then_connected)
    assert clean().designs == []
    assert [len(found) for found in looks] == [1, 0]
    whole(either_pages)


@pytest.mark.parametrize("many", [False, True])
def test_what_a_sweep_has_in_hand_cannot_be_connected(
    either_pages: Pages, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    """Row and file are gone, and the sweep's transaction is not over yet."""
    connect, clean = held(either_pages, many=many)
    gone, tried, remove = threading.Event(), threading.Event(), sweeping._remove

    def slowly(*given: Any) -> None:
        remove(*given)
        gone.set()
        tried.wait(1)  # the other waits for this transaction to end

    monkeypatch.setattr(sweeping, "_remove", slowly)
    with ThreadPoolExecutor(1) as other:
        cleaning = other.submit(clean)
        assert gone.wait(30)
        with pytest.raises(BadInput, match="not here any more"):
            connect()
        tried.set()
        assert [one.name for one in cleaning.result(30).designs] == ["old.png"]
    assert prints(either_pages) == []
    with either_pages.portal.database.view() as view:
        assert view.exec(select(Design)).all() == []


@pytest.mark.parametrize("many", [False, True])
def test_sweeping_and_connecting_at_once_never_lose_a_file(either_pages: Pages, many: bool) -> None:
    """Whoever is first: either it is connected and there, or it is gone and said so."""
    connect, clean = held(either_pages, many=many)
    start = threading.Barrier(3)

    def at_once(work: Callable[[], Any]) -> None:
        start.wait(30)
        with suppress(BadInput):
            work()

    with ThreadPoolExecutor(3) as crew:
        for done in [crew.submit(at_once, one) for one in (connect, clean, clean)]:
            done.result(60)
    whole(either_pages)
    assert len(prints(either_pages)) == len(folder(either_pages))


def test_a_file_that_cannot_be_removed_is_told_and_kept_in_mind(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(pages, pages.admin(), photo(), "old.png")
    later(pages, 8)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _refused)
        ran = pages.gcw.fails(7, "design", "sweep", "--json")
    assert "cannot be removed: not permitted" in ran.stderr
    assert sweep(pages) == ["old.png"]


def _refused(*_: Any, **__: Any) -> None:
    raise PermissionError(1, "not permitted")


def test_a_customer_may_have_only_so_much_lying_unused(either_pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    pages, admin, place = either_pages, either_pages.admin(), place_of(either_pages)
    form = upload(pages, admin, photo(), "first.png")
    monkeypatch.setattr(unused, "MOST_BYTES", 1)
    admin.get(place.path())
    admin.post(place.path(), 400, **form_of(admin), do="look", **{"0.file": file(photo(500, 400), "second.png")})
    assert "of uploaded files lie here that nothing uses; no more fit." in admin.text
    assert "goes by itself 7 days after" in admin.text
    assert len(folder(pages)) == 1
    adding = Adding(pages, admin).begin()
    adding.design(status=400)
    assert "no more fit" in admin.text
    admin.get(place.path())
    admin.post(place.path(), do="connect", **form | SMALL | {"csrf_token": admin.token})
    pages.done()
    adding.design()  # what is connected takes no room
    upload(pages, admin, photo(500, 400), "second.png")  # nor does what a listing is to be made of
    assert len(prints(pages)) == 1


def test_another_customers_uploads_take_no_room(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(pages, pages.admin(), photo(), "first.png")
    pages.gcw("customer", "add", "Second Press", "--storefronts")
    monkeypatch.setattr(unused, "MOST_BYTES", 1)
    with pages.portal.database.view() as view:
        mine, other = (one.id or 0 for one in view.exec(select(Customer).order_by(col(Customer.id))))
        unused.must_have_room(view, other)
        with pytest.raises(BadInput, match="no more fit"):
            unused.must_have_room(view, mine)


def test_what_somebody_may_have_in_hand_is_not_asked_for(gcw: Gcw) -> None:
    assert "1d or more" in gcw.fails(2, "design", "sweep", "--older-than", "23h", "--json").error["hint"]
