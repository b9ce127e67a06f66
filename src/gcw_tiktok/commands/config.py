"""gcw config: settings, and where each one comes from."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Settings, and where each one comes from.")


@app.callback()
def _group() -> None:
    """Settings, and where each one comes from."""


@app.command()
def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Also tell where each value comes from.")] = False,
    as_json: Json = False,
) -> None:
    """Show the settings of this profile. Secrets are only said to be set."""
    from pydantic import SecretStr

    profile = runtime(ctx).profile
    values: dict[str, Any] = {"profile": profile.name, "folder": str(profile.folder)}
    for name, value in profile.settings:
        secret = isinstance(value, SecretStr)
        values[name] = ("set" if value.get_secret_value() else "") if secret else value
    values["database_url"] = output.without_password(profile.database_url)
    if not origin:
        output.thing(values, as_json=as_json)
        return
    origins = {"profile": "GCW_PROFILE or --profile", "folder": "GCW_HOME", **profile.origins}
    output.rows(
        [{"setting": name, "value": value, "origin": origins[name]} for name, value in values.items()], as_json=as_json
    )
