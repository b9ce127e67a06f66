"""What one run of gcw has in hand. Each part is opened on first use and closed at the end."""

import gc
import getpass
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gcw_tiktok.errors import SetupMissing

if TYPE_CHECKING:  # each of these costs start-up time, so it is imported where it is first used
    import httpx

    from gcw_tiktok.settings import Profile, Settings
    from gcw_tiktok.store.database import Database
    from gcw_tiktok.store.secrets import Seal, Vault
    from gcw_tiktok.tiktok.client import Client
    from gcw_tiktok.workflow.connecting import App
    from gcw_tiktok.workflow.mail import PostOffice
    from gcw_tiktok.workflow.tokens import Reach

APP_SECRET = "app-secret"  # noqa: S105  the name under which it is kept
MAIL_PASSWORD = "smtp-password"  # noqa: S105  likewise
TIMEOUT_SECONDS = 30


class Runtime:
    """Settings, database, secrets, TikTok client and clock of one run."""

    def __init__(
        self,
        profile: str = "",
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self._profile_name = profile
        self.clock = clock
        self.sleep = sleep or self._sleep
        self.verbose = False
        self.say: Callable[[str], None] = lambda words: None
        """Where talk for the person at the terminal goes."""
        self.stopping = threading.Event()
        """Set when the work is to end: then no thread asks TikTok for anything more."""
        self._transport = transport

    def now(self) -> int:
        """This machine's time in Unix seconds."""
        return int(self.clock())

    @cached_property
    def profile(self) -> "Profile":
        from gcw_tiktok.settings import Profile

        return Profile(self._profile_name)

    @property
    def settings(self) -> "Settings":
        return self.profile.settings

    @cached_property
    def database(self) -> "Database":
        from gcw_tiktok.store.database import Database

        gc.freeze()  # what was made until now stays, and need not be searched for garbage
        return Database(self.profile.database_url)

    @cached_property
    def vault(self) -> "Vault":
        from gcw_tiktok.store.secrets import open_vault

        return open_vault(self.database, self._secret_key, self.profile.name)

    @cached_property
    def seal(self) -> "Seal":
        """What seals recipients' data."""
        from gcw_tiktok.store.secrets import open_seal

        return open_seal(self.database, self.vault, self._secret_key, self.now())

    @cached_property
    def http(self) -> "httpx.Client":
        import httpx

        gc.freeze()  # as above
        return httpx.Client(
            transport=self._transport,
            timeout=TIMEOUT_SECONDS,
            trust_env=self._transport is None,
            event_hooks={"request": [lambda request: self._go_on()]},
        )

    @property
    def app_key(self) -> str:
        """The key of the PSP's app at TikTok; `SetupMissing` until `gcw app configure` has been run."""
        if not self.settings.tiktok_app_key:
            raise _no_app()
        return self.settings.tiktok_app_key

    @cached_property
    def app(self) -> "App":
        """The PSP's app at TikTok; `SetupMissing` until `gcw app configure` has been run."""
        from gcw_tiktok.workflow.connecting import App

        settings, key = self.settings, self.app_key
        secret = settings.tiktok_app_secret.get_secret_value() or self.vault.get(APP_SECRET)
        if not secret:
            raise _no_app()
        return App(
            key=key,
            secret=secret,
            service_id=settings.tiktok_service_id,
            api_url=settings.tiktok_api_url,
            auth_url=settings.tiktok_auth_url,
            authorize_url=settings.tiktok_authorize_url,
        )

    @property
    def post_office(self) -> "PostOffice":
        """The server that takes mail; `SetupMissing` until `gcw config mail` has been run."""
        from gcw_tiktok.workflow.mail import PostOffice

        settings = self.settings
        if not settings.smtp_host or not settings.smtp_from:
            raise SetupMissing(
                "gcw does not know your mail server yet.", "Run `gcw config mail --host NAME --from ADDRESS`."
            )
        password = settings.smtp_password.get_secret_value() if settings.smtp_user else ""
        if settings.smtp_user and not password:
            password = self.vault.get(MAIL_PASSWORD) or ""
        if settings.smtp_user and not password:
            raise SetupMissing(
                f"The password of {settings.smtp_user} at the mail server is missing.",
                "Run `gcw config mail --user NAME`, or set GCW_SMTP_PASSWORD.",
            )
        return PostOffice(
            host=settings.smtp_host,
            sender=settings.smtp_from,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password,
        )

    @cached_property
    def reach(self) -> "Reach":
        """What it takes to ask TikTok."""
        from gcw_tiktok.workflow.tokens import Reach

        return Reach(self.app, self.http, self.database, self.vault, self.clock, self.sleep, self._tell)

    def open_for_threads(self) -> None:
        """Opens what threads share, so that none of them finds it half open."""
        _ = self.reach, self.seal, self.who

    def client_for(self, store: Any) -> "Client":
        """The door to TikTok for one store."""
        from gcw_tiktok.workflow import connecting

        return connecting.client_for(store, self.reach)

    @cached_property
    def who(self) -> str:
        """Who acts, for the history."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container's user may have no name
            return f"uid {os.getuid()}"

    @property
    def may_ask(self) -> bool:
        """Whether a question at the prompt can be answered by somebody."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.settings.no_input

    def close(self) -> None:
        """Closes whatever was opened."""
        for name in ("http", "database"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def _tell(self, words: str, important: bool) -> None:
        if important or self.verbose:
            self.say(words)

    def _sleep(self, seconds: float) -> None:
        self.stopping.wait(seconds)
        self._go_on()

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise KeyboardInterrupt

    @property
    def _secret_key(self) -> str:
        return self.settings.secret_key.get_secret_value()


def _no_app() -> SetupMissing:
    return SetupMissing("gcw does not know your TikTok Shop app yet.", "Run `gcw app configure`.")
