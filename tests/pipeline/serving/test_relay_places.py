"""Where a relay keeps its state, and what answers where the relay should: said, and not guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from relay_scene import WORKER_KEY, Scene, settings_for
from scripted_screening import photo, screen

from db.errors import EchoDeskError
from pipeline.serving.relay.checks import check_folder
from pipeline.serving.relay.server import open_relay
from pipeline.serving.relay.settings import WorkerSettings
from pipeline.serving.relay.store import alone
from pipeline.serving.worker import RelayTrouble, Worker


def test_a_lost_key_is_said_and_no_new_one_takes_its_place(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.settle()
    key = scene.folder / "relay.key"
    kept = key.read_bytes()
    key.unlink()
    found = check_folder(scene.settings)
    assert found.grade.value == "FAIL" and "relay.key is missing" in found.found
    with pytest.raises(EchoDeskError, match=r"relay\.key is missing"):
        open_relay(scene.settings)
    assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)
    open_relay(scene.settings).store.close()


def test_a_relay_that_has_stored_nothing_yet_makes_its_key(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "relay")
    open_relay(settings).store.close()
    (settings.state / "relay.key").unlink()
    open_relay(settings).store.close()
    assert (settings.state / "relay.key").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.touch()
    for state in (file, file / "below"):
        assert check_folder(settings_for(state)).grade.value == "FAIL"
        with pytest.raises(EchoDeskError, match="is not a folder"), alone(state):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 200, "text": "<html>"}, {"status_code": 200, "json": {"detail": "x"}},
        {"status_code": 200, "json": [1]}, {"status_code": 200, "json": {"jobs": [1]}},
        {"status_code": 404, "text": "Not Found"}, {"status_code": 404, "json": {"detail": "Not Found"}},
        {"status_code": 401},
    ],
)  # fmt: skip
def test_what_answers_instead_of_a_relay_is_asked_again_later(answer: dict[str, Any]) -> None:
    http = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(**answer)))
    worker = Worker(WorkerSettings(secret=SecretStr(WORKER_KEY)), screen, http)
    with pytest.raises(RelayTrouble):
        worker.round()
