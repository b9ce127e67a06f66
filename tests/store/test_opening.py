"""What may be wrong with a database is said in words, without the password."""

# ruff: noqa: PT012  a session fails when it ends

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from gcw_tiktok.errors import BadInput, GcwError, SetupMissing, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Customer


def refused(url: str) -> GcwError:
    with pytest.raises(GcwError) as caught:
        Database(url)
    assert caught.value.hint
    return caught.value


def test_the_file_and_its_folder_are_their_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = Database(f"sqlite:///{tmp_path / 'new' / 'gcw.db'}")
        with database.session() as session:
            session.add(Customer(name="Paper Harbor", created_at=1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    finally:
        os.umask(before)
    database.close()
    assert modes["gcw.db"] == 0o600
    assert set(modes.values()) == {0o600}, "its log as well"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_opening_it_once_more_leaves_the_locks_of_this_process_as_they_are(tmp_path: Path) -> None:
    """Else another process that closes its last connection clears the log away while it is being written to here."""
    path = tmp_path / "gcw.db"
    another = "import sqlite3, sys; it = sqlite3.connect(sys.argv[1]); it.execute('CREATE TABLE x (y)'); it.close()"
    first = Database(f"sqlite:///{path}")
    with first.held_open() as held, held.view() as session:
        session.exec(text("SELECT 1"))
        Database(f"sqlite:///{path}").close()
        subprocess.run([sys.executable, "-c", another, str(path)], check=True)
        assert path.with_name("gcw.db-wal").exists()
    first.close()


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", "a b", "ä"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    Database(f"sqlite:///{tmp_path / name / 'gcw.db'}").close()
    assert {path.name for path in (tmp_path / name).iterdir()} == {"gcw.db"}
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "gcw.db").write_text("Dear diary, " * 1000)
    told = refused(f"sqlite:///{tmp_path / 'gcw.db'}")
    assert isinstance(told, SetupMissing)
    assert "damaged or is not a database" in str(told)
    assert "backup" in told.hint
    assert (tmp_path / "gcw.db").read_text().startswith("Dear diary"), "it is left as it was"


def test_a_database_whose_pages_are_torn(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gcw.db'}"
    database = Database(url)
    with database.session() as session:
        session.add_all(Customer(name=f"Customer {number}", created_at=number) for number in range(2000))
    database.close()
    whole = (tmp_path / "gcw.db").read_bytes()
    (tmp_path / "gcw.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(SetupMissing, match="damaged"):
        Database(url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    told = refused(f"sqlite:///{tmp_path / 'gcw.db'}")
    tmp_path.chmod(0o700)
    assert isinstance(told, SetupMissing)
    assert "Permission denied" in str(told)


@pytest.mark.parametrize("folder", ["/proc/gcw", "/dev/null"])
def test_a_folder_that_cannot_hold_files(folder: str) -> None:
    told = refused(f"sqlite:///{folder}/gcw.db")
    assert isinstance(told, SetupMissing)
    assert "GCW_HOME" in told.hint


def test_a_database_that_became_read_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gcw.db'}")
    with pytest.raises(SetupMissing, match="cannot be written"), database.session() as session:
        session.execute(text("PRAGMA query_only = ON"))
        session.add(Customer(name="Paper Harbor", created_at=1))
    database.close()


def test_a_full_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gcw.db'}")
    with pytest.raises(TryAgain, match="disk is full") as caught, database.session() as session:
        session.execute(text("PRAGMA max_page_count = 1"))
        session.add_all(Customer(name=f"{number}" * 500, created_at=1) for number in range(500))
    assert "Free some space" in caught.value.hint
    with database.view() as session:
        assert session.execute(text("SELECT count(*) FROM customer")).scalar() == 0, "nothing is half stored"
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://gcw@localhost/gcw",
        "sqlite://",
        "sqlite:gcw.db",
        "gcw.db",
        "postgresql",
        "postgresql://gcw:hush@host:port/x",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    told = refused(url)
    assert isinstance(told, BadInput)
    assert "GCW_DATABASE_URL" in str(told)
    assert "hush" not in f"{told}{told.hint}"


def test_postgresql_that_does_not_run() -> None:
    told = refused("postgresql://gcw:hush@127.0.0.1:1/gcw")
    assert isinstance(told, TryAgain)
    assert "PostgreSQL cannot be used" in str(told)
    assert "hush" not in _everything(told)


def test_postgresql_with_a_wrong_password(postgres_server: str, tmp_path: Path) -> None:
    told = refused(_with_password_asked(postgres_server, "wrong-hush"))
    assert isinstance(told, SetupMissing)
    assert "PostgreSQL refuses" in str(told)
    assert "hush" not in _everything(told)


def test_a_postgresql_database_that_is_not_there(postgres_server: str) -> None:
    told = refused(urlsplit(postgres_server)._replace(path="/nowhere").geturl())
    assert isinstance(told, SetupMissing)
    assert '"nowhere" does not exist' in str(told)


def test_a_postgresql_role_without_rights(postgres_server: str) -> None:
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE gcw_guarded")
        connection.execute("CREATE ROLE guest LOGIN")
    there = urlsplit(postgres_server)._replace(path="/gcw_guarded").geturl()
    with psycopg.connect(there, autocommit=True) as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    told = refused(there.replace("//postgres:", "//guest:"))
    assert isinstance(told, SetupMissing)
    assert "permission denied" in str(told)


def test_an_unknown_option_of_postgresql() -> None:
    told = refused("postgresql://gcw@localhost/gcw?colour=red")
    assert isinstance(told, SetupMissing)
    assert "colour" in str(told)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_way_to_write_the_address(postgres_server: str, scheme: str) -> None:
    Database(scheme + "://" + postgres_server.partition("://")[2]).close()


def _with_password_asked(server: str, password: str) -> str:
    """The server's address for a role that it asks for a password."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        rules = Path(connection.execute("SHOW hba_file").fetchone()[0])  # type: ignore[index]
        rules.write_text(f"local all stranger scram-sha-256\nhost all stranger all scram-sha-256\n{rules.read_text()}")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'right'")
        connection.execute("SELECT pg_reload_conf()")
    return server.replace("//postgres:", f"//stranger:{password}")


def _everything(error: BaseException) -> str:
    """What is told, and all that a traceback of it would show."""
    import traceback

    return "".join(traceback.format_exception(error)) + getattr(error, "hint", "")
