"""The `gcw` command: mounts the groups lazily and turns errors into words and exit codes, once."""

import gc
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from gcw_tiktok import __version__, output
from gcw_tiktok.errors import GcwError, Interrupted, Usage
from gcw_tiktok.runtime import Runtime

GROUPS = {
    "demo": "See the four phases on the bundled sandbox, from nothing.",
    "app": "The PSP's app at TikTok: its key, service id and secret.",
    "operator": "Your own people, who see the pages of all customers.",
    "customer": "The people you print for.",
    "facility": "Where you make things, and how orders reach it.",
    "catalog": "What your customers may order.",
    "store": "Connect and watch your customers' TikTok Shops.",
    "design": "Check, place and preview design files.",
    "products": "Their listings, and what each variant prints.",
    "bulk": "Thousands of variants connected by a file.",
    "connections": "What variants print, as a file under version control.",
    "orders": "Take orders in, release them, ship them.",
    "privacy": "Forget recipients whose orders are done.",
    "serve": "Receive webhooks, act on them, and poll every store.",
    "webhooks": "What TikTok pushes, where to, and what became of it.",
    "sandbox": "A pretend TikTok Shop on this machine.",
    "status": "Everything on one screen: stores, orders, limits.",
    "config": "Settings, and where each one comes from.",
    "doctor": "Check this machine and every store.",
    "help": "Longer explanations, such as `gcw help exit-codes`.",
}
SINGLE = frozenset({"demo", "serve", "status", "doctor", "help"})
"""Groups that are one command without sub-commands."""
START_UP_OBJECTS = 300_000
"""More than start-up makes. They all stay, so Python need not search them for garbage again and again."""


class Groups(TyperGroup):
    """Loads a group when it is used: `gcw --help` imports none of them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in GROUPS:
            self.commands[args[0]] = _load(args[0])
            _without_types(self.commands[args[0]], ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(GROUPS)

    def get_params(self, ctx: Any) -> Any:
        return [_without_type(parameter) for parameter in super().get_params(ctx)]

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # nobody reads any more what would go on for ever
            output.give_up()
            raise typer.Exit from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in given
        try:
            code = super().main(
                given,
                prog_name or "gcw",
                complete_var,
                False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except GcwError as error:
            output.failure(error, as_json=as_json)
            code = error.exit_code
        except TyperException as error:
            code = _usage(error, as_json)
        except Abort:
            code = Interrupted.exit_code
        if code == Interrupted.exit_code:
            output.failure(Interrupted("Stopped."), as_json=as_json)
        sys.exit(code if isinstance(code, int) else 0)


def _usage(error: TyperException, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not message:  # a group without a sub-command has shown its help
        return error.exit_code
    hint = f"See `{context.command_path} --help`." if context else ""
    output.failure(Usage(message, hint), as_json=as_json)
    return error.exit_code


@cache
def _load(name: str) -> Any:
    """A group of commands; what runs many commands in one process builds it once."""
    module = import_module(f"gcw_tiktok.commands.{name}")
    command = typer.main.get_command(module.app)
    command.name = name
    return command


def _without_types(command: Any, ctx: Any) -> None:
    for parameter in command.get_params(ctx):
        _without_type(parameter)
    for member in getattr(command, "commands", {}).values():
        _without_types(member, ctx)


def _without_type(parameter: Any) -> Any:
    """A flag as people know it: Typer would show `<bool>` after it, as if something had to be typed there."""
    if getattr(parameter, "is_flag", False):
        parameter.metavar = ""
    return parameter


def _stub(name: str, words: str) -> TyperGroup:
    return TyperGroup(name=name, help=words, commands={})


app = typer.Typer(
    cls=Groups,
    name="gcw",
    help="Print for your customers' TikTok Shops, from the terminal.",
    epilog="Begin with `gcw demo`. Exit codes: `gcw help exit-codes`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        output.text(f"gcw {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    profile: Annotated[str, typer.Option(help="Which profile to use (also GCW_PROFILE).", metavar="NAME")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what is asked of TikTok.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Print for your customers' TikTok Shops, from the terminal."""
    if ctx.obj is None:
        ctx.obj = Runtime(profile)
    ctx.obj.verbose = verbose
    ctx.obj.say = output.note
    ctx.call_on_close(ctx.obj.close)


def command(runtime: Runtime | None = None) -> Any:
    """The whole command line as one object; tests hand it a Runtime of their own."""
    group = typer.main.get_command(app)
    assert isinstance(group, Groups)
    group.commands.update({name: _stub(name, words) for name, words in GROUPS.items()})
    group.context_settings["obj"] = runtime
    return group


def main() -> None:
    """The entry point of the `gcw` script."""
    gc.set_threshold(START_UP_OBJECTS)
    try:
        command()()
    finally:
        gc.freeze()  # all of it ends with the process: Python need not search it for garbage one last time
