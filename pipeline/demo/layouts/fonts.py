"""The fonts of the demo pages: those inside matplotlib, so that every machine prints the same page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from db.errors import EchoDeskError

# Regular and bold file of each family.
FAMILIES = {
    "sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    "mono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    "times": ("STIXGeneral.ttf", "STIXGeneralBol.ttf"),
}

Font = ImageFont.FreeTypeFont


def load_font(family: str, size_px: int, bold: bool = False) -> Font:
    """A font of `FAMILIES`, `size_px` pixels high.

    Raises:
        EchoDeskError: matplotlib, which carries the fonts, is not installed.
    """
    return _load(_font_folder(), FAMILIES[family][int(bold)], size_px)


@lru_cache(maxsize=1)
def _font_folder() -> Path:
    try:
        import matplotlib
    except ImportError as error:
        hint = "Install EchoDesk anew, or matplotlib alone: pip install matplotlib"
        raise EchoDeskError(
            "The demo pages need the fonts inside matplotlib, which is not installed.", hint
        ) from error
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@lru_cache(maxsize=64)
def _load(folder: Path, name: str, size_px: int) -> Font:
    # The basic layout engine gives the same advance widths whether or not Pillow has Raqm.
    return ImageFont.truetype(str(folder / name), size_px, layout_engine=ImageFont.Layout.BASIC)
