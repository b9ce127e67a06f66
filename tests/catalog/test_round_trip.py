"""What is exported comes back without a change, in each format; and what may be in a table."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, create_engine, select

from conftest import EXAMPLES, Gcw
from gcw_tiktok import output
from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, CustomerProduct
from gcw_tiktok.workflow import cells
from gcw_tiktok.workflow.catalog import exporting, importing, now, offer
from gcw_tiktok.workflow.history import Act

ACT = Act("pat", 1_700_000_000)
TRICKY = [
    "all",
    "no",
    "12",
    "1e3",
    "=1+1",
    "'=1",
    "''-x",
    "a;b",
    'q"q',
    "x,y",
    "{a}",
    "- b",
    "#c",
    "été",
    "🎨",
    "@x",
    "~",
]
names = st.sampled_from(TRICKY) | st.text("ab =+-@'\";,:{}#é🎨1", min_size=1, max_size=6)
names = names.map(lambda text: " ".join(text.split())).filter(bool)
plain = names.map(lambda text: text.replace("=", "").replace("/", "")).map(str.strip).filter(bool)
some = st.lists(names, min_size=1, max_size=3, unique=True)
mm = st.integers(1, 5000).map(lambda tenths: tenths / 10)


@st.composite
def areas(draw: st.DrawFn, attributes: dict[str, list[str]]) -> dict[str, Any]:
    area: dict[str, Any] = {"width_mm": draw(mm) + 10, "height_mm": draw(mm) + 10, "bleed_mm": draw(mm)}
    if attributes and draw(st.booleans()):
        attribute = draw(st.sampled_from(sorted(attributes)))
        values = draw(st.lists(st.sampled_from(attributes[attribute]), min_size=1, unique=True))
        area["sizes"] = {attribute: {value: [draw(mm) + 10, draw(mm) + 10] for value in values}}
        if set(values) == set(attributes[attribute]) and draw(st.booleans()):
            del area["width_mm"], area["height_mm"]
    more = {
        "required": st.booleans(),
        "safe_mm": st.floats(0, 4.5).map(lambda value: round(value, 2)),
        "min_dpi": st.sampled_from([72, 150, 300.5]),
        "color_spaces": st.lists(st.sampled_from(["srgb", "cmyk", "gray"]), min_size=1, unique=True),
        "formats": st.lists(st.sampled_from(["pdf", "svg", "tiff"]), min_size=1, unique=True),
        "pages": st.integers(1, 9) | st.tuples(st.integers(1, 9), st.integers(9, 20)).map(list),
        "transparency": st.sampled_from(["needed", "refused", "any"]),
        "personalise": st.lists(st.sampled_from(["text", "image"]), min_size=1, unique=True),
    }
    return area | {name: draw(value) for name, value in more.items() if draw(st.booleans())}


@st.composite
def catalogs(draw: st.DrawFn) -> dict[str, Any]:
    """A catalog file with every member that it may have."""
    models, products = [], []
    attributes = draw(st.dictionaries(plain, some, max_size=3))
    for name in draw(st.lists(names, min_size=1, max_size=2, unique=True)):
        model: dict[str, Any] = {"name": name, "attributes": attributes}
        if draw(st.booleans()):
            model["printed"] = False
        else:
            places = draw(st.lists(plain, min_size=1, max_size=2, unique=True))
            model["print_areas"] = [{"name": place, **draw(areas(attributes))} for place in places]
        if draw(st.booleans()):
            model["description"] = draw(names)
        models.append(model)
    whole = {"name": "Whole", "parts": {"a": models[0]["name"]}, "printed": models[0].get("printed", True)}
    for name in draw(st.lists(names, max_size=3, unique=True)):
        of = draw(st.sampled_from([*models, whole]))
        fixed = draw(st.sets(st.sampled_from(sorted(attributes)))) if attributes else set()
        product: dict[str, Any] = {"name": name, "model": of["name"], "published": draw(st.booleans())}
        product["base"] = {one: draw(st.sampled_from(attributes[one])) for one in fixed}
        product["variants"] = {
            one: draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
            for one, values in attributes.items()
            if one not in fixed
        }
        who = draw(st.none() | st.just("all") | st.lists(st.sampled_from(["all", "Dune & Co", "a;b"]), unique=True))
        products.append(product | ({} if who is None else {"customers": who}))
    inside = st.lists(st.sampled_from([one["name"] for one in products]), unique=True) if products else st.just([])
    categories = [{"name": name, "products": draw(inside)} for name in draw(st.lists(names, max_size=2, unique=True))]
    assume("Whole" not in [model["name"] for model in models])
    return {"models": [*models, whole], "products": products, "categories": categories}


def fresh() -> Session:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    session = Session(engine)
    session.add_all([Customer(name=name, created_at=0) for name in ("all", "Dune & Co", "a;b", "Paper Harbor")])
    session.flush()
    return session


@pytest.fixture
def session() -> Iterator[Session]:
    found = fresh()
    yield found
    close(found)


def close(session: Session) -> None:
    session.close()
    session.get_bind().engine.dispose()


def bring_in(session: Session, text: str, format: str = importing.YAML, name: str = "f") -> importing.Changes:
    return importing.apply(session, importing.read(session, text, name, format), ACT)


class TestRoundTrip:
    @given(catalogs(), st.sampled_from(importing.FORMATS))
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
    def test_export_and_import_change_nothing(self, catalog: dict[str, Any], format: str) -> None:
        session = fresh()
        bring_in(session, yaml.safe_dump(catalog, allow_unicode=True, sort_keys=False))
        before = exporting.document(now.load(session))
        text = exporting.text(session, format)
        if format != importing.CSV or text.count("\n") > 1:
            changes = bring_in(session, text, format)
            assert changes.count("new") + changes.count("changed") == 0, text
        assert exporting.document(now.load(session)) == before
        assert exporting.text(session, format) == text
        close(session)

    @given(catalogs(), st.sampled_from([importing.YAML, importing.JSON]))
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
    def test_an_export_makes_the_same_catalog_elsewhere(self, catalog: dict[str, Any], format: str) -> None:
        session, elsewhere = fresh(), fresh()
        bring_in(session, yaml.safe_dump(catalog, allow_unicode=True, sort_keys=False))
        text = exporting.text(session, format)
        bring_in(elsewhere, text, format)
        assert exporting.text(elsewhere, format) == text
        for name in ("all", "Dune & Co"):
            offers = [offer.orderable(one, customer(one, name)) for one in (session, elsewhere)]
            assert offers[0] == offers[1]
        close(session)
        close(elsewhere)

    @pytest.mark.parametrize("name", ["wall-art", "apparel", "drinkware", "books"])
    @pytest.mark.parametrize("format", importing.FORMATS)
    def test_the_examples_at_the_command_line(self, home: Path, tmp_path: Path, name: str, format: str) -> None:
        gcw = Gcw(None)
        gcw("customer", "add", "Paper Harbor")
        gcw("catalog", "import", str(EXAMPLES / f"{name}.yaml"))
        file = tmp_path / f"exported.{format}"
        told = gcw("catalog", "export", "-o", str(file), "--json").json
        assert (told["format"], told["bytes"]) == (format, file.stat().st_size)
        assert file.stat().st_mode & 0o077 == 0
        counts = gcw("catalog", "import", str(file), "--json").json
        assert all(one["new"] == one["changed"] == 0 for one in counts)
        assert gcw("catalog", "export", "--format", format).stdout == file.read_text()
        again = gcw("catalog", "import", "-", "--format", format, "--json", stdin=file.read_text()).json
        assert again == counts

    def test_uids_that_nothing_offers_any_more_stay_behind(self, session: Session) -> None:
        text = (EXAMPLES / "apparel.yaml").read_text()
        bring_in(session, text)
        bring_in(session, text.replace("size: [S, M, L, XL, 2XL]\n    customers", "size: [S, M]\n    customers"))
        assert len(offer.uids(session)) == 15
        for one in importing.FORMATS:
            exported = exporting.text(session, one)
            assert exported.count("t-shirt_size") == 6
            assert bring_in(session, exported, one).count("changed") == 0
        assert len(offer.uids(session)) == 15

    def test_a_format_that_there_is_not(self, home: Path) -> None:
        ran = Gcw(None).fails(4, "catalog", "export", "--format", "xml", "--json")
        assert "Choose yaml, json and csv" in ran.error["hint"]

    def test_json_is_one_object(self, home: Path) -> None:
        gcw = Gcw(None)
        gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
        assert set(gcw("catalog", "export", "--json").json) == {"models", "products", "categories"}


def customer(session: Session, name: str) -> int:
    return session.exec(select(Customer.id).where(Customer.name == name)).one() or 0


@given(catalogs())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
def test_a_customer_is_shown_exactly_what_it_may_order(catalog: dict[str, Any]) -> None:
    session = fresh()
    bring_in(session, yaml.safe_dump(catalog, allow_unicode=True, sort_keys=False))
    have = now.load(session)
    for name in have.customers:
        shown = set(offer.orderable_uids(session, customer(session, name)))
        assert shown == {uid for uid in have.uids if may_order(session, uid, name)}
        terms = have.terms()
        assert shown == {uid for uid, (product, values) in have.uids.items() if terms[product].allow(name, values)}
    close(session)


def may_order(session: Session, uid: str, name: str) -> bool:
    try:
        return offer.require_uid(session, uid, customer(session, name)).uid == uid
    except BadInput:
        return False


class TestTable:
    @pytest.fixture
    def shirts(self, session: Session) -> Session:
        bring_in(session, (EXAMPLES / "apparel.yaml").read_text())
        return session

    def test_one_row_a_uid(self, shirts: Session) -> None:
        rows = list(csv.DictReader(io.StringIO(exporting.text(shirts, "csv"))))
        assert len(rows) == 15
        assert rows[1] == {
            "uid": "t-shirt_size_m_color_black_fit_unisex",
            "product": "Harbor Tee",
            "model": "T-Shirt",
            "variant: size": "M",
            "variant: color": "Black",
            "base: fit": "unisex",
            "customers": "all",
            "categories": "Apparel",
            "published": "yes",
        }

    def test_a_table_makes_products_of_known_models(self, shirts: Session) -> None:
        text = (
            "\N{BYTE ORDER MARK}UID;Product;Model;Variant: size;variant:color;base: fit;"
            "Customers;Categories;Published\r\n"
            'A1;Dune Tee;T-Shirt;S;Navy;unisex;"""a;b"";Dune & Co";Apparel;Yes\r\n'
            "\r\n"
            "A2;Dune Tee;;M;Navy;;;;\r\n"
        )
        changes = bring_in(shirts, text, "csv")
        assert (changes.count("new", "product"), changes.count("new", "uid")) == (1, 2)
        [product] = offer.orderable(shirts, customer(shirts, "a;b"))[:1]
        assert (product.name, product.base, product.variants, product.categories) == (
            "Dune Tee",
            {"fit": "unisex"},
            {"size": ["S", "M"], "color": ["Navy"]},
            ("Apparel",),
        )
        assert [uid.uid for uid in product.uids] == ["A1", "A2"]

    def test_what_a_table_leaves_out_stays(self, shirts: Session) -> None:
        before = exporting.document(now.load(shirts))
        uid = "t-shirt_size_m_color_black_fit_unisex"
        assert bring_in(shirts, f"uid\tproduct\n{uid}\tHarbor Tee\n", "csv").count("changed") == 0
        assert exporting.document(now.load(shirts)) == before
        assert bring_in(shirts, f"uid,product,published\n{uid},Harbor Tee,no\n", "csv").count("changed") == 1
        product = shirts.exec(select(CustomerProduct)).one()
        assert (product.published, product.all_customers) == (False, True)
        bring_in(shirts, f"uid,product,categories\n{uid},Harbor Tee,Shirts; Summer\n", "csv")
        assert now.load(shirts).categories == {"Apparel": set(), "Shirts": {"Harbor Tee"}, "Summer": {"Harbor Tee"}}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "f:1: the file is empty"),
            ("uid\nX\n", 'f:1: the column "product" is missing'),
            ("uid,product,modle\nX,Harbor Tee,\n", 'f:1: the column "modle" is not known; did you mean "model"?'),
            ("uid,uid,product\nX,X,Harbor Tee\n", 'f:1: the column "uid" stands here twice'),
            ("uid,product\n,Harbor Tee\n", "f:2: uid: expected a text, found nothing"),
            ("uid,product\nX,\n", "f:2: the product is missing"),
            ("uid,product\n1.73E+18,Harbor Tee\n", "f:2: a spreadsheet has shortened the uid to 1.73E+18"),
            ("uid,product\n\nX,Harbor Tee\n", "f:3: values: the value of color and size is missing"),
            ("uid,product,model\nX,New,Shirt\n", 'f:2: model: there is no model "Shirt"; did you mean "T-Shirt"?'),
            ("uid,product,published\nX,Harbor Tee,maybe\n", "f:2: published: expected true or false, found 'maybe'"),
            ("uid,product,customers\nX,Harbor Tee,Dune\n", 'f:2: customers[0]: there is no customer "Dune"'),
            ("uid,product,published\nX,A,yes\nY,A,no\n", 'f:3: published is "no" here, and "yes" in line 2'),
            ("uid,product\nX,Harbor Tee,1\n", "f:2: it has more cells than the first line has names"),
            ('uid,product\nX,"Harbor\n', "f:2: it is not valid CSV: unexpected end of data"),
            (
                "uid,product,variant: size,variant: color\nX,Harbor Tee,XS,Black\n",
                'f:2: variants.size[5]: the model\'s size has no value "XS"',
            ),
        ],
    )
    def test_a_fault_and_its_line(self, shirts: Session, text: str, told: str) -> None:
        with pytest.raises(BadInput) as failure:
            importing.read(shirts, text, "f", "csv")
        assert any(line.startswith(told) for line in str(failure.value).splitlines()), str(failure.value)

    @given(st.text(max_size=200) | st.text("uid,product\n\"';=:A \t", max_size=60))
    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def test_garbage_ends_in_words(self, text: str) -> None:
        session = fresh()
        for garbage in (text, f"uid,product,model,variant: a,categories\n{text}"):
            try:
                importing.read(session, garbage, "f", "csv")
            except BadInput as error:
                assert str(error)  # noqa: PT017 - any other exception must fail the test
        close(session)

    @given(names | st.text(max_size=8))
    def test_cells_are_defused_and_restored(self, cell: str) -> None:
        assert cells.restored(cells.defused(cell)) == cell
        assert not cells.defused(cell).startswith(output.RUN_BY_SPREADSHEETS)

    def test_the_defused_signs_are_those_of_every_list(self) -> None:
        assert cells.SUSPECTS - {"'"} == set(output.RUN_BY_SPREADSHEETS)
        assert all(cells.defused(sign) == f"'{sign}" for sign in output.RUN_BY_SPREADSHEETS)

    def test_a_formula_in_a_name_does_not_run(self, session: Session) -> None:
        told = {
            "models": [{"name": "M", "printed": False, "attributes": {"size": ["=HYPERLINK(1)", "-1"]}}],
            "products": [
                {"name": "@P", "model": "M", "variants": {"size": ["=HYPERLINK(1)", "-1"]}, "customers": "all"}
            ],
        }
        bring_in(session, json.dumps(told))
        text = exporting.text(session, "csv")
        assert ",'@P,M,'=HYPERLINK(1),all,,yes" in text
        assert ",'@P,M,'-1,all,,yes" in text
        assert bring_in(session, text, "csv").count("changed") == 0
