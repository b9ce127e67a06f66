"""gcw design place and preview: where a design lies on its print area, and what that looks like."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import DryRun, Json, StoreName, act, runtime
from gcw_tiktok.errors import Usage

if TYPE_CHECKING:
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.workflow.designs.laying import Laid
    from gcw_tiktok.workflow.listings.placements import Wish

Sku = Annotated[str, typer.Argument(metavar="SKU", help="A variant's seller SKU or TikTok SKU id.")]
Area = Annotated[str, typer.Argument(metavar="[AREA]", help="The print area, where there are several.")]
Fit = Annotated[bool, typer.Option("--fit", help="All of it within the area.")]
Fill = Annotated[bool, typer.Option("--fill", help="The area and its bleed without white.")]
Scale = Annotated[float | None, typer.Option(metavar="F", help="Times the size that fit or fill gives.")]
X = Annotated[float | None, typer.Option("--x", metavar="MM", help="How far right of the middle.")]
Y = Annotated[float | None, typer.Option("--y", metavar="MM", help="How far below the middle.")]
Rotate = Annotated[int | None, typer.Option(metavar="DEGREES", help="Clockwise: 0, 90, 180 or 270.")]


def place(
    ctx: typer.Context,
    store: StoreName,
    sku: Sku,
    area: Area = "",
    fit: Fit = False,
    fill: Fill = False,
    scale: Scale = None,
    x: X = None,
    y: Y = None,
    rotate: Rotate = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget how it was placed before.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Place a variant's design on its print area. What is not given stays; a change makes a new version."""
    from gcw_tiktok.workflow import stores
    from gcw_tiktok.workflow.listings import connections, placements

    gcw = runtime(ctx)
    wish = _wish(fit, fill, scale, x, y, rotate, reset=reset)
    with gcw.database.view() as session:
        found = stores.find(session, store)
        variant = connections.find_variant(session, found, sku)
        seen = placements.look(session, found, variant, area, gcw.profile.designs)
    plan = placements.plan(seen, wish)
    plan.refuse()
    version, new = None, False
    if not dry_run:
        ready = placements.make(plan, gcw.profile.designs)
        with gcw.database.session() as session:
            made, new = placements.apply(session, act(gcw), found, variant, plan, ready)
            version = made.version
    output.thing(
        {
            "store": found.name,
            "sku_id": variant.sku_id,
            "seller_sku": variant.seller_sku,
            "product_uid": plan.product_uid,
            "version": version,
            "dry_run": dry_run,
            **_told(plan.after, as_json=as_json),
            "before": _placed(plan.before, as_json=as_json),
            "dpi_before": plan.before.dpi,
        },
        as_json=as_json,
    )
    _warn(plan.after)
    if dry_run:
        output.note("Nothing was stored (--dry-run).")
    else:
        output.note(f"Version {version}." if new else "It lies so already; nothing was changed.")


def preview(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="STORE|FILE", help="A store; or, with --product, a design file.")],
    sku: Annotated[str, typer.Argument(metavar="[SKU]", help="The store's variant: its seller SKU or SKU id.")] = "",
    area: Area = "",
    product: Annotated[str, typer.Option(metavar="UID", help="The product UID to print the file on.")] = "",
    on: Annotated[str, typer.Option("--area", metavar="AREA", help="The print area, like the argument.")] = "",
    into: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where the PNG goes; - is stdout.")] = "",
    width: Annotated[int, typer.Option(metavar="PX", min=200, max=4000, help="How wide the picture is.")] = 1200,
    fit: Fit = False,
    fill: Fill = False,
    scale: Scale = None,
    x: X = None,
    y: Y = None,
    rotate: Rotate = None,
    as_json: Json = False,
) -> None:
    """Show what will be printed, with trim, bleed and safe lines: as PNG, or here in the terminal."""
    from dataclasses import replace

    from gcw_tiktok.workflow.designs import previews

    gcw = runtime(ctx)
    room = output.picture_room()
    if bool(product) == bool(sku):
        raise Usage("Name a store and a SKU, or a file and --product UID.", "See `gcw design preview --help`.")
    if not into and (as_json or room is None):
        raise Usage("A picture needs a terminal with colours, or a file.", "Add -o FILE.png.")
    if into == "-" and as_json:
        raise Usage("The picture and --json cannot both go to stdout.", "Add -o FILE.png.")
    wish = _wish(fit, fill, scale, x, y, rotate)
    with _looked_at(gcw, what, sku, on or area, product) as seen:
        laid = replace(seen, placement=wish.changed(seen.placement, seen.area))
        if into == "-":
            output.binary(previews.as_png(previews.draw(laid, width)))
            return
        if into:
            previews.save(previews.draw(laid, width), Path(into))
        elif room:
            output.picture(previews.for_terminal(laid, *room))
    output.thing({"file": into or None, **_told(laid, as_json=as_json)}, as_json=as_json)
    _warn(laid)


def _wish(
    fit: bool,
    fill: bool,
    scale: float | None,
    x: float | None,
    y: float | None,
    rotate: int | None,
    *,
    reset: bool = False,
) -> "Wish":
    from gcw_tiktok.workflow.listings.placements import Wish

    if fit and fill:
        raise Usage("--fit and --fill exclude each other.", "Leave one of them out.")
    mode: Any = "fit" if fit else "fill" if fill else None
    return Wish(mode, scale, x, y, rotate, reset=reset)


@contextmanager
def _looked_at(gcw: "Runtime", what: str, sku: str, area: str, product: str) -> "Iterator[Laid]":
    from gcw_tiktok.workflow import stores
    from gcw_tiktok.workflow.catalog import offer
    from gcw_tiktok.workflow.designs import laying
    from gcw_tiktok.workflow.listings import connections, placements

    if product:
        with gcw.database.view() as session:
            variant = offer.variant_of(session, product)
        with laying.of_file(variant, area, what, allow_private=gcw.settings.private_design_urls) as laid:
            yield laid
        return
    with gcw.database.view() as session:
        found = stores.find(session, what)
        one = connections.find_variant(session, found, sku)
        seen = placements.look(session, found, one, area, gcw.profile.designs)
    yield seen.before


def _told(laid: "Laid", *, as_json: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "product": laid.variant.product,
        "variant": laid.variant.variant,
        "area": laid.area.name,
        "size_mm": [laid.area.width_mm, laid.area.height_mm] if as_json else _size(laid),
        "bleed_mm": laid.area.bleed_mm,
        "source": laid.source,
        "placement": _placed(laid, as_json=as_json),
        "dpi": laid.dpi,
    }
    if as_json:
        told["checks"] = [
            {
                "check": one.check,
                "verdict": one.level,
                "found": one.found,
                "wanted": one.wanted,
                "sentence": one.sentence,
                "mend": one.mend,
            }
            for one in laid.findings()
        ]
    return told


def _size(laid: "Laid") -> str:
    return f"{laid.area.width_mm:.5g} x {laid.area.height_mm:.5g}"


def _placed(laid: "Laid", *, as_json: bool) -> Any:
    if laid.placement is None:
        return None if as_json else "as the file says"
    return laid.placement.as_json() if as_json else str(laid.placement)


def _warn(laid: "Laid") -> None:
    for one in laid.findings():
        if one.level != "pass":
            output.warning(f"{laid.area.name}: {one.sentence}")
