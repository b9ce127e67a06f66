"""What gcw remembers, looked up behind its back."""

from pathlib import Path

from sqlmodel import Session, create_engine, select

from gcw_tiktok.sandbox.world import World
from gcw_tiktok.store.tables import Authorization, SealedSecret, Store


def database_file(home: Path) -> Path:
    return home / "profiles" / "default" / "gcw.db"


def remembered(home: Path) -> tuple[list[Store], list[Authorization], list[str]]:
    """Stores, authorizations, and the names of the tokens that are kept."""
    engine = create_engine(f"sqlite:///{database_file(home)}")
    with Session(engine) as session:
        found = (
            list(session.exec(select(Store))),
            list(session.exec(select(Authorization))),
            [name for name in session.exec(select(SealedSecret.name)) if name.startswith("tokens/")],
        )
    engine.dispose()
    return found


def nothing_stored(home: Path) -> bool:
    return remembered(home) == ([], [], [])


def secrets_of(world: World) -> list[str]:
    """Every token that the sandbox has given, and the app's secret."""
    given = world.authorizations
    return [*given._by_access, *given._by_refresh, world.app.secret]
