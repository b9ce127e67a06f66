"""Work that times itself: a child that loads what it needs first, so that start-up stays aside.

A child wraps its work in `timed()`, and its row says `inside=True`: then the row's seconds are the child's own.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed() -> Iterator[None]:
    """Prints how long the block took, as the last line that the child prints."""
    start = time.perf_counter()
    yield
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


def seconds(printed: str) -> float:
    """What such a child said."""
    told: float = json.loads(printed.splitlines()[-1])["seconds"]
    return told
