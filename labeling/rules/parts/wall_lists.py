"""Several walls with one word for how they move above them, and names of walls over a row of such words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from labeling.rules.kinds.cells import Cell, cells_of, lines_of
from labeling.rules.kinds.codes import written
from labeling.rules.kinds.row_heads import SAYS_WHEN
from labeling.rules.normalise import NormalText
from labeling.rules.parts.letter_codes import KEY_LINE, LETTER_KEY, WALL_NAME, spelt
from labeling.rules.wall_patterns import KINESIA, LIST_OF_WALLS, WALL

# "Hypokinetic segments:", "RWMA seen in" at the end of its line.
_FILL: Final = (
    r"(?:segment|walls?|areas?|regions?|present|seen|noted|involving|affecting|in|of|are|the|following)"
)
_HEAD: Final = re.compile(
    rf"(?:kinesia|rwma|swma|wma|wall motion abnormality)\b(?:[ ]+{_FILL})*"
    r"[ ]*(?P<sign>[:=-]*)[ ]*(?=[\n\v])"
)
_LEVELS: Final = re.compile(
    r"\b(?:walls?|segment|region|level)?[ |]{2,}bas(?:al|e)[ |]{2,}mid\w*[ |]{2,}apical\b"
)
_BULLET: Final = re.compile(r"[ ]*(?:[*-]|\(?\d{1,2}[.)])[ ]*")
_NONE: Final = re.compile(r"[ *-]*(?:none|nil|no|absent)[ .]*")
# "N", "AK", "mild hypokinesia": how a wall moves, alone in its cell.
_MOTION: Final = re.compile(
    r"(?P<grade>(?:mild|moderate|severe) )?(?:(?P<normal>n|nl|nk|nor|normal|normokinesia|normokinetic)|"
    r"(?P<hypo>hk?|hypo|"
    r"hypokinesia)|(?P<akin>ak?|aki|akinesia)|(?P<dys>dk?|dys|dyskinesia))"
)
_NORMAL: Final = ("n", "nl", "normal", "nk", "normokinesia", "normokinetic")
_WORDS: Final = {"normal": "normal", "hypo": "hypokinesia", "akin": "akinesia", "dys": "dyskinesia"}
_WALL_CELL: Final = re.compile(rf"(?:{WALL_NAME}(?:[ -]{WALL_NAME})?(?: walls?)?|{WALL.pattern} segment)")
# Looking for two of them first costs next to nothing.
_ROUGHLY: Final = re.compile(r"\b(?:ant|inf|sep|ivs|ap|lat|post|bas|mid)")
# What may stand in the first cell over the names of the rows.
_CORNER: Final = re.compile(r"(?:lv )?(?:walls?|segment|level|region|regional wall motion|wall motion)")


def wall_lists_written_out(normal: NormalText) -> NormalText:
    """The text with a list of walls in the line of its head, and each wall of a table beside its motion."""
    normal = replace(normal, text=_lists_in_a_line(normal.text))
    for start, end, words in sorted((*_tables(normal.text), *_normal_lines(normal.text)), reverse=True):
        normal = written(normal, start, end, words)
    # The head of a table that was not read names no wall.
    return replace(normal, text=_LEVELS.sub(lambda head: " " * len(head.group()), normal.text))


def _lists_in_a_line(text: str) -> str:
    """Walls below "Hypokinetic segments:" behind it, with commas between them; all offsets stay."""
    heads = list(_HEAD.finditer(text))
    if not heads:
        return text
    lines = lines_of(text)
    ends = [end for _, end in lines]
    letters = list(text)
    for head in heads:
        end = head.end()
        number = ends.index(end)
        below = lines[number + 1 : number + 2]
        if below and _NONE.fullmatch(text, *below[0]):
            letters[end] = " "
        items = list(_items(text, lines[number + 1 :], bool(head.group("sign"))))
        for at, (first, last) in enumerate(items):
            before = head.start("sign") if at == 0 else lines[number + at][1]
            bullet = _BULLET.match(text, first, last)
            opens = bullet.end() if bullet else first
            letters[before:opens] = (" " if at == 0 else ",").ljust(opens - before)
        if items and items[-1][1] < len(text):
            letters[items[-1][1]] = "\n"  # what follows is no part of the list
    return "".join(letters)


def _items(text: str, lines: list[tuple[int, int]], is_signed: bool) -> Iterator[tuple[int, int]]:
    """The lines below a head that hold walls and nothing else; without a colon above only those of a list."""
    for start, end in lines:
        bullet = _BULLET.match(text, start, end)
        opens = bullet.end() if bullet else start
        is_list = LIST_OF_WALLS.fullmatch(text, opens, end) and WALL.search(text, opens, end)
        if not is_list or KINESIA.search(text, opens, end) or not (is_signed or bullet):
            return
        yield start, end


_TITLE: Final = re.compile(
    r"(?:^|[\n\v])[ *-]*(?:\d{1,2}[.)] +)?(?P<name>rwma|swma|(?:regional )?wall motion "
    r"abnormality)\b[ :.-]*[\n\v]+"
    r"(?:[^\n\v]*\bnorm\w*[^\n\v]*(?:hypo|akin)[^\n\v]*[\n\v]+)?[ ]*$"
)


def _title_over(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """ "RWMA" over a table where nothing is ill, which is its title."""
    title = _TITLE.search(text, 0, start)
    if title:
        yield *title.span("name"), "wall motion"


def _tables(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there) of tables with names of walls over how they move."""
    lines = [line for line in lines_of(text) if text[slice(*line)].strip()]
    found: list[tuple[int, int, list[str]]] = []
    for number, line in enumerate(lines):
        names = _wall_names(text, line)
        end, walls = _rows_below(text, lines[number + 1 :], names) if names else (0, [])
        if walls:
            said = [f"{wall} {motion}" for wall, motion in walls if motion != "normal"]
            found.append((line[0], end, said))
    is_normal = not any(said for _, _, said in found)
    for start, end, said in found:
        if is_normal:
            yield from _title_over(text, start)
        yield start, end, "; ".join(said) or ("wall motion: normal" if is_normal else ";")
    if found:
        yield from _keys_outside(text, [(start, end) for start, end, _ in found])


def _keys_outside(text: str, tables: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """The keys to the letters of tables, which are read by now."""
    for key in KEY_LINE.finditer(text):
        if not any(start < key.end() and key.start() < end for start, end in tables):
            yield key.start(), key.end(), ";"


# "Inferior wall: normal" over other walls, one in a line; thickness is said of two of them at most.
_WALL_LINE: Final = re.compile(
    rf"[ *-]*(?P<wall>{WALL_NAME}(?:[ -]{WALL_NAME})?)(?: walls?| segments?)?[ ]*[:|-]?[ ]+"
    r"(?P<motion>[a-z]+)[ .]*"
)
_FEWEST_LINES: Final = 4


def _normal_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there) of lines that name a wall each, all of them normal."""
    run: list[tuple[int, int]] = []
    is_normal = True
    for line in [*lines_of(text), (len(text), len(text))]:
        wall = _WALL_LINE.fullmatch(text, *line)
        if wall and _MOTION.fullmatch(wall.group("motion")):
            run.append(line)
            is_normal = is_normal and wall.group("motion") in _NORMAL
            continue
        levels = [text[slice(*one)].split()[0] for one in run]
        if is_normal and (len(run) >= _FEWEST_LINES or levels == ["basal", "mid", "apical"]):
            yield run[0][0], run[-1][1], "wall motion: normal"
        run, is_normal = [], True


def _wall_names(text: str, line: tuple[int, int]) -> list[str]:
    """The walls that a line names in cells of their own, if it holds nothing else."""
    words = text[slice(*line)]
    if ("  " not in words and "|" not in words) or len(_ROUGHLY.findall(words)) < 2:
        return []
    cells = _apart(text, line)
    if cells and _CORNER.fullmatch(cells[0].text):
        cells = cells[1:]
    is_head = len(cells) > 1 and all(_WALL_CELL.fullmatch(cell.text) for cell in cells)
    return [spelt(cell.text) for cell in cells] if is_head else []


def _rows_below(
    text: str, lines: list[tuple[int, int]], names: list[str]
) -> tuple[int, list[tuple[str, str]]]:
    """(where the last row ends, each wall and its motion); none of a table that is not understood whole."""
    end, walls = 0, []
    scale = _scale(text)
    # Letters in rows below each other mean one thing alone.
    has_key = LETTER_KEY.search(text) is not None or len(lines) > 1 and _is_row(text, lines[1], len(names))
    for line in lines:
        cells = _apart(text, line)
        heads, cells = cells[: -len(names)], cells[-len(names) :]
        if len(cells) < len(names) or len(heads) > 1:
            break
        motions = [scale.get(cell.text) or _motion(cell.text, has_key) for cell in cells]
        head = heads[0].text if heads else ""
        if not all(motions) or SAYS_WHEN.match(head):
            return 0, []
        wall = f"{spelt(head)} " if _WALL_CELL.fullmatch(head) else ""
        walls += [(wall + name, motion) for name, motion in zip(names, motions, strict=True)]
        end = line[1]
    return end, walls


def _apart(text: str, line: tuple[int, int]) -> list[Cell]:
    """The cells of a line that bars or gaps part; none where words alone do."""
    words = text[slice(*line)].strip(" |")
    bullet = _ROW_NUMBER.match(text, *line)
    start = bullet.end() if bullet else line[0]
    return cells_of(text, start, line[1]) if "  " in words or "|" in words else []


# "1 normal, 2 hypokinetic", "0 = normal, 1 = hypokinetic".
_SCALED: Final = re.compile(
    r"\b(?P<code>[0-5])\s*[=:(-]?\s*(?P<word>normal|hypokinesia|akinesia|dyskinesia)\b"
)
_ROW_NUMBER: Final = re.compile(r"[ ]*(?:[-*]|\d{1,2}[.)])[ ]+(?=[a-z])")


def _scale(text: str) -> dict[str, str]:
    """What the scores of a report mean, by its own key; empty where it has none."""
    scale = {one.group("code"): one.group("word") for one in _SCALED.finditer(text)}
    return scale if {"normal", "hypokinesia"} <= set(scale.values()) else {}


def _is_row(text: str, line: tuple[int, int], width: int) -> bool:
    """Whether a line is the name of a wall and as many letters for how it moves as its table is wide."""
    cells = _apart(text, line)
    is_named = len(cells) == width + 1 and _WALL_CELL.fullmatch(cells[0].text)
    return bool(is_named) and all(_MOTION.fullmatch(cell.text) for cell in cells[1:])


def _motion(cell: str, has_key: bool) -> str:
    """How a wall moves by its cell, with its grade; empty where the cell says something else."""
    found = _MOTION.fullmatch(cell)
    kind = next((name for name in _WORDS if found and found.group(name)), "")
    if not found or not kind or (len(cell) == 1 and cell != "n" and not has_key):
        return ""
    return (found.group("grade") or "") + _WORDS[kind]
