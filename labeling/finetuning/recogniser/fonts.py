"""The fonts of this machine that an invented line can be printed in, and which of them are kept apart.

Related fonts (all of DejaVu, all of Noto) stay together, so that a font that is judged on was never seen, not
even in bold. The two largest groups are always taught; of the others some are kept for choosing among the
states of a training and some for the last judgement.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.errors import EchoDeskError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PIL import ImageFont

_FOLDERS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "~/Library/Fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
# Fonts that come inside packages every installation has.
_IN_PACKAGES: Final = (
    ("matplotlib", "mpl-data/fonts/ttf"),
    ("gradio", "templates/frontend"),
)
_ENDINGS: Final = frozenset((".ttf", ".otf", ".woff2"))
# Signs of formulas under the codes of letters, and boxes for everything.
_NO_TEXT: Final = ("cm", "KaTeX", "Last Resort", "Math", "Symbol", "Emoji", "Wingdings", "Webdings")
_NEEDED: Final = "abgzAEFRVSP0123456789%:.-()=/<>"
_ALWAYS_TAUGHT: Final = 2
_LEAST_GROUPS: Final = 4


@dataclass(frozen=True)
class Face:
    """One font file.

    Attributes:
        group: the first word of its family's name; related fonts share it.
    """

    path: Path
    name: str
    group: str


@dataclass(frozen=True)
class FontSplit:
    """Fonts to teach with, to choose the best state by, and to judge it by; no group is in two of them."""

    taught: tuple[Face, ...]
    choosing: tuple[Face, ...]
    judging: tuple[Face, ...]


def find_faces() -> list[Face]:
    """Every font of this machine with the letters and digits of a report; one file a name, by name."""
    folders = [Path(folder).expanduser() for folder in _FOLDERS]
    for package, inside in _IN_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin:
            folders.append(Path(spec.origin).parent / inside)
    found: dict[str, Face] = {}
    for path in sorted(path for folder in folders for path in _files(folder)):
        face = _face(path)
        if face is not None:
            found.setdefault(face.name, face)
    return [found[name] for name in sorted(found)]


def split_faces(faces: Sequence[Face], rng: np.random.Generator) -> FontSplit:
    """Divide fonts by group: about a quarter of the smaller groups for choosing, another for judging.

    Raises:
        EchoDeskError: there are too few groups to keep two apart.
    """
    groups: dict[str, list[Face]] = {}
    for face in faces:
        groups.setdefault(face.group, []).append(face)
    names = sorted(groups, key=lambda name: (-len(groups[name]), name))
    if len(names) < _LEAST_GROUPS:
        raise EchoDeskError(
            f"only {len(names)} kinds of fonts were found on this machine",
            "Install more, such as the packages fonts-dejavu and fonts-noto-core.",
        )
    smaller = [names[index] for index in _ALWAYS_TAUGHT + rng.permutation(len(names) - _ALWAYS_TAUGHT)]
    share = max(1, (len(smaller) + 1) // 4)
    parts = (names[:_ALWAYS_TAUGHT] + smaller[2 * share :], smaller[:share], smaller[share : 2 * share])
    taught, choosing, judging = (tuple(face for name in part for face in groups[name]) for part in parts)
    return FontSplit(taught, choosing, judging)


@lru_cache(maxsize=256)
def load(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(face.path), size_px, layout_engine=ImageFont.Layout.BASIC)


def _files(folder: Path) -> list[Path]:
    return [
        Path(root) / name
        for root, _, names in os.walk(folder)
        for name in names
        if Path(name).suffix.lower() in _ENDINGS
    ]


def _face(path: Path) -> Face | None:
    """The font in a file; None where it can't be opened or lacks a letter that is needed."""
    from PIL import ImageFont

    try:
        font = ImageFont.truetype(str(path), 20, layout_engine=ImageFont.Layout.BASIC)
        missing = bytes(font.getmask("\uffff"))
        drawn = [font.getmask(letter) for letter in _NEEDED]
    except OSError:
        return None
    family, style = font.getname()
    name = f"{family} {style}"
    if any(word in name if len(word) > 2 else name.startswith(word) for word in _NO_TEXT):
        return None
    if any(mask.getbbox() is None or bytes(mask) == missing for mask in drawn):
        return None
    return Face(path, name, "".join(letter for letter in (family or "").split()[0] if letter.isalpha()))
