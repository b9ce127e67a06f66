"""Writes `codes.py` from the API description: `python -m gcw_tiktok.tiktok.codes_from_openapi`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DESCRIPTION = Path(__file__).with_name("openapi.yaml")
TABLE = Path(__file__).with_name("codes.py")

CAUTIOUS = ("stop", "fix", "product", "retry", "done")
"""Where operations disagree about a code, the earlier kind wins: it neither repeats nor claims success."""

COMMON: dict[int, tuple[str, str]] = {
    10007014: ("stop", "package is frozen"),
    11007016: ("stop", "self-delivery tracking is not open to this seller"),
    11007018: ("stop", "no order with this tracking number"),
    11007021: ("stop", "carrier not allowed here"),
    12001000: ("retry", "product service internal failure"),
    12052109: ("limit", "too many requests for this seller"),
    12052881: ("retry", "product service internal failure"),
    21011044: ("hold", "order is on hold"),
    33001002: ("retry", "internal failure"),
    36004001: ("token", "refresh token expired"),
    36004004: ("grant", "authorization code used up, expired or wrong"),
    36004005: ("token", "authorization not found"),
    36009002: ("limit", "too many requests"),
    36009003: ("retry", "internal failure or timeout"),
    36009004: ("credential", "a credential, the timestamp or a parameter is wrong; the message says which"),
    36009007: ("retry", "timeout inside TikTok Shop"),
    36009009: ("version", "unknown path"),
    36009010: ("version", "method not supported"),
    36009014: ("version", "API version not supported"),
    36009021: ("fix", "file too large"),
    36009022: ("fix", "wrong body format"),
    36009023: ("fix", "wrong content type"),
    36009033: ("address", "caller's IP address is not in the app's allow list"),
    36009037: ("limit", "too many exports"),
    36009043: ("inactive", "shop is inactive"),
    36009044: ("inactive", "seller account is inactive"),
    98001004: ("fix", "a parameter is wrong"),
    101000: ("shop", "token and shop do not belong together"),
    105001: ("token", "access token invalid"),
    105002: ("token", "access token expired"),
    105003: ("token", "access token invalid"),
    105004: ("token", "access token invalid"),
    105005: ("scope", "a permission is missing on the app or on the shop's authorization"),
    106001: ("app", "signature wrong"),
    106013: ("shop", "shop_cipher is missing"),
}
"""Codes any call may answer with, and those that no operation's own list has."""

LISTINGS: dict[str, str] = {
    "seller not allowed to do this": "12009014 12019114",
    "seller's set-up is not finished": "12052419",
    "category unknown or not available": "12019064 12052002 12052446 12052912",
    "title missing, too long or badly formatted": "12052263 12052266",
    "description missing, too long or bad HTML": "12052348-12052352",
    "description images too many or not hosted by TikTok Shop": "12052324 12052341-12052343",
    "image unknown to TikTok Shop": "12052722",
    "sales attributes: unknown, too many, duplicated or incomplete": "12019019 12052524 12052527 12052529",
    "variant images missing or not accepted": "12052356 12052357 12052520-12052523",
    "variants: empty, too many, duplicated or of another product": (
        "12019056 12019057 12052553 12052557 12052558 12052902"
    ),
    "identifier code invalid or duplicated": "12052593",
    "external id too long": "12052369",
    "attribute wrong, duplicated or badly formatted": "12052240-12052256",
    "restricted words": "12052151-12052153",
    "qualification or certificate file wrong or out of date": "12052385 12052650-12052658 12052670 12052671",
    "price or currency invalid": "12052092 12052424 12052571 12052572",
    "stock could not be changed": "12052037 12052393",
    "warehouse missing, wrong, or several where one is allowed": "12052094 12052096 12052115 12052533 12052534",
    "no logistics service for it": "12052364 12052403 12052405",
    "package weight, size or units invalid": "12019060 12019061 12052003-12052006 12052116 12052916",
    "pre_sale members missing or outside their range": (
        "12019094 12019100 12052268 12052273-12052275 12052309-12052315 12052329"
    ),
    "product does not exist": "12019008 12052031",
    "product of another shop": "12052034",
    "product status does not allow it": "12019113 12052308 12052371 12052547 12052922",
    "paging wrong": "12019108 12019109 12019123 12019124",
    "time filter wrong": "12019118 12019119",
    "a parameter is wrong": "12019210",
}
"""Further codes of the product calls, which operations' own lists leave out; each needs a change of the listing, of
its state or of the seller's set-up."""

HEADER = '''"""TikTok Shop's error codes: what to do about each, and what it means.

Written by `python -m gcw_tiktok.tiktok.codes_from_openapi`; change `openapi.yaml` or that module instead.
"""
# fmt: off
# ruff: noqa: E501

CODES: dict[int, tuple[str, str]] = {
'''


def documented(description: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Every code, kind and meaning that an operation of the description lists."""
    for operations in description["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                for entry in operation.get("x-error-codes", ()):
                    yield entry["code"], entry["kind"], entry["meaning"]


def of_listings() -> Iterator[tuple[int, str]]:
    """Each of `LISTINGS` with its meaning."""
    for meaning, codes in LISTINGS.items():
        for part in codes.split():
            first, _, last = part.partition("-")
            for code in range(int(first), int(last or first) + 1):
                yield code, meaning


def table(description: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """One kind and meaning for each code."""
    codes = {code: ("product", meaning) for code, meaning in of_listings()}
    for code, kind, meaning in documented(description):
        known = codes.get(code)
        if known is None or CAUTIOUS.index(kind) < CAUTIOUS.index(known[0]):
            codes[code] = (kind, meaning)
    return codes | COMMON


def render(description: Mapping[str, Any]) -> str:
    """The text of `codes.py`."""
    rows = (
        f"    {code}: ({json.dumps(kind)}, {json.dumps(meaning, ensure_ascii=False)}),\n"
        for code, (kind, meaning) in sorted(table(description).items())
    )
    return HEADER + "".join(rows) + "}\n"


def main() -> None:
    description = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    TABLE.write_text(render(description), encoding="utf-8")


if __name__ == "__main__":
    main()
