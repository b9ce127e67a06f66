"""docs/oracle_calls.yaml says truly which calls each oracle describes."""

import pytest

from contract.exchanges import OUTER
from contract.knowledge import described
from contract.known import calls, table


@pytest.mark.parametrize("name", OUTER)
def test_the_calls_that_an_oracle_describes(name: str) -> None:
    if OUTER[name].ABSENT:
        pytest.skip(OUTER[name].ABSENT)
    assert calls()[name] == described(name), "run `PYTHONPATH=tests python -m contract.knowledge`"


def test_each_difference_says_what_the_sandbox_does_and_why() -> None:
    for entry in table()["differences"]:
        assert set(entry) == {"oracle", "calls", "part", "members", "finds", "sandbox", "why"}
        assert all(entry.values())
        assert entry["oracle"] in OUTER
        told = [each for each in entry["calls"] if not each.startswith("webhook ")]
        assert set(told) <= set(calls()[entry["oracle"]])
