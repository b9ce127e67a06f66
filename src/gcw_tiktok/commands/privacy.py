"""gcw privacy: forget recipients whose orders are done."""

from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Csv, DryRun, Json, act, ago, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores

if TYPE_CHECKING:
    from gcw_tiktok.workflow.privacy import Purged

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Forget recipients whose orders are done.")


@app.callback()
def _group() -> None:
    """Forget recipients whose orders are done."""


@app.command()
def purge(
    ctx: typer.Context,
    older_than: Annotated[str, typer.Option(help="Last changed so long ago, such as 30d.", metavar="TIME")] = "",
    store: Annotated[str, typer.Option(help="Only this store's.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Forget the recipients of orders that are done, in the database and in hand-off folders. Nothing undoes it."""
    from gcw_tiktok.workflow import privacy

    gcw = runtime(ctx)
    age = _age(gcw, older_than)
    with gcw.database.view() as session:
        places = [stores.find(session, store)] if store else list(stores.everyone(session))
    reports = privacy.purge(gcw.database, places, act(gcw), age, dry_run=dry_run)
    shown = [
        {
            "store": one.store,
            "orders": one.orders,
            "set_aside": one.set_aside,
            "webhooks": one.webhooks,
            "folders": one.folders,
            "out_of_reach": one.out_of_reach,
        }
        for one in reports
    ]
    output.rows(shown, ["store", "orders", "set_aside", "webhooks", "folders"], as_json=as_json, as_csv=as_csv)
    _tell(reports, dry_run=dry_run)


def _age(gcw: Runtime, older_than: str) -> int:
    days = gcw.settings.keep_recipients_days
    if not older_than and not days:
        raise Usage("It is not said how old they must be.", "Add --older-than 30d, or set keep_recipients_days.")
    return ago(older_than or f"{days}d", "--older-than")


def _tell(reports: "list[Purged]", *, dry_run: bool) -> None:
    away = [order_id for one in reports for order_id in one.out_of_reach]
    if away:
        shown = ", ".join(away[:5]) + (f" and {len(away) - 5} more" if len(away) > 5 else "")
        output.warning(f"Production has moved the hand-off folders of {shown}; what is in them is out of gcw's reach.")
    if dry_run:
        output.note("Nothing was changed. Without --dry-run this is forgotten for good.")
    elif not any(one.orders or one.set_aside or one.webhooks for one in reports):
        output.note("There was nothing to forget.")
    several.complain([str(error) for one in reports for error in one.failed])
