"""gcw sandbox faults: what goes wrong on purpose."""

from enum import StrEnum
from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, runtime
from gcw_tiktok.commands.sandbox_control import Url, control

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What goes wrong in the sandbox on purpose.")


class Kind(StrEnum):
    """What a fault does to a request, or to a webhook."""

    STATUS = "status"
    CODE = "code"
    RATE_LIMIT = "rate_limit"
    TIMEOUT = "timeout"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TRUNCATE = "truncate"
    SLOW = "slow"
    DROP_WEBHOOK = "drop_webhook"
    DUPLICATE_WEBHOOK = "duplicate_webhook"
    REORDER_WEBHOOK = "reorder_webhook"


MEANS = {
    Kind.STATUS: "answers with an HTTP status (503), and has no effect",
    Kind.CODE: "answers with a code of TikTok's (36009003), and has no effect",
    Kind.RATE_LIMIT: "answers 429 with Retry-After, and has no effect",
    Kind.TIMEOUT: "never answers, and has no effect",
    Kind.RESET_BEFORE: "cuts the connection before the effect",
    Kind.RESET_AFTER: "cuts the connection after the effect: the answer is lost",
    Kind.TRUNCATE: "sends half of the answer",
    Kind.SLOW: "answers late",
    Kind.DROP_WEBHOOK: "never sends the webhook",
    Kind.DUPLICATE_WEBHOOK: "sends the webhook twice",
    Kind.REORDER_WEBHOOK: "lets the next webhook overtake it",
}


@app.command()
def add(
    ctx: typer.Context,
    kind: Annotated[Kind, typer.Argument(help=f"What goes wrong: {', '.join(Kind)}.", metavar="KIND")],
    match: Annotated[str, typer.Option(help='Part of method and path, as "POST /order/", or of a topic.')] = "",
    shop: Annotated[str, typer.Option(help="Only in this shop: its id, code or name.")] = "",
    times: Annotated[int | None, typer.Option(help="So often, then never again; always by default.", min=1)] = None,
    rate: Annotated[float, typer.Option(help="With this probability.", min=0, max=1)] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed strikes the same requests.", min=0)] = 0,
    status: Annotated[int | None, typer.Option(help="The HTTP status.", min=200, max=599)] = None,
    code: Annotated[int | None, typer.Option(help="TikTok's code.", min=1)] = None,
    message: Annotated[str | None, typer.Option(help="TikTok's message.")] = None,
    retry_after: Annotated[int | None, typer.Option(help="Seconds that Retry-After tells.", min=0)] = None,
    seconds: Annotated[float | None, typer.Option(help="How late a slow answer is.", min=0)] = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Break something on purpose."""
    told = {"status": status, "code": code, "message": message, "retry_after": retry_after, "seconds": seconds}
    wish = {"kind": kind.value, "match": match, "shop_id": shop, "times": times, "rate": rate, "seed": seed}
    wish |= {name: value for name, value in told.items() if value is not None}
    made = control(runtime(ctx), url, "POST", "faults", wish)
    output.thing({"id": made["id"], "kind": kind.value, "does": MEANS[kind]}, as_json=as_json)
    output.note("`gcw sandbox faults clear` makes everything work again.")


@app.command("list")
def list_(ctx: typer.Context, url: Url = "", as_json: Json = False, as_csv: Csv = False) -> None:
    """List the faults in force, and how often each has struck."""
    found = control(runtime(ctx), url, "GET", "faults")["faults"]
    output.rows(found, ["id", "kind", "match", "shop_id", "times", "rate", "struck"], as_json=as_json, as_csv=as_csv)
    if not found:
        output.note("Nothing goes wrong. Change that with `gcw sandbox faults add`.")


@app.command()
def clear(
    ctx: typer.Context,
    fault: Annotated[int, typer.Argument(metavar="[ID]", help="Only this one.", min=0)] = 0,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Let everything work again."""
    control(runtime(ctx), url, "DELETE", f"faults/{fault}" if fault else "faults")
    output.thing({"cleared": fault or "all"}, as_json=as_json)
