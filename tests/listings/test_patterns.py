"""Patterns that rules are made of: letter by letter, and never one reading of several."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow.listings import patterns
from gcw_tiktok.workflow.listings.patterns import NotAName, NotAPattern

LETTERS = "ab-"
texts = st.text(LETTERS, max_size=12)


@st.composite
def pattern_texts(draw: st.DrawFn) -> str:
    """Literal texts with up to three parts between them."""
    literals = [
        draw(st.text(LETTERS, max_size=2)),
        *draw(st.lists(st.text(LETTERS, min_size=1, max_size=2), max_size=2)),
    ]
    names = ["x", "y", "z"][: draw(st.integers(len(literals) - 1, len(literals)))]
    whole = literals[0]
    for index, name in enumerate(names):
        whole += f"{{{name}}}" + (literals[index + 1] if index + 1 < len(literals) else "")
    return whole


def every_reading(pattern: str, text: str) -> list[dict[str, str]]:
    """All ways, by trying where each part could end."""
    pieces = patterns.PART.split(pattern)
    literals, names = pieces[::2], pieces[1::2]

    def rest(index: int, left: str) -> list[tuple[str, ...]]:
        if index == len(names):
            return [()] if not left else []
        after = literals[index + 1]
        return [
            (left[:end], *more)
            for end in range(1, len(left) + 1)
            if left[end:].startswith(after)
            for more in rest(index + 1, left[end + len(after) :])
        ]

    if not text.startswith(literals[0]):
        return []
    return [dict(zip(names, values, strict=True)) for values in rest(0, text[len(literals[0]) :])]


@given(pattern_texts(), texts)
def test_there_are_as_many_readings_as_there_are_ways_to_read_it_up_to_two(pattern: str, text: str) -> None:
    every = every_reading(pattern, text)
    found = patterns.pattern(pattern).readings(text)
    assert len(found) == min(len(every), 2)
    assert all(one in every for one in found)


@given(pattern_texts(), st.dictionaries(st.sampled_from("xyz"), st.text(LETTERS, min_size=1, max_size=3)))
def test_what_was_put_together_from_parts_is_read_as_them_or_in_several_ways(
    pattern: str, parts: dict[str, str]
) -> None:
    names = patterns.names_in(pattern)
    whole = {name: parts.get(name, "a") for name in names}
    found = patterns.pattern(pattern).readings(patterns.filled(pattern, whole))
    assert found == [whole] or len(found) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{size", "braces"), ("size}", "braces"), ("{}", "braces"), ("{Size}", "braces"), ("{a b}", "braces"),
        ("{a}{b}", "between two parts"), ("{a}-{a}", "stand here once"),
        ("-".join(f"{{p{number}}}" for number in range(9)), "more than 8 parts"),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotAPattern, match=why):
        patterns.pattern(text)


def test_a_hostile_text_takes_no_time() -> None:
    hard = patterns.pattern("-".join(f"{{p{number}}}" for number in range(8)) + "!")
    assert hard.readings("-" * patterns.LONGEST) == []
    assert hard.readings("-" * (patterns.LONGEST + 1)) == []


@pytest.mark.parametrize(
    "part", ["../x", "..", "a/b", "a\\b", ".hidden", "~root", "a\x00", "a\n", "C:x", "-rf", "a..b"]
)
def test_nothing_that_leads_elsewhere_becomes_part_of_a_path(part: str) -> None:
    with pytest.raises(NotAName, match=re.escape(repr(part))):
        patterns.source("designs/{name}.pdf", {"name": part})


def test_parts_of_an_address_are_quoted() -> None:
    assert patterns.source("https://x.example/{name}.pdf?v=1", {"name": "a/../b?c#ü"}) == (
        "https://x.example/a%2F..%2Fb%3Fc%23%C3%BC.pdf?v=1"
    )
    assert patterns.source("designs/{name}.pdf", {"name": "Grün 18x24 (new)"}) == "designs/Grün 18x24 (new).pdf"
