"""The guide's listing can be made as it is written there."""

import re
import shlex

import pytest

from conftest import EXAMPLES
from publishing.conftest import Shop

GUIDE = EXAMPLES.parent / "docs" / "guide.md"


def test_the_guides_example_lists_a_product(quick: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    (block,) = re.findall(r"^    gcw (products add (?:.*\\\n)+.*)$", GUIDE.read_text(), re.MULTILINE)
    words = shlex.split(block.replace("\\\n", " "))
    shown = quick.gcw(*words, "--yes", "--json").json
    assert [sku["price"]["amount"] for sku in shown["body"]["skus"]] == ["24.99", "26.50"]
    assert quick.publications() == []
    words.remove("--dry-run")
    made = quick.gcw(*words, "--yes", "--json").json
    assert (made["state"], made["id"]) == ("active", 1)
