"""What drawing, decoding, preprocessing and changing a picture cost, each beside another way."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.imaging.augment import augmented
from pipeline.imaging.capture import encode_jpeg
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.photo_file import decode_photo
from pipeline.imaging.preprocess import decoded_px, to_square

Pixels = NDArray[np.uint8]
Clock = Callable[[], float]

_SIDE_PX = 384
_WORKING_PX = 1000
_CAMERA_PX = (4000, 3000)


@dataclass(frozen=True)
class ImagingSpeed:
    """Milliseconds of processor time, the best of several rounds; None where albumentations is missing.

    Attributes:
        augment_ms: one grey square, our own augmentation.
        albumentations_grey_ms, albumentations_colour_ms: the same changes, on one channel and on three.
        albumentations_version: the version compared with, or empty.
        decode_ms, pillow_decode_ms: a 12-megapixel JPEG to pixels, by our decoder and by Pillow.
        camera_order_ms: a 12-megapixel JPEG to a square in the paper's order.
        working_order_ms: the same, decoded smaller and worked on at 1000 pixels.
        page_ms: drawing a 3x4+1 page at the default resolution, every sample.
        thinned_page_ms: the same with `tolerance_px=0.15`.
    """

    augment_ms: float
    albumentations_grey_ms: float | None
    albumentations_colour_ms: float | None
    albumentations_version: str
    decode_ms: float
    pillow_decode_ms: float
    camera_order_ms: float
    working_order_ms: float
    page_ms: float
    thinned_page_ms: float

    @property
    def pages_per_s(self) -> float:
        """Pages drawn in a second of one core, thinned."""
        return 1000.0 / self.thinned_page_ms

    @property
    def page_ratio(self) -> float:
        """How many times slower a page is with every sample drawn."""
        return self.page_ms / self.thinned_page_ms

    @property
    def decode_ratio(self) -> float:
        """How many times slower Pillow decodes the photograph."""
        return self.pillow_decode_ms / self.decode_ms

    @property
    def order_ratio(self) -> float:
        """How many times slower the paper's order is, on the photograph as the camera made it."""
        return self.camera_order_ms / self.working_order_ms

    @property
    def grey_ratio(self) -> float | None:
        """How many times slower albumentations is on one channel, like ours."""
        return None if self.albumentations_grey_ms is None else self.albumentations_grey_ms / self.augment_ms

    @property
    def colour_ratio(self) -> float | None:
        """How many times slower it is on three channels, as a network takes them."""
        return (
            None if self.albumentations_colour_ms is None else self.albumentations_colour_ms / self.augment_ms
        )


def measure_imaging(
    signal_mv: NDArray[np.floating], sampling_rate_hz: float, *, seed: int = 0, rounds: int = 5,
    clock: Clock = time.process_time,
) -> ImagingSpeed:  # fmt: skip
    """Measure everything on one page of this signal (12 x samples, millivolt), on one thread.

    OpenCV is told to use one thread and left at what it was.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return _measured(signal_mv, sampling_rate_hz, np.random.default_rng(seed), rounds, clock)
    finally:
        cv2.setNumThreads(threads)


def _measured(
    signal_mv: NDArray[np.floating], rate_hz: float, rng: np.random.Generator, rounds: int, clock: Clock
) -> ImagingSpeed:
    page = draw_ecg_page(signal_mv, rate_hz).image
    square = to_square(page, PictureSettings(image_size_px=_SIDE_PX))
    photo = encode_jpeg(np.asarray(cv2.resize(page, _CAMERA_PX, interpolation=cv2.INTER_CUBIC), np.uint8), 88)
    camera, working = PictureSettings(), PictureSettings(working_px=_WORKING_PX)
    settings = AugmentationSettings()

    def best(act: Callable[[], object], times: int) -> float:
        return _best_ms(act, times, rounds, clock)

    others, version = _albumentations(settings)
    colour = cv2.merge([square] * 3)
    return ImagingSpeed(
        augment_ms=best(lambda: augmented(square, rng, settings), 100),
        albumentations_grey_ms=None if others is None else best(lambda: others(image=square), 100),
        albumentations_colour_ms=None if others is None else best(lambda: others(image=colour), 100),
        albumentations_version=version,
        decode_ms=best(lambda: decode_photo(photo, "bench"), 1),
        pillow_decode_ms=best(lambda: _by_pillow(photo), 1),
        camera_order_ms=best(lambda: to_square(decode_photo(photo, "bench"), camera), 1),
        working_order_ms=best(
            lambda: to_square(decode_photo(photo, "bench", at_least_px=decoded_px(working)), working), 1
        ),
        page_ms=best(lambda: draw_ecg_page(signal_mv, rate_hz), 1),
        thinned_page_ms=best(lambda: draw_ecg_page(signal_mv, rate_hz, tolerance_px=0.15), 1),
    )


def _best_ms(act: Callable[[], object], times: int, rounds: int, clock: Clock) -> float:
    act()
    found = []
    for _ in range(rounds):
        begun = clock()
        for _ in range(times):
            act()
        found.append((clock() - begun) / times)
    return 1000.0 * min(found)


def _by_pillow(photo: bytes) -> Pixels:
    with PIL.Image.open(io.BytesIO(photo)) as image:
        return np.asarray(image.convert("RGB"))


def _albumentations(settings: AugmentationSettings) -> tuple[Any, str]:
    """The same changes, as often and as strong, in albumentations; None where it is not installed."""
    # Imported without this, it asks the internet whether there is a newer one.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    try:
        albumentations = import_module("albumentations")
    except ImportError:
        return None, ""
    scale = (1 - settings.scale, 1 + settings.scale)
    turn = (-settings.rotation_deg, settings.rotation_deg)
    share = (-settings.shift, settings.shift)
    patch = (0.3 * settings.patch, settings.patch)
    steps = [
        albumentations.Affine(
            scale=scale, translate_percent=share, rotate=turn, border_mode=cv2.BORDER_REPLICATE, p=1.0
        ),
        albumentations.RandomBrightnessContrast(settings.brightness, settings.contrast, p=1.0),
        albumentations.GaussianBlur(
            blur_limit=0, sigma_limit=(0.3 * settings.blur_px, settings.blur_px), p=settings.blur_share
        ),
        albumentations.GaussNoise(
            std_range=(0.3 * settings.noise / 255, settings.noise / 255), p=settings.noise_share
        ),
        albumentations.CoarseDropout(
            num_holes_range=(1, settings.patches), hole_height_range=patch, hole_width_range=patch, p=0.8
        ),
    ]
    return albumentations.Compose(steps), str(albumentations.__version__)
