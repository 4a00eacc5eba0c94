"""Letters as a reader sees them: other scripts' digits, look-alike letters, marks without width.

A page's words come from keyboards, converters and OCR engines that write the same letter in many ways. Here
every one of them becomes the plain letter; a character may stand for none or several of the original's.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters of other alphabets that look like ours, as OCR and some keyboards put them into English words.
_ALIKE = str.maketrans(
    "АВЕЅЗКМНОРСТУХІЈавеѕкмнорстухіј" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνορτυχικ",
    "ABES3KMHOPCTYXIJabeskmhopctyxij" + "ABEZHIKMNOPTYXvoptuxik",
)
_SHAPES = ("FULLWIDTH", "LATIN SMALL LIGATURE", "MATHEMATICAL")


def fold(original: str) -> tuple[str, list[int]]:
    """Plain letters of a text, case kept, and for each of them the index of the character it came from."""
    if original.isascii():
        return original, list(range(len(original)))
    letters: list[str] = []
    came_from: list[int] = []
    for index, char in enumerate(original):
        plain = char if char.isascii() else _plain(char)
        letters.extend(plain)
        came_from.extend([index] * len(plain))
    return "".join(letters), came_from


def close_up(letters: str, came_from: list[int]) -> tuple[str, list[int]]:
    """The same with lines that are set l i k e  t h i s closed up: words were two spaces apart there."""
    if not _is_spaced(letters):
        return letters, came_from
    kept: list[int] = []
    at = 0
    for line in letters.splitlines(keepends=True):
        is_spaced = _is_spaced(line)
        kept.extend(
            at + index
            for index, char in enumerate(line)
            if not (is_spaced and char == " " and _stands_alone(line, index))
        )
        at += len(line)
    return "".join(letters[index] for index in kept), [came_from[index] for index in kept]


# Signs and blanks without a word between; no rule looks over more than half of it.
_LONG_RUN = re.compile(r"(?:[^\w%]|_){400,}")
_KEPT_OF_RUN = 200


def shorten_runs(letters: str, came_from: list[int]) -> tuple[str, list[int]]:
    """The same with the middle of endless runs of signs and blanks left out: they tell nothing, and every
    rule that passes over blanks would pass over them from each of their places.
    """
    kept: list[tuple[int, int]] = []
    at = 0
    for run in _LONG_RUN.finditer(letters):
        kept.append((at, run.start() + _KEPT_OF_RUN))
        at = run.end() - _KEPT_OF_RUN
    if not kept:
        return letters, came_from
    kept.append((at, len(letters)))
    return (
        "".join(letters[slice(*part)] for part in kept),
        [index for part in kept for index in came_from[slice(*part)]],
    )


_SPACED = re.compile(r"(?<!\S)(?:\S {1,2}){7,}\S(?!\S)")


_SPACED_LETTERS = 4


def _is_spaced(line: str) -> bool:
    """Whether letters stand apart in it; "0 / 1 / 2 / 3 : 2" is a list of options."""
    words = line.split()
    is_label = ":" in words and len(words) >= _SPACED_LETTERS + 1 and all(len(word) == 1 for word in words)
    return is_label or any(
        sum(map(str.isalpha, run.group())) >= _SPACED_LETTERS for run in _SPACED.finditer(line)
    )


def _stands_alone(line: str, index: int) -> bool:
    """Whether a space has a letter on both sides, or is the first of the two between words."""
    before, after = line[index - 1 : index], line[index + 1 : index + 2]
    return before not in ("", " ") and after not in ("", "\n")


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """What one character looks like: nothing for a mark without width, else one letter or a few."""
    category = unicodedata.category(char)
    if category in ("Mn", "Cf"):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Zs":
        return " "
    if unicodedata.name(char, "").startswith(_SHAPES):
        return unicodedata.normalize("NFKC", char)
    alike = char.translate(_ALIKE)
    if alike != char or category not in ("Lu", "Ll"):
        return alike
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char


# "RVSP ........ 38 mmHg" and "Wall motion ; normal" are a label, its sign, and the value.
# The value may stand on the next line, too.
_LEADER = re.compile(r"(?<=[a-z)%\]])[ ]?(\.{3,})(?=[ ]*[^\s.]|(?<=\.{5})[ ]*\n)")
# "PAH => mild", "EF >> 40 %": an arrow for a colon.
_ARROW_COLON = re.compile(r"(?<=[a-z)])( ?)(?:=>|>>)(?= ?[a-z\d])")
# "EF . . . 55-70 . . . 41": dots apart.
_DOTS_APART = re.compile(r"(?<=[a-z0-9)%\]])(?: \.){2,}(?= +[^\s.])")
# What an engine makes of leader dots: "LVEF (%) seseeesseess 39". No word has one letter three times running.
_MISREAD_LEADER = re.compile(r"(?<=[ ])(?=[seoca.]*([seoca])\1\1)[seoca.]{6,}(?=[ ]+[\d<>=~])")
# "RVSP. 32 mmHg": the dot is a speck, or stands for a colon.
_DOTTED_LABEL = re.compile(r"(?m)^([ ]*(?:lv ?ef|ef|rvsp|pasp|spap))\.(?=[ ]+\d{2}(?:\.\d)?[ ]*(?:%|mm ?hg))")
# "| Wall motion   | normal   |": a name and its answer.
_TWO_CELLS = re.compile(
    # but no two findings: "Inferior wall hypokinetic | no effusion", "Mild PAH | no RWMA"
    r"(?m)^(?!(?:[^|\n]*kinetic|[ ]*(?:no|mild|moderate|severe) [^|\n]*)[ ]*\|"
    r"[ ]*(?:no|normal|mild|moderate|severe) [a-z])"
    r"(?P<open>[ ]*\|?)(?P<name>[ ]*[a-z](?:(?![ ]{3}[^ |])[^|\n:]){1,60}?[ ]+)\|"
    # but no head of two columns
    r"(?![ ]*(?:notes?|remarks?|comments?|values?|results?|findings?|ref\w*|(?:normal )?range|units?|"
    r"previous|prior|old|earlier|today|now|current|baseline|stress|peak|exercise)[ ]*\|?[ ]*$)"
    r"(?P<answer>[ ]*[a-z0-9<>~+-][^|\n]{0,60}?)"
    r"(?P<close>[ ]*\|?[ ]*)$"
)
# "PAH  N.A.": its first letter is no "no".
_NOT_AVAILABLE = re.compile(r"(?<![a-z.])n\.a\.(?![a-z])")
# "Finding | Yes | No |": in the rows below an empty cell is an answer, too.
_CHOICE_HEAD = re.compile(
    r"(?m)^[ ]*\|?[^|\n]{0,40}(?:\|[ ]*(?:yes|no|y|n|present|absent|nil|none|normal|abnormal|trivial|trace|"
    r"mild|mod\w*|severe|sev|pos\w*|neg\w*|n/a)[ ]*){2,6}\|?[ ]*$"
)
_SPACED_SEMICOLON = re.compile(r"(?m)^([ ]*[a-z][^\n;:|]{0,40}[^\s;:|] );(?= [^\n;]*$)")
# "LVEF; 58 %" at the head of its line.
_LABEL_SEMICOLON = re.compile(
    r"(?m)^([ ]*(?:lv ?ef|ef|ejection fraction|rvsp|pasp|rwma|pah|wall motion));(?=[ ]*[^\s;])"
)
# "+------+------+" and "|------|------|" between the rows of a table.
_FRAME = re.compile(r"(?m)^[ ]*[|+][ |+:=-]{4,}$|\+[=-]+\+|\+[=-]{2,}|[=-]{2,}\+")


# "normal  |   |" above "abnormal  | V |": a box drawn with bars, the last thing in its line.
_PIPED_TICK = re.compile(r"\|[ ]?(?:v|x|\u2713|\u2714|\u221a)[ ]?\|(?=[ ]*$)", re.MULTILINE)
_PIPED_BLANK = re.compile(r"\|[ ]{1,5}\|(?=[ ]*$)", re.MULTILINE)


def signs_for_labels(lowered: str) -> str:
    """Leader dots, and a semicolon that parts two cells, as the colon they stand for, boxes of bars as boxes,
    and tables without their frames; lengths stay equal.
    """
    lowered = _NOT_AVAILABLE.sub("n/a ", lowered)
    is_of_choices = _CHOICE_HEAD.search(lowered) is not None
    if not is_of_choices and _PIPED_TICK.search(lowered) and _PIPED_BLANK.search(lowered):
        lowered = _PIPED_TICK.sub(lambda one: "[x]".ljust(len(one.group())), lowered)
        lowered = _PIPED_BLANK.sub(lambda one: "[ ]".ljust(len(one.group())), lowered)
    lowered = _FRAME.sub(lambda found: " " * len(found.group()), lowered)
    lowered = lowered if is_of_choices else _TWO_CELLS.sub(_as_answer, lowered)
    lowered = _ARROW_COLON.sub(lambda found: f"{found.group(1)}: ", lowered)
    lowered = _DOTS_APART.sub(lambda found: " " * len(found.group()), lowered)
    lowered = _MISREAD_LEADER.sub(lambda found: "." * len(found.group()), lowered)
    lowered = _DOTTED_LABEL.sub(lambda found: f"{found.group(1)}:", lowered)
    led = _LEADER.sub(lambda found: found.group().replace(".", ":", 1).replace(".", " "), lowered)
    led = _LABEL_SEMICOLON.sub(lambda found: f"{found.group(1)}:", led)
    return _SPACED_SEMICOLON.sub(lambda found: found.group()[:-1] + ":", led)


# "Inferior wall hypokinetic | no PE".
_NEXT_NAME = re.compile(r"[ ]*no (?!evidence|obvious|significant|such)[a-z]")


def _as_answer(row: re.Match[str]) -> str:
    """A row of two cells as a name, a colon and what stands behind it; two findings stay two."""
    if "kine" in row.group("name") and _NEXT_NAME.match(row.group("answer")):
        return row.group()
    opening, closing = " " * len(row.group("open")), " " * len(row.group("close"))
    return f"{opening}{row.group('name')}:{row.group('answer')}{closing}"
