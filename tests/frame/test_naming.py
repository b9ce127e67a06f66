"""How a thing is found by what somebody typed, and how moments and spans are written."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow import naming, times

Named = tuple[str, str]
NAMES = st.text(alphabet="aAbBß 1", min_size=1, max_size=5).filter(str.strip)
THINGS = st.lists(st.tuples(NAMES, st.from_regex(r"7[0-9]{1,3}", fullmatch=True)), max_size=6, unique_by=lambda t: t[1])


def choose(wanted: str, things: list[Named]) -> Named:
    return naming.choose("store", wanted, things, lambda thing: thing, "gcw store list")


@given(NAMES, THINGS)
def test_what_is_found_was_meant_by_nothing_else(wanted: str, things: list[Named]) -> None:
    sought = wanted.strip().casefold()
    exact = [thing for thing in things if sought in (name.casefold() for name in thing)]
    begun = [thing for thing in things if any(name.casefold().startswith(sought) for name in thing)]
    meant = exact or begun
    if len(meant) == 1:
        assert choose(wanted, things) == meant[0]
        return
    with pytest.raises(BadInput) as caught:
        choose(wanted, things)
    assert caught.value.code == ("ambiguous" if meant else "unknown_name")
    if meant:
        assert all(thing[0] in str(caught.value) for thing in meant)


@given(THINGS)
def test_everything_can_be_named_by_its_id(things: list[Named]) -> None:
    for thing in things:
        if [one for one in things if one[0].casefold() == thing[1]]:
            continue  # somebody is called like another one's id
        assert choose(thing[1], things) == thing


@pytest.mark.parametrize("wanted", ["", " ", "\t"])
def test_nothing_names_nothing(wanted: str) -> None:
    with pytest.raises(BadInput, match="There is no store"):
        choose(wanted, [("Paper Harbor", "71")])


def test_what_is_unknown_names_near_ones() -> None:
    with pytest.raises(BadInput, match="Did you mean Paper Harbor") as caught:
        choose("paper habor", [("Paper Harbor", "71"), ("Mug Life", "72")])
    assert caught.value.hint == "See `gcw store list`."
    with pytest.raises(BadInput, match="none at all yet"):
        choose("paper", [])


def test_equal_names_are_told_apart_by_their_ids() -> None:
    with pytest.raises(BadInput, match=r"Paper Harbor \(71\), Paper Harbor \(72\)"):
        choose("paper", [("Paper Harbor", "71"), ("Paper Harbor", "72")])


def test_of_many_candidates_some_are_shown() -> None:
    with pytest.raises(BadInput, match="and 12 more"):
        choose("shop", [(f"Shop {number:02}", str(number)) for number in range(20)])


@given(st.text(max_size=20))
def test_a_kept_name_can_be_read_and_is_stable(name: str) -> None:
    try:
        kept = naming.cleaned("customer", name)
    except BadInput:
        assert not name.split() or not "".join(name.split()).isprintable()
        return
    assert kept == naming.cleaned("customer", kept)
    assert kept.isprintable()
    assert kept == kept.strip()


@given(st.integers(-(10**15), 10**15))
def test_any_moment_can_be_written(moment: int) -> None:
    shown = times.shown(moment)
    if re.fullmatch(r"-?\d+ s", shown):
        assert not -62_135_596_800 <= moment < 253_402_300_800, "only what is outside of all calendars"
        return
    assert shown.endswith("Z")
    if moment >= 0:
        read = datetime.strptime(shown, "%Y-%m-%d %H:%MZ").replace(tzinfo=UTC)
        assert 0 <= moment - read.timestamp() < 60


def test_no_moment_is_nothing() -> None:
    assert times.shown(None) == ""
    assert times.shown(0) == "1970-01-01 00:00Z"


@given(st.integers(-(10**9), 10**9))
def test_a_span_is_near_what_it_says(seconds: int) -> None:
    number, unit = times.span(seconds).split()
    length = {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]
    assert abs(int(number) * length - seconds) <= length / 2
    assert length == 1 or abs(int(number)) >= 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (5 * 86_400, "5 d"), (-7200, "-2 h")],
)
def test_spans(seconds: int, words: str) -> None:
    assert times.span(seconds) == words
