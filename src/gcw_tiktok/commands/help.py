"""gcw help: longer explanations."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json
from gcw_tiktok.errors import BadInput

app = typer.Typer(add_completion=False, help="Longer explanations.")

EXIT_CODES = {
    0: "Done. An empty list is not a failure.",
    1: "A bug in gcw.",
    2: "The command line is wrong.",
    3: "Set-up is missing: not configured, not connected, authorization expired.",
    4: "Bad input: an unknown name, an invalid file, a rule of gcw's that forbids it.",
    5: "Refused by TikTok Shop or by production.",
    6: "Try again: network, rate limit, the far side is down.",
    7: "Partly done: the report says which rows or orders failed.",
    8: "A check found something.",
    130: "Interrupted.",
}


@app.command("help")
def explain(
    topic: Annotated[str, typer.Argument(help="exit-codes")] = "exit-codes",
    as_json: Json = False,
) -> None:
    """Explain exit codes."""
    if topic != "exit-codes":
        raise BadInput(f"There is no help on {topic!r}.", "Topics: exit-codes. For a command: gcw COMMAND --help")
    output.rows([{"exit": code, "means": words} for code, words in EXIT_CODES.items()], as_json=as_json)
