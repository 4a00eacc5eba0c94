"""The API: answers for those who may, sentences for those who may not, and no way to make it fall over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from db.errors import WrongUse
from pipeline.serving.answer import Answer, Retake
from pipeline.serving.api import create_api
from pipeline.serving.screened import REFERRALS, RETAKES
from pipeline.serving.serve_settings import ServingSettings
from pipeline.serving.serve_state import Limits, TooOften
from pipeline.serving.watching.watch import Watch

KEY = "k3y-of-the-ward-7f2a9c"
ASKED = {"Authorization": f"Bearer {KEY}"}


class Scripted:
    """Answers from the bytes alone."""

    bundle = SimpleNamespace(
        id="b1",
        about=SimpleNamespace(
            reference={"ef_percent": tuple(range(101)), "rwma": tuple(step / 100 for step in range(101))}
        ),
    )

    def screen_with_heat(self, data: bytes, *, wants_heat: bool = True) -> tuple[Answer, object]:
        """A number for `ok`, a retake for anything else."""
        import numpy as np

        if not data.startswith(b"ok"):
            return Answer("b1", "r1", (Retake("unreadable", "", "Not a picture."),)), None
        heat = np.zeros((8, 8, 3), np.uint8) if wants_heat else None
        return Answer("b1", "r1", ef_percent=55.0, rwma_said=0.2, rwma_probability=0.1, views=5), heat


def _app(**settings: object) -> FastAPI:
    given = {"keys": SecretStr(KEY), **settings}
    return create_api(lambda: Scripted(), ServingSettings(**given))  # type: ignore[arg-type, return-value]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(_app()) as found:
        yield found


def test_a_photo_comes_raw_or_in_a_form(client: TestClient) -> None:
    for answer in (
        client.post("/v1/screen", content=b"ok 1", headers=ASKED),
        client.post("/v1/screen", files={"photo": ("p.jpg", b"ok 1", "image/jpeg")}, headers=ASKED),
    ):
        assert answer.status_code == 200 and answer.json()["verdict"] == "ok"
        assert answer.json()["ef_percent"] == 55.0 and answer.json()["heat_jpeg"] is None
        assert answer.headers["cache-control"] == "no-store"


def test_a_form_without_a_photo_in_its_field_is_no_empty_photo(client: TestClient) -> None:
    other = client.post("/v1/screen", files={"file": ("p.jpg", b"ok 1", "image/jpeg")}, headers=ASKED)
    words = client.post("/v1/screen", files={"photo": (None, "ok 1")}, headers=ASKED)
    for answer in (other, words):
        assert answer.status_code == 400 and "field photo" in answer.json()["detail"]
    empty = client.post("/v1/screen", files={"photo": ("p.jpg", b"", "image/jpeg")}, headers=ASKED)
    assert empty.status_code == 200 and empty.json()["verdict"] == "bad_photo"


def test_names_that_are_the_same_in_any_case_are_read_in_any_case(client: TestClient) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nok 1\r\n--x--\r\n'
    asked = {"Authorization": f"bearer {KEY}", "Content-Type": "Multipart/Form-Data; boundary=x"}
    answer = client.post("/v1/screen", content=form, headers=asked)
    assert answer.status_code == 200 and answer.json()["verdict"] == "ok"


def test_a_heat_map_comes_where_it_is_asked_for(client: TestClient) -> None:
    import base64

    answer = client.post("/v1/screen?heat=true", content=b"ok", headers=ASKED).json()
    assert base64.b64decode(answer["heat_jpeg"])[:2] == b"\xff\xd8"


def test_a_bad_photo_is_an_answer(client: TestClient) -> None:
    answer = client.post("/v1/screen", content=b"", headers=ASKED)
    assert answer.status_code == 200 and answer.json()["retakes"][0]["reason"] == "unreadable"


def test_nobody_is_let_in_without_the_key(client: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}):
        answer = client.post("/v1/screen", content=b"ok", headers=headers)
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/metrics").status_code == 401


def test_too_much_is_refused(client: TestClient) -> None:
    assert client.post("/v1/screen", content=bytes(17_000_000), headers=ASKED).status_code == 413
    broken = {**ASKED, "Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/screen", content=b"--y\r\n", headers=broken).status_code in (200, 400)


def test_who_comes_too_often_is_told_when_to_come_again() -> None:
    with TestClient(_app(rate_per_minute=2)) as client:
        codes = [client.post("/v1/screen", content=b"ok", headers=ASKED).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        answer = client.post("/v1/screen", content=b"ok", headers=ASKED)
        assert 1 <= int(answer.headers["retry-after"]) <= 30


def test_who_finds_all_places_taken_is_told_when_to_come_again() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Scripted):
        def screen_with_heat(self, data: bytes, *, wants_heat: bool = True) -> tuple[Answer, object]:
            begun.set()
            assert go_on.wait(30)
            return super().screen_with_heat(data, wants_heat=wants_heat)

    app = create_api(lambda: Slow(), ServingSettings(keys=SecretStr(KEY), waiting=0))  # type: ignore[arg-type, return-value]
    with TestClient(app) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/screen", content=b"ok", headers=ASKED)
        assert begun.wait(30)
        busy = client.post("/v1/screen", content=b"ok", headers=ASKED)
        assert busy.status_code == 503 and int(busy.headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200
        go_on.set()
        assert first.result().status_code == 200
        assert client.post("/v1/screen", content=b"ok", headers=ASKED).status_code == 200
        assert 'echodesk_refused_total{reason="busy"} 1.0' in client.get("/metrics", headers=ASKED).text


def test_permits_come_back_with_time() -> None:
    now = [0.0]
    limits = Limits(60, 0, lambda: now[0])
    for _ in range(60):
        limits.come("a")
    with pytest.raises(TooOften):
        limits.come("a")
    limits.come("b")
    now[0] = 1.0
    limits.come("a")


def test_health_readiness_and_metrics(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").status_code == 200
    client.post("/v1/screen", content=b"ok", headers=ASKED)
    client.post("/v1/screen", content=b"?", headers=ASKED)
    text = client.get("/metrics", headers=ASKED).text
    assert 'echodesk_answers_total{came_of="ok"} 1.0' in text
    assert 'echodesk_answers_total{came_of="unreadable"} 1.0' in text
    assert "echodesk_ef_percent_count 1.0" in text


def test_the_watch_page_says_what_came_and_how_far_it_moved(client: TestClient) -> None:
    client.app.state.photographs = None  # type: ignore[attr-defined]
    watch = client.app.state.watch  # type: ignore[attr-defined]
    for _ in range(100):
        watch.note(Answer("b1", "r1", ef_percent=55.0, rwma_said=0.2, referral="cardiologist"))
    watch.note(Answer("b1", "r1", (Retake("glare", "", "Tilt it."),)))
    shown = client.get("/watch", auth=("", KEY))
    assert shown.status_code == 200 and "glare" in shown.text and "look" in shown.text
    assert watch.drift("ef_percent") > 1
    assert client.get("/watch").headers["www-authenticate"] == "Basic"
    assert client.get("/watch", auth=("", "wrong")).status_code == 401


def test_answers_as_usual_have_not_moved() -> None:
    watch = Watch("b1", {"ef_percent": tuple(range(101))})
    for value in range(99):
        watch.note(Answer("b1", "r1", ef_percent=value + 0.5))
    assert watch.drift("ef_percent") is None
    watch.note(Answer("b1", "r1", ef_percent=99.5))
    assert watch.drift("ef_percent") == pytest.approx(0, abs=1e-6)


def test_it_does_not_leave_localhost_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no key"):
        create_api(lambda: Scripted(), ServingSettings(host="0.0.0.0"))  # type: ignore[arg-type, return-value] # noqa: S104
    file = tmp_path / "keys"
    file.write_text("changeme-changeme-changeme\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="placeholder"):
        ServingSettings(keys_file=file).all_keys()
    with pytest.raises(ValueError, match="placeholder"):
        ServingSettings(keys=SecretStr("your-key-goes-here-now"))


def test_keys_that_were_named_and_are_not_there_open_no_door(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    for text in ("", " \n\n"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(WrongUse, match="holds no key"):
            ServingSettings(keys_file=file).all_keys()
    for keys in (" ", ",,"):
        with pytest.raises(WrongUse, match="KEYS holds no key"):
            ServingSettings(keys=SecretStr(keys)).all_keys()
    assert ServingSettings(keys=SecretStr("")).all_keys() == ()


def test_every_field_of_an_answer_is_described(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    answer = schemas["Screening"]["properties"]
    assert set(answer) == {field.name for field in fields(Answer)} | {"verdict", "photo_id", "heat_jpeg"}
    assert [name for name, schema in answer.items() if not schema.get("description")] == []
    assert schemas["RetakeShown"]["properties"]["reason"]["enum"] == list(RETAKES)
    assert answer["referral"]["anyOf"][0]["enum"] == list(REFERRALS)


def test_the_description_says_where_a_key_goes(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    guarded = {path for path, calls in paths.items() for call in calls.values() if call.get("security")}
    assert guarded == {"/v1/screen", "/watch", "/metrics"}


def test_whatever_the_schema_allows_is_answered() -> None:
    schemathesis = pytest.importorskip("schemathesis")
    app = _app(rate_per_minute=100_000)
    with TestClient(app):
        schema = schemathesis.openapi.from_asgi("/openapi.json", app)

        operations = list(schema.get_all_operations())
        assert len(operations) == 5
        for operation in operations:
            _run(operation.ok().as_strategy())


def _run(strategy: Any) -> None:
    from hypothesis import HealthCheck, given, settings

    @given(case=strategy)
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def tried(case: Any) -> None:
        response = case.call(headers=ASKED)
        assert response.status_code < 500

    tried()
