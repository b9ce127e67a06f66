"""gcw status: everything on one screen."""

import shlex
from typing import Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.store.tables import StoreStatus
from gcw_tiktok.workflow import status as facts
from gcw_tiktok.workflow import times

app = typer.Typer(add_completion=False, help="Everything on one screen: stores, orders, limits.")
MOMENTS = ("pulled_at", "synced_at")


@app.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show every store, its orders, its permission and its limits. Asks TikTok nothing; `gcw doctor` does."""
    gcw = runtime(ctx)
    head = {
        "profile": gcw.profile.name,
        "app": gcw.app_key,
        "api": gcw.settings.tiktok_api_url,
        "database": output.without_password(gcw.profile.database_url),
    }
    now = gcw.now()
    with gcw.database.view() as session:
        found = facts.whole(session, now)
    if as_json:
        output.thing(head | _with_moments(found), as_json=True)
        return
    output.thing(head | {"clock": _clock(found["clock_behind"])})
    shown = [facts.in_words(store, now) for store in found["stores"]]
    if shown:
        output.heading("Stores")
        columns = [name for name in shown[0] if any(row[name] for row in shown)]
        output.rows(shown, columns, may_go=["facility", "token", "customer", "synced", "connected"])
    for sentence in _to_do(found):
        output.note(sentence)


def _with_moments(found: dict[str, Any]) -> dict[str, Any]:
    """The facts with moments as people and programs read them."""
    listed = []
    for store in found["stores"]:
        limit = store["rate_limit"]
        told = {name: times.shown(store[name]) for name in MOMENTS}
        listed.append(store | told | {"rate_limit": limit | {"refused_at": times.shown(limit["refused_at"])}})
    return found | {"stores": listed}


def _clock(behind: int) -> str:
    if not behind:
        return "as right as TikTok wants it"
    side = "behind" if behind > 0 else "ahead of"
    return f"{abs(behind)} s {side} TikTok's when it was asked last; gcw corrects for it"


def _to_do(found: dict[str, Any]) -> list[str]:
    """What waits for somebody, and the command for it."""
    if found["next"]:
        return [f"No store is connected yet. Next: {found['next']}"]
    said = [
        f"{store['name']} has to be authorized again by the shop's owner: gcw store connect --customer "
        f"{shlex.quote(store['customer'])} --facility {shlex.quote(store['facility'])}"
        for store in found["stores"]
        if store["status"] == StoreStatus.REAUTHORIZE
    ]
    if lost := found["unconfirmed"]["hand_off"]:
        said.append(f"{len(lost)} cut off while being handed over: gcw orders release looks what became of it.")
    said += [
        f"Whether TikTok knows the tracking of order {one['order']} is not sure. Run its gcw orders ship again."
        for one in found["unconfirmed"]["ship"]
    ]
    totals = {name: sum(store["orders"][name] for store in found["stores"]) for name in ("ready", "held")}
    if totals["ready"]:
        said.append(f"{totals['ready']} ready: gcw orders release")
    if totals["held"]:
        said.append(f"{totals['held']} held: gcw orders list --held")
    return said
