"""Text as the rules want it (lower case, spelling repaired, wrapped lines joined), with a way back to the
original.

Every character of the normalised text remembers the original character(s) it stands for, so that a match
becomes a verbatim quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from labeling.rules.folding import close_up, fold, shorten_runs, signs_for_labels
from labeling.rules.lexicon import ALSO_HYPHENATED, CANONICAL, SPELLINGS
from labeling.rules.parts.broken_words import join_broken_words, part_glued_names
from labeling.rules.wrapping import join_wrapped_lines

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−﹣－~∼"), "-")
_SINGLE = {
    **_DASHES,
    ord("~"): "~",
    ord("∼"): "~",
    ord("≈"): "~",
    ord("≥"): ">",
    ord("≤"): "<",
    ord("＞"): ">",
    ord("＜"): "<",
    ord("％"): "%",
    ord("\u00a0"): " ",
    ord("\t"): " ",
    ord("\r"): " ",
    ord("\u2019"): "'",
    ord('"'): " ",
    ord("\u201c"): " ",
    ord("\u201d"): " ",
    ord("•"): "*",
    ord("●"): "*",
    ord("▪"): "*",
    ord("·"): "*",
}
_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER_WORD = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS)}))?\b|fifteen\b"
_WORD = re.compile(
    rf"(?<![a-z])(?:{_NUMBER_WORD})|[a-z]{{2,}}-\s+[a-z]{{2,}}|"
    r"[a-z]+(?:[01|][a-z]+)+|[a-z]{2,}[01|]{1,2}(?:[a-z]+|(?![a-z0-9]))|[a-z]+(?:'[a-z]+)?"
)
# Letters the OCR takes for one another; words that agree but for these are the same word.
_LOOK_ALIKE = str.maketrans({"1": "i", "l": "i", "|": "i", "0": "o", "t": "i"})
# "Sig. PH", "no sig PAH": beside a signature's name it is none.
_GRADED_NAME = r"(?:pah?t?n?|ph(?:tn?)?|pul\w*|rwma|[mtap][rs]|valv\w*|stenosis|lvh|effusion)\b"
_SIGNIFICANT = re.compile(rf"\s+{_GRADED_NAME}")
_ABBREVIATED = re.compile(
    r"\b(?:mod(?=\.\s)|(?<![mta][rs] )sev(?=\.[^\S\n]+(?:p\.?\s?h|pah|pulm|lv|mr|tr|as|hypok|dysf|global))|"
    r"(?:hypok(?:in)?|akin|dyskin)(?=\.[^\S\n]+(?:of|in|at|[a-z-]* ?wall))|"
    r"(?:hypo|hypok(?:in)?|akin|dyskin)(?=\.[^\S\n]+(?:ivs|apex|sept|(?:inf|ant|lat|post)[a-z]*\b))|"
    r"(?:post|ant|inf|lat|sept)(?=\. wall)|"
    r"(?<=[a-z] )(?:est|c)(?=\.[^\S\n]*[<>~]?\d{2}(?:\.\d)?[ ]?(?:%|mm))|"
    rf"sig(?:nif)?(?=\.[^\S\n]+{_GRADED_NAME})|"
    r"(?:pulm|pul|art|press(?=\.\s*:)|ejectn|fractn(?=\.\s*:)|syst?|ant|inf|"
    r"lat|sept|seg|reg|p(?=\.[^\S\n]*ht)|"
    r"ejn|ejc|ej|ejec|eject|frac|estd?|(?<=arterial )pr|(?<=artery )pr)"
    r"(?=\.[^\S\n]*[a-z:]))\."
)
# "E.F. [50-70] 29", "S.P.A.P. 52", "Ejn. fract. 48": the name's last dot ends no sentence either.
_DOTTED_NAME = re.compile(
    r"(?<![a-z.])(?:(?:l\.?v\.?)?e\.f|s\.p\.a\.p|p\.a\.s\.p|r\.v\.s\.p|"
    r"ej[a-z]{0,6}\.?(?:[^\S\n]+|-)fr(?!action)[a-z]{0,6})(?P<dot>\.)"
    r"(?=[^\S\n]*(?:[\d:=(\[|]|->|(?:is|was|of|about|around|approx\w*)\b))|"
    # "R.W.M.A. none", "pulm. hypert. mild", "syst. press. [up to 35] 44".
    r"(?<![a-z.])(?:(?:r\.)?w\.m\.a|p\.a\.h\.?t?|hypert?n?)\.(?=\s*(?:[:=-]|(?:none|nil|no|absent|"
    r"present|mild|mod|sev)))|"
    r"\bpress\.(?=[^\S\n]+(?:[\[(\d]|within\b|normal\b|is\b))"
)
# "L. V. E. F. -- 55": letters apart with a dot behind each.
_DOTS_APART = re.compile(
    r"(?<![a-z.] )(?<![a-z.])(?:l\. v\. e\. f|r\. w\. m\. a|p\. a\. h|p\. a\. s\. p|r\. v\. s\. p)\.?"
    r"(?=\s*(?:[\d:=(-]|(?:is|was|of|none|nil|no|absent|present|mild|mod|sev)))"
)
# "RV5P", "PA5P", "1VEF": a digit in a field's own name.
_LABEL_DIGITS = re.compile(r"\b(?:rv5p|pa5p|5pap|1vef)\b")
_MM_OF_HG = re.compile(r"\bmm ?of ?hg\b")
# Cells parted by tabs.
_TABBED = re.compile(r"(?m)(?<=\S)[^\n\t]*\t[^\n\t]*\t.*$")
# "WMA : n i l" in a line that is not spaced.
_SPELT_NIL = re.compile(r"(?<![a-z] )\b(?:n i l|n o n e|n\.one|n\.o|n-o)\b(?! [a-z]\b)")
# "nil,RWMA", "nil.PAH": a sign where a space belongs.
_GLUED_NIL = re.compile(
    r"=(nil|no|none)=(?= )|"
    # but "clot;no;rwma;yes".
    r"(?<![;,|=:])\b(nil|no|none)[.,;](?=(?:rwma|pah|ph|wall|regional|pulm)\b)"
)
# "n0RWMA", "noPAH".
_GLUED_NO = re.compile(r"n[o0](?P<name>rwma|swma|wma|pah|phtn|clots?|effusion|thrombus)")
# "Apex akinetic w/o clot".
_WITHOUT = re.compile(r"\bw/o\b")
# Stands for a bar until words are looked up: "ph|mild" would be one word with a bar for an l.
_BAR = "\u00a6"
_TAB_IN_WORDS = re.compile(r"(?<=[^\W\d])\t(?=[^\W\d])")
# Three rows or more of short cells parted by semicolons, two or more in each.
_SEMICOLONED = re.compile(r"(?m)(?:^[^;\n]{1,40}(?:;[^;\n]{0,30}){2,6}(?:\n|\Z)){3,}")
# And by commas without a space behind them.
_COMMAED = re.compile(r"(?m)(?:^[^,;\n]{1,24}(?:,(?! )[^,;\n]{0,16}){2,6}(?:\n|\Z)){3,}")
# "No_RWMA", "lvef_pct=49"; a run of them is a blank to fill in.
_UNDERSCORED = re.compile(r"(?<=[a-z])_{1,2}(?=[a-z0-9])|(?<=[0-9])_{1,2}(?=[a-z%])")
# "inf wall hypo", "inf, post, lat walls HK": short only where a wall follows.
_WALL_BEHIND = re.compile(
    r"(?:\s*(?:[,/&]|and\b)\s*(?:and )?(?:inf|ant|lat|post|sept)[a-z]*){0,4}\s+w(?:al)?ls?\b"
)
_WALLS_SHORT = {"inf": "inferior", "ant": "anterior", "lat": "lateral", "post": "posterior", "sept": "septal"}
_REPAIR_MIN_LETTERS = 6
# A word as close to two spellings takes the first, the same one in every process: a set has no order.
_IN_ORDER = tuple(sorted(SPELLINGS))
_REPAIR_MIN_SCORE = 86.0


@dataclass(frozen=True)
class NormalText:
    """Normalised text and the original range each of its characters came from.

    Attributes:
        original: the text as given.
        text: lower case, repaired, canonical; `\\n` where a line really ends, `SOFT_BREAK` where its sentence
            runs on.
        starts, ends: for each character of `text`, the half-open range of `original` it stands for.
    """

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original behind `text[start:end]`, without surrounding white space."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        # What was put in order may stand behind what is printed after it.
        return min(self.starts[start:end], default=self.starts[start]), max(
            self.ends[start:end], default=self.ends[end - 1]
        )


def normalise(original: str) -> NormalText:
    """Lower-case, repair and canonicalise a report's text; never fails, any text is valid input."""
    folded, came_from = join_broken_words(*close_up(*shorten_runs(*fold(original))))
    folded, came_from = part_glued_names(folded, came_from)
    folded = _COMMAED.sub(_with_bars, _SEMICOLONED.sub(_with_bars, folded))
    lowered = (
        _TABBED.sub(lambda found: _TAB_IN_WORDS.sub(_BAR, found.group()).replace("\t", "|"), folded)
        if "\t" in folded
        else folded
    )
    lowered = (lowered.lower() if lowered.isascii() else "".join(map(_lower_one, lowered))).translate(_SINGLE)
    # "Mod." is an abbreviation, not the end of a sentence.
    lowered = _ABBREVIATED.sub(lambda found: found.group()[:-1] + " ", lowered)
    lowered = _WITHOUT.sub("nil", lowered)
    lowered = _SPELT_NIL.sub(
        lambda found: re.sub(r"[ .-]", "", found.group()).ljust(len(found.group())), lowered
    )
    lowered = _GLUED_NIL.sub(lambda found: re.sub(r"[=.,;]", " ", found.group()), lowered)
    lowered = _DOTS_APART.sub(
        lambda found: re.sub(r"[ .]", "", found.group()).ljust(len(found.group())), lowered
    )
    lowered = _DOTTED_NAME.sub(lambda found: found.group()[:-1] + " ", lowered)
    lowered = _UNDERSCORED.sub(lambda found: " " * len(found.group()), lowered)
    lowered = _LABEL_DIGITS.sub(lambda found: found.group().replace("5", "s").replace("1", "l"), lowered)
    lowered = _MM_OF_HG.sub(lambda found: "mmhg".ljust(len(found.group())), lowered)
    lowered = lowered.replace("rnmhg", "mm hg").replace("mrnhg", "mm hg")
    broken = join_wrapped_lines(folded, signs_for_labels(lowered))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for match in _words_of(broken):
        _copy(broken, position, match.start(), pieces, starts, ends)
        word = canonical_word(_joined(match.group()))
        if word in _WALLS_SHORT and _WALL_BEHIND.match(broken, match.end()):
            word = _WALLS_SHORT[word]
        if word in ("sig", "signif") and _SIGNIFICANT.match(broken, match.end()):
            word = "significant"
        if word == "ph":
            word = _ph_or_acidity(folded, match.start(), match.end())
        pieces.append(word)
        starts.extend([match.start()] * len(word))
        ends.extend([match.end()] * len(word))
        position = match.end()
    _copy(broken, position, len(broken), pieces, starts, ends)
    return NormalText(
        original,
        "".join(pieces).replace(_BAR, "|"),
        tuple(map(came_from.__getitem__, starts)),
        tuple(came_from[end - 1] + 1 for end in ends),
    )


def _with_bars(table: re.Match[str]) -> str:
    """A table whose rows all have as many semicolons, or commas, with signs for bars in their places; any
    other unchanged.
    """
    rows = table.group().rstrip("\n").split("\n")
    sign = ";" if ";" in rows[0] else ","
    is_even = len({row.count(sign) for row in rows}) == 1
    return table.group().replace(sign, _BAR) if is_even else table.group()


def _is_graded_in_small_letters(original: str, start: int, end: int) -> bool:
    """ "mild ph." and, at the head of its line, "ph severe"."""
    lead = original[original.rfind("\n", 0, start) + 1 : start].lower()
    rest = original[end : end + 20]
    if re.search(r"\b(?:mild|moderate|severe)\s+$", lead):
        return re.match(r"\s*(?:$|[.,;)\n]|(?:rvsp|pasp|spap)\b)", rest.lower()) is not None
    is_first = not lead.strip(" *-")
    return is_first and re.match(r"[ \t]+(?:mild|moderate|severe)\s*(?:$|[.,;\n])", rest) is not None


def _ph_or_acidity(original: str, start: int, end: int) -> str:
    """ "PH" in capitals is pulmonary hypertension unless a number or a fluid says that it is acidity."""
    if re.match(
        r"[ \t]*[;:=|,\u00a6][ \t]*(?:none|nil|no|absent|mild|moderate|severe|present|yes)\b",
        original[end:].lower(),
    ):
        return "pah"
    if re.match(r"[ ]?[,;|]", original[end:]) and re.search(r"[,;|][ ]?$", original[:start]):
        return "pah"  # a column among others
    if _is_graded_in_small_letters(original, start, end):
        return "pah"
    if original[max(0, start - 3) : start].lower() == "no " and re.match(r"\s*(?:$|[.,;\n])", original[end:]):
        return "pah"  # nobody denies an acidity
    if original[start:end] != "PH" or re.match(
        r"[ \t]*[:=-]?[ \t]*(?:of[ \t]+)?(?!0(?![.\d]|,\d))\d+(?:[.,]\d+)?(?![.)\d])", original[end : end + 9]
    ):
        return "ph"
    if re.search(r"\b(?:tr|mr)\s*(?:&|,|/|and)\s*$", original[max(0, start - 12) : start].lower()):
        return "pah"
    fluid = re.search(
        r"(?:urine|serum|arterial|venous|csf|fluid|gastric|blood|gas)\W*$", original[:start].lower()[-14:]
    )
    return "ph" if fluid else "pah"


def _words_of(text: str) -> Iterator[re.Match[str]]:
    """The words to look up; "abnor- malities" is one word when its halves make one of ours, else two."""
    for match in _WORD.finditer(text):
        if "-" in match.group() and re.search(r"-\s", match.group()):
            if (
                canonical_word(_joined(match.group())) == _joined(match.group())
                and _joined(match.group()) not in SPELLINGS | ALSO_HYPHENATED
            ):
                yield from re.compile(r"[a-z]+").finditer(text, match.start(), match.end())
                continue
        yield match


def _joined(word: str) -> str:
    return re.sub(r"-\s+", "", word) if "-" in word else word


def _lower_one(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def _copy(source: str, start: int, end: int, pieces: list[str], starts: list[int], ends: list[int]) -> None:
    pieces.append(source[start:end])
    starts.extend(range(start, end))
    ends.extend(range(start + 1, end + 1))


@lru_cache(maxsize=50_000)
def canonical_word(word: str) -> str:
    """One lower-case word, spelling repaired against the lexicon, then replaced by its canonical form."""
    if word.startswith("hvp"):  # what recognition makes of a y
        word = f"hyp{word[3:]}"
    if word in CANONICAL:
        return CANONICAL[word]
    if glued := _GLUED_NO.fullmatch(word):
        return f"no {glued.group('name')}"
    if word.startswith(_TENS) or word == "fifteen":
        return _digits_of(word)
    if word in SPELLINGS or (len(word) < _REPAIR_MIN_LETTERS and word.isalpha()):
        return word
    alike = _ALIKE.get(word.translate(_LOOK_ALIKE))
    if alike is not None:
        return CANONICAL.get(alike, alike)
    if not word[-1].isalpha():
        return word
    found = process.extractOne(word, _IN_ORDER, scorer=fuzz.ratio, score_cutoff=_REPAIR_MIN_SCORE)
    if found is None or not _same_sense(word, found[0]):
        return word
    return CANONICAL.get(found[0], found[0])


_SHORT = ("mild", "wall", "none", "absent", "left", "right")
_ALIKE = {word.translate(_LOOK_ALIKE): word for word in (*_IN_ORDER, *_SHORT)}


def _digits_of(word: str) -> str:
    """ "thirty-five" -> "35", "sixty" -> "60"; other words come back as they are."""
    if word == "fifteen":
        return "15"
    tens, _, unit = word.replace("-", " ").partition(" ")
    if tens not in _TENS or (unit and unit not in _UNITS):
        return word
    return str((_TENS.index(tens) + 2) * 10 + (_UNITS.index(unit) + 1 if unit else 0))


def _same_sense(word: str, repaired: str) -> bool:
    """Whether a repair keeps the meaning: a prefix such as hypo-, hyper- or ab- may not appear or vanish."""
    for prefix in ("hypo", "hyper", "dys", "ab", "un", "infra", "supra", "non", "sub"):
        if word.startswith(prefix) != repaired.startswith(prefix):
            return False
    if "kine" in repaired and word[0] != repaired[0]:
        return False  # "kinetics" is no akinesia
    if repaired.startswith("a") and word == repaired[1:] or word.startswith("a") and repaired == word[1:]:
        return False
    return abs(len(word) - len(repaired)) <= 2
