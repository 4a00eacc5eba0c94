"""What an engine read on one page: its words, each with its place, and how far the page can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from labeling.pages.pixels import Box

# Why a text layer was not believed, and what that says of it; "the layer ...".
LAYER_REFUSED: Final = {
    "scan": "lies over a scanned page",
    "turned": "lies upside down or on its side, as the page does",
    "letters": "comes in single letters, which make no words",
    "hidden": "holds words that can't be seen",
    "incomplete": "leaves out lines that can be seen",
    "differs": "says something else than what can be seen",
}
# What a file holds besides what its pages show, in words; "page 2 ...".
NOTES: Final = {
    "comment": "carries a comment that is not on its picture",
    "unshown": "holds typed words that its picture does not show clearly",
    "chosen": "holds a form's list, in which only the coloured lines are chosen",
    "mirrored": "holds print that is mirrored or upside down, which was not read",
    "crossed": "is crossed out by two long lines, and may not be meant to count",
    "packed": "comes with other files packed into it, which were not read",
}


@dataclass(frozen=True)
class Word:
    """One recognised word, verbatim.

    Attributes:
        box: (left, top, right, bottom) in pixels of the page image as it was given.
        confidence: the engine's own, 0-1.
        line, block: running numbers in reading order, unique on the page.
    """

    text: str
    box: Box
    confidence: float
    line: int
    block: int


@dataclass(frozen=True)
class MarkedLine:
    """A line whose options are marked by ink, with the marks as printed ones: `[x]` and `[ ]`.

    Attributes:
        box: where the options stand on the page as given; words recognised there are replaced.
        words: marks and options in order; none where what is drawn there was not understood.
    """

    box: Box
    words: tuple[Word, ...]


@dataclass(frozen=True)
class OcrPage:
    """Everything read from one page, words in reading order.

    Attributes:
        legibility: measured quality, higher is better; see `legibility.measures`.
        unreadable_reason: a sentence when digits on this page can't be trusted, else empty.
        skew_deg: small turn that was undone, degrees, positive counter-clockwise.
        rotation_deg: quarter turns that were undone, degrees counter-clockwise.
        is_layer: the words are those of the file's own text layer, which the picture bears out; nothing was
            recognised.
        layer_refused: why a text layer was not believed, so that the picture was read instead, a key of
            `LAYER_REFUSED`; else empty.
        layer_words: what a layer says that was not believed; not where it is turned.
        marked: lines of the page whose options are marked by ink; its words hold them already.
        is_blank: a program left the page empty.
        struck: words that a line runs through. notes: what the file holds besides, as in `TextLayer`.
        elapsed_s: seconds in the engine; own_elapsed_s: seconds in our own code.
    """

    number: int
    words: tuple[Word, ...]
    legibility: Mapping[str, float] = field(default_factory=dict)
    unreadable_reason: str = ""
    skew_deg: float = 0.0
    rotation_deg: int = 0
    width_px: int = 0
    height_px: int = 0
    elapsed_s: float = 0.0
    own_elapsed_s: float = 0.0
    is_layer: bool = False
    layer_refused: str = ""
    layer_words: tuple[Word, ...] = ()
    marked: tuple[MarkedLine, ...] = ()
    is_blank: bool = False
    struck: tuple[Box, ...] = ()
    notes: tuple[str, ...] = ()
