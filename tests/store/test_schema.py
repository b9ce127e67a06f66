"""Migrations and models say the same, on both engines."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, text
from sqlmodel import SQLModel, create_engine, select

from gcw_tiktok.errors import SetupMissing
from gcw_tiktok.store import migrations
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.migrations import upgrade
from gcw_tiktok.store.tables import Facility, Order

FACILITY = (
    "INSERT INTO facility (name, type, location, hand_off, created_at) "
    "VALUES ('Main floor', 'production', '', 'folder:/tmp', 0)"
)


def test_the_migrations_make_exactly_the_schema_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_constraint_of_the_models_is_in_the_database(database: Database) -> None:
    """What a comparison by Alembic may overlook: uniqueness, foreign keys, and what may be empty."""
    seen = inspect(database.engine)
    for table in SQLModel.metadata.sorted_tables:
        unique = {tuple(found["column_names"]) for found in seen.get_unique_constraints(table.name)}
        unique |= {tuple(found["column_names"]) for found in seen.get_indexes(table.name) if found["unique"]}
        wanted = {tuple(c.name for c in found.columns) for found in table.constraints if _is_unique(found)}
        wanted |= {tuple(c.name for c in found.columns) for found in table.indexes if found.unique}
        assert wanted == unique, table.name
        keys = {(tuple(f["constrained_columns"]), f["referred_table"]) for f in seen.get_foreign_keys(table.name)}
        assert keys == {((c.name,), c.foreign_keys.copy().pop().column.table.name) for c in _linked(table)}
        empty = {found["name"]: found["nullable"] for found in seen.get_columns(table.name)}
        assert empty == {column.name: column.nullable for column in table.columns}, table.name


def _is_unique(constraint: object) -> bool:
    return type(constraint).__name__ == "UniqueConstraint"


def _linked(table: object) -> Iterator[object]:
    return (column for column in table.columns if column.foreign_keys)  # type: ignore[attr-defined]


def test_only_current_connections_are_unique_on_both_engines(database: Database) -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            source = "SELECT sql FROM sqlite_master WHERE name = 'uq_connection_current'"
        else:
            source = "SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_connection_current'"
        made = connection.execute(text(source)).scalar_one()
    assert "UNIQUE" in made
    assert "ended_at IS NULL" in made


def test_head_is_the_newest_migration() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(Path(migrations.__file__).parent))
    settings.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(settings)
    assert scripts.get_heads() == [migrations.HEAD]
    assert len(list(scripts.walk_revisions())) == len(list(Path(migrations.__file__).parent.glob("versions/0*.py")))


def test_upgrading_again_changes_nothing(database: Database) -> None:
    before = _tables(database)
    with database.engine.begin() as connection:
        upgrade.upgrade(connection)
    again = Database(database.url)
    assert _tables(again) == before
    again.close()


def test_a_database_of_an_older_gcw_is_brought_up_to_date_and_keeps_what_it_holds(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        command.upgrade(upgrade.config(connection), "0001")
        connection.execute(text(FACILITY))
    engine.dispose()
    found = Database(database_url)
    with found.view() as session:
        assert [one.name for one in session.exec(select(Facility))] == ["Main floor"]
    assert "pace" in _tables(found)
    found.close()


def test_orders_of_an_older_gcw_are_named_by_kind_as_far_as_it_knew_them(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        command.upgrade(upgrade.config(connection), "0006")
        tables = MetaData()
        tables.reflect(connection)
        for name in ("customer", "facility", "authorization", "store"):
            connection.execute(tables.tables[name].insert().values(_filled(tables.tables[name])))
        kinds = {
            "sample": {"sample": True, "order_type": "PRE_ORDER"},
            "fulfilled_by_tiktok": {"sample": True, "fulfillment_type": "FULFILLMENT_BY_TIKTOK"},
            "pre_order": {"order_type": "PRE_ORDER"},
            "gift": {"gift": [True, True]},
            "normal": {"gift": [True, False], "fulfillment_type": "FULFILLMENT_BY_SELLER"},
        }
        for number, (order_id, facts) in enumerate(kinds.items(), 1):
            gifts = facts.pop("gift", [False])
            orders, line = tables.tables["orders"], tables.tables["line"]
            connection.execute(orders.insert().values(_filled(orders, id=number, order_id=order_id, **facts)))
            for place, gift in enumerate(gifts):
                values = _filled(line, id=10 * number + place, line_id=f"{number}{place}", order_pk=number, gift=gift)
                connection.execute(line.insert().values(values))
    engine.dispose()
    found = Database(database_url)
    with found.view() as session:
        assert dict(session.exec(select(Order.order_id, Order.kind)).all()) == {kind: kind for kind in kinds}
    found.close()


def _filled(table: Table, **values: object) -> dict[str, object]:
    """A row whose other columns hold what their type allows: 1 where it is a number, so that rows find each other."""
    plain: dict[type, object] = {int: 1, bool: False, str: "", object: []}
    return {one.name: plain[one.type.python_type] for one in table.columns if not one.nullable} | values


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_several_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    code = f"from gcw_tiktok.store.database import Database; Database({database_url!r}).close()"
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    Database(database_url).close()


def test_a_database_of_a_newer_gcw_is_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupMissing, match="newer gcw") as caught:
        Database(database.url)
    assert caught.value.exit_code == 3
    assert "pip install --upgrade gcw-tiktok" in caught.value.hint
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("alembic.operations.base.BatchOperations.create_index", fails)
    monkeypatch.setattr("alembic.operations.base.Operations.create_index", fails)
    with pytest.raises(RuntimeError, match="the power went"):
        Database(database_url)
    monkeypatch.undo()
    whole = Database(database_url)
    assert "orders" in _tables(whole)
    whole.close()
