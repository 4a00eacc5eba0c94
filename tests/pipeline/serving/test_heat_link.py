"""The heat map behind a link: for who has the link, not for previews, and gone with the photo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import scripted_screening
from relay_scene import LINK_KEY, Scene

from pipeline.serving.relay import links
from pipeline.serving.screened import Reading, Screened

HEAT = b"\xff\xd8\xff a photo with warm places"
JOB = "0123456789abcdef" * 2


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path, more={"public_url": "https://ecg.example"})
    found.worker = replace(found.worker, screen=_reading)
    yield found
    found.close()


def _reading(photo: bytes) -> Reading:
    answer = scripted_screening.screen(photo)
    assert isinstance(answer, Screened)
    return Reading(answer, HEAT)


def _link_in(text: str) -> str:
    found = re.search(r"https://ecg\.example(/heat/\S+)", text)
    return found[1] if found else ""


def test_the_answer_holds_a_link_that_shows_the_heat_map_at_a_press(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, scripted_screening.photo(1))
    scene.settle()
    link = _link_in(human.texts()[-1])
    preview = scene.http.get(link)
    assert preview.status_code == 200 and b"data:image" not in preview.content
    shown = scene.http.post(link)
    assert shown.status_code == 200 and b"data:image/jpeg;base64," in shown.content
    assert shown.headers["cache-control"] == "no-store"
    assert "img-src data:" in shown.headers["content-security-policy"]
    assert scene.http.post(link[:-3] + "abc").status_code == 404


def test_the_heat_map_goes_with_the_photo(scene: Scene) -> None:
    human = scene.agreed()
    scene.stub.photograph(human, scripted_screening.photo(1))
    scene.settle()
    link = _link_in(human.texts()[-1])
    assert list(scene.relay.vault.photos.glob("*.heat"))
    scene.clock.pass_by(scene.settings.keep_photos_s + 1)
    scene.relay.sweep()
    assert not list(scene.relay.vault.photos.glob("*.heat"))
    assert scene.http.post(link).status_code == 404


def test_where_nobody_could_follow_a_link_none_is_given(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.worker = replace(scene.worker, screen=_reading)
    human = scene.agreed()
    scene.stub.photograph(human, scripted_screening.photo(1))
    scene.settle()
    assert "/heat/" not in human.texts()[-1]
    assert not list(scene.relay.vault.photos.glob("*.heat"))
    scene.close()


def test_one_kind_of_link_does_not_open_the_other() -> None:
    heat = links.heat_made(LINK_KEY, JOB, ends_at=100)
    assert links.heat_opened(LINK_KEY, heat, now=99) == JOB
    assert links.heat_opened(LINK_KEY, heat, now=100) is None
    assert links.heat_opened("another-key-altogether", heat, now=0) is None
    assert links.opened(LINK_KEY, heat, now=0) is None
    link = links.made(LINK_KEY, random_bytes=bytes(9), ends_at=100)
    assert links.heat_opened(LINK_KEY, link, now=0) is None
