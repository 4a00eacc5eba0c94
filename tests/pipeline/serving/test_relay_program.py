"""The relay as a program: small, quiet, and stopped like any other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from house_tree import ROOT
from relay_scene import LINK_KEY, WORKER_KEY
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.serving.relay.settings import RelaySettings, WorkerSettings

MOST_RESIDENT_MB = 120
# Neither arrays nor pictures nor a model, nor what the desk is made of.
HEAVY = (
    "torch",
    "numpy",
    "cv2",
    "onnxruntime",
    "PIL",
    "sqlmodel",
    "sqlalchemy",
    "pandas",
    "gradio",
    "fastapi",
)
ENVIRONMENT = {
    "ECHODESK_RELAY_WORKER_SECRET": WORKER_KEY,
    "ECHODESK_RELAY_LINK_SECRET": LINK_KEY,
    "ECHODESK_RELAY_PORT": "0",
}


def test_the_relay_is_small_and_loads_nothing_heavy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import sys, threading, os, signal\n"
        "from pipeline.serving.relay.server import serve\n"
        "from pipeline.serving.relay.settings import relay_settings\n"
        "def ready(address):\n"
        f"    print(address, [name for name in {HEAVY!r} if name in sys.modules], flush=True)\n"
        "serve(relay_settings(), on_ready=ready)\n"
    )
    environment = {**os.environ, **ENVIRONMENT, "ECHODESK_RELAY_STATE": str(tmp_path / "relay")}
    program = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        address, _, heavy = program.stdout.readline().strip().partition(" ")
        assert heavy == "[]"
        _until_it_answers(address)
        status = Path(f"/proc/{program.pid}/status")
        if status.exists():
            resident_mb = int(re.search(r"VmRSS:\s+(\d+)", status.read_text()).group(1)) / 1024  # type: ignore[union-attr]
            with capsys.disabled():
                sys.stdout.write(f"\nthe relay: {resident_mb:.0f} MB resident\n")
            assert resident_mb <= MOST_RESIDENT_MB
    finally:
        program.send_signal(signal.SIGTERM)
        out, error = program.communicate(timeout=30)
    assert (out, error) == ("", "")


def _until_it_answers(address: str) -> None:
    for _ in range(200):
        try:
            assert httpx.get(f"{address}/ready").text == "ok\n"
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("it never answers")


def test_a_second_relay_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    from db.errors import EchoDeskError
    from pipeline.serving.relay.store import alone

    with alone(tmp_path / "relay"), pytest.raises(EchoDeskError), alone(tmp_path / "relay"):
        pass


def test_links_are_printed_one_a_line_each_different() -> None:
    done = CliRunner().invoke(app, ["relay", "link", "--count", "3"], env={**ENVIRONMENT})
    lines = done.output.split()
    assert done.exit_code == 0
    assert len(set(lines)) == 3
    assert all(re.fullmatch(r"http://127\.0\.0\.1:0/link/[\w-]{47}", line) for line in lines)


def test_what_is_not_set_is_named_and_nothing_starts(tmp_path: Path) -> None:
    for verb in (["serve"], ["link"], ["work", "a:b"]):
        done = CliRunner().invoke(
            app, ["relay", *verb], env={"ECHODESK_RELAY_STATE": str(tmp_path / "relay")}
        )
        assert done.exit_code == 2
        assert "SECRET" in done.stderr
    assert not (tmp_path / "relay").exists()


def test_a_wrong_setting_is_named_without_its_value() -> None:
    done = CliRunner().invoke(
        app, ["relay", "serve"], env={"ECHODESK_RELAY_APP_SECRET": "change-me-change-me"}
    )
    assert done.exit_code == 2
    assert "ECHODESK_RELAY_APP_SECRET" in done.stderr
    assert "change-me" not in done.stderr


def test_a_screener_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(
        app, ["relay", "work", "nowhere:nothing"], env={"ECHODESK_WORKER_SECRET": WORKER_KEY}
    )
    assert done.exit_code == 1
    assert "nowhere:nothing" in done.stderr


def test_the_doctor_looks_at_a_relay(tmp_path: Path) -> None:
    state = tmp_path / "relay"
    state.mkdir(mode=0o755)
    environment = {**ENVIRONMENT, "ECHODESK_RELAY_STATE": str(state)}
    done = CliRunner().invoke(app, ["doctor", "--role", "relay"], env=environment)
    assert done.exit_code == 1
    assert "can be read by others" in done.output
    assert "not reviewed by a native speaker: English, ಕನ್ನಡ, हिन्दी" in done.output
    state.chmod(0o700)
    done = CliRunner().invoke(app, ["doctor", "--role", "relay"], env=environment)
    assert done.exit_code == 0
    assert "WARN  Messenger: not set up" in done.output
    assert list(state.iterdir()) == []


def test_every_setting_of_both_hosts_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(ECHODESK_\w+)` \| `?([^|`]*?)`? \|", text, re.MULTILINE))
    for prefix, settings in (("RELAY", RelaySettings), ("WORKER", WorkerSettings)):
        for name, field in settings.model_fields.items():
            default = getattr(field.default, "get_secret_value", lambda default=field.default: default)()
            shown = documented.pop(f"ECHODESK_{prefix}_{name.upper()}")
            said = f"{default:.0f}" if isinstance(default, float) else str("" if default is None else default)
            assert shown == (said or "empty"), name
    assert documented == {}
