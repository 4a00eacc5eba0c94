"""Straightened lines to words: cut into pieces, recognised in batches, decoded.

Who recognises is a matter of its own: RapidOCR's recogniser, or one that was taught from it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from labeling.words import rapid_lines
from labeling.words.read_page import Word

if TYPE_CHECKING:
    from labeling.pages.pixels import Colours

LINE_HEIGHT_PX = 48
# Longer lines than this turn to garbage and are cut between words.
LONGEST_PIECE_PX = 900
_BATCH_PX = 1600
CHARACTERS = frozenset(
    " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?%()[]{}<>=+-*/\\'\"&#@_|~^°±²≥≤≈–—µ"
)


@dataclass(frozen=True)
class Piece:
    """A part of a line between two shares of its width, as a recogniser wants it."""

    quad: rapid_lines.Quad
    start: float
    end: float
    pixels: Any


def pieces_of(page: Colours, quad: rapid_lines.Quad, narrowing: float) -> list[Piece]:
    """A line cut between its words into pieces that can be read.

    Args:
        narrowing: width of a letter as the recogniser sees it.
    """
    strip = rapid_lines.cut_out(page, quad)
    width = strip.shape[1]
    factor = LINE_HEIGHT_PX / strip.shape[0] * narrowing
    pieces = []
    for start, end in rapid_lines.word_gaps(strip, LONGEST_PIECE_PX / factor):
        columns = max(16, round((end - start) * factor))
        pieces.append(Piece(quad, start / width, end / width, as_input(strip[:, start:end], columns)))
    return pieces


class Recogniser(Protocol):
    """Says of the columns of straightened lines which letter stands there.

    Attributes:
        characters: what each of its chances is of; the first is "blank".
    """

    @property
    def characters(self) -> Sequence[str]: ...

    def chances(self, batch: Any) -> Any:
        """Chances (lines x columns x characters) of a batch (lines x 3 x 48 x width, -1 to 1)."""
        ...


class Usual:
    """RapidOCR's own recogniser, held to the characters of an English report.

    Attributes:
        spent_s: seconds in the engine so far.
    """

    def __init__(self, text_rec: Any) -> None:
        import numpy as np

        self._text_rec = text_rec
        every = text_rec.postprocess_op.character
        # Of its many thousand characters only those of an English report; no look-alikes from other scripts.
        keep = [index for index, one in enumerate(every) if one == "blank" or one in CHARACTERS]
        self._keep, self.characters = np.array(keep), [every[index] for index in keep]
        self.spent_s = 0.0

    def chances(self, batch: Any) -> Any:
        """As `Recogniser`."""
        import numpy as np

        started = time.perf_counter()
        said = self._text_rec.session(batch)
        self.spent_s += time.perf_counter() - started
        return np.asarray(said)[:, :, self._keep]


def as_input(strip: Colours, width: int) -> Any:
    """A straightened line as a recogniser takes it: 3 x 48 x `width`, -1 to 1."""
    import cv2
    import numpy as np

    pixels = cv2.resize(strip, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return (pixels.astype(np.float32).transpose(2, 0, 1) / 255 - 0.5) / 0.5


def batch_of(lines: Sequence[Any]) -> Any:
    """Lines from `as_input` side by side, the shorter ones filled up on the right."""
    import numpy as np

    batch = np.zeros((len(lines), 3, LINE_HEIGHT_PX, max(line.shape[2] for line in lines)), np.float32)
    for row, line in zip(batch, lines, strict=True):
        row[:, :, : line.shape[2]] = line
    return batch


def read_pieces(pieces: Sequence[Piece], recogniser: Recogniser) -> list[list[Word]]:
    """The words of each piece, those of nearly one width read together."""
    read: dict[int, list[Word]] = {}
    for batch in _batches(pieces):
        together = [pieces[number] for number in batch]
        read.update(zip(batch, _read(together, recogniser), strict=True))
    return [read[number] for number in range(len(pieces))]


def _read(pieces: Sequence[Piece], recogniser: Recogniser) -> list[list[Word]]:
    """Recognise pieces of nearly one width in one run."""
    batch = batch_of([piece.pixels for piece in pieces])
    chances = recogniser.chances(batch)
    best, sure = chances.argmax(axis=2), chances.max(axis=2)
    return [
        _words(piece, best[index], sure[index], batch.shape[3] / piece.pixels.shape[2], recogniser.characters)
        for index, piece in enumerate(pieces)
    ]


def decoded(best: Sequence[int], characters: Sequence[str]) -> list[tuple[str, int]]:
    """Greedy CTC decoding of one line: letters with their columns; repeats and blanks fall away."""
    import numpy as np

    # Most columns repeat the one before.
    columns = np.flatnonzero(np.diff(np.asarray(best), prepend=-1)).tolist()
    letters = ((characters[best[column]], column) for column in columns)
    return [(letter, column) for letter, column in letters if letter != "blank"]


def _words(piece: Piece, best: Any, sure: Any, stretch: float, characters: Sequence[str]) -> list[Word]:
    """The words of one piece, parted by its spaces."""
    words: list[Word] = []
    letters: list[tuple[str, int, float]] = []
    chances = sure.tolist()
    for letter, column in [*decoded(best, characters), (" ", -1)]:
        if letter != " ":
            letters.append((letter, column, chances[column]))
        elif letters:
            words.append(_word(piece, letters, len(best), stretch))
            letters = []
    return words


def _word(piece: Piece, letters: Sequence[tuple[str, int, float]], columns: int, stretch: float) -> Word:
    text = "".join(letter for letter, _, _ in letters)
    chances = [chance for _, _, chance in letters]
    # A number is as sure as its least sure digit; in a word one doubtful letter matters less.
    has_digit = any(letter.isdigit() for letter in text)
    confidence = min(chances) if has_digit else sum(chances) / len(chances)
    reach = piece.end - piece.start
    start = piece.start + reach * stretch * (letters[0][1] - 0.5) / columns
    end = piece.start + reach * stretch * (letters[-1][1] + 1.5) / columns
    box = piece.quad.box(max(start, piece.start), min(end, piece.end))
    return Word(text, box, round(confidence, 4), piece.quad.line, piece.quad.block)


def _batches(pieces: Sequence[Piece]) -> list[list[int]]:
    """Indices of pieces to read in one run: of nearly one width, and not too much at once."""
    order = sorted(range(len(pieces)), key=lambda index: pieces[index].pixels.shape[2])
    batches: list[list[int]] = []
    for index in order:
        width = pieces[index].pixels.shape[2]
        last = batches[-1] if batches else []
        fits = (
            last and (len(last) + 1) * width <= _BATCH_PX and width <= 1.15 * pieces[last[0]].pixels.shape[2]
        )
        if fits:
            last.append(index)
        else:
            batches.append([index])
    return batches
