"""Blanks between the letters of one word: those that PDFium puts where letters touch or are spaced out, and
those that a file itself writes ("E F   5 5 %").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

# Left, bottom, right, top in points.
Edges = tuple[float, float, float, float]
# A character and its place; what parts words has none, and is `PUT` where the file itself has no blank.
Letter = tuple[str, Edges | None]

PUT: Final = "\n"
# Letters closer than this share of their height touch; no blank is so narrow.
_TOUCHING: Final = 0.08
# Letters of one size on one line share so much of their height.
_LEVEL: Final = 0.8
# A line is spaced out where so many stretches stand in it, most of them single letters; the gaps between its
# words are so much wider than those between its letters.
_STRETCHES: Final = 6
_SINGLE_SHARE: Final = 0.7
_SMALL_SHARE: Final = 0.5
_WORD_GAP: Final = 1.6
# Letters that a file parts by blanks of its own: a row of small ones is a sentence, capitals alone may be
# codes, unless they begin with a name of ours. Without wider gaps no word longer than a name can be told.
_SPELLED_NAME: Final = re.compile(r"(?:l\.?v\.?)?e\.?f(?![a-z])|rvsp|spap|pasp|paps?(?![a-z])|pah|rwma", re.I)
_MOST_LEVEL_LETTERS: Final = 5
_SPELLED: Final = 3
# Of the words of a page: a layer of so many single letters is none that words can be made of.
_LEAST_WORDS: Final = 20
_IN_LETTERS: Final = 0.5


def without_false_blanks(letters: Sequence[Letter]) -> list[Letter]:
    """The letters of a page, with the blanks left out that part no words."""
    stretches = list(_stretches(letters))
    kept: list[Letter] = []
    for line in _lines(stretches):
        for number, (stretch, blank) in enumerate(_spaced_in(line)):
            if number and not kept[-1][0] == " " and blank:
                kept.append((" ", None))
            kept.extend(stretch)
        kept.append((" ", None))
    return _without_blanks_of_the_file(kept)


def is_in_letters(words: Sequence[str]) -> bool:
    """Whether the words of a page are mostly single letters, so that no word can be told from the next."""
    written = [word for word in words if any(map(str.isalpha, word))]
    single = sum(len(word) == 1 for word in written)
    return len(written) >= _LEAST_WORDS and single > _IN_LETTERS * len(written)


def _without_blanks_of_the_file(letters: Sequence[Letter]) -> list[Letter]:
    """Words spelled letter by letter, put together."""
    kept: list[Letter] = []
    run: list[Letter] = []
    word: list[Letter] = []
    for letter in [*letters, (" ", None)]:
        if letter[1] is not None:
            word.append(letter)
            continue
        if not word:
            continue
        if len(word) == 1 and (not run or _gap(run[-1][1], word[0][1]) is not None):
            run += word
        else:
            kept += _spelled_out(run)
            run = word if len(word) == 1 else []
            kept += [*word, letter] if len(word) > 1 else []
        word = []
    return kept + _spelled_out(run)


def _spelled_out(run: Sequence[Letter]) -> list[Letter]:
    """Single letters of one line with the blanks that part words; all of them where they are codes."""
    if not run:
        return []
    gaps = [_gap(one[1], two[1]) or 0.0 for one, two in pairwise(run)]
    widest = _WORD_GAP * median(gaps) if gaps else 0.0
    is_word = _is_spelled([letter for letter, _ in run], has_word_gaps=any(gap > widest for gap in gaps))
    kept = [run[0]]
    for gap, (one, two) in zip(gaps, pairwise(run), strict=True):
        if not is_word or gap > widest or _begins_number(one[0], two[0]):
            kept.append((" ", None))
        kept.append(two)
    return [*kept, (" ", None)]


def _begins_number(before: str, letter: str) -> bool:
    return letter.isdigit() and not before.isdigit() and before not in (".", ",")


def _is_spelled(letters: Sequence[str], *, has_word_gaps: bool) -> bool:
    if len(letters) < _SPELLED:
        return False
    named = _SPELLED_NAME.match("".join(letters))
    written = [letter for letter in letters if letter.isalpha()]
    small = sum(map(str.islower, written))
    if named and len(written) <= _MOST_LEVEL_LETTERS:
        return True
    is_sentence = len(written) >= _STRETCHES and small >= _SMALL_SHARE * len(written)
    return has_word_gaps and (named is not None or is_sentence)


# Letters without a blank, and whether PDFium put the blank before them.
_Stretch = tuple[list[Letter], bool]


def _stretches(letters: Sequence[Letter]) -> Iterator[_Stretch]:
    """Runs of letters; those that touch are one, whatever PDFium put between them."""
    run: list[Letter] = []
    is_put, between = False, ""
    for letter, edges in letters:
        if edges is None:
            between = " " if " " in (letter, between) else PUT
            continue
        if run and _is_note(run[-1], (letter, edges)):
            between = " "
        if run and between and not (between == PUT and _touch(run[-1][1], edges)):
            yield run, is_put
            run, is_put = [], between == PUT
        between = ""
        run.append((letter, edges))
    if run:
        yield run, is_put


def _is_note(one: Letter, two: Letter) -> bool:
    """Whether a smaller digit stands behind a number: the number of a note, and none of the number."""
    if one[1] is None or two[1] is None or not (one[0].isdigit() and two[0].isdigit()):
        return False
    return two[1][3] - two[1][1] < _LEVEL * (one[1][3] - one[1][1])


def _lines(stretches: Sequence[_Stretch]) -> Iterator[list[_Stretch]]:
    """Stretches that follow one another on one level, with nothing but put blanks between them."""
    line: list[_Stretch] = []
    for stretch, is_put in stretches:
        if line and not (is_put and _gap(line[-1][0][-1][1], stretch[0][1]) is not None):
            yield line
            line = []
        line.append((stretch, is_put))
    if line:
        yield line


def _spaced_in(line: Sequence[_Stretch]) -> Iterator[tuple[list[Letter], bool]]:
    """The stretches of a line, and whether a blank stands before each."""
    gaps = [_gap(one[-1][1], two[0][1]) or 0.0 for (one, _), (two, _) in zip(line, line[1:], strict=False)]
    singles = [stretch[0][0] for stretch, _ in line if len(stretch) == 1]
    is_spaced = len(line) >= _STRETCHES and len(singles) >= _SINGLE_SHARE * len(line)
    # Not a row of grades or of letters for walls ("1 1 2", "N N H").
    is_spaced &= sum(map(str.islower, singles)) >= _SMALL_SHARE * len(singles)
    widest = _WORD_GAP * median(gaps) if is_spaced else -1.0
    for number, (stretch, _) in enumerate(line):
        yield stretch, number == 0 or gaps[number - 1] > widest


def _touch(one: Edges | None, two: Edges | None) -> bool:
    gap = _gap(one, two)
    return gap is not None and gap < _TOUCHING


def _gap(one: Edges | None, two: Edges | None) -> float | None:
    """How far the second of two letters stands behind the first, in shares of their height; None where it
    doesn't stand there.
    """
    if one is None or two is None:
        return None
    height, larger = sorted((one[3] - one[1], two[3] - two[1]))
    shared = min(one[3], two[3]) - max(one[1], two[1])
    # A raised or smaller sign ("42 %¹") is none of the word.
    if height <= 0 or shared < _LEVEL * larger or two[0] < one[0]:
        return None
    gap = (two[0] - one[2]) / height
    return gap if gap > -0.5 else None
