"""Checks of this machine and of every store, each telling how to mend what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import select

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization, Store, StoreStatus
from gcw_tiktok.tiktok import shops
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import connecting, times
from gcw_tiktok.workflow import facilities as places

OK, WARN, FAIL = "ok", "warn", "fail"
SKEW_SECONDS = 20
"""TikTok refuses requests from a clock that is more than 30 s fast."""
EXPIRES_SOON_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Check:
    """What one check found."""

    check: str
    result: str
    found: str = ""
    mend: str = ""


def everything(
    *,
    folder: Callable[[], Path],
    database: Callable[[], Database],
    seal: Callable[[], object],
    app: Callable[[], connecting.App],
    client_for: Callable[[Store], Client],
    clock: Callable[[], float],
) -> Iterator[Check]:
    """All checks. Without settings there is nothing to check the rest by."""
    read = _try("settings", folder, str)
    yield read
    if read.result == OK:
        yield _database(database)
        yield _secrets(seal)
        yield from _app(app)
        yield from _facilities(database)
        yield from _stores(database, client_for, clock)


def _database(opened: Callable[[], Database]) -> Check:
    return _try("database", opened, lambda found: found.engine.dialect.name)


def _secrets(opened: Callable[[], object]) -> Check:
    return _try("secrets", opened, lambda _: "kept and sealed")


def _app(read: Callable[[], connecting.App]) -> Iterator[Check]:
    """Whether gcw knows the PSP's app."""
    found = _try("app at TikTok", read, lambda one: f"key {one.key}, {one.api_url}")
    yield found
    if found.result == OK and not read().service_id:
        yield Check("service id", FAIL, "missing: no store can be connected", "gcw app configure")


def _facilities(opened: Callable[[], Database]) -> Iterator[Check]:
    """Whether every hand-off folder can be written."""
    try:
        with opened().view() as session:
            found = [(one.name, one.hand_off) for one in places.everyone(session)]
    except GcwError:
        return  # the database's own check has told it
    for name, hand_off in found:
        yield _try(f"hand-off of {name}", partial(_hand_off, hand_off), str)


def _hand_off(address: str) -> str:
    if address.startswith("folder:"):
        places.must_be_writable(Path(address.removeprefix("folder:")))
    return address


def _stores(
    opened: Callable[[], Database], client_for: Callable[[Store], Client], clock: Callable[[], float]
) -> Iterator[Check]:
    """Whether TikTok answers for each store, and until when its permission lasts."""
    try:
        with opened().view() as session:
            found = [
                (store, session.get_one(Authorization, store.authorization_id))
                for store in session.exec(select(Store))
                if store.status != StoreStatus.DISCONNECTED
            ]
    except GcwError:
        return
    for store, authorization in found:
        yield _store(store, authorization, client_for, clock)


def _store(
    store: Store, authorization: Authorization, client_for: Callable[[Store], Client], clock: Callable[[], float]
) -> Check:
    name = f"store {store.name}"
    try:
        client = client_for(store)
        seen = {shop.id for shop in shops.authorized(client)}
    except GcwError as error:
        return Check(name, FAIL, str(error), error.hint)
    if store.shop_id not in seen:
        return Check(name, FAIL, "the permission no longer covers this shop", "gcw store connect")
    skew = (clock() - client.server_time) if client.server_time is not None else 0.0
    left = authorization.refresh_expires_at - int(clock())
    missing = shops.missing_scopes(authorization.scopes)
    if abs(skew) > SKEW_SECONDS:
        return Check(name, WARN, f"this machine's clock is off by {skew:+.0f} s", "Let the system set its clock.")
    if missing:
        return Check(name, WARN, f"lacks {', '.join(missing)}", "Add it in Partner Center, then gcw store connect")
    if left < EXPIRES_SOON_SECONDS:
        return Check(name, WARN, f"the permission ends in {times.span(left)}", "gcw store connect")
    return Check(name, OK, f"answers; permission until {times.shown(authorization.refresh_expires_at)}")


def _try(name: str, act: Callable[[], Any], words: Callable[[Any], str]) -> Check:
    try:
        return Check(name, OK, words(act()))
    except GcwError as error:
        return Check(name, FAIL, str(error), error.hint)
