"""Each documented code is known, and what the client does about it is what its kind says."""

from collections.abc import Callable, Iterator

import pytest
import yaml

from gcw_tiktok.errors import GcwError
from gcw_tiktok.tiktok import codes_from_openapi
from gcw_tiktok.tiktok.codes import CODES
from tiktok.far_side import FarSide, envelope

DESCRIPTION = yaml.safe_load(codes_from_openapi.DESCRIPTION.read_text("utf-8"))

# Of each kind: how often a read is sent, how often a write, the exit code and a word of the advice.
ONCE = (1, 1)
BEHAVIOUR: dict[str, tuple[tuple[int, int], int, str]] = {
    "retry": ((2, 1), 6, "again"),
    "limit": ((2, 2), 6, "again"),
    "token": ((2, 2), 3, "gcw store connect"),
    "version": ((1, 2), 5, "Update gcw"),
    "grant": (ONCE, 3, "gcw store connect"),
    "scope": (ONCE, 3, "Partner Center"),
    "shop": (ONCE, 3, "gcw store connect"),
    "inactive": (ONCE, 3, "Seller Center"),
    "app": (ONCE, 3, "gcw app configure"),
    "address": (ONCE, 3, "IP allow list"),
    "fix": (ONCE, 4, "Correct"),
    "stop": (ONCE, 5, "gcw orders pull"),
    "product": (ONCE, 5, "listing"),
    "hold": (ONCE, 5, "hold hour"),
    "done": (ONCE, 5, "compare"),
    "credential": (ONCE, 4, "Correct"),  # its message decides; tested with each message beside the others
}


def documented() -> Iterator[tuple[int, str]]:
    yield from ((code, kind) for code, kind, _ in codes_from_openapi.documented(DESCRIPTION))
    yield from ((code, kind) for code, (kind, _) in codes_from_openapi.COMMON.items())
    yield from ((code, "product") for code, _ in codes_from_openapi.of_listings())


def test_every_documented_code_is_known_and_its_kind_has_a_behaviour() -> None:
    found = dict(documented())
    assert len(found) > 400
    assert set(found) == set(CODES)
    assert {kind for _, kind in documented()} <= set(BEHAVIOUR)


def test_ranges_are_read_to_their_ends() -> None:
    codes = [code for code, _ in codes_from_openapi.of_listings()]
    assert len(codes) == len(set(codes))
    assert {12052240, 12052248, 12052256} <= set(codes)
    assert not {12052239, 12052257} & set(codes)


@pytest.mark.parametrize("code", sorted(CODES))
def test_the_client_does_what_its_kind_says(code: int) -> None:
    kind = CODES[code][0]
    (reads, writes), exit_code, advice = BEHAVIOUR[kind]
    for call, times in ((read, reads), (write, writes)):
        far = FarSide().will(envelope(code=code, message="no"), envelope({"ok": 1}))
        failure = failure_of(call, far)
        assert len(far.requests) == times
        assert (failure is None) == (times > 1)
        if failure:
            assert (failure.exit_code, failure.request_id) == (exit_code, "REQ1")
            assert str(code) in str(failure)
            lost = kind == "retry" and call is write  # it may have happened all the same
            assert ("before repeating it" if lost else advice) in failure.hint


@pytest.mark.parametrize("code", sorted(code for code, (kind, _) in CODES.items() if BEHAVIOUR[kind][0] != ONCE))
def test_one_that_does_not_go_away_is_told_with_advice(code: int) -> None:
    _, exit_code, advice = BEHAVIOUR[CODES[code][0]]
    with pytest.raises(GcwError) as caught:
        read(FarSide().will(envelope(code=code, message="no")))
    assert caught.value.exit_code == exit_code
    assert advice in caught.value.hint


@pytest.mark.parametrize(
    ("status", "code", "sent", "exit_code"),
    [(200, 77_777_777, 1, 5), (403, 77_777_777, 1, 5), (200, 12_999_999, 1, 5), (503, 77_777_777, 2, 6)],
)
def test_an_unknown_one_is_shown_and_sent_again_only_where_tiktok_was_down(
    status: int, code: int, sent: int, exit_code: int
) -> None:
    far = FarSide().will(envelope(code=code, message="a new rule", status=status), envelope({"ok": 1}))
    failure = failure_of(read, far)
    assert len(far.requests) == sent
    assert (failure is None) == (sent > 1)
    if failure:
        assert "a new rule" in str(failure)
        assert str(code) in str(failure)
        assert (failure.request_id, failure.exit_code) == ("REQ1", exit_code)


def failure_of(call: Callable[[FarSide], object], far: FarSide) -> GcwError | None:
    """How a call fails, or None when it gets through."""
    try:
        call(far)
    except GcwError as error:
        return error
    return None


def read(far: FarSide) -> object:
    return far.client().call("search_orders", "POST", "/order/{version}/orders/search", json={}, repeatable=True)


def write(far: FarSide) -> object:
    return far.client().call("mark_shipped", "POST", "/fulfillment/{version}/x", json={}, repeatable=False)
