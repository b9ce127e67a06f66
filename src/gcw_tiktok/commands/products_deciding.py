"""gcw products: what prints nothing any more, what is ignored, and what was decided before."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, DryRun, Json, StoreName, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores, times
from gcw_tiktok.workflow.listings import connections, deciding, past

if TYPE_CHECKING:
    from sqlmodel import Session

    from gcw_tiktok.store.tables import Store

Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the history.")]
ONE_SKU = "A variant's seller SKU or TikTok SKU id."


def disconnect(
    ctx: typer.Context,
    store: StoreName,
    skus: Annotated[list[str], typer.Argument(metavar="SKU...", help=f"{ONE_SKU[:-1]}; name as many as you like.")],
    why: Why = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """End what variants print. Orders that wait for them are held; their history stays."""
    gcw = runtime(ctx)
    with _unit(gcw, dry_run) as session:
        found = stores.find(session, store)
        targets = [deciding.of_variant(session, found, sku) for sku in skus]
        changes = deciding.disconnect(session, act(gcw), found, targets, why=why, dry_run=dry_run)
    alone = {"sku_id": changes[0].id, "disconnected": changes[0].changed and not dry_run} if len(changes) == 1 else {}
    show_changes(found.name, changes, alone, dry_run=dry_run, as_json=as_json)


def ignore(
    ctx: typer.Context,
    store: StoreName,
    skus: Annotated[
        list[str] | None, typer.Argument(metavar="[SKU]...", help="Variants that you do not print.")
    ] = None,
    listing: Annotated[
        list[str] | None,
        typer.Option(metavar="PRODUCT", help="A whole listing: its TikTok id or the start of its title."),
    ] = None,
    line: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="One line of an order, as `orders show` names it.")
    ] = None,
    why: Why = "",
    undo: Annotated[bool, typer.Option("--undo", help="Ignore it no longer.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say what you do not print: variants, whole listings, single lines of orders."""
    if not (skus or listing or line):
        raise Usage("Name what to ignore: a SKU, --listing PRODUCT or --line LINE.", "See `gcw products list STORE`.")
    if undo and why:
        raise Usage("--why is the reason for ignoring something.", "Leave it out with --undo.")
    gcw = runtime(ctx)
    with _unit(gcw, dry_run) as session:
        found = stores.find(session, store)
        targets = _targets(session, found, skus or [], listing or [], line or [])
        if undo:
            changes = deciding.undo(session, act(gcw), found, targets, dry_run=dry_run)
        else:
            changes = deciding.ignore(session, act(gcw), found, targets, why, dry_run=dry_run)
    show_changes(found.name, changes, dry_run=dry_run, as_json=as_json)


def history(
    ctx: typer.Context,
    store: StoreName,
    sku: Annotated[str, typer.Argument(metavar="SKU", help=ONE_SKU)],
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List every version of what a variant prints, and when it was ignored, oldest first."""
    with runtime(ctx).database.view() as session:
        found = stores.find(session, store)
        variant = connections.find_variant(session, found, sku)
        listed = [
            vars(one) | {"made": times.shown(one.made), "ended": times.shown(one.ended)}
            for one in past.of_variant(session, found, variant)
        ]
    columns = ["made", "by", "what", "version", "product_uid", "designs", "why", "ended", "ended_by"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv, may_go=["ended_by", "designs"])
    if not listed:
        output.note("Nothing was decided about it yet. See `gcw products connect --help`.")


def show_changes(
    store: str,
    changes: Sequence[deciding.Change],
    more: Mapping[str, Any] = MappingProxyType({}),
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """What each thing was, and what it is now."""
    shown = [vars(one) | {"changed": one.changed} for one in changes]
    if as_json:
        output.thing({"store": store, "dry_run": dry_run, "changes": shown, **more}, as_json=True)
    else:
        output.rows(shown, ["kind", "name", "id", "was", "will_be"], may_go=["id"])
    count = sum(one.changed for one in changes)
    if dry_run:
        output.note(f"{count} of {len(changes)} would change. Nothing was written (--dry-run).")
    elif count:
        output.note("Orders that wait are looked at again by the next `gcw orders pull` or `gcw orders release`.")
    else:
        output.note("It was so already; nothing was changed.")


def _targets(
    session: "Session", store: "Store", skus: Sequence[str], listings: Sequence[str], lines: Sequence[str]
) -> list[deciding.Target]:
    return [
        *(deciding.of_variant(session, store, sku) for sku in skus),
        *(deciding.of_listing(session, store, one) for one in listings),
        *(deciding.of_line(session, store, one) for one in lines),
    ]


@contextmanager
def _unit(gcw: Runtime, dry_run: bool) -> Iterator["Session"]:
    with gcw.database.view() if dry_run else gcw.database.session() as session:
        yield session
