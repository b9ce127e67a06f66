"""Which topics TikTok pushes for a store, and to which address."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Event, Store
from gcw_tiktok.tiktok import webhooks
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import BadRequest, TikTokRefused
from gcw_tiktok.workflow import history, notifications, times
from gcw_tiktok.workflow.history import Act

ACTED_ON = tuple(webhooks.TOPICS[kind] for kind in sorted(notifications.ACTED_ON))
"""The topics that gcw does something on, by TikTok's names."""
KNOWN = frozenset(webhooks.TOPICS.values()) | webhooks.UNNUMBERED
REGISTERED = "webhooks registered"
RULES = "TikTok takes https addresses of a domain name, without a port, of at most 255 characters."


@dataclass(frozen=True)
class Change:
    """What became of one topic's registration, or would."""

    topic: str
    address: str
    was: str
    result: str
    why: str = ""


def topics(wanted: Sequence[str]) -> list[str]:
    """The topics that are meant, as TikTok writes them; without any, those that gcw acts on."""
    found = [name.strip().upper().replace("-", "_") for name in wanted]
    for name in found:
        if name not in KNOWN:
            raise BadInput(f"TikTok has no topic {name}.", f"Topics: {', '.join(sorted(KNOWN))}.", code="unknown_name")
    return list(dict.fromkeys(found)) or list(ACTED_ON)


def check_address(address: str, api_url: str) -> str:
    """Refuses what TikTok would refuse. An API on this machine reaches whatever this machine reaches: then
    the reason comes back why the live one would not take it, or nothing."""
    parts = must_be_web_address(address)
    if len(address) > webhooks.LONGEST_ADDRESS:
        raise BadInput(f"The address has {len(address)} characters.", RULES)
    why = _refusal(parts)
    if why and not is_near(api_url):
        raise BadInput(f"TikTok does not take {address}: {why}.", RULES)
    return why


def must_be_web_address(address: str) -> SplitResult:
    """The parts of an address that something can be posted to."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("https", "http") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not address.isascii() or not address.isprintable() or " " in address:
        raise BadInput(f"{address!r} is no web address.", "Write one such as https://gcw.example.com/webhooks/tiktok.")
    return parts


def is_near(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    if host in ("localhost", "sandbox"):
        return True
    return _is_number(host) and ipaddress.ip_address(host).is_loopback


def _refusal(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.scheme != "https":
        return "it is not https"
    if parts.port is not None or parts.username is not None:
        return "it has a port or a login"
    if _is_number(host) or "." not in host.strip("."):
        return f"{host} is no domain name"
    return ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def register(
    database: Database, client: Client, store: Store, act: Act, address: str, wanted: Sequence[str], *, dry_run: bool
) -> list[Change]:
    """Has TikTok push these topics to the address. What is registered so already is left alone."""
    before = _addresses(client)
    changes = []
    for topic in wanted:
        was = before.get(topic, "")
        if was == address:
            changes.append(Change(topic, address, was, "registered already"))
        elif dry_run:
            changes.append(Change(topic, address, was, "would be registered"))
        else:
            do = partial(webhooks.register, client, topic, address)
            changes.append(_tried(Change(topic, address, was, "registered"), do))
    if any(change.result == "registered" for change in changes):
        with database.session() as session:
            history.record(session, act, f"store:{store.shop_id}", REGISTERED, address=address)
    return changes


def remove(client: Client, wanted: Sequence[str] | None, *, dry_run: bool) -> list[Change]:
    """Ends the pushing of these topics, or of all."""
    before = _addresses(client)
    changes = []
    for topic in before if wanted is None else wanted:
        was = before.get(topic, "")
        if not was:
            changes.append(Change(topic, "", "", "was not registered"))
        elif dry_run:
            changes.append(Change(topic, "", was, "would be removed"))
        else:
            changes.append(_tried(Change(topic, "", was, "removed"), partial(webhooks.remove, client, topic)))
    return changes


def _tried(change: Change, do: Callable[[], None]) -> Change:
    """The change when it was made; what TikTok refuses of one topic does not stop the others."""
    try:
        do()
    except (TikTokRefused, BadRequest) as error:
        return replace(change, result="refused", why=str(error))
    return change


def put_back(client: Client, changes: Iterable[Change]) -> None:
    """Undoes registrations: each topic goes where it went before."""
    for change in changes:
        if change.result != "registered":
            continue
        if change.was:
            webhooks.register(client, change.topic, change.was)
        else:
            webhooks.remove(client, change.topic)


def listed(session: Session, store: Store, registered: Sequence[webhooks.Registration]) -> list[dict[str, Any]]:
    """Every topic that is registered or that gcw acts on: where it goes, and when one came last."""
    ours = _ours(session, store)
    last = notifications.last_received(session, store)
    came = {webhooks.TOPICS[kind]: moment for kind, moment in last.items() if kind in webhooks.TOPICS}
    found = {one.event_type: one for one in registered}
    return [
        {
            "topic": topic,
            "address": found[topic].address if topic in found else "",
            "ours": topic in found and found[topic].address in ours,
            "acted_on": topic in ACTED_ON,
            "since": times.shown(found[topic].update_time or None) if topic in found else "",
            "last_received": times.shown(came.get(topic)),
        }
        for topic in dict.fromkeys([*ACTED_ON, *found])
    ]


def _ours(session: Session, store: Store) -> set[str]:
    """The addresses that gcw has registered for the store."""
    query = select(Event.data).where(Event.subject == f"store:{store.shop_id}", Event.what == REGISTERED)
    return {str(data.get("address")) for data in session.exec(query)}


def _addresses(client: Client) -> Mapping[str, str]:
    return {one.event_type: one.address for one in webhooks.registered(client)}
