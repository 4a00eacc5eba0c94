"""A report's wording as counts of its pieces: what the learned expectation looks at.

Around the words that a field may be told with, pieces of two to six characters and of one to four words are
counted. Pieces have no names but numbers: a hash puts each into one of `PLACES` places, so that no list of
pieces has to be kept. Digits are all alike: how a thing is said counts, and not how much of it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from db.fields.names import of_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pieces = tuple[NDArray[np.int64], NDArray[np.float64]]

# Raise it whenever the same text could get other pieces: weights are of one version.
WORDING_VERSION: Final = 2
_BITS: Final = 17
PLACES: Final = 1 << _BITS
CHARACTERS: Final = (2, 3, 4, 5, 6)
WORDS: Final = (1, 2, 3, 4)
# Characters to either side of a field's word.
_REACH: Final = 120
_GAP: Final = " \x01 "

_PRESSURE = (
    r"\b(?:pah?\b|ph\b|p\.\s?h\b|pht|pasp|psap)|pulm|htn|htap|pressure|rvsp|spap|\btr\b|right heart|"
    r"mm ?hg|\brap\b|torr"
)
# Wide on purpose: a word too many costs nothing, a sentence not seen can't be doubted.
_NAMES: Final = {
    field: re.compile(pattern)
    for field, pattern in of_fields(
        ef_percent=(
            r"\be\. ?f\b|\bef\b|\bfe\b|\blv|eject|fraction|fevi|systolic|function|%|per ?cent|simpson|teich|"
            r"biplane"
        ),
        # Not a chamber's view, a septum of the atria, a leaflet or anything bilateral.
        rwma=(
            r"\bwalls?\b|rwma|kine|segment|\bapex\b|\bbasal\b|scar|aneurysm|contract|hypok|asyn|territor|"
            r"infarct|\bapical\b(?! (?:0|two|three|four|five|view|window|long))|(?<!atrial )\bsept(?:al|um)\b"
            r"|\b(?:(?:infero|antero|postero)\w*|(?:inferi|posteri|anteri)or|lateral)\b"
            r"(?! (?:mitral|leaflet|cusp|annul|e\b|e'))|\b(?:lad|rca|lcx|wma?|ak|hk|ivs|mi|moves?|moving)\b"
        ),
        pah=_PRESSURE,
        rvsp_mmhg=_PRESSURE,
    ).items()
}
_WORD = re.compile(r"\w+|[^\w\s]|\n")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_SENTENCE_END = re.compile(r"\n|(?<=[a-z0)%][.;]) ")
_DIGIT = re.compile(r"\d")
# Odd and spread over all bits; what is multiplied by it moves every bit above.
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_FOLD: Final = np.uint64(29)
# A PDF's words may hold halves of characters.
_ANY: Final = "surrogatepass"
_SALTS: Final = {"characters": 11, "words": 77}


def plain(text: str) -> str:
    """The text in small letters, its spaces and line breaks single."""
    return _BREAKS.sub("\n", _SPACES.sub(" ", unicodedata.normalize("NFKC", text).lower()))


def folded(small: str) -> str:
    """A plain text with all its digits `0`, as long as before."""
    return _DIGIT.sub("0", small)


def surroundings_of(field: str, small: str) -> str:
    """The parts of a folded text that may speak of a field; empty where none does."""
    return _around(_NAMES[field], small)


# Two fields have the same names.
@lru_cache(maxsize=4)
def _around(names: re.Pattern[str], small: str) -> str:
    parts: list[tuple[int, int]] = []
    for name in names.finditer(small):
        start, end = max(0, name.start() - _REACH), min(len(small), name.end() + _REACH)
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return _GAP.join(small[start:end] for start, end in parts)


def lines_of(field: str, small: str) -> str:
    """The lines and sentences of a folded text that hold a word of a field, and nothing beside them."""
    return _lines(_NAMES[field], small)


@lru_cache(maxsize=4)
def _lines(names: re.Pattern[str], small: str) -> str:
    return "\n".join(piece for piece in _SENTENCE_END.split(small) if names.search(piece))


@lru_cache(maxsize=64)
def pieces_of(part: str, role: int = 0) -> Pieces:
    """Places (n, may repeat) and weights (n, above 0) of a text's pieces; not to be written to.

    A piece weighs 1 + ln(how often); the pieces of characters together have the length 1, and those of words.
    The second engine's lines of a field are mostly the first one's, so what was asked last is remembered.

    Args:
        role: the same piece has another place in each.
    """
    characters = np.frombuffer(f" {part} ".encode("utf-32-le", _ANY), np.uint32)
    words = np.array([zlib.crc32(word.encode("utf-8", _ANY)) for word in _WORD.findall(part)], np.uint32)
    counted = [
        _counted(_hashed(characters, CHARACTERS, np.uint64(_SALTS["characters"] + role))),
        _counted(_hashed(words, WORDS, np.uint64(_SALTS["words"] + role))),
    ]
    found = together(counted)
    for one in found:
        one.setflags(write=False)
    return found


def together(pieces: Sequence[Pieces]) -> Pieces:
    """Pieces of several parts as those of one text."""
    return np.concatenate([places for places, _ in pieces]), np.concatenate([much for _, much in pieces])


def _hashed(units: NDArray[np.uint32], sizes: tuple[int, ...], salt: np.uint64) -> NDArray[np.int64]:
    """The place of every run of units of these sizes."""
    mixed = units.astype(np.uint64) * _MIX
    state = np.full(len(mixed), salt, np.uint64)
    found: list[NDArray[np.int64]] = []
    for size in range(1, min(max(sizes), len(mixed)) + 1):
        runs = len(mixed) - size + 1
        state = (state[:runs] ^ mixed[size - 1 :]) * _MIX
        state ^= state >> _FOLD
        if size in sizes:
            found.append(((state * _MIX) >> np.uint64(64 - _BITS)).astype(np.int64))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _counted(hashed: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    places, counts = np.unique(hashed, return_counts=True)
    much = 1.0 + np.log(counts)
    return places, much / (np.sqrt(np.square(much).sum()) or 1.0)
