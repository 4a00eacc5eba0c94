"""Every setting of `echodesk serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import WrongUse
from pipeline.serving.relay.settings import NO_SECRET, checked_secret

PREFIX: Final = "ECHODESK_SERVE_"
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


class ServingSettings(BaseSettings):
    """The API's settings: `ECHODESK_SERVE_*` in the environment.

    Attributes:
        keys, keys_file: bearer keys, separated by commas, and one a line. Beyond localhost there must be one.
        max_photo_mb: of the body of a request. rate_per_minute: photographs of one key, or one address.
        waiting: photographs that may wait while one is being read; the next is turned away.
        threads: of the networks; 0 for one a core, up to 8.
        keep_answers: a file of answers without photos, for outcomes to be held against.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    keys: Annotated[SecretStr, Field(repr=False)] = NO_SECRET
    keys_file: Path | None = None
    max_photo_mb: int = Field(default=16, ge=1, le=100)
    rate_per_minute: int = Field(default=60, ge=1)
    waiting: int = Field(default=8, ge=0, le=1000)
    threads: int = Field(default=0, ge=0, le=64)
    keep_answers: Path | None = None

    @field_validator("keys")
    @classmethod
    def _no_placeholder(cls, value: SecretStr) -> SecretStr:
        for key in _separated(value.get_secret_value()):
            checked_secret(SecretStr(key))
        return value

    def all_keys(self) -> tuple[str, ...]:
        """Every bearer key.

        Raises:
            WrongUse: the file can't be read, holds a placeholder or nothing, or none is set beyond localhost.
        """
        given = self.keys.get_secret_value()
        keys = _separated(given)
        if given and not keys:
            raise WrongUse(f"{PREFIX}KEYS holds no key", "Make one: openssl rand -hex 24, or leave it out.")
        if self.keys_file is not None:
            try:
                of_file = self.keys_file.read_text(encoding="utf-8").split()
                # Behind a proxy localhost is everywhere: a file that lost its keys must not open the door.
                if not of_file:
                    raise ValueError("holds no key")
                keys += of_file
                for key in keys:
                    checked_secret(SecretStr(key))
            except OSError as error:
                raise WrongUse(f"{self.keys_file}: {error.strerror}", "One key a line.") from None
            except ValueError as error:
                raise WrongUse(f"{self.keys_file}: {error}", "Make one: openssl rand -hex 24") from None
        if not keys and self.host not in _LOCAL:
            raise WrongUse(
                f"{self.host} can be reached by others, and there is no key",
                f"Set {PREFIX}KEYS or {PREFIX}KEYS_FILE, or stay on 127.0.0.1.",
            )
        return tuple(keys)


def _separated(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def serving_settings(**given: object) -> ServingSettings:
    """The settings from the environment, and those given.

    Raises:
        WrongUse: one is wrong; the sentence names it and never its value.
    """
    try:
        return ServingSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise WrongUse(f"{name}: {first['msg']}", "Settings are listed in docs/serving.md.") from None
