"""gcw sandbox webhooks: what the pretend TikTok Shop told whom."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, runtime
from gcw_tiktok.commands.sandbox_control import Url, control
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow import times

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What the sandbox tells receivers of webhooks.")
COLUMNS = ["number", "topic", "address", "state", "attempts", "last_answer", "next_attempt", "fault"]


@app.command("list")
def list_(
    ctx: typer.Context,
    last: Annotated[int, typer.Option(help="Only so many, the newest.", min=1)] = 30,
    url: Url = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the webhooks that were sent, or are to be, each with its attempts."""
    found = control(runtime(ctx), url, "GET", "webhooks")["deliveries"][-last:]
    output.rows(found if as_json else map(_row, found), COLUMNS, as_json=as_json, as_csv=as_csv)
    if not found:
        output.note(
            "Nothing was sent: no shop has registered an address, and `gcw sandbox start` got no --webhook-url."
        )


@app.command()
def trigger(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="Its name or number: ORDER_STATUS_CHANGE, or 1.")],
    shop: Annotated[str, typer.Option(help="The shop's id, code or name; else the first one.")] = "",
    data: Annotated[str, typer.Option(help="The event's data as JSON; else something plausible.")] = "",
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Tell of something that did not happen."""
    wish: dict[str, Any] = {"topic": topic}
    if shop:
        wish["shop_id"] = shop
    if data:
        wish["data"] = _json(data)
    output.thing(control(runtime(ctx), url, "POST", "events", wish)["event"], as_json=as_json)


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"The data are no JSON: {error}.") from error


def _row(found: dict[str, Any]) -> dict[str, Any]:
    last = found["attempts"][-1] if found["attempts"] else {"status": "", "problem": ""}
    return found | {
        "attempts": len(found["attempts"]),
        "last_answer": last["status"] or last["problem"] or found["note"],
        "next_attempt": times.shown(found["due"]),
    }
