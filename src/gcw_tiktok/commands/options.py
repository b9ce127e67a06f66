"""Options that many commands share, declared once."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from gcw_tiktok.workflow.history import Act

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]
AcceptChanged = Annotated[
    bool, typer.Option("--accept-changed", help="Take the file that an address gives now, though it changed.")
]
StoreName = Annotated[str, typer.Argument(metavar="STORE", help="A store's name, code or id.")]
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="TikTok's order id, or an unambiguous start of it.")]
Stores = Annotated[list[str] | None, typer.Argument(metavar="[STORE]...", help="All stores if none.")]


UNITS = {"m": 60, "h": 3600, "d": 86_400}


def ago(words: str, flag: str) -> int:
    """Seconds, from words such as 7d, 12h or 30m; none from none."""
    if not words:
        return 0
    match = re.fullmatch(r"(\d{1,6})([mhd])", words.strip())
    if not match:
        raise typer.BadParameter("write a number and m, h or d, such as 7d", param_hint=flag)
    return int(match[1]) * UNITS[match[2]]


def runtime(ctx: typer.Context) -> Runtime:
    """What this run has in hand."""
    assert isinstance(ctx.obj, Runtime)
    return ctx.obj


def act(gcw: Runtime) -> "Act":
    """Who acts now, for the history."""
    from gcw_tiktok.workflow.history import Act

    return Act(gcw.who, gcw.now())
