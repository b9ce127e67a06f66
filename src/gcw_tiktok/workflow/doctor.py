"""Checks of this machine and of every store, each telling how to mend what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import select

from gcw_tiktok.errors import GcwError, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization, Facility, Store, StoreStatus
from gcw_tiktok.tiktok import shops
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import connecting, times
from gcw_tiktok.workflow import facilities as places
from gcw_tiktok.workflow.production import results

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
    ask_connector: Callable[[str], str],
) -> Iterator[Check]:
    """All checks. Without settings there is nothing to check the rest by."""
    read = _try("settings", folder, str)
    yield read
    if read.result == OK:
        yield _database(database)
        yield _secrets(seal)
        yield from _app(app)
        yield from _facilities(database, ask_connector)
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


def _facilities(opened: Callable[[], Database], ask_connector: Callable[[str], str]) -> Iterator[Check]:
    """Whether every hand-off takes orders: the folder can be written, the connector answers and has its key; and what
    production reports can be read. Former places too, while orders are in work there."""
    try:
        with opened().view() as session:
            found = places.places(session)
    except GcwError:
        return  # the database's own check has told it
    for one in found:
        if places.needs_key(one.hand_off):
            yield _connector(one, ask_connector)
        else:
            yield _try(f"hand-off of {one.name}", partial(_hand_off, one.hand_off), str)
            yield from _results(one)


def _hand_off(address: str) -> str:
    places.must_be_writable(Path(places.place_of(address)))
    return address


def _connector(facility: Facility, ask: Callable[[str], str]) -> Check:
    name = f"hand-off of {facility.name}"
    try:
        return Check(name, OK, ask(facility.hand_off))
    except SetupMissing as error:
        return Check(name, FAIL, str(error), f'gcw facility key "{facility.name}"')
    except GcwError as error:
        return Check(name, FAIL, str(error), "Compare the address with the connector in GelatoConnect.")


def _results(facility: Facility) -> Iterator[Check]:
    """The folder that production drops its reports into, where there is one."""
    folder = results.folder_of(facility)
    name = f"results of {facility.name}"
    if folder is None or not folder.exists():
        return
    found = _try(name, partial(places.must_be_writable, folder), lambda _: str(folder))
    failed = _failed(folder) if found.result == OK else 0
    if failed:
        why = f"{failed} reports could not be used"
        yield Check(name, WARN, why, f"Read the reasons in {folder / results.FAILED}, then move the files away.")
    else:
        yield found


def _failed(folder: Path) -> int:
    try:
        return sum(one.suffix in results.SUFFIXES for one in (folder / results.FAILED).iterdir())
    except OSError:
        return 0


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
