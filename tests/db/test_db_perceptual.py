"""The same page photographed again looks the same; another page of the same template does not."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from db.fingerprints import NO_INK, distances, page_corners, pairs_alike
from db.store.images import NEAR_DUPLICATE_BITS, hamming_bits, perceptual_hash

SHARED = Path(__file__).resolve().parents[2] / "../shared/echo_reports/images"
WORDS = (
    "aortic mitral valve normal size mild left atrium ventricle systolic function seen trace no of the and"
).split()


def report(seed: int, *, lines: int = 18) -> Image.Image:
    """A page of one printed template: letter head and boxes always the same, the sentences its own."""
    rng = random.Random(seed)
    image = Image.new("L", (800, 1130), 252)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 50, 740, 100), fill=20)
    for top in (130, 170, 210):
        draw.rectangle((60, top, 740, top + 40), outline=0, width=2)
    font = ImageFont.load_default(20)
    for line in range(lines):
        words = rng.choices(WORDS, k=rng.randint(2, 11))
        draw.text((70, 290 + 40 * line), " ".join(words), fill=10, font=font)
    return image


def photographed(page: Image.Image, *, tilt: float = 2.0, shade: bool = True) -> Image.Image:
    """On a dark table, a little tilted and from the side, in uneven light, through a phone's JPEG."""
    table = Image.new("L", (page.width + 160, page.height + 160), 60)
    table.paste(page, (90, 70))
    table = table.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=60)
    width, height = table.size
    corners = (12, 20, 0, height - 8, width - 10, height - 25, width - 20, 5)
    size = (round(width * 0.94), round(height * 0.94))
    table = table.transform(size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    if shade:
        light = (
            Image.linear_gradient("L")
            .resize((2400, 2400))
            .rotate(30)
            .crop((600, 600, 1800, 1800))
            .resize(table.size)
        )
        table = Image.composite(table, ImageEnhance.Brightness(table).enhance(0.6), light)
    buffer = io.BytesIO()
    table.filter(ImageFilter.GaussianBlur(0.8)).convert("RGB").save(buffer, "JPEG", quality=60)
    return Image.open(buffer)


@pytest.mark.parametrize("seed", range(4))
def test_a_photograph_of_a_page_looks_like_the_page(seed: int) -> None:
    page = report(seed)
    clean = perceptual_hash(page)
    for tilt in (-3.0, 0.5, 2.0):
        assert hamming_bits(clean, perceptual_hash(photographed(page, tilt=tilt))) <= NEAR_DUPLICATE_BITS


def test_a_recompressed_or_smaller_copy_looks_the_same() -> None:
    page, buffer = report(1), io.BytesIO()
    page.save(buffer, "JPEG", quality=30)
    clean = perceptual_hash(page)
    assert hamming_bits(clean, perceptual_hash(Image.open(buffer))) <= NEAR_DUPLICATE_BITS // 3
    assert hamming_bits(clean, perceptual_hash(page.resize((500, 706)))) <= NEAR_DUPLICATE_BITS // 2
    assert hamming_bits(clean, perceptual_hash(page.convert("RGB"))) == 0


@pytest.mark.slow
def test_other_pages_of_the_same_template_do_not_look_alike() -> None:
    hashes = [perceptual_hash(report(seed)) for seed in range(20)]
    hashes += [perceptual_hash(photographed(report(seed))) for seed in range(20, 25)]
    close = [
        (one, two)
        for one in range(len(hashes))
        for two in range(one)
        if hamming_bits(hashes[one], hashes[two]) <= NEAR_DUPLICATE_BITS
    ]
    assert close == []


def test_a_page_that_fills_the_picture_is_not_cut() -> None:
    page = report(3)
    width, height = page.size
    assert page_corners(page) == [(0, 0), (width, 0), (width, height), (0, height)]


def test_the_corners_of_a_page_on_a_table_are_found() -> None:
    table = Image.new("L", (1000, 1400), 60)
    table.paste(report(3), (100, 140))
    found = page_corners(table)
    meant = [(100, 140), (900, 140), (900, 1270), (100, 1270)]
    assert (
        max(abs(a - b) for one, two in zip(found, meant, strict=True) for a, b in zip(one, two, strict=True))
        < 10
    )


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (700, 3), (50, 50), (1200, 400)])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_picture_without_ink_looks_like_nothing(size: tuple[int, int], mode: str) -> None:
    assert perceptual_hash(Image.new(mode, size, "white")) == "0" * 256


def ecg(seed: int, *, per_minute: int) -> Image.Image:
    """One lead layout and grid for everybody; the beats come at their own times."""
    rng = random.Random(seed)
    image = Image.new("L", (1100, 780), 250)
    draw = ImageDraw.Draw(image)
    for place in range(50, 1060, 10):
        draw.line((place, 50, place, 730), fill=215)
    for place in range(50, 740, 10):
        draw.line((50, place, 1060, place), fill=215)
    start, step = rng.random(), 6000 / per_minute
    for lane in range(4):
        level, height = 140 + 160 * lane, rng.randint(40, 75)
        beats = [60 + step * (start + beat) for beat in range(int(950 / step))]
        points = [(50.0, level)]
        for beat in beats:
            points += [(beat - 6, level), (beat, level - height), (beat + 6, level + 15), (beat + 12, level)]
        draw.line([*points, (1060.0, level)], fill=10, width=3)
    return image


def test_ecgs_on_one_grid_are_told_apart_and_found_again() -> None:
    pages = [ecg(seed, per_minute=55 + 7 * seed) for seed in range(8)]
    hashes = [perceptual_hash(page) for page in pages]
    for page, value in zip(pages, hashes, strict=True):
        assert hamming_bits(value, perceptual_hash(photographed(page))) <= NEAR_DUPLICATE_BITS
    close = [
        (one, two)
        for one in range(len(hashes))
        for two in range(one)
        if hamming_bits(hashes[one], hashes[two]) <= NEAR_DUPLICATE_BITS
    ]
    assert close == []


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="the shared evaluation pages are not here")
def test_photographs_of_the_evaluation_pages_are_recognised() -> None:
    names = sorted(path.name for path in (SHARED / "clean").glob("*.jpg"))[::12]
    clean = {name: perceptual_hash(Image.open(SHARED / "clean" / name)) for name in names}
    phone = {name: perceptual_hash(Image.open(SHARED / "phone" / name)) for name in names}
    found = [name for name in names if hamming_bits(clean[name], phone[name]) <= NEAR_DUPLICATE_BITS]
    wrong = [
        (one, two)
        for one in names
        for two in names
        if one != two and hamming_bits(clean[one], phone[two]) <= NEAR_DUPLICATE_BITS
    ]
    assert len(found) >= len(names) - 1
    assert wrong == []


hashes = st.integers(0, 2**1024 - 1).map(lambda value: f"{value:0256x}")


@given(hashes, st.lists(hashes, max_size=5))
def test_many_distances_at_once_are_the_distances_one_by_one(one: str, others: list[str]) -> None:
    assert distances(one, "".join(others)).tolist() == [hamming_bits(one, other) for other in others]


@given(hashes, hashes)
def test_distance_is_symmetric_and_zero_only_for_the_same(one: str, two: str) -> None:
    assert hamming_bits(one, two) == hamming_bits(two, one)
    assert (hamming_bits(one, two) == 0) == (one == two)


def test_hashes_of_different_lengths_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different ways"):
        hamming_bits("0" * 16, "0" * 256)


@given(st.lists(st.integers(min_value=0, max_value=2**16 - 1), max_size=12), st.integers(0, 16))
def test_pairs_that_look_alike_are_those_that_differ_in_few_bits(numbers: list[int], most: int) -> None:
    hashes = [f"{number:04x}" for number in numbers]
    found = pairs_alike(hashes, most)
    assert found == [
        (one, other)
        for one in range(len(hashes))
        for other in range(one + 1, len(hashes))
        if hashes[one].strip("0") and hashes[other].strip("0")
        if hamming_bits(hashes[one], hashes[other]) <= most
    ]
    assert pairs_alike([NO_INK, NO_INK], most) == []
