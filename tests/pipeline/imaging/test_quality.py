"""A picture that can't be used is refused with the reason, and a usable one is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from house_tree import ROOT
from numpy.typing import NDArray
from planted_pages import page

from pipeline.imaging.capture import SETTINGS, CaptureSettings, Condition
from pipeline.imaging.ecg_photo import photograph_ecg
from pipeline.imaging.photo_effects import NO_EFFECTS, PhotoEffects
from pipeline.imaging.photo_file import decode_photo, read_photo
from pipeline.imaging.quality import SENTENCES, Complaint, Fault, judge
from pipeline.serving.golden import example_photos

PHONE = SETTINGS[Condition.PHONE]
PHOTOS = ROOT / "../shared/ecg/photos/images"
Pixels = NDArray[np.uint8]


@cache
def shot(settings: CaptureSettings = PHONE, effects: PhotoEffects = NO_EFFECTS, number: int = 1) -> Pixels:
    """A photograph of a page at the resolution the limits were measured at; not to be written to."""
    drawn = page(number, px_per_mm=6.0)
    image = photograph_ecg(drawn, np.random.default_rng(number), settings, effects).image
    image.setflags(write=False)
    return image


def spoilt(name: str) -> Pixels:
    """One picture with one planted fault."""
    good = shot()
    height, width = good.shape[:2]
    rng = np.random.default_rng(0)
    made = {
        "blurred": lambda: shot(replace(PHONE, blur_px=7.0)),
        "glare": lambda: shot(effects=PhotoEffects(glare=0.25, glare_at=(0.2, 0.5))),
        "upside_down": lambda: good[::-1, ::-1],
        "on_its_side": lambda: np.rot90(good),
        "mirrored": lambda: good[:, ::-1],
        "cut_off": lambda: good[:, : int(0.55 * width)],
        "too_small": lambda: cv2.resize(good, (320, 226), interpolation=cv2.INTER_AREA),
        "two_ecgs": lambda: np.hstack([good, shot(number=2)[:height]]),
        "not_an_ecg": lambda: cv2.GaussianBlur(
            rng.integers(0, 256, (600, 800, 3), dtype=np.uint8), (0, 0), 9.0
        ),
    }
    return np.ascontiguousarray(made[name](), dtype=np.uint8)


def test_pulses_upwards_at_the_right_end_neither_turn_nor_mirror_a_page() -> None:
    # Some devices print their pulses there: here the left end of a page is put behind its right one.
    drawn = page(1, px_per_mm=6.0)
    box = next(iter(drawn.lead_boxes.values()))
    moved = np.ascontiguousarray(np.roll(drawn.image, -box[0], axis=1))
    assert judge(moved).is_usable


@pytest.mark.parametrize("example", range(3))
def test_an_ecg_that_runs_backwards_is_mirrored_also_where_it_is_crooked(example: int) -> None:
    photo = decode_photo(example_photos()[example], "photo")
    assert judge(photo).is_usable
    mirrored = judge(np.ascontiguousarray(photo[:, ::-1]))
    assert [one.fault for one in mirrored.complaints] == [Fault.MIRRORED]


@pytest.mark.parametrize("fault", list(Fault))
def test_a_planted_fault_is_named(fault: Fault) -> None:
    quality = judge(spoilt(fault.value))
    assert not quality.is_usable
    assert quality.complaints[0].fault is fault


def test_a_white_margin_is_no_glare() -> None:
    exported = np.minimum(shot(SETTINGS[Condition.CLEAN]), np.array((255, 226, 232), np.uint8))
    exported[500:760, 2:300] = 255  # such exports have a darker rim
    assert Fault.GLARE not in [complaint.fault for complaint in judge(exported).complaints]


@pytest.mark.parametrize("condition", [Condition.CLEAN, Condition.PHONE, Condition.HARSH])
def test_a_good_page_is_accepted(condition: Condition) -> None:
    assert judge(shot(SETTINGS[condition])).complaints == ()


def what_is_no_ecg(name: str) -> Pixels:
    """Pictures with lines, rows or a grid that no heart has drawn."""
    sheet = np.full((1100, 1600, 3), 252, np.uint8)
    rng = np.random.default_rng(4)
    if name == "bars":
        sheet[:, np.arange(1600) // 200 % 2 == 0] = (20, 90, 160)
    elif name == "soft bars":
        sheet[:] = (127 + 120 * np.sin(np.arange(1100) / 9))[:, None, None]
    elif name == "squared paper":
        sheet[::20], sheet[:, ::20] = (250, 170, 170), (250, 170, 170)
    elif name == "staves":
        for line in range(40):
            cv2.line(sheet, (60, y := 60 + line // 5 * 130 + line % 5 * 12), (1540, y), (0, 0, 0), 2)
        for note in range(300):
            cv2.circle(sheet, (80 + note % 38 * 38, 60 + note // 38 * 130 + int(rng.integers(48))), 6, 0, -1)
    else:
        for x, y in ((x, y) for x in range(0, 1600, 100) for y in range(0, 1100, 22)):
            cv2.rectangle(sheet, (x, y), (x + 100, y + 22), (60, 60, 60))
            cv2.putText(sheet, f"{rng.random():.3f}", (x + 9, y + 17), 0, 0.5, (0, 0, 0), 1)
    return sheet


@pytest.mark.parametrize("name", ["bars", "soft bars", "squared paper", "staves", "table"])
def test_lines_without_a_heart_are_no_ecg(name: str) -> None:
    assert [one.fault for one in judge(what_is_no_ecg(name)).complaints] == [Fault.NOT_AN_ECG]


@pytest.mark.parametrize("shape", [(16, 4000), (4000, 20), (151, 3000), (3000, 160)])
def test_a_strip_is_too_small_or_no_ecg_and_breaks_nothing(shape: tuple[int, int]) -> None:
    strip = np.full((*shape, 3), 240, np.uint8)
    assert judge(strip).complaints[0].fault in (Fault.TOO_SMALL, Fault.NOT_AN_ECG)


def test_it_says_where_the_glare_is_and_which_half_is_missing() -> None:
    assert [judge(spoilt(name)).complaints[0].where for name in ("glare", "cut_off")] == [
        "left half",
        "right half",
    ]


def test_every_fault_has_a_sentence_that_is_filled_in() -> None:
    assert set(SENTENCES) == set(Fault)
    for fault in Fault:
        sentence = Complaint(fault, "left half", 1.0, 2.0).sentence
        assert sentence.endswith(".") and "{" not in sentence


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the photographs are not on this machine")
# The sheet of the last is creased, and its edges were taken for traces: it was called upside down.
@pytest.mark.parametrize("name", ["00012_hr-0.jpg", "01286_hr-0.jpg", "02378_hr-0.jpg"])
def test_real_photographs_are_accepted(name: str) -> None:
    assert judge(read_photo(PHOTOS / name)).is_usable
