"""gcw config: settings, and where each one comes from."""

from typing import Annotated, Any, Literal

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import MAIL_PASSWORD, Runtime

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


@app.command("set")
def set_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A setting, as `gcw config show` names it.")],
    value: Annotated[str, typer.Argument(help="What it is to be; empty for what it is without being set.")],
    as_json: Json = False,
) -> None:
    """Set a setting of this profile. The environment still wins over it."""
    gcw = runtime(ctx)
    gcw.profile.set(name, value)
    shown = {"setting": name, "value": getattr(gcw.settings, name), "origin": gcw.profile.origins[name]}
    output.thing(shown, as_json=as_json)
    if gcw.profile.origins[name].startswith("environment"):
        output.warning("It is saved, but the environment says otherwise, and wins.")


@app.command()
def mail(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="The server that takes mail.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port. Usual: 587, with tls 465.", min=0, max=65535)] = None,
    security: Annotated[
        Literal["starttls", "tls", "none"] | None, typer.Option(help="How it is reached. Usual: starttls.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Who signs in. Asks for the password, or reads it from stdin.")
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Whom mail is from.", metavar="ADDRESS")] = None,
    test: Annotated[str, typer.Option(help="Send a mail there, to see that it works.", metavar="ADDRESS")] = "",
    as_json: Json = False,
) -> None:
    """Tell gcw which server sends its mail, and try it."""
    gcw = runtime(ctx)
    given = {"smtp_host": host, "smtp_port": port, "smtp_security": security, "smtp_user": user, "smtp_from": sender}
    changes = {name: value for name, value in given.items() if value is not None}
    if user and not gcw.settings.smtp_password.get_secret_value():
        _keep_password(gcw)
    if changes:
        gcw.profile.save(changes)
    if test:
        _send_test(gcw, test)
    settings = gcw.settings
    shown = {
        "host": settings.smtp_host,
        "port": settings.smtp_port or None,
        "security": settings.smtp_security,
        "user": settings.smtp_user,
        "from": settings.smtp_from,
        "sent_to": test or None,
    }
    output.thing(shown, as_json=as_json)
    if test:
        output.note(f"The server took a mail to {test}. Look whether it arrives, and not among the unwanted ones.")
    elif settings.smtp_host:
        output.note("Try it: gcw config mail --test ADDRESS")
    else:
        output.note("No mail server yet. Run `gcw config mail --host NAME --from ADDRESS`.")


def _keep_password(gcw: Runtime) -> None:
    password = output.ask_secret("Password at the mail server")
    if not password:
        raise Usage(
            "The password at the mail server is missing.", "Give it on stdin: gcw config mail ... < password.txt"
        )
    gcw.vault.put(MAIL_PASSWORD, password)


def _send_test(gcw: Runtime, address: str) -> None:
    from gcw_tiktok.workflow import mail as post

    words = "This mail was sent by `gcw config mail --test`. Mail from gcw arrives here."
    post.send(gcw.post_office, post.Message(address, "gcw can send mail", words), gcw.now())
