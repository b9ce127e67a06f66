"""The decision of a sync, for any two sides."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.tiktok.listed import Variant as RemoteVariant
from gcw_tiktok.workflow.listings.comparing import (
    Changes,
    KnownVariant,
    RemoteListing,
    compare,
)

Known = dict[str, dict[str, KnownVariant]]

options = st.fixed_dictionaries({"Size": st.sampled_from(["S", "M", "L"])}) | st.just({})
sku_ids = st.sampled_from([str(number) for number in range(1, 9)])
prices = st.none() | st.sampled_from([Decimal("1.50"), Decimal("20")])


@st.composite
def remote_listings(draw: st.DrawFn) -> list[RemoteListing]:
    found = []
    for product_id in draw(st.sets(st.sampled_from("ABCD"))):
        ids = draw(st.sets(sku_ids.map(lambda sku, product=product_id: product + sku), max_size=5))
        variants = tuple(
            RemoteVariant(sku, draw(st.sampled_from(["", "X", "Y"])), draw(options), draw(prices), "USD")
            for sku in sorted(ids)
        )
        found.append(RemoteListing(product_id, "title", "ACTIVATE", 1, variants))
    return found


@st.composite
def known_listings(draw: st.DrawFn) -> Known:
    known: Known = {}
    for product_id in draw(st.sets(st.sampled_from("ABCD"))):
        ids = draw(st.sets(sku_ids.map(lambda sku, product=product_id: product + sku), max_size=5))
        known[product_id] = {
            sku: KnownVariant(
                sku, draw(st.sampled_from(["", "X"])), draw(options), draw(prices), "USD", draw(st.booleans())
            )
            for sku in sorted(ids)
        }
    return known


def applied(known: Known, changes: Changes) -> Known:
    """What the changes make of what is known, by their meaning alone."""
    after = {product_id: dict(variants) for product_id, variants in known.items()}
    for product_id in changes.gone:
        for sku, one in after[product_id].items():
            after[product_id][sku] = _ended(one)
    for listing in changes.listings:
        assert listing.variants is not None
        mine = after.setdefault(listing.product_id, {})
        present = {one.sku_id: one for one in listing.variants}
        for sku, known_one in mine.items():
            if sku not in present:
                mine[sku] = _ended(known_one)
        for sku, one in present.items():
            mine[sku] = KnownVariant(sku, one.seller_sku, one.options, one.price, one.currency, False)
    return after


def _ended(one: KnownVariant) -> KnownVariant:
    return KnownVariant(one.sku_id, one.seller_sku, one.options, one.price, one.currency, True)


def living(known: Known) -> dict[tuple[str, str], KnownVariant]:
    return {
        (product_id, sku): one
        for product_id, variants in known.items()
        for sku, one in variants.items()
        if not one.gone
    }


@given(remote_listings(), known_listings())
def test_applying_the_changes_gives_the_far_side(remote: list[RemoteListing], known: Known) -> None:
    after = applied(known, compare(remote, known))
    assert living(after) == {
        (listing.product_id, one.sku_id): KnownVariant(
            one.sku_id, one.seller_sku, one.options, one.price, one.currency, False
        )
        for listing in remote
        for one in listing.variants or ()
    }


@given(remote_listings(), known_listings())
def test_nothing_that_is_known_disappears(remote: list[RemoteListing], known: Known) -> None:
    """A connection hangs on its variant, so a variant is ended and never removed."""
    after = applied(known, compare(remote, known))
    for product_id, variants in known.items():
        assert set(variants) <= set(after[product_id])


@given(remote_listings(), known_listings())
def test_the_report_is_the_difference(remote: list[RemoteListing], known: Known) -> None:
    changes = compare(remote, known)
    before, after = living(known), living(applied(known, changes))
    told: dict[str, set[tuple[str, str]]] = {"new": set(), "changed": set(), "gone": set(), "re-keyed": set()}
    left = set()
    for one in changes.variants:
        assert (one.product_id, one.sku_id) not in told[one.kind]
        told[one.kind].add((one.product_id, one.sku_id))
        if one.was:
            left.add((one.product_id, one.was))
    assert told["gone"] | left == set(before) - set(after)
    assert not told["gone"] & left
    appeared = set(after) - set(before)
    returned = {(product, sku) for product, sku in appeared if sku in known.get(product, {})}
    assert told["new"] | told["re-keyed"] == appeared - returned
    differing = {place for place in set(before) & set(after) if before[place] != after[place]}
    assert told["changed"] == returned | differing


@given(remote_listings(), known_listings())
def test_re_keyed_means_the_same_options(remote: list[RemoteListing], known: Known) -> None:
    far = {one.sku_id: one for listing in remote for one in listing.variants or ()}
    taken = set()
    for change in compare(remote, known).variants:
        assert bool(change.was) == (change.kind == "re-keyed")
        if change.was:
            old = known[change.product_id][change.was]
            assert dict(old.options) == dict(far[change.sku_id].options) != {}
            assert not old.gone
            assert change.was not in far
            assert change.was not in taken
            taken.add(change.was)


@given(remote_listings(), known_listings())
def test_doing_it_again_changes_nothing(remote: list[RemoteListing], known: Known) -> None:
    again = compare(remote, applied(known, compare(remote, known)))
    assert again.variants == []


@given(remote_listings())
def test_what_was_not_read_again_stays(remote: list[RemoteListing]) -> None:
    known = applied({}, compare(remote, {}))
    unread = [RemoteListing(one.product_id, one.title, one.status, 1, None) for one in remote]
    changes = compare(unread, known)
    assert (changes.variants, changes.listings, changes.gone) == ([], [], [])
    assert changes.unchanged == len(remote)


def test_two_that_could_be_meant_are_not_guessed_at() -> None:
    old = {"1": KnownVariant("1", "", {"Size": "S"}, None, "USD", False)}
    twins = tuple(RemoteVariant(sku, "", {"Size": "S"}, None, "USD") for sku in ("2", "3"))
    kinds = [one.kind for one in compare([RemoteListing("A", "", "ACTIVATE", 1, twins)], {"A": old}).variants]
    assert kinds == ["new", "new", "gone"]
