"""The options of a line and which of them are marked, written as words with printed marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from labeling.pages.ink_shapes import Frame, may_be_tick
from labeling.words.ink_lines import OPTIONS, OptionLine, option_of
from labeling.words.read_page import Word

if TYPE_CHECKING:
    from labeling.pages.pixels import Box

# A recognised word and its box in pixels of the line's cut.
Said = tuple[str, "tuple[float, float, float, float]"]

# Share of a frame's inside that is ink: an empty one's and a marked one's.
_EMPTY: Final = 0.07
_MARKED: Final = 0.13
# By so many gray levels a frame is darker within that is filled with a light colour.
_TINT: Final = 35
# How far behind its frame an option stands at most, and a further word of it behind the last, in heights.
_BEHIND: Final = 2.6
_NEXT_WORD: Final = 1.5
# How sure words are whose marks were measured: beyond doubt, or for a person to see.
PLAIN: Final = 0.97
TO_BE_SEEN: Final = 0.62
# A gap of more heights than this parts two options that nothing else parts.
_OPTION_GAP: Final = 0.9
# Letters of a word stand closer than this.
_LETTER_GAP: Final = 0.28
# By how much further a tick stands from its word than the letters of the word from each other.
_TAIL_GAP: Final = 1.6
# Letters that an engine may take one tick for.
_LONGEST_TAIL: Final = 2
# A tick belongs to an option this close, if the next is half as far again.
_TICK_GAP: Final = 1.6


def written_out(line: OptionLine, said: Sequence[Said]) -> list[Word]:
    """Marks and options of a line in order; none where what was found does not fit options.

    Args:
        said: what was recognised with the ink taken away, from the left.
    """
    if len(line.shapes.frames) > 1:
        groups, states, sure = _boxed(line, said)
    else:
        groups, states, sure = _drawn(line, said)
    found: list[Word] = []
    for number, (group, state) in enumerate(zip(groups, states, strict=True)):
        box = group[0][1] if group else line.shapes.frames[number].box
        if not found:  # what stands before the options is their label
            found.append(Word(":", (0.0, box[1], 1.0, box[3]), sure, 0, 0))
        mark = (max(0.0, box[0] - line.letter_px), box[1], max(1.0, box[0] - 1), box[3])
        found.append(Word("[ ]" if state is False else "[x]", mark, sure, 0, 0))
        found.extend(Word(option_of(text) or text, one, sure, 0, 0) for text, one in group)
    return found


_Marked = tuple[list[list[Said]], list[bool | None], float]


def _boxed(line: OptionLine, said: Sequence[Said]) -> _Marked:
    """Options with boxes, which of them are marked, and how sure that is; none where a box has no option."""
    frames = line.shapes.frames
    words = [word for word in said if sum(map(str.isalpha, word[0])) > 1]
    groups = by_frames(frames, words, line.letter_px)
    states = [_state_of(frame, frames) for frame in frames]
    by_tint = states if True in states else _tinted(frames)
    if sum(bool(group) and bool(option_of(group[0][0])) for group in groups) < max(2, len(groups) - 1):
        return [], [], TO_BE_SEEN
    if by_tint != states:
        return groups, by_tint, TO_BE_SEEN
    return groups, states, PLAIN if _is_plain(line, groups, states) else TO_BE_SEEN


def _drawn(line: OptionLine, said: Sequence[Said]) -> _Marked:
    """The same for options without boxes; none where no mark is found."""
    groups = [group for group in _by_gaps(said, line.letter_px) if option_of(group[0][0])]
    states = _drawn_states(line, groups, said)
    return (groups, states, TO_BE_SEEN) if len(groups) > 1 and True in states else ([], [], TO_BE_SEEN)


def _is_plain(line: OptionLine, groups: Sequence[Sequence[Said]], states: Sequence[bool | None]) -> bool:
    """One full box among empty ones, each with its option, and no option of the line lost."""
    options = {option_of(text) for group in groups for text, _ in group}
    was_said = {word.text.lower() for word in line.words} & set(OPTIONS)
    return was_said <= options and all(groups) and None not in states and states.count(True) == 1


def _drawn_states(
    line: OptionLine, groups: Sequence[Sequence[Said]], said: Sequence[Said]
) -> list[bool | None]:
    """Which options are ringed, underlined or ticked; or the only one that is not struck out."""
    shapes = line.shapes
    drawn = (*shapes.rings, *shapes.underlines)
    marked = {index for index, group in enumerate(groups) if any(_covers(one, group) for one in drawn)}
    struck = [any(_covers(one, group) for one in shapes.strikes) for group in groups]
    if sum(struck) == len(groups) - 1 and not marked:
        return [not one for one in struck]
    for tick in _ticks(line, groups, said):
        marked |= _owners(tick, groups, line.letter_px)
    return [index in marked for index in range(len(groups))]


def _owners(tick: Box, groups: Sequence[Sequence[Said]], letter_px: float) -> set[int]:
    """The option a tick stands at; two where it may be either's, and two marks are none."""
    gaps = sorted((_gap(tick, group), index) for index, group in enumerate(groups))
    if not gaps or gaps[0][0] >= _TICK_GAP * letter_px:
        return set()
    return {index for gap, index in gaps[:2] if gap <= 1.5 * gaps[0][0]}


def _ticks(line: OptionLine, groups: Sequence[Sequence[Said]], said: Sequence[Said]) -> list[Box]:
    """Loose ink beside the options that is no word's; none in a line with other words than options."""
    words = [(text, box) for text, box in said if sum(map(str.isalpha, text)) > 1]
    shapes = line.shapes
    known = [_without_tail(box, shapes.pieces, line.letter_px) for group in groups for _, box in group]
    # "(1 = normal, 2 = hypokinesia": a key, whose numbers stand where ticks would.
    is_key = any("=" in text for text, _ in said)
    if shapes.rings or shapes.underlines or is_key or len(words) > len(known):
        return []
    return [
        piece
        for piece in shapes.pieces
        if may_be_tick(piece, line.letter_px)
        and not any(_shared(piece, box) > 0.5 * (piece[2] - piece[0]) for box in known)
    ]


def _without_tail(word: Box, pieces: Sequence[Box], letter_px: float) -> Box:
    """A word without what an engine took for its last letter though it stands apart.

    Apart for this word: where every letter is as wide as every other, all of them stand far from each other.
    """
    left, top, right, bottom = word
    inside = [piece for piece in pieces if _shared(piece, word) > 0.5 * (piece[2] - piece[0])]
    ends = list(accumulate((piece[2] for piece in inside), max))
    gaps = [piece[0] - end for piece, end in zip(inside[1:], ends, strict=False)]
    for at in range(max(1, len(gaps) - _LONGEST_TAIL), len(gaps)):
        is_apart = gaps[at] > max(_LETTER_GAP * letter_px, _TAIL_GAP * max(gaps[:at]))
        if is_apart and may_be_tick(inside[at + 1], letter_px):
            return left, top, ends[at], bottom
    return word


def _gap(tick: Box, group: Sequence[Said]) -> float:
    return max(group[0][1][0] - tick[2], tick[0] - group[-1][1][2], 0.0)


def _shared(one: Box, other: Box) -> float:
    return min(one[2], other[2]) - max(one[0], other[0])


def _state_of(frame: Frame, frames: Sequence[Frame]) -> bool | None:
    """Whether a frame is marked; None where that is in doubt."""
    least = min(one.filled for one in frames)
    if frame.filled <= max(_EMPTY, least + 0.02):
        return False
    return True if frame.filled >= _MARKED + least else None


def _tinted(frames: Sequence[Frame]) -> list[bool | None]:
    """Which frames are filled with a colour too light to be ink: those darker within than most."""
    usual = sorted(frame.level for frame in frames)[len(frames) // 2]
    return [frame.level < usual - _TINT for frame in frames]


def by_frames(frames: Sequence[Frame], words: Sequence[Said], letter_px: float) -> list[list[Said]]:
    """The words of each frame: those behind it, or before it where the first frame stands behind words."""
    edges = [(frame.box[0] + frame.box[2]) / 2 for frame in frames]
    has_words_behind = _stand_behind(frames[-1].box, words, letter_px)
    groups: list[list[Said]] = [[] for _ in frames]
    for word in words:
        index = sum(edge < (word[1][0] + word[1][2]) / 2 for edge in edges) - has_words_behind
        if not 0 <= index < len(groups):
            continue
        held, frame = groups[index], frames[index].box
        reach = _NEXT_WORD if held else _BEHIND
        is_near = word[1][0] - (held[-1][1][2] if held else frame[2]) < reach * letter_px
        if is_near or not has_words_behind:
            held.append(word)
    if has_words_behind:
        return groups
    # Marks behind their options: of what stands before the first, its last word.
    return [group[-1:] if index == 0 else group for index, group in enumerate(groups)]


def _stand_behind(last: Box, words: Sequence[Said], letter_px: float) -> bool:
    """Whether words stand behind their frames: one does behind the last, nearer to it than those before."""
    behind = [box[0] - last[2] for _, box in words if box[0] - last[2] >= -0.3 * letter_px]
    before = [last[0] - box[2] for _, box in words if box[2] <= last[2]]
    return bool(behind) and min(behind) < min([_BEHIND * letter_px, *before])


def _by_gaps(words: Sequence[Said], letter_px: float) -> list[list[Said]]:
    """Options parted by bars or wide gaps."""
    groups: list[list[Said]] = []
    is_new = True
    for text, box in words:
        parts = [part for part in re.split(r"[/|\\]", text) if sum(map(str.isalpha, part)) > 1]
        if not parts:
            is_new = True
            continue
        gap = box[0] - groups[-1][-1][1][2] if groups else 0.0
        if is_new or gap > _OPTION_GAP * letter_px:
            groups.append([])
        width = (box[2] - box[0]) / len(parts)
        for number, part in enumerate(parts):
            if number:
                groups.append([])
            left = box[0] + number * width
            groups[-1].append((part, (left, box[1], left + width, box[3])))
        is_new = text.rstrip()[-1:] in "/|\\"
    return groups


def _covers(drawn: Box, group: Sequence[Said]) -> bool:
    """Whether a ring or stroke is about one option: over most of it, and not much wider."""
    left, right = group[0][1][0], group[-1][1][2]
    width = right - left
    is_wider = drawn[2] - drawn[0] > 1.6 * width + 3 * (group[0][1][3] - group[0][1][1])
    return _shared(drawn, (left, 0.0, right, 0.0)) > 0.6 * width and not is_wider
