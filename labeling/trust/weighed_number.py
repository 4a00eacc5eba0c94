"""The number behind a field's name, weighed over the views of a line by their chances.

Each view says how likely every number is; the likelihoods are multiplied (their logarithms averaged), so that
views which each took a digit for a letter can still say together which number it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labeling.trust.printed_names import find_name
from labeling.words.poor import seen_line

if TYPE_CHECKING:
    from labeling.words.poor.seen_line import SeenLine, SeenWord

# How many words behind the name the number may stand.
_WORDS_BETWEEN: Final = 7
_ENDINGS: Final = {
    "ef_percent": ("%", "", "%.", "%,", "."),
    "rvsp_mmhg": ("", ".", ",", "mmHg", "mm"),
}
# A view that is sure of something else counts no more than this against a number.
_LEAST_ODDS: Final = -8.0
# The number's own logarithm, its lead over the next one, how much less likely than the letters it may be; on
# average over the views, of which at least this share must see a number there.
_LEAST_SURE: Final = -0.7
_LEAST_LEAD: Final = 2.0
_LEAST_FIT: Final = -3.0
_LEAST_SHARE: Final = 0.5
_LEAST_VIEWS: Final = 2
# A number whose lead is less is doubted, however it was read.
_DOUBTED: Final = 1.5
# What reading a word as a number may cost; more where a percent sign is with it.
_LEAST_AS_NUMBER: Final = -5.0
_LEAST_BEFORE_SIGN: Final = -12.0
_PERCENT: Final = re.compile(r"%|per ?cent", re.IGNORECASE)
_ONE_DIGIT: Final = re.compile(r"\d\W*")
_BEFORE_NUMBER: Final = "=:-–~(><"
_LITTLE_WORDS: Final = frozenset(("is", "of", "at", "to", "be", "by", "in", "was", "as", "an"))
# How far behind a number what belongs to it may stand: its unit, a dash, what is to be added.
_WORDS_WITH_IT: Final = 3
# "to", and what is read for it.
_UNTIL: Final = ("to", "t0", "10", "lo")
_DASHES: Final = "-–—~"
_DIGIT: Final = re.compile(r"[\d%]")
_DECIMAL: Final = re.compile(r"\d[.,]\d")


@dataclass(frozen=True)
class Weighed:
    """What the views say together.

    Attributes:
        value: the likeliest number.
        is_sure: it is likely enough, and well before the next.
        odds: number -> mean logarithm of its chance.
        is_several: some views see more than one number there.
    """

    value: int
    is_sure: bool
    odds: dict[int, float]
    is_several: bool

    def doubts(self, value: float, *, is_range: bool) -> bool:
        """Whether another number is as likely as one that was read, or nearly; or it is one of several."""
        if is_range:
            return False
        if self.is_several or value != int(value) or int(value) not in self.odds:
            return self.is_several
        rival = max(odds for number, odds in self.odds.items() if number != int(value))
        return self.odds[int(value)] - rival < _DOUBTED


def weigh(views: Sequence[SeenLine], field: str) -> Weighed | None:
    """The number behind the field's name; None where too few views see one there."""
    import numpy as np

    found = [(view, word) for view in views for word in [_number_behind(view, field)] if word is not None]
    if len(found) < _LEAST_VIEWS:
        return None
    several = sum(_is_more_than_one(view, word) for view, word in found)
    weighed = [seen_line.number_odds(view, word, _ENDINGS[field]) for view, word in found]
    mean = np.mean([np.maximum(odds, _LEAST_ODDS) for odds, _ in weighed], axis=0)
    value = seen_line.NUMBERS[int(mean.argmax())]
    is_alone = len(found) >= _LEAST_SHARE * len(views) and not several and not _is_any_bound(views, value)
    is_fit = float(np.mean([fit for _, fit in weighed])) >= _LEAST_FIT
    odds = dict(zip(seen_line.NUMBERS, map(float, mean), strict=True))
    return Weighed(value, is_alone and is_fit and _leads(mean), odds, several >= _LEAST_VIEWS)


def _leads(odds: Any) -> bool:
    """Whether the likeliest number is likely enough, and well before the next."""
    second, first = sorted(map(float, odds))[-2:]
    return first >= _LEAST_SURE and first - second >= _LEAST_LEAD


def _is_any_bound(views: Sequence[SeenLine], value: int) -> bool:
    return any(is_bound(str(value), text) for view in views for text in (view.text(), _plain(view)))


def text_with(view: SeenLine, value: int, field: str) -> str:
    """What a view says, with a value in the place of the number behind the field's name; empty without."""
    number = _number_behind(view, field)
    if number is None:
        return ""
    words = []
    for word in view.words:
        if word.columns[-1] != number.columns[-1]:
            words.append(seen_line.as_number(view, word) or word.text)
            continue
        before = word.text[: len(word.text) - len(number.text)]
        words.append(f"{before}{value}{'%' if field == 'ef_percent' else ''}")
    return " ".join(words)


def is_bound(number: str, text: str) -> bool:
    """Whether a number is one end of a range whose other end stands beside it, misread or not."""
    other = r"(?!is\b)[0-9oslizb]{1,3}"  # digits, and what is read for them
    dash = r"\s?(?:[-\u2013\u2014~]|\bto\b)\s?"
    behind = rf"(?<![\w.]){other}\s?%?{dash}{number}(?!\d)"
    ahead = rf"(?<!\d){number}\s?%?{dash}{other}(?![\w])"
    return re.search(f"{behind}|{ahead}", text.lower()) is not None


def _plain(view: SeenLine) -> str:
    return " ".join(word.text for word in view.words)


def _number_behind(view: SeenLine, field: str) -> SeenWord | None:
    """The first word behind the field's name that may be a number, without the signs before its digits."""
    named = find_name(_plain(view), field)
    if named is None:
        return None
    start, seen = 0, 0
    for word, following in zip(view.words, [*(one.text for one in view.words[1:]), ""], strict=True):
        end = start + len(word.text)
        if end > named.end:
            rest = _without_signs(word, max(0, named.end - start))
            if rest is not None and _may_be_number(view, rest, following):
                return rest
            seen += 1
        if seen > _WORDS_BETWEEN:
            return None
        start = end + 1
    return None


def _without_signs(word: SeenWord, start: int) -> SeenWord | None:
    """What a word holds behind the name's end and the signs there; none where the name's last letters do."""
    is_cut = start > 0 and word.text[start].isalpha()
    while start < len(word.text) and word.text[start] in _BEFORE_NUMBER:
        start += 1
    return None if is_cut or start == len(word.text) else word.behind(start)


def _may_be_number(view: SeenLine, word: SeenWord, following: str) -> bool:
    if _ONE_DIGIT.fullmatch(word.text) or word.text.lower() in _LITTLE_WORDS:
        return False
    if seen_line.as_number(view, word):
        return True
    text, cost = seen_line.digits_of(view, word)
    least = _LEAST_BEFORE_SIGN if _PERCENT.match(following) or "%" in word.text else _LEAST_AS_NUMBER
    return cost > least and _DIGIT.search(text) is not None


def _is_more_than_one(view: SeenLine, word: SeenWord) -> bool:
    """Whether a number has a decimal, or another one beside it or behind a dash (a range, or two values), or
    something is still to be added to it.
    """
    text = seen_line.as_number(view, word) or word.text
    if _DECIMAL.search(text) or "-" in text.strip("-") or "–" in text.strip("–"):
        return True
    following = [one for one in view.words if one.columns[0] > word.columns[-1]][:_WORDS_WITH_IT]
    return any(one.text.startswith("+") for one in following) or _goes_on(view, following)


def _goes_on(view: SeenLine, following: Sequence[SeenWord]) -> bool:
    """Whether the words behind a number begin with another, or a dash."""
    first, second = (*following, None, None)[:2]
    if first is None:
        return False
    if seen_line.as_number(view, first) or first.text[0] in _DASHES or first.text[1:].endswith("%"):
        return True
    if second is None or first.text.lower() not in _UNTIL:
        return False
    return bool(seen_line.as_number(view, second) or _DIGIT.search(second.text))
