"""Writes what of the documentation follows from the code: docs/commands.md, and the coverage in docs/sandbox.md.

A test checks that both are up to date.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from gcw_tiktok import cli
from gcw_tiktok.sandbox import routes
from gcw_tiktok.sandbox.routes import Route

HERE = Path(__file__).parent
COVERAGE = re.compile(r"(<!-- coverage[^\n]*-->\n).*?(<!-- end of coverage -->)", re.DOTALL)
DIFFERENCES = re.compile(r"(<!-- differences[^\n]*-->\n).*?(<!-- end of differences -->)", re.DOTALL)

HEAD = """# Commands

Generated from `gcw --help`; `make docs` writes it anew.

Every command takes `--json`; a failure then leaves stdout empty and tells the error as JSON on stderr.
Options of gcw itself stand before the command: `--profile NAME`, `--verbose`, `--version`.
"""


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, words in cli.GROUPS.items():
        group = cli._load(name)
        parts.append(f"## gcw {name}\n\n{words}\n")
        heading = hasattr(group, "commands")
        parts += [_command(path, command, heading=heading) for path, command in _leaves(f"gcw {name}", group)]
    return "\n".join(parts)


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, at or below a group, with what is typed for it."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, member in command.commands.items():
        yield from _leaves(f"{path} {name}", member)


def _command(path: str, command: Any, *, heading: bool) -> str:
    rows = [_row(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = " ".join(_usage(p) for p in command.params if p.param_type_name == "argument")
    lines = [f"### {path}\n", f"{command.help}\n"] if heading else []
    lines += [f"    {path} {arguments}".rstrip() + " [OPTIONS]\n"]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _usage(parameter: Any) -> str:
    name = parameter.metavar or str(parameter.name).upper()
    return str(name) if parameter.required or name.startswith("[") else f"[{name}]"


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = f"`{parameter.metavar or str(parameter.name).upper()}`"
    else:
        names = ", ".join(f"`{name}`" for name in parameter.opts)
        flag = getattr(parameter, "is_flag", False)
        shown = names if flag else f"{names} {parameter.metavar or ''}".strip()
    need = " Required." if parameter.required and parameter.param_type_name == "option" else ""
    return f"| {_cell(shown)} | {_cell(parameter.help or '')}{need} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def sandbox_page(page: str) -> str:
    """The sandbox's page with its coverage table as the routes have it."""
    calls, told = (yaml.safe_load((HERE / name).read_text()) for name in ("oracle_calls.yaml", "oracles.yaml"))
    rows = [_coverage(each, calls) for each in routes.everything()]
    table = "\n".join(["| | call | checked against | guessed |", "|---|---|---|---|", *rows])
    page = COVERAGE.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page)
    rows = [_difference(each) for each in told["differences"]]
    table = "\n".join(["| call | member | who | finds | the sandbox | why |", "|---|---|---|---|---|---|", *rows])
    return DIFFERENCES.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page)


def _coverage(route: Route, calls: dict[str, list[str]]) -> str:
    call = f"{route.method} {route.path}"
    ours = [] if route in routes.PAGES else ["ours"]
    checked = ", ".join([*ours, *(name for name in ("tiktok", "october") if call in calls[name])])
    return f"| {route.sureness} | `{call}` | {checked} | {_cell(route.guess)} |"


def _difference(told: dict[str, Any]) -> str:
    called = "<br>".join(f"`{each}`" for each in told["calls"])
    members = "<br>".join(f"`{each}`" for each in told["members"])
    words = (called, f"{told['part']}: {members}", told["oracle"], told["finds"], told["sandbox"], told["why"])
    return "| " + " | ".join(map(_cell, words)) + " |"


if __name__ == "__main__":
    (HERE / "commands.md").write_text(reference())
    (HERE / "sandbox.md").write_text(sandbox_page((HERE / "sandbox.md").read_text()))
