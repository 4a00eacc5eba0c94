"""Forms in which a name and its answer follow one another, whatever signs, gaps and line ends part them:
"MR;Mild;AS;Nil;RWMA;Yes", "Clot / No / RWMA / Yes" below one another, "DM   No      RWMA   Present".

Each answer is put behind its own name, and each name on a line of its own: no "no" of the item before reaches
the next one's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.columns import kind_of_column
from labeling.rules.kinds.passages import fields_named
from labeling.rules.kinds.row_heads import SAYS_WHEN
from labeling.rules.wall_patterns import WALL

_ANSWERED: Final = re.compile(
    r"[(\[]?(?:yes|no|y|n|nil|none|not|absent|present|seen|normal|abnormal|mild|moderate|severe|trivial|"
    r"trace|positive|negative|good|preserved|reduced|intact|grade|dilated|impaired|[+-](?:ve)?[)\]]|[+-]ve)"
    r"(?![a-z0-9])[^:=]{0,40}|"
    r"(?!\d+[ ]+\d+(?:[ ]|$))[<>~=-]{0,2}[ ]*\d[^:]{0,40}"
)
# What may stand alone on the line below its name.
_BARE: Final = re.compile(
    r"[(\[]?(?:yes|no|y|n|nil|none|not (?:seen|present)|absent|present|seen|normal|abnormal|mild|moderate|"
    r"severe|trivial|trace|positive|negative|[+-](?:ve)?[)\]]|[+-]ve)(?:[ ](?:noted|seen|pah|ph|"
    r"in \w+ territory))?[ .;]*(?:,[ ].*)?|"
    r"(?!\d+[ ]+\d+(?:[ ]|$))[<>~=-]{0,2}[ ]*\d+(?:[.,]\d+)?[ ]*(?:[-+/=][-/ ]*\d+[ ]*)*"
    r"(?:%|[a-z]{1,4}[ ]?[a-z]{0,4})?[ ;]*(?:[(\[].*|(?:ref|n)[: ].*)?"
)
_NAME: Final = re.compile(r"[-*# ]*[a-z][a-z ()/%.'&+-]{0,44}(?:\(mm ?hg\))?")
_IN_A_NAME: Final = re.compile(
    r"(?<![a-z])(?:yes|no|nil|none|not|absent|present|mild|moderate|severe|trivial|trace|"
    r"positive|negative|is|are|was|with|and|shows?|seen|of the|delete|strike|circled?|tick(?:ed)?|marked|"
    r"select(?:ed)?|ring(?:ed)?|applicable|answer)(?![a-z])"
)
# Two blanks part cells, too, but for those that stand where a dot was: "est  pasp".
_SIGNS: Final = tuple(
    re.compile(
        r"[ ]*(?:[;|]|(?<=[a-z)%'])[ ]*[:=?](?!\d)[ ]*\|?|(?<=[a-z)%'])[ ]?[:=?][ ]*\|?|\.{3,}|[ ]-[ ]|"
        rf",[ ]+(?=[a-z])|[ ]{{{gap},}})[ ]*"
    )
    for gap in (2, 3)
)
_SMALL_GAPS: Final = re.compile(r"\S[ ]{2}\S")
_FEWEST: Final = 2
# So many blanks may have been a dot.
_SMALL_GAP: Final = 2
# Answers that are told in other words, of names that are none of ours: so many of all at most.
_ODD: Final = 0.34


class _Cell(NamedTuple):
    """Words of a form, where they stand, and what parts them from the cell before in their line."""

    start: int
    end: int
    text: str
    sign: str


@dataclass
class _Seen:
    """The pairs of names and answers so far.

    Attributes:
        pairs: how many.
        ours: how many of them name a field.
        odd: how many have an answer in other words.
        is_unanswered: whether a field's answer is in other words.
    """

    pairs: int = 0
    ours: int = 0
    odd: int = 0
    is_unanswered: bool = False

    def add(self, name: _Cell, answer: _Cell) -> None:
        """Count one more pair."""
        is_odd, is_ours = _ANSWERED.fullmatch(answer.text) is None, bool(fields_named(name.text))
        self.pairs += 1
        self.odd += is_odd
        self.ours += is_ours
        self.is_unanswered |= is_odd and is_ours

    @property
    def are_items(self) -> bool:
        """Whether they are a form's items: two at least, a field of ours among them and answered."""
        is_plain = self.odd <= _ODD * self.pairs and not self.is_unanswered
        return self.pairs >= _FEWEST and self.ours > 0 and is_plain


def items_parted(text: str) -> str:
    """The text with such items written "name: answer", one a line; all offsets stay."""
    small, large = _SIGNS
    parted = _parted_by(small, text)
    return _parted_by(large, parted) if _SMALL_GAPS.search(parted) else parted


def _parted_by(sign: re.Pattern[str], text: str) -> str:
    letters = list(text)
    lines = [(start, end) for start, end in lines_of(text) if text[start:end].strip()]
    cells = [list(_cells(sign, text, *line)) for line in lines]
    at = 0
    while at < len(lines):
        used = 0 if at and _is_answer(cells[at - 1]) else _lines_of_items(cells[at:])
        if used:
            _write(letters, [cell for line in cells[at : at + used] for cell in line])
        at += max(1, used)
    return "".join(letters)


def _cells(sign: re.Pattern[str], text: str, start: int, end: int) -> Iterator[_Cell]:
    """The words of a line between the signs that part names from answers and from one another."""
    at, before = start, ""
    for stop in [*sign.finditer(text, start, end), None]:
        piece = text[at : stop.start() if stop else end]
        if piece.strip() or (at > start and stop):
            left = at + len(piece) - len(piece.lstrip())
            yield _Cell(left, left + len(piece.strip()), piece.strip(), before)
        at, before = (stop.end(), stop.group()) if stop else (end, "")


def _lines_of_items(lines: Sequence[Sequence[_Cell]]) -> int:
    """How many lines from the first on hold nothing but names and answers in turn; 0 where too few do."""
    seen = _Seen()
    before, best = 0, 0
    name: _Cell | None = None
    for number, line in enumerate(lines, start=1):
        if not all(_fits(cell, at) for at, cell in enumerate(line, start=before)):
            break
        before += len(line)
        for cell in line:
            if name is None:
                name = cell
            else:
                seen.add(name, cell)
                name = None
        if name is None and seen.are_items:
            best = number
    return best


def _is_answer(line: Sequence[_Cell]) -> bool:
    """Whether a line is a bare answer: which of its neighbours' it is can't be told."""
    return len(line) == 1 and _ANSWERED.fullmatch(line[0].text) is not None


def _fits(cell: _Cell, at: int) -> bool:
    """Whether a cell can stand at its place: names at the even ones, answers at the odd ones."""
    if at % 2 == 0:
        return (
            _NAME.fullmatch(cell.text) is not None
            and not _ANSWERED.fullmatch(cell.text)
            and not _IN_A_NAME.search(cell.text)
            and not kind_of_column(cell.text.strip(" :-*"))
            and not SAYS_WHEN.match(cell.text)
        )
    if "," in cell.sign or (not cell.sign and not _BARE.fullmatch(cell.text)):
        return False
    if _ANSWERED.fullmatch(cell.text):
        return True
    is_told = cell.text != "" and len(cell.sign) != _SMALL_GAP
    return is_told and not fields_named(cell.text) and not WALL.search(cell.text)


def _write(letters: list[str], cells: Sequence[_Cell]) -> None:
    """A colon between a name and its answer where none of the signs for it stands, and a line end behind."""
    for at, (cell, following) in enumerate(zip(cells, cells[1:], strict=False)):
        gap = "".join(letters[cell.end : following.start])
        if at % 2:
            letters[cell.end : following.start] = "\n".ljust(len(gap))
        elif not re.search(r"[:=?.-]|^[ ]+$", gap):
            letters[cell.end : following.start] = ":".ljust(len(gap))
