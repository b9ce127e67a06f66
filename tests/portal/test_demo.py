"""gcw demo --portal: all pages on the sandbox, with a link for each role."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx


def test_every_role_has_a_link_that_leads_in(home: Path) -> None:
    command = [sys.executable, "-m", "gcw_tiktok", "demo", "--portal", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        assert len(told["people"]) == 3
        for one in told["people"]:
            page = httpx.get(one["link"])
            assert page.status_code == 200, one["who"]
            assert "Choose a password" in page.text
        assert httpx.get(told["pages"], follow_redirects=True).status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
