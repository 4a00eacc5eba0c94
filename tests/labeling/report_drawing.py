"""Report pages drawn by the tests: text at known places, then spoilt in known ways."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFilter
import PIL.ImageFont

from labeling.pages.page import Page

Image = PIL.Image.Image
SIZE_PX = (1240, 1754)

LETTER = (
    "Department of Cardiology, Northside Teaching Hospital",
    "Transthoracic echocardiogram, outpatient",
    "The left ventricle is mildly dilated with normal wall thickness.",
    "Hypokinesia of the inferior wall is seen, other segments move normally.",
    "Left ventricular ejection fraction is 42 % by the biplane method.",
    "Mild mitral regurgitation, trivial tricuspid regurgitation.",
    "The right ventricular systolic pressure is 38 mmHg.",
    "No clot and no pericardial effusion.",
    "Impression: mildly reduced systolic function, LVEF 42 %.",
    "No pulmonary hypertension. Review in six months with the referring doctor.",
)

LEFT_COLUMN = (
    "Findings of the left heart follow here",
    "ventricle is of normal size and the wall",
    "thickness is within the usual limits for",
    "the age of the patient as seen in every",
    "view that was taken on this occasion and",
    "the ejection fraction was found to be 58 %",
    "with no regional wall motion abnormality",
    "and the left atrium is somewhat enlarged",
    "without any clot that could be recognised",
)

RIGHT_COLUMN = (
    "Findings of the right heart come next and",
    "tricuspid valve shows trivial regurgitation",
    "from which a systolic pressure of 31 mmHg",
    "was estimated so there is no pulmonary",
    "hypertension at rest in this patient now",
    "the right ventricle has a normal size and",
    "its function is preserved in all segments",
    "no pericardial effusion is present behind",
    "or in front of the heart on any picture",
)

TABLE = (
    ("LVIDd", "5.1 cm", "3.5 - 5.6"),
    ("LVIDs", "3.4 cm", "2.4 - 4.2"),
    ("IVSd", "1.0 cm", "0.6 - 1.1"),
    ("LVPWd", "0.9 cm", "0.6 - 1.1"),
    ("LVEF", "61 %", "55 - 70"),
    ("Aortic root", "2.9 cm", "2.0 - 3.7"),
    ("Left atrium", "3.8 cm", "1.9 - 4.0"),
    ("RVSP", "27 mmHg", "below 35"),
)


def font(size_px: int, face: str = "DejaVuSans") -> PIL.ImageFont.FreeTypeFont:
    """A face that comes with matplotlib, the sans one where none is named."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"
    return PIL.ImageFont.truetype(str(path), size_px)


def blank(size_px: tuple[int, int] = SIZE_PX, brightness: int = 250) -> Image:
    """An empty sheet."""
    return PIL.Image.new("L", size_px, brightness)


def write(
    image: Image,
    lines: Sequence[str],
    *,
    at: tuple[int, int] = (110, 120),
    size_px: int = 24,
    ink: int = 20,
    leading: float = 1.6,
) -> list[tuple[float, float, float, float]]:
    """Write lines below one another; returns the box of each."""
    pen, face = PIL.ImageDraw.Draw(image), font(size_px)
    left, top = at
    boxes = []
    for line in lines:
        pen.text((left, top), line, font=face, fill=ink)
        boxes.append(pen.textbbox((left, top), line, font=face))
        top += round(size_px * leading)
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in boxes]


def letter(size_px: int = 24) -> Image:
    """A plain typed letter."""
    image = blank()
    write(image, LETTER, size_px=size_px)
    return image


def two_columns(*, offset_px: int = 0) -> Image:
    """A heading over two columns of prose; the right one starts `offset_px` lower."""
    image = blank()
    write(image, ["Echocardiography report of the heart centre, printed in two columns"], at=(100, 90))
    write(image, LEFT_COLUMN, at=(100, 200), size_px=22)
    write(image, RIGHT_COLUMN, at=(650, 200 + offset_px), size_px=22)
    write(
        image,
        ["Impression: a normal study of both sides of the heart, no further visit planned"],
        at=(100, 640),
    )
    return image


def ruled_table(*, has_rules: bool = True) -> Image:
    """A heading, and a table of label, value and usual range."""
    image = blank()
    write(image, ["Measurements taken in the parasternal view"], at=(100, 110))
    pen = PIL.ImageDraw.Draw(image)
    for row, cells in enumerate(TABLE):
        top = 200 + 56 * row
        if has_rules:
            for left, right in ((100, 420), (420, 740), (740, 1120)):
                pen.rectangle((left, top, right, top + 56), outline=30, width=2)
        for left, cell in zip((116, 440, 760), cells, strict=True):
            write(image, [cell], at=(left, top + 12))
    write(image, ["Impression: normal measurements."], at=(100, 200 + 56 * len(TABLE) + 40))
    return image


def tilted(image: Image, angle_deg: float) -> Image:
    """Turned counter-clockwise on a grown white sheet."""
    return image.rotate(angle_deg, resample=PIL.Image.Resampling.BICUBIC, expand=True, fillcolor=250)


def shadowed(image: Image) -> Image:
    """A soft shadow over the left two thirds, down to a third of the light."""
    across = np.linspace(0.33, 1.0, image.width)[None, :] * np.linspace(0.8, 1.0, image.height)[:, None]
    return PIL.Image.fromarray((np.asarray(image, dtype=np.float64) * across).astype(np.uint8))


def shadowed_across(image: Image) -> Image:
    """Darkest in the top left corner and fading towards the opposite one, as when a hand holds the phone
    there.
    """
    across, down = np.linspace(0, 1, image.width)[None, :], np.linspace(0, 1, image.height)[:, None]
    light = np.clip(0.72 + 0.35 * (across + down) / 2, 0, 1)
    return PIL.Image.fromarray((np.asarray(image, dtype=np.float64) * light).astype(np.uint8))


def on_desk(image: Image, brightness: int = 90, margin_px: int = 90) -> Image:
    """The sheet photographed on a darker grainy desk."""
    grain = np.random.default_rng(5).normal(
        brightness, 9, (image.height + 2 * margin_px, image.width + 2 * margin_px)
    )
    desk = PIL.Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))
    desk.paste(image, (margin_px, margin_px))
    return desk


def keystoned(image: Image, share: float) -> Image:
    """Photographed from the side: the right edge is longer than the left by twice `share` of the height."""
    import cv2

    width, height = image.size
    shift = share * height
    here = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    there = np.array([[0, shift], [width, 0], [width, height], [0, height - shift]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(here, there)
    return PIL.Image.fromarray(
        cv2.warpPerspective(np.asarray(image), matrix, (width, height), borderValue=250)
    )


def tiny_and_blurred(image: Image, factor: float = 0.5) -> Image:
    """Shrunk, out of focus and noisy, as a page photographed from across the room."""
    small = image.resize(
        (round(image.width * factor), round(image.height * factor)), PIL.Image.Resampling.BOX
    )
    soft = np.asarray(small.filter(PIL.ImageFilter.GaussianBlur(1.1)), dtype=np.float64)
    noisy = soft * 0.7 + np.random.default_rng(3).normal(0, 8, soft.shape)
    return PIL.Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def negative(image: Image) -> Image:
    """White on black, as some fax machines print."""
    return PIL.Image.fromarray(255 - np.asarray(image))


def landscape_photo() -> Image:
    """A photo without any text: smooth hills and a noisy sky."""
    rng = np.random.default_rng(11)
    rows, columns = np.mgrid[0:900, 0:1200]
    hills = 120 + 60 * np.sin(columns / 170) + 40 * np.cos(rows / 130 + columns / 400)
    return PIL.Image.fromarray(np.clip(hills + rng.normal(0, 6, hills.shape), 0, 255).astype(np.uint8))


def page(image: Image) -> Page:
    """The picture as the one page of a report."""
    return Page(1, image)
