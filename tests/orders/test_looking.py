"""A recipient is shown where somebody asks for it, and nowhere else."""

from orders.shop import Shop

MESSAGE = "Ring twice, please"


def test_a_recipient_is_shown_only_when_asked_for_and_that_is_written_down(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(buyer_message=MESSAGE)
    shown = shop.gcw("orders", "show", order_id, "--with-recipient", "--json").json
    assert shown["message"] == MESSAGE
    assert shown["address"]["postCode"]
    assert shown["history"][-1]["what"] == "recipient looked at"
    assert shown["history"][-1]["who"]
    words = [*filter(lambda word: len(word) > 3, shown["address"].values()), MESSAGE]
    in_words = shop.gcw("orders", "show", order_id, "--with-recipient").stdout
    assert all(word in in_words for word in words)
    quiet = [shop.gcw("orders", "show", order_id), shop.gcw("orders", "show", order_id, "--json")]
    quiet += [shop.gcw("orders", "list", "--json"), shop.gcw("--verbose", "orders", "pull")]
    for ran in quiet:
        assert not [word for word in words if word in ran.stdout + ran.stderr]
    assert shop.history(order_id).count("recipient looked at") == 2


def test_a_recipient_that_is_not_known_is_empty(shop: Shop) -> None:
    order_id = shop.sandbox.order("POSTER-HARBOR-18X24-MATTE")
    shop.gcw("orders", "pull")
    shown = shop.gcw("orders", "show", order_id, "--with-recipient", "--json").json
    assert shown["address"] == {}
    shop.gcw.fails(4, "orders", "show", "1", "--with-recipient")


def test_what_has_left_is_listed_after_what_is_still_to_be_made(either_shop: Shop) -> None:
    shop = either_shop
    left = shop.released()
    shop.gcw(*shop.ship(left))
    shop.advance(3600)
    waits, later = shop.ready(), shop.ready()
    listed = [one["order"] for one in shop.gcw("orders", "list", "--json").json]
    assert listed == [waits, later, left]
    assert [one["order"] for one in shop.gcw("orders", "list", "--limit", "1", "--json").json] == [waits]
