"""Questions that a command asks before it does something that matters."""

import typer

from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import Runtime


def confirm(gcw: Runtime, question: str, yes: bool) -> None:
    """Goes on where the answer is yes; where nobody can be asked, it names the flag that was missing."""
    if yes:
        return
    if not gcw.may_ask:
        raise Usage(f"{question} Nobody is here to be asked.", "Add --yes.")
    typer.confirm(question, abort=True, err=True)
