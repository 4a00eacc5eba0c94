"""Letters go out once, in order, within the time there is, whatever the messenger says to them."""

from __future__ import annotations

import pytest
from graph_stub import text_of
from relay_scene import Scene
from scripted_screening import photo

from pipeline.serving.channels.base import End
from pipeline.serving.channels.graph_codes import outcome_of
from pipeline.serving.messages.spoken import said
from pipeline.serving.relay import inbox
from pipeline.serving.relay.running import SENT_AT_ONCE
from pipeline.serving.relay.webhooks import Incoming

HELP = said("en", "help")


def states(scene: Scene) -> list[str]:
    """Of the letters, in order."""
    return [row["state"] for row in scene.relay.store.rows.execute("SELECT state FROM outbox ORDER BY id")]


@pytest.mark.parametrize(
    ("code", "status", "end"),
    [(190, 401, End.PAUSE), (0, 401, End.PAUSE), (130429, 400, End.PAUSE), (0, 429, End.PAUSE),
     (131047, 400, End.CLOSED), (131062, 400, End.BY_PHONE), (131056, 400, End.RETRY), (0, 503, End.RETRY),
     (131000, 500, End.RETRY), (131026, 400, End.REFUSED), (100, 400, End.REFUSED), (0, 404, End.REFUSED)],
)  # fmt: skip
def test_a_code_says_what_follows(code: int, status: int, end: End) -> None:
    assert outcome_of(code, status=status).end is end


@pytest.mark.parametrize("trouble", [(429, 0), (400, 130429), (503, 0), (400, 131056), (401, 190)])
def test_a_letter_is_sent_again_until_it_is_taken(scene: Scene, trouble: tuple[int, int]) -> None:
    human = scene.agreed()
    scene.faults.next_errors += [trouble] * 3
    scene.stub.say(human, "help")
    for _ in range(8):
        scene.settle()
        scene.clock.pass_by(70)
    assert human.texts() == [HELP]


def test_letters_to_one_person_keep_their_order_and_do_not_hold_up_others(scene: Scene) -> None:
    first, second = scene.agreed("IN.1"), scene.agreed("IN.2")
    scene.faults.next_errors += [(400, 131056)]
    scene.stub.say(first, "help")
    scene.stub.deliver(scene.post)
    scene.step()
    scene.stub.say(first, "language")
    scene.stub.say(second, "help")
    scene.settle()
    assert first.got == []
    assert second.texts() == [HELP]
    scene.clock.pass_by(10)
    scene.settle()
    assert [message["type"] for message in first.got] == ["text", "interactive"]


def test_nothing_is_sent_on_a_channel_that_pauses(scene: Scene) -> None:
    people = [scene.agreed(f"IN.{number}") for number in range(3)]
    scene.faults.next_errors += [(401, 190)] * 3
    for human in people:
        scene.stub.say(human, "help")
    scene.settle()
    calls = len(scene.stub.calls)
    for _ in range(20):
        scene.clock.pass_by(2)
        scene.settle()
    assert len(scene.stub.calls) == calls
    scene.clock.pass_by(30)
    scene.settle()
    assert [human.texts() for human in people] == [[HELP]] * 3


def test_a_channel_that_was_taken_out_of_the_settings_holds_up_no_other(scene: Scene) -> None:
    humans = [scene.agreed(f"IN.{number}") for number in range(SENT_AT_ONCE + 1)]
    for human in humans:
        scene.stub.photograph(human, photo(1))
    scene.stub.deliver(scene.post)
    scene.relay.turns.take()
    messenger = scene.relay.channels
    scene.relay.channels = {"web": messenger["web"]}
    events = [Incoming("web:1", "somebody", "", "text", scene.clock(), {"text": "hi"})]
    inbox.take(scene.relay.store, "web", events)
    scene.step()
    waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND person IN (SELECT id FROM person {})"
    assert scene.one(waiting.format("WHERE channel = 'web'")) == 0
    assert scene.one(waiting.format("WHERE channel != 'web'")) == len(humans)
    scene.relay.channels = messenger
    scene.clock.pass_by(120)
    scene.settle()
    assert all("EF" in text_of(human.got[-1]) for human in humans), "what waited for it is not lost"


def test_after_24_hours_nothing_is_sent_and_the_letter_is_counted(scene: Scene) -> None:
    human = scene.agreed()
    scene.faults.outage = 1.0
    scene.stub.say(human, "help")
    scene.settle()
    scene.clock.pass_by(24 * 3600 + 1)
    scene.relay.sweep()
    scene.faults.outage = 0.0
    scene.settle()
    assert human.got == []
    assert scene.one("SELECT count FROM counter WHERE name = 'outbox_expired'") == 1


def test_a_message_that_came_a_day_late_is_not_answered(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.say(human, "help")
    scene.clock.pass_by(24 * 3600 + 1)
    scene.settle()
    assert human.got == []
    assert scene.one("SELECT count FROM counter WHERE name = 'inbox_too_late'") == 1


def crash_after_sending(scene: Scene) -> None:
    """The relay dies between the messenger's yes and its own note of it."""

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    import pipeline.serving.relay.running as running

    patched = pytest.MonkeyPatch()
    patched.setattr(running.outbox, "note", die)
    with patched.context(), pytest.raises(Killed):
        scene.step()
    patched.undo()
    scene.loop.run_until_complete(scene.relay.close())
    scene.open()


def test_a_crash_between_sending_and_noting_repeats_nothing_where_the_messenger_tells(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.say(human, "help")
    scene.stub.deliver(scene.post)
    crash_after_sending(scene)
    assert states(scene)[-1] == "sending"
    scene.settle()
    scene.clock.pass_by(60)
    scene.settle()
    assert human.texts() == [HELP]
    assert states(scene)[-1] == "delivered"


def test_where_the_messenger_tells_nothing_the_letter_goes_again_and_is_not_lost(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.say(human, "help")
    scene.stub.deliver(scene.post)
    crash_after_sending(scene)
    scene.stub.queue.clear()
    scene.settle()
    assert human.texts() == [HELP]
    scene.clock.pass_by(scene.settings.settle_s + 1)
    scene.settle()
    assert human.texts() == [HELP, HELP]


def test_a_failure_that_is_told_later_names_nobody_and_is_found_by_its_message(scene: Scene) -> None:
    human = scene.agreed("IN.1", "919900000001")
    scene.stub.say(human, "help")
    scene.settle()
    sent_id = human.got[-1]["id"]
    scene.relay.store.rows.execute("UPDATE outbox SET state = 'sent' WHERE sent_id = ?", (sent_id,))
    scene.stub.status(sent_id, "failed", code=131062)
    scene.settle()
    assert [("to" in message) for message in human.got] == [False, True]


@pytest.mark.parametrize(("code", "state"), [(131047, "expired"), (131026, "failed")])
def test_a_failure_for_good_ends_the_letter(scene: Scene, code: int, state: str) -> None:
    human = scene.agreed()
    scene.stub.say(human, "help")
    scene.settle()
    sent_id = human.got[-1]["id"]
    scene.relay.store.rows.execute("UPDATE outbox SET state = 'sent' WHERE sent_id = ?", (sent_id,))
    scene.stub.status(sent_id, "failed", code=code)
    scene.settle()
    assert states(scene)[-1] == state
    assert len(human.got) == 1


def test_statuses_in_the_wrong_order_leave_the_furthest(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.say(human, "help")
    scene.settle()
    sent_id = human.got[-1]["id"]
    for state in ("read", "delivered", "sent"):
        scene.stub.status(sent_id, state)
        scene.settle()
    assert states(scene)[-1] == "read"


def test_news_of_a_letter_nobody_knows_is_kept_and_does_no_harm(scene: Scene) -> None:
    scene.stub.status("wamid.unknown", "failed", code=131026)
    scene.settle()
    assert scene.counts("status") == [1]
