"""A photograph that takes as long as it may holds up no other: at the API, on the page, by message."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gradio as gr
import httpx
import pytest
import scripted_screening
from fastapi.testclient import TestClient
from hostile_photos import endless_pdf
from pydantic import SecretStr

from db.apart import decoder
from pipeline.serving import demo_app, worker
from pipeline.serving.api import create_api
from pipeline.serving.photos import apart
from pipeline.serving.relay.settings import WorkerSettings
from pipeline.serving.screen import Photographs
from pipeline.serving.screened import Screened
from pipeline.serving.serve_settings import ServingSettings

GOOD = 10
WAIT_S = 60.0


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[decoder.Decoder]]:
    """The decoding processes that are begun; photographs may take for ever in them."""
    found: list[decoder.Decoder] = []

    class Noted(decoder.Decoder):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            found.append(self)

    decoder._of(apart._PHOTOS).close()
    monkeypatch.setattr(decoder, "Decoder", Noted)
    monkeypatch.setattr(apart, "_LIMITS", replace(apart._LIMITS, step_s=600.0, cpu_s=600.0))
    yield found
    for one in found:
        one.close()


def _at_work(begun: list[decoder.Decoder]) -> list[decoder.Decoder]:
    """Those that have a file and wait for none."""
    idle = decoder._of(apart._PHOTOS)._idle
    return [one for one in begun if one.files and one.is_alive and one not in idle]


def test_ten_photos_are_answered_while_a_hostile_one_is_decoded(
    place: Path, begun: list[decoder.Decoder]
) -> None:
    pytest.importorskip("onnx")
    loaded = Photographs.load(place, threads=1, views=1)
    photo = loaded.bundle.examples[0].read_bytes()
    settings = ServingSettings(keys=SecretStr("k3y-of-the-ward-7f2a9c"))
    headers = {"Authorization": "Bearer k3y-of-the-ward-7f2a9c"}
    with TestClient(create_api(lambda: loaded, settings)) as client, ThreadPoolExecutor(1) as pool:
        hostile = pool.submit(client.post, "/v1/screen", content=endless_pdf(), headers=headers)
        while not _at_work(begun):
            assert not hostile.done()
        answers = [client.post("/v1/screen", content=photo, headers=headers).json() for _ in range(GOOD)]
        assert [answer["verdict"] for answer in answers] == ["ok"] * GOOD
        assert not hostile.done()
        # What the system does to it when its time is over, which is not waited for here.
        for one in _at_work(begun):
            one._process.kill()
        refused = hostile.result(WAIT_S).json()
    assert refused["verdict"] == "bad_photo" and refused["retakes"][0]["reason"] == "unreadable"


def test_the_page_lets_as_many_in_as_are_decoded_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: dict[str, int] = {}

    class Page:
        def queue(self, **given: int) -> None:
            seen.update(given)

    monkeypatch.setattr(demo_app, "create_page", lambda *_given, **_more: Page())
    monkeypatch.setattr(gr, "mount_gradio_app", lambda app, *_given, **_more: app)
    api = create_api(lambda: None, ServingSettings())  # type: ignore[arg-type, return-value]
    demo_app.with_page(api, [], ())
    assert seen["default_concurrency_limit"] == apart.AT_ONCE > 1


def test_the_model_host_brings_ten_answers_while_a_hostile_photo_is_read() -> None:
    waiting = [b"hostile", *(b"%d" % number for number in range(GOOD))]
    answered: list[str] = []
    ten, go_on, stopped = threading.Event(), threading.Event(), threading.Event()

    def relay(request: httpx.Request) -> httpx.Response:
        *_, what, job = request.url.path.split("/")
        if job == "poll":
            most = json.loads(request.content)["most"]
            lent = [waiting.pop(0).decode() for _ in range(min(most, len(waiting)))]
            if not lent:
                stopped.wait(0.01)
            return httpx.Response(200, json={"jobs": [{"id": name} for name in lent]})
        if what == "photo":
            return httpx.Response(200, content=job.encode())
        answered.append(job)
        if len(answered) == GOOD:
            ten.set()
        return httpx.Response(200, json={})

    def screen(data: bytes) -> Screened:
        if data == b"hostile":
            assert go_on.wait(WAIT_S)
        return scripted_screening.screen(scripted_screening.photo(1))

    settings = WorkerSettings(relay_url="http://relay", secret=SecretStr("b0a1c2d3e4f5968778695a4b"))
    with httpx.Client(transport=httpx.MockTransport(relay)) as http, ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.Worker(settings, screen, http).run, stopped)
        try:
            assert ten.wait(WAIT_S) and "hostile" not in answered
        finally:
            stopped.set()
            go_on.set()
        running.result(WAIT_S)
    assert sorted(answered)[-1] == "hostile" and len(answered) == GOOD + 1
