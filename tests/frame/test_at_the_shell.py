"""How a run ends and what it looks like, seen from outside: as a process, at a terminal, in a pipe."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Gcw

GCW = [sys.executable, "-m", "gcw_tiktok"]


@pytest.fixture
def many(home: Path) -> Path:
    """A machine with so many customers that listing them fills a pipe."""
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.store.tables import Customer

    runtime = Runtime()
    with runtime.database.session() as session:
        session.add_all(Customer(name=f"Customer {number:05}", created_at=1) for number in range(2000))
    runtime.close()
    return home


@pytest.mark.parametrize("form", ["", "--json", "--csv"])
def test_a_reader_that_goes_away_is_no_trouble(many: Path, form: str) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' -m gcw_tiktok customer list {form} | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.returncode == 0
    assert ran.stdout.count("\n") == 1


def test_a_reader_that_never_reads_is_no_trouble(home: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([*GCW, "help", "exit-codes"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_check_that_found_something_says_so_though_nobody_reads(home: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([*GCW, "doctor"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert ran.returncode == 8
    assert "Traceback" not in ran.stderr
    assert "BrokenPipe" not in ran.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_ctrl_c_stops_at_once(home: Path, form: list[str]) -> None:
    running = subprocess.Popen(
        [*GCW, "catalog", "import", "-", *form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_until_it_reads(running)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=10)
    assert running.returncode == 130
    assert out == ""
    told = {"error": {"code": "interrupted", "message": "Stopped.", "hint": "", "request_id": ""}}
    assert err.rstrip("\n") == (json.dumps(told) if form else "Error: Stopped.")


def _wait_until_it_reads(running: "subprocess.Popen[str]") -> None:
    """Until it has stopped using the processor: then it waits for its standard input."""
    before = ""
    for _ in range(100):
        time.sleep(0.2)
        used = " ".join(Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[11:13])
        if used == before != "0 0":
            return
        before = used
    pytest.fail("it never came to read")


def test_a_bug_stays_a_traceback(home: Path) -> None:
    code = (
        "import sys; sys.argv = ['gcw', 'customer', 'list', '--json']\n"
        "from gcw_tiktok.workflow import customers\n"
        "def everyone(session): raise KeyError('a bug')\n"
        "customers.everyone = everyone\n"
        "from gcw_tiktok.cli import main\n"
        "main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "Traceback" in ran.stderr
    assert ran.stderr.rstrip().endswith("KeyError: 'a bug'")


def at_a_terminal(*words: str, answers: dict[str, str] | None = None) -> tuple[int, str]:
    """Runs gcw at a pseudo-terminal, where each question gets its answer; its exit code and all that is seen."""
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    parent, child = pty.openpty()
    at_it = ["setsid", "--ctty", "--wait"]  # without a terminal of its own, Ctrl-C would reach nobody
    running = subprocess.Popen([*at_it, *GCW, *words], stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    open_questions, seen = dict(answers or {}), ""
    while part := _read(parent):
        seen += part
        for question in [one for one in open_questions if one in seen]:
            time.sleep(0.1)  # until it listens: a question for a secret throws away what was typed before
            os.write(parent, open_questions.pop(question).encode())
    os.close(parent)
    return running.wait(timeout=30), seen


def _read(terminal: int) -> str:
    """What is shown next; nothing when everybody has left the terminal, or nothing happens for a long time."""
    if not select.select([terminal], [], [], 20)[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode()
    except OSError:  # how Linux says that the last one has left
        return ""


def test_colour_at_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    code, seen = at_a_terminal("customer", "show", "nobody")
    assert code == 4
    assert "\x1b[31m" in seen
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in at_a_terminal("customer", "show", "nobody")[1]


def test_questions_are_asked_at_a_terminal_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, seen = at_a_terminal(
        "app", "configure", answers={"App key": "6key\n", "Service id": "7299\n", "App secret": "hush-hush\n"}
    )
    assert code == 0, seen
    assert "App key" in seen
    assert "hush-hush" not in seen
    assert Gcw(None)("config", "show", "--json").json["tiktok_app_key"] == "6key"
    monkeypatch.setenv("GCW_NO_INPUT", "1")
    code, seen = at_a_terminal("app", "configure")
    assert code == 2
    assert "--key" in seen


def test_an_interrupted_question_is_an_interruption(home: Path) -> None:
    assert at_a_terminal("app", "configure", answers={"App key": "\x03"})[0] == 130


def test_lists_fit_a_terminal_of_80_columns(home: Path) -> None:
    gcw = Gcw(None)
    gcw(
        "customer",
        "add",
        "Paper Harbor",
        "--description",
        "A long note. " * 20,
        "--reference",
        "PH-0000000000000000001",
    )
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{home / 'in'}")
    for words in (["customer", "list"], ["facility", "list"], ["config", "show", "--origin"]):
        lines = re.sub(r"\x1b\[[\d;]*m", "", at_a_terminal(*words)[1]).splitlines()
        assert max(map(len, lines)) <= 80
    assert "PH-0000000000000000001" in at_a_terminal("customer", "list")[1]
