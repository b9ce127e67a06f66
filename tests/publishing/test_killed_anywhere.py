"""Killed at any moment, the same command run again makes one listing, connected."""

import pytest
from sqlalchemy.orm import Session

from orders.killing import Cut, Killed, Reaper
from publishing.conftest import STORE, Shop

CREATE = "POST /product/202309/products"


def add(shop: Shop, title: str, at: int | str = 0) -> list[str]:
    """The places that publishing passed before it ended or, at `at`, was killed."""
    reaper = Reaper(at)
    commit, whole = Session.commit, shop.gcw.transport
    assert whole
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit", lambda session: reaper.around("commit", lambda: commit(session)))
        patch.setattr(shop.gcw, "transport", Cut(whole, reaper))
        words = ("products", "add", STORE, *shop.options(title=title), "--yes", "--no-wait")
        if at:
            with pytest.raises(Killed):
                shop.gcw.run(*words)
        else:
            shop.gcw(*words)
    return reaper.places


def is_whole(shop: Shop, title: str) -> bool:
    """Whether there is one such listing, and all that gcw knows of it is connected."""
    (listing,) = shop.at_tiktok(title)
    variants = shop.variants(title)
    assert {one["sku_id"] for one in variants} == {sku.id for sku in listing.skus}
    return {one["connection"] for one in variants} == {"connected"}


def test_at_every_place(quick: Shop) -> None:
    places = add(quick, "Pier 0")
    assert len(places) > 25
    for number in range(1, len(places) + 1):
        title = f"Pier {number}"
        add(quick, title, number)
        add(quick, title)
        assert is_whole(quick, title), f"killed {places[number - 1]}, number {number} of {len(places)}"


@pytest.mark.parametrize("place", [f"before {CREATE}", f"after {CREATE}"])
def test_around_the_creation_on_either_database(shop: Shop, place: str) -> None:
    add(shop, "Pier", place)
    assert [one["state"] for one in shop.publications()] == ["sending"]
    add(shop, "Pier")
    assert is_whole(shop, "Pier")


def test_a_sync_connects_what_arrived_before_gcw_was_killed(shop: Shop) -> None:
    add(shop, "Pier", f"after {CREATE}")
    said = shop.gcw("products", "sync", STORE).stderr
    assert "Connected: PIER" in said
    assert is_whole(shop, "Pier")
    (row,) = shop.publications()
    assert (row["state"], row["connected"], row["product_id"]) == ("reviewing", True, shop.at_tiktok("Pier")[0].id)


def test_other_words_after_a_kill_make_no_second_listing(quick: Shop) -> None:
    """What is on its way comes first: it becomes what is wanted now."""
    add(quick, "Pier", f"after {CREATE}")
    quick.add(title="Pier at Night", reference="PIER")
    (listing,) = quick.at_tiktok("Pier at Night")
    assert quick.at_tiktok("Pier") == []
    assert listing.status == "ACTIVATE"
    assert is_whole(quick, "Pier at Night")
