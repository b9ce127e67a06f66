"""Whatever takes a product away from connected variants says so first, and holds their orders when it is done."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from conftest import EXAMPLES, Gcw
from gcw_tiktok.store.tables import Event
from gcw_tiktok.workflow.catalog.withdrawing import Terms
from orders.shop import SKU, STORE, UID, Shop

CATALOG = (EXAMPLES / "wall-art.yaml").read_text()
ANYBODY = "    customers: all\n\n  - name: Framed"
PRINTS = f"Paper Harbor Prints: {SKU} prints {UID}"
CUSTOMER = "Paper Harbor"


def ways(gcw: Gcw) -> dict[str, tuple[list[str], str]]:
    """Each way to take the product away, with what is given to it on stdin."""
    gcw("customer", "add", "Dune & Co")
    return {
        "withdraw": (["product", "withdraw", "Harbor Poster"], ""),
        "disallow": (["product", "disallow", "Harbor Poster", "--all"], ""),
        "only": (["product", "allow", "Harbor Poster", "dune", "--only"], ""),
        "values": (["product", "edit", "Harbor Poster", "--variant", "size=12x16 in,24x36 in"], ""),
        "file": (["import", "-"], CATALOG.replace(ANYBODY, f"    published: false\n{ANYBODY}")),
        "customers": (["import", "-"], CATALOG.replace(ANYBODY, ANYBODY.replace("all", "[Dune & Co]"))),
        "table": (["import", "-", "--format", "csv"], f"uid,product,published\n{UID},Harbor Poster,no\n"),
    }


WAYS = ["withdraw", "disallow", "only", "values", "file", "customers", "table"]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_refused_until_somebody_says_yes_and_then_the_orders_are_held(either_shop: Shop, way: str) -> None:
    shop, gcw = either_shop, either_shop.gcw
    words, stdin = ways(gcw)[way]
    orders = [shop.ready(2), shop.ready()]
    before = gcw("catalog", "export").stdout

    ran = gcw.fails(4, "catalog", *words, "--json", stdin=stdin)
    assert ran.stdout == ""
    assert ran.error["code"] == "in_use"
    assert "This withdraws Harbor Poster from a connected variant" in ran.error["message"]
    assert f"{PRINTS}; 2 orders wait for it" in ran.error["message"]
    assert "gcw products connect" in ran.error["hint"]
    assert "--yes" in ran.error["hint"]
    assert gcw("catalog", "export").stdout == before
    assert [shop.stage(one) for one in orders] == ["passed", "passed"]

    ran = gcw("catalog", *words, "--yes", stdin=stdin)
    assert "Withdrawn from a connected variant" in ran.stderr
    assert f"{PRINTS}; 2 orders wait for it" in ran.stderr
    assert UID not in gcw("catalog", "show", "--customer", CUSTOMER).stdout
    assert last_changes(shop)[0] == "changed"

    gcw("orders", "release")  # the gate asks again, whatever was known before
    assert shop.folders() == []
    assert [shop.holds(one) for one in orders] == [["design_problem"], ["design_problem"]]
    assert "Harbor Poster" in shop.order(orders[0])["holds"][0]["sentence"]

    gcw("catalog", "import", "-", stdin=CATALOG)
    gcw("orders", "pull")
    assert [shop.stage(one) for one in orders] == ["passed", "passed"]


def test_what_breaks_nothing_asks_nothing(shop: Shop) -> None:
    shop.gcw("catalog", "product", "withdraw", "Framed Harbor Poster")
    shop.gcw("catalog", "product", "edit", "Harbor Poster", "--variant", "size=18x24 in")
    shop.gcw("catalog", "product", "allow", "Harbor Poster", CUSTOMER, "--only")
    shop.gcw("products", "disconnect", STORE, SKU)
    shop.gcw("catalog", "product", "disallow", "Harbor Poster", CUSTOMER)


def test_a_plan_says_what_would_break(shop: Shop) -> None:
    ran = shop.gcw(
        "catalog", "import", "-", "--dry-run", stdin=CATALOG.replace(ANYBODY, f"    published: no\n{ANYBODY}")
    )
    assert "needs --yes" in ran.stderr
    assert SKU in ran.stderr
    assert shop.gcw("catalog", "product", "show", "Harbor Poster", "--json").json["published"] is True


def test_a_model_that_comes_to_need_another_design_holds_the_orders_until_it_is_there(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready()
    ran = shop.gcw("catalog", "model", "area", "Poster", "back", "--size", "100x100", "--required")
    assert "Harbor Poster changed while connected variants print the UID" in ran.stderr
    shop.gcw("orders", "release")
    assert shop.folders() == []
    [hold] = shop.order(order_id)["holds"]
    assert hold["reason"] == "design_problem"
    assert f"Harbor Poster ({UID}) needs a design for back by now." in hold["sentence"]
    shop.gcw("catalog", "model", "area", "Poster", "back", "--optional")
    shop.gcw("orders", "release")
    assert shop.folders() == [f"TTS-{order_id}"]


def test_orders_that_print_nothing_of_it_do_not_wait_for_it(shop: Shop) -> None:
    [line] = shop.lines(shop.ready())
    shop.gcw("products", "ignore", STORE, "--line", line, "--why", "Sent from stock")
    shop.gcw("orders", "pull")
    ran = shop.gcw.fails(4, "catalog", "product", "withdraw", "Harbor Poster", "--json")
    assert ran.error["message"].endswith(PRINTS)


def test_what_was_printed_is_never_removed(shop: Shop) -> None:
    for ended in (False, True):
        if ended:
            shop.gcw("products", "disconnect", STORE, SKU)
        ran = shop.gcw.fails(4, "catalog", "product", "remove", "Harbor Poster", "--json")
        assert ran.error["code"] == "in_use"
        assert "gcw catalog product withdraw 'Harbor Poster'" in ran.error["hint"]
        ran = shop.gcw.fails(4, "catalog", "product", "uid", "Harbor Poster", UID, "--remove", "--json")
        assert "whose history needs it" in ran.error["message"]
    assert UID in shop.gcw("catalog", "uids").stdout


def test_a_uid_that_is_printed_stays_what_it_is(shop: Shop) -> None:
    ran = shop.gcw.fails(4, "catalog", "product", "uid", "Harbor Poster", UID, "size=12x16 in", "paper=matte", "--json")
    assert "cannot get other values: connected variants print it" in ran.error["message"]


def last_changes(shop: Shop) -> list[str]:
    """What was last done to a product."""
    about = select(Event).where(col(Event.subject).startswith("catalog:product")).order_by(col(Event.id).desc())
    with shop.session() as session:
        return [event.what for event in session.exec(about)]


values = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))
offered = st.dictionaries(st.sampled_from("ab"), st.lists(st.sampled_from("xy"), min_size=1, unique=True))


@given(st.booleans(), st.booleans(), st.frozensets(st.sampled_from("PQ")), offered, st.sampled_from("PQ"), values)
def test_terms_allow_what_the_catalog_offers(
    published: bool, everyone: bool, customers: frozenset[str], variants: Any, customer: str, chosen: Any
) -> None:
    """The same question as `offer.require_uid` asks, which knows rows and not names."""
    terms = Terms(published, everyone, customers, variants)
    whole = chosen.keys() == variants.keys() and all(chosen[name] in variants[name] for name in chosen)
    assert terms.allow(customer, chosen) == (published and (everyone or customer in customers) and whole)
