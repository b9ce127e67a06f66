"""Settings of one profile: flag > environment > config.toml > default, and which of them won."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gcw_tiktok.errors import BadInput

LIVE_API = "https://open-api.tiktokglobalshop.com"
LIVE_AUTH = "https://auth.tiktok-shops.com"
LIVE_AUTHORIZE = "https://services.us.tiktokshop.com/open/authorize"


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError("write an address that begins with https://")
    return given.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """What a run needs to know. In the environment each name is in capitals after `GCW_`."""

    model_config = SettingsConfigDict(env_prefix="GCW_", extra="forbid", env_ignore_empty=True)

    database_url: str = ""
    secret_key: SecretStr = SecretStr("")
    tiktok_app_key: str = ""
    tiktok_app_secret: SecretStr = SecretStr("")
    tiktok_service_id: str = ""
    tiktok_api_url: Address = LIVE_API
    tiktok_auth_url: Address = LIVE_AUTH
    tiktok_authorize_url: Address = LIVE_AUTHORIZE
    callback_port: int = Field(default=8765, ge=0, le=65535)
    """The port of `http://localhost:PORT/callback`, where a browser returns from TikTok's page."""
    public_url: Address | Literal[""] = ""
    """Where `gcw serve` is in the world: the address of its pages, and of the app's redirect there."""
    public_name: str = Field(default="Storefronts Connect", min_length=1, max_length=60)
    """What its pages are called, there and in mails about them."""
    private_design_urls: bool = False
    """Whether designs may be fetched from private and loopback addresses."""
    approve_cancellations: bool = True
    """Whether a buyer's request to cancel an order of which nothing is made yet is approved at once."""
    smtp_host: str = ""
    """The server that takes gcw's mail."""
    smtp_port: int = Field(default=0, ge=0, le=65535)
    """0: the usual one of the security."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    """Whom mail is from, such as `Main Floor Prints <prints@example.com>`."""
    keep_recipients_days: int = Field(default=0, ge=0, le=3650)
    """After so many days without a change `gcw serve` forgets the recipients of orders that are done; 0: never."""
    no_input: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings)


NEVER_IN_FILES = frozenset({"secret_key", "tiktok_app_secret", "smtp_password"})
"""Secrets come from the environment or the keyring; a config file is too easily copied."""


class Profile:
    """Where one profile keeps its things, and its settings."""

    def __init__(self, name: str = "", *, flags: Mapping[str, Any] | None = None) -> None:
        self.name = name or os.environ.get("GCW_PROFILE", "") or "default"
        if not self.name.replace("-", "").replace("_", "").isalnum():
            raise BadInput(f"{self.name!r} cannot name a profile.", "Use letters, digits, - and _.")
        self.folder = machine_folder() / "profiles" / self.name
        self.config_file = self.folder / "config.toml"
        self.designs = self.folder / "designs"
        self.pictures = self.folder / "pictures"
        self._flags = {name: value for name, value in (flags or {}).items() if value is not None}
        self.settings, self.origins = self._read()

    @property
    def database_url(self) -> str:
        return self.settings.database_url or f"sqlite:///{self.folder / 'gcw.db'}"

    def _read(self) -> tuple[Settings, dict[str, str]]:
        return self._checked(self._in_file())

    def _checked(self, in_file: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
        in_environment = EnvSettingsSource(Settings)()
        origins = dict.fromkeys(Settings.model_fields, "default")
        origins |= dict.fromkeys(in_file, str(self.config_file))
        origins |= {name: f"environment GCW_{name.upper()}" for name in in_environment}
        origins |= dict.fromkeys(self._flags, "flag")
        try:
            return Settings(**{**in_file, **in_environment, **self._flags}), origins
        except ValidationError as error:
            raise BadInput(_in_words(error, origins), "See `gcw config show --origin`.") from error

    def _in_file(self) -> dict[str, Any]:
        if not self.config_file.exists():
            return {}
        try:
            found = TomlConfigSettingsSource(Settings, self.config_file)()
        except (ValueError, OSError) as error:
            raise BadInput(f"{self.config_file} cannot be read: {error}.", "Correct it, or delete it.") from error
        for name in found:
            if name in NEVER_IN_FILES or name not in Settings.model_fields:
                raise BadInput(f"{self.config_file}: {_not_a_setting(name)}", "Remove the line.")
        return found

    def set(self, name: str, value: str) -> None:
        """Writes one setting as it was typed; an empty value leaves it to its default again."""
        if name in NEVER_IN_FILES or name not in Settings.model_fields:
            raise BadInput(_not_a_setting(name), "See `gcw config show`.")
        if not value:
            self.save({}, without=name)
            return
        try:
            typed = getattr(Settings(**{**self._in_file(), name: value}), name)
        except ValidationError as error:
            why = error.errors(include_input=False, include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise BadInput(f"{name} cannot be that: {why}.", "Nothing was changed.") from error
        self.save({name: typed})

    def save(self, changes: Mapping[str, str | int], *, without: str = "") -> None:
        """Writes settings to config.toml, keeping its other lines and comments. Nothing unusable is written."""
        import tomlkit

        self._checked(self._in_file() | dict(changes))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = self.config_file.read_text("utf-8") if self.config_file.exists() else ""
        document = tomlkit.parse(text)
        document.update(changes)
        document.pop(without, None)
        aside = self.config_file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(tomlkit.dumps(document), "utf-8")
        aside.replace(self.config_file)
        self.settings, self.origins = self._read()


def machine_folder() -> Path:
    """Where gcw keeps everything of this machine: GCW_HOME, else the platform's folder for data."""
    if home := os.environ.get("GCW_HOME"):
        return Path(home).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("gcw", appauthor=False)


def _in_words(error: ValidationError, origins: Mapping[str, str]) -> str:
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        faults.append(f"{name} ({origins.get(name, 'flag')}): {fault['msg']}")
    return "A setting cannot be used: " + "; ".join(faults) + "."


def _not_a_setting(name: str) -> str:
    from difflib import get_close_matches

    if name in NEVER_IN_FILES:
        return f"{name} is one, and secrets do not belong in a file. Use the environment or the keyring."
    near = get_close_matches(name, Settings.model_fields, 1)
    return f"{name} is not a setting." + (f" Did you mean {near[0]}?" if near else "")
