"""gcw products sync: listings as TikTok has them now."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import products_add, several
from gcw_tiktok.commands.options import DryRun, Json, Stores, Yes, act, runtime

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.listings.syncing import Synced

MOST_SHOWN = 20


def sync(
    ctx: typer.Context,
    names: Stores = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring stores' listings level with TikTok's. --yes accepts that all of a store's are gone."""
    from gcw_tiktok.workflow.listings import syncing

    gcw = runtime(ctx)
    most = None if as_json else MOST_SHOWN

    def work(store: "Store", bar: several.Bar) -> syncing.Synced:
        with bar(f"Reading {store.name}") as progress:
            client = gcw.client_for(store)
            synced = syncing.sync(
                gcw.database,
                client,
                store,
                act(gcw),
                accept_empty=yes,
                dry_run=dry_run,
                most=most,
                progress=progress,
            )
        if not dry_run:
            products_add.complete(gcw, store)
        return synced

    reports, troubles = several.for_each(gcw, several.connected(gcw, names or []), work)
    several.fail_if_nothing_was_done(troubles, len(reports))
    if as_json:
        shown = [_synced(report, dry_run) for report in reports]
        if len(names or []) == 1:
            output.thing(shown[0], as_json=True)
        else:
            output.rows(shown, as_json=True)
    _tell_changes(reports, dry_run=dry_run, as_json=as_json)
    several.complain([str(error) for error in troubles])


def _synced(report: "Synced", dry_run: bool) -> dict[str, Any]:
    changes = [asdict(change) for change in report.variants]
    return {"store": report.store, **report.counts, "dry_run": dry_run, "unread": report.unread, "variants": changes}


def _tell_changes(reports: Sequence["Synced"], *, dry_run: bool, as_json: bool) -> None:
    for report in reports:
        if not as_json:
            _show_changes(report, whose=len(reports) > 1)
        for title, why in report.unread.items():
            output.warning(f"{title} was not read; its variants stay as they were. {why}")
        for change in report.rekeyed[:MOST_SHOWN]:
            output.warning(
                f"TikTok gave {change.title} a new id. To print the same: "
                f"gcw products connect {shlex.quote(report.store)} {change.sku_id} --like {change.was}"
            )
        output.note(", ".join(f"{count} {kind}" for kind, count in report.counts.items()) + " variants.")
        if not dry_run:
            output.note(f"Next: gcw products list {shlex.quote(report.store)}")
    if dry_run:
        output.note("Nothing was stored (--dry-run).")


def _show_changes(report: "Synced", *, whose: bool) -> None:
    if whose:
        output.heading(report.store)
    output.rows([asdict(change) for change in report.variants], ["kind", "seller_sku", "sku_id", "title", "was"])
    left = sum(report.counts.values()) - len(report.variants)
    if left:
        output.note(f"... and {left} more (all of them with --json).")
