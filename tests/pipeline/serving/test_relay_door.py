"""Who is let in: the messenger by its signature, the model host by its own, nobody else by anything."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import graph_stub
import pytest
from graph_stub import signed_headers
from pydantic import ValidationError
from relay_scene import METRICS_KEY, WORKER_KEY, Scene, settings_for
from scripted_screening import photo

from pipeline.serving.relay.settings import RelaySettings
from pipeline.serving.relay.signature import challenge, is_from_messenger, is_signed, signed

MESSAGE = {
    "id": "wamid.X",
    "timestamp": "1790000000",
    "from_user_id": "IN.1",
    "type": "text",
    "text": {"body": "hi"},
}


def body_of(message: object, **value: object) -> bytes:
    """A webhook with one message."""
    content = {"metadata": {"phone_number_id": graph_stub.NUMBER}, "messages": [message], **value}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": content}]}]}).encode()


def hostile(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    """A webhook that is not the messenger's."""
    body = body_of({**MESSAGE, "id": f"wamid.{rng.random()}"})
    good = signed_headers(body)["X-Hub-Signature-256"]
    way = rng.randrange(10)
    if way == 0:
        return body, {}
    if way == 1:
        return body, signed_headers(body, secret=f"{rng.random()}")
    if way == 2:
        return body + b" ", {"X-Hub-Signature-256": good}
    if way == 3:
        place = rng.randrange(7, len(good))
        return body, {
            "X-Hub-Signature-256": good[:place] + ("0" if good[place] != "0" else "1") + good[place + 1 :]
        }
    if way == 4:
        return body, {"X-Hub-Signature-256": good[: rng.randrange(len(good))]}
    if way == 5:
        return body, {"X-Hub-Signature": good.replace("sha256", "sha1")}
    if way == 6:
        return body, {"X-Hub-Signature-256": good.upper()}
    if way == 7:
        return rng.randbytes(rng.randrange(2000)), {"X-Hub-Signature-256": good}
    if way == 8:
        return b"[" * 5000, {"X-Hub-Signature-256": f"sha256={'é' * 32}".encode("latin-1").decode("latin-1")}
    return body, {"X-Hub-Signature-256": good[7:]}


def test_of_300_hostile_webhooks_none_is_accepted_and_none_does_harm(scene: Scene) -> None:
    rng = random.Random(3)
    answers = {}
    for _ in range(300):
        body, headers = hostile(rng)
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        status = scene.http.post("/webhook", content=body, headers=raw).status_code  # type: ignore[arg-type]
        answers[status] = answers.get(status, 0) + 1
    assert answers == {401: 300}
    assert scene.counts("inbox", "person", "outbox") == [0, 0, 0]
    assert scene.http.get("/health").text == "ok\n"


LONG, LONE = "\0" * 9000, "\ud800"
ODD = [
    None, [], 7, "text", {"entry": 3}, {"entry": [None, 4, {"changes": "x"}]},
    {"entry": [{"changes": [{"value": {"messages": [None, 3, {}, {"id": 7}, {"id": "a"}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{**MESSAGE, "text": None}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{**MESSAGE, "id": "b", "type": {"x": 1}}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{**MESSAGE, "id": "c", "timestamp": "9" * 400}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{**MESSAGE, "id": LONE, "from_user_id": LONE}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{**MESSAGE, "id": "d", "text": {"body": LONG}}]}}]}]},
    {"entry": [{"changes": [{"value": {"statuses": [{"id": "x", "status": "failed", "errors": "all"}]}}]}]},
    {"entry": [{"changes": [{"value": {"messages": [{"id": "e", "type": "system", "system": []}]}}]}]},
    {"entry": [{"changes": [{"value": {"user_id_update": [{"user_id": {"previous": "a"}}, 3]}}]}]},
]  # fmt: skip


@pytest.mark.parametrize("payload", ODD)
def test_a_signed_body_of_another_form_is_stored_as_far_as_it_is_one(scene: Scene, payload: object) -> None:
    body = json.dumps(payload).encode()
    assert scene.post(body, signed_headers(body)) == 200
    scene.step()
    assert scene.one("SELECT count(*) FROM inbox WHERE done = 0") == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_is_refused(scene: Scene, body: bytes) -> None:
    assert scene.post(body, signed_headers(body)) == 400


def test_messages_to_another_number_of_ours_are_not_ours(scene: Scene) -> None:
    body = body_of(MESSAGE, metadata={"phone_number_id": "1"})
    assert scene.post(body, signed_headers(body)) == 200
    assert scene.counts("inbox") == [0]


def test_a_body_larger_than_any_webhook_is_refused(scene: Scene) -> None:
    assert scene.post(b"x" * 3_000_001, {"X-Hub-Signature-256": "sha256=0"}) == 413


def test_the_messenger_checks_the_address_with_our_token_alone(scene: Scene) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": graph_stub.VERIFY, "hub.challenge": "11587"}
    assert scene.http.get("/webhook", params=asked).text == "11587"
    assert scene.http.get("/webhook", params={**asked, "hub.verify_token": "x"}).status_code == 403
    assert challenge({**asked, "hub.verify_token": ""}, "") is None
    assert not is_from_messenger("", b"x", signed_headers(b"x", secret="")["X-Hub-Signature-256"])


def asked(
    scene: Scene, path: str = "/host/poll", *, secret: str = WORKER_KEY, ago_s: float = 0.0
) -> dict[str, str]:
    """Headers of the model host for an empty body."""
    return signed(secret, "POST", path, b"{}", now=scene.clock() - ago_s, nonce=scene.nonce()).headers()


def test_a_request_of_the_model_host_works_once(scene: Scene) -> None:
    headers = asked(scene)
    statuses = [scene.http.post("/host/poll", content=b"{}", headers=headers).status_code for _ in range(2)]
    assert statuses == [200, 401]


def test_who_waits_for_a_photo_is_let_go_when_the_relay_stops(scene: Scene) -> None:
    waits_long = replace(scene.worker, settings=scene.worker.settings.model_copy(update={"wait_s": 50.0}))
    scene.relay.is_stopping = lambda: True
    assert waits_long.round() == 0


def test_what_was_signed_before_a_restart_does_not_work_after_it(scene: Scene) -> None:
    headers = asked(scene)
    assert scene.http.post("/host/poll", content=b"{}", headers=headers).status_code == 200
    scene.clock.pass_by(1)
    scene.loop.run_until_complete(scene.relay.close())
    scene.open()
    assert scene.http.post("/host/poll", content=b"{}", headers=headers).status_code == 401


def test_a_clock_that_is_set_back_keeps_no_photo_from_being_read(scene: Scene) -> None:
    scene.clock.pass_by(-3600)
    headers = asked(scene)
    statuses = [scene.http.post("/host/poll", content=b"{}", headers=headers).status_code for _ in range(2)]
    assert statuses == [200, 401]


@pytest.mark.parametrize("code", [10**30, -(2**70), True, "131062", None])
def test_a_code_that_is_none_costs_no_message_beside_it(scene: Scene, code: object) -> None:
    status = {"id": "wamid.unknown", "status": "failed", "errors": [{"code": code}]}
    body = body_of(MESSAGE, statuses=[status])
    assert scene.post(body, signed_headers(body)) == 200
    assert scene.counts("inbox", "status") == [1, 1]


@pytest.mark.parametrize("wrong", ["secret", "path", "body", "old", "early", "none", "nan"])
def test_no_other_request_is_let_in(scene: Scene, wrong: str) -> None:
    scene.relay.started_at = 0.0
    headers = asked(
        scene, "/host/photo/x" if wrong == "path" else "/host/poll",
        secret="another" if wrong == "secret" else WORKER_KEY,
        ago_s={"old": 121.0, "early": -121.0}.get(wrong, 0.0),
    )  # fmt: skip
    if wrong == "none":
        headers = {}
    if wrong == "nan":
        headers["X-EchoDesk-Timestamp"] = "nan"
    content = b'{"most": 8}' if wrong == "body" else b"{}"
    assert scene.http.post("/host/poll", content=content, headers=headers).status_code == 401


def test_not_a_number_is_no_time() -> None:
    proof = signed("k", "POST", "/", b"", now=float("nan"), nonce="n" * 20)
    assert not is_signed("k", "POST", "/", b"", proof, now=1.0)


def test_an_answer_that_is_none_is_refused_and_an_answer_twice_counts_once(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.stub.deliver(scene.post)
    scene.step()
    (job,) = scene.worker.ask("/host/poll", {"wait_s": 0, "most": 4}).json()["jobs"]
    path = f"/host/answer/{job['id']}"
    body = json.dumps({"verdict": "ok"}).encode()
    headers = signed(WORKER_KEY, "POST", path, body, now=scene.clock(), nonce=scene.nonce()).headers()
    assert scene.http.post(path, content=body, headers=headers).status_code == 400
    answer = scene.worker.screen(photo(1)).to_wire()
    assert [scene.worker.ask(path, answer).json()["new"] for _ in range(2)] == [True, False]
    scene.settle()
    assert sum("EF" in text for text in human.texts()) == 1


def test_a_photo_forgotten_while_it_is_read_is_not_answered(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.stub.deliver(scene.post)
    scene.step()
    (job,) = scene.worker.ask("/host/poll", {"wait_s": 0, "most": 4}).json()["jobs"]
    for word in ("delete", "yes"):
        scene.stub.say(human, word)
        scene.settle()
    assert scene.worker.ask(f"/host/photo/{job['id']}", {}).status_code == 404
    answer = scene.worker.screen(photo(1)).to_wire()
    assert not scene.worker.ask(f"/host/answer/{job['id']}", answer).json()["new"]
    scene.settle()
    assert not any("EF" in text for text in human.texts())


def test_a_lease_that_runs_out_is_lent_again(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.stub.deliver(scene.post)
    scene.step()
    first = scene.worker.ask("/host/poll", {"wait_s": 0, "most": 4}).json()["jobs"]
    assert scene.worker.ask("/host/poll", {"wait_s": 0, "most": 4}).json()["jobs"] == []
    scene.clock.pass_by(scene.settings.lease_s + 1)
    again = scene.worker.ask("/host/poll", {"wait_s": 0, "most": 4}).json()["jobs"]
    assert [job["id"] for job in again] == [job["id"] for job in first]


def test_metrics_are_for_those_with_the_token_and_name_nobody(scene: Scene) -> None:
    human = scene.agreed("IN.4711", "919900000042")
    scene.stub.photograph(human, photo(1))
    scene.settle()
    assert scene.http.get("/metrics").status_code == 404
    text = scene.http.get("/metrics", headers={"Authorization": f"Bearer {METRICS_KEY}"}).text
    assert 'echodesk_relay_events_total{event="answers_ok"} 1' in text
    assert "echodesk_relay_problems 0" in text
    assert 'echodesk_relay_language_reviewed{language="kn"} 0' in text
    assert "4711" not in text
    assert "9199" not in text


def test_a_refused_token_is_said_when_asked_whether_all_is_well(scene: Scene) -> None:
    human = scene.agreed()
    assert scene.http.get("/ready").status_code == 200
    scene.faults.next_errors.append((401, 190))
    scene.stub.say(human, "help")
    scene.settle()
    answer = scene.http.get("/ready")
    assert (answer.status_code, answer.text) == (503, "the messenger refuses the access token\n")
    scene.clock.pass_by(61)
    scene.settle()
    assert len(human.got) == 1
    assert scene.http.get("/ready").status_code == 200


@pytest.mark.parametrize(
    "secret", ["change-me-please-now", "short", "aaaaaaaaaaaaaaaaaaaa", "your-app-secret-here"]
)
def test_a_placeholder_is_no_secret(tmp_path: object, secret: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings_for(tmp_path, app_secret=secret)  # type: ignore[arg-type]
    assert secret not in str(caught.value)


def test_a_messenger_set_up_by_half_is_named() -> None:
    half = RelaySettings(worker_secret=WORKER_KEY, app_secret=graph_stub.APP_SECRET)  # type: ignore[arg-type]
    assert half.missing() == [
        "ECHODESK_RELAY_VERIFY_TOKEN", "ECHODESK_RELAY_ACCESS_TOKEN", "ECHODESK_RELAY_PHONE_NUMBER_ID",
    ]  # fmt: skip
    assert RelaySettings().missing() == ["ECHODESK_RELAY_WORKER_SECRET", "ECHODESK_RELAY_LINK_SECRET"]
    assert WORKER_KEY not in repr(half)
