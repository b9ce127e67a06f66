"""What can go wrong, sorted by who must act. Each kind has a code for scripts and an exit code for shells.

Raise where the cause is known; `cli.py` turns it into words once.
"""


class GcwError(Exception):
    """A failure that gcw understands: what failed and why, with the next command to run as `hint`."""

    code = "bug"
    exit_code = 1

    def __init__(self, message: str, hint: str = "", *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code or self.code
        self.request_id = request_id


class Usage(GcwError):
    """The command line itself is wrong: a flag is missing or two of them exclude each other."""

    code = "usage"
    exit_code = 2


class SetupMissing(GcwError):
    """Something must be set up first: an app key, a store's authorization, a place for secrets."""

    code = "setup"
    exit_code = 3


class BadInput(GcwError):
    """What was given cannot be used: an unknown name, an invalid file, a rule of ours that forbids it."""

    code = "input"
    exit_code = 4


class Refused(GcwError):
    """TikTok Shop or production said no; repeating the same request will not help."""

    code = "refused"
    exit_code = 5


class TryAgain(GcwError):
    """Network, rate limit or a far side that is down: the same command may work later."""

    code = "try_again"
    exit_code = 6


class PartlyDone(GcwError):
    """Some rows or orders failed, and the report says which; the others are done."""

    code = "partly_done"
    exit_code = 7


class CheckFailed(GcwError):
    """A check ran and found something."""

    code = "check_failed"
    exit_code = 8


class Interrupted(GcwError):
    """The operator pressed Ctrl-C, or answered a question with no."""

    code = "interrupted"
    exit_code = 130
