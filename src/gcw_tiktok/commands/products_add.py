"""gcw products add, publish and publications: new listings, from the catalog to the shop."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, DryRun, Json, StoreName, Yes, act, runtime
from gcw_tiktok.errors import BadInput, TryAgain, Usage
from gcw_tiktok.workflow import stores, times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.store.tables import Publication, Store
    from gcw_tiktok.workflow.publishing.preparing import Means, Pinnings, Prepared
    from gcw_tiktok.workflow.publishing.wanted import Wanted

TIMEOUT = 600
Title = Annotated[str, typer.Option(help="The listing's title.")]
Description = Annotated[str, typer.Option(metavar="TEXT|@FILE", help="HTML, or plain text; @FILE reads it.")]
Price = Annotated[list[str] | None, typer.Option(metavar="[VALUE=]PRICE", help="Of all variants, or of some.")]
Image = Annotated[list[str] | None, typer.Option(metavar="FILE", help="A picture, the main one first.")]
Design = Annotated[
    list[str] | None, typer.Option(metavar="[VALUE/][AREA=]FILE", help="What is printed: a path or direct address.")
]
Lies = Annotated[
    list[str] | None, typer.Option("--place", metavar="[AREA=]fit|fill|file", help="How a design lies on its area.")
]
Weight = Annotated[str, typer.Option(metavar="0.6lb", help="Of the package, in lb, oz, kg or g.")]
Size = Annotated[str, typer.Option(metavar="LxWxHin", help="Of the package, in in, cm or mm.")]
Category = Annotated[str, typer.Option(metavar="ID", help="TikTok's category; else the one it recommends.")]
Attribute = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="What the category asks for.")]
SizeChart = Annotated[str, typer.Option(metavar="FILE|template:ID", help="Where the category needs one.")]
Stock = Annotated[list[str] | None, typer.Option(metavar="[VALUE=]N", help="Pieces to sell; 9999 unless told.")]
Variants = Annotated[list[str] | None, typer.Option(metavar="VALUE", help="Only variants that have this value.")]
HandlingDays = Annotated[int | None, typer.Option(metavar="N", help="Made to order: business days to make it in.")]
SellerSku = Annotated[str, typer.Option(metavar="PATTERN", help="Such as HARBOR-{size}; else made from the title.")]
Personalise = Annotated[
    bool | None,
    typer.Option("--personalise/--no-personalise", help="Whether buyers may personalise what the model lets them."),
]
Draft = Annotated[bool, typer.Option("--draft", help="Keep it at TikTok without submitting it.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for TikTok's review.")]
Timeout = Annotated[int, typer.Option(metavar="SECONDS", min=0, help="How long to wait for TikTok's review.")]
File = Annotated[str, typer.Option("--file", metavar="LISTING.yaml", help="The same options from a file; - for stdin.")]


def add(
    ctx: typer.Context,
    store: StoreName,
    product: Annotated[str, typer.Option(help="The catalog product's name.")] = "",
    title: Title = "",
    description: Description = "",
    price: Price = None,
    image: Image = None,
    design: Design = None,
    place: Lies = None,
    weight: Weight = "",
    size: Size = "",
    category: Category = "",
    attribute: Attribute = None,
    size_chart: SizeChart = "",
    stock: Stock = None,
    variants: Variants = None,
    handling_days: HandlingDays = None,
    seller_sku: SellerSku = "",
    reference: Annotated[str, typer.Option(help="The listing's own name; else made from the title.")] = "",
    personalise: Personalise = None,
    file: File = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="STORE:PRODUCT", help="As another store of the customer lists it.")
    ] = "",
    draft: Draft = False,
    no_wait: NoWait = False,
    timeout: Timeout = TIMEOUT,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """List a catalog product in a store: publish it, follow the review, connect it. Twice is once."""
    given = _given(locals())
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = stores.find_connected(session, store)
    copied, before = _copied(gcw, found, from_) if from_ else ({}, {})
    wanted = _wanted(copied | _layers(given, file))
    if not wanted.product:
        raise Usage("Which product? --product is missing.", "See `gcw catalog show --customer NAME`.")
    wait = 0 if no_wait else timeout
    _publish(gcw, found, wanted, before, yes=yes, dry_run=dry_run, wait=wait, as_json=as_json)


def publish(
    ctx: typer.Context,
    publication: Annotated[int, typer.Argument(metavar="ID", help="See `gcw products publications`.")],
    title: Title = "",
    description: Description = "",
    price: Price = None,
    image: Image = None,
    design: Design = None,
    place: Lies = None,
    weight: Weight = "",
    size: Size = "",
    category: Category = "",
    attribute: Attribute = None,
    size_chart: SizeChart = "",
    stock: Stock = None,
    variants: Variants = None,
    handling_days: HandlingDays = None,
    seller_sku: SellerSku = "",
    personalise: Personalise = None,
    file: File = "",
    again: Annotated[bool, typer.Option("--again", help="Send what was rejected once more as it is.")] = False,
    draft: Draft = False,
    no_wait: NoWait = False,
    timeout: Timeout = TIMEOUT,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Go on with a listing: mend what was rejected, submit a draft, or wait for the review."""
    from gcw_tiktok.workflow.publishing import publications

    given = _given(locals())
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        row, found = publications.find(session, publication)
    wanted = publications.changed(row, _layers(given, file)).with_changes({"draft": draft})
    wait = 0 if no_wait else timeout
    _publish(gcw, found, wanted, {}, yes=yes, dry_run=dry_run, wait=wait, as_json=as_json, again=again)


def listed(
    ctx: typer.Context,
    store: Annotated[str, typer.Argument(metavar="STORE", help="A store's name, code or id; else all.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List what gcw has published or is publishing, with TikTok's reasons."""
    from gcw_tiktok.workflow.publishing import publications

    with runtime(ctx).database.view() as session:
        found = publications.listed(session, stores.find(session, store) if store else None)
        rows = [_row(row, one) | {"changed": times.shown(row.changed_at)} for row, one in found]
    columns = ["id", "store", "reference", "state", "product_id", "connected", "reason"]
    output.rows(rows, columns, as_json=as_json, as_csv=as_csv)
    if not rows:
        output.note("Nothing was published yet. Begin with `gcw products add STORE --product NAME`.")


def complete(gcw: "Runtime", store: "Store") -> None:
    """Connects what was published by a run that did not live to connect it."""
    from gcw_tiktok.workflow.publishing import publications

    with gcw.database.view() as session:
        if not publications.any_unconnected(session, store):
            return
    from gcw_tiktok.workflow.publishing import following  # with all that it takes to publish

    with gcw.database.session() as session:
        done = following.complete(session, store, act(gcw))
    for row in done:
        output.note(f"Connected: {row.reference}, which gcw had published.")


def _publish(
    gcw: "Runtime",
    store: "Store",
    wanted: "Wanted",
    before: "Pinnings",
    *,
    yes: bool,
    dry_run: bool,
    wait: int,
    as_json: bool,
    again: bool = False,
) -> None:
    from gcw_tiktok.workflow.publishing import following, preparing, sending

    means = _means(gcw, store, yes=yes or dry_run)
    if dry_run:
        _show(preparing.prepare(means, wanted.named, None, before=before), as_json=as_json)
        return
    row = following.settle(means, following.look(means, sending.publish(means, wanted, before, again=again)))
    with output.progress("Waiting for TikTok's review") as progress:
        row = following.follow(means, row, wait, lambda row: progress(0))
    _tell(store, row, wait, as_json=as_json, rejected=sending.rejected)


def _show(prepared: "Prepared", *, as_json: bool) -> None:
    body, variants = prepared.body(), prepared.variants()
    if as_json:
        output.thing({"body": body, "variants": variants}, as_json=True)
    else:
        plain = ("title", "description", "external_product_id", "package_weight", "package_dimensions")
        output.thing(
            {name: body[name] for name in plain if name in body}
            | {"category": " > ".join(prepared.place.way), "pictures": [one.label for one in prepared.images]}
        )
        output.rows(variants, ["seller_sku", "variant", "price", "stock", "product_uid", "designs"])
    output.note("Nothing was sent (--dry-run).")


def _tell(
    store: "Store", row: "Publication", wait: int, *, as_json: bool, rejected: "Callable[[Publication], Exception]"
) -> None:
    if row.state in ("rejected", "gone"):
        raise rejected(row)
    again = f"gcw products publish {row.id}"
    if row.state == "reviewing" and wait:
        raise TryAgain(
            f"TikTok still reviews {row.reference} ({row.product_id}). {row.reason}".rstrip(),
            f"Its variants are connected. Look again: {again}",
            code="in_review",
        )
    shown = _row(row, store) | {"variants": list(row.plan["prints"])}
    output.thing(shown if as_json else shown | {"category": " > ".join(shown["category"])}, as_json=as_json)
    next_step = {"draft": f"Submit it: {again}", "reviewing": f"Follow the review: {again}"}
    output.note(next_step.get(row.state, f"Next: gcw products list {shlex.quote(store.name)}"))


def _row(row: "Publication", store: "Store") -> dict[str, Any]:
    return {
        "id": row.id,
        "store": store.name,
        "reference": row.reference,
        "title": row.request.get("title", ""),
        "state": row.state.value,
        "product_id": row.product_id,
        "category": row.plan["place"]["way"],
        "connected": row.connected_at is not None,
        "reason": row.reason,
    }


def _means(gcw: "Runtime", store: "Store", *, yes: bool) -> "Means":
    from gcw_tiktok.workflow.publishing.preparing import Means

    def confirm(way: "Sequence[str]") -> bool:
        path = " > ".join(way)
        if yes:
            output.note(f"Category: {path}")
            return True
        if not gcw.may_ask:
            raise Usage(f"TikTok recommends the category {path}. Nobody is here to be asked.", "Add --yes.")
        return typer.confirm(f"TikTok recommends the category {path}. Is that right?", err=True)

    return Means(
        database=gcw.database,
        client=gcw.client_for(store),
        store=store,
        act=act(gcw),
        designs=gcw.profile.designs,
        allow_private=gcw.settings.private_design_urls,
        sleep=gcw.sleep,
        confirm=confirm,
        warn=output.warning,
        say=output.note,
    )


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    """The options of a listing that were used."""
    from gcw_tiktok.workflow.publishing.wanted import NAMES

    given = {name: arguments[name] for name in NAMES if arguments.get(name) not in (None, "", [])}
    return given if arguments["draft"] else {name: value for name, value in given.items() if name != "draft"}


def _wanted(given: dict[str, Any]) -> "Wanted":
    from gcw_tiktok.workflow.publishing.wanted import Wanted

    return Wanted().with_changes(given)


def _copied(gcw: "Runtime", store: "Store", named: str) -> tuple[dict[str, Any], "Pinnings"]:
    """Another store's listing in the words of the options, and what it prints."""
    from gcw_tiktok.workflow.publishing import copying

    with gcw.database.view() as session:
        found = copying.pattern(session, store, named)
    return copying.wanted_of(gcw.client_for(found.store), found, gcw.profile.pictures), copying.pinned_of(found)


def _layers(given: dict[str, Any], file: str) -> dict[str, Any]:
    """What the file says, and over it what the options say; with texts read from their files."""
    from gcw_tiktok.workflow.publishing import reading

    said = reading.read(_text(file), "stdin" if file == "-" else file) if file else {}
    if given.get("description", "").startswith("@"):
        given = given | {"description": _text(given["description"][1:])}
    folder = Path.cwd() if file in ("", "-") else Path(file).resolve().parent
    return reading.rooted(said, folder) | reading.rooted(given, Path.cwd())


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.", "Save it as UTF-8.") from error
