"""Every verb on a workspace in trouble, one after the other; what became of each as a line of JSON.

Run as `python calm_program.py TROUBLE SOURCE PLACE`, in a mount namespace of its own: `unshare -m`.
"""

from __future__ import annotations

import datetime as clock
import json
import shutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

# A verb and what is typed after it; {space} is the workspace, {files} holds a page to take in.
VERBS: tuple[tuple[str, ...], ...] = (
    ("intake", "{files}"), ("extract", "--workers", "1"), ("review", "--port", "0"), ("status",), ("backup",),
    ("restore", "{files}/backup.db"), ("users", "list"), ("users", "role", "person 1", "lead"),
    ("snapshot", "create", "first", "--override", "vigilance"), ("snapshot", "list"),
    ("export", "labels", "-o", "{space}/labels.csv"), ("export", "drafts", "-o", "{space}/drafts.xlsx"),
    ("audit", "verify"), ("calibrate",), ("agreement",), ("suspects", "-o", "{space}/suspects.csv"),
    ("enqueue", "{files}/suspects.csv"), ("curation", "report"), ("lineage", "1"), ("doctor",),
)  # fmt: skip
OURS = ("db", "labeling", "review_ui", "pipeline")
TROUBLES = ("read-only", "full", "vanished", "an hour back", "a day ahead")
_MOVED = {"an hour back": -3600, "a day ahead": 86_400}
_ROOM_LEFT_BYTES = 40_000


class _AnyMoment(type):
    """What came from elsewhere, a database for one, is a moment, too."""

    def __instancecheck__(cls, found: object) -> bool:
        return isinstance(found, clock.datetime)


def move_clock(seconds: float) -> None:
    """Have every module of ours see another time.

    Other packages keep the real one: pandas breaks down where the class itself is another.
    """

    class Moved(clock.datetime, metaclass=_AnyMoment):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return clock.datetime.now(tz) + clock.timedelta(seconds=seconds)

    for ours in OURS:
        package = import_module(ours)
        for found in walk_packages(package.__path__, f"{ours}."):
            if ".migrations." not in found.name:
                module = import_module(found.name)
                if vars(module).get("datetime") is clock.datetime:
                    module.datetime = Moved  # type: ignore[attr-defined]


def make_trouble(trouble: str, source: Path, place: Path) -> Path:
    """The workspace, in this trouble."""
    place.mkdir()
    if trouble == "vanished":
        (place / "file").touch()
        return place / "file" / "space"
    if trouble in _MOVED:
        return Path(shutil.copytree(source, place / "space"))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], check=True)
    space = Path(shutil.copytree(source, place / "space"))
    if trouble == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    else:
        used = int(
            subprocess.run(["du", "-sk", str(place)], capture_output=True, check=True).stdout.split()[0]
        )
        size = used * 1024 + _ROOM_LEFT_BYTES
        subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)
    return space


def main(trouble: str, source: Path, place: Path) -> None:
    """Try every verb."""
    space = make_trouble(trouble, source, place)
    if trouble in _MOVED:
        move_clock(_MOVED[trouble])
    from typer.testing import CliRunner

    from pipeline.cli import app

    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    for verb in VERBS:
        typed = [word.format(space=space, files=source.parent / "files") for word in verb]
        signal.alarm(2 if verb[0] == "review" else 60)  # a desk that serves is ended as by Ctrl-C
        try:
            done = CliRunner().invoke(app, ["-w", str(space), *typed])
        finally:
            signal.alarm(0)
        fault = "" if isinstance(done.exception, SystemExit | None) else repr(done.exception)
        told = {"verb": " ".join(verb[:2]), "code": done.exit_code, "fault": fault, "said": done.stderr}
        sys.stdout.write(json.dumps(told) + "\n")
    left = [path.name for path in place.rglob("*") if path.name.endswith(".partial")]
    has_database = (space / "echodesk.db").exists() if trouble != "vanished" else False
    sys.stdout.write(json.dumps({"left": left, "has_database": has_database}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
