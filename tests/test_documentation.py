"""What the documentation says is true: its commands are run, its lists are compared."""

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

from conftest import EXAMPLES
from gcw_tiktok import cli
from gcw_tiktok.web.callback import free_port

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh( terminal=2)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """A shell in which `gcw` and `python3` are those of this test run, and nothing else is set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GCW_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "GCW_HOME": str(tmp_path / "home"), "COLUMNS": "120", **more}


def test_the_first_hour_of_the_readme_works_as_written(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(EXAMPLES)
    sandbox_port, callback_port = free_port(), free_port()
    visitor = f"{shlex.quote(sys.executable)} -m gcw_tiktok.sandbox.visitor %s"
    shell = environment(tmp_path, BROWSER=visitor, GCW_CALLBACK_PORT=str(callback_port))
    blocks = [(bool(second), text) for second, text in BLOCK.findall(README)]
    (start,) = [text.strip() for second, text in blocks if second]
    typed = "".join(text for second, text in blocks if not second)
    typed = typed.replace("python3 -m pip install .\n", "").replace("8790", str(sandbox_port))
    assert typed.count("gcw ") > 15
    typed += f"\n{EXAMPLES / 'nightly-coverage.sh'} || test $? -eq 8\n"

    server = subprocess.Popen(
        [*shlex.split(start), "--port", str(sandbox_port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=shell
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline()
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", typed],
            cwd=tmp_path,
            env=shell,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        # the README connects one variant only
        assert json.loads((tmp_path / "synced.json").read_text())[0]["store"] == "Paper Harbor Prints"
        assert "not connected" in (tmp_path / "not-covered.csv").read_text()
    finally:
        server.terminate()
        server.wait(timeout=20)
        if server.stdout:
            server.stdout.close()
    assert len(list(tmp_path.glob("hand-off/TTS-*/order.json"))) == 1


def test_the_quickstart_script_works(tmp_path: Path) -> None:
    ran = subprocess.run(
        [str(EXAMPLES / "quickstart.sh")], env=environment(tmp_path), capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "is shipped." in ran.stdout
    assert "job-ticket.pdf" in ran.stdout


def test_the_demo_runs_from_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "gcw_tiktok", "demo", "--home", str(tmp_path / "kept"), "--json"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"stage": "shipped"' in ran.stdout
    assert len(list(tmp_path.glob("kept/hand-off/TTS-*/job-ticket.pdf"))) == 1


def test_the_generated_pages_are_up_to_date() -> None:
    make = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))
    assert (ROOT / "docs" / "commands.md").read_text() == make["reference"](), "run `make docs`"
    sandbox = (ROOT / "docs" / "sandbox.md").read_text()
    assert sandbox == make["sandbox_page"](sandbox), "run `make docs`"


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_in_the_pages_exists() -> None:
    typed = [
        (page.name, words.split())
        for page in PAGES
        for words in re.findall(
            r"(?:^ *|`)gcw ((?:--?[a-z]+ \S+ )*[a-z]+(?: [a-z-]+)?)", page.read_text(), re.MULTILINE
        )
    ]
    assert len(typed) > 50
    for page, words in typed:
        assert words[0] in cli.GROUPS, (page, words)
        members = getattr(cli._load(words[0]), "commands", None)
        assert not members or len(words) < 2 or words[1] in members, (page, words)


def test_every_command_that_gcw_itself_names_exists() -> None:
    typed = [
        (source.name, words.split())
        for source in (ROOT / "src").rglob("*.py")
        for words in re.findall(r"[`\"']gcw ([a-z]+ [a-z-]+)", source.read_text())
    ]
    assert len(typed) > 30
    for source, (group, member) in typed:
        if group in cli.GROUPS and group not in cli.SINGLE:
            members = getattr(cli._load(group), "commands", {})
            assert member in members, f"{source} names `gcw {group} {member}`"


def test_the_makefile_has_what_the_readme_promises() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"^    make (\w+)", README, re.MULTILINE)) <= set(targets)


def test_the_tests_that_the_guarantees_name_exist() -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    code = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 30
    assert named - set(re.findall(r"def (test_\w+)\(", code)) == set()
    assert "FIGURES" not in page
