"""gcw sandbox: a pretend TikTok Shop on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import sandbox_clock, sandbox_faults, sandbox_webhooks
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.commands.sandbox_control import Url, control
from gcw_tiktok.errors import BadInput, SetupMissing, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import times

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A pretend TikTok Shop on this machine.")
FOLLOW_SECONDS = 1.0
MOST_ENTRIES = 10_000


@app.command()
def start(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="The port; 0 picks a free one.")] = 8790,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 1,
    products: Annotated[int, typer.Option(help="How many listings the main shop has.", min=0)] = 12,
    orders: Annotated[int, typer.Option(help="How many orders it begins with.", min=0)] = 12,
    at: Annotated[
        str, typer.Option(help="Its time at the start: 2026-11-23T15:00, in UTC unless it says; else now.")
    ] = "",
    load: Annotated[str, typer.Option(help="Begin with the world saved in this file.", metavar="FILE")] = "",
    redirect_url: Annotated[str, typer.Option(help="Your app's redirect URL; else gcw's own.")] = "",
    webhook_url: Annotated[str, typer.Option(help="Your app's webhook address for every shop.")] = "",
    webhook_host: Annotated[
        list[str] | None, typer.Option(help="A host beside this machine that webhooks may go to; repeat for more.")
    ] = None,
    rate_limit: Annotated[
        int, typer.Option(help="Calls a second for each shop and endpoint, such as 50; 0 for no limit.", min=0)
    ] = 0,
    hourly_limit: Annotated[
        int, typer.Option(help="Calls an hour for each shop; TikTok's development shops have 1000.", min=0)
    ] = 0,
    as_json: Json = False,
) -> None:
    """Run it in the foreground until Ctrl-C. It is ready when it prints its addresses."""
    from gcw_tiktok.sandbox import server

    own = f"http://localhost:{runtime(ctx).settings.callback_port}/callback"
    wanted = server.Wanted(
        seed=seed,
        products=products,
        orders=orders,
        start_time=sandbox_clock.moment(at) if at else None,
        redirect_url=redirect_url or ("" if load else own),
        webhook_url=webhook_url,
        webhook_hosts=frozenset(webhook_host or ()),
        per_second=rate_limit,
        per_hour=hourly_limit,
        world=_read(load) if load else None,
    )
    try:
        sandbox = server.opened(wanted)
    except ValueError as error:
        raise BadInput(str(error)) from error
    try:
        server.run(
            sandbox,
            port,
            on_ready=lambda found: _ready(vars(found), [each.handle for each in sandbox.world.sellers], as_json),
        )
    except OSError as error:
        raise SetupMissing(
            f"The sandbox cannot listen on port {port}: {error.strerror}.", "Try --port 0.", code="port_taken"
        ) from error


@app.command()
def order(
    ctx: typer.Context,
    sku: Annotated[list[str], typer.Option(help="A seller SKU or SKU id; repeat it for several.")],
    quantity: Annotated[list[int] | None, typer.Option(help="How many of each, in the same order.")] = None,
    shop: Annotated[str, typer.Option(help="The shop's id, code or name; else the first that sells it.")] = "",
    tiktok_shipping: Annotated[bool, typer.Option("--tiktok-shipping", help="TikTok ships it.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Skip the hour in which the buyer may cancel.")] = False,
    unpaid: Annotated[bool, typer.Option("--unpaid", help="The buyer has not paid yet.")] = False,
    sample: Annotated[bool, typer.Option("--sample", help="A free sample.")] = False,
    count: Annotated[int, typer.Option(help="So many orders alike.", min=1)] = 1,
    message: Annotated[str, typer.Option(help="The buyer's message.")] = "",
    personal: Annotated[
        list[str] | None,
        typer.Option(help="What is wanted on every unit: Name=Ada or Photo=https://…; repeat it.", metavar="AREA=WISH"),
    ] = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Let a buyer order something."""
    gcw = runtime(ctx)
    if ready and unpaid:
        raise Usage("An order that is not paid is not ready.", "Use --ready or --unpaid.")
    wanted: dict[str, Any] = {
        "lines": _lines(sku, quantity or [1] * len(sku), _customization(personal or [])),
        "shop_id": shop,
        "shipping_type": "TIKTOK" if tiktok_shipping else "SELLER",
        "status": "UNPAID" if unpaid else "",
        "is_sample_order": sample,
        "count": count,
        "buyer_message": message,
    }
    placed = control(gcw, url, "POST", "orders", {name: value for name, value in wanted.items() if value != ""})
    if ready:
        for order_id in placed["order_ids"]:
            placed["status"] = control(gcw, url, "POST", f"orders/{order_id}/end-hold", {})["status"]
    output.thing(placed, as_json=as_json)
    output.note("Take it in with `gcw orders pull`.")


@app.command()
def scenario(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Which one; see --list.")] = "",
    show: Annotated[bool, typer.Option("--list", help="List the scenarios instead.")] = False,
    sku: Annotated[str, typer.Option(help="What is ordered: a seller SKU or SKU id.")] = "",
    shop: Annotated[str, typer.Option(help="The shop's id, code or name; else the first one.")] = "",
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Set up a situation to train or test with; it says what to do then and what to watch for."""
    gcw = runtime(ctx)
    if show or not name:
        if not show:
            raise Usage("Which scenario?", "`gcw sandbox scenario --list` lists them.")
        output.rows(control(gcw, url, "GET", "scenarios")["scenarios"], as_json=as_json)
        return
    wish = {key: value for key, value in (("seller_sku", sku), ("shop_id", shop)) if value}
    found = control(gcw, url, "POST", f"scenarios/{quote(name, safe='')}", wish)
    if as_json:
        output.thing(found, as_json=True)
        return
    output.heading(found["shows"])
    output.thing(found["ids"])
    for title, words in (("Do", found["do"]), ("Watch", found["watch"])):
        output.heading(title)
        for each in words:
            output.note(f"  - {each}")


@app.command()
def state(
    ctx: typer.Context,
    part: Annotated[
        list[str] | None, typer.Argument(metavar="[PART]...", help="Such as orders, shops, products; all by default.")
    ] = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Show the truth about the world: its shops, or with --json all of it, ids and ciphers included."""
    if as_json:
        output.thing(control(runtime(ctx), url, "GET", f"state?parts={','.join(part or [])}"), as_json=True)
        return
    if part:
        raise Usage("Parts of the world are shown as JSON only.", "Add --json.")
    found = control(runtime(ctx), url, "GET", "state?parts=now,sellers,shops")
    output.rows(list(_shops(found)), ["seller", "shop", "allowed", "products", "orders", "webhooks"])
    output.note(f"It is {times.shown(found['now'])} there. Everything: `gcw sandbox state --json`.")


@app.command()
def journal(
    ctx: typer.Context,
    last: Annotated[int, typer.Option(help="Only so many, the newest.", min=1)] = 30,
    path: Annotated[str, typer.Option(help="Only where this is part of the path.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Show every request that the sandbox has seen and what it answered, and every webhook that it sent."""
    gcw = runtime(ctx)
    columns = ["number", "method", "path", "status", "code", "effect", "fault"]
    if not follow:
        entries = _entries(gcw, url, path, last=last)
        output.rows(entries, columns, as_json=as_json)
        if not entries:
            output.note("Nothing was asked of it yet.")
        return
    for entry in _following(gcw, url, path, last):
        output.line(entry) if as_json else output.text(_told(entry))


@app.command()
def save(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; an older one is replaced.")],
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Save the sandbox's whole world in a file, to go on from later or to hand out."""
    found = control(runtime(ctx), url, "GET", "save", large=True)
    aside = file.with_name(file.name + ".part")
    try:
        aside.write_text(json.dumps(found, separators=(",", ":")), "utf-8")
        aside.replace(file)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
    output.thing({"file": str(file), "bytes": file.stat().st_size, "now": times.shown(found["now"])}, as_json=as_json)
    output.note(f"Go on from it with `gcw sandbox load {file}` or `gcw sandbox start --load {file}`.")


@app.command()
def load(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `gcw sandbox save` has written.")],
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Let a running sandbox go on from a saved world. Nothing in the file is run."""
    now = control(runtime(ctx), url, "POST", "load", _read(file), large=True)["now"]
    output.thing({"file": file, "now": times.shown(now)}, as_json=as_json)


app.add_typer(sandbox_clock.app, name="clock")
app.add_typer(sandbox_faults.app, name="faults")
app.add_typer(sandbox_webhooks.app, name="webhooks")


def _read(file: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{file} is no saved sandbox.", "Write one with `gcw sandbox save FILE`.") from error
    if not isinstance(found, dict):
        raise BadInput(f"{file} is no saved sandbox.", "Write one with `gcw sandbox save FILE`.")
    return found


def _customization(wishes: list[str]) -> dict[str, Any]:
    pairs = [wish.partition("=") for wish in wishes]
    if not all(area and wish for area, _, wish in pairs):
        raise BadInput("A wish names its area: Name=Ada, or Photo=https://example.com/ada.png.")
    return {"customization": {area: wish for area, _, wish in pairs}} if pairs else {}


def _lines(skus: list[str], counts: list[int], more: dict[str, Any]) -> list[dict[str, Any]]:
    if len(counts) != len(skus):
        raise BadInput(f"{len(skus)} SKUs need as many quantities, not {len(counts)}.")
    return [{"seller_sku": name, "quantity": count, **more} for name, count in zip(skus, counts, strict=True)]


def _shops(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sellers = {shop_id: seller for seller in found["sellers"] for shop_id in seller["shop_ids"]}
    for shop in found["shops"]:
        seller = sellers[shop["id"]]
        yield {
            "seller": seller["seller"],
            "shop": shop["name"],
            "id": shop["id"],
            "region": shop["region"],
            "allowed": seller["authorized"],
            "products": shop["product_count"],
            "orders": shop["order_count"],
            "webhooks": len(shop["webhooks"]),
        }


def _entries(gcw: Runtime, url: str, path: str, since: int = 0, last: int = MOST_ENTRIES) -> list[dict[str, Any]]:
    wanted = urlencode({"since": since, "path": path, "last": last})
    found: list[dict[str, Any]] = control(gcw, url, "GET", f"journal?{wanted}")["entries"]
    return found


def _following(gcw: Runtime, url: str, path: str, last: int) -> Iterator[dict[str, Any]]:
    """The newest entries, then each new one as it comes, until the sandbox ends or somebody presses Ctrl-C."""
    entries = _entries(gcw, url, path, last=last)
    yield from entries
    seen = entries[-1]["number"] if entries else 0
    while not gcw.stopping.is_set():
        gcw.sleep(FOLLOW_SECONDS)
        for entry in _entries(gcw, url, path, seen):
            seen = entry["number"]
            yield entry


def _told(entry: dict[str, Any]) -> str:
    parts = (entry["status"], entry["code"] or "", entry["effect"] or entry["message"], entry["fault"])
    return "  ".join(
        [f"{entry['number']:>5}  {entry['method']} {entry['path']}", *(str(each) for each in parts if each)]
    )


def _ready(found: dict[str, str], sellers: list[str], as_json: bool) -> None:
    if as_json:
        output.line(found)
        return
    secret = found.pop("app_secret")
    output.note("A pretend TikTok Shop runs on this machine. Ctrl-C ends it.\n")
    output.thing(found | {"sellers": ", ".join(sellers)})
    output.note("\nTell gcw about it, in another terminal:")
    output.text(
        f"echo {secret} | gcw --profile sandbox app configure --key {found['app_key']} "
        f"--service-id {found['service_id']} --api-url {found['api_url']} --auth-url {found['auth_url']} "
        f"--authorize-url {found['authorize_url']}"
    )
    output.note("\nThen, for example:")
    output.note("  gcw --profile sandbox sandbox state           its shops and what they have")
    output.note("  gcw --profile sandbox sandbox order --sku …   a buyer orders")
    output.note("  gcw --profile sandbox sandbox clock advance 61m")
    output.note("  gcw --profile sandbox sandbox scenario --list")
    output.note("Another client of TikTok Shop only needs these addresses: see docs/sandbox.md.")
