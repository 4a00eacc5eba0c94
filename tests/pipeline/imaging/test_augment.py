"""Training pictures are changed as cameras change them, the same for the same chance, and never mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.imaging.augment import VIEWS, AugmentationSettings, augmented, changed, draw_change, shifted

NOTHING = AugmentationSettings(
    rotation_deg=0, shift=0, scale=0, brightness=0, contrast=0, blur_share=0, noise_share=0, patches=0
)


def slope() -> np.ndarray:
    """A picture that a flip would change: bright to the right, dark below."""
    x, y = np.meshgrid(np.arange(96), np.arange(96))
    return (60 + x - y / 2).astype(np.uint8)


@given(st.integers(0, 2**32 - 1))
def test_a_flip_is_never_drawn(seed: int) -> None:
    wild = AugmentationSettings(rotation_deg=15, shift=0.2, scale=0.3)
    affine = draw_change(384, np.random.default_rng(seed), wild).affine
    assert np.linalg.det(affine[:, :2]) > 0
    # Not turned upside down either: right stays right and down stays down.
    assert affine[0, 0] > 0.5 and affine[1, 1] > 0.5


@given(st.integers(0, 2**32 - 1))
def test_left_stays_left_and_top_stays_top(seed: int) -> None:
    out = augmented(slope(), np.random.default_rng(seed), AugmentationSettings(patches=0)).astype(float)
    assert out[:, 60:].mean() > out[:, :36].mean()
    assert out[:36].mean() > out[60:].mean()


def test_nothing_allowed_changes_nothing() -> None:
    assert np.array_equal(augmented(slope(), np.random.default_rng(3), NOTHING), slope())


def test_the_same_chance_gives_the_same_picture_and_another_another() -> None:
    first, again, other = (
        augmented(slope(), np.random.default_rng(seed), AugmentationSettings()) for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_geometry_is_what_torchvision_makes_of_the_same_numbers() -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    import torch

    square = np.zeros((97, 97), np.uint8)
    square[30:50, 20:60] = 200
    rng = np.random.default_rng(11)
    drawn = draw_change(
        97, rng, NOTHING.model_copy(update={"rotation_deg": 6.0, "scale": 0.1, "shift": 0.05})
    )
    ours = changed(square, drawn, rng)
    turn = drawn.affine[:, :2]
    angle = -np.degrees(np.arctan2(turn[0, 1], turn[0, 0]))
    zoom = float(np.sqrt(np.linalg.det(turn)))
    middle = np.array([48.5, 48.5])
    move = turn @ middle + drawn.affine[:, 2] - middle
    theirs = functional.affine(
        torch.from_numpy(square)[None],
        angle=float(angle),
        translate=[float(move[0]), float(move[1])],
        scale=zoom,
        shear=[0.0],
        interpolation=functional.InterpolationMode.BILINEAR,
        center=[48.5 + 0.5, 48.5 + 0.5],  # torchvision counts from corners, OpenCV from centres
    )[0].numpy()
    inside = slice(12, -12)
    difference = np.abs(ours[inside, inside].astype(int) - theirs[inside, inside].astype(int))
    assert np.mean(difference > 12) < 0.01


def test_tones_are_what_torchvision_makes_of_them() -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    import torch

    rng = np.random.default_rng(2)
    drawn = draw_change(96, rng, NOTHING.model_copy(update={"contrast": 0.3}))
    # Contrast around the middle grey: torchvision's blend with a constant picture.
    middle = torch.full((1, 96, 96), 128, dtype=torch.uint8)
    theirs = (torch.from_numpy(slope())[None].float() - middle) * drawn.contrast + middle
    ours = changed(slope(), drawn, rng)
    assert np.abs(ours.astype(int) - theirs.clamp(0, 255).round()[0].numpy()).max() <= 1
    brighter = draw_change(96, rng, NOTHING.model_copy(update={"brightness": 0.1}))
    told = functional.to_dtype(torch.from_numpy(slope())[None], torch.float32, scale=True)
    expected = ((told + brighter.brightness / 255).clamp(0, 1) * 255).round()[0].numpy()
    assert np.abs(changed(slope(), brighter, rng).astype(int) - expected).max() <= 1


def test_noise_has_the_deviation_that_was_drawn_and_no_pattern_of_rows() -> None:
    rng = np.random.default_rng(8)
    drawn = draw_change(256, rng, NOTHING.model_copy(update={"noise_share": 1.0, "noise": 10.0}))
    noise = changed(np.full((256, 256), 128, np.uint8), drawn, rng).astype(float) - 128
    assert noise.std() == pytest.approx(drawn.noise, rel=0.03)
    assert abs(noise.mean()) < 0.2
    for alike in (np.corrcoef(noise), np.corrcoef(noise.T)):
        assert np.abs(np.diagonal(alike, 1)).mean() < 0.1  # 0.05 where neighbours have nothing in common


def test_blur_is_what_torchvision_makes_of_the_same_deviation() -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    import torch

    square = np.random.default_rng(4).integers(0, 256, (96, 96)).astype(np.uint8)
    rng = np.random.default_rng(7)
    for _ in range(4):
        drawn = draw_change(96, rng, NOTHING.model_copy(update={"blur_share": 1.0, "blur_px": 1.5}))
        assert 0.45 <= drawn.blur_px <= 1.5
        side = 2 * int(np.ceil(2.5 * drawn.blur_px)) + 1
        theirs = functional.gaussian_blur(torch.from_numpy(square)[None], side, drawn.blur_px)[0].numpy()
        difference = np.abs(changed(square, drawn, rng).astype(int) - theirs.astype(int))
        assert difference[8:-8, 8:-8].max() <= 1


def test_a_change_is_drawn_as_often_and_as_strong_as_the_settings_say() -> None:
    settings, rng = AugmentationSettings(), np.random.default_rng(12)
    drawn = [draw_change(384, rng, settings) for _ in range(2000)]
    blur, noise = (np.array([getattr(one, name) for one in drawn]) for name in ("blur_px", "noise"))
    assert np.mean(blur > 0) == pytest.approx(settings.blur_share, abs=0.05)
    assert np.mean(noise > 0) == pytest.approx(settings.noise_share, abs=0.05)
    for found, most in ((blur[blur > 0], settings.blur_px), (noise[noise > 0], settings.noise)):
        assert found.mean() == pytest.approx(0.65 * most, rel=0.05)
        assert 0.3 * most <= found.min() and found.max() <= most
    counts = np.bincount([len(one.patches) for one in drawn], minlength=settings.patches + 1)
    assert counts == pytest.approx(np.full(settings.patches + 1, 400), abs=80)
    for one in drawn:
        for left, top, width, height in one.patches:
            assert 0 <= left <= 384 - width and 0 <= top <= 384 - height
            assert max(width, height) <= round(settings.patch * 384)


def test_patches_cover_what_was_drawn_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    drawn = draw_change(96, rng, NOTHING.model_copy(update={"patches": 4}))
    out = changed(slope(), drawn, rng)
    covered = np.zeros((96, 96), bool)
    for left, top, width, height in drawn.patches:
        covered[top : top + height, left : left + width] = True
    assert drawn.patches
    assert np.array_equal(out[~covered], slope()[~covered])
    assert len(np.unique(out[covered])) == 1


def test_views_of_test_time_are_mild_shifts_of_the_picture() -> None:
    square = slope()
    assert np.array_equal(shifted(square, 0), square)
    for view in range(1, VIEWS):
        moved = shifted(square, view)
        assert not np.array_equal(moved, square)
        assert np.abs(moved.astype(int) - square.astype(int)).max() <= 3
    with pytest.raises(IndexError):
        shifted(square, VIEWS)
