"""Opens the database, SQLite or PostgreSQL, and hands out sessions: one per unit of work."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlmodel import Session, create_engine

from gcw_tiktok.errors import BadInput, GcwError, SetupMissing, TryAgain
from gcw_tiktok.store import tables
from gcw_tiktok.store.migrations import HEAD

SQLITE = "sqlite:///"
EXAMPLE = "For example: postgresql://gcw@localhost/gcw"
BUSY_SECONDS = 30
DAMAGE = ("malformed", "not a database")
SETUP = ("authentication failed", "no password supplied", "does not exist", "permission denied", "connection option")
"""Signs in PostgreSQL's words that an operator has to change something first."""
CACHE_KB = 16_384
JOURNAL_PAGES = 10_000
MIGRATION_LOCK = 0x67637700  # any constant of ours: PostgreSQL's advisory locks are numbers


class Database:
    """gcw's memory. Opening it brings an older schema up to date; an up-to-date one costs one query."""

    def __init__(self, url: str, patience: float = BUSY_SECONDS) -> None:
        """`patience`: seconds that a writer waits for others, after which it is told `TryAgain`."""
        self.url = url
        self._patience = patience
        self.engine = _engine(url, patience)
        try:
            with _failures_in_words(url):
                self._bring_up_to_date()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A unit of work that may write: committed when the block ends well, undone when it does not."""
        with _failures_in_words(self.url), Session(self._writing, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def view(self) -> Iterator[Session]:
        """A session that only reads; it neither waits for writers nor makes them wait."""
        with _failures_in_words(self.url), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def held_open(self) -> Iterator["Database"]:
        """The same database for many short units of work: SQLite's file is not opened for each of them anew, and its
        journal not tidied up whenever the last connection closes."""
        if not self.url.startswith(SQLITE):  # PostgreSQL's connections are kept anyway
            yield self
            return
        held = copy(self)
        held.engine = _engine(self.url, self._patience, QueuePool)
        try:
            with _failures_in_words(self.url), held.engine.connect():
                yield held
        finally:
            held.close()

    def close(self) -> None:
        self.engine.dispose()

    @property
    def _writing(self) -> Engine:
        return self.engine.execution_options(gcw_writes=True)

    def _bring_up_to_date(self) -> None:
        with self.engine.connect() as connection:
            if _revision(connection) == HEAD:
                return
        from gcw_tiktok.store.migrations.upgrade import upgrade

        with self._writing.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            if _revision(connection) != HEAD:  # another process may have been first
                upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _engine(url: str, patience: float, pool: type[Pool] = NullPool) -> Engine:
    if not url.startswith(SQLITE):
        return _postgresql(url, patience)
    path = Path(url.removeprefix(SQLITE))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
    except OSError as error:
        raise SetupMissing(
            f"The database {path} cannot be opened: {error.strerror}.",
            "Set GCW_HOME to a folder you may write to, or GCW_DATABASE_URL to a database.",
        ) from error
    address = URL.create("sqlite", database=str(path))  # a path may hold `?`, which an address may not
    engine = create_engine(address, poolclass=pool, connect_args={"timeout": patience})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make(path: Path) -> None:
    """A new file is its owner's only from the first moment. One that is there is not opened here: closing it would end
    every lock that this process has on it through SQLite, and another gcw would clear the log away under its hands."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return
    if path.is_dir() or not os.access(path, os.R_OK | os.W_OK):
        code = errno.EISDIR if path.is_dir() else errno.EACCES
        raise OSError(code, os.strerror(code))


def _postgresql(url: str, patience: float) -> Engine:
    """PostgreSQL under its usual addresses, spoken to through psycopg."""
    scheme, slashes, rest = url.partition("://")
    if not slashes or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise BadInput("GCW_DATABASE_URL must begin with sqlite:/// or postgresql://.", EXAMPLE)
    hurried = patience < BUSY_SECONDS
    more: dict[str, Any] = {}
    if hurried:  # nobody waits for a connection of another thread's either
        more = {"connect_args": {"connect_timeout": max(2, int(patience))}, "max_overflow": -1}
    with _failures_in_words(url):
        try:
            engine = create_engine(f"postgresql+psycopg://{rest}", pool_pre_ping=True, **more)
        except (ArgumentError, ValueError):
            # what went wrong would repeat the address, and the address may hold a password
            raise BadInput("GCW_DATABASE_URL is no address of a PostgreSQL database.", EXAMPLE) from None
    if hurried:
        event.listen(engine, "connect", partial(_hurry_postgresql, patience))
    return engine


def _hurry_postgresql(patience: float, connection: Any, _record: object) -> None:
    """PostgreSQL itself ends what takes longer."""
    connection.execute(f"SET statement_timeout = {int(patience * 1000)}")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite says when a transaction begins, and of which kind
    # with SQLite's own 2 MB of cache and 4 MB of journal, imports and pulls write each page of an index again and again
    tuned = (f"cache_size=-{CACHE_KB}", f"wal_autocheckpoint={JOURNAL_PAGES}")
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", *tuned):
        with suppress(Exception):  # a read-only or damaged file shows itself at the first query, in words
            connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: SQLite cannot wait for one in the middle of a transaction."""
    writes = connection.get_execution_options().get("gcw_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _failures_in_words(url: str) -> Iterator[None]:
    try:
        yield
    except GcwError:
        raise
    except (OperationalError, InterfaceError) as error:
        raise _in_words(str(error.orig), url) from error
    except DatabaseError as error:
        reason = str(error.orig)
        if any(sign in reason for sign in (*DAMAGE, *SETUP)):
            raise _in_words(reason, url) from error
        raise
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise SetupMissing(
            "PostgreSQL needs psycopg, which is not installed.", "Run `pip install 'gcw-tiktok[postgres]'`."
        ) from error


def _in_words(reason: str, url: str) -> GcwError:
    if any(sign in reason for sign in DAMAGE):
        return _damaged(url)
    if "disk is full" in reason or "No space left" in reason:
        return TryAgain("The disk is full: nothing of this step was stored.", "Free some space; run it again.")
    if "locked" in reason:
        return TryAgain("Another gcw is writing to the database and did not finish in time.", "Run it again.")
    if "readonly" in reason or "unable to open" in reason:
        return SetupMissing(f"The database cannot be written: {reason}.", "Check who owns the folder GCW_HOME.")
    if url.startswith("sqlite"):
        return TryAgain(f"The database failed: {reason}.", "Run `gcw doctor`.")
    first = reason.strip().splitlines()[0]
    if any(sign in reason for sign in SETUP):
        return SetupMissing(f"PostgreSQL refuses: {first}", "Check GCW_DATABASE_URL, and what its role may do.")
    return TryAgain(f"PostgreSQL cannot be used: {first}", "Check GCW_DATABASE_URL and that the server runs.")


def _damaged(url: str) -> SetupMissing:
    path = url.removeprefix(SQLITE)
    return SetupMissing(
        f"The database {path} is damaged or is not a database.",
        f"Restore it from a backup, or move it aside (`mv {path} {path}.damaged`) and connect the stores again.",
    )


__all__ = ["Database", "Session", "tables"]
