"""What the doctor says of the host with the networks."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path

import httpx
import pytest
from relay_scene import WORKER_KEY
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.serving.host_checks import check_kept, check_relay
from pipeline.serving.relay.settings import WorkerSettings

NOW = 1_790_000_000.0


def said(settings: WorkerSettings, answer: httpx.Response | Exception) -> list[str]:
    """Grade and name of each finding about the relay."""

    def get(address: str) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return [f"{one.grade.value.strip()} {one.name}" for one in check_relay(settings, get, lambda: NOW)]


def answering(status: int = 200, *, apart_s: float = 0) -> httpx.Response:
    """The relay's, by its own clock."""
    return httpx.Response(status, headers={"date": formatdate(NOW - apart_s, usegmt=True)})


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (answering(), ["PASS Relay", "PASS Clocks"]),
        (answering(apart_s=30), ["PASS Relay", "WARN Clocks"]),
        (httpx.Response(200, headers={"date": "soon"}), ["PASS Relay"]),
        (answering(502), ["FAIL Relay"]),
        (httpx.ConnectError("no"), ["FAIL Relay"]),
    ],
)
def test_the_way_to_the_relay_is_looked_at(answer: httpx.Response | Exception, found: list[str]) -> None:
    assert said(WorkerSettings(relay_url="https://relay.invalid"), answer) == found
    assert said(WorkerSettings(relay_url="http://relay.invalid"), answer) == ["FAIL Way to the relay", *found]


def test_kept_answers_are_for_their_owner(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    file.touch(mode=0o644)
    settings = WorkerSettings(keep_answers=file)
    assert [one.grade.value for one in check_kept(settings)] == ["FAIL"]
    file.chmod(0o600)
    assert [one.grade.value for one in check_kept(settings)] == ["PASS"]


def test_the_doctor_looks_at_a_model_host(tmp_path: Path) -> None:
    environment = {"ECHODESK_WORKER_SECRET": WORKER_KEY, "ECHODESK_WORKER_RELAY_URL": "http://127.0.0.1:9"}
    done = CliRunner().invoke(app, ["doctor", "--role", "model", "-w", str(tmp_path)], env=environment)
    assert done.exit_code == 1
    assert "FAIL  Relay: http://127.0.0.1:9 does not answer" in done.output
    assert "FAIL  Bundle: none" in done.output
