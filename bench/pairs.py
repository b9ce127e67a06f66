"""gcw and a bare loop that makes the same requests, as whole processes one after the other."""

import os
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple


class Run(NamedTuple):
    """What one process took."""

    seconds: float
    megabytes: float
    """Its memory at the highest."""


class Pair(NamedTuple):
    """gcw's run, and the bare loop that made the same requests right after it."""

    ours: Run
    theirs: Run


def pairs(
    ours: list[str], theirs: list[str], environment: dict[str, str], runs: int, before: Callable[[], None]
) -> list[Pair]:
    """So many pairs, after one that does not count; `before` puts the state back before each."""
    found = []
    for _ in range(runs + 1):
        before()
        mine = _run(ours, environment)
        found.append(Pair(mine, _run(theirs, environment)))
    return found[1:]


def _run(command: list[str], environment: dict[str, str]) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:3])} ended with {process.returncode}.")
    return Run(took, used.ru_maxrss / 1024)
