"""What an ECG print-out may look like: the order of the leads, their places, and the colours of the paper."""

from __future__ import annotations

from dataclasses import dataclass

# The order of the signal's rows; the same as PTB-XL's.
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True)
class LeadLayout:
    """Which lead is printed where.

    Attributes:
        columns: leads of each column, top to bottom; the columns follow each other in time.
        rhythm: leads printed below in full length.
    """

    columns: tuple[tuple[str, ...], ...]
    rhythm: tuple[str, ...] = ()


THREE_BY_FOUR = LeadLayout((LEADS[0:3], LEADS[3:6], LEADS[6:9], LEADS[9:12]), ("II",))
SIX_BY_TWO = LeadLayout((LEADS[0:6], LEADS[6:12]), ("II",))
TWELVE_BY_ONE = LeadLayout((LEADS,))

# By the name people give them: rows x columns, and how many leads run below in full length.
LAYOUTS = {
    "3x4": LeadLayout(THREE_BY_FOUR.columns),
    "3x4+1": THREE_BY_FOUR,
    "3x4+3": LeadLayout(THREE_BY_FOUR.columns, ("V1", "II", "V5")),
    "6x2": LeadLayout(SIX_BY_TWO.columns),
    "6x2+1": SIX_BY_TWO,
    "12x1": TWELVE_BY_ONE,
}
SPEEDS_MM_S = (25.0, 50.0)
GAINS_MM_MV = (5.0, 10.0, 20.0)


@dataclass(frozen=True)
class GridStyle:
    """Colours of one kind of ECG paper, RGB."""

    paper: tuple[int, int, int]
    minor: tuple[int, int, int]
    major: tuple[int, int, int]
    ink: tuple[int, int, int]


GRIDS = {
    "pink": GridStyle((255, 250, 248), (250, 214, 212), (236, 150, 148), (20, 20, 28)),
    "red": GridStyle((255, 255, 252), (246, 196, 186), (220, 110, 98), (16, 16, 16)),
    "orange": GridStyle((255, 252, 244), (252, 220, 184), (238, 168, 104), (28, 24, 36)),
    "green": GridStyle((252, 255, 250), (206, 232, 204), (140, 192, 140), (18, 18, 40)),
    "grey": GridStyle((254, 254, 254), (222, 222, 222), (170, 170, 170), (10, 10, 10)),
}
