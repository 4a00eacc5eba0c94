"""pywa, an independent client of the messenger: it talks to the stub, and reads its webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import graph_stub
import httpx
import pytest
from graph_stub import APP_SECRET, NUMBER, TOKEN, GraphStub, Human, signed_headers
from pywa import WhatsApp, types
from pywa.errors import ExpiredAccessToken, ReEngagementMessage
from relay_scene import Bridge, Scene
from scripted_screening import photo


@pytest.fixture
def client(scene: Scene) -> Iterator[WhatsApp]:
    """pywa, talking to the stub."""
    made = WhatsApp(phone_id=NUMBER, token=TOKEN, app_secret=APP_SECRET, server=None, verify_token="x")
    session = httpx.Client(
        transport=Bridge(scene.stub.app, scene.loop), base_url=scene.stub.base,
        headers={"Authorization": f"Bearer {TOKEN}"},
    )  # fmt: skip
    made.api._session = session
    yield made


def webhooks_of(stub: GraphStub) -> list[tuple[dict[str, Any], bytes, str]]:
    """What the stub posts: parsed, raw, and its signature."""
    taken: list[tuple[dict[str, Any], bytes, str]] = []

    def post(body: bytes, headers: dict[str, str]) -> int:
        taken.append((json.loads(body), body, headers["X-Hub-Signature-256"]))
        return 200

    stub.deliver(post, most=1)
    return taken


def human_of(scene: Scene) -> Human:
    """Somebody who has just written."""
    human = scene.stub.human("IN.77", "919900000077")
    scene.stub.say(human, "hello")
    return human


def test_pywa_sends_through_the_stub_to_an_id_and_to_a_number(client: WhatsApp, scene: Scene) -> None:
    human = human_of(scene)
    client.send_message(to="919900000077", text="by number")
    client.send_message(to="IN.77", text="by id")
    assert [(message.get("to"), message.get("recipient")) for message in human.got] == [
        ("919900000077", None), (None, "IN.77"),
    ]  # fmt: skip


def test_pywa_reads_the_stubs_errors(client: WhatsApp, scene: Scene) -> None:
    human_of(scene)
    scene.clock.pass_by(graph_stub.WINDOW_S + 1)
    with pytest.raises(ReEngagementMessage):
        client.send_message(to="919900000077", text="too late")
    scene.faults.next_errors.append((401, 190))
    with pytest.raises(ExpiredAccessToken):
        client.send_message(to="919900000077", text="no token")


def test_pywa_fetches_a_photo_in_two_steps_within_five_minutes(client: WhatsApp, scene: Scene) -> None:
    human = human_of(scene)
    scene.stub.photograph(human, photo(5))
    media = next(iter(scene.stub.media))
    address = client.api.get_media_url(media)["url"]
    assert client.api._session.get(address).content == photo(5)
    scene.clock.pass_by(graph_stub.LINK_S + 1)
    assert client.api._session.get(address).status_code == 404


def test_pywa_reads_the_stubs_messages_and_statuses(client: WhatsApp, scene: Scene) -> None:
    human = human_of(scene)
    scene.stub.photograph(human, photo(5))
    scene.stub.photograph(human, photo(6), kind="document")
    message_id = client.send_message(to="IN.77", text="hello").id
    updates = webhooks_of(scene.stub)
    kinds = []
    for update, raw, signature in updates:
        assert signature == signed_headers(raw)["X-Hub-Signature-256"]
        value = update["entry"][0]["changes"][0]["value"]
        if "messages" in value:
            message = types.Message.from_update(client=client, update=update)
            assert message.from_user.bsuid == "IN.77"
            assert message.from_user.wa_id == "919900000077"
            kinds.append(str(message.type.value))
        else:
            status = types.MessageStatus.from_update(client=client, update=update)
            assert status.id == message_id
            kinds.append(str(status.status.value))
    assert kinds == ["text", "image", "document", "sent", "delivered"]
