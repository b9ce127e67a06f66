"""gcw doctor: checks this machine and every store."""

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.workflow import doctor as checks

app = typer.Typer(add_completion=False, help="Check this machine and every store.")


@app.command()
def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Check settings, secrets, database, clock, the app at TikTok, every store and hand-off."""
    from gcw_tiktok.workflow.production import gelatoconnect

    gcw = runtime(ctx)
    found = list(
        checks.everything(
            folder=lambda: gcw.profile.folder,
            database=lambda: gcw.database,
            seal=lambda: gcw.seal,
            app=lambda: gcw.app,
            client_for=gcw.client_for,
            clock=gcw.clock,
            ask_connector=lambda hand_off: gelatoconnect.Connector(hand_off, gcw.http, gcw.vault).answers(),
        )
    )
    output.rows([vars(one) for one in found], ["check", "result", "found", "mend"], as_json=as_json)
    failed = [one for one in found if one.result == checks.FAIL]
    if failed:
        raise CheckFailed(f"{len(failed)} of {len(found)} checks failed.", failed[0].mend)
