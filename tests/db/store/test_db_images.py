"""The image store: pixels and nothing else, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from db.store.images import ImageStore, StoredImage

ORIGINAL = "a" * 64


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


def page(mode: str = "RGB", size: tuple[int, int] = (60, 80)) -> Image.Image:
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((10, 10, 30, 20), fill=0)
    return image.convert(mode)


def with_everything_a_camera_adds() -> Image.Image:
    """A photograph as it comes from a phone: place, time, profile, comment."""
    image = page()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "SecretNorth"
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(buffer, "JPEG", exif=exif, icc_profile=profile, comment=b"SecretComment", dpi=(300, 300))
    return Image.open(io.BytesIO(buffer.getvalue()))


@pytest.mark.parametrize("lossy", [True, False])
def test_what_a_camera_adds_is_not_stored(store: ImageStore, lossy: bool) -> None:
    photograph = with_everything_a_camera_adds()
    assert photograph.getexif()
    stored = store.put(photograph, original_sha256=ORIGINAL, lossy=lossy)
    data = store.path(stored.sha256).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif()
        assert {"icc_profile", "comment", "exif", "dpi"}.isdisjoint(image.info)
    assert b"Secret" not in data
    assert photograph.getexif(), "the caller's image is left alone"


def test_words_in_a_png_are_not_stored(store: ImageStore) -> None:
    buffer, words = io.BytesIO(), PngImagePlugin.PngInfo()
    words.add_text("Patient", "SecretName")
    page().save(buffer, "PNG", pnginfo=words)
    stored = store.put(Image.open(buffer), original_sha256=ORIGINAL, lossy=False)
    assert b"Secret" not in store.path(stored.sha256).read_bytes()


def test_a_stored_picture_is_described(store: ImageStore) -> None:
    stored = store.put(page(), original_sha256=ORIGINAL, page=3, lossy=False)
    data = store.path(stored.sha256).read_bytes()
    assert stored == StoredImage(
        sha256=hashlib.sha256(data).hexdigest(),
        original_sha256=ORIGINAL,
        page=3,
        width_px=60,
        height_px=80,
        byte_count=len(data),
        media_type="image/png",
        perceptual_hash=stored.perceptual_hash,
    )
    assert store.put(page(), original_sha256=ORIGINAL, lossy=True).media_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "CMYK", "YCbCr", "LA", "RGBA", "I", "F", "I;16"])
def test_every_kind_of_pixels_is_stored_as_grey_or_colour(store: ImageStore, mode: str) -> None:
    image = page("I").convert(mode) if mode == "I;16" else page(mode)
    back = store.open(store.put(image, original_sha256=ORIGINAL, lossy=False).sha256)
    assert back.mode in {"L", "RGB"}
    assert (back.convert("L").getpixel((20, 15)), back.convert("L").getpixel((50, 70))) == (0, 255)


def test_transparent_becomes_white(store: ImageStore) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.putpixel((5, 5), (255, 0, 0, 255))
    back = store.open(store.put(image, original_sha256=ORIGINAL, lossy=False).sha256)
    assert back.getpixel((0, 0)) == (255, 255, 255)
    assert back.getpixel((5, 5)) == (255, 0, 0)


def test_a_lossless_picture_comes_back_pixel_for_pixel(store: ImageStore) -> None:
    image = Image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3))
    stored = store.put(image, original_sha256=ORIGINAL, lossy=False)
    assert store.open(stored.sha256).tobytes() == image.tobytes()


def test_the_same_pixels_are_stored_once(store: ImageStore) -> None:
    first = store.put(page(), original_sha256=ORIGINAL, lossy=False)
    written = store.path(first.sha256).stat().st_mtime_ns
    again = store.put(page(), original_sha256="b" * 64, lossy=False)
    assert again.sha256 == first.sha256
    assert store.path(first.sha256).stat().st_mtime_ns == written
    assert len([path for path in store.root.rglob("*") if path.is_file()]) == 1


def test_a_flipped_byte_is_found_and_healed(store: ImageStore) -> None:
    stored = store.put(page(), original_sha256=ORIGINAL, lossy=False)
    file = store.path(stored.sha256)
    data = bytearray(file.read_bytes())
    assert store.verify(stored.sha256)
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert not store.verify(stored.sha256)
    store.put(page(), original_sha256=ORIGINAL, lossy=False)
    assert store.verify(stored.sha256)


def test_a_picture_that_is_not_there_is_not_verified(store: ImageStore) -> None:
    assert not store.verify("0" * 64)
    with pytest.raises(FileNotFoundError):
        store.open("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "../../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "/" + "a" * 63, "a" * 64 + "\n"]
)
def test_only_a_hash_names_a_picture(store: ImageStore, name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        store.path(name)


def test_a_full_disk_leaves_nothing_behind(store: ImageStore) -> None:
    """A write that fails half-way is neither stored nor left as a stray file."""
    shelf = store.path(store.put(page(), original_sha256=ORIGINAL, lossy=False).sha256)
    data = shelf.read_bytes()
    shelf.unlink()
    shelf.mkdir()  # the rename cannot replace a folder
    with pytest.raises(OSError):
        store.put(page(), original_sha256=ORIGINAL, lossy=False)
    assert list(store.root.rglob("*.partial")) == []
    shelf.rmdir()
    store.put(page(), original_sha256=ORIGINAL, lossy=False)
    assert shelf.read_bytes() == data


def test_stored_pictures_are_for_their_owner_alone(store: ImageStore) -> None:
    stored = store.put(page(), original_sha256=ORIGINAL, lossy=False)
    assert stat.S_IMODE(store.path(stored.sha256).stat().st_mode) == 0o600
