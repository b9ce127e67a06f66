"""`gcw products sync` of listings with a hundred variants each, as whole processes beside a bare loop."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bench import worlds

HERE = Path(__file__).parent
PYTHON = sys.executable
GCW = str(Path(PYTHON).parent / "gcw")


class Run(NamedTuple):
    """What one process took."""

    seconds: float
    megabytes: float
    """Its memory at the highest."""


class Pair(NamedTuple):
    """A first sync of everything, and the bare loop that made the same requests right after it."""

    ours: Run
    theirs: Run


def pairs(environment: dict[str, str], home: Path, listings: int, runs: int) -> tuple[int, list[Pair]]:
    """How many variants there were, and so many pairs after one that does not count."""
    with worlds.sandbox(home, environment, orders=0, products=listings, broad=True) as sandbox:
        bare = [PYTHON, str(HERE / "bare_loop.py"), json.dumps(sandbox.access), "products"]
        found = []
        for _ in range(runs + 1):
            sandbox.forget_listings()
            ours = _run([GCW, "products", "sync", "Paper Harbor"], environment)
            found.append(Pair(ours, _run(bare, environment)))
        return sandbox.variants, found[1:]


def _run(command: list[str], environment: dict[str, str]) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:3])} ended with {process.returncode}.")
    return Run(took, used.ru_maxrss / 1024)
