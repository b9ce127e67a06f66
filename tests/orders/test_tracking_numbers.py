"""A slip in a tracking number is found before TikTok hears of it, since TikTok takes one correction only."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow.shipping import numbers
from orders.shop import NUMBER, SECOND_NUMBER, Shop

SOUND = {
    "USPS": (
        "9400111206206406260787",
        "9405803699300124287899",
        "03071790000523483741",
        "71969010756003077385",
        "9101123456789000000013",
        "9505511069605048600624",
        "RB123456785US",
    ),
    "UPS": ("1Z5R89390357567127", "1Z879E930346834440", "1Z410E7W0392751591", "K1506235620", "J4603636537"),
    "FedEx": (
        "986578788855",
        "477179081230",
        "041441760228964",
        "568283610012734",
        "9611020987654312345672",
        "9622001900000000000000776632517510",
        "00012345000000000027",
    ),
    "OnTrac": ("C11031500001879", "D10011354453707", "C10999911320231"),
    "DHL Express": ("3318810025", "73891051146", "JJD0099999999"),
    "DHL eCommerce": ("GM2951173225174494", "60120172242323", "9261290113185417468510"),
    "Amazon Logistics": ("TBA010000000000",),
    "LaserShip": ("LX17635036", "1LS717793482164"),
}
"""Published examples of the carriers."""


@pytest.mark.parametrize(("carrier", "number"), [(name, one) for name, ones in SOUND.items() for one in ones])
def test_what_carriers_print_is_not_doubted(carrier: str, number: str) -> None:
    assert numbers.doubt(number, carrier) == ""


@pytest.mark.parametrize(
    ("number", "carrier", "says"),
    [
        ("9400111206206406260788", "USPS", "check digit"),
        ("1Z5R89390357567128", "UPS", "check digit"),
        ("986578788856", "FedEx", "check digit"),
        ("C11031500001889", "OnTrac", "check digit"),
        ("3318810024", "DHL Express", "check digit"),
        ("RB123456786US", "USPS", "check digit"),
        ("9400111206206406260787", "UPS", "looks like one of USPS"),
        ("1Z5R89390357567127", "USPS", "looks like one of UPS"),
        ("TBA010000000000", "FedEx", "looks like one of Amazon Logistics"),
        ("940011120620640626078", "USPS", "shape of USPS's numbers (21 characters)"),
        ("420787459400111206206406260787", "USPS", "the tracking number is 9400111206206406260787"),
    ],
)
def test_what_is_wrong_is_said(number: str, carrier: str, says: str) -> None:
    assert says in numbers.doubt(number, carrier)


@given(st.sampled_from(SOUND["USPS"][:2] + SOUND["USPS"][5:6]), st.integers(0, 21), st.sampled_from(string.digits))
def test_one_wrong_digit_of_the_post_is_always_found(number: str, place: int, digit: str) -> None:
    typed = number[:place] + digit + number[place + 1 :]
    assert (numbers.doubt(typed, "USPS") == "") == (typed == number)


@given(
    st.text(string.digits + string.ascii_uppercase + "-", min_size=1, max_size=60), st.sampled_from([*SOUND, "Veho"])
)
def test_whatever_is_typed_has_an_answer(number: str, carrier: str) -> None:
    said = numbers.doubt(number, carrier)
    assert not said or (carrier != "Veho" and said.endswith("."))


def test_a_doubtful_number_is_not_sent_until_somebody_says_that_it_is_right(shop: Shop) -> None:
    order_id = shop.released()
    wrong = NUMBER[:-1] + "4"
    ran = shop.gcw.fails(4, *shop.ship(order_id, "--json", number=wrong))
    assert ran.error["code"] == "tracking_number"
    assert "check digit" in ran.error["message"]
    assert "--yes" in ran.error["hint"]
    assert (shop.told(), shop.stage(order_id)) == ([], "created")
    shop.gcw(*shop.ship(order_id, "--yes", number=wrong))
    assert (len(shop.told()), shop.stage(order_id)) == (1, "shipped")
    shop.gcw(*shop.ship(order_id, number=wrong))  # TikTok has it by now: nothing is asked again
    assert len(shop.told()) == 1


def test_of_carriers_whose_numbers_are_not_known_only_the_characters_are_looked_at(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "ship", order_id, "--carrier", "Veho", "--tracking", SECOND_NUMBER)
    assert shop.stage(order_id) == "shipped"
