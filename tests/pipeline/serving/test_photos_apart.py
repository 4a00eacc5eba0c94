"""A photograph from elsewhere is decoded by another process: one that hangs or grows costs itself alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
from fastapi.testclient import TestClient
from hostile_photos import endless_pdf, many_scans
from pydantic import SecretStr
from test_api import KEY, Scripted

from db.apart import decoder
from db.apart.kind import NoProcessError
from db.errors import EchoDeskError
from pipeline.config.settings import PictureSettings
from pipeline.imaging.capture import encode_jpeg
from pipeline.imaging.preprocess import normalised, preprocess_file, to_square
from pipeline.serving.api import create_api
from pipeline.serving.golden import example_photos
from pipeline.serving.photos import apart, decoding
from pipeline.serving.photos.budget import cpu_s_for
from pipeline.serving.serve_settings import ServingSettings

PHOTO = example_photos()[0]


def test_the_pixels_are_those_that_this_process_would_see() -> None:
    assert np.array_equal(apart.decoded_apart(PHOTO), decoding.decoded(PHOTO))


def test_who_is_screened_is_seen_as_training_saw_its_photographs(tmp_path: Path) -> None:
    settings = PictureSettings(working_px=940)
    for width in (1889, 8200):  # as it is; and so large that a JPEG is decoded smaller
        image = np.asarray(cv2.resize(decoding.decoded(PHOTO), (width, 500)), np.uint8)
        file = tmp_path / "photo.jpg"
        file.write_bytes(encode_jpeg(image, 80))
        served = to_square(decoding.decoded(file.read_bytes()), settings)
        np.testing.assert_array_equal(normalised(served, settings), preprocess_file(file, settings))


def test_this_process_decodes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(*_given: object, **_more: object) -> Any:
        raise AssertionError("decoded here")

    for module, name in ((cv2, "imdecode"), (PIL.Image, "open")):
        monkeypatch.setattr(module, name, here)
    assert apart.decoded_apart(PHOTO).shape[2] == 3


def test_what_is_wrong_with_a_photo_is_said_in_the_same_words() -> None:
    for data in (b"", b"no picture", PHOTO[: len(PHOTO) // 2]):
        said = []
        for decode in (decoding.decoded, apart.decoded_apart):
            with pytest.raises(EchoDeskError) as caught:
                decode(data)
            said.append((caught.value.message, caught.value.hint))
        assert said[0] == said[1]


def test_a_page_that_draws_for_ever_is_ended_and_the_next_photo_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(apart, "_LIMITS", replace(apart._LIMITS, step_s=0.3, cpu_s=None))
        with pytest.raises(EchoDeskError, match="takes too long"):
            apart.decoded_apart(endless_pdf())
    # Its process was replaced before anybody asked.
    assert len(decoder._of(apart._PHOTOS)._idle) == 1
    assert apart.decoded_apart(PHOTO).size


@pytest.mark.parametrize("make", [endless_pdf, many_scans])
def test_what_takes_long_is_ended_by_the_processor_time_it_has_had(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes]
) -> None:
    # By the clock there is time for ever, as on a machine that does much else.
    monkeypatch.setattr(apart, "_LIMITS", replace(apart._LIMITS, step_s=600.0))
    with pytest.raises(EchoDeskError, match="takes too long"):
        apart.decoded_apart(make())


def test_a_large_picture_may_take_longer_than_a_small_one_and_none_for_ever() -> None:
    small, large = cpu_s_for("JPEG", 2_000_000), cpu_s_for("JPEG", 48_000_000)
    assert 0.5 < small < 1 < large < cpu_s_for("JPEG", 10**10) == cpu_s_for("HEIF", 10**10)
    assert cpu_s_for("JPEG", 12_000_000) < cpu_s_for("PNG", 12_000_000) < cpu_s_for("HEIF", 12_000_000)


def test_the_time_that_a_picture_may_take_is_known_before_it_is_decoded() -> None:
    begun: list[float] = []
    decoding.decoded(PHOTO, begin=begun.append)
    width, height = PIL.Image.open(io.BytesIO(PHOTO)).size
    assert begun == [cpu_s_for("JPEG", width * height)]
    with pytest.raises(EchoDeskError):
        decoding.decoded(b"no picture", begin=begun.append)
    assert len(begun) == 1


def test_a_photo_that_takes_too_much_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_LIMITS", replace(apart._LIMITS, memory_bytes=120_000_000))
    large = io.BytesIO()
    PIL.Image.new("RGB", (4_000, 4_000), "white").save(large, "PNG", compress_level=1)
    with pytest.raises(EchoDeskError, match="too much memory"):
        apart.decoded_apart(large.getvalue())


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
