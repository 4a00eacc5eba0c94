"""A photograph of an ECG -> what the network sees; the same function in training, evaluation and serving.

Edge crop, grey, CLAHE, sharpening, 384 x 384, normalisation, in the order of the paper. Everything
adjustable is in `PictureSettings`, which are saved beside the weights: a network must be fed what it was
trained on.
Source: the paper's Methods, image preprocessing.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import PictureSettings
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.rectify import rectify

Pixels = NDArray[np.uint8]
Tensor = NDArray[np.float32]
PerChannel = tuple[float, float, float]

# Mean and deviation of pixel values as shares of 255: red, green, blue.
NORMALISATIONS: dict[str, tuple[PerChannel, PerChannel]] = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}

# A JPEG is decoded smaller where that leaves this many pixels on the long side.
DECODED_PX = 4000

# The sum is one, so flat paper keeps its tone; an edge stands out against its four neighbours.
_SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=np.float32)


def preprocess(image: Pixels, settings: PictureSettings) -> Tensor:
    """Photograph -> the network's input.

    Args:
        image: RGB, uint8, height x width x 3.

    Returns:
        float32, 3 x `image_size_px` x `image_size_px`, normalised.
    """
    return normalised(to_square(image, settings), settings)


def preprocess_file(path: Path, settings: PictureSettings) -> Tensor:
    """A photograph's file -> the network's input; see `preprocess`.

    Raises:
        EchoDeskError: when the file is no usable picture.
    """
    return preprocess(read_photo(path, at_least_px=decoded_px(settings)), settings)


def decoded_px(settings: PictureSettings) -> int | None:
    """What a decoder may leave of a JPEG's long side; see `photo_file.decode_photo`.

    Whoever is screened is decoded like this, so where a working size is set, training and evaluation are.
    """
    return None if settings.working_px is None else DECODED_PX


def to_square(image: Pixels, settings: PictureSettings) -> Pixels:
    """Everything but the normalisation: what a training cache stores and augmentation works on.

    Args:
        image: RGB, uint8, height x width x 3.

    Returns:
        uint8, `image_size_px` x `image_size_px`, one channel.
    """
    # Grey is resized in a third of the time of colours.
    grey = edge_cropped(_at_working_size(_grey(_upright(image, settings)), settings), settings)
    tiles = (settings.clahe_tiles, settings.clahe_tiles)
    even = cv2.createCLAHE(clipLimit=settings.clahe_clip, tileGridSize=tiles).apply(grey)
    crisp = cv2.filter2D(even, -1, _SHARPEN) if settings.sharpen else even
    return _resized(np.asarray(crisp, dtype=np.uint8), settings)


def straightened(image: Pixels, settings: PictureSettings) -> Pixels:
    """The picture as the rest works on it: seen straight if asked for, at its working size; RGB, uint8."""
    return _at_working_size(_upright(image, settings), settings)


def _upright(image: Pixels, settings: PictureSettings) -> Pixels:
    return rectify(image).image if settings.rectify else image


def _at_working_size(image: Pixels, settings: PictureSettings) -> Pixels:
    """The picture so many whole times smaller that its long side comes nearest to the working size."""
    if settings.working_px is None:
        return image
    return _so_many_times_smaller(image, max(1, round(max(image.shape[:2]) / settings.working_px)))


def _grey(image: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def mask_to_square(mask: NDArray[np.bool_] | Pixels, settings: PictureSettings) -> Pixels:
    """A mask of a picture, cropped and resized like it.

    It knows nothing of `rectify`: with that option, pass the mask of the straight view.

    Args:
        mask: height x width, boolean or 0-255.

    Returns:
        uint8, `image_size_px` x `image_size_px`: how much of each pixel the mask covers, 0-255.
    """
    whole = mask.astype(np.uint8) * np.uint8(255) if mask.dtype == np.bool_ else np.asarray(mask, np.uint8)
    return _resized(edge_cropped(whole, settings), settings)


def normalised(square: Pixels, settings: PictureSettings) -> Tensor:
    """One channel, uint8, height x width -> float32, 3 x height x width, normalised by channel."""
    table = _levels(*NORMALISATIONS[settings.normalisation])
    out = np.empty((len(table), *square.shape), dtype=np.float32)
    for to, channel in zip(out, table, strict=True):
        # Ten times as fast as indexing.
        cv2.LUT(square, channel, dst=to)
    return out


@lru_cache(maxsize=8)
def _levels(mean: PerChannel, std: PerChannel) -> Tensor:
    """What each of the 256 grey levels becomes in each channel, 3 x 256."""
    levels = np.arange(256, dtype=np.float64)[None, :] / 255.0
    table = (levels - np.array(mean)[:, None]) / np.array(std)[:, None]
    return np.asarray(table, dtype=np.float32)


def edge_cropped(image: Pixels, settings: PictureSettings) -> Pixels:
    """The picture without its rims; a view, not a copy."""
    height, width = image.shape[:2]
    rows, columns = int(height * settings.crop_share), int(width * settings.crop_share)
    return image[rows : height - rows, columns : width - columns]


def shrunk(image: Pixels, long_side_px: int) -> Pixels:
    """The picture with its long side at most `long_side_px`; never enlarged."""
    height, width = image.shape[:2]
    share = long_side_px / max(height, width)
    if share >= 1.0:
        return image
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _so_many_times_smaller(image: Pixels, by: int) -> Pixels:
    """Each pixel the mean of `by` x `by`, in a tenth of the time of any other share.

    What is left over to the right and below is left out.
    """
    if by == 1:
        return image
    height, width = (max(1, side // by) for side in image.shape[:2])
    whole = image[: height * by, : width * by]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _resized(image: Pixels, settings: PictureSettings) -> Pixels:
    # Averaging keeps a thin line when shrinking; it falls back to bilinear when enlarging.
    size = (settings.image_size_px, settings.image_size_px)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
