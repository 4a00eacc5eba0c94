"""Every path and setting of one EchoDesk workspace. Nothing else reads the environment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from db.errors import EchoDeskError

_PREFIX: Final = "ECHODESK_"
# What the desk's set-up page may change; kept in the workspace's `desk.json`.
SHARES: Final = ("second_reading_share", "blind_share", "vigilance_share", "clean_share")


def shares_set_outside() -> frozenset[str]:
    """The shares that an environment variable sets: those the workspace's own file does not change."""
    return frozenset(name for name in SHARES if f"{_PREFIX}{name}".upper() in map(str.upper, os.environ))


class _DeskFile(PydanticBaseSettingsSource):
    """The shares that a lead has set for one workspace; the environment goes before them."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not asked one by one: the file is read whole."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """What stands in the file, where there is one.

        Raises:
            EchoDeskError: it is no file of ours.
        """
        root = Path(self.current_state.get("workspace", "workspace")).expanduser()
        file = root / DESK_FILE
        try:
            stored = json.loads(file.read_bytes())
            return {name: float(value) for name, value in stored.items() if name in SHARES}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise EchoDeskError(
                f"{file} cannot be read as the settings of the review desk",
                "Delete it; the shares are set again on the page Set-up.",
            ) from error


DESK_FILE: Final = "desk.json"


class Workspace(BaseSettings):
    """One folder that holds a project's database, images, keys and reports.

    Settings come from keyword arguments first, then `ECHODESK_*` environment variables, then what a lead has
    set on the desk's set-up page (the four shares alone), then the defaults.
    `Workspace(workspace=Path("x"))` is how the command line passes `--workspace`. `migrate_without_backup` is
    for a PostgreSQL database whose owner has made a backup of their own.

    The shares of the review desk are of records: `vigilance_share` show a deliberately wrong draft first,
    `blind_share` hide the draft until values are entered, `second_reading_share` are read twice,
    `clean_share` of what is given next is drawn at random among drafts nobody is asked about. Readings agree
    where their ejection fractions lie within `ef_tolerance_points` and everything else is equal.

    A picture costs a language model one token for every 28 x 28 pixels it is shown, so `vlm_max_pixels` is
    both what it can make out and what a page costs; see docs/settings.md.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    workspace: Path = Path("workspace")
    database_url: str = ""
    max_image_pixels: int = Field(default=60_000_000, ge=1)
    max_pages: int = Field(default=50, ge=1)
    pdf_dpi: int = Field(default=200, ge=72, le=600)
    page_s: float = Field(default=30.0, gt=0)
    lease_s: float = Field(default=180.0, gt=0)
    secret: str = Field(default="", repr=False)
    session_idle_s: float = Field(default=15 * 60, gt=0)
    session_max_s: float = Field(default=12 * 60 * 60, gt=0)
    vigilance_share: float = Field(default=0.02, ge=0, le=1)
    blind_share: float = Field(default=0.10, ge=0, le=1)
    second_reading_share: float = Field(default=0.0, ge=0, le=1)
    clean_share: float = Field(default=0.10, ge=0, le=1)
    ef_tolerance_points: float = Field(default=2.0, ge=0, le=20)
    migrate_without_backup: bool = False
    tesseract: str = "tesseract"
    recogniser: str = ""
    vlm_model: str = "Qwen/Qwen2-VL-2B-Instruct"
    vlm_revision: str = ""
    vlm_min_pixels: int = Field(default=256 * 28 * 28, ge=4 * 28 * 28)
    vlm_max_pixels: int = Field(default=2048 * 28 * 28, ge=4 * 28 * 28)
    remote_urls: str = ""
    remote_api_key: str = Field(default="", repr=False)
    remote_allow_plain_http: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, the workspace's own file; nothing else."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _DeskFile(settings_cls)

    @property
    def root(self) -> Path:
        """The workspace folder, absolute."""
        return self.workspace.expanduser().resolve()

    @property
    def database_file(self) -> Path:
        """The SQLite file used when no `ECHODESK_DATABASE_URL` is set."""
        return self.root / "echodesk.db"

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        # In an address "%20" means a space and "?" ends the file's name; in a folder's name they're letters.
        file = str(self.database_file).replace("%", "%25").replace("?", "%3F")
        return self.database_url or f"sqlite:///{file}"

    @property
    def images(self) -> Path:
        """The content-addressed image store."""
        return self.root / "images"

    @property
    def patient_key_file(self) -> Path:
        """The secret that turns patient ids into keyed hashes; mode 0600."""
        return self.root / "patient.key"

    @property
    def withdrawn_file(self) -> Path:
        """Who withdrew their consent, as keyed hashes; mode 0600. See `db/consent/noted.py`."""
        return self.root / "withdrawn.txt"

    @property
    def desk_key_file(self) -> Path:
        """The secret of the review desk's draws, where no `ECHODESK_SECRET` is set; mode 0600."""
        return self.root / "desk.key"

    @property
    def own_ids_file(self) -> Path:
        """The hospital's own patient ids, encrypted, where intake was asked to keep them; mode 0600."""
        return self.root / "own_ids.sealed"

    @property
    def own_ids_key_file(self) -> Path:
        """The key they are encrypted with; mode 0600."""
        return self.root / "own_ids.key"

    @property
    def desk_file(self) -> Path:
        """The shares a lead has set for the review desk, JSON."""
        return self.root / DESK_FILE

    @property
    def backups(self) -> Path:
        """Database copies made before every migration and by `echodesk backup`."""
        return self.root / "backups"

    @property
    def reports(self) -> Path:
        """Intake reports: which files were refused, and why."""
        return self.root / "reports"

    @property
    def uploads(self) -> Path:
        """Files that were chosen in the browser and are not stored yet; a folder for each desk that runs."""
        return self.root / "uploads"

    @property
    def readings(self) -> Path:
        """How far each reading process is; see `db/queue/reading_runs.py`."""
        return self.root / "readings"

    @property
    def snapshots(self) -> Path:
        """Frozen datasets, a write-once folder each; written by `echodesk snapshot create`."""
        return self.root / "snapshots"

    @property
    def runs(self) -> Path:
        """Training runs."""
        return self.root / "runs"

    @property
    def bundles(self) -> Path:
        """What is deployed; written by `echodesk bundle`."""
        return self.root / "bundles"

    @property
    def calibration(self) -> Path:
        """What reviews have taught about each reader's scores; written by `echodesk calibrate`."""
        return self.root / "calibration"
