"""Brings a database up to date with Alembic; imported only when something is to do."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from gcw_tiktok.errors import SetupMissing


def config(connection: Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection) -> None:
    """Runs every migration that this database lacks, within the caller's transaction."""
    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise SetupMissing(
            f"The database was last written by a newer gcw ({error}).",
            "Run `pip install --upgrade gcw-tiktok`.",
        ) from error
