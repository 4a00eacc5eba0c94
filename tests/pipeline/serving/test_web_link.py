"""The link for people without the messenger: the same inbox, the same answer, one browser."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from relay_scene import LINK_KEY, Bridge, Scene
from scripted_screening import ef_of, photo

from pipeline.serving.messages.spoken import LANGUAGES, said
from pipeline.serving.relay import links


class Browser:
    """Somebody's browser at one link."""

    def __init__(self, scene: Scene, *, ends_at: float | None = None, number: int = 1) -> None:
        ends_at = scene.clock() + 3600 if ends_at is None else ends_at
        token = links.made(LINK_KEY, random_bytes=bytes([number]) * 9, ends_at=ends_at)
        self.scene, self.path = scene, f"/link/{token}"
        self.http = httpx.Client(transport=Bridge(scene.app, scene.loop), base_url="http://relay")

    def look(self) -> str:
        """The page."""
        return self.http.get(self.path).text

    def press(self, meaning: str) -> int:
        """A button."""
        status = self.http.post(self.path, data={"text": meaning}).status_code
        self.scene.settle()
        self.scene.clock.pass_by(1)
        return status

    def send(self, content: bytes) -> int:
        """A photo."""
        status = self.http.post(self.path, files={"photo": ("a.jpg", content, "image/jpeg")}).status_code
        self.scene.settle()
        return status

    def agree(self, language: str = "en") -> None:
        """Choose and agree."""
        self.press(f"language:{language}")
        self.press("yes")


def said_on(page: str) -> list[str]:
    """The messages on a page."""
    return [unescape(text) for text in re.findall(r'<p class="said"[^>]*>(.*?)</p>', page, re.DOTALL)]


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_photo_by_link_is_answered_like_one_by_message(scene: Scene, language: str) -> None:
    browser = Browser(scene)
    assert all(name in browser.look() for name in ("ಕನ್ನಡ", "हिन्दी", "English"))
    browser.press(f"language:{language}")
    assert said_on(browser.look())[-1] == said(language, "consent", hours=24)
    browser.press("yes")
    assert 'type="file"' in browser.look()
    content = photo(1)
    assert browser.send(content) == 303
    page = browser.look()
    answer = said(
        language, "ef", ef=int(ef_of(content)), low=int(ef_of(content)) - 8, high=int(ef_of(content)) + 8
    )
    assert answer in said_on(page)[-1]
    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_words_that_always_count_are_buttons_in_the_persons_language(scene: Scene, language: str) -> None:
    browser = Browser(scene)
    assert browser.look().count("English") == 1, "a language is asked for once"
    browser.press(f"language:{language}")
    page = browser.look()
    for word in ("help", "delete"):
        (shown,) = re.findall(rf'value="{word}">([^<]*)<', page)
        assert word.upper() in shown
        assert language == "en" or LANGUAGES[language].WORDS[word][0] in shown
    assert 'value="language"' in page


def test_the_last_answer_is_seen_first_and_what_came_before_is_folded(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree("hi")
    for number in (1, 2):
        browser.send(photo(number))
    folded, _, opened = browser.look().partition("</details>")
    assert said("hi", "page_earlier") in folded and said("hi", "consent", hours=24) in folded
    assert len(said_on(opened)) == 3 and "EF" in said_on(opened)[-1]


def test_who_waits_for_an_answer_is_told_so_below_what_was_said(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    browser.http.post(browser.path, files={"photo": ("a.jpg", photo(1), "image/jpeg")})
    assert said_on(browser.look())[-1] == said("en", "page_waiting")
    scene.settle()
    assert said("en", "page_waiting") not in browser.look()


def test_no_photo_can_be_chosen_before_consent(scene: Scene) -> None:
    browser = Browser(scene)
    browser.press("language:en")
    assert 'type="file"' not in browser.look()


def test_the_page_loads_nothing_runs_nothing_and_is_not_kept(scene: Scene) -> None:
    browser = Browser(scene)
    answer = browser.http.get(browser.path)
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"nonce-([\w-]+)", policy).group(1)  # type: ignore[union-attr]
    assert policy.startswith("default-src 'none';")
    assert f'<style nonce="{nonce}">' in answer.text
    assert not re.search(r"<script|\ssrc=|https?:|\son\w+=|<link|@import|url\(", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert browser.http.get(browser.path).headers["content-security-policy"] != policy


def test_a_page_that_looks_again_by_itself_loses_no_chosen_photo(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    browser.http.post(browser.path, files={"photo": ("a.jpg", photo(1), "image/jpeg")})
    waiting = browser.look()
    assert 'http-equiv="refresh"' in waiting
    assert 'type="file"' not in waiting
    scene.settle()
    done = browser.look()
    assert 'http-equiv="refresh"' not in done
    assert 'type="file"' in done


def test_looking_does_not_take_a_link_up_and_pressing_does(scene: Scene) -> None:
    first, second = Browser(scene), Browser(scene)
    first.look()
    second.look()
    first.agree()
    assert second.http.get(second.path).status_code == 403
    assert second.http.post(second.path, data={"text": "help"}).status_code == 403
    assert 'type="file"' in first.look()


def test_the_cookie_is_for_this_link_and_no_script(scene: Scene) -> None:
    browser = Browser(scene)
    answer = browser.http.post(browser.path, data={"text": "language:en"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"path={browser.path.lower()}" in cookie


@pytest.mark.parametrize("way", ["over", "forged", "cut", "other secret"])
def test_a_link_that_is_none_shows_nothing(scene: Scene, way: str) -> None:
    browser = Browser(scene, ends_at=scene.clock() - 1 if way == "over" else None)
    token = browser.path.removeprefix("/link/")
    if way == "forged":
        browser.path = f"/link/{'B' if token[0] != 'B' else 'C'}{token[1:]}"
    elif way == "cut":
        browser.path = browser.path[:-1]
    elif way == "other secret":
        browser.path = "/link/" + links.made("other", random_bytes=b"x" * 9, ends_at=scene.clock() + 9)
    assert browser.http.get(browser.path).status_code == 404
    assert browser.http.post(browser.path, data={"text": "hi"}).status_code == 404
    assert scene.counts("person", "inbox") == [0, 0]


@given(text=st.text(max_size=120))
def test_no_other_text_is_a_link(text: str) -> None:
    token = links.made(LINK_KEY, random_bytes=b"r" * 9, ends_at=2e9)
    assert (links.opened(LINK_KEY, text, now=1.0) is not None) == (text == token)


def test_the_same_photo_twice_is_one_photo(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    for _ in range(3):
        browser.send(photo(1))
    assert scene.counts("job") == [1]
    # Its answer, and once more: presses within a second are one.
    page = browser.look()
    assert page.count("EF") == 2 and page.count(said("en", "already_read")) == 1


def test_what_is_no_picture_is_told_so_and_not_kept(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    browser.send(b"MZ" + bytes(100))
    assert said_on(browser.look())[-1] == said("en", "not_a_photo")
    assert scene.relay.vault.kept() == {}


def test_too_large_too_many_and_no_form_are_refused(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    large = browser.http.post(browser.path, files={"photo": ("a.jpg", photo(1, size=16_100_000))})
    assert large.status_code == 413
    assert said_on(large.text) == [said(code, "too_large", megabytes=16) for code in LANGUAGES]
    odd = browser.http.post(browser.path, content=b"--x", headers={"content-type": "multipart/form-data"})
    assert odd.status_code == 400 and said("en", "photo_gone") in said_on(odd.text)
    for number in range(scene.settings.link_photos):
        assert browser.send(photo(number)) == 303
    assert browser.send(photo(99)) == 403


def test_a_link_that_has_had_its_photos_says_so_and_still_deletes(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    for number in range(scene.settings.link_photos):
        browser.send(photo(number))
    scene.clock.pass_by(60)
    page = browser.look()
    assert said_on(page)[-1] == said("en", "page_expired") and 'type="file"' not in page
    assert browser.press("help") == 303
    assert browser.press("delete") == 303 and browser.press("yes") == 303
    assert scene.counts("job") == [0] and scene.relay.vault.kept() == {}


def ef_told(content: bytes) -> str:
    """The line of the answer to a photo."""
    ef = int(ef_of(content))
    return said("en", "ef", ef=ef, low=ef - 8, high=ef + 8)


@pytest.mark.parametrize("before", ["stopped", "not agreed"])
def test_a_photo_that_came_to_nothing_is_read_when_it_is_sent_again(scene: Scene, before: str) -> None:
    browser = Browser(scene)
    if before == "stopped":
        browser.agree()
        browser.press("stop")
    browser.send(photo(1))
    if before == "stopped":
        browser.press("start")
    else:
        browser.press("language:en")
        browser.press("no")
        browser.press("start")
        browser.press("yes")
    assert scene.counts("job") == [0]
    browser.send(photo(1))
    assert ef_told(photo(1)) in said_on(browser.look())[-1]


def test_who_is_asked_to_send_a_photo_again_may_send_the_same_file(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    well, scene.worker.screen = scene.worker.screen, lambda _photo: 1 / 0  # type: ignore[assignment, return-value]
    browser.send(photo(1))
    scene.clock.pass_by(200)
    scene.relay.sweep()
    assert said_on(browser.look())[-1] == said("en", "gave_up")
    scene.worker.screen = well
    browser.send(photo(1))
    assert ef_told(photo(1)) in said_on(browser.look())[-1]


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_answer_is_given_again_when_its_photo_is_sent_again(scene: Scene, language: str) -> None:
    browser = Browser(scene)
    browser.agree(language)
    browser.send(photo(1))
    answer = said_on(browser.look())[-1]
    browser.send(photo(2))
    scene.clock.pass_by(60)
    browser.send(photo(1))
    assert said_on(browser.look())[-1] == f"{said(language, 'already_read')}\n{answer}"
    assert scene.counts("job") == [2] and len(scene.relay.vault.kept()) == 2
    browser.press("stop")
    scene.clock.pass_by(60)
    browser.send(photo(1))
    assert said_on(browser.look())[-1] == said(language, "is_stopped")


def test_a_file_of_several_pages_is_told_to_be_read_in_part(scene: Scene) -> None:
    browser, screen = Browser(scene), scene.worker.screen
    scene.worker.screen = lambda content: replace(screen(content), pages=31)  # type: ignore[assignment, type-var]
    browser.agree("kn")
    for kind in ("ok", "blurred"):
        browser.send(photo(1, kind=kind))
        assert said("kn", "pages", pages=31) in said_on(browser.look())[-1]


def test_a_full_disk_asks_for_patience(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_job: str, _photo: bytes) -> None:
        raise OSError(28, "No space left on device")

    browser = Browser(scene)
    browser.agree()
    monkeypatch.setattr(scene.relay.vault, "keep_photo", full)
    sent = browser.http.post(browser.path, files={"photo": ("a.jpg", photo(1), "image/jpeg")})
    assert sent.status_code == 503 and said("en", "page_busy") in said_on(sent.text)
    monkeypatch.undo()
    browser.send(photo(1))
    assert ef_told(photo(1)) in said_on(browser.look())[-1]


def test_words_of_the_page_come_from_us_alone(scene: Scene) -> None:
    browser = Browser(scene)
    browser.press("<script>alert(1)</script>")
    browser.agree()
    browser.press("<b>hello</b>")
    assert "<script" not in browser.look()
    assert "<b>" not in browser.look()


def test_deleting_by_link_takes_everything_and_ends_the_link(scene: Scene) -> None:
    browser = Browser(scene)
    browser.agree()
    browser.send(photo(1))
    browser.press("delete")
    browser.press("yes")
    assert said_on(browser.look())[-1] == said("en", "deleted")
    scene.relay.sweep()
    assert scene.counts("person", "alias", "job", "outbox") == [0, 0, 0, 0]
    assert scene.relay.vault.kept() == {}
    assert browser.http.get(browser.path).status_code in (403, 404)


def test_two_links_are_two_people(scene: Scene) -> None:
    first, second = Browser(scene, number=1), Browser(scene, number=2)
    first.agree()
    second.agree("hi")
    first.send(photo(1))
    assert "EF" in first.look()
    assert "EF" not in second.look()
