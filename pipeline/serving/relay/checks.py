"""What `echodesk doctor --role relay` looks at. It looks, and changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from db.files.journal import journal_for
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.serving.messages.spoken import unreviewed
from pipeline.serving.relay.settings import RelaySettings
from pipeline.serving.relay.vault import LOST_KEY, key_file

_LITTLE_DISK_BYTES = 1024**3
_LOCAL = ("127.0.0.1", "localhost", "::1")


def examine_relay(settings: RelaySettings) -> list[Diagnosis]:
    """Every check of a relay."""
    return [
        check_settings(settings), *check_channels(settings), check_address(settings), check_rows(),
        check_folder(settings), check_disk(settings), check_languages(),
    ]  # fmt: skip


def check_settings(settings: RelaySettings) -> Diagnosis:
    """Whether everything is set that has to be."""
    missing = settings.missing()
    if missing:
        fix = "Set them in the relay's environment; docs/deploy.md says where each comes from."
        return Diagnosis(Grade.FAIL, "Settings", f"not set: {', '.join(missing)}", fix)
    return Diagnosis(Grade.PASS, "Settings", "complete")


def check_channels(settings: RelaySettings) -> Iterator[Diagnosis]:
    """Both ways to people: the messenger's policy may close the first any day."""
    if settings.has_messenger:
        yield Diagnosis(Grade.PASS, "Messenger", f"set up, {settings.graph_version}")
    else:
        yield Diagnosis(Grade.WARN, "Messenger", "not set up", "People reach this relay by web links alone.")
    if settings.has_links:
        yield Diagnosis(Grade.PASS, "Web links", "set up")
    else:
        fix = "Set ECHODESK_RELAY_LINK_SECRET: without it nobody is reached when the messenger closes."
        yield Diagnosis(Grade.WARN, "Web links", "not set up", fix)


def check_address(settings: RelaySettings) -> Diagnosis:
    """People and the messenger come in by HTTPS; a proxy in front does it."""
    address = settings.public_url
    if urlsplit(address).scheme == "https":
        if settings.host in _LOCAL:
            return Diagnosis(Grade.PASS, "Public address", address)
        fix = "Listen on 127.0.0.1 (ECHODESK_RELAY_HOST), and let the proxy in front do TLS."
        return Diagnosis(Grade.WARN, "Public address", f"{address}, listening on {settings.host}", fix)
    fix = "Set ECHODESK_RELAY_PUBLIC_URL to the https address that the proxy in front answers."
    return Diagnosis(Grade.WARN, "Public address", address or "not set", fix)


def check_rows() -> Diagnosis:
    """The journal that this SQLite can be trusted with."""
    version = sqlite3.sqlite_version
    return Diagnosis(Grade.PASS, "SQLite", f"{version}, journal {journal_for(sqlite3.sqlite_version_info)}")


def check_folder(settings: RelaySettings) -> Diagnosis:
    """The folder and the key are for their owner alone."""
    folder, key = settings.state, key_file(settings.state)
    above = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not above.is_dir():
        return Diagnosis(
            Grade.FAIL, "Folder", f"{above} is not a folder", "Name one in ECHODESK_RELAY_STATE."
        )
    if not os.access(above, os.R_OK | os.W_OK | os.X_OK):
        fix = "Name another in ECHODESK_RELAY_STATE, or see that this user may write there."
        return Diagnosis(Grade.FAIL, "Folder", f"this user may not write in {above}", fix)
    if not folder.is_dir():
        return Diagnosis(Grade.PASS, "Folder", f"{folder} will be made at the first start")
    if not key.exists() and (folder / "relay.db").exists():
        return Diagnosis(Grade.FAIL, "Folder", f"{key} is missing beside what was sealed with it", LOST_KEY)
    for path in (folder, key):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            return Diagnosis(
                Grade.FAIL, "Folder", f"{path} can be read by others", f"Type: chmod go-rwx {path}"
            )
    return Diagnosis(Grade.PASS, "Folder", f"{folder}, for its owner alone")


def check_disk(settings: RelaySettings) -> Diagnosis:
    """Photos of a day have to fit."""
    folder = next(
        path for path in (settings.state.absolute(), *settings.state.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_DISK_BYTES:
        return Diagnosis(
            Grade.WARN, "Disk", f"{free / 1e9:.1f} GB free", "Make room: a day of photos has to fit."
        )
    return Diagnosis(Grade.PASS, "Disk", f"{free / 1e9:.1f} GB free")


def check_languages() -> Diagnosis:
    """Whether native speakers have read what people are told."""
    names = unreviewed()
    if not names:
        return Diagnosis(Grade.PASS, "Messages", "signed by native speakers")
    fix = "Let a native speaker read pipeline/serving/messages and sign with REVIEWED_BY."
    return Diagnosis(Grade.WARN, "Messages", f"not reviewed by a native speaker: {', '.join(names)}", fix)
