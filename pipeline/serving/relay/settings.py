"""Every setting of the relay, and of the model host that pulls from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import WrongUse

SHORTEST_SECRET = 16
_WHERE = "Settings are listed in docs/deploy.md."
# What examples and templates put where a secret belongs: anywhere in it, or, short enough to be
# in a long token by chance, at its beginning.
_PLACEHOLDERS = ("change", "secret", "example", "placeholder", "password")
_BEGINNINGS = ("your", "xxx", "todo", "1234", "<", "$")

S = TypeVar("S", bound=BaseSettings)
NO_SECRET = SecretStr("")


def checked_secret(value: SecretStr) -> SecretStr:
    """A secret that is none yet, or a good one. Raises ValueError for a short one and for a placeholder."""
    secret = value.get_secret_value()
    if not secret:
        return value
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters")
    plain = secret.casefold()
    is_named = any(word in plain for word in _PLACEHOLDERS) or plain.startswith(_BEGINNINGS)
    if is_named or len(set(secret)) < 6:
        raise ValueError("is a placeholder, not a secret")
    return value


def checked_address(value: str) -> str:
    """An address of http or https with a host, or empty. Raises ValueError for anything else."""
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.hostname and parts.port != 0):
        raise ValueError("is not an address that begins with https:// (or http://)")
    if any(sign.isspace() for sign in value):
        raise ValueError("has a space in it")
    return value


Address = Annotated[str, AfterValidator(checked_address)]
Secret = Annotated[SecretStr, Field(repr=False), AfterValidator(checked_secret)]


class RelaySettings(BaseSettings):
    """The relay's settings: `ECHODESK_RELAY_*` in the environment.

    Secrets that are given are checked; those that a channel needs are asked for by `missing`. Times are
    seconds. `state` is a folder for its owner alone: rows, sealed photos and the key to them.
    """

    model_config = SettingsConfigDict(
        env_prefix="ECHODESK_RELAY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    state: Path = Path("relay")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Address = ""
    worker_secret: Secret = NO_SECRET
    link_secret: Secret = NO_SECRET
    metrics_token: Secret = NO_SECRET
    verify_token: Secret = NO_SECRET
    app_secret: Secret = NO_SECRET
    access_token: Secret = NO_SECRET
    phone_number_id: str = ""
    graph_url: Address = "https://graph.facebook.com"
    graph_version: str = Field(default="v25.0", pattern=r"^v\d+\.\d+$")
    media_hosts: str = "lookaside.fbsbx.com"
    max_photo_mb: int = Field(default=16, ge=1, le=100)
    lease_s: float = Field(default=120, gt=0)
    max_tries: int = Field(default=5, ge=1)
    retry_s: float = Field(default=2, gt=0)
    settle_s: float = Field(default=10, ge=0)
    window_s: float = Field(default=24 * 3600, gt=0)
    keep_photos_s: float = Field(default=24 * 3600, gt=0)
    keep_ids_s: float = Field(default=14 * 24 * 3600, gt=0)
    delayed_s: float = Field(default=600, gt=0)
    link_s: float = Field(default=24 * 3600, gt=0)
    link_photos: int = Field(default=10, ge=1)

    @property
    def has_messenger(self) -> bool:
        """Whether the messenger's channel is set up."""
        return not any(self._missing_for_messenger())

    @property
    def has_heat_links(self) -> bool:
        """Whether an answer can hold a link to its heat map: people must be able to reach it."""
        return self.has_links and bool(self.public_url)

    @property
    def has_links(self) -> bool:
        """Whether the web link's channel is set up."""
        return bool(self.link_secret.get_secret_value())

    def _missing_for_messenger(self) -> list[str]:
        asked = {
            "VERIFY_TOKEN": self.verify_token.get_secret_value(),
            "APP_SECRET": self.app_secret.get_secret_value(),
            "ACCESS_TOKEN": self.access_token.get_secret_value(),
            "PHONE_NUMBER_ID": self.phone_number_id,
        }
        return [f"ECHODESK_RELAY_{name}" for name, value in asked.items() if not value]

    def missing(self) -> list[str]:
        """What has to be set before the relay can start, by its name in the environment; empty: nothing.

        A messenger set up by half is as wrong as no channel at all.
        """
        absent = [] if self.worker_secret.get_secret_value() else ["ECHODESK_RELAY_WORKER_SECRET"]
        messenger = self._missing_for_messenger()
        if 0 < len(messenger) < 4:
            absent += messenger
        elif messenger and not self.has_links:
            absent.append("ECHODESK_RELAY_LINK_SECRET")
        return absent


class WorkerSettings(BaseSettings):
    """The model host's side: `ECHODESK_WORKER_*` in the environment. Both sides have the same secret."""

    model_config = SettingsConfigDict(
        env_prefix="ECHODESK_WORKER_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    relay_url: Address = "http://127.0.0.1:8080"
    secret: Secret = NO_SECRET
    wait_s: float = Field(default=20, ge=0, le=50)
    retry_s: float = Field(default=1, gt=0)
    timeout_s: float = Field(default=30, gt=0)
    keep_answers: Path | None = None


def relay_settings() -> RelaySettings:
    """The relay's settings from the environment.

    Raises:
        WrongUse: one is wrong; the sentence names it and never its value.
    """
    return _settings(RelaySettings)


def worker_settings() -> WorkerSettings:
    """The model host's settings from the environment.

    Raises:
        WrongUse: one is wrong, or the secret is missing.
    """
    settings = _settings(WorkerSettings)
    if not settings.secret.get_secret_value():
        raise WrongUse("ECHODESK_WORKER_SECRET is not set", _WHERE)
    return settings


def _settings(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(kind.model_config["env_prefix"]) + "_".join(str(part) for part in first["loc"]).upper()
        raise WrongUse(f"{name}: {first['msg']}", _WHERE) from None
