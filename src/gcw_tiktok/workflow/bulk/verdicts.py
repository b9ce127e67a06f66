"""What can become of a row of a bulk file."""

from typing import NamedTuple

CONNECTED, UNCHANGED, SKIPPED, FAILED = "connected", "unchanged", "skipped", "failed"
TO_CONNECT = "to connect"
"""What a dry run says in place of connected."""


class Verdict(NamedTuple):
    """What became of a row, and why."""

    status: str
    message: str = ""


NOT_AT_HAND = Verdict(FAILED, "Its design was not at hand; import the file again.")
