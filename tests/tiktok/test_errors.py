import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.errors import GcwError
from gcw_tiktok.tiktok import codes_from_openapi
from gcw_tiktok.tiktok.codes import CODES
from gcw_tiktok.tiktok.errors import (
    CLASSES,
    HINTS,
    AlreadyDone,
    AppMisconfigured,
    BadRequest,
    NotAuthorized,
    OnHold,
    OutcomeUnknown,
    TikTokError,
    TikTokRefused,
    Unavailable,
    from_answer,
)

COMMANDS = ("gcw store connect", "gcw store list", "gcw app configure", "gcw doctor", "gcw orders pull")


def test_the_table_of_codes_is_up_to_date() -> None:
    description = yaml.safe_load(codes_from_openapi.DESCRIPTION.read_text("utf-8"))
    assert codes_from_openapi.render(description) == codes_from_openapi.TABLE.read_text("utf-8")


def test_operations_that_disagree_get_the_cautious_kind() -> None:
    def one(kind: str) -> dict[str, object]:
        return {"get": {"x-error-codes": [{"code": 7, "kind": kind, "meaning": kind}]}}

    description = {"paths": {"/a": one("done"), "/b": one("stop"), "/c": one("retry")}}
    assert codes_from_openapi.table(description)[7] == ("stop", "stop")


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_sorted(code: int) -> None:
    kind = CODES[code][0]
    error = from_answer(200, code, "", "REQ", "mark_shipped")
    assert isinstance(error, CLASSES.get(kind, BadRequest))
    assert error.tiktok_code == code
    assert error.request_id == "REQ"
    assert str(code) in str(error)
    assert error.hint


@pytest.mark.parametrize(
    ("kind", "sorted_as", "exit_code"),
    [
        ("retry", Unavailable, 6),
        ("limit", Unavailable, 6),
        ("done", AlreadyDone, 5),
        ("fix", BadRequest, 4),
        ("stop", TikTokRefused, 5),
        ("product", TikTokRefused, 5),
        ("hold", OnHold, 5),
        ("token", NotAuthorized, 3),
        ("scope", NotAuthorized, 3),
        ("inactive", NotAuthorized, 3),
        ("app", AppMisconfigured, 3),
        ("address", AppMisconfigured, 3),
    ],
)
def test_kinds_tell_who_must_act(kind: str, sorted_as: type[TikTokError], exit_code: int) -> None:
    assert CLASSES[kind] is sorted_as
    assert sorted_as.exit_code == exit_code


@pytest.mark.parametrize(
    ("message", "sorted_as"),
    [
        ("Missing credentials. The required 'sign' or signature is missing", AppMisconfigured),
        ("Invalid credentials. Invalid 'app_key' query parameter.", AppMisconfigured),
        ("Invalid credentials. The 'x-tts-access-token' header is invalid", NotAuthorized),
        ("Invalid credentials. The `access_token` header is invalid", NotAuthorized),
        ("The 'timestamp' query parameter is earlier than 5 minutes", AppMisconfigured),
        ("Invalid timestamp: must not exceed the server time by 30 seconds", AppMisconfigured),
        ("Unexpected identifier. The 'shop_cipher' query parameter is not required", BadRequest),
        ("Invalid 'shop_cipher' query parameter", NotAuthorized),
        ("The 'shop_id' query parameter is invalid", NotAuthorized),
        ("Invalid API version", TikTokRefused),
        ("body.package_weight.value is missing", BadRequest),
        ("PageSize is a required field and has not been provided.", BadRequest),
        ("body.signature_required is missing", BadRequest),
        ("invalid param error", BadRequest),
    ],
)
def test_the_code_that_stands_for_many_is_read_by_its_message(message: str, sorted_as: type[TikTokError]) -> None:
    assert type(from_answer(400, 36009004, message, "", "search_orders")) is sorted_as


@pytest.mark.parametrize(
    ("status", "code", "sorted_as"),
    [
        (429, 999, Unavailable),
        (503, 999, Unavailable),
        (408, 999, Unavailable),
        (401, 999, NotAuthorized),
        (200, 105099, NotAuthorized),
        (200, 999, TikTokRefused),
        (403, 999, TikTokRefused),
        (500, 106001, AppMisconfigured),
        (429, 36009004, Unavailable),
    ],
)
def test_unknown_codes_are_sorted_by_status(status: int, code: int, sorted_as: type[TikTokError]) -> None:
    assert type(from_answer(status, code, "", "", "search_orders")) is sorted_as


@given(st.integers(100, 599), st.integers(-1, 10**10), st.text(), st.text())
def test_no_answer_is_left_unsorted(status: int, code: int, message: str, request_id: str) -> None:
    error = from_answer(status, code, message, request_id, "search_orders")
    assert isinstance(error, GcwError)
    assert str(error).isprintable()
    assert error.exit_code in (3, 4, 5, 6)


def test_hints_name_only_commands_that_exist() -> None:
    for hint in HINTS.values():
        for quoted in hint.split("`")[1::2]:
            assert quoted in COMMANDS


def test_an_unknown_outcome_is_neither_done_nor_refused() -> None:
    assert OutcomeUnknown.exit_code == 6
    assert not issubclass(OutcomeUnknown, Unavailable)
