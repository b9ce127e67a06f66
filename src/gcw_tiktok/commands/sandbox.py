"""gcw sandbox: a pretend TikTok Shop on this machine."""

import re
from typing import Annotated, Any

import httpx
import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import BadInput, SetupMissing, TryAgain
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import times

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A pretend TikTok Shop on this machine.")
Url = Annotated[str, typer.Option(help="The sandbox's address; else that of this profile.", metavar="URL")]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@app.command()
def start(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="The port; 0 picks a free one.")] = 8790,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 1,
    products: Annotated[int, typer.Option(help="How many listings the main shop has.", min=0)] = 12,
    orders: Annotated[int, typer.Option(help="How many orders it begins with.", min=0)] = 12,
    redirect_url: Annotated[str, typer.Option(help="Your app's redirect URL; else gcw's own.")] = "",
    webhook_url: Annotated[str, typer.Option(help="Your app's webhook address for every shop.")] = "",
    webhook_host: Annotated[
        list[str] | None, typer.Option(help="A host beside this machine that webhooks may go to; repeat for more.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run it in the foreground until Ctrl-C. It is ready when it prints its addresses."""
    from gcw_tiktok.sandbox import server

    gcw = runtime(ctx)
    try:
        wanted = server.Wanted(
            port=port,
            seed=seed,
            products=products,
            orders=orders,
            redirect_url=redirect_url or f"http://localhost:{gcw.settings.callback_port}/callback",
            webhook_url=webhook_url,
            webhook_hosts=frozenset(webhook_host or ()),
        )
        server.run(wanted, on_ready=lambda found: _ready(vars(found), as_json))
    except OSError as error:
        raise SetupMissing(
            f"The sandbox cannot listen on port {port}: {error.strerror}.", "Try --port 0.", code="port_taken"
        ) from error


@app.command()
def order(
    ctx: typer.Context,
    sku: Annotated[list[str], typer.Option(help="A seller SKU or SKU id; repeat it for several.")],
    quantity: Annotated[list[int] | None, typer.Option(help="How many of each, in the same order.")] = None,
    tiktok_shipping: Annotated[bool, typer.Option("--tiktok-shipping", help="TikTok ships it.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Skip the hour in which the buyer may cancel.")] = False,
    message: Annotated[str, typer.Option(help="The buyer's message.")] = "",
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Let a buyer order something."""
    gcw = runtime(ctx)
    counts = quantity or [1] * len(sku)
    if len(counts) != len(sku):
        raise BadInput(f"{len(sku)} SKUs need as many quantities, not {len(counts)}.")
    lines = [{"seller_sku": name, "quantity": count} for name, count in zip(sku, counts, strict=True)]
    wanted: dict[str, Any] = {"lines": lines, "shipping_type": "TIKTOK" if tiktok_shipping else "SELLER"}
    if message:
        wanted["buyer_message"] = message
    placed = _control(gcw, url, "POST", "orders", wanted)
    if ready:
        for order_id in placed["order_ids"]:
            _control(gcw, url, "POST", f"orders/{order_id}/end-hold", {})
    output.thing(placed, as_json=as_json)
    output.note("Take it in with `gcw orders pull`.")


@app.command()
def clock(
    ctx: typer.Context,
    advance: Annotated[str, typer.Argument(help="How far: 61m, 3h, 2d, or seconds.", metavar="TIME")],
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Move the sandbox's time forward."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", advance.removeprefix("+"))
    if not match:
        raise BadInput(f"{advance!r} is no length of time.", "Write 61m, 3h, 2d, or seconds.")
    seconds = int(match[1]) * UNITS[match[2] or "s"]
    now = _control(runtime(ctx), url, "POST", "clock", {"advance": seconds})["now"]
    output.thing({"now": now, "utc": times.shown(now)}, as_json=as_json)


@app.command()
def journal(
    ctx: typer.Context,
    last: Annotated[int, typer.Option(help="Only so many, the newest.", min=1)] = 30,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Show every request that the sandbox has seen, and what it answered."""
    entries = _control(runtime(ctx), url, "GET", "journal", None)["entries"]
    output.rows(entries[-last:], ["number", "method", "path", "status", "code", "effect"], as_json=as_json)


def _ready(found: dict[str, str], as_json: bool) -> None:
    if as_json:
        output.line(found)
        return
    secret = found.pop("app_secret")
    output.thing(found)
    output.note("\nTell gcw about it, in another terminal:")
    output.text(
        f"echo {secret} | gcw --profile sandbox app configure --key {found['app_key']} "
        f"--service-id {found['service_id']} --api-url {found['api_url']} --auth-url {found['auth_url']} "
        f"--authorize-url {found['authorize_url']}"
    )
    output.note("\nCtrl-C ends it.")


def _control(gcw: Runtime, url: str, method: str, path: str, body: object) -> Any:
    base = (url or gcw.settings.tiktok_api_url).rstrip("/").removesuffix("/_sandbox")
    start = "Start one with `gcw sandbox start`, and name it with --url or in a profile of its own."
    if httpx.URL(base).host not in ("localhost", "127.0.0.1", "::1", "sandbox"):
        raise BadInput(f"{base} is no sandbox: it is not on this machine.", start)
    try:
        answer = gcw.http.request(method, f"{base}/_sandbox/{path}", json=body)
    except httpx.RequestError as error:
        raise TryAgain(f"No sandbox answers at {base}.", start) from error
    try:
        told = answer.json()
    except ValueError as error:
        raise BadInput(f"What answers at {base} is no sandbox.", start) from error
    if answer.is_error:
        raise BadInput(f"The sandbox says: {told.get('error', answer.status_code)}")
    return told
