"""Hands orders over to GelatoConnect's order intake, and asks it how far they are."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from sqlmodel import select

from gcw_tiktok.errors import BadInput, Refused, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Vault
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import facilities
from gcw_tiktok.workflow.production import carriers, handoff
from gcw_tiktok.workflow.production.carriers import CannotTell, Carrier, Opener, Placed, Unsure
from gcw_tiktok.workflow.production.handoff import Released
from gcw_tiktok.workflow.production.stopping import CancelThere

SCHEME = "gelatoconnect:"
NOBODYS = "TTS-0"
CANCELED = ("canceled", "cancelled")
LONGEST_VALUE = 100
"""Of one piece of metadata, as Gelato's public API has it."""
LONGEST_WORDS = 200
DUPLICATE_SIGNS = ("duplicate", "already exist")
UNSETTLED = (408, 425, 429)


def opener(http: httpx.Client, vault: Vault) -> Opener:
    """Finds either kind of carrier; a connector's key is asked for when it is first needed."""

    def opened(hand_off: str) -> Carrier:
        return Connector(hand_off, http, vault) if hand_off.startswith(SCHEME) else carriers.folder(hand_off)

    return opened


def canceller(database: Database, http: httpx.Client, vault: Vault) -> CancelThere:
    """Cancels orders at the connectors whose facility says where that is done."""

    def cancel(place: str, reference: str, customer: str) -> bool:
        with database.view() as session:
            query = select(Facility.cancel_url).where(Facility.hand_off == place, Facility.cancel_url != "")
            url = session.exec(query).first()
        if not url:
            return False
        address = url.replace(facilities.REFERENCE, quote(reference, safe=""))
        return Connector(place, http, vault).cancel(address, reference, customer)

    return cancel


class Connector:
    """An API connector of GelatoConnect, by its *Submit order* address."""

    def __init__(self, hand_off: str, http: httpx.Client, vault: Vault) -> None:
        self.where = hand_off
        self._url = hand_off.removeprefix(SCHEME)
        self._http = http
        self._vault = vault

    def begin(self, reference: str) -> str:
        self._headers()  # without a key nothing is begun
        return ""

    def sweep(self, reference: str, keep: str = "") -> None:
        """Nothing lies about: an order is one request."""

    def left_behind(self) -> dict[str, str]:
        return {}

    def earlier(self, reference: str, key: str, attempt: str) -> Placed | None:
        found = self.get(reference)
        return Placed({"id": _id(found), "reference": reference})

    def answers(self) -> str:
        """Asks for an order that nobody has: whatever GelatoConnect says but that the key is wrong, it is there."""
        response = self._ask("GET", f"{self._url}/{NOBODYS}")
        return f"{urlsplit(self._url).hostname} answers ({response.status_code}); the key is kept"

    def get(self, reference: str) -> Mapping[str, Any]:
        """The order as GelatoConnect shows it. Its address is our guess, so that "not found" says nothing."""
        response = self._ask("GET", f"{self._url}/{quote(reference, safe='')}")
        told = _told(response)
        if not response.is_success or told.get("orderReferenceId") != reference:
            raise CannotTell(f"GelatoConnect does not say whether it has {reference}.", f"Look for {reference} there.")
        return told

    def cancel(self, url: str, reference: str, customer: str) -> bool:
        """Whether GelatoConnect has cancelled the order, now or before; until it is shipped it can be."""
        if self._ask("POST", url, customer=customer).is_success:
            return True
        try:
            told = self.get(reference)
        except CannotTell:
            return False
        return str(told.get("fulfillmentStatus", "")).casefold() in CANCELED

    def place(self, attempt: str, order: Released) -> Placed:
        body = document(order)
        response = self._ask("POST", self._url, body, order.customer_reference)
        told = _told(response)
        if response.is_success:
            if not _id(told) or told.get("orderReferenceId", order.reference) != order.reference:
                raise _unsure(f"answered {response.status_code}, but not with the order {order.reference}")
            return Placed({"id": _id(told), "reference": order.reference})
        words = _words(told)
        if response.status_code == httpx.codes.CONFLICT or any(sign in words.lower() for sign in DUPLICATE_SIGNS):
            doubt = f"GelatoConnect had an order {order.reference} already. Compare what it prints with this order."
            return Placed({"id": "", "reference": order.reference}, doubt)
        raise Refused(
            f"GelatoConnect refuses {order.reference} ({response.status_code}): {words or 'it gives no reason'}.",
            f"Mend it, then run `gcw orders release {order.order_id} --yes`.",
        )

    def _ask(self, method: str, url: str, body: Mapping[str, Any] | None = None, customer: str = "") -> httpx.Response:
        """One request, never repeated here."""
        headers = self._headers() | ({"Customer-Reference-ID": customer} if customer else {})
        try:
            response = self._http.request(method, url, json=body, headers=headers, follow_redirects=False)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            why = ": its certificate is not accepted" if "CERTIFICATE" in str(error).upper() else ""
            raise _unsure(f"could not be reached{why}") from error
        except httpx.RequestError as error:
            raise _unsure("gave no answer") from error
        if response.status_code in UNSETTLED or response.status_code >= 500:
            raise _unsure(f"answered {response.status_code}")
        if response.status_code in (401, 403):
            raise SetupMissing(
                f"GelatoConnect does not take the key for {urlsplit(self._url).hostname}.",
                "Give it the connector's key with `gcw facility key FACILITY`.",
            )
        return response

    def _headers(self) -> dict[str, str]:
        key = self._vault.get(self.where)
        if not key:
            raise SetupMissing(
                f"The key of the connector at {urlsplit(self._url).hostname} is missing.",
                "Give it with `gcw facility key FACILITY`.",
            )
        return {"X-API-KEY": key}


def document(order: Released) -> dict[str, Any]:
    """The order as GelatoConnect takes it, with addresses where it can fetch the designs.

    `BadInput` where it could fetch nothing, or another file than the one that was pinned.
    """
    urls = {}
    for unit in order.units:
        for one in unit.designs:
            if not one.address:
                raise BadInput(
                    f"GelatoConnect cannot fetch the design of {unit.seller_sku or unit.product_uid} ({one.area}): "
                    f"{one.why_no_address or 'it was pinned from a file of this machine'}.",
                    "Connect the variant with a design from an https address, or hand over to a folder.",
                )
            urls[one.path] = one.address
    told = handoff.document(order, urls)
    for holder in (told, *told["items"]):
        if "metadata" in holder:
            holder["metadata"] = [piece for one in holder["metadata"] for piece in _pieces(one)]
    return told


def _pieces(one: Mapping[str, str]) -> list[dict[str, str]]:
    """Metadata that is too long in several pieces: nothing of it is lost."""
    name, value = one["key"], one["value"]
    parts = [value[start : start + LONGEST_VALUE] for start in range(0, len(value), LONGEST_VALUE)]
    return [{"key": name if number == 1 else f"{name}-{number}", "value": part} for number, part in enumerate(parts, 1)]


def _told(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _id(told: Mapping[str, Any]) -> str:
    found = told.get("id")
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _words(told: Mapping[str, Any]) -> str:
    """What GelatoConnect says of a refusal, on one line. Its form is not public."""
    said = told.get("message") or told.get("error") or told.get("errors") or dict(told)
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    plain = "".join(one if one.isprintable() else " " for one in text)
    return "" if said == {} else " ".join(plain.split())[:LONGEST_WORDS].rstrip(".")


def _unsure(what: str) -> Unsure:
    return Unsure(f"GelatoConnect {what}.", "Run `gcw orders release` again: gcw asks first what has arrived.")
