"""`gcw products suggest`: only what follows from a reason that can be told, and nothing that is not clear."""

from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Gcw, Sandbox
from listings.conftest import CONNECT, GLOSSY, POSTER, SKU, STORE, UID

OTHER = "POSTER-HARBOR-18X24-GLOSSY"
DUNES = "POSTER-DUNES-18X24-MATTE"
RULES = EXAMPLES / "rules.yaml"


@pytest.fixture
def shop(database_url: str, home: object, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Gcw:
    """A connected store, kept in SQLite and then in PostgreSQL."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    found: Gcw = request.getfixturevalue("connected")
    return found


def suggest(gcw: Gcw, *words: str | Path) -> dict[str, dict[str, Any]]:
    rows = gcw("products", "suggest", STORE, *map(str, words), "--json").json
    return {row["seller_sku"]: row for row in rows}


def listed(gcw: Gcw) -> dict[str, dict[str, Any]]:
    return {row["seller_sku"]: row for row in gcw("products", "list", STORE, "--json").json}


def rename(gcw: Gcw, sandbox: Sandbox, was: str, now: str) -> str:
    """The seller gives a variant another seller SKU; its SKU id."""
    products = sandbox.world.sellers[0].shops[0].products
    product, sku = next((one, sku) for one in products for sku in one.skus if sku.seller_sku == was)
    sandbox.control("POST", "clock", {"advance": 60})
    sandbox.control("POST", f"products/{product.id}/set-seller-sku", {"sku_id": sku.id, "seller_sku": now})
    gcw("products", "sync", STORE)
    return str(sku.id)


def rules(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text)
    return path


def test_nothing_is_suggested_without_a_reason(shop: Gcw) -> None:
    assert suggest(shop) == {}
    shop(*map(str, CONNECT))
    assert suggest(shop) == {}
    assert "variants wait for a decision" in shop("products", "suggest", STORE).stderr


def test_another_variant_with_the_same_seller_sku_says_what_to_print(shop: Gcw, sandbox: Sandbox) -> None:
    shop(*map(str, CONNECT))
    twin = next(row["sku_id"] for row in listed(shop).values() if row["seller_sku"] == SKU)
    rename(shop, sandbox, DUNES, SKU)
    (one,) = suggest(shop).values()
    assert (one["verdict"], one["product_uid"], one["designs"]) == ("suggested", UID, {"default": str(POSTER)})
    assert one["reason"] == f"seller SKU of {twin} in Paper Harbor Prints"
    assert one["sku_id"] != twin


@pytest.mark.parametrize("near", [SKU.lower(), f"{SKU}-2", SKU[:-1]])
def test_seller_skus_that_only_resemble_each_other_say_nothing(connected: Gcw, sandbox: Sandbox, near: str) -> None:
    connected(*map(str, CONNECT))
    rename(connected, sandbox, DUNES, near)
    assert suggest(connected) == {}


def test_two_that_print_different_things_are_ambiguous_and_never_applied(shop: Gcw, sandbox: Sandbox) -> None:
    shop(*map(str, CONNECT))
    shop("products", "connect", STORE, OTHER, GLOSSY, "--design", str(POSTER))
    rename(shop, sandbox, OTHER, SKU)
    rename(shop, sandbox, DUNES, SKU)
    (one,) = suggest(shop, "--apply", "--yes").values()
    assert (one["verdict"], one["product_uid"]) == ("ambiguous", "")
    assert UID in one["trouble"]
    assert GLOSSY in one["trouble"]
    assert len(shop("products", "list", STORE, "--not-connected", "--json").json) == len(
        [row for row in shop("products", "list", STORE, "--json").json if not row["product_uid"]]
    )


def test_a_variant_that_was_disconnected_gets_its_last_version_again(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    shop("products", "connect", STORE, SKU, GLOSSY, "--design", str(POSTER))
    shop("products", "disconnect", STORE, SKU)
    one = suggest(shop)[SKU]
    assert (one["verdict"], one["product_uid"], one["reason"]) == ("suggested", GLOSSY, "its own version 2")
    shop("products", "ignore", STORE, SKU)
    assert suggest(shop) == {}


def test_a_re_keyed_variant_gets_what_its_former_self_printed(shop: Gcw, sandbox: Sandbox) -> None:
    shop(*map(str, CONNECT))
    product = next(
        one for one in sandbox.world.sellers[0].shops[0].products if any(sku.seller_sku == SKU for sku in one.skus)
    )
    was = next(sku.id for sku in product.skus if sku.seller_sku == SKU)
    for _ in range(2):  # and once more, before anybody looked
        sandbox.control("POST", "clock", {"advance": 60})
        sandbox.control("POST", f"products/{product.id}/rekey", {})
        shop("products", "sync", STORE)
    one = suggest(shop, "--apply", "--yes")[SKU]
    assert (one["verdict"], one["product_uid"]) == ("connected", UID)
    assert f"version 1 of {was}, which TikTok re-keyed" in one["reason"]
    assert listed(shop)[SKU]["product_uid"] == UID
    (row,) = shop("products", "history", STORE, SKU, "--json").json
    assert row["why"].startswith("Suggested: ")


def test_the_example_rules_connect_what_they_name_once(shop: Gcw) -> None:
    shop("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    found = suggest(shop, "--rules", RULES)
    verdicts = {sku: row["verdict"] for sku, row in found.items()}
    assert verdicts[SKU] == verdicts[OTHER] == verdicts["TEE-HARBOR-BLACK-S"] == "suggested"
    assert {sku.split("-")[1] for sku in found} == {"HARBOR"}
    assert found[SKU]["product_uid"] == UID
    assert found[SKU]["reason"].startswith(f"rule Harbor posters ({RULES}:")
    assert not any(row["product_uid"] for row in listed(shop).values())
    refused = shop.fails(2, "products", "suggest", STORE, "--rules", str(RULES), "--apply", "--json")
    assert "--yes" in refused.error["hint"]
    assert not any(row["product_uid"] for row in listed(shop).values())
    applied = suggest(shop, "--rules", RULES, "--apply", "--yes")
    sound = {sku for sku, verdict in verdicts.items() if verdict == "suggested"}
    assert {sku for sku, row in applied.items() if row["verdict"] == "connected"} == sound
    assert {sku for sku, row in listed(shop).items() if row["product_uid"]} == sound
    assert sound.isdisjoint(suggest(shop, "--rules", RULES))


def test_rules_that_disagree_are_ambiguous_and_those_that_agree_are_one(shop: Gcw, tmp_path: Path) -> None:
    one = f"""
  - name: one
    when: {{seller_sku: {SKU}}}
    product: Harbor Poster
    values: {{size: 18x24 in, paper: matte}}
    designs: {{default: {POSTER}}}
"""
    agrees = one.replace("one", "two").replace(f"seller_sku: {SKU}", "seller_sku: 'POSTER-HARBOR-18X24-{paper}TE'")
    differs = one.replace("name: one", "name: three").replace("paper: matte", "paper: glossy")
    found = suggest(shop, "--rules", rules(tmp_path, f"rules:{one}{agrees}"))[SKU]
    assert (found["verdict"], found["product_uid"]) == ("suggested", UID)
    assert "rule one" in found["reason"]
    assert "rule two" in found["reason"]
    found = suggest(shop, "--rules", rules(tmp_path, f"rules:{one}{agrees}{differs}"), "--apply", "--yes")[SKU]
    assert found["verdict"] == "ambiguous"
    assert not listed(shop)[SKU]["product_uid"]


def test_what_a_rule_cannot_say_is_told_and_not_applied(shop: Gcw, tmp_path: Path) -> None:
    def trouble(**changed: str) -> str:
        lines = {
            "when": "{seller_sku: 'POSTER-HARBOR-18X24-{paper}'}",
            "product": "Harbor Poster",
            "values": "{size: 18x24 in, paper: '{paper}'}",
            "words": "{paper: {MATTE: matte, GLOSSY: glossy}}",
            "designs": f"{{default: {POSTER}}}",
        } | changed
        text = "rules:\n  - name: r\n" + "".join(f"    {name}: {value}\n" for name, value in lines.items())
        found = suggest(shop, "--rules", rules(tmp_path, text))
        assert {row["verdict"] for row in found.values()} <= {"unfit", "suggested"}
        return " ".join(row["trouble"] for row in found.values())

    assert "words has no paper 'GLOSSY'" in trouble(words="{paper: {MATTE: matte}}")
    assert "no Harbor Postre with" in trouble(product="Harbor Postre")
    assert "no Harbor Poster with size 18x25 in" in trouble(values="{size: 18x25 in, paper: '{paper}'}")
    assert "several ways" in trouble(when="{seller_sku: 'POSTER-{x}-{paper}'}", words="{}")
    assert "nowhere.pdf does not exist" in trouble(designs="{default: nowhere.pdf}")
    assert "do not suit the product" in trouble(designs=f"{{back: {POSTER}}}")
    assert "is a page of Google Drive" in trouble(designs="{default: 'https://drive.google.com/file/d/1/view'}")
    assert "may not stand in the name of a file" in trouble(
        when="{title: '{all}', seller_sku: 'POSTER-HARBOR-18X24-{paper}'}", designs="{default: '{all}.pdf'}"
    )


def test_faults_of_a_rule_file_are_told_with_their_lines(shop: Gcw, tmp_path: Path) -> None:
    path = rules(
        tmp_path,
        """rules:
  - name: bad
    when: {seller_sku: "A-{size}{paper}", colour: red}
    product: Harbor Poster
    values: {size: "{sise}"}
    words: {paper: {}}
  - when: {}
""",
    )
    error = shop.fails(4, "products", "suggest", STORE, "--rules", str(path), "--json").error
    for line, words in ((3, "between two parts"), (3, '"colour" is not known here'), (7, '"name" is missing')):
        assert any(one.startswith(f"{path}:{line}: ") and words in one for one in error["message"].splitlines()), words
    assert (
        "nowhere.yaml cannot be read"
        in shop.fails(4, "products", "suggest", STORE, "--rules", "nowhere.yaml", "--json").error["message"]
    )


def test_what_was_decided_while_the_question_stood_stays(shop: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    from gcw_tiktok.workflow.listings import connections

    checked = connections.checked

    def meanwhile(*given: Any) -> tuple[connections.Pinned, list[str]]:
        monkeypatch.setattr(connections, "checked", checked)
        shop("products", "ignore", STORE, SKU, "--why", "Not ours")
        return checked(*given)

    monkeypatch.setattr(connections, "checked", meanwhile)
    ran = shop("products", "suggest", STORE, "--rules", str(RULES), "--apply", "--yes", "--json")
    assert "1 were decided about meanwhile" in ran.stderr
    assert listed(shop)[SKU]["connection"] == "ignored"
    assert listed(shop)[OTHER]["connection"] == "connected"


def test_rules_look_at_titles_and_options_too(shop: Gcw, tmp_path: Path) -> None:
    (row,) = [row for row in shop("products", "list", STORE, "--json").json if row["seller_sku"] == SKU]
    options = shop("products", "show", STORE, SKU, "--json").json["options"]
    wanted = ", ".join(f"{name}: '{value}'" for name, value in options.items())
    path = rules(
        tmp_path,
        f"""rules:
  - name: by what it is called
    when:
      title: "{row["listing"]}"
      options: {{{wanted}}}
    product: Harbor Poster
    values: {{size: 18x24 in, paper: matte}}
    designs: {{default: {POSTER}}}
""",
    )
    assert {sku: one["verdict"] for sku, one in suggest(shop, "--rules", path).items()} == {SKU: "suggested"}


def test_people_and_spreadsheets_get_the_same(shop: Gcw) -> None:
    table = shop("products", "suggest", STORE, "--rules", str(RULES)).stdout
    assert UID in table
    assert "the customer's catalog has no Harbor Tee" in table
    csv = shop("products", "suggest", STORE, "--rules", str(RULES), "--csv").stdout
    assert csv.startswith("listing,variant,seller_sku,sku_id,verdict,product_uid,designs,reason,trouble")


@pytest.mark.usefixtures("somebody_there")
def test_the_word_that_applies_is_typed(shop: Gcw) -> None:
    words = ("products", "suggest", STORE, "--rules", str(RULES), "--apply")
    ran = shop.fails(130, *words, stdin="n\n")
    assert "variants of Paper Harbor Prints so? [y/N]" in ran.stderr
    assert SKU in ran.stdout, "what the question is about is shown before it"
    assert listed(shop)[SKU]["connection"] != "connected"
    shop(*words, stdin="y\n")
    assert listed(shop)[SKU]["connection"] == "connected"
