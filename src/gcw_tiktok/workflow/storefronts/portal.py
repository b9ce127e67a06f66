"""What the pages of Storefronts Connect have in hand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Person, Store
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.mail import PostOffice
from gcw_tiktok.workflow.people.inviting import Desk
from gcw_tiktok.workflow.tokens import Reach


@dataclass(frozen=True)
class Portal:
    """Database, the way to TikTok, the mail server, and where the pages are in the world."""

    reach: Reach
    seal: Seal
    client_for: Callable[[Store], Client]
    post_office: Callable[[], PostOffice]
    """`SetupMissing` until a mail server is known."""
    designs: Path
    """The folder of the pinned design files."""
    folder: Path
    """The folder of the profile, where this machine's processes show that they are alive."""
    public_url: str
    """Without a `/` at its end."""
    allow_private: bool = False
    """Whether designs may be fetched from this machine and its network."""
    name: str = "Storefronts Connect"

    @property
    def pictures(self) -> Path:
        """The folder of the pictures that new listings show."""
        return self.designs.parent / "pictures"

    @property
    def database(self) -> Database:
        return self.reach.database

    @property
    def desk(self) -> Desk:
        """Where letters to people are written."""
        return Desk(self.name, self.public_url, self.post_office)

    def now(self) -> int:
        return int(self.reach.clock())

    def act(self, person: Person) -> Act:
        """What this person does now."""
        return Act(person.email, self.now())
