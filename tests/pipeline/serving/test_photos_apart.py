"""A photograph from elsewhere is decoded by another process: one that hangs or grows costs itself alone."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from test_api import KEY, Scripted

from db.apart import decoder
from db.apart.kind import NoProcessError
from db.errors import EchoDeskError
from pipeline.imaging import photo_file
from pipeline.serving.api import create_api
from pipeline.serving.golden import example_photos
from pipeline.serving.photos import apart, decoding
from pipeline.serving.serve_settings import ServingSettings

PHOTO = example_photos()[0]


def endless_pdf(fills: int = 19_000) -> bytes:
    """A page that is filled again and again: few enough objects, and minutes of drawing."""
    content = b"q 1 0 0 1 0 0 cm 0 0 500 800 re f Q\n" * fills
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 800] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n" % len(content) + content + b"endstream",
    ]  # fmt: skip
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (place + 1, part) for place, part in enumerate(parts))
    return b"%PDF-1.4\n" + body + b"trailer\n<< /Size 5 /Root 1 0 R >>\n"


@pytest.mark.parametrize("working_px", [None, 600])
def test_the_pixels_are_those_that_this_process_would_see(working_px: int | None) -> None:
    found = apart.decoded_apart(PHOTO, working_px)
    assert np.array_equal(found, decoding.decoded(PHOTO, working_px))


def test_this_process_decodes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(*_given: object, **_more: object) -> Any:
        raise AssertionError("decoded here")

    for module, name in ((photo_file.cv2, "imdecode"), (photo_file.PIL.Image, "open")):
        monkeypatch.setattr(module, name, here)
    assert apart.decoded_apart(PHOTO, None).shape[2] == 3


def test_what_is_wrong_with_a_photo_is_said_in_the_same_words() -> None:
    for data in (b"", b"no picture", PHOTO[: len(PHOTO) // 2]):
        said = []
        for decode in (decoding.decoded, apart.decoded_apart):
            with pytest.raises(EchoDeskError) as caught:
                decode(data, None)
            said.append((caught.value.message, caught.value.hint))
        assert said[0] == said[1]


def test_a_page_that_draws_for_ever_is_ended_and_the_next_photo_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(apart, "_LIMITS", replace(apart._LIMITS, step_s=0.3))
        with pytest.raises(EchoDeskError, match="takes too long"):
            apart.decoded_apart(endless_pdf(), None)
    # Its process was replaced before anybody asked.
    assert len(decoder._of(apart._PHOTOS)._idle) == 1
    assert apart.decoded_apart(PHOTO, 600).size


def test_a_photo_that_takes_too_much_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_LIMITS", replace(apart._LIMITS, memory_bytes=120_000_000))
    large = io.BytesIO()
    photo_file.PIL.Image.new("RGB", (4_000, 4_000), "white").save(large, "PNG", compress_level=1)
    with pytest.raises(EchoDeskError, match="too much memory"):
        apart.decoded_apart(large.getvalue(), None)


@pytest.mark.parametrize(
    "facts", [{}, {"height": "2", "width": 2}, {"height": -1, "width": -1}, {"height": 10**6, "width": 10**6}]
)
def test_what_a_decoder_says_of_a_picture_is_not_believed(facts: dict[str, Any]) -> None:
    with pytest.raises(EchoDeskError, match="damaged"):
        apart._image(decoder.Answer(facts, 3, lambda size: bytes(size)))


def test_a_machine_without_room_is_not_the_fault_of_the_photo() -> None:
    class Full(Scripted):
        def screen_with_heat(self, data: bytes, *, wants_heat: bool = True) -> Any:
            raise NoProcessError("no process can be started to open files")

    api = create_api(lambda: Full(), ServingSettings(keys=SecretStr(KEY)))  # type: ignore[arg-type, return-value]
    with TestClient(api) as client:
        answer = client.post("/v1/screen", content=b"ok", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 503 and answer.headers["retry-after"]
