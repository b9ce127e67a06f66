"""Tracking numbers as carriers print them on labels, check digit included."""

from collections.abc import Callable


def of(carrier: str, seed: str) -> str:
    """A number of a carrier that depends on nothing but a seed of hex digits."""
    digits = f"{int(seed[:24], 16):027}"[-20:]
    return MAKERS[carrier](digits)


def _usps(digits: str) -> str:
    """Service 94 00, mailer and serial, then a digit that makes the weighted sum a multiple of ten."""
    number = "9400" + digits[:17]
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(number)))
    return number + str(-total % 10)


def _ups(digits: str) -> str:
    """1Z, shipper, service 03 and serial; even places count twice."""
    body = digits[:6] + "03" + digits[6:13]
    total = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(body))
    return f"1Z{body}{-total % 10}"


def _fedex(digits: str) -> str:
    """Eleven digits and the remainder of their weighted sum."""
    body = digits[:11]
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 1, 7) * 4, strict=False))
    return body + str(total % 11 % 10)


MAKERS: dict[str, Callable[[str], str]] = {"USPS": _usps, "UPS": _ups, "FedEx": _fedex}
