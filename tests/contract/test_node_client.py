"""A client in another language works a day in the sandbox."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gcw_tiktok.sandbox import server
from gcw_tiktok.sandbox.world import World
from sandbox.client import START

MODULES = os.environ.get("GCW_TTS_NODE", "")
NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("node_client.cjs")
ABSENT = (
    "" if NODE and MODULES else "There is no node, or GCW_TTS_NODE names no folder with the npm package tiktok-shop-sdk"
)


@pytest.mark.skipif(bool(ABSENT), reason=ABSENT)
def test_a_client_from_npm_works_a_day() -> None:
    world = World(seed=7, now=START)
    with server.serving(world) as base:
        told = {"GCW_SANDBOX": base, "GCW_SANDBOX_KEY": world.app.key, "GCW_SANDBOX_SECRET": world.app.secret}
        environment = os.environ | told | {"NODE_PATH": MODULES}
        ran = subprocess.run([NODE or "", SCRIPT], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
