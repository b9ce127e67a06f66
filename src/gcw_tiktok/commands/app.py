"""gcw app: the PSP's app in TikTok's Partner Center."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import APP_SECRET, Runtime

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The PSP's app at TikTok: its key, service id and secret."
)

GUIDE = """\
Your app in TikTok's Partner Center (https://partner.us.tiktokshop.com) needs:
  Market        United States
  Redirect URL  {redirect}
  Permissions
{scopes}
You find the app key and the app secret under App & Service > your app > Developing,
and the service id (a long number, not the app key) in its authorization link.
Step by step, with nothing taken for granted: docs/partner-center.md
"""


@app.command()
def configure(
    ctx: typer.Context,
    key: Annotated[str, typer.Option("--key", help="The app key. Asked for when it is missing.")] = "",
    service_id: Annotated[str, typer.Option(help="The service id of the authorization link.")] = "",
    api_url: Annotated[str, typer.Option(help="Another address of the API, such as the sandbox's.")] = "",
    auth_url: Annotated[str, typer.Option(help="Another address that gives tokens.")] = "",
    authorize_url: Annotated[str, typer.Option(help="Another address of the permission page.")] = "",
    port: Annotated[
        int | None, typer.Option(help="The port of your app's redirect URL on this machine.", min=1, max=65535)
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell gcw about your app. The secret is asked for, or read from the first line of stdin."""
    gcw = runtime(ctx)
    if not key and gcw.may_ask:
        output.note(_guide(gcw))
    given: dict[str, str | int | None] = {
        "tiktok_app_key": key or _asked(gcw, "App key", "--key"),
        "tiktok_service_id": service_id or _asked(gcw, "Service id", "--service-id"),
        "tiktok_api_url": api_url,
        "tiktok_auth_url": auth_url,
        "tiktok_authorize_url": authorize_url,
        "callback_port": port,
    }
    secret = output.ask_secret("App secret")
    if not secret:
        raise Usage("The app secret is missing.", "Give it on stdin: gcw app configure ... < secret.txt")
    gcw.vault.put(APP_SECRET, secret)
    gcw.profile.save({name: value for name, value in given.items() if value is not None and value != ""})
    output.note("Saved. Next: gcw customer add NAME --storefronts")
    _show(gcw, as_json)


@app.command()
def show(ctx: typer.Context, as_json: Json = False) -> None:
    """What gcw knows of your app, and what the app needs at TikTok."""
    gcw = runtime(ctx)
    _show(gcw, as_json)
    if not as_json:
        output.note("\n" + _guide(gcw))


def _asked(gcw: Runtime, question: str, flag: str) -> str:
    if not gcw.may_ask:
        raise Usage(f"{question} is missing.", f"Give it with {flag}.")
    return output.ask(question)


def _show(gcw: Runtime, as_json: bool) -> None:
    settings = gcw.settings
    in_environment = settings.tiktok_app_secret.get_secret_value()
    shown = {
        "app_key": settings.tiktok_app_key,
        "service_id": settings.tiktok_service_id,
        "secret": "set" if in_environment or gcw.vault.get(APP_SECRET) else "missing",
        "redirect_url": _redirect(gcw),
        "api_url": settings.tiktok_api_url,
        "auth_url": settings.tiktok_auth_url,
        "authorize_url": settings.tiktok_authorize_url,
    }
    output.thing(shown, as_json=as_json)


def _guide(gcw: Runtime) -> str:
    from gcw_tiktok.tiktok.shops import SCOPES

    scopes = "\n".join(f"    {name:<30} {why}" for name, why in SCOPES.values())
    return GUIDE.format(redirect=_redirect(gcw), scopes=scopes)


def _redirect(gcw: Runtime) -> str:
    return f"http://localhost:{gcw.settings.callback_port}/callback"
