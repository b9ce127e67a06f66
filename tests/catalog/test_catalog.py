"""The catalog: what a file may say, what an import changes, and who may order what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, create_engine, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import (
    Connection,
    Customer,
    CustomerProduct,
    Event,
    Facility,
    Listing,
    ProductAccess,
    ProductModel,
    ProductUid,
    Store,
    Variant,
)
from gcw_tiktok.workflow.catalog import checking, importing, offer, reading
from gcw_tiktok.workflow.history import Act

EXAMPLES = Path(__file__).parents[2] / "examples"
ACT = Act(who="pat", now=1_700_000_000)
KEYS = ["models", "products", "categories", "name", "attributes", "print_areas", "sizes", "size", "formats"]
KEYS += ["uids", "uid", "values", "variants", "base", "customers", "published"]
POSTER = """\
models:
  - name: Poster
    attributes: {size: [12x16 in, 18x24 in], paper: [matte, glossy]}
    print_areas:
      - {name: default, required: true, width_mm: 304.8, height_mm: 406.4,
         sizes: {size: {18x24 in: [457.2, 609.6]}}}
products:
  - name: Harbor Poster
    model: Poster
    base: {paper: matte}
    variants: {size: [12x16 in, 18x24 in]}
    customers: [Harbor Prints]
categories:
  - {name: Wall art, products: [Harbor Poster]}
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path}/gcw.db")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Customer(name="Harbor Prints", created_at=0))
        session.add(Customer(name="Dune & Co", created_at=0))
        session.flush()
        yield session
    engine.dispose()


def bring_in(session: Session, text: str) -> importing.Changes:
    return importing.apply(session, importing.read(session, text, "catalog.yaml"), ACT)


def faults(session: Session, text: str) -> list[str]:
    with pytest.raises(BadInput) as failure:
        importing.read(session, text, "catalog.yaml")
    return str(failure.value).splitlines()


def customer(session: Session, name: str = "Harbor Prints") -> int:
    return session.exec(select(Customer).where(Customer.name == name)).one().id or 0


def connect(session: Session, uid: str) -> Connection:
    """A current connection of some variant to this UID."""
    session.add(Facility(id=1, name="Press", hand_off="folder:/tmp/out", created_at=0))
    session.add(
        Store(
            id=1, shop_id="1", name="Harbor", cipher="c", customer_id=customer(session), facility_id=1,
            authorization_id=1, connected_at=0, orders_cursor=0,
        )
    )  # fmt: skip
    session.add(Listing(id=1, store_id=1, product_id="1"))
    session.add(Variant(id=1, store_id=1, listing_id=1, sku_id="1"))
    connection = Connection(variant_id=1, version=1, product_uid=uid, made_at=0)
    session.add(connection)
    session.flush()
    return connection


class TestReading:
    @pytest.mark.parametrize("name", ["wall-art.yaml", "apparel.yaml", "drinkware.yaml", "books.yaml"])
    def test_the_examples_are_good(self, session: Session, name: str) -> None:
        changes = bring_in(session, (EXAMPLES / name).read_text())
        assert changes.warnings == []
        assert changes.count("new", "uid") >= 2

    def test_json_says_the_same_as_yaml(self, session: Session) -> None:
        import json

        written = json.dumps(yaml.safe_load(POSTER), indent=2)
        assert reading.read(written, "f") == reading.read(POSTER, "f")

    def test_an_unknown_model_is_told_with_line_path_and_a_guess(self, session: Session) -> None:
        wrong = POSTER.replace("model: Poster", "model: Postr")
        assert faults(session, wrong) == [
            'catalog.yaml:9: products[0].model: there is no model "Postr"; did you mean "Poster"?'
        ]

    def test_every_fault_is_told_at_once_in_the_order_of_the_file(self, session: Session) -> None:
        wrong = (
            POSTER.replace("required: true", "requird: true")
            .replace("paper: matte", "paper: mate")
            .replace("[Harbor Prints]", "[Harbour Prints]")
            .replace("products: [Harbor Poster]", "products: [Harbor Postr]")
        )
        found = faults(session, wrong)
        assert [line.split(":")[1] for line in found] == ["5", "10", "12", "14"]
        assert '"requird" is not known here; did you mean "required"?' in found[0]
        assert 'the model\'s paper has no value "mate"; did you mean "matte"?' in found[1]
        assert 'there is no customer "Harbour Prints"; did you mean "Harbor Prints"?' in found[2]
        assert 'there is no product "Harbor Postr"; did you mean "Harbor Poster"?' in found[3]

    @pytest.mark.parametrize(
        ("before", "after", "line", "sentence"),
        [
            ("name: Poster", "nme: Poster", 2, '"name" is missing'),
            ("matte, glossy", "matte, matte", 3, '"matte" stands here twice'),
            ("paper: [matte, glossy]", "paper: []", 3, '"paper" needs at least one value'),
            ("width_mm: 304.8", "width_mm: wide", 5, "expected a number, zero or more, found 'wide'"),
            ("width_mm: 304.8", "width_mm: .nan", 5, "expected a number"),
            ("width_mm: 304.8", "width_mm: 0", 5, "must be more than zero"),
            ("width_mm: 304.8, height_mm: 406.4,", "", 5, "give width_mm and height_mm, or sizes"),
            ("required: true", "required: 1", 5, "expected true or false, found '1'"),
            ("[457.2, 609.6]", "[457.2]", 6, "expected [width, height] in millimetres"),
            ("18x24 in: [457.2", "18x24: [457.2", 6, 'size has no value "18x24"; did you mean "18x24 in"?'),
            ("    base: {paper: matte}\n", "", 8, 'attribute "paper" is missing from base and variants'),
            ("variants: {size", "variants: {sise", 11, 'no attribute "sise"; did you mean "size"?'),
            ("[12x16 in, 18x24 in]}\n    cust", "12x16 in}\n    cust", 11, "expected a list"),
            ("customers: [", "published: maybe\n    customers: [", 12, "expected true or false, found 'maybe'"),
            ("categories:", "products: []\ncategories:", 13, '"products" stands here twice'),
            ("name: Wall art", "name: ''", 14, "expected a text, found nothing"),
        ],
    )
    def test_a_fault_and_its_line(self, session: Session, before: str, after: str, line: int, sentence: str) -> None:
        assert before in POSTER
        found = faults(session, POSTER.replace(before, after, 1))
        assert any(one.startswith(f"catalog.yaml:{line}:") and sentence in one for one in found), found

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "catalog.yaml:1: the file is empty"),
            ("models: []\nproducts:\n\t- name: x", "catalog.yaml:3:"),
            ("models: [\n  {name: x", "catalog.yaml:2:"),
            ("a: 1\n---\nb: 2", "catalog.yaml:2:"),
            ("models: !!python/object/apply:os.system [ls]", "tags such as"),
            ("models:\n  - \x07", "catalog.yaml:2:"),
            ("- models", "expected a map of `key: value`, found a list"),
            ("{}", "no models, products or categories"),
            ("[" * 100_000, "it nests deeper than"),
            ("\ud800", "catalog.yaml:1: it is not valid YAML"),
        ],
    )
    def test_what_is_no_catalog_at_all(self, session: Session, text: str, sentence: str) -> None:
        assert sentence in "\n".join(faults(session, text))

    def test_a_small_file_that_unfolds_hugely_is_refused(self, session: Session) -> None:
        texts = "[" + ", ".join(f"v{number}" for number in range(150)) + "]"
        area = "{name: a, formats: *texts}"
        areas = "[" + ", ".join([area] * 150) + "]"
        bomb = f"products: &texts {texts}\ncategories: &areas {areas}\nmodels:\n" + "  - {print_areas: *areas}\n" * 100
        with pytest.raises(BadInput, match="holds more than"):
            importing.read(session, bomb, "catalog.yaml")

    def test_too_large_a_file_is_refused_before_it_is_read(self, session: Session) -> None:
        with pytest.raises(BadInput, match="larger than 8 MB"):
            importing.read(session, "#" * 9_000_000, "catalog.yaml")

    def test_plain_numbers_and_words_of_yaml_are_text_where_text_is_meant(self, session: Session) -> None:
        text = POSTER.replace("[matte, glossy]", "[no, 12]").replace("paper: matte", "paper: no")
        bring_in(session, text)
        product = session.exec(select(CustomerProduct)).one()
        assert product.base == {"paper": "no"}
        assert session.exec(select(ProductModel)).one().attributes["paper"] == ["no", "12"]

    @given(st.text(max_size=200) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")))
    def test_garbage_ends_in_words(self, text: str) -> None:
        _only_bad_input(text)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(KEYS),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=30,
        )
    )
    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def test_well_formed_nonsense_ends_in_words(self, value: Any) -> None:
        _only_bad_input(yaml.safe_dump({"models": value, "products": value, "categories": value}))


def _only_bad_input(text: str) -> None:
    try:
        file = reading.read(text, "catalog.yaml")
        checking.check(file, checking.Known())
    except BadInput as error:
        assert str(error)  # noqa: PT017 - any other exception must fail the test


class TestImport:
    def test_the_same_file_twice_changes_nothing(self, session: Session) -> None:
        first = bring_in(session, POSTER)
        assert first.counts() == {
            "model": {"new": 1, "changed": 0, "unchanged": 0},
            "product": {"new": 1, "changed": 0, "unchanged": 0},
            "uid": {"new": 2, "changed": 0, "unchanged": 0},
            "category": {"new": 1, "changed": 0, "unchanged": 0},
        }
        before = [row.model_dump() for row in session.exec(select(ProductUid))]
        again = bring_in(session, POSTER)
        assert (again.count("new"), again.count("changed"), again.count("unchanged")) == (0, 0, 5)
        assert [row.model_dump() for row in session.exec(select(ProductUid))] == before
        whats = [(event.subject.rpartition(":")[0], event.what) for event in session.exec(select(Event))]
        assert whats == [
            ("catalog:model", "added"),
            ("catalog:product", "added"),
            ("catalog:product", "UIDs added"),
            ("catalog:category", "added"),
            ("", "imported"),
        ]

    def test_a_plan_tells_the_same_and_writes_nothing(self, session: Session) -> None:
        file = importing.read(session, POSTER, "catalog.yaml")
        planned = importing.plan(session, file)
        assert not session.new
        assert session.exec(select(ProductUid)).all() == []
        assert planned == importing.apply(session, file, ACT)

    def test_uids_are_readable_unique_and_stay(self, session: Session) -> None:
        bring_in(session, POSTER)
        uids = {row.uid for row in offer.uids(session)}
        assert uids == {"poster_size_12x16-in_paper_matte", "poster_size_18x24-in_paper_matte"}
        more = POSTER.replace("base: {paper: matte}", "base: {}").replace(
            "variants: {size: [12x16 in, 18x24 in]}", "variants: {size: [18x24 in], paper: [matte]}"
        )
        changes = bring_in(session, more.replace("Harbor Poster", "Dune Poster"))
        assert [row.name for row in changes.rows if row.kind == "uid"] == [
            "poster_size_18x24-in_paper_matte_dune-poster"
        ]

    def test_values_that_look_alike_in_a_uid_get_distinct_ones(self, session: Session) -> None:
        text = POSTER.replace("12x16 in, 18x24 in", "a b, a-b, あ, A_B").replace(
            "sizes: {size: {18x24 in", "sizes: {size: {a b"
        )
        bring_in(session, text)
        uids = [row.uid for row in session.exec(select(ProductUid))]
        assert len(set(uids)) == 4
        assert all(uid.isascii() and uid == uid.lower() and " " not in uid for uid in uids)

    def test_given_uids_are_taken_as_they_are(self, session: Session) -> None:
        given_uid = "    uids: [{uid: Flat_X, values: {size: 18x24 in}}]\ncategories:"
        changes = bring_in(session, POSTER.replace("categories:", given_uid))
        assert [row.uid for row in offer.uids(session)] == ["Flat_X"]
        assert changes.warnings == ["Harbor Poster has no UID for 1 of its combinations; those cannot be ordered."]

    @pytest.mark.parametrize(
        ("uids", "sentence"),
        [
            ("[{uid: A, values: {size: 18x24}}]", 'the product has no size "18x24"; did you mean "18x24 in"?'),
            ("[{uid: A, values: {}}]", "the value of size is missing"),
            ("[{uid: A, values: {size: 12x16 in}}, {uid: A, values: {size: 18x24 in}}]", '"A" stands at'),
            ("[{uid: A, values: {size: 12x16 in}}, {uid: B, values: {size: 12x16 in}}]", '"A" has the same'),
            ("[{uid: A A, values: {size: 12x16 in}}]", "has a space within"),
            ("[{uid: OLD, values: {size: 12x16 in}}]", '"OLD" belongs to the product "Old Poster"'),
        ],
    )
    def test_given_uids_must_fit(self, session: Session, uids: str, sentence: str) -> None:
        bring_in(session, POSTER)
        model = session.exec(select(ProductModel)).one().id or 0
        session.add(CustomerProduct(id=77, name="Old Poster", model_id=model))
        session.add(ProductUid(uid="OLD", product_id=77))
        session.flush()
        found = faults(session, POSTER.replace("categories:", f"    uids: {uids}\ncategories:"))
        assert any(sentence in line for line in found), found

    def test_a_product_may_rest_on_a_model_that_is_here_already(self, session: Session) -> None:
        bring_in(session, POSTER)
        alone = "products:\n  - {name: Dune, model: Poster, base: {paper: glossy, size: 12x16 in}, customers: all}\n"
        bring_in(session, alone)
        [dune] = [row for row in offer.uids(session) if row.product == "Dune"]
        assert (dune.uid, dune.values) == ("poster_size_12x16-in_paper_glossy", {})

    def test_a_model_keeps_what_products_elsewhere_need(self, session: Session) -> None:
        bring_in(session, POSTER)
        smaller = POSTER[: POSTER.index("products:")].replace(", 18x24 in]", "]").replace("18x24 in:", "12x16 in:")
        [fault] = faults(session, smaller)
        assert 'the product "Harbor Poster", not in this file, needs size "18x24 in"' in fault

    def test_a_uid_that_is_printed_cannot_be_dropped(self, session: Session) -> None:
        bring_in(session, POSTER)
        connection = connect(session, "poster_size_18x24-in_paper_matte")
        smaller = POSTER.replace("variants: {size: [12x16 in, 18x24 in]}", "variants: {size: [12x16 in]}")
        file = importing.read(session, smaller, "catalog.yaml")
        with pytest.raises(BadInput) as refused:
            importing.apply(session, file, ACT)
        assert str(refused.value).splitlines() == [
            "catalog.yaml:11: products[0].variants: This withdraws Harbor Poster from a connected variant:",
            "  Harbor: 1 prints poster_size_18x24-in_paper_matte",
        ]
        assert refused.value.code == "in_use"
        assert "gcw products connect" in refused.value.hint
        assert "--yes" in refused.value.hint
        connection.ended_at = 5
        session.add(connection)
        changes = bring_in(session, smaller)
        assert changes.warnings == [
            "Harbor Poster no longer offers the UID poster_size_18x24-in_paper_matte; "
            "they cannot be connected any more."
        ]
        with pytest.raises(BadInput, match="no longer comes with size 18x24 in"):
            offer.require_uid(session, connection.product_uid, customer(session))
        assert offer.variant_of(session, connection.product_uid).variant == "size 18x24 in"

    def test_a_printed_uid_cannot_become_another_variant(self, session: Session) -> None:
        given_uid = "    uids: [{uid: X, values: {size: 18x24 in}}]\ncategories:"
        bring_in(session, POSTER.replace("categories:", given_uid))
        connect(session, "X")
        [fault] = faults(session, POSTER.replace("categories:", given_uid.replace("18x24", "12x16")))
        assert "cannot get other values" in fault

    def test_customers_of_the_file_replace_those_before(self, session: Session) -> None:
        bring_in(session, POSTER)
        bring_in(session, POSTER.replace("[Harbor Prints]", "[Dune & Co]"))
        assert offer.orderable(session, customer(session)) == []
        assert len(offer.orderable(session, customer(session, "Dune & Co"))) == 1
        bring_in(session, POSTER.replace("    customers: [Harbor Prints]\n", ""))
        assert len(offer.orderable(session, customer(session, "Dune & Co"))) == 1
        bring_in(session, POSTER.replace("[Harbor Prints]", "all"))
        assert len(offer.orderable(session, customer(session))) == 1
        assert session.exec(select(ProductAccess)).all() == []

    def test_a_category_keeps_products_from_elsewhere(self, session: Session) -> None:
        bring_in(session, POSTER)
        bring_in(session, POSTER.replace("Harbor Poster", "Dune Poster"))
        bring_in(session, POSTER.replace("products: [Harbor Poster]", "products: []"))
        shown = offer.orderable(session, customer(session))
        assert {product.name: product.categories for product in shown} == {
            "Dune Poster": ("Wall art",),
            "Harbor Poster": (),
        }

    def test_nobody_may_order_is_a_warning(self, session: Session) -> None:
        changes = bring_in(session, POSTER.replace("    customers: [Harbor Prints]\n", ""))
        assert changes.warnings == ["Nobody may order Harbor Poster yet: give it `customers`, or `all`."]


class TestOrdering:
    def test_a_customer_sees_exactly_its_products_with_areas_in_their_size(self, session: Session) -> None:
        bring_in(session, POSTER)
        [product] = offer.orderable(session, customer(session))
        assert (product.name, product.categories) == ("Harbor Poster", ("Wall art",))
        sizes = [(one.variant, one.areas[0].width_mm, one.areas[0].height_mm) for one in product.uids]
        assert sizes == [("size 12x16 in", 304.8, 406.4), ("size 18x24 in", 457.2, 609.6)]
        assert offer.orderable(session, customer(session, "Dune & Co")) == []

    def test_a_uid_is_exact_and_allowed(self, session: Session) -> None:
        bring_in(session, POSTER)
        uid = "poster_size_12x16-in_paper_matte"
        found = offer.require_uid(session, uid, customer(session))
        assert (found.product, found.values, found.printed) == ("Harbor Poster", {"size": "12x16 in"}, True)
        assert found.areas[0].pixels(300) == (3600, 4800)
        with pytest.raises(BadInput, match=f"Did you mean {uid}") as unknown:
            offer.require_uid(session, uid.upper(), customer(session))
        assert "gcw catalog uids" in unknown.value.hint
        with pytest.raises(BadInput, match="Dune & Co may not order Harbor Poster") as foreign:
            offer.require_uid(session, uid, customer(session, "Dune & Co"))
        assert 'gcw catalog show --customer "Dune & Co"' in foreign.value.hint

    def test_near_uids_do_not_tell_of_others_products(self, session: Session) -> None:
        bring_in(session, POSTER)
        with pytest.raises(BadInput) as unknown:
            offer.require_uid(session, "poster_size_12x16-in_paper_mat", customer(session, "Dune & Co"))
        assert "Did you mean" not in str(unknown.value)

    def test_a_draft_cannot_be_ordered(self, session: Session) -> None:
        bring_in(session, POSTER.replace("customers:", "published: false\n    customers:"))
        assert offer.orderable(session, customer(session)) == []
        with pytest.raises(BadInput, match="not published") as failure:
            offer.require_uid(session, "poster_size_12x16-in_paper_matte", customer(session))
        assert "gcw catalog product publish 'Harbor Poster'" in failure.value.hint

    def test_uids_are_found_by_any_words_of_them(self, session: Session) -> None:
        bring_in(session, POSTER)
        assert [row.values["size"] for row in offer.uids(session, search="HARBOR 18x24")] == ["18x24 in"]
        assert offer.uids(session, search="mug") == []
        assert offer.uids(session)[0].customers == ["Harbor Prints"]
