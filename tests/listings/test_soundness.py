"""What keeps a variant from being covered, decided from values."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.listings.soundness import Kept, Prints, Reason, Surroundings, Used, flaw, mend

FRONT = PrintArea("front", True, 100, 100, 0, 100, ("png",))
BACK = replace(FRONT, name="back", required=False)
SHIRT = OrderableUid("shirt", "Shirt", "shirt", {}, {}, printed=True, areas=(FRONT, BACK))
MUG = OrderableUid("blank", "Blank mug", "mug", {}, {}, printed=False, areas=())
SHARP = FileFacts("image/png", "png", 2000, 2000)
COARSE = FileFacts("image/png", "png", 20, 20)
WHERE = "https://example.com/a.png"
GOOD = Prints("shirt", {"front": Used(WHERE, "aa")})


def around(kept: Mapping[str, Kept] | None = None, changed: Mapping[str, str] | None = None) -> Surroundings:
    return Surroundings({"shirt": SHIRT, "blank": MUG}, kept or {"aa": Kept(SHARP, True, True)}, changed or {})


def test_what_prints_a_good_design_on_all_required_areas_is_covered() -> None:
    assert flaw(GOOD, around()) is None
    assert flaw(Prints("blank", {}), around()) is None, "from stock: it needs no design"


@pytest.mark.parametrize(
    ("prints", "surroundings", "reason"),
    [
        (None, around(), Reason.NOT_CONNECTED),
        (GOOD._replace(product_uid="gone"), around(), Reason.PRODUCT_WITHDRAWN),
        (Prints("shirt", {}), around(), Reason.DESIGN_LACKING),
        (Prints("shirt", {"back": Used(WHERE, "aa")}), around(), Reason.DESIGN_LACKING),
        (GOOD, around({"aa": Kept(SHARP, False, False)}), Reason.FILE_MISSING),
        (GOOD, around({"bb": Kept(SHARP, True, True)}), Reason.FILE_MISSING),
        (GOOD, around({"aa": Kept(SHARP, True, False)}), Reason.FILE_ALTERED),
        (Prints("shirt", {"front": Used(WHERE, "aa", None, "pp")}), around(), Reason.FILE_MISSING),
        (GOOD, around(changed={WHERE: "bb"}), Reason.SOURCE_CHANGED),
        (GOOD, around({"aa": Kept(COARSE, True, True)}), Reason.DESIGN_UNFIT),
        (Prints("shirt", {"front": Used(WHERE, "aa", Placement("fill", scale=9.0))}), around(), Reason.DESIGN_UNFIT),
        (Prints("shirt", GOOD.designs | {"sleeve": Used(WHERE, "aa")}), around(), Reason.DESIGN_UNFIT),
    ],
)
def test_each_reason(prints: Prints | None, surroundings: Surroundings, reason: Reason) -> None:
    found = flaw(prints, surroundings)
    assert found is not None
    assert found.reason == reason
    assert found.sentence.endswith(".")


def test_an_address_that_gives_what_is_printed_has_not_changed_for_it() -> None:
    """Somebody accepted the new file here, while others print the former."""
    assert flaw(GOOD, around(changed={WHERE: "aa"})) is None
    assert flaw(GOOD, around(changed={"https://example.com/other.png": "bb"})) is None


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_the_most_basic_reason_is_told(there: bool, whole: bool, sharp: bool, changed: bool, offered: bool) -> None:
    kept = {"aa": Kept(SHARP if sharp else COARSE, there, there and whole)}
    surroundings = Surroundings({"shirt": SHIRT} if offered else {}, kept, {WHERE: "bb"} if changed else {})
    expected = [
        reason
        for reason, broken in (
            (Reason.PRODUCT_WITHDRAWN, not offered),
            (Reason.FILE_MISSING, not there),
            (Reason.FILE_ALTERED, not whole),
            (Reason.SOURCE_CHANGED, changed),
            (Reason.DESIGN_UNFIT, not sharp),
        )
        if broken
    ]
    found = flaw(GOOD, surroundings)
    assert (found.reason if found else None) == next(iter(expected), None)


def test_the_command_that_mends() -> None:
    def command(prints: Prints | None, surroundings: Surroundings) -> str:
        found = flaw(prints, surroundings)
        assert found is not None
        return mend(found, "Paper Harbor", "Harbor Ltd", "SKU 1", prints)

    connect = "gcw products connect 'Paper Harbor' 'SKU 1' shirt"
    assert command(None, around()) == "gcw products suggest 'Paper Harbor'"
    assert command(GOOD._replace(product_uid="no"), around()) == "gcw catalog show --customer 'Harbor Ltd'"
    assert command(Prints("shirt", {}), around()) == f"{connect} --design front=FILE"
    assert command(GOOD, around({"aa": Kept(SHARP, False, False)})) == f"{connect} --design front={WHERE}"
    assert command(GOOD, around({"aa": Kept(COARSE, True, True)})) == f"{connect} --design front=FILE"
    assert command(GOOD, around(changed={WHERE: "b"})) == f"gcw design accept {WHERE}"
    secret = Prints("shirt", {"front": Used(f"{WHERE}?token=secret", "cc")})
    assert command(secret, around()) == f"{connect} --design front=FILE"
    assert command(secret, around({"cc": Kept(SHARP, True, True)}, {f"{WHERE}?token=secret": "b"})) == (
        f"gcw design accept {WHERE}"
    )
