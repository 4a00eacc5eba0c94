"""Verbs killed at any moment: nothing lies outside the workspace, and doctor finds nothing half-written."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bulk_labels import fill_workspace
from PIL import Image

from db.files.keys import KEY_BYTES
from db.workspace import Workspace
from pipeline.doctor.storage import check_leftovers

VERBS: dict[str, tuple[str, ...]] = {
    "intake": ("intake", "{files}"),
    "csv": ("export", "labels", "-o", "{out}/labels.csv"),
    "xlsx": ("export", "labels", "--format", "xlsx", "-o", "{out}/labels.xlsx"),
    "snapshot": ("snapshot", "create", "first", "--override", "vigilance"),
    "backup": ("backup",),
}
KILLS_EACH = 12


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_killed_verb_leaves_nothing_that_the_next_run_or_doctor_does_not_remove(
    tmp_path: Path, verb: str
) -> None:
    source, files, out, temporary = (tmp_path / name for name in ("source", "files", "out", "tmp"))
    fill_workspace(Workspace(workspace=source, database_url=""), 300)
    key = b"k" * KEY_BYTES
    for name, written in (("desk.key", key.hex().encode()), ("patient.key", key)):
        (source / name).write_bytes(written)
        (source / name).chmod(0o600)
    for folder in (files, out, temporary):
        folder.mkdir()
    for number in range(40):
        Image.effect_noise((700, 900), 50 + number).save(files / f"P{number}_report.png")
    typed = [word.format(files=files, out=out) for word in VERBS[verb]]
    lasts_s = _run(source, typed, temporary, tmp_path / "space", None)
    rng = random.Random(verb)
    for _ in range(KILLS_EACH):
        shutil.rmtree(out)
        out.mkdir()
        _run(source, typed, temporary, tmp_path / "space", lasts_s * (0.4 + 0.6 * rng.random()))
        assert list(temporary.iterdir()) == []
        workspace = Workspace(workspace=tmp_path / "space")
        check_leftovers(workspace)
        half = [path for path in workspace.root.rglob(".*") if path.name.endswith(".partial")]
        assert half == []
        _run(None, typed, temporary, tmp_path / "space", None)
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def _run(
    source: Path | None, typed: list[str], temporary: Path, space: Path, kill_after_s: float | None
) -> float:
    """Run a verb on a copy of the source, or on what is there; how long it took or lived, seconds."""
    if source is not None:
        shutil.rmtree(space, ignore_errors=True)
        shutil.copytree(source, space)
    environment = {**os.environ, "TMPDIR": str(temporary), "ECHODESK_WORKSPACE": str(space)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    started = time.monotonic()
    program = "from pipeline.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *typed],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            ended = running.wait(timeout=kill_after_s)
            # One that refuses at once would be killed for nothing. Afterwards a name may be taken.
            assert source is None or ended == 0, ended
        except subprocess.TimeoutExpired:
            running.kill()
    return time.monotonic() - started
