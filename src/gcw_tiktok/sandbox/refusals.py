"""How TikTok Shop says no: a code, a sentence and an HTTP status."""

from typing import Any

HELP = "For more details: https://m.tiktok.shop/s/AIu6dbFhs2XW"


class Refusal(Exception):
    """Ends a call with a code other than 0."""

    def __init__(self, code: int, message: str, status: int = 200, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data
        self.headers: dict[str, str] = {}


def gateway(code: int, message: str, status: int = 400) -> Refusal:
    """Refused before the call itself was looked at; `data` is null."""
    return Refusal(code, message, status)


def business(code: int, message: str) -> Refusal:
    """Refused by a rule of the domain: HTTP 200 and an empty `data`."""
    return Refusal(code, message, 200, {})


def bad_parameter(message: str) -> Refusal:
    """A parameter or member of the body is missing or wrong."""
    return gateway(36009004, message)


def required(name: str) -> Refusal:
    """A required parameter is absent; TikTok Shop names it in capitals."""
    camel = "".join(part.capitalize() for part in name.split("_"))
    return bad_parameter(f"{camel} is a required field and has not been provided.")


def wrong_type(name: str, actual: str, expected: str) -> Refusal:
    """A parameter has another type than it should."""
    return bad_parameter(f"param {name} type invalid. actual type:{actual}, expected type:{expected}")
