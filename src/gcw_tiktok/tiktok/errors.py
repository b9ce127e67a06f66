"""TikTok Shop's failures, sorted by what to do about them.

TikTokError
├─ NotAuthorized      the shop must authorize gcw (again), or a permission is missing
├─ AppMisconfigured   app key, secret, allowed addresses or this machine's clock
├─ BadRequest         what was sent cannot be used
├─ TikTokRefused      a rule of TikTok Shop's forbids it
│  └─ OnHold          the buyer's free-cancel hour is running
├─ AlreadyDone        the effect exists, perhaps from another try: read it back, compare
├─ Unavailable        network, rate limit, TikTok Shop down: later
└─ OutcomeUnknown     a write whose answer was lost: read back before repeating
"""

from gcw_tiktok.errors import BadInput, GcwError, Refused, SetupMissing, TryAgain
from gcw_tiktok.tiktok.codes import CODES


class TikTokError(GcwError):
    """A failure of a call, with TikTok's own code (0 where it sent none) and why it was sorted so."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        tiktok_code: int = 0,
        request_id: str = "",
        kind: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message, hint, request_id=request_id)
        self.tiktok_code = tiktok_code
        self.kind = kind
        self.retry_after = retry_after


class NotAuthorized(TikTokError, SetupMissing):
    """The token, its permissions or the shop's state do not allow the call; a person must act."""

    code = "not_authorized"


class AppMisconfigured(TikTokError, SetupMissing):
    """The app's key, secret or allowed addresses, or this machine's clock, is wrong."""

    code = "app_misconfigured"


class BadRequest(TikTokError, BadInput):
    """TikTok Shop cannot use what was sent; the same request will fail again."""

    code = "bad_request"


class TikTokRefused(TikTokError, Refused):
    """A rule of TikTok Shop's forbids it now."""

    code = "tiktok_refused"


class OnHold(TikTokRefused):
    """The order is on hold: nothing may be shipped yet."""

    code = "on_hold"


class AlreadyDone(TikTokError, Refused):
    """The effect exists already. Read it back: it may be another's, with another tracking number."""

    code = "already_done"


class Unavailable(TikTokError, TryAgain):
    """The far side could not answer now; nothing was changed by a write that ends so."""

    code = "unavailable"


class OutcomeUnknown(TikTokError, TryAgain):
    """A write was sent and its answer lost: it may or may not have happened."""

    code = "outcome_unknown"


CLASSES: dict[str, type[TikTokError]] = {
    "grant": NotAuthorized,
    "token": NotAuthorized,
    "scope": NotAuthorized,
    "shop": NotAuthorized,
    "inactive": NotAuthorized,
    "app": AppMisconfigured,
    "address": AppMisconfigured,
    "clock": AppMisconfigured,
    "fix": BadRequest,
    "stop": TikTokRefused,
    "product": TikTokRefused,
    "version": TikTokRefused,
    "hold": OnHold,
    "done": AlreadyDone,
    "limit": Unavailable,
    "retry": Unavailable,
}

HINTS = {
    "grant": "Run `gcw store connect`; a code works once and for 30 minutes.",
    "token": "Run `gcw store connect` so that the shop authorizes gcw again.",
    "scope": "Enable the permission for the app in Partner Center, then run `gcw store connect`.",
    "shop": "Run `gcw store connect` to authorize gcw again; `gcw store list` shows the state.",
    "inactive": "The seller must reactivate the shop in Seller Center; `gcw store list` shows its state.",
    "app": "Compare the app key and secret with Partner Center, then run `gcw app configure`.",
    "address": "Add this machine's address to the app's IP allow list in Partner Center; `gcw doctor` checks.",
    "clock": "Set this machine's clock (5 minutes behind or 30 seconds ahead is too much); `gcw doctor` checks.",
    "fix": "Correct what was given; `gcw doctor` checks the set-up.",
    "stop": "Run `gcw orders pull` to see what TikTok Shop allows now.",
    "product": "Change the listing, or finish the set-up in Seller Center, then try again.",
    "version": "Update gcw: TikTok Shop no longer offers the versions of this call that it knows.",
    "hold": "Wait until the hold hour is over, then run `gcw orders pull`.",
    "done": "Run `gcw orders pull` and compare what TikTok Shop has.",
    "limit": "Wait a minute and run the same command again.",
    "retry": "Run the same command again in a few minutes.",
    "unreached": "Check the network, then run `gcw doctor`.",
    "proxy": "Check the proxy and the address in the settings with `gcw doctor`.",
    "lost": "Run the same command again in a few minutes.",
    "unknown": "Run `gcw orders pull` and look whether it happened before repeating it.",
}


def from_answer(status: int, code: int, message: str, request_id: str, call: str) -> TikTokError:
    """The failure that TikTok's answer to `call` tells of."""
    kind = kind_of(status, code, message)
    meaning = CODES.get(code, ("", ""))[1]
    said = printable(message) or meaning or f"HTTP {status}"
    verb = "could not answer" if CLASSES[kind] is Unavailable else "refused"
    return CLASSES[kind](
        f'TikTok Shop {verb} "{call.replace("_", " ")}": {said.rstrip(".")} (code {code}).',
        HINTS[kind],
        tiktok_code=code,
        request_id=printable(request_id),
        kind=kind,
    )


def kind_of(status: int, code: int, message: str) -> str:
    """Why a call failed, in one word: a key of `CLASSES`. The code decides, then the HTTP status."""
    if status == 429:
        return "limit"
    kind = CODES.get(code, ("", ""))[0]
    if kind == "credential":
        return _kind_of_credential(message.lower())
    return kind or _kind_of_unknown(status, code)


def _kind_of_unknown(status: int, code: int) -> str:
    if status >= 500 or status == 408:
        return "retry"
    if status == 401 or 105000 <= code < 106000:
        return "token"
    return "product" if 12_000_000 <= code < 13_000_000 else "stop"


def _kind_of_credential(message: str) -> str:
    """36009004 stands for a dozen failures, so its message decides. `message` is in lower case."""
    about_credentials = "credential" in message or "query parameter" in message
    if "timestamp" in message and (about_credentials or any(word in message for word in CLOCK_WORDS)):
        return "clock"
    if "access_token" in message or "x-tts-access-token" in message:
        return "token"
    if "app_key" in message or (about_credentials and "sign" in message):
        return "app"
    if "api version" in message:
        return "version"
    if "shop_id" in message or "shop_cipher" in message:
        return "fix" if "not required" in message or "unexpected" in message else "shop"
    return "fix"


CLOCK_WORDS = ("earlier than", "exceed", "lesser than", "less than 0")


def printable(text: str, limit: int = 300) -> str:
    """Text of others, made safe for a terminal: one line, no control characters, not endless."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
