"""Pictures become squares once; what a training draw changes follows from its seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from db.errors import EchoDeskError
from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.training.inputs.pictures import PictureInputs, augmentation, keep_squares, square_reader

SETTINGS = PictureSettings(image_size_px=32)


def squares(n: int) -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, size=(n, 32, 32), dtype=np.uint8)


def test_squares_are_made_once_and_taken_up_again(tmp_path: Path) -> None:
    wanted, calls = squares(3), []

    def reader(place: int):  # noqa: ANN202
        def read() -> np.ndarray:
            calls.append(place)
            return wanted[place]

        return read

    readers = [reader(place) for place in range(3)]
    for _ in range(2):
        kept, bad = keep_squares(readers, 32, tmp_path / "squares.npy", workers=1)
        assert np.array_equal(kept, wanted)
        assert bad == {}
    assert sorted(calls) == [0, 1, 2]


def test_a_picture_that_cannot_be_read_is_named_with_its_reason_both_times(tmp_path: Path) -> None:
    def broken() -> np.ndarray:
        raise EchoDeskError("x.jpg: cut short")

    for _ in range(2):
        kept, bad = keep_squares([lambda: squares(1)[0], broken], 32, tmp_path / "s.npy", workers=2)
        assert bad == {1: "x.jpg: cut short"}
        assert not kept[1].any()


def test_a_damaged_file_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "damaged.jpg"
    file.write_bytes(b"\xff\xd8\xff nothing else")
    with pytest.raises(EchoDeskError, match=r"damaged\.jpg"):
        square_reader(file, SETTINGS)()


def test_the_same_seed_draws_the_same_change() -> None:
    inputs = PictureInputs(squares(2), SETTINGS, changes=augmentation(AugmentationSettings()))
    places, seeds = np.array([0, 1, 0]), np.array([7, 7, 8])
    drawn, again = inputs.drawn(places, seeds), inputs.drawn(places, seeds)
    assert torch.equal(drawn, again)
    assert drawn.shape == (3, 3, 32, 32)
    assert not torch.equal(drawn[0], drawn[2])


def test_without_augmentation_a_draw_is_the_picture_itself() -> None:
    inputs = PictureInputs(squares(2), SETTINGS, changes=augmentation(AugmentationSettings(enabled=False)))
    places = np.array([1, 0])
    assert torch.equal(inputs.drawn(places, np.array([1, 2])), inputs.plain(places))
    assert not torch.equal(inputs.plain(places, 1), inputs.plain(places))


def test_pictures_are_found_where_they_lie_after_some_were_left_out() -> None:
    all_of_them = PictureInputs(squares(3), SETTINGS)
    usable = PictureInputs(squares(3), SETTINGS, rows=np.array([0, 2]))
    assert torch.equal(usable.plain(np.array([1])), all_of_them.plain(np.array([2])))
