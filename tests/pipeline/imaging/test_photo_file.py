"""A file becomes upright pixels, or an error that names it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from db.errors import EchoDeskError
from pipeline.imaging.photo_file import decode_photo, read_photo


def encoded(kind: str, image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def half_dark() -> Image.Image:
    """64 x 32, dark on the left."""
    pixels = np.full((32, 64, 3), 230, np.uint8)
    pixels[:, :32] = 20
    return Image.fromarray(pixels)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_every_kind_of_picture_is_read(kind: str) -> None:
    pixels = decode_photo(encoded(kind, half_dark()), "x")
    assert pixels.shape == (32, 64, 3) and pixels.dtype == np.uint8
    assert pixels[:, :28].mean() < 60 and pixels[:, 36:].mean() > 190


def test_jpeg_pixels_are_pillows() -> None:
    rng = np.random.default_rng(1)
    data = encoded("JPEG", Image.fromarray(rng.integers(0, 256, (90, 130, 3), dtype=np.uint8)), quality=90)
    theirs = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.abs(decode_photo(data, "x").astype(int) - theirs).max() <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_camera_says_which_side_is_up(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright: the left becomes the top
    pixels = decode_photo(encoded(kind, half_dark(), exif=exif), "x")
    assert pixels.shape == (64, 32, 3)
    assert pixels[:28].mean() < 60 and pixels[36:].mean() > 190


def pictures_in(data: bytes) -> int:
    """How many pages or pictures the decoder counts."""
    told: list[int] = []
    decode_photo(data, "x", on_header=lambda _kind, _pixels, pictures: told.append(pictures))
    return told[0]


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "PNG", "HEIF"])
def test_pages_and_pictures_of_a_file_are_counted_and_the_first_is_read(kind: str) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    first = half_dark()
    others = [Image.new("RGB", first.size, (level, 0, 0)) for level in (0, 90)]
    data = encoded(kind, first, save_all=True, append_images=others)
    assert pictures_in(data) == 3 and pictures_in(encoded(kind, first)) == 1
    assert decode_photo(data, "x")[:, 40:].mean() > 180


def test_thumbnails_and_a_phones_own_extras_are_no_pages() -> None:
    first = half_dark()
    small = first.resize((16, 8))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    assert pictures_in(encoded("TIFF", first, save_all=True, append_images=[small])) == 1
    # Beside its photo a phone keeps what it knows of depth and light.
    assert pictures_in(encoded("MPO", first, save_all=True, append_images=[small])) == 1


@pytest.mark.parametrize("what", ["odd", "turned", "second", "deep", "grey", "clear"])
def test_heic_pixels_are_pillows(what: str) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    # Its rows are longer in the decoder than the picture is wide.
    noise = np.random.default_rng(2).integers(0, 256, (45, 71, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    exif = Image.Exif()
    exif[0x0112] = 6
    on_its_side = image.copy()
    on_its_side.info["exif"] = exif.tobytes()
    others = Image.fromarray(np.full_like(noise, 200))
    data = {
        "odd": lambda: encoded("HEIF", image),
        "turned": lambda: encoded("HEIF", on_its_side),
        "second": lambda: encoded("HEIF", others, save_all=True, append_images=[image], primary_index=1),
        "deep": lambda: _ten_bits(noise),
        "grey": lambda: encoded("HEIF", image.convert("L")),
        "clear": lambda: encoded("HEIF", image.convert("RGBA")),
    }[what]()
    theirs = Image.open(io.BytesIO(data)).convert("RGB")
    assert theirs.size == ((45, 71) if what == "turned" else (71, 45))
    assert np.array_equal(decode_photo(data, "x"), np.asarray(theirs))
    if what != "grey":
        with pytest.raises(EchoDeskError, match="x: "):
            decode_photo(data[: len(data) - len(data) // 4], "x")


def _ten_bits(noise: np.ndarray) -> bytes:
    import pillow_heif

    deep = (noise.astype(np.uint16) << 8).tobytes()
    buffer = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (noise.shape[1], noise.shape[0]), deep).save(buffer, quality=90)
    return buffer.getvalue()


def test_what_can_be_seen_through_is_white_paper() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert decode_photo(encoded("PNG", clear), "x").min() == 255


def test_sixteen_bits_are_brought_to_eight() -> None:
    deep = Image.fromarray(np.linspace(0, 60000, 400).astype(np.uint16).reshape(20, 20))
    pixels = decode_photo(encoded("PNG", deep), "x")
    assert pixels.min() == 0 and pixels.max() == 255


def test_a_jpeg_can_be_decoded_smaller_but_not_too_small() -> None:
    data = encoded("JPEG", half_dark().resize((1600, 800)))
    assert decode_photo(data, "x", at_least_px=700).shape == (400, 800, 3)
    assert decode_photo(data, "x", at_least_px=1700).shape == (800, 1600, 3)


def test_too_many_pixels_are_refused_before_decoding() -> None:
    with pytest.raises(EchoDeskError, match=r"big\.png: 64 x 32 is more than"):
        decode_photo(encoded("PNG", half_dark()), "big.png", max_pixels=1000)


def spoilt() -> dict[str, bytes]:
    jpeg, png = (encoded(kind, half_dark().resize((320, 160))) for kind in ("JPEG", "PNG"))
    return {
        "empty": b"",
        "text": b"Dear colleague",
        "half jpeg": jpeg[: len(jpeg) // 2],
        "half png": png[:80],
    }


@pytest.mark.parametrize("what", sorted(spoilt()))
def test_a_spoilt_file_is_named(what: str) -> None:
    with pytest.raises(EchoDeskError, match="^scan7: "):
        decode_photo(spoilt()[what], "scan7")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match=r"gone\.jpg"):
        read_photo(tmp_path / "gone.jpg")
