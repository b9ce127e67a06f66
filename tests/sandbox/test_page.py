"""What docs/sandbox.md says is so: its examples run, its tables are complete."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gcw_tiktok.sandbox import server
from gcw_tiktok.sandbox.doings import listings, orders, returns, scenarios, sellers, shops
from gcw_tiktok.sandbox.faults import KINDS
from gcw_tiktok.sandbox.world import World

PAGE = (Path(__file__).parent.parent.parent / "docs" / "sandbox.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
RUN = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"], "js": ["node", "-e"]}
NEEDS = {"sh": ("bash", "curl", "openssl"), "python": (), "js": ("node",)}


@pytest.mark.parametrize("language", RUN)
def test_the_examples_run(language: str) -> None:
    missing = [tool for tool in NEEDS[language] if not shutil.which(tool)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    with server.serving(World(seed=1)) as base:
        script = EXAMPLES[language].replace("http://127.0.0.1:8790", base)
        assert base in script
        ran = subprocess.run([*RUN[language], script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Paper Harbor Prints" in ran.stdout, ran.stdout + ran.stderr
    if language != "sh":
        assert re.search(r"Paper Harbor Prints \d{18} ON_HOLD 2", ran.stdout)


def section(title: str) -> str:
    """A part of the page."""
    found = re.search(rf"^## {title}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def first_column(title: str) -> list[str]:
    return re.findall(r"^\| `([\w-]+)` \|", section(title), re.MULTILINE)


def test_all_scenarios_faults_and_sellers_are_listed() -> None:
    assert first_column("Scenarios") == list(scenarios.SCENARIOS)
    assert set(first_column("Faults")) == KINDS
    assert first_column("Sellers") == [seller.handle for seller in World(products=0, orders=0).sellers]


def test_every_control_call_is_listed() -> None:
    told = section("Control calls")
    for rule in server.create_app(World(products=0, orders=0)).url_map.iter_rules():
        if not rule.rule.startswith("/_sandbox"):
            continue
        plain = re.sub(r"<action>", "ACTION", re.sub(r"<(?:\w+:)?(?:name)>", "NAME", rule.rule))
        plain = re.sub(r"<(?:\w+:)?\w+>", "NAME" if plain.startswith("/_sandbox/sellers") else "ID", plain)
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert re.search(rf"{re.escape(plain)}(?![\w/])", told), plain
        for method in methods:
            assert re.search(rf"`{method}[^|]*{re.escape(plain)}(?![\w/])", told), f"{method} {plain}"


def test_every_action_is_listed() -> None:
    told = section("Control calls")
    for room in (orders, returns, listings, shops, sellers):
        for action in room.ACTIONS:
            assert f"`{action}`" in told, action
