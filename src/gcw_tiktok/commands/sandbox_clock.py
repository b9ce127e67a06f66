"""gcw sandbox clock: the time of the pretend TikTok Shop."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.commands.sandbox_control import Url, control
from gcw_tiktok.errors import BadInput, Usage
from gcw_tiktok.workflow import times

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The sandbox's own time.")
LENGTH = re.compile(r"\+?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s?)?")
UNITS = (86_400, 3_600, 60, 1)


@app.command()
def advance(
    ctx: typer.Context,
    length: Annotated[str, typer.Argument(metavar="[TIME]", help="How far: 61m, 3h, 1d12h, or seconds.")] = "",
    to: Annotated[str, typer.Option(help="A moment instead: 2026-11-28T09:00, in UTC unless it says.")] = "",
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Move time forward. Everything that was due happens, each at its own moment."""
    if bool(length) == bool(to):
        raise Usage("Say how far or to when.", "Write `gcw sandbox clock advance 61m`, or use --to.")
    wish = {"to": moment(to)} if to else {"advance": _seconds(length)}
    _show(control(runtime(ctx), url, "POST", "clock", wish), as_json=as_json)


@app.command()
def show(ctx: typer.Context, url: Url = "", as_json: Json = False) -> None:
    """Show what time it is in the sandbox."""
    _show(control(runtime(ctx), url, "GET", "clock"), as_json=as_json)


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    found = {"now": told["now"], "utc": times.shown(told["now"]), "ahead": times.span(told["ahead"])}
    output.thing(found | {"ahead": told["ahead"]} if as_json else found, as_json=as_json)


def _seconds(length: str) -> int:
    match = LENGTH.fullmatch(length)
    if not match or not any(match.groups()):
        raise BadInput(f"{length!r} is no length of time.", "Write 61m, 3h, 1d12h, or seconds.")
    return sum(int(part or 0) * unit for part, unit in zip(match.groups(), UNITS, strict=True))


def moment(text: str) -> int:
    """Unix seconds of a moment as people write it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no moment.", "Write 2026-11-28T09:00, in UTC unless it says.") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
