"""How the sandbox's commands reach a sandbox: its control calls, on this machine only."""

from typing import Annotated, Any

import httpx
import typer

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.runtime import Runtime

Url = Annotated[str, typer.Option(help="The sandbox's address; else that of this profile.", metavar="URL")]
LONGEST_FILE_SECONDS = 300


def control(gcw: Runtime, url: str, method: str, path: str, body: object = None, *, large: bool = False) -> Any:
    """What a control call answers."""
    base = (url or gcw.settings.tiktok_api_url).rstrip("/").removesuffix("/_sandbox")
    start = "Start one with `gcw sandbox start`, and name it with --url or in a profile of its own."
    if httpx.URL(base).host not in ("localhost", "127.0.0.1", "::1", "sandbox"):
        raise BadInput(f"{base} is no sandbox: it is not on this machine.", start)
    patience = LONGEST_FILE_SECONDS if large else httpx.USE_CLIENT_DEFAULT
    try:
        answer = gcw.http.request(method, f"{base}/_sandbox/{path}", json=body, timeout=patience)
    except httpx.RequestError as error:
        raise TryAgain(f"No sandbox answers at {base}.", start) from error
    try:
        told = answer.json()
    except ValueError as error:
        raise BadInput(f"What answers at {base} is no sandbox.", start) from error
    if answer.is_error:
        raise BadInput(f"The sandbox says: {told.get('error', answer.status_code)}")
    return told
