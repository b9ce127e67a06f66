"""Options that many commands share, declared once."""

from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from gcw_tiktok.workflow.history import Act

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]
StoreName = Annotated[str, typer.Argument(metavar="STORE", help="A store's name, code or id.")]


def runtime(ctx: typer.Context) -> Runtime:
    """What this run has in hand."""
    assert isinstance(ctx.obj, Runtime)
    return ctx.obj


def act(gcw: Runtime) -> "Act":
    """Who acts now, for the history."""
    from gcw_tiktok.workflow.history import Act

    return Act(gcw.who, gcw.now())
