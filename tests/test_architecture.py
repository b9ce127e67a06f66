"""Guards the rooms: who imports whom, which library has which door, and what start-up may cost."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "gcw_tiktok"

MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"cli"},
    "cli": {"__init__", "commands", "errors", "output", "runtime"},
    "commands": {"commands", "errors", "output", "runtime", "sandbox", "store", "tiktok", "web", "workflow"},
    "runtime": {"errors", "settings", "store", "tiktok", "workflow"},
    "settings": {"errors"},
    "output": {"errors"},
    "errors": set(),
    "workflow": {"__init__", "errors", "store", "tiktok", "workflow"},
    "tiktok": {"errors", "tiktok"},
    "store": {"errors", "store"},
    "web": {"errors", "store", "web", "workflow"},
    "sandbox": {"sandbox", "tiktok"},
}
"""Each room, and the rooms below it. `__init__` holds the version."""

DOORS = {
    "click": set(),
    "rich": {"output.py"},
    "keyring": {"store/secrets.py"},
    "pandas": {"workflow/spreadsheets.py"},
    "alembic": {"store/migrations/"},
    "cryptography": {"store/secrets.py"},
    "argon2": {"workflow/people/passwords.py"},
    "flask": {"web/", "sandbox/"},
    "flask_login": {"web/portal/"},
    "flask_wtf": {"web/portal/"},
    "itsdangerous": {"web/portal/"},
    "waitress": {"web/", "sandbox/"},
    "openpyxl": {"workflow/spreadsheets.py"},
    "pikepdf": {"workflow/designs/"},
    "pypdfium2": {"workflow/designs/"},
    "resvg_py": {"workflow/designs/"},
    "smtplib": {"workflow/mail.py"},
    "httpx": {
        "tiktok/",
        "runtime.py",
        "workflow/designs/fetching.py",
        "workflow/production/gelatoconnect.py",
        "workflow/tokens.py",
        "commands/sandbox_control.py",
    },
}
"""Libraries with one door, or few: the files and folders that may import each."""

PROGRAMS = {"sandbox/visitor.py"}
"""Run by themselves with `python -m`, so they talk for themselves."""


@dataclass(frozen=True)
class Import:
    """One imported name, such as `gcw_tiktok.store.tables.Order`."""

    file: str
    name: str
    for_types: bool
    """Under `if TYPE_CHECKING:`; it never runs."""

    @property
    def room(self) -> str:
        return self.file.split("/")[0].removesuffix(".py")

    @property
    def ours(self) -> str:
        """The room that is imported; empty for a library."""
        first, _, rest = self.name.partition(".")
        if first != "gcw_tiktok":
            return ""
        room = rest.split(".")[0]
        return room if room in MAY_IMPORT else "__init__"

    def __str__(self) -> str:
        return f"{self.file} imports {self.name}"


@cache
def files() -> dict[str, ast.Module]:
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text("utf-8"), str(path))
        for path in sorted(SOURCE.rglob("*.py"))
    }


@cache
def imports() -> list[Import]:
    """Every import of every file: at the top, inside functions, and for types."""
    return [found for file, tree in files().items() for found in _imports(file, tree)]


def _imports(file: str, tree: ast.Module) -> Iterator[Import]:
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for part in block.body
        for node in ast.walk(part)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(file, name, node in for_types) for name in names)


def test_every_room_is_known() -> None:
    assert {one.split("/")[0].removesuffix(".py") for one in files()} == set(MAY_IMPORT)


def test_imports_point_down() -> None:
    wrong = [str(one) for one in imports() if one.ours and one.ours not in MAY_IMPORT[one.room]]
    assert not wrong, "\n".join(wrong)


def test_tiktok_and_store_never_meet() -> None:
    met = [str(one) for one in imports() if {one.room, one.ours} == {"tiktok", "store"}]
    assert not met, "\n".join(met)


def test_pages_know_rows_and_open_no_database() -> None:
    known = {one.name.rpartition(".")[0] for one in imports() if one.room == "web" and one.ours == "store"}
    assert known == {"gcw_tiktok.store.tables"}


def test_the_sandbox_shares_only_the_signature() -> None:
    shared = {one.name for one in imports() if one.room == "sandbox" and one.ours == "tiktok"}
    assert {name.rpartition(".")[0] for name in shared} == {"gcw_tiktok.tiktok.signing"}


def test_the_client_knows_no_sandbox() -> None:
    """Only the commands that start one import it: everywhere else, addresses differ and nothing more."""
    users = {one.file for one in imports() if one.ours == "sandbox" and one.room != "sandbox"}
    assert users <= {"commands/sandbox.py", "commands/demo.py"}


def test_a_workflow_knows_no_flags_and_never_prints() -> None:
    above = {"cli", "commands", "output", "runtime", "settings", "web", "sandbox"}
    wrong = [str(one) for one in imports() if one.room == "workflow" and one.ours in above]
    wrong += [str(one) for one in imports() if one.room == "workflow" and one.name.split(".")[0] == "typer"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_its_door(library: str) -> None:
    doors = tuple(DOORS[library])
    wrong = [
        str(one)
        for one in imports()
        if one.name.split(".")[0] == library
        and not one.for_types
        and not any(one.file.startswith(door) if door.endswith("/") else one.file == door for door in doors)
    ]
    assert not wrong, "\n".join(wrong)


def test_ruff_guards_the_doors_too() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert {"click", "keyring", "pandas", "rich"} <= set(lint["flake8-tidy-imports"]["banned-api"])
    assert lint["flake8-tidy-imports"]["ban-relative-imports"] == "all"
    assert {"TID", "T20", "BLE"} <= set(lint["select"])


def test_only_output_prints() -> None:
    talk = [
        f"{file}:{node.lineno}"
        for file, tree in files().items()
        if file != "output.py" and file not in PROGRAMS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _PRINTS
    ]
    assert not talk, talk


_PRINTS = {
    "print",
    "typer.echo",
    "typer.secho",
    "sys.stdout.write",
    "sys.stderr.write",
    "sys.stdout.buffer.write",
    "logging.basicConfig",
}


def libraries_after(code: str, home: Path) -> set[str]:
    """Which libraries a new Python has loaded when `code` has run."""
    return {name.split(".")[0] for name in modules_after(code, home)}


def gcw_(*words: str) -> str:
    """What runs gcw with these words."""
    return f"import sys; sys.argv = ['gcw', *{words}]\nfrom gcw_tiktok.cli import main\nmain()"


def modules_after(code: str, home: Path) -> set[str]:
    """Which modules it has loaded, by their whole names."""
    told = "import sys; sys.stderr.write(chr(10) + ' '.join(sys.modules))"
    wrapped = f"import atexit\natexit.register(lambda: exec({told!r}))\n{code}"
    environment = {"GCW_HOME": str(home), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-c", wrapped], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return set(ran.stderr.splitlines()[-1].split())


HEAVY = {"sqlmodel", "sqlalchemy", "httpx", "pandas", "flask", "alembic", "pydantic", "cryptography", "keyring", "PIL"}


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    assert not HEAVY & libraries_after(gcw_(*words), tmp_path)
    assert not list(tmp_path.iterdir()), "help opens nothing"


def test_an_up_to_date_database_is_opened_without_alembic(tmp_path: Path) -> None:
    code = f"from gcw_tiktok.store.database import Database\nDatabase('sqlite:///{tmp_path / 'gcw.db'}').close()"
    assert "alembic" in libraries_after(code, tmp_path), "a new database is migrated"
    assert "alembic" not in libraries_after(code, tmp_path)


def test_listing_stores_loads_nothing_of_tiktoks(tmp_path: Path) -> None:
    libraries_after(gcw_("store", "list"), tmp_path)
    assert not libraries_after(gcw_("store", "list"), tmp_path) & {
        "httpx",
        "alembic",
        "flask",
        "keyring",
        "cryptography",
        "pandas",
        "psycopg",
    }


def test_a_bulk_import_that_fetches_nothing_loads_nothing_of_the_net_and_no_engine_but_its_own(tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("Store Variant ID,Product UID\n")
    modules_after(gcw_("store", "list"), tmp_path)
    loaded = modules_after(gcw_("bulk", "import", str(file)), tmp_path)
    assert "gcw_tiktok.workflow.bulk.importing" in loaded
    assert not loaded & {"httpx", "yaml", "pandas", "openpyxl", "PIL", "pypdf", "cryptography", "smtplib", "rich"}
    assert "sqlalchemy.dialects.postgresql" not in loaded
