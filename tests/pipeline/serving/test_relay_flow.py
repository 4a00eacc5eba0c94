"""A photo goes in at the messenger and an answer comes out, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from relay_scene import Scene
from scripted_screening import ef_of, photo

from pipeline.serving.messages.spoken import said


def test_a_photo_is_answered_in_the_language_chosen(scene: Scene) -> None:
    human = scene.agreed(language="kn")
    content = photo(1)
    sent = scene.stub.photograph(human, content)
    scene.settle()
    received, answer = human.got
    assert received["text"]["body"] == said("kn", "received")
    assert said("kn", "result_title") in answer["text"]["body"]
    assert said("kn", "aid", bundle="scripted-000") in answer["text"]["body"]
    low, high = int(ef_of(content)) - 8, int(ef_of(content)) + 8
    assert said("kn", "ef", ef=int(ef_of(content)), low=low, high=high) in answer["text"]["body"]
    assert answer["context"] == {"message_id": sent}


def test_a_photo_before_consent_waits_for_it_and_is_not_fetched(scene: Scene) -> None:
    human = scene.stub.human("IN.1")
    scene.stub.photograph(human, photo(1))
    scene.stub.photograph(human, photo(2))
    scene.settle()
    assert len(human.got) == 1
    scene.stub.press(human, "language:en")
    scene.settle()
    assert human.got[-1]["interactive"]["body"]["text"] == said("en", "consent", hours=24)
    assert scene.stub.links == {}
    scene.stub.press(human, "yes")
    scene.settle()
    assert [said("en", "result_number", number=number) in text
            for number, text in zip((1, 2), human.texts()[-2:], strict=True)] == [True, True]  # fmt: skip


def test_who_does_not_agree_leaves_nothing_behind(scene: Scene) -> None:
    human = scene.stub.human("IN.1")
    scene.stub.photograph(human, photo(1))
    scene.settle()
    scene.stub.press(human, "language:hi")
    scene.settle()
    scene.stub.press(human, "no")
    scene.settle()
    assert human.texts()[-1] == said("hi", "not_agreed")
    assert scene.one("SELECT count(*) FROM job") == 0
    assert scene.relay.vault.kept() == {}
    assert scene.stub.links == {}


def test_a_bad_photo_is_told_what_to_do(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1, kind="glare"), kind="document")
    scene.settle()
    text = human.texts()[-1]
    assert said("en", "retake_glare") in text
    assert said("en", "where_left_half") in text
    assert "%" not in text


def test_a_photo_that_breaks_the_model_is_given_up_and_the_next_is_read(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1, kind="breaks"))
    scene.stub.photograph(human, photo(2))
    for _ in range(scene.settings.max_tries):
        scene.stub.deliver(scene.post)
        scene.step()
        scene.worker.round()
        scene.step()
    scene.relay.sweep()
    scene.settle()
    texts = human.texts()
    assert sum(said("en", "gave_up") == text for text in texts) == 1
    assert sum("EF" in text for text in texts) == 1


def test_someone_without_a_phone_number_is_answered_by_their_id(scene: Scene) -> None:
    human = scene.agreed("IN.7", "")
    scene.stub.say(human, "help")
    scene.settle()
    assert human.got[-1]["recipient"] == "IN.7"
    assert "to" not in human.got[-1]


def test_an_id_that_is_not_taken_is_replaced_by_the_number(scene: Scene) -> None:
    human = scene.agreed("IN.7", "919900000001", id_not_taken_for=("interactive",))
    scene.stub.say(human, "language")
    scene.settle()
    assert human.got[-1]["to"] == "919900000001"
    assert "recipient" not in human.got[-1]


def test_an_id_that_is_not_taken_without_a_number_ends_the_letter_and_not_the_next(scene: Scene) -> None:
    human = scene.agreed("IN.7")
    human.id_not_taken_for = ("interactive",)
    scene.stub.say(human, "language")
    scene.settle()
    scene.stub.say(human, "help")
    scene.settle()
    assert human.texts() == [said("en", "help")]
    assert scene.one("SELECT state FROM outbox WHERE code = 131062 OR state = 'failed'") == "failed"


@pytest.mark.parametrize("form", ["user_changed_user_id", "user_changed_number", "user_id_update"])
def test_a_changed_id_is_followed(scene: Scene, form: str) -> None:
    human = scene.agreed("IN.7", "919900000001", language="hi")
    scene.stub.change_id(
        human, "IN.8", form=form, wa_id="919900000002" if form != "user_changed_user_id" else ""
    )
    scene.settle()
    scene.stub.photograph(human, photo(1))
    scene.settle()
    assert said("hi", "result_title") in human.texts()[-1]
    assert scene.one("SELECT count(*) FROM person") == 1


def test_news_of_a_changed_id_that_comes_late_makes_two_people_one(scene: Scene) -> None:
    human = scene.agreed("IN.7", language="kn")
    scene.stub.change_id(human, "IN.8")
    news = scene.stub.queue.pop()
    scene.stub.photograph(human, photo(1))
    scene.settle()
    assert scene.one("SELECT count(*) FROM person") == 2
    scene.stub.queue.append(news)
    scene.settle()
    assert scene.one("SELECT count(*) FROM person") == 1
    scene.stub.say(human, "DELETE")
    scene.settle()
    scene.stub.press(human, "yes")
    scene.settle()
    scene.relay.sweep()
    assert scene.counts("person", "alias", "job", "outbox") == [0, 0, 0, 0]


def test_a_number_given_to_somebody_else_does_not_show_them_the_conversation_before(scene: Scene) -> None:
    scene.agreed("IN.7", "919900000001", language="kn")
    other = scene.stub.human("IN.9", "919900000001")
    scene.stub.photograph(other, photo(1))
    scene.settle()
    assert "EF" not in " ".join(other.texts())
    assert scene.one("SELECT count(*) FROM person") == 2


def test_deleting_takes_everything_under_every_id(scene: Scene) -> None:
    human = scene.agreed("IN.7", "919900000001")
    scene.stub.photograph(human, photo(1))
    scene.settle()
    scene.stub.change_id(human, "IN.8")
    scene.stub.photograph(human, photo(2))
    scene.settle()
    assert len(scene.relay.vault.kept()) == 2
    scene.stub.say(human, "delete my data")
    scene.settle()
    scene.stub.press(human, "yes")
    scene.settle()
    assert human.texts()[-1] == said("en", "deleted")
    scene.relay.sweep()
    assert scene.relay.vault.kept() == {}
    assert scene.counts("person", "alias", "job", "outbox") == [0, 0, 0, 0]
    assert scene.one("SELECT count(*) FROM inbox WHERE body != '{}' OR person IS NOT NULL") == 0


def test_who_says_stop_hears_nothing_more_until_they_say_start(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.stub.deliver(scene.post)
    scene.step()
    scene.stub.say(human, "ನಿಲ್ಲಿಸಿ")
    scene.settle()
    assert human.texts()[-1] == said("en", "stopped")
    assert not any("EF" in text for text in human.texts())
    scene.stub.say(human, "start")
    scene.settle()
    assert human.texts()[-1] == said("en", "send_photo")


def test_messages_that_come_twice_in_any_order_are_answered_once(tmp_path: Path) -> None:
    from graph_stub import Faults

    scene = Scene(tmp_path / "relay", faults=Faults(twice=0.5, shuffled=True))
    human = scene.agreed()
    sent = [scene.stub.photograph(human, photo(number)) for number in range(8)]
    scene.settle()
    quoted = [message["context"]["message_id"] for message in human.got if "EF" in message["text"]["body"]]
    assert sorted(quoted) == sorted(sent)
    assert scene.one("SELECT count FROM counter WHERE name = 'inbox_repeated'") > 0
    scene.close()


def test_a_photo_is_deleted_a_day_after_its_answer_and_not_before(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.settle()
    scene.clock.pass_by(24 * 3600 - 60)
    scene.relay.sweep()
    assert len(scene.relay.vault.kept()) == 1
    scene.clock.pass_by(120)
    scene.relay.sweep()
    assert scene.relay.vault.kept() == {}
    assert scene.one("SELECT count(*) FROM outbox") == 0


def test_nothing_on_the_disk_shows_the_photo_or_the_answer(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, photo(1))
    scene.settle()
    content = b"".join(path.read_bytes() for path in scene.folder.rglob("*") if path.is_file())
    assert b"ok 1 " not in content
    assert b"Pumping" not in content
    assert b"Somebody" not in content
