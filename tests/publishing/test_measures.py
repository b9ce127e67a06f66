"""Weights, sizes, prices and texts as operators write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow.publishing import measures, texts
from gcw_tiktok.workflow.publishing.wanted import LONGEST_REFERENCE, reference_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.6lb", ("0.6", "POUND")),
        ("1 LBS", ("1", "POUND")),
        ("10 oz", ("0.62", "POUND")),
        ("0.01oz", ("0.01", "POUND")),
        ("300g", ("0.3", "KILOGRAM")),
        ("1.2345kg", ("1.234", "KILOGRAM")),
        ("0lb", None),
        ("heavy", None),
        ("-1lb", None),
        ("1 stone", None),
    ],
)
def test_weights(text: str, wanted: tuple[str, str] | None) -> None:
    assert measures.weight(text) == (wanted and {"value": wanted[0], "unit": wanted[1]})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("26x4x4in", ("26", "4", "4", "INCH")),
        ('26 x 4.255 X 4 "', ("26", "4.26", "4", "INCH")),
        ("660x100x100mm", ("66", "10", "10", "CENTIMETER")),
        ("26x4in", None),
        ("26x0x4in", None),
        ("26x4x4", None),
    ],
)
def test_sizes(text: str, wanted: tuple[str, ...] | None) -> None:
    names = ("length", "width", "height", "unit")
    assert measures.size(text) == (wanted and dict(zip(names, wanted, strict=True)))


@pytest.mark.parametrize("text", ["", "0", "-1", "NaN", "Infinity", "1.001", "1,50", "1e999", "24.99 USD"])
def test_what_is_no_price(text: str) -> None:
    assert measures.price(text) is None


@given(st.decimals("0.01", "7600", places=2))
def test_prices(amount: Decimal) -> None:
    assert measures.price(f"${amount}") == amount


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    weight, size = measures.weight(text), measures.size(text)
    assert weight is None or Decimal(weight["value"]) > 0
    assert size is None or min(Decimal(size[side]) for side in measures.SIDES) > 0
    measures.price(text)


@given(st.text())
def test_references_are_words_for_seller_skus(title: str) -> None:
    reference = reference_of(title)
    assert reference == reference_of(title)
    assert 1 <= len(reference) <= LONGEST_REFERENCE
    assert reference.isascii()
    assert not set(reference) & set(" \t\n{}")


def test_titles_that_are_nearly_alike_have_references_of_their_own() -> None:
    titles = (
        "Evening Pier Art Poster, red",
        "Evening Pier Art Poster, blue",
        "Pier",
        "Pier!",
        "Pier?",
        "P-ier",
        "P ier",
    )
    assert len({reference_of(title) for title in titles}) == len(titles) - 1, "a hyphen is as good as a blank"


def test_plain_text_becomes_paragraphs_and_html_stays() -> None:
    assert (
        texts.as_html("Tea & more.\nFor <5 people.\n\n\nHot.") == "<p>Tea &amp; more. For &lt;5 people.</p><p>Hot.</p>"
    )
    assert texts.as_html(" <p>Tea</p> ") == "<p>Tea</p>"
    assert texts.as_html("") == ""
