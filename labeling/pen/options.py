"""The options of a line as its print lists them, without the pen: one after another, or as columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from labeling.words.ink_lines import option_of

if TYPE_CHECKING:
    from labeling.pages.pixels import Box
    from labeling.words.ink_options import Said

_SHORT: Final = {
    "y": "yes", "n": "no", "mod": "moderate", "sev": "severe", "neg": "negative", "pos": "positive",
}  # fmt: skip
# What an engine makes of a bracket before a single letter.
_LETTER: Final = re.compile(r"[\[\]()|1IJl.:]*([YyNn])[.:]*")
_DENIALS: Final = ("not", "no")
_PARTS: Final = re.compile(r"[/|\\,;]")
_BRACKETS: Final = frozenset("[](){}")
# In heights of the letters: what parts two options that nothing else parts.
_GAP: Final = 0.9
# Words of another kind before the options of a line that is one: the end of its label.
_MOST_BEFORE: Final = 4


@dataclass(frozen=True)
class Option:
    """One of the options of a line.

    Attributes:
        text: as it is written out; empty where it is none that is known.
        box: of its first words, pixels of the level page.
        is_struck: a stroke runs through it.
    """

    text: str
    box: Box
    is_struck: bool = False


def listed(
    said: Sequence[Said], letter_px: float, is_crossed: Callable[[Box], bool], struck: Sequence[Box]
) -> list[Option]:
    """The options among the words behind a label, from the left; none where fewer than two are told.

    Args:
        is_crossed: whether a stroke runs through a place. Words that it makes unreadable are options, too.
        struck: strokes that run through whatever is printed, so that it may not have been recognised at all.
    """
    groups = _groups(said, letter_px, lambda text, box: _is_struck(text, box, struck) and is_crossed(box))
    options = [(group, _option(group.words, group.is_struck)) for group in groups]
    first = next((at for at, (_, option) in enumerate(options) if _is_told(option)), len(options))
    # What stands behind the options as part of a sentence is none of them.
    kept = [option for group, option in options[first:] if _is_told(option) or group.is_parted]
    kept += [Option("", box, True) for box in struck if _is_bare(box, kept, letter_px)]
    if first > _MOST_BEFORE or not any(option.text for option in kept) or sum(map(_is_told, kept)) < 2:
        return []
    return sorted(kept, key=lambda option: option.box[0])


def _is_told(option: Option) -> bool:
    return bool(option.text) or option.is_struck


def _groups(
    said: Sequence[Said], letter_px: float, is_struck_out: Callable[[str, Box], bool]
) -> list[_Group]:
    """The words in groups that may be an option each."""
    found: list[_Group] = []
    is_parted, last = True, float("-inf")
    for text, box, is_last in (part for word in said for part in _parted(*word)):
        if not re.search(r"\w", text):
            is_parted = is_parted or is_last or bool(_BRACKETS & set(text))
            continue
        is_struck = is_struck_out(text, box)
        is_far = box[0] - last > _GAP * letter_px
        if is_parted or is_far or _starts(found[-1], text, is_struck):
            found.append(_Group(is_parted, is_struck, []))
        found[-1].words.append((text, box))
        is_parted, last = is_last, box[2]
    return found


def _is_struck(text: str, box: Box, struck: Sequence[Box]) -> bool:
    """Whether a word that a stroke crosses is struck out by it; what is left of a box below its tick is short
    and no word.
    """
    is_word = bool(answer_of(text)) or sum(map(str.isalpha, text)) > 2
    return is_word or any(
        min(box[2], one[2]) - max(box[0], one[0]) > 0.6 * (box[2] - box[0]) for one in struck
    )


def _is_bare(struck: Box, options: Sequence[Option], letter_px: float) -> bool:
    """Whether more of a stroke is through no option than its ends."""
    covered = sum(
        max(0.0, min(struck[2], option.box[2]) - max(struck[0], option.box[0])) for option in options
    )
    return struck[2] - struck[0] - covered > max(1.2 * letter_px, 0.3 * (struck[2] - struck[0]))


class _Group(NamedTuple):
    """Words that may be an option: whether a bar or comma is before them, a stroke is through them."""

    is_parted: bool
    is_struck: bool
    words: list[tuple[str, Box]]


def _starts(group: _Group, text: str, is_struck: bool) -> bool:
    """Whether a word close behind others is an option of its own."""
    before = group.words[-1][0]
    is_left_of_box = sum(sum(map(str.isalpha, word)) for word, _ in group.words) < 2
    if is_left_of_box and answer_of(text) and not answer_of(before):
        return True
    if before.lower() in _DENIALS and len(group.words) == 1:
        return False
    return is_struck != group.is_struck or bool(answer_of(before) and answer_of(text))


def in_columns(words: Sequence[Said], label_end: float, top: float, letter_px: float) -> list[Option]:
    """The options that head the columns of a table: the lowest line above `top` that holds two or more."""
    known = [
        (answer_of(text), box)
        for text, box in words
        if answer_of(text) and box[0] > label_end - letter_px and (box[1] + box[3]) / 2 < top
    ]
    for _, lowest in sorted(known, key=lambda word: -word[1][3]):
        middle = (lowest[1] + lowest[3]) / 2
        level = [word for word in known if abs((word[1][1] + word[1][3]) / 2 - middle) < 0.7 * letter_px]
        others = [
            word for word in words
            if abs((word[1][1] + word[1][3]) / 2 - middle) < 0.7 * letter_px and word[1][0] < label_end
        ]  # fmt: skip
        if len(level) < 2:
            continue
        if any(option_of(text) for text, _ in others):
            return []
        return [Option(text, box) for text, box in sorted(level, key=lambda word: word[1][0])]
    return []


def answer_of(text: str) -> str:
    """The option a word is, written out; else empty."""
    letter = _LETTER.fullmatch(text)
    plain = letter[1].lower() if letter else re.sub(r"[^a-z]", "", text.lower())
    return _SHORT.get(plain) or (option_of(text) if len(plain) > 1 else "")


def _parted(text: str, box: Box) -> list[tuple[str, Box, bool]]:
    """The parts of a word between bars and commas, each with its share of the box and whether one follows."""
    left, top, right, bottom = box
    if text == "YN":  # two letters far from each other
        side = min(0.7 * (bottom - top), 0.4 * (right - left))
        return [
            ("Y", (left, top, left + side, bottom), True),
            ("N", (right - side, top, right, bottom), False),
        ]
    parts = _PARTS.split(text)
    width = (right - left) / max(len(text), 1)
    found, at = [], 0
    for number, part in enumerate(parts):
        start = left + at * width
        place = (start, top, start + max(len(part), 0.5) * width, bottom)
        found.append((part, place, number < len(parts) - 1))
        at += len(part) + 1
    return found


def _option(group: Sequence[tuple[str, Box]], is_struck: bool) -> Option:
    (text, box), *others = group
    if text.lower() in _DENIALS and others:
        second, other = others[0]
        whole = (box[0], min(box[1], other[1]), other[2], max(box[3], other[3]))
        is_known = bool(answer_of(second)) or text.lower() == "no"
        return Option(f"{text.lower()} {answer_of(second) or second}" if is_known else "", whole, is_struck)
    return Option(answer_of(text), box, is_struck)
