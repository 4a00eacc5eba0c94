"""What the doctor says of the host with the networks."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from relay_scene import WORKER_KEY, Scene
from typer.testing import CliRunner

from db.errors import EchoDeskError, WrongUse
from pipeline.cli import app
from pipeline.serving.host_checks import check_kept, check_relay, check_signature
from pipeline.serving.relay.settings import WorkerSettings, worker_settings
from pipeline.serving.watching.kept import Kept

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


@pytest.mark.parametrize(
    ("answer", "grade"),
    [(httpx.Response(404), "PASS"), (httpx.Response(401), "FAIL"),
     (httpx.Response(404, text="Not Found"), "FAIL"), (httpx.Response(200, text="hello"), "FAIL")],
)  # fmt: skip
def test_a_secret_that_the_relay_does_not_have_is_found(answer: httpx.Response, grade: str) -> None:
    def post(_address: str, _headers: object) -> httpx.Response:
        return answer

    settings = WorkerSettings(secret=SecretStr(WORKER_KEY))
    assert [one.grade.value for one in check_signature(settings, post, lambda: NOW)] == [grade]


@pytest.mark.parametrize(("secret", "status"), [(WORKER_KEY, 404), ("of-another-relay-19283", 401)])
def test_the_relay_itself_tells_a_wrong_secret_from_a_photo_that_is_not_there(
    scene: Scene, secret: str, status: int
) -> None:
    def post(address: str, headers: Mapping[str, str]) -> httpx.Response:
        return scene.http.post(address, headers=dict(headers))

    settings = WorkerSettings(secret=SecretStr(secret), relay_url="http://relay")
    (found,) = check_signature(settings, post, scene.clock)
    assert (found.grade.value == "PASS") == (status == 404)


@pytest.mark.parametrize(
    "address", ["relay.example.org", "http://[::1", "ftp://relay", "https://relay:99999"]
)
def test_an_address_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ECHODESK_WORKER_RELAY_URL", address)
    monkeypatch.setenv("ECHODESK_WORKER_SECRET", WORKER_KEY)
    with pytest.raises(WrongUse, match="ECHODESK_WORKER_RELAY_URL"):
        worker_settings()


def test_answers_that_cannot_be_kept_are_said_before_they_are_lost(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"something else, and not a little of it" * 9)
    other.chmod(0o600)
    for file in (tmp_path / "nowhere" / "answers.db", other, tmp_path):
        tmp_path.chmod(0o700)
        settings = WorkerSettings(keep_answers=file)
        assert [one.grade.value for one in check_kept(settings)] == ["FAIL"]
        with pytest.raises(EchoDeskError):
            Kept(file).check()
    assert not (tmp_path / "nowhere").exists()


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
