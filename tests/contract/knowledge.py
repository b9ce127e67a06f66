"""Writes docs/oracle_calls.yaml anew: which calls of the sandbox each oracle describes.

From the project's folder, with both oracles at hand: `PYTHONPATH=tests python -m contract.knowledge`.
"""

import yaml

from contract import our_description
from contract.exchanges import OUTER
from contract.known import CALLS

HEAD = "# Written by `python -m contract.knowledge`; a test that has the oracles at hand checks it.\n"


def described(name: str) -> list[str]:
    """The calls that an oracle describes, of those that the sandbox answers."""
    return [f"{method} {path}" for method, path in our_description.served() if OUTER[name].call(method, path)]


if __name__ == "__main__":
    CALLS.write_text(HEAD + yaml.safe_dump({name: described(name) for name in OUTER}, width=200))
