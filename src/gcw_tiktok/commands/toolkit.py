"""TikTok's own toolkit (`@tts-open-toolkit/cli`), where somebody has installed it: it places orders in a sandbox
shop of Partner Center. Nothing is downloaded here."""

import re
import shutil
import subprocess

from gcw_tiktok.errors import BadInput, Refused, SetupMissing, TryAgain

PACKAGE = "@tts-open-toolkit/cli"
LONGEST_SECONDS = 120
ID = re.compile(r"(?<!\d)\d{17,20}(?!\d)")


def must_be_there() -> str:
    """Where `npx` is that can run it."""
    found = shutil.which("npx")
    if found is None or _run([found, "--no-install", PACKAGE, "--version"]).returncode:
        raise SetupMissing(
            "TikTok's toolkit is not installed on this machine.",
            f"Install it with `npm install -g {PACKAGE}`, or buy the order by hand and name it with --order.",
        )
    return found


def place(shop_id: str, product_id: str, sku_id: str) -> str:
    """The id of the order that it has placed. How it tells that is not documented: the only long number counts that
    was not given to it."""
    words = ["sandbox", "order", "create", "--shop-id", shop_id, "--item", f"{product_id}:{sku_id}:1"]
    ran = _run([must_be_there(), "--no-install", PACKAGE, *words])
    if ran.returncode:
        said = " ".join((ran.stderr or ran.stdout).split())[:200]
        raise Refused(f"TikTok's toolkit placed no order: {said or ran.returncode}", "Log in to it, or buy by hand.")
    found = set(ID.findall(ran.stdout)) - {shop_id, product_id, sku_id}
    if len(found) != 1:
        raise BadInput(
            "TikTok's toolkit does not say which order it has placed.",
            "Look for it in Partner Center, and name it with --order.",
        )
    (order_id,) = found
    return str(order_id)


def _run(words: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603  a fixed program, and ids
            words, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise TryAgain(
            "TikTok's toolkit does not answer.", "Look for the order in Partner Center, and name it with --order."
        ) from error
