"""gcw products: a store's listings, and what each variant prints."""

import shlex
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import products_add, products_coverage, products_deciding, products_suggest, products_sync
from gcw_tiktok.commands.options import AcceptChanged, Csv, DryRun, Json, StoreName, act, ago, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.workflow import stores, times
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.listings import connections, deciding, overview, placements

if TYPE_CHECKING:
    from gcw_tiktok.runtime import Runtime

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A store's listings, and what each variant prints.")
Sku = Annotated[str, typer.Argument(metavar="SKU", help="A variant's seller SKU or TikTok SKU id.")]


app.command()(products_sync.sync)
app.command()(products_coverage.coverage)


@app.command("list")
def list_(
    ctx: typer.Context,
    store: StoreName,
    not_connected: Annotated[
        bool, typer.Option("--not-connected", help="Only what nobody has decided about yet.")
    ] = False,
    status: Annotated[str, typer.Option(help="Only listings of this status of TikTok's, such as ACTIVATE.")] = "",
    new: Annotated[str, typer.Option(help="Only what was first seen since, such as 24h or 7d ago.")] = "",
    changed: Annotated[str, typer.Option(help="Only what changed since, such as 24h or 7d ago.")] = "",
    gone: Annotated[bool, typer.Option("--gone", help="Also what TikTok no longer lists.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List a store's variants and what each of them prints."""
    gcw = runtime(ctx)
    wanted = overview.Wanted(
        gone=gone,
        status=status.upper(),
        seen_since=gcw.now() - ago(new, "--new") if new else None,
        changed_since=gcw.now() - ago(changed, "--changed") if changed else None,
    )
    with gcw.database.view() as session:
        found = stores.find(session, store)
        seen = list(overview.variants(session, found, wanted))
    listed = [_row(one) for one in seen if not (not_connected and (one.connection_id or one.ignored is not None))]
    columns = ["listing", "variant", "seller_sku", "sku_id", "connection", "product_uid"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv, may_go=["listing", "sku_id"])
    if found.synced_at is None:
        output.note(f"Nothing synced yet. Run `gcw products sync {shlex.quote(found.name)}`.")
    else:
        ignored = sum(one.ignored is not None for one in seen)
        words = f", {ignored} ignored" if ignored else ""
        output.note(
            f"{sum(one.connection_id is not None for one in seen)} of {len(seen)} variants are connected{words}."
        )


@app.command()
def show(ctx: typer.Context, store: StoreName, sku: Sku, as_json: Json = False) -> None:
    """Show one variant: what it prints now, and what it printed before."""
    with runtime(ctx).database.view() as session:
        found = stores.find(session, store)
        variant = connections.find_variant(session, found, sku)
        versions = connections.versions(session, variant)
    history: list[dict[str, Any]] = [
        {
            "version": one.version,
            "product_uid": one.product_uid,
            "made": times.shown(one.made_at),
            "by": one.made_by,
            "ended": times.shown(one.ended_at),
            "designs": {
                row.area: {
                    "source": row.source,
                    "sha256": design.sha256,
                    "type": design.media_type,
                    "placement": row.placement,
                    "print_sha256": row.print_sha256,
                }
                for row, design in designs
            },
        }
        for one, designs in versions
    ]
    shown: dict[str, Any] = {
        "sku_id": variant.sku_id,
        "seller_sku": variant.seller_sku,
        "options": variant.options,
        "price": f"{variant.price} {variant.currency}" if variant.price is not None else "",
        "seen": times.shown(variant.seen_at),
        "changed": times.shown(variant.changed_at),
        "gone": times.shown(variant.gone_at),
        "replaced_by": variant.replaced_by,
    }
    if as_json:
        output.thing(shown | {"versions": history}, as_json=True)
        return
    output.thing(shown)
    for one in history:
        output.heading(f"Version {one['version']}{'' if one['ended'] else ' (current)'}")
        output.thing({**one, "designs": [_design_line(area, file) for area, file in one["designs"].items()]})


@app.command()
def connect(
    ctx: typer.Context,
    store: StoreName,
    sku: Sku,
    uid: Annotated[str, typer.Argument(metavar="UID", help="The product UID to print.")] = "",
    design: Annotated[
        list[str] | None, typer.Option(metavar="[AREA=]FILE", help="A path or direct address, for each print area.")
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option(metavar="[AREA=]fit|fill", help="Lay the design so on its print area.")
    ] = None,
    like: Annotated[str, typer.Option(metavar="SKU", help="Print what this variant prints or printed.")] = "",
    accept_changed: AcceptChanged = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Tie a variant to a product UID and its design files. A change makes a new version."""
    gcw = runtime(ctx)
    if bool(uid) == bool(like):
        raise Usage("Name a product UID, or another variant with --like.", "See `gcw catalog show --customer NAME`.")
    if like and (design or place):
        left_out = "--design" if design else "--place"
        raise Usage("--like takes the other variant's designs.", f"Leave {left_out} out, or name a product UID.")
    with gcw.database.view() as session:
        found = stores.find(session, store)
        variant = connections.find_variant(session, found, sku)
        if like:
            uid, pinned = connections.like(session, found, like)
        orderable = offer.require_uid(session, uid, found.customer_id)
        sources = {} if like else connections.split_designs(design or [], orderable.areas)
        places = placements.split_places(place or [], [area for area in orderable.areas if area.name in sources])
    if dry_run:
        with TemporaryDirectory() as folder:
            aside = Path(folder)
            pinned = pinned if like else _pin(gcw, orderable, sources, places, aside, accept_changed, dry_run=True)
        with gcw.database.view() as session:
            change = deciding.connecting(session, found, variant, uid, pinned)
        products_deciding.show_changes(found.name, [change], dry_run=True, as_json=as_json)
        return
    if not like:
        pinned = _pin(gcw, orderable, sources, places, gcw.profile.designs, accept_changed)
    with gcw.database.session() as session:
        made, new = connections.connect(session, act(gcw), found, variant, uid, pinned)
    output.thing(
        {
            "store": found.name,
            "sku_id": variant.sku_id,
            "seller_sku": variant.seller_sku,
            "product_uid": uid,
            "version": made.version,
            "designs": {one.area: one.source for one in pinned},
            "placed": {one.area: str(one.placement) for one in pinned if one.placement},
        },
        as_json=as_json,
    )
    output.note(f"Version {made.version}." if new else "It prints that already; nothing was changed.")


app.command()(products_deciding.disconnect)
app.command()(products_deciding.ignore)
app.command()(products_deciding.history)
app.command()(products_suggest.suggest)
app.command("add")(products_add.add)
app.command("publish")(products_add.publish)
app.command("publications")(products_add.listed)


def _design_line(area: str, file: dict[str, Any]) -> str:
    placed = f" ({Placement(**file['placement'])})" if file["placement"] else ""
    return f"{area}: {file['source']}{placed}"


def _pin(
    gcw: "Runtime",
    orderable: offer.OrderableUid,
    given: dict[str, str],
    places: dict[str, Placement],
    folder: Path,
    accept_changed: bool,
    *,
    dry_run: bool = False,
) -> list[connections.Pinned]:
    """Fetches and pins each design and checks it against its print area."""
    from gcw_tiktok.workflow.designs import sources

    areas = {area.name: area for area in orderable.areas}
    pinned = []
    bring = partial(
        sources.one,
        gcw.database,
        folder=folder,
        act=act(gcw),
        allow_private=gcw.settings.private_design_urls,
        accept_changed=accept_changed,
        dry_run=dry_run,
        sleep=gcw.sleep,
        stopping=gcw.stopping,
    )
    with output.progress("Pinning designs") as progress:
        for done, (name, source) in enumerate(given.items(), 1):
            one, warnings = connections.pin(areas[name], source, bring, folder=folder, placement=places.get(name))
            for words in warnings:
                output.warning(f"{name}: {words}")
            pinned.append(one)
            progress(done, len(given))
    return pinned


def _row(one: overview.Seen) -> dict[str, Any]:
    return {
        "listing": one.listing,
        "variant": one.title,
        "seller_sku": one.seller_sku,
        "sku_id": one.sku_id,
        "status": one.status,
        "connection": "connected" if one.connection_id else "not connected" if one.ignored is None else "ignored",
        "product_uid": one.product_uid or "",
        "version": one.version,
        "gone": times.shown(one.gone_at),
        "why_ignored": one.ignored or "",
        "seen": times.shown(one.seen_at),
        "changed": times.shown(one.changed_at),
    }
